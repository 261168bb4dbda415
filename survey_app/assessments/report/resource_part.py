"""The part of the county report on resources: schools, shares that reach each indicator, differences."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from survey_app.assessments.charts import picture
from survey_app.assessments.figures import exact, figure, limit
from survey_app.assessments.overview import Overview
from survey_app.assessments.overview_parts import CoefficientRow, HeatRow
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import OUTCOMES, SIGNS, STAGES, UNITS
from survey_app.assessments.years import YearBefore
from survey_app.formatting import ABSENT, percent

#: How a figure moved.
ARROWS = {"up": "↑", "down": "↓", "level": "→"}

#: What the county's mean is, and whether it decides anything.
_MEANS = {
    False: "县均值只列示，不单独判定。",
    True: "县均值也须达到各项标准。",
}


def resources(paper: Paper, view: Overview, facts: Facts) -> None:
    """资源配置."""
    paper.part(view.resources.label)
    _schools(paper, view)
    _shares(paper, view)
    _differences(paper, view, facts)


def _schools(paper: Paper, view: Overview) -> None:
    section = view.resources
    paper.heading("（一）学校达标情况", 2)
    paper.text(
        f"标准：{view.scheme['school_rule']['label']}。{section.total}个学校（学段）中，达标{section.met}个，"
        f"未达标{view.failing_schools}个，无法判定{view.unknown_schools}个。"
    )
    rows = [row for row in view.heat if row.rule["outcome"] == "not_met"]
    if rows:
        _failing_schools(paper, view, rows)
    if view.unknown_schools:
        paper.text(f"无法判定的学校缺少：{'、'.join(_missing_of(view)) or '有关数据'}。")


def _shares(paper: Paper, view: Overview) -> None:
    rows = [row for row in view.coefficients if row.schools]
    if not rows:
        return
    paper.heading("（二）各项指标达到标准的学校", 2)
    paper.table(
        "各项指标达到标准的学校",
        (
            Column(heading="指标", share=46),
            Column(heading="学段", share=11),
            Column(heading="标准", share=14, figures=True),
            Column(heading="学校", share=12, figures=True),
            Column(heading="达到标准", share=15, figures=True),
            Column(heading="缺数据", share=13, figures=True),
            Column(heading="比例", share=15, figures=True),
        ),
        [
            [
                _name_of(row),
                STAGES[row.stage],
                limit(row.threshold),
                str(row.schools),
                str(row.reached),
                Cell(str(row.unknown), "undetermined" if row.unknown else ""),
                percent(row.share),
            ]
            for row in rows
        ],
    )
    panels = view.share_panels(STAGES)
    described = _described(view, lambda row: percent(row.share))
    paper.picture(picture(panels), "各项指标达到标准的学校比例", f"达到标准的学校比例条形图。{described}")


def _differences(paper: Paper, view: Overview, facts: Facts) -> None:
    paper.heading("（三）县均值与校际差异系数", 2)
    paper.text("差异系数按学生数加权：县均值为全县合计之比，不取各校比值的平均。" + _MEANS[view.judges_means])
    rows = [row for row in view.coefficients if row.schools]
    before = facts.before
    if before:
        paper.text(f"末列为{before.year}年的差异系数，箭头为与那一年相比的升降。")
    paper.table(
        "县均值与校际差异系数",
        (
            Column(heading="指标", share=38),
            Column(heading="学段", share=11),
            Column(heading="标准", share=13, figures=True),
            Column(heading="县均值", share=16, figures=True),
            Column(heading="差异系数", share=15, figures=True),
            Column(heading="要求", share=13, figures=True),
            Column(heading="结论", share=16),
            *([Column(heading=f"{before.year}年", share=19, figures=True)] if before else []),
        ),
        [[*_mean_of(row), *_difference_of(row), *_moved(row, before)] for row in rows],
    )
    for each in view.composites:
        paper.text(each["reason"])
    panels = view.panels(STAGES)
    if panels:
        described = _described(view, lambda row: figure(row.difference["value"], "coefficient"))
        paper.picture(picture(panels), "校际差异系数", f"校际差异系数条形图。{described}")


def _mean_of(row: CoefficientRow) -> list[Any]:
    judged = row.mean_finding
    mean = figure(row.mean, row.indicator["unit"], row.threshold)
    return [
        _name_of(row),
        STAGES[row.stage],
        limit(row.threshold),
        Cell(mean, judged["outcome"]) if judged else mean,
    ]


def _difference_of(row: CoefficientRow) -> list[Any]:
    found = row.difference
    return [
        Cell(figure(found["value"], "coefficient", found["threshold"]), found["outcome"]),
        f"{SIGNS[found['comparison']]}{limit(found['threshold'])}",
        Cell(OUTCOMES[found["outcome"]], found["outcome"]),
    ]


def _moved(row: CoefficientRow, before: YearBefore | None) -> list[str]:
    """What the coefficient was in the earlier year, and how it moved since."""
    if before is None:
        return []
    moved = before.movement(row.difference)
    return [f"{moved.before} {ARROWS[moved.arrow]}" if moved else ABSENT]


def _name_of(row: CoefficientRow) -> str:
    return f"{row.indicator['id']} {row.indicator['short']}（{UNITS[row.indicator['unit']]}）"


def _failing_schools(paper: Paper, view: Overview, rows: Iterable[HeatRow]) -> None:
    indicators = view.scheme["indicators"]
    paper.long_table(
        "未达标的学校（各指标与标准之比，1.00为标准）",
        (
            Column(heading="学校", share=38),
            *(Column(heading=each["short"], share=11, figures=True) for each in indicators),
        ),
        [
            [
                f"{row.name}（{STAGES[row.stage]}）",
                *(
                    Cell(
                        "缺" if cell.state == "missing" else cell.ratio,
                        {"below_floor": "not_met", "fine": ""}.get(cell.state, "undetermined"),
                    )
                    for cell in row.cells
                ),
            ]
            for row in sorted(rows, key=_worst)
        ],
    )


def _worst(row: HeatRow) -> Fraction:
    """The smallest of a school's values, as a multiple of its standard."""
    given = [(exact(cell.finding["value"]), exact(cell.finding["threshold"])) for cell in row.cells]
    return min((value / limit for value, limit in given if value is not None and limit), default=Fraction(0))


def _missing_of(view: Overview) -> list[str]:
    """Kinds of figures that keep schools from being judged."""
    found: dict[str, None] = {}
    for row in view.heat:
        if row.rule["outcome"] == "undetermined":
            found.update(dict.fromkeys(word.partition("（")[0] for word in row.rule["missing_words"]))
    return list(found)


def _described(view: Overview, say: Callable[[CoefficientRow], str]) -> str:
    """A chart in words, for who cannot see it."""
    rows = [row for row in view.coefficients if row.schools]
    return "，".join(f"{STAGES[row.stage]}{row.indicator['short']}{say(row)}" for row in rows) + "。"
