"""A document in the layout of official papers (GB/T 9704): page, fonts, headings, tables, page numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

#: Fonts by what they are for, as the standard names them.
TITLE, BODY, HEADING, SUBHEADING = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"

#: Margins of A4 by the standard, and the width of the text between them.
TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)
TEXT_WIDTH = Emu(Mm(210) - LEFT - RIGHT)

#: The distance of the footer from the edge, upright and with the long side below.
FOOTER, FOOTER_BELOW_LONG_SIDE = Mm(24), Mm(12)

#: Lines of the page grid: 22 on a page.
LINE = Pt(28.95)

#: Size of figures in tables with many columns.
SMALL = 9

#: Space at the sides of a cell, in twentieths of a point.
CELL_MARGIN = 70

#: What a cell says is wrong or unknown, as on the pages: text colour and ground.
TINTS = {"not_met": ("A61B1B", "FBEAEA"), "undetermined": ("7A5200", "FFF4DC")}

#: The first instant a zip archive can hold: archives of the same content are the same bytes.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


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


class Paper:
    """An official paper, written from top to bottom."""

    def __init__(self, *, title: str, author: str, footer: str, made_at: datetime | None = None):
        self.document: DocumentObject = Document()
        self._tables = self._pictures = 0
        _set_page(self.document)
        _set_styles(self.document)
        _set_footers(self.document, footer)
        _set_properties(self.document, title, author, made_at)

    def title(self, *lines: str, below: str = "") -> None:
        """Write the title in as many lines as given, and a line below it."""
        paragraph = self.document.add_paragraph(lines[0], style="Title")
        for line in lines[1:]:
            paragraph.add_run().add_break()
            paragraph.add_run(line)
        if below:
            self._plain(below, font=SUBHEADING, align=WD_ALIGN_PARAGRAPH.CENTER)
        self._plain("")

    def heading(self, text: str, level: int = 1) -> None:
        """Write a heading of *level* 1 (一、) or 2 (（一）)."""
        self.document.add_paragraph(text, style=f"Heading {level}")

    def text(self, text: str) -> None:
        """Write a paragraph; one that ends in a colon stays with what it announces."""
        paragraph = self.document.add_paragraph(text, style="Body Text")
        paragraph.paragraph_format.keep_with_next = text.endswith("：")

    def caption(self, text: str, kind: str) -> None:
        """Write a caption with the next number; *kind* is 表 (stays with what follows) or 图."""
        if kind == "表":
            self._tables += 1
            number = self._tables
        else:
            self._pictures += 1
            number = self._pictures
        paragraph = self.document.add_paragraph(f"{kind}{number}　{text}", style="Caption")
        paragraph.paragraph_format.keep_with_next = kind == "表"

    def table(self, caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]]) -> None:
        """Write a table under its caption; the heading rows are repeated, no row is ever split."""
        self.caption(caption, "表")
        self._table(columns, rows)
        self._gap()

    def form_table(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell | str]],
        notes: Sequence[str],
        *,
        landscape: bool = False,
    ) -> None:
        """Write a table of a form under its own name, on pages of its own if it needs their long side."""
        self._turn(landscape=landscape)
        paragraph = self.document.add_paragraph(name, style="Caption")
        paragraph.paragraph_format.keep_with_next = True
        self._table(columns, rows, size=SMALL if landscape else 10.5)
        for position, note in enumerate(notes, start=1):
            number = f"{position}. " if len(notes) > 1 else ""
            below = self._plain(f"{'注：' if position == 1 else '　　'}{number}{note}", size=10.5)
            _off_grid(below, Pt(16))
        self._gap()

    def _turn(self, *, landscape: bool) -> None:
        """Go on to a page that stands or lies, unless the last one does already."""
        section = self.document.sections[-1]
        if landscape == (section.orientation == WD_ORIENT.LANDSCAPE):
            return
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = section.page_height, section.page_width
        margins = (LEFT, RIGHT, BOTTOM, TOP) if landscape else (TOP, BOTTOM, LEFT, RIGHT)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = margins
        section.footer_distance = FOOTER_BELOW_LONG_SIDE if landscape else FOOTER

    @property
    def _width(self) -> Emu:
        """How wide the text is on the present page."""
        section = self.document.sections[-1]
        given = (section.page_width, section.left_margin, section.right_margin)
        page, left, right = (each or Emu(0) for each in given)
        return Emu(page - left - right)

    def _table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], *, size: float = 10.5
    ) -> None:
        heads = _heads(columns)
        table = self.document.add_table(rows=len(heads) + len(rows), cols=len(columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        total = sum(column.share for column in columns)
        widths = [Emu(int(self._width * column.share / total)) for column in columns]
        _set_grid(table, widths)
        for position, head in enumerate(heads):
            for cell, given, width in zip(_cells(table, position), head, widths, strict=True):
                _write(cell, given, width, WD_ALIGN_PARAGRAPH.CENTER, HEADING, size=size)
            _mark_row(table, position, heading=True)
        for position, row in enumerate(rows, start=len(heads)):
            _mark_row(table, position, heading=False)
            announces = any(isinstance(each, Cell) and each.strong for each in row)
            for cell, given, column, width in zip(_cells(table, position), row, columns, widths, strict=True):
                align = WD_ALIGN_PARAGRAPH.RIGHT if column.figures else WD_ALIGN_PARAGRAPH.LEFT
                written = given if isinstance(given, Cell) else Cell(given)
                _write(cell, written, width, align, HEADING if written.strong else BODY, size=size)
                cell.paragraphs[0].paragraph_format.keep_with_next = announces or None
        _join_down(table, rows, start=len(heads))
        if len(heads) > 1:
            _merge_heads(table, columns)

    def picture(self, png: bytes, caption: str, description: str) -> None:
        """Place a picture as wide as the text, its caption below, *description* for who cannot see it."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        run = paragraph.add_run()
        run.add_picture(BytesIO(png), width=self._width)
        properties = next(_xml(run).iter(qn("wp:docPr")))
        properties.set("descr", description)
        properties.set("title", caption)
        self.caption(caption, "图")

    def save(self) -> bytes:
        """Give the file; the same paper always gives the same bytes."""
        written = BytesIO()
        self.document.save(written)
        out = BytesIO()
        with ZipFile(written) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
            for name in source.namelist():
                target.writestr(ZipInfo(name, _ZIP_EPOCH), source.read(name), ZIP_DEFLATED)
        return out.getvalue()

    def _plain(
        self, text: str, *, font: str = BODY, align: Any = None, size: float | None = None
    ) -> Paragraph:
        paragraph = self.document.add_paragraph(text)
        paragraph.alignment = align
        for run in paragraph.runs:
            _set_font(_xml(run).get_or_add_rPr(), font)
            if size is not None:
                run.font.size = Pt(size)
        return paragraph

    def _gap(self) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.line_spacing = Pt(12)


