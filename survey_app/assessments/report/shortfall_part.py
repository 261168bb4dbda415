"""The part of the county report that says what each school lacks, and what all of them lack together."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from evaluation.findings import Outcome
from evaluation.remedies.shortfall import Shortfall, Shortfalls, Total
from evaluation.remedies.wording import THINGS, lacking
from evaluation.vocabulary import figure_names
from survey_app.assessments.overview import Overview
from survey_app.assessments.report.facts import Facts
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column
from survey_app.assessments.words import STAGES
from survey_app.formatting import ABSENT


def shortfalls(paper: Paper, view: Overview, facts: Facts) -> None:
    """差距与补足."""
    paper.part("差距与补足")
    found = facts.shortfalls
    if found is None:
        paper.text("评估所用的细则或程序已经更新，不能再按这次评估计算差距。")
        return
    short = [row for row in found.rows if row.outcome is Outcome.NOT_MET]
    if not short:
        paper.text("没有学校缺少可以计算的人员、用房、场地、设备或经费。")
    else:
        paper.text("下列数量为各校单独达到标准还差的数量，教师、教室和人数取整，面积和金额向上取到两位小数。")
    if found.totals:
        _totals(paper, found)
    ids = {each["id"] for each in view.scheme["indicators"]}
    if resources := [row for row in short if row.id in ids]:
        _resources(paper, resources)
    if others := [row for row in short if row.id not in ids]:
        _others(paper, others)
    if unknown := [row for row in found.rows if row.outcome is Outcome.UNDETERMINED]:
        paper.text(f"另有{len(unknown)}处缺少数据，算不出差多少：{'、'.join(_missing(unknown))}。")


def _totals(paper: Paper, found: Shortfalls) -> None:
    paper.table(
        "全县共差的数量",
        (
            Column(heading="内容", share=34),
            Column(heading="学段", share=16),
            Column(heading="学校（所）", share=16, figures=True),
            Column(heading="达到标准共差", share=24, figures=True),
            Column(heading="学校达标至少补", share=26, figures=True),
        ),
        [
            [
                THINGS[each.figure][0],
                STAGES.get(each.stage or "", "全校共用"),
                str(each.schools),
                lacking(each.to_threshold, each.unit, "zh"),
                Cell(_to_rule(each), "undetermined" if each.undetermined else ""),
            ]
            for each in found.totals
        ],
    )


def _to_rule(total: Total) -> str:
    """What the schools need at least; where some lack figures, how many of them say nothing."""
    if total.undetermined == total.schools:
        return f"算不出（{total.schools}所缺数据）"
    need = lacking(total.to_rule, total.unit, "zh")
    return f"{need}（另{total.undetermined}所算不出）" if total.undetermined else need


def _resources(paper: Paper, rows: Sequence[Shortfall]) -> None:
    if any(row.share != 1 for row in rows):
        paper.text(
            "一贯制学校和完全中学共用的资源，所差数量为全校须增加的数量；各学段所差的不相加，取最大的。"
        )
    paper.long_table(
        "各校资源配置所差的数量",
        (
            Column(heading="学校", share=34),
            Column(heading="学段", share=11),
            Column(heading="内容", share=28),
            Column(heading="达到标准还差", share=24, figures=True),
            Column(heading="学校达标至少补", share=24, figures=True),
        ),
        [
            [
                row.name,
                STAGES.get(row.stage or "", ABSENT),
                THINGS[row.figure][0],
                _amount(row.to_threshold, row.unit),
                Cell(ABSENT if row.to_rule is None else _amount(row.to_rule, row.unit)),
            ]
            for row in sorted(rows, key=_most_first)
        ],
    )


def _most_first(row: Shortfall) -> tuple[str, Fraction]:
    """By what is lacking, the school that lacks most first."""
    return row.figure, -(row.to_threshold or Fraction(0))


def _others(paper: Paper, rows: Iterable[Shortfall]) -> None:
    paper.long_table(
        "各校其他方面所差的数量",
        (
            Column(heading="学校", share=34),
            Column(heading="内容", share=66),
            Column(heading="还差（或超出）", share=22, figures=True),
        ),
        [
            [
                row.name + (f"（{STAGES[row.stage]}）" if row.stage in STAGES else ""),
                f"{row.id.partition('.')[0]} {row.label.zh}",
                _amount(row.to_threshold, row.unit),
            ]
            for row in rows
        ],
    )


def _amount(value: Fraction | None, unit: str) -> str:
    return ABSENT if value is None else lacking(value, unit, "zh")


def _missing(rows: Iterable[Shortfall]) -> list[str]:
    return figure_names([place for row in rows for place in row.missing], "zh")
