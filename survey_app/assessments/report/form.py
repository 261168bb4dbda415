"""A filled form as an official paper in Word, in Chinese as the form is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from evaluation.forms import Column as FormColumn
from evaluation.forms import FilledCell, FilledForm, FilledTable, Place
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.tables import Cell, Column

AUTHOR = "均衡 Junheng"

#: Cells of one table that a sentence names; of more it says how many there are in which column.
_NAMED = 8


def write_form(
    filled: FilledForm, *, origins: Sequence[str] = (), notice: str = "", made_at: datetime | None = None
) -> bytes:
    """Write a filled form; the same form always gives the same bytes.

    Args:
        filled: the form with a county's figures in it.
        origins: where the figures and the verdict come from, one sentence each.
        notice: what must be known before anything is read, e.g. that figures are simulated.
        made_at: when the verdict was made, for the file's properties.
    """
    head = filled.form.head
    paper = Paper(
        title=f"{filled.county}{filled.year}年{head.title}",
        author=AUTHOR,
        footer=f"评估细则 {filled.scheme}　校验值 {filled.scheme_digest}",
        made_at=made_at,
    )
    paper.title(head.title, below=f"{filled.county}（{filled.code}）　{filled.year}年")
    if notice:
        paper.text(notice)
    for each in filled.tables:
        paper.form_table(
            f"{each.table.name}　{each.table.title}",
            [_column(column) for column in each.table.columns],
            [[_cell(cell) for cell in row] for row in each.rows],
            each.notes,
            landscape=each.table.landscape,
        )
    paper.heading("填报情况")
    for sentence in (*state_of(filled), *origins):
        paper.text(sentence)
    for line in head.signature:
        paper.text(line)
    return paper.save()


def state_of(filled: FilledForm) -> list[str]:
    """Say which cells lack figures and which nothing answers, one sentence for each table."""
    sentences = []
    for places, lead in (
        (filled.unknown, f"下列各格缺少数据，印为“{filled.form.head.words.unknown}”："),
        (filled.empty, "下列各格没有来源，留空，请自行填写："),
    ):
        if places:
            sentences += [lead, *_listed(filled.tables, places)]
    return sentences or ["各格均已填满。"]


def _listed(tables: Sequence[FilledTable], places: Iterable[Place]) -> list[str]:
    by_table: dict[str, list[Place]] = {each.table.name: [] for each in tables}
    for place in places:
        by_table[place.table].append(place)
    return [f"{name}：{_places(found)}。" for name, found in by_table.items() if found]


def _places(found: Sequence[Place]) -> str:
    """Name the cells by row, or, where there are many, count them by column."""
    if len(found) <= _NAMED:
        return "、".join(f"{place.row}“{place.column}”" for place in found)
    counts = Counter(place.column for place in found)
    return "、".join(f"“{column}”{count}格" for column, count in counts.items())


def _column(column: FormColumn) -> Column:
    return Column(heading=column.heading, share=column.share, figures=column.figures, group=column.group)


def _cell(cell: FilledCell) -> Cell:
    return Cell(cell.text, tint_of(cell), continued=cell.state == "continued", strong=cell.heading)


def tint_of(cell: FilledCell) -> str:
    """Which outcome colours a cell: what is not met, and what lacks figures."""
    if cell.state == "unknown":
        return "undetermined"
    return "not_met" if cell.outcome == "not_met" else ""