def _xml(part: Any) -> Any:
    """The element behind a paragraph, run, table or cell: python-docx shows it under no public name."""
    return part._element  # noqa: SLF001


def _set_page(document: DocumentObject) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.header_distance, section.footer_distance = Mm(15), FOOTER
    properties = document.element.body.sectPr
    grid = properties.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        properties.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(int(LINE.pt * 20)))
    document.settings.odd_and_even_pages_header_footer = True


def _set_styles(document: DocumentObject) -> None:
    """Set every style that is used: font by name in both scripts, no theme fonts, black."""
    for name, font, size, before in (
        ("Normal", BODY, 16, 0),
        ("Body Text", BODY, 16, 0),
        ("Title", TITLE, 22, 0),
        ("Heading 1", HEADING, 16, 0),
        ("Heading 2", SUBHEADING, 16, 0),
        ("Caption", HEADING, 12, 6),
    ):
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.bold = style.font.italic = False
        properties = style.element.get_or_add_rPr()
        for tag in ("w:color", "w:spacing", "w:kern"):
            for found in properties.findall(qn(tag)):
                properties.remove(found)
        _set_font(properties, font)
        borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
        if borders is not None:
            borders.getparent().remove(borders)
        layout = style.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(0)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    for name in ("Body Text", "Heading 1", "Heading 2"):
        document.styles[name].paragraph_format.first_line_indent = Pt(32)
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption = document.styles["Caption"].paragraph_format
    caption.alignment, caption.line_spacing = WD_ALIGN_PARAGRAPH.CENTER, Pt(20)


