"""The part of the county report with the score sheet, for schemes that score."""

from survey_app.assessments.overview import Overview
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.scores import score_sheet
from survey_app.assessments.words import OUTCOMES


def scores(paper: Paper, view: Overview, _facts: Facts) -> None:
    """计分表."""
    sheet = score_sheet(view)
    if sheet is None:
        return
    paper.part("计分表")
    paper.text(sheet.total.finding["reason"])
    paper.text(f"等次：{sheet.band_words}。")
    paper.table(
        "计分指标得分",
        (
            Column(heading="指标", share=64),
            Column(heading="得分", share=14, figures=True),
            Column(heading="满分", share=12, figures=True),
            Column(heading="不低于", share=14, figures=True),
            Column(heading="结论", share=16),
        ),
        [
            [
                each.label if each is sheet.total else f"{each.id} {each.label}",
                each.points,
                each.maximum,
                each.needed,
                Cell(OUTCOMES[each.outcome], each.outcome),
            ]
            for each in (*sheet.items, sheet.total)
        ],
    )
