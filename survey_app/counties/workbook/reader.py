"""Read a filled workbook back into a county file, or say everything that is wrong with it."""

import os
from collections.abc import Mapping, Set
from typing import Any

from evaluation.errors import CountyFileError
from evaluation.reading import read_county
from survey_app.counties.workbook import headers
from survey_app.counties.workbook.assembly import Assembly, Path
from survey_app.counties.workbook.cells import BadCellError, Cell, from_cell, is_blank, read_note, says_none
from survey_app.counties.workbook.county_sheets import EMPTIES_LABEL
from survey_app.counties.workbook.faults import Fault, WorkbookError, shown
from survey_app.counties.workbook.layout import COUNTY_SHEET, SCHOOLS, SHEETS
from survey_app.counties.workbook.parsing.addresses import cell_name, cell_place
from survey_app.counties.workbook.shape import FIRST_ROW, Block, Column, Form, Sheet
from survey_app.counties.workbook.sheets import Grid, parse

_SCHOOL_TABLE = next(block for block in SCHOOLS.blocks if isinstance(block, Block))

#: A cell that holds no usable value: blank, or wrong and already reported.
_NOTHING = object()


def read_workbook(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the county file in the workbook at *path*, as `read_with_sources` reads it."""
    return read_with_sources(path)[0]


def read_with_sources(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the county file in the workbook at *path*, checked as every county file is, and its cells.

    Which cell each figure stood in is kept block by block; `sources.cells_of` looks one up.

    What the grid does not show is kept in its hidden notes, so that a county file written by
    `write_workbook` comes back equal, key for key and digit for digit. Blanks around texts are dropped.
    A row that has only its keys (教师, 年级人数, 佐证 …) counts as not filled in yet.

    Raises:
        WorkbookError: with every fault of every sheet.
    """
    grids = parse(path, [sheet.name for sheet in SHEETS])
    faults = [Fault(sheet=sheet.name, rule="missing_sheet") for sheet in SHEETS if sheet.name not in grids]
    assembly = Assembly()
    # Schools first: the other sheets speak of them by code.
    for sheet in (SCHOOLS, *(sheet for sheet in SHEETS if sheet is not SCHOOLS)):
        if sheet.name in grids:
            faults += _SheetReader(sheet, grids[sheet.name], assembly).read()
    document = assembly.finish()
    faults += _county_faults(document, assembly, {(fault.sheet, fault.cell) for fault in faults})
    if faults:
        raise WorkbookError(sorted(faults, key=_order))
    return document, assembly.sources()


def _county_faults(
    document: Mapping[str, Any], assembly: Assembly, known: Set[tuple[str, str]]
) -> list[Fault]:
    """Check the whole as a county file, and lead each fault back to its cell.

    A cell or sheet that has a fault already is not named again: what it lacks follows from that fault.
    """
    try:
        read_county(document)
    except CountyFileError as refused:
        return [
            Fault(
                sheet=sheet,
                cell=cell,
                value=shown(fault.value),
                rule=fault.rule,
                family="county",
                facts=dict(fault.facts) | {"path": fault.where},
            )
            for fault in refused.faults
            for sheet, cell in [assembly.locate(fault.where)]
            if not known or (sheet and (sheet, cell) not in known)
        ]
    return []


def _order(fault: Fault) -> tuple[int, int, int]:
    names = [sheet.name for sheet in SHEETS]
    at = cell_place(fault.cell.split(":")[0]) or (-1, -1)
    return (names.index(fault.sheet) if fault.sheet in names else -1, *at)


class _SheetReader:
    """One sheet while it is read; faults are collected, values go into the assembly."""

    def __init__(self, sheet: Sheet, grid: Grid, assembly: Assembly):
        self.sheet, self.grid, self.assembly = sheet, grid, assembly
        self.faults: list[Fault] = []

    def read(self) -> list[Fault]:
        """Read every block and return the faults; a sheet with moved headers is read no further."""
        wrong = headers.check(self.sheet, self.grid)
        if wrong:
            return wrong
        self.assembly.schools_known |= self.sheet is SCHOOLS
        for block in self.sheet.blocks:
            if isinstance(block, Form):
                self._form(block)
            else:
                for row in range(FIRST_ROW, len(self.grid.rows)):
                    self._row(block, row)
        return self.faults

    def _form(self, form: Form) -> None:
        labels = {item.label: item for item in form.items}
        found: dict[str, int] = {}
        for row in range(FIRST_ROW, len(self.grid.rows)):
            label = headers.plain(self.grid.cell(row, form.start))
            note = read_note(self.grid.cell(row, form.note_column))
            if label == EMPTIES_LABEL and self.sheet is COUNTY_SHEET:
                self.assembly.note_empties((), note)
            elif label in labels:
                if label in found:
                    self._fault(
                        row, form.start, label, "duplicate", first=cell_name(found[label], form.start)
                    )
                found.setdefault(label, row)
                self._item(form, labels[label], row, note.get(""))
            elif label or not is_blank(self.grid.cell(row, form.value_column)):
                self._fault(row, form.start, self.grid.cell(row, form.start), "unknown_row")
        for item in form.items:
            if item.required and item.label not in found:
                self.faults.append(
                    Fault(
                        sheet=self.sheet.name,
                        value=item.label,
                        rule="missing_row",
                        facts={"label": item.label},
                    )
                )

    def _item(self, form: Form, item: Column, row: int, literal: Any) -> None:
        path = tuple(item.key.split("."))
        self.assembly.note_place(path, self.sheet.name, row, form.value_column)
        self.assembly.note_row(path, self.sheet.name, row, {"": form.value_column})
        value = self._value(row, form.value_column, item, literal)
        if value is not _NOTHING:
            self.assembly.put(path, value)

    def _row(self, block: Block, row: int) -> None:
        note = read_note(self.grid.cell(row, block.note_column))
        filled = [
            column for column in block.columns if not is_blank(self.grid.cell(row, block.number(column.key)))
        ]
        if not filled and "" not in note:
            return
        only_keys = all(column.key.startswith("@") for column in filled)
        if only_keys and block.may_wait and "" not in note:
            self._keys(block, row)
            return
        values = self._values(block, row, note)
        record = {key: value for key, value in values.items() if not key.startswith("@")}
        path = (
            self._school(row, record) if block is _SCHOOL_TABLE else self._placed(block, row, values, record)
        )
        if path is None:
            return
        figures = {
            column.key: block.number(column.key) for column in block.columns if not column.key.startswith("@")
        }
        for key, number in figures.items():
            inner = tuple(key.split(".")) if key else ()
            self.assembly.note_place(path + inner, self.sheet.name, row, number)
        self.assembly.note_row(path, self.sheet.name, row, figures)
        self.assembly.note_place(path, self.sheet.name, row, block.start)
        self.assembly.note_empties(path, note)

    def _keys(self, block: Block, row: int) -> None:
        """Check the keys of a row that has nothing else yet."""
        for column in block.keys:
            if not is_blank(self.grid.cell(row, block.number(column.key))):
                self._value(row, block.number(column.key), column)

    def _values(self, block: Block, row: int, note: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column in block.columns:
            number = block.number(column.key)
            if block.says_none and column.key == "" and says_none(self.grid.cell(row, number)):
                values[""] = []
                continue
            literal = note.get(column.key)
            value = self._value(row, number, column, literal if isinstance(literal, str) else None)
            if value is not _NOTHING:
                values[column.key] = value
        return values

    def _value(self, row: int, number: int, column: Column, literal: Any = None) -> Any:
        cell = self.grid.cell(row, number)
        if is_blank(cell):
            if column.required:
                self._fault(row, number, "", "missing", label=column.label)
            return _NOTHING
        try:
            return from_cell(cell, column, literal=literal if isinstance(literal, str) else None)
        except BadCellError as bad:
            self._fault(row, number, cell, bad.rule, label=column.label, **bad.facts)
            return _NOTHING

    def _school(self, row: int, record: Mapping[str, Any]) -> Path:
        number = _SCHOOL_TABLE.number("code")
        path, first = self.assembly.add_school(record, cell_name(row, number))
        if first is not None:
            self._fault(row, number, record["code"], "duplicate", first=first)
        return path

    def _placed(
        self, block: Block, row: int, values: Mapping[str, Any], record: Mapping[str, Any]
    ) -> Path | None:
        """Put a row's record where its keys say, and return the path; None if that is unclear."""
        path = self._path(block, row, values)
        if path is None:
            return None
        last = block.keys[-1] if block.keys else block.columns[0]
        number = block.number(last.key)
        if block.target[-1] == "[]":
            added = self.assembly.append(path, record) if "" in record or block.columns[-1].key else None
            if added is None and "" in record:
                number = block.number("")
                self._fault(row, number, self.grid.cell(row, number), "none_and_values")
            return added
        first = self.assembly.claim(path, cell_name(row, number))
        if first is not None:
            self._fault(row, number, self.grid.cell(row, number), "duplicate", first=first)
            return None
        if record or block.columns[-1].key:
            self.assembly.put_record(path, record)
        return path

    def _path(self, block: Block, row: int, values: Mapping[str, Any]) -> Path | None:
        """Return the path that a row's keys lead to; None when one of them is missing or unknown."""
        path: list[str | int] = []
        for step in block.target:
            if step == "@school" and step in values:
                school = self._school_named(block, row, values)
                if school is None:
                    return None
                path.append(school)
            elif step.startswith("@"):
                if step not in values:
                    return None
                path.extend(values[step].split(".") if step == "@who" else [values[step]])
            elif step != "[]":
                path.append(step)
        return tuple(path)

    def _school_named(self, block: Block, row: int, values: Mapping[str, Any]) -> int | None:
        place = self.assembly.school(values["@school"])
        if place is None:
            if self.assembly.schools_known:
                self._fault(row, block.number("@school"), values["@school"], "unknown_school")
            return None
        name, expected = values.get("@name"), self.assembly.school_name(place)
        if name is not None and expected is not None and name != expected:
            self._fault(row, block.number("@name"), name, "name_differs", expected=expected)
        return place

    def _fault(self, row: int, number: int, value: Cell, rule: str, **facts: Any) -> None:
        fault = Fault(
            sheet=self.sheet.name, cell=cell_name(row, number), value=shown(value), rule=rule, facts=facts
        )
        self.faults.append(fault)
