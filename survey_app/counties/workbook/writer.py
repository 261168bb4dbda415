"""Write the county workbook: empty, as the template, or filled from a county file."""

import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from survey_app.counties.workbook import guide
from survey_app.counties.workbook.cells import LONGEST_TEXT, note_of, to_cell
from survey_app.counties.workbook.county_sheets import COUNTY, EMPTIES_LABEL
from survey_app.counties.workbook.faults import Fault, WorkbookError, shown
from survey_app.counties.workbook.formats import Formats
from survey_app.counties.workbook.layout import SCHOOLS, SHEETS
from survey_app.counties.workbook.parsing.addresses import cell_name
from survey_app.counties.workbook.rows import Row, empties_of, form_values, rows_of
from survey_app.counties.workbook.shape import (
    FIRST_ROW,
    GROUP_ROW,
    HEADER_ROW,
    NOTE_LABEL,
    NUMBERS,
    TITLE_ROW,
    Block,
    Column,
    Form,
    Sheet,
)

#: Rows that carry pull-down lists and rules; a county has fewer classes than this.
_RULED_ROWS = 5000

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


def write_template(path: str | os.PathLike[str]) -> None:
    """Write an empty workbook with every sheet, header, pull-down list and note."""
    Path(path).write_bytes(template_bytes())