def _set_font(properties: Any, font: str) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for script, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{script}"), name)


def _set_footers(document: DocumentObject, line: str) -> None:
    """Number the pages “— 1 —”, outside on both sides, with *line* below."""
    section = document.sections[0]
    for footer, align, indent in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right_indent"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left_indent"),
    ):
        footer.is_linked_to_previous = False
        number = footer.paragraphs[0]
        number.alignment = align
        setattr(number.paragraph_format, indent, Pt(14))
        _footer_run(number, "— ", 14)
        _field(number, "PAGE", 14)
        _footer_run(number, " —", 14)
        below = footer.add_paragraph()
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _footer_run(below, line, 8)
        for paragraph in (number, below):
            paragraph.paragraph_format.line_spacing = Pt(16)
            paragraph.paragraph_format.first_line_indent = Pt(0)


def _footer_run(paragraph: Paragraph, text: str, size: int) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    _set_font(_xml(run).get_or_add_rPr(), "宋体")
    return run


def _field(paragraph: Paragraph, code: str, size: int) -> None:
    for kind in ("begin", None, "separate", "text", "end"):
        run = _footer_run(paragraph, "1" if kind == "text" else "", size)
        if kind is None:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {code} "
            _xml(run).append(instruction)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            _xml(run).append(mark)


def _set_properties(document: DocumentObject, title: str, author: str, made_at: datetime | None) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, author, author
    properties.comments, properties.keywords, properties.language = "", "", "zh-CN"
    properties.revision = 1
    at = (made_at or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = at


def _set_grid(table: Table, widths: Sequence[Emu]) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(CELL_MARGIN))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    _xml(table).tblPr.append(margins)
    for column, width in zip(_xml(table).tblGrid.gridCol_lst, widths, strict=True):
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
        for cell, column in zip(_xml(table).tr_lst[row].tc_lst, columns, strict=True):
            if not column.group:
                cell.get_or_add_tcPr().vMerge_val = how
    cells = list(_xml(table).tr_lst[0].tc_lst)
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
                properties = _xml(table).tr_lst[start + position].tc_lst[column].get_or_add_tcPr()
                properties.insert_element_before(borders, "w:shd", "w:noWrap", "w:vAlign")


def _cells(table: Table, row: int) -> list[_Cell]:
    """The cells of a row, without looking at the others (python-docx would)."""
    return [_Cell(element, table) for element in _xml(table).tr_lst[row].tc_lst]


def _mark_row(table: Table, row: int, *, heading: bool) -> None:
    properties = _xml(table).tr_lst[row].get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def _off_grid(paragraph: Paragraph, line: Pt) -> None:
    """Set a line height of its own, whatever the grid of the page."""
    paragraph.paragraph_format.line_spacing = line
    off = OxmlElement("w:snapToGrid")
    off.set(qn("w:val"), "0")
    _xml(paragraph).get_or_add_pPr().insert_element_before(off, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _write(cell: _Cell, given: Cell, width: Emu, align: Any, font: str, *, size: float) -> None:
    cell.width = width
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    _off_grid(paragraph, Pt(16) if size > SMALL else Pt(13))
    run = paragraph.add_run(given.text)
    run.font.size = Pt(size)
    properties = _xml(run).get_or_add_rPr()
    _set_font(properties, font)
    if given.tint in TINTS:
        ink, ground = TINTS[given.tint]
        colour = OxmlElement("w:color")
        colour.set(qn("w:val"), ink)
        properties.append(colour)
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", ground)):
            shade.set(qn(f"w:{name}"), value)
        _xml(cell).get_or_add_tcPr().append(shade)
