"""The parts of the county report on how firm the verdict is: what is nearest, what other readings say."""

from collections.abc import Mapping, Sequence
from typing import Any

from survey_app.assessments.figures import figure, limit
from survey_app.assessments.nearest import Near, nearest_of
from survey_app.assessments.overview import Overview
from survey_app.assessments.readings import keys_of, readings_of
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import OUTCOMES
from survey_app.formatting import ABSENT, number


def nearest(paper: Paper, view: Overview, _facts: Facts) -> None:
    """Below the reasons: what would be met first, and what would be missed first."""
    found = nearest_of(view)
    if not found:
        return
    if found.to_pass:
        paper.text(f"{found.not_met}处未达标，其中离标准最近的（同一项只列一处）：")
        _list(paper, found.to_pass)
    if found.to_fail:
        paper.text("已达标的内容中，余量最小的（同一项只列一处）：")
        _list(paper, found.to_fail)


def _list(paper: Paper, found: Sequence[Near]) -> None:
    for position, each in enumerate(found, start=1):
        others = f"同一项另有{each.others}处。" if each.others else ""
        paper.text(f"{position}. {each.title}：{each.text}{others}")


def readings(paper: Paper, view: Overview, facts: Facts) -> None:
    """Below the recognition: what other rules, and other values of the scheme's keys, would conclude."""
    rows = readings_of(view, facts.alternatives)
    if rows:
        limit_ = limit(view.recognition_rate["threshold"], "percent")
        paper.text(
            f"社会认可度换一种口径时的结论列于下表（标准不低于{limit_}），供参考，不改变本报告的结论。"
        )
        paper.table(
            "其他口径下的社会认可度",
            (
                Column(heading="口径", share=34),
                Column(heading="结果", share=14, figures=True),
                Column(heading="与标准比", share=14),
                Column(heading="全县结论", share=14),
                Column(heading="多少答卷会改变它", share=34),
            ),
            [_row(each, view) for each in rows],
        )
    for each in keys_of(view):
        paper.text(each["text"])


def _row(each: Mapping[str, Any], view: Overview) -> list[Cell | str]:
    threshold = view.recognition_rate["threshold"]
    if not each["proportion"]:
        return [each["label"], number(each["value"], 1), "不是比例", ABSENT, ABSENT]
    return [
        each["label"] + ("（公布的规则）" if each["declared"] else ""),
        figure(each["value"], "percent", threshold),
        Cell(OUTCOMES[each["outcome"]], each["outcome"]),
        OUTCOMES[each["verdict"]],
        each["flips"] or ABSENT,
    ]
