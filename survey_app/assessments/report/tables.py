"""Tables of official papers: repeated headings, grouped columns, whole rows, tints for what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from docx.document import Document as DocumentObject
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from survey_app.assessments.report.fonts import BODY, HEADING, set_font, xml

#: Size of figures in tables with many columns.
SMALL = 9

#: Space at the sides of a cell, in twentieths of a point.
CELL_MARGIN = 70

#: What a cell says is wrong or unknown, as on the pages: text colour and ground.
TINTS = {"not_met": ("A61B1B", "FBEAEA"), "undetermined": ("7A5200", "FFF4DC")}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell; *tint* is the outcome that colours it, if it needs attention."""

    text: str
    tint: str = ""
    #: Whether it belongs to the cell above: no line stands between them.
    continued: bool = False
    #: Whether it is written as a heading is.
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, its share of the width, whether figures stand in it."""

    heading: str
    share: int
    figures: bool = False
    #: What stands above the headings of columns that belong together.
    group: str = ""


def write_table(
    document: DocumentObject,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell | str]],
    *,
    width: Emu,
    size: float = 10.5,
) -> None:
    """Write a table at the end of *document*; heading rows are repeated, no row is ever split.

    Args:
        document: the paper.
        columns: headings, and the share of the width each takes.
        rows: as many cells each as there are columns.
        width: of the whole table.
        size: of the text, in points.
    """
    heads = _heads(columns)
    table = document.add_table(rows=len(heads) + len(rows), cols=len(columns), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    total = sum(column.share for column in columns)
    widths = [Emu(int(width * column.share / total)) for column in columns]
    _set_grid(table, widths)
    for position, head in enumerate(heads):
        for cell, given, wide in zip(_cells(table, position), head, widths, strict=True):
            _write(cell, given, wide, WD_ALIGN_PARAGRAPH.CENTER, HEADING, size=size)
        _mark_row(table, position, heading=True)
    for position, row in enumerate(rows, start=len(heads)):
        _mark_row(table, position, heading=False)
        announces = any(isinstance(each, Cell) and each.strong for each in row)
        for cell, given, column, wide in zip(_cells(table, position), row, columns, widths, strict=True):
            align = WD_ALIGN_PARAGRAPH.RIGHT if column.figures else WD_ALIGN_PARAGRAPH.LEFT
            written = given if isinstance(given, Cell) else Cell(given)
            _write(cell, written, wide, align, HEADING if written.strong else BODY, size=size)
            cell.paragraphs[0].paragraph_format.keep_with_next = announces or None
    _join_down(table, rows, start=len(heads))
    if len(heads) > 1:
        _merge_heads(table, columns)


def _set_grid(table: Table, widths: Sequence[Emu]) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(CELL_MARGIN))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    xml(table).tblPr.append(margins)
    for column, width in zip(xml(table).tblGrid.gridCol_lst, widths, strict=True):
        column.w = width


def _heads(columns: Sequence[Column]) -> list[list[Cell]]:
    """The heading rows: one, or two where columns are grouped."""
    if not any(column.group for column in columns):
        return [[Cell(column.heading) for column in columns]]
    first = [Cell(column.group or column.heading) for column in columns]
    return [first, [Cell(column.heading if column.group else "") for column in columns]]


def _merge_heads(table: Table, columns: Sequence[Column]) -> None:
    """Make one cell of the headings of a group, and one of the two of a column that stands alone."""
    for row, how in ((0, "restart"), (1, "continue")):
        for cell, column in zip(xml(table).tr_lst[row].tc_lst, columns, strict=True):
            if not column.group:
                cell.get_or_add_tcPr().vMerge_val = how
    cells = list(xml(table).tr_lst[0].tc_lst)
    keys = [column.group or position for position, column in enumerate(columns)]
    for _, members in groupby(zip(keys, cells, strict=True), key=lambda pair: pair[0]):
        first, *others = [cell for _, cell in members]
        first.width = Emu(sum(cell.width for cell in (first, *others)))
        first.grid_span = 1 + len(others)
        for cell in others:
            cell.getparent().remove(cell)


def _join_down(table: Table, rows: Sequence[Sequence[Cell | str]], *, start: int) -> None:
    """Take away the lines between cells that belong together; unlike merged ones they break between pages."""
    for position, row in enumerate(rows):
        below = rows[position + 1] if position + 1 < len(rows) else [""] * len(row)
        for column, (given, next_) in enumerate(zip(row, below, strict=True)):
            sides = [("top", given), ("bottom", next_)]
            free = [side for side, cell in sides if isinstance(cell, Cell) and cell.continued]
            if free:
                borders = OxmlElement("w:tcBorders")
                for side in free:
                    border = OxmlElement(f"w:{side}")
                    border.set(qn("w:val"), "nil")
                    borders.append(border)
                properties = xml(table).tr_lst[start + position].tc_lst[column].get_or_add_tcPr()
                properties.insert_element_before(borders, "w:shd", "w:noWrap", "w:vAlign")


def _cells(table: Table, row: int) -> list[_Cell]:
    """The cells of a row, without looking at the others (python-docx would)."""
    return [_Cell(element, table) for element in xml(table).tr_lst[row].tc_lst]


def _mark_row(table: Table, row: int, *, heading: bool) -> None:
    properties = xml(table).tr_lst[row].get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def off_grid(paragraph: Paragraph, line: Pt) -> None:
    """Set a line height of its own, whatever the grid of the page."""
    paragraph.paragraph_format.line_spacing = line
    off = OxmlElement("w:snapToGrid")
    off.set(qn("w:val"), "0")
    xml(paragraph).get_or_add_pPr().insert_element_before(off, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _write(cell: _Cell, given: Cell, width: Emu, align: Any, font: str, *, size: float) -> None:
    cell.width = width
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    off_grid(paragraph, Pt(16) if size > SMALL else Pt(13))
    run = paragraph.add_run(given.text)
    run.font.size = Pt(size)
    properties = xml(run).get_or_add_rPr()
    set_font(properties, font)
    if given.tint in TINTS:
        ink, ground = TINTS[given.tint]
        colour = OxmlElement("w:color")
        colour.set(qn("w:val"), ink)
        properties.append(colour)
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", ground)):
            shade.set(qn(f"w:{name}"), value)
        xml(cell).get_or_add_tcPr().append(shade)
