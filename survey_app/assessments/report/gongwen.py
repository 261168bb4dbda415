"""A document in the layout of official papers (GB/T 9704): page, fonts, headings, tables, page numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentObject
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

#: Lines of the page grid: 22 on a page.
LINE = Pt(28.95)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, its share of the width, whether figures stand in it."""

    heading: str
    share: int
    figures: bool = False


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
        """Write a table under its caption; the heading row is repeated, no row is ever split."""
        self.caption(caption, "表")
        table = self.document.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        total = sum(column.share for column in columns)
        widths = [Emu(int(TEXT_WIDTH * column.share / total)) for column in columns]
        _set_grid(table, widths)
        for cell, column, width in zip(_cells(table, 0), columns, widths, strict=True):
            _write(cell, Cell(column.heading), width, WD_ALIGN_PARAGRAPH.CENTER, HEADING)
        _mark_row(table, 0, heading=True)
        for position, row in enumerate(rows, start=1):
            _mark_row(table, position, heading=False)
            for cell, given, column, width in zip(_cells(table, position), row, columns, widths, strict=True):
                align = WD_ALIGN_PARAGRAPH.RIGHT if column.figures else WD_ALIGN_PARAGRAPH.LEFT
                _write(cell, given if isinstance(given, Cell) else Cell(given), width, align, BODY)
        self._gap()

    def picture(self, png: bytes, caption: str, description: str) -> None:
        """Place a picture as wide as the text, its caption below, *description* for who cannot see it."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        run = paragraph.add_run()
        run.add_picture(BytesIO(png), width=TEXT_WIDTH)
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

    def _plain(self, text: str, *, font: str = BODY, align: Any = None) -> Paragraph:
        paragraph = self.document.add_paragraph(text)
        paragraph.alignment = align
        for run in paragraph.runs:
            _set_font(_xml(run).get_or_add_rPr(), font)
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
    section.header_distance, section.footer_distance = Mm(15), Mm(24)
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


def _cells(table: Table, row: int) -> list[_Cell]:
    """The cells of a row, without looking at the others (python-docx would)."""
    return [_Cell(element, table) for element in _xml(table).tr_lst[row].tc_lst]


def _mark_row(table: Table, row: int, *, heading: bool) -> None:
    properties = _xml(table).tr_lst[row].get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def _write(cell: _Cell, given: Cell, width: Emu, align: Any, font: str) -> None:
    cell.width = width
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = Pt(16)
    off_grid = OxmlElement("w:snapToGrid")
    off_grid.set(qn("w:val"), "0")
    _xml(paragraph).get_or_add_pPr().insert_element_before(off_grid, "w:spacing", "w:ind", "w:jc", "w:rPr")
    run = paragraph.add_run(given.text)
    run.font.size = Pt(10.5)
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