def write_workbook(document: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a valid county file as a workbook that `read_workbook` turns back into it.

    Raises:
        WorkbookError: a text is longer than a cell holds (rule ``text_too_long``); nothing is written.
    """
    Path(path).write_bytes(workbook_bytes(document))


def template_bytes() -> bytes:
    """Return what `write_template` writes, for a download."""
    return workbook_bytes({"format": "county/1", "schools": []})


def workbook_bytes(document: Mapping[str, Any]) -> bytes:
    """Return what `write_workbook` writes, for a download."""
    faults: list[Fault] = []
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"title": "县域义务教育优质均衡发展数据", "comments": "county/1"})
        formats = Formats(book)
        guide.write(book.add_worksheet(guide.NAME), formats, SHEETS)
        county_empties, school_empties = empties_of(document)
        for sheet in SHEETS:
            page = _Page(book.add_worksheet(sheet.name), sheet, formats, faults)
            for block in sheet.blocks:
                if isinstance(block, Form):
                    page.form(block, document, county_empties)
                else:
                    notes = school_empties if sheet is SCHOOLS else {}
                    page.block(block, list(rows_of(block, document)), notes)
    if faults:
        raise WorkbookError(faults)
    return file.getvalue()


def table_bytes(sheet: Sheet, rows: Sequence[Mapping[str, Any]], *, empty_too: Sequence[Sheet] = ()) -> bytes:
    """Return a workbook of one *sheet* with one table, its *rows* given by column key.

    Sheets of *empty_too* follow it, to be filled in.

    Raises:
        WorkbookError: a text is longer than a cell holds (rule ``text_too_long``).
    """
    faults: list[Fault] = []
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        formats = Formats(book)
        for each, filled in [(sheet, rows), *((other, ()) for other in empty_too)]:
            page = _Page(book.add_worksheet(each.name), each, formats, faults)
            for block in each.blocks:
                if isinstance(block, Block):
                    page.block(block, [Row(path=(), values=row) for row in filled], {})
    if faults:
        raise WorkbookError(faults)
    return file.getvalue()


class _Page:
    """One sheet while it is written."""

    def __init__(self, page: Worksheet, sheet: Sheet, formats: Formats, faults: list[Fault]):
        self.page, self.sheet, self.formats, self.faults = page, sheet, formats, faults
        page.freeze_panes(FIRST_ROW, sheet.frozen)
        page.hide_gridlines(1)
        page.set_row(TITLE_ROW, 26)
        page.set_row(HEADER_ROW, 54)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADER_ROW)

    def block(self, block: Block, rows: list[Row], empties: Mapping[int, Mapping[str, Any]]) -> None:
        """Write a table: headers, rules, rows, and in the template the keys it lists."""
        self._title(block)
        self._headers(block)
        for number, row in enumerate(rows):
            for column in block.columns:
                if column.key in row.values:
                    self._cell(FIRST_ROW + number, block.number(column.key), row.values[column.key], column)
            self._note(FIRST_ROW + number, block.note_column, row.note | dict(empties.get(number, {})))
        filled = {row.values.get("@key", row.values.get("@who")) for row in rows}
        column = block.columns[0]
        waiting = [word for word in block.listed if column.choices[word] not in filled]
        for number, word in enumerate(waiting, start=len(rows)):
            self._cell(FIRST_ROW + number, block.start, column.choices[word], column)

    def form(self, form: Form, document: Mapping[str, Any], empties: Mapping[str, Any]) -> None:
        """Write labelled rows; the county's form ends with the hidden row of empty parts."""
        self._title(form)
        for number, header in enumerate(form.HEADERS):
            self.page.write_string(
                HEADER_ROW, form.start + number, header, self.formats.header(required=False)
            )
        for number, width in enumerate((46, 18, 9, 44)):
            self.page.set_column(form.start + number, form.start + number, width)
        self._note_header(form.note_column)
        values = dict(form_values(form, document))
        for number, item in enumerate(form.items):
            row = FIRST_ROW + number
            label = self.formats.required_label if item.required else self.formats.label
            self.page.write_string(row, form.start, item.label + (" *" if item.required else ""), label)
            self.page.write_string(row, form.start + 2, item.unit, self.formats.soft)
            group = f"{item.group}。" if item.group else ""
            self.page.write_string(row, form.start + 3, group + item.note, self.formats.soft)
            self.page.set_row(row, 22)
            self.page.write_blank(row, form.value_column, None, self.formats.cell(item, framed=True))
            self._rule(item, row, row, form.value_column)
            if number in values:
                self._cell(row, form.value_column, values[number], item, framed=True)
                self._note(row, form.note_column, _literal_note(item, values[number]))
        if self.sheet.name == COUNTY:
            row = FIRST_ROW + len(form.items)
            self.page.write_string(row, form.start, EMPTIES_LABEL)
            self.page.set_row(row, None, None, {"hidden": True})
            self._note(row, form.note_column, empties)

    def _title(self, block: Block | Form) -> None:
        self.page.write_string(TITLE_ROW, block.start, block.title, self.formats.title)
        self.page.write_string(GROUP_ROW, block.start, block.hint, self.formats.hint)

    def _headers(self, block: Block) -> None:
        for number, column in enumerate(block.columns, start=block.start):
            self.page.set_column(number, number, column.width, self.formats.cell(column))
            header = self.formats.header(required=column.required, group=column.group)
            self.page.write_string(HEADER_ROW, number, column.header, header)
            if column.note:
                self.page.write_comment(
                    HEADER_ROW,
                    number,
                    column.note,
                    {"author": "", "x_scale": 1.6, "y_scale": 0.9, "font_size": 10},
                )
            self._rule(column, FIRST_ROW, FIRST_ROW + _RULED_ROWS - 1, number, list_of_none=block.says_none)
        self._note_header(block.note_column)

    def _note_header(self, number: int) -> None:
        self.page.write_string(HEADER_ROW, number, NOTE_LABEL, self.formats.header(required=False))
        self.page.set_column(number, number, 3, None, {"hidden": True})

    def _cell(self, row: int, number: int, value: Any, column: Column, *, framed: bool = False) -> None:
        cell = to_cell(value, column)
        style = self.formats.cell(column, framed=framed)
        if isinstance(cell, str):
            if len(cell) > LONGEST_TEXT:
                facts = {"longest": LONGEST_TEXT, "length": len(cell)}
                fault = Fault(
                    sheet=self.sheet.name,
                    cell=cell_name(row, number),
                    value=shown(cell),
                    rule="text_too_long",
                    facts=facts,
                )
                self.faults.append(fault)
                return
            self.page.write_string(row, number, cell, style)
        else:
            self.page.write_number(row, number, cell, style)

    def _note(self, row: int, number: int, note: Mapping[str, Any]) -> None:
        if note:
            self.page.write_string(row, number, json.dumps(note))

    def _rule(
        self, column: Column, first: int, last: int, number: int, *, list_of_none: bool = False
    ) -> None:
        rule = _rule_of(column)
        if rule and not (list_of_none and column.key == ""):
            self.page.data_validation(first, number, last, number, rule)


def _literal_note(item: Column, value: Any) -> dict[str, Any]:
    literal = note_of(value) if item.kind in NUMBERS else None
    return {} if literal is None else {"": literal}


def _rule_of(column: Column) -> dict[str, Any] | None:
    """Return the rule a spreadsheet applies while the column is filled in."""
    if column.kind == "flag":
        return {"validate": "list", "source": ["是", "否"], "error_message": "请选择“是”或“否”。"}
    if column.kind == "choice":
        return {"validate": "list", "source": list(column.choices), "error_message": "请从下拉列表中选择。"}
    if column.kind in ("count", "integer"):
        low = int(column.minimum) if column.minimum is not None else 0
        high = int(column.maximum) if column.maximum is not None else 10**9
        message = f"请输入 {low} 到 {high} 之间的整数。" if column.maximum else "请输入不小于 0 的整数。"
        return {
            "validate": "integer",
            "criteria": "between",
            "minimum": low,
            "maximum": high,
            "error_message": message,
        }
    if column.kind == "share":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
        return rule | {"error_message": "请输入 0% 到 100% 之间的比例。"}
    if column.kind == "amount" and column.minimum is None:
        return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "请输入不小于 0 的数。"}
    return None
