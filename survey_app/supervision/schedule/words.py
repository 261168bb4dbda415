"""What states and reasons of the pace are called."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from evaluation import Contradiction, Schedule
from survey_app.assessments.words import LEVELS
from survey_app.formatting import day
from survey_app.supervision.schedule.pace import Reason

#: State → words.
STATES: dict[str, Any] = {
    "behind": _l("已过年份"),
    "due": _l("今年到期"),
    "next": _l("明年到期"),
    "later": _l("未到期"),
    "unnamed": _l("没有列入年份"),
    "late": _l("已通过（晚于规划）"),
    "in_time": _l("已通过"),
    "recognised": _l("已通过（没有列入年份）"),
}

#: State → the colour of its tag.
COLOURS = {
    "behind": "not_met",
    "due": "waiting",
    "next": "waiting",
    "later": "",
    "unnamed": "undetermined",
    "late": "met",
    "in_time": "met",
    "recognised": "met",
}

#: Reason → a sentence with {facts}.
_REASONS: dict[str, Any] = {
    "behind": _l("规划 {due} 年通过，已过 {years} 年，还没有通过。"),
    "other_year": _l("时间表没有排在近期，但{document}定的是 {year} 年。"),
    "no_run": _l("还没有评估过。"),
    "not_met": _l("最近一次评估（{year} 年数据，第 {number} 次）未达标。"),
    "undetermined": _l("最近一次评估（{year} 年数据，第 {number} 次）缺数据，无法判定。"),
    "no_survey": _l("最近一次评估（{year} 年数据，第 {number} 次）没有社会认可度调查的结果。"),
    "no_application": _l("还没有提出认定申请。"),
    "listed": _l("{since} 起挂牌督办。"),
    "slow_step": _l("认定申请在“{level}”停了 {days} 天。"),
}

#: Kind of place → words.
_PLACES: dict[str, Any] = {
    "cities": _l("表头：%(name)s"),
    "years": _l("表头：%(name)s 年"),
    "counties": _l("表中：%(name)s"),
    "plans": _l("其他文件：%(name)s"),
}


def said(reason: Reason) -> str:
    """Say why a county is at risk, in the reader's language."""
    return sentence_of(reason.key, reason.facts)


def sentence_of(key: str, facts: Any) -> str:
    """Say a reason that was kept: its facts may be texts of JSON."""
    shown = {
        name: _(LEVELS[fact]) if name == "level" else day(fact) if isinstance(fact, date) else fact
        for name, fact in facts.items()
    }
    return str(_REASONS[key]).format_map(shown) if key in _REASONS else _("其他原因")


def place_of(contradiction: Contradiction, schedule: Schedule) -> str:
    """Where in the document a contradiction stands, in the reader's language."""
    kind, _bracket, inside = contradiction.where.removesuffix("]").partition("[")
    if kind == "claims":
        return _("正文 %(clause)s", clause=schedule.head.claims[int(inside)].clause)
    if not inside:
        return _("合计")
    return str(_PLACES[kind]) % {"name": inside}
