"""Tables that both papers have: where counties stand, one row for each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from survey_app.assessments.figures import exact, figure
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import LEVELS, OUTCOMES, STAGES
from survey_app.formatting import ABSENT
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
