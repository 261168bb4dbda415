"""Tables that both papers have: where counties stand, one row for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from survey_app.assessments.figures import exact, figure
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import LEVELS, OUTCOMES, STAGES
from survey_app.clock import day_of
from survey_app.formatting import ABSENT
from survey_app.supervision.dispatch.words import MARKS, NEXT_PHRASES, REASON_PHRASES
from survey_app.supervision.province.ordering import SECTIONS
from survey_app.supervision.province.words import SECTION_WORDS

#: State against the schedule → what a paper calls it.
STATES: Mapping[str, str] = {
    "behind": "已过年份",
    "due": "今年到期",
    "next": "明年到期",
    "later": "未到期",
    "unnamed": "未列入",
    "late": "迟通过",
    "in_time": "已通过",
    "recognised": "已通过",
}

_SIGNS = {"met": "达标", "not_met": "未达", "undetermined": "缺数据"}

#: Facts of a sentence that are days.
_DAYS = {"since", "on", "due_on"}

QUARTER_COLUMNS = (
    Column(heading="县（市、区）", share=15),
    Column(heading="计划年", share=9, figures=True),
    Column(heading="申请所在", share=13),
    Column(heading="季度前的结论", share=13),
    Column(heading="最近的结论", share=13),
    Column(heading="未达标（项、校）", share=14, figures=True),
    Column(heading="缺数据（项、校）", share=14, figures=True),
    Column(heading="逾期任务（项）", share=10, figures=True),
)

YEAR_COLUMNS = (
    Column(heading="县（市、区）", share=13),
    Column(heading="市", share=9),
    Column(heading="计划年", share=8, figures=True),
    Column(heading="进度", share=11),
    Column(heading="结论", share=11),
    *(Column(heading=SECTION_WORDS[each][0], share=8, group="各部分") for each in SECTIONS),
    Column(heading="社会认可度", share=9, figures=True),
    Column(heading="最差差异系数", share=15, figures=True),
    Column(heading="未达标（项、校）", share=13, figures=True),
    Column(heading="逾期任务（项）", share=11, figures=True),
)


#: What a quarter adds up to → what the summary calls it.
TOTALS: Mapping[str, str] = {
    "reported": "列入调度",
    "behind": "　已过年份而未通过",
    "due": "　今年到期",
    "next": "　明年到期",
    "recognised": "　本季度以来通过认定",
    "at_risk": "有风险",
    "listed": "正在挂牌督办",
    "met": "最近一次评估达标",
    "not_met": "最近一次评估未达标",
    "undetermined": "缺数据，无法判定",
    "none": "没有评估过",
    "applied": "申请正在办理",
    "overdue_in": "有逾期任务",
    "overdue": "逾期任务（项）",
}

_TOTAL_HALF = (
    Column(heading="情形", share=23),
    Column(heading="本季度", share=9, figures=True),
    Column(heading="上季度末", share=11, figures=True),
    Column(heading="增减", share=7, figures=True),
)

TOTAL_COLUMNS = _TOTAL_HALF * 2

RISK_COLUMNS = (
    Column(heading="原因", share=32),
    Column(heading="县（个）", share=12, figures=True),
    Column(heading="县（市、区）", share=56),
)

STEP_COLUMNS = (Column(heading="要求", share=38), Column(heading="县（个）", share=12, figures=True)) * 2

DETAIL_COLUMNS = (
    Column(heading="县（市、区）", share=14),
    Column(heading="本季度的工作", share=24),
    Column(heading="落后或有风险的原因", share=28),
    Column(heading="下一步要求", share=34),
)


def total_rows(content: Mapping[str, Any]) -> list[list[Cell | str]]:
    """Lay out in two halves what the counties add up to, beside the quarter before."""
    now, then = content["totals"], content["earlier"]["totals"]
    return _halved(
        [[name, str(now[key]), str(then[key]), _change(now[key] - then[key])] for key, name in TOTALS.items()]
    )


def risk_rows(counties: Sequence[Mapping[str, Any]]) -> list[list[Cell | str]]:
    """Lay out the counties at risk by why they are, in phrases; what many have beside it is a mark."""
    order = list(REASON_PHRASES)
    groups: dict[tuple[int, ...], list[str]] = {}
    for each in counties:
        keys = {reason["key"] for reason in each["pace"]["reasons"]}
        if keys:
            named = keys - set(MARKS) or keys
            marks = "".join(MARKS[key] for key in MARKS if key in keys - named)
            groups.setdefault(tuple(sorted(map(order.index, named))), []).append(each["name"] + marks)
    return [
        ["；".join(REASON_PHRASES[order[place]] for place in places), str(len(names)), "、".join(names)]
        for places, names in sorted(groups.items())
    ]


def step_rows(counties: Sequence[Mapping[str, Any]]) -> list[list[Cell | str]]:
    """Lay out in two halves what is next and for how many counties, in the order of the rules."""
    counts = Counter(step["key"] for each in counties for step in each["next"])
    return _halved([[phrase, str(counts[key])] for key, phrase in NEXT_PHRASES.items() if counts[key]])


def _halved(rows: Sequence[list[Cell | str]]) -> list[list[Cell | str]]:
    """Two rows beside each other, so that a table is half as long; the last one may stand alone."""
    half = (len(rows) + 1) // 2
    blank: list[Cell | str] = [""] * len(rows[0]) if rows else []
    return [[*left, *right] for left, right in zip_longest(rows[:half], rows[half:], fillvalue=blank)]


def _change(difference: int) -> str:
    return f"{difference:+d}" if difference else "0"


def as_of_said(content: Mapping[str, Any], made_at: datetime) -> str:
    """Say as of when counties stand: a period that is over stands as of its end, whenever it was made."""
    day = dated(content["as_of"])
    if not content.get("over"):
        return f"（各县情况截至{day}）"
    return f"（截至{day}终了，{dated(day_of(made_at).isoformat())}做成）"


def how_then(content: Mapping[str, Any]) -> str:
    """Say what a period that is over goes by, and what cannot be known of it; empty for one that runs."""
    if not content.get("over"):
        return ""
    day, schedule = dated(content["as_of"]), content["schedule"]
    said = (
        f"本期已经结束，各县情况按系统的记录还原到{day}终了（北京时间）：评估、申请、通过认定、更正、挂牌和台账"
        "都取当时的记录，以后登记、修改或撤回的不计。县名和隶属系统不存旧值，按做成之日。"
    )
    if schedule and schedule["kept_on"] > content["as_of"]:
        said += f"当时系统中还没有时间表，用的是{dated(schedule['kept_on'])}存入的第一版。"
    return said


def quarter_rows(counties: Sequence[Mapping[str, Any]]) -> list[list[Cell | str]]:
    """Lay out the counties that are due."""
    rows: list[list[Cell | str]] = []
    for each in counties:
        run, pace = each["run"], each["pace"]
        rows.append(
            [
                each["name"],
                str(each["due"] or ABSENT),
                "已通过" if each["recognised_on"] else LEVELS[pace["level"]] if pace["level"] else "没有申请",
                OUTCOMES[each["verdict_before"]] if each["verdict_before"] else "未评估",
                _verdict(run),
                f"{run['missed']}、{run['schools_failing']}" if run else ABSENT,
                f"{run['undetermined']}、{run['schools_unknown']}" if run else ABSENT,
                _overdue(each),
            ]
        )
    return rows


def year_rows(counties: Sequence[Mapping[str, Any]]) -> list[list[Cell | str]]:
    """Lay out all counties of a region."""
    rows: list[list[Cell | str]] = []
    for each in counties:
        run, pace = each["run"], each["pace"]
        sections = run["sections"] if run else {}
        rows.append(
            [
                each["name"],
                each["city"],
                str(each["due"] or ABSENT),
                STATES[pace["state"]] if pace else ABSENT,
                _verdict(run),
                *(_light(sections.get(section)) for section in SECTIONS),
                rate_cell(run),
                _worst(run),
                f"{run['missed']}、{run['schools_failing']}" if run else ABSENT,
                _overdue(each),
            ]
        )
    return rows


def rate_cell(run: Mapping[str, Any] | None) -> Cell | str:
    """The recognition rate of a run, coloured where it misses its standard."""
    said = run["recognition"] if run else None
    if said is None or said["rate"] is None:
        return ABSENT
    missed = figure_below(said)
    return Cell(figure(said["rate"], "percent", said["limit"]), "not_met" if missed else "")


def figure_below(said: Mapping[str, Any]) -> bool:
    """Whether a recognition rate is below its standard."""
    rate, limit = exact(said["rate"]), exact(said["limit"])
    return rate is not None and limit is not None and rate < limit


def dated(day: str) -> str:
    """Write a day of JSON as papers do.

    >>> dated("2026-11-03")
    '2026年11月3日'
    """
    given = date.fromisoformat(day)
    return f"{given.year}年{given.month}月{given.day}日"


def days_dated(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write the days among *facts* as papers do; a day that is not known stays as it is."""
    return {
        name: dated(value) if name in _DAYS and isinstance(value, str) else value
        for name, value in facts.items()
    }


def _verdict(run: Mapping[str, Any] | None) -> Cell | str:
    return Cell(OUTCOMES[run["verdict"]], run["verdict"]) if run else "未评估"


def _light(outcome: str | None) -> Cell | str:
    return Cell(_SIGNS[outcome], outcome) if outcome else ABSENT


def _worst(run: Mapping[str, Any] | None) -> Cell | str:
    worst = run["worst"] if run else None
    if worst is None:
        return ABSENT
    text = f"{worst['key']}{STAGES[worst['stage']]} {figure(worst['value'], 'coefficient', worst['limit'])}"
    value, limit = exact(worst["value"]), exact(worst["limit"])
    return Cell(text, "not_met" if value is not None and limit is not None and value > limit else "")


def _overdue(county: Mapping[str, Any]) -> Cell | str:
    late = county["tasks"]["overdue"]
    return Cell(str(late), "not_met") if late else "0"
