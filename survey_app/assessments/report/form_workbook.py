"""A filled form as a workbook: one sheet a table, figures as numbers, and no cell that can be a formula."""

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import Any

from evaluation.forms import Column, FilledCell, FilledForm, FilledTable
from survey_app.assessments.report.form import AUTHOR, state_of, tint_of
from survey_app.assessments.report.tables import TINTS
from survey_app.assessments.workbook import CREATED, OPTIONS

#: Characters of a sheet's width that a table's columns share.
_UPRIGHT, _LYING = 96, 150

#: The same of the sheet with sentences, which stands on its page unscaled.
_SENTENCES = 68

_EDGES = {"border": 1, "text_wrap": True, "valign": "vcenter", "font_name": "宋体", "font_size": 10.5}

_PAPER_A4 = 9

#: Height of a line, in points.
_LINE = 16


def write_form_workbook(filled: FilledForm, *, origins: Sequence[str] = (), notice: str = "") -> bytes:
    """Give a filled form as an Excel file; numbers are exact and shown with the form's decimals.

    Args:
        filled: the form with a county's figures in it.
        origins: where the figures and the verdict come from, one sentence each.
        notice: what must be known before anything is read, e.g. that figures are simulated.
    """
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": filled.form.head.title, "author": AUTHOR, "created": CREATED})
    formats = _Formats(book)
    for each in filled.tables:
        _write_table(book.add_worksheet(each.table.name), each, _below(filled, notice), formats)
    _write_state(book.add_worksheet("填报情况"), filled, (notice, *origins), formats)
    book.close()
    return out.getvalue()


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any):
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **wanted: Any) -> Any:
        """Give the format with these properties."""
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def cell(self, cell: FilledCell, column: Column, *, goes_on: bool) -> Any:
        """Give the format of a cell: edges, decimals, text or number, the tint of what needs attention."""
        wanted = {**_EDGES, "align": "right" if column.figures else "left", "bold": cell.heading}
        wanted |= {"top": 0} if cell.state == "continued" else {}
        wanted |= {"bottom": 0} if goes_on else {}
        if cell.digits is None:
            wanted["num_format"] = "@"
        else:
            wanted["num_format"] = "0." + "0" * cell.digits if cell.digits else "0"
        if tint := TINTS.get(tint_of(cell)):
            wanted |= {"font_color": f"#{tint[0]}", "bg_color": f"#{tint[1]}"}
        return self.of(**wanted)


def _below(filled: FilledForm, notice: str) -> str:
    """What stands below a table's title."""
    return "　".join(
        part for part in (f"{filled.county}（{filled.code}）", f"{filled.year}年", notice) if part
    )


def _write_table(sheet: Any, each: FilledTable, below: str, formats: _Formats) -> None:
    columns = each.table.columns
    last = len(columns) - 1
    title = formats.of(bold=True, font_size=14, align="center", valign="vcenter")
    sheet.merge_range(0, 0, 0, last, f"{each.table.name}　{each.table.title}", title)
    sheet.merge_range(1, 0, 1, last, below, formats.of())
    widths = _widths(each)
    top = 2 + _write_heads(sheet, columns, widths, formats)
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    for position, row in enumerate(each.rows):
        sheet.set_row(top + position, _height([cell.text for cell in row], widths))
        next_ = each.rows[position + 1] if position + 1 < len(each.rows) else row
        for number, cell in enumerate(row):
            goes_on = next_ is not row and next_[number].state == "continued"
            given = formats.cell(cell, columns[number], goes_on=goes_on)
            _write_cell(sheet, top + position, number, cell, given)
    for position, note in enumerate(each.notes, start=top + len(each.rows)):
        sheet.merge_range(
            position, 0, position, last, f"注：{note}", formats.of(text_wrap=True, valign="top")
        )
        sheet.set_row(position, _height([f"注：{note}"], [sum(widths)]))
    _set_page(sheet, each, top)


def _write_heads(sheet: Any, columns: Sequence[Column], widths: Sequence[float], formats: _Formats) -> int:
    """Write the headings, in two rows where columns are grouped; give the number of rows."""
    bold = formats.of(**_EDGES, bold=True, align="center")
    tallest = _height([column.heading for column in columns], widths)
    sheet.set_row(2 if not any(column.group for column in columns) else 3, tallest)
    if not any(column.group for column in columns):
        for number, column in enumerate(columns):
            sheet.write_string(2, number, column.heading, bold)
        return 1
    number = 0
    for group, members in groupby(columns, key=lambda column: column.group or column.id):
        found = list(members)
        if not found[0].group:
            sheet.merge_range(2, number, 3, number, found[0].heading, bold)
        else:
            if len(found) > 1:
                sheet.merge_range(2, number, 2, number + len(found) - 1, group, bold)
            else:
                sheet.write_string(2, number, group, bold)
            for place, column in enumerate(found, start=number):
                sheet.write_string(3, place, column.heading, bold)
        number += len(found)
    return 2


def _widths(each: FilledTable) -> list[float]:
    """How wide the columns are, in characters of a digit's width."""
    width = _LYING if each.table.landscape else _UPRIGHT
    total = sum(column.share for column in each.table.columns)
    return [width * column.share / total for column in each.table.columns]


def _height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """How high a row must be for its longest text: a Chinese character is two digits wide."""
    lines = [
        -(-sum(2 if character > "\u2e7f" else 1 for character in text) // max(int(width) - 1, 1))
        for text, width in zip(texts, widths, strict=True)
    ]
    return _LINE * max(1, *lines)


def _write_cell(sheet: Any, row: int, column: int, cell: FilledCell, given: Any) -> None:
    if cell.value is not None:
        sheet.write_number(row, column, float(cell.value), given)
    elif cell.text:
        sheet.write_string(row, column, cell.text, given)
    else:
        sheet.write_blank(row, column, None, given)


def _write_state(sheet: Any, filled: FilledForm, origins: Sequence[str], formats: _Formats) -> None:
    wrapped = formats.of(text_wrap=True, valign="top", font_name="宋体", font_size=10.5)
    sentences = [
        *state_of(filled),
        *origins,
        f"评估细则：{filled.scheme}",
        f"细则校验值（SHA-256）：{filled.scheme_digest}",
    ]
    for position, sentence in enumerate(each for each in sentences if each):
        sheet.write_string(position, 0, sentence, wrapped)
        sheet.set_row(position, _height([sentence], [_SENTENCES]))
    sheet.set_column(0, 0, _SENTENCES)
    sheet.set_paper(_PAPER_A4)
    sheet.fit_to_pages(1, 0)


def _set_page(sheet: Any, each: FilledTable, top: int) -> None:
    sheet.set_paper(_PAPER_A4)
    if each.table.landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2, top - 1)
    sheet.freeze_panes(top, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")
