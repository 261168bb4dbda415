"""A document in the layout of official papers (GB/T 9704): page, fonts, headings, tables, page numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.text.paragraph import Paragraph

from survey_app.assessments.report.fonts import BODY, HEADING, SUBHEADING, TITLE, set_font, xml
from survey_app.assessments.report.tables import SMALL, Cell, Column, off_grid, write_table

#: Margins of A4 by the standard.
TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)

#: The distance of the footer from the edge, upright and with the long side below.
FOOTER, FOOTER_BELOW_LONG_SIDE = Mm(17), Mm(12)

#: Lines of the page grid: 22 on a page.
LINE = Pt(28.95)

#: A table with more rows goes to an annex whole; this many of them stay in the text.
LONGEST, SHOWN = 40, 10

#: The first instant a zip archive can hold: archives of the same content are the same bytes.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class Paper:
    """An official paper, written from top to bottom."""

    def __init__(self, *, title: str, author: str, footer: str, made_at: datetime | None = None):
        self.document: DocumentObject = Document()
        self._parts = self._tables = self._pictures = 0
        self._aside: list[tuple[str, Sequence[Column], Sequence[Sequence[Cell | str]]]] = []
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

    def address(self, text: str) -> None:
        """Write whom the paper is for, without indent."""
        self._plain(text)

    def closing(self, *lines: str) -> None:
        """Leave room for the seal and write who sends the paper and when, at the right below the text."""
        self._plain("").paragraph_format.keep_with_next = True
        for position, line in enumerate(lines, start=1):
            paragraph = self._plain(line, align=WD_ALIGN_PARAGRAPH.RIGHT)
            paragraph.paragraph_format.right_indent = Pt(64)
            paragraph.paragraph_format.keep_with_next = position < len(lines)

    def part(self, text: str) -> None:
        """Begin the next part of the paper under its numeral (一、, 二、 …)."""
        self._parts += 1
        self.heading(f"{numeral(self._parts)}、{text}")

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
        write_table(self.document, columns, rows, width=self._width)
        self._gap()

    def long_table(
        self, caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]]
    ) -> None:
        """Write a table, or, of a long one, its first rows; the whole then stands in an annex."""
        if len(rows) <= LONGEST:
            self.table(caption, columns, rows)
            return
        self._aside.append((caption, columns, rows))
        self.table(f"{caption}（前{SHOWN}行）", columns, rows[:SHOWN])
        self.text(f"共{len(rows)}行，全部列于附件{len(self._aside)}。")

    def annexes(self) -> None:
        """Write what was set aside, each annex on pages of its own."""
        for number, (caption, columns, rows) in enumerate(self._aside, start=1):
            self._turn(landscape=False)
            heading = self.document.add_paragraph(f"附件{number}", style="Heading 1")
            heading.paragraph_format.page_break_before = True
            heading.paragraph_format.first_line_indent = Pt(0)
            self.table(caption, columns, rows)
        self._aside.clear()

    def form_table(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell | str]],
        notes: Sequence[str],
        *,
        landscape: bool = False,
        compact: bool = False,
    ) -> None:
        """Write a table of a form under its own name, on pages of its own if it needs their long side.

        A *compact* one has small letters and stands close to what follows, so that a page holds several.
        """
        self._turn(landscape=landscape)
        paragraph = self.document.add_paragraph(name, style="Caption")
        paragraph.paragraph_format.keep_with_next = True
        size = SMALL if landscape or compact else 10.5
        write_table(self.document, columns, rows, width=self._width, size=size)
        for position, note in enumerate(notes, start=1):
            number = f"{position}. " if len(notes) > 1 else ""
            below = self._plain(f"{'注：' if position == 1 else '　　'}{number}{note}", size=10.5)
            off_grid(below, Pt(16))
        if not compact:
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

    def picture(self, png: bytes, caption: str, description: str) -> None:
        """Place a picture as wide as the text, its caption below, *description* for who cannot see it."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        run = paragraph.add_run()
        run.add_picture(BytesIO(png), width=self._width)
        properties = next(xml(run).iter(qn("wp:docPr")))
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
            set_font(xml(run).get_or_add_rPr(), font)
            if size is not None:
                run.font.size = Pt(size)
        return paragraph

    def _gap(self) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.line_spacing = Pt(12)


def numeral(number: int) -> str:
    """A number below a hundred as parts are counted.

    >>> numeral(4), numeral(10), numeral(12), numeral(30)
    ('四', '十', '十二', '三十')
    """
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    ten = f"{digits[tens] if tens > 1 else ''}十" if tens else ""
    return ten + (digits[ones] if ones or not tens else "")


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
        set_font(properties, font)
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
    set_font(xml(run).get_or_add_rPr(), "宋体")
    return run


def _field(paragraph: Paragraph, code: str, size: int) -> None:
    for kind in ("begin", None, "separate", "text", "end"):
        run = _footer_run(paragraph, "1" if kind == "text" else "", size)
        if kind is None:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {code} "
            xml(run).append(instruction)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            xml(run).append(mark)


def _set_properties(document: DocumentObject, title: str, author: str, made_at: datetime | None) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, author, author
    properties.comments, properties.keywords, properties.language = "", "", "zh-CN"
    properties.revision = 1
    at = (made_at or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = at
