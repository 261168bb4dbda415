"""A filled sheet turned into rows of values, or into every fault it has."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from survey_app.counties.workbook import headers
from survey_app.counties.workbook.cells import BadCellError, Cell, from_cell, is_blank
from survey_app.counties.workbook.faults import Fault, WorkbookError, shown
from survey_app.counties.workbook.parsing.addresses import cell_name, cell_place
from survey_app.counties.workbook.shape import FIRST_ROW, HEADER_ROW, Block, Column, Sheet
from survey_app.counties.workbook.sheets import Grid, parse
from survey_app.errors import JunhengError, RefusedInputError
from survey_app.fieldwork.frames.lists.delimited import cells_of

_MEGABYTE = 1024 * 1024

#: Largest file of each kind, in bytes: a list for every class of a thousand schools needs a tenth of it.
LARGEST = {".xlsx": 16 * _MEGABYTE, ".csv": 16 * _MEGABYTE}

#: Columns whose content is personal: a fault names the cell and never shows it.
PERSONAL = frozenset({"person", "phone"})

#: Telephone numbers are often typed as numbers; those of mobile telephones lose nothing by it.
_MOBILE = range(10_000_000_000, 20_000_000_000)


class UnfitListError(JunhengError):
    """The upload is not a file that could be read at all."""

    code = "list_upload_missing"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A filled row: its values by column key, and where it stands."""

    values: Mapping[str, Any]
    sheet: str
    #: Counted from 0.
    row: int
    block: Block
    #: Columns whose cells are wrong already.
    broken: frozenset[str] = frozenset()

    def lacks(self, key: str) -> bool:
        """Whether nothing stands in the column *key*; what is wrong there counts as something."""
        return key not in self.values and key not in self.broken

    def cell(self, key: str) -> str:
        """The name of the cell in the column *key*."""
        return cell_name(self.row, self.block.number(key))

    def fault(self, key: str, rule: str, *, family: str = "lists", **facts: Any) -> Fault:
        """Something wrong with the value in the column *key*."""
        column = next(one for one in self.block.columns if one.key == key)
        value = self.values.get(key)
        words = column.words.get(value, value) if column.choices else value
        return Fault(
            sheet=self.sheet,
            cell=self.cell(key),
            value="" if key in PERSONAL else shown(words),
            rule=rule,
            family=family,
            facts={"label": column.label, **facts},
        )


def read_rows(content: bytes, name: str, sheet: Sheet) -> tuple[list[ListRow], list[Fault]]:
    """Return the filled rows of *sheet* in an uploaded file called *name*, and the faults of single cells.

    Raises:
        UnfitListError: no content, a file of another kind, or one too large.
        RefusedInputError: with every fault of a file whose rows cannot be told.
    """
    kind = Path(name).suffix.lower()
    if not name:
        raise UnfitListError
    if kind not in LARGEST:
        raise UnfitListError("list_upload_kind", name=name)
    if len(content) > LARGEST[kind]:
        raise UnfitListError("upload_large", name=name, most=LARGEST[kind] // _MEGABYTE)
    try:
        return _from_csv(content, sheet) if kind == ".csv" else _from_workbook(content, sheet)
    except WorkbookError as refused:
        raise RefusedInputError(refused.faults) from refused


def _from_workbook(content: bytes, sheet: Sheet) -> tuple[list[ListRow], list[Fault]]:
    with tempfile.TemporaryDirectory(prefix="junheng-upload-") as folder:
        path = Path(folder) / "lists.xlsx"
        path.write_bytes(content)
        grids = parse(path, [sheet.name])
    if sheet.name not in grids:
        raise WorkbookError([Fault(sheet=sheet.name, rule="missing_sheet")])
    return _rows(sheet, grids[sheet.name])


def _from_csv(content: bytes, sheet: Sheet) -> tuple[list[ListRow], list[Fault]]:
    """Read the cells as those of a sheet whose title rows are missing."""
    rows = cells_of(content)
    missing: list[list[Cell]] = [[] for _ in range(HEADER_ROW)]
    grid = Grid(rows=[*missing, *([cell or None for cell in row] for row in rows)], merged=())
    try:
        found, faults = _rows(sheet, grid)
    except WorkbookError as refused:
        raise WorkbookError(_moved(fault) for fault in refused.faults) from refused
    moved = [replace(row, sheet="", row=row.row - HEADER_ROW) for row in found]
    return moved, [_moved(fault) for fault in faults]


def _moved(fault: Fault) -> Fault:
    """The fault with its cell as it is counted in a CSV file."""
    facts = {key: _lifted(fact) if key in ("found", "first") else fact for key, fact in fault.facts.items()}
    return replace(fault, sheet="", cell=_lifted(fault.cell), facts=facts)


def _lifted(cell: str) -> str:
    at = cell_place(cell)
    return cell if at is None else cell_name(at[0] - HEADER_ROW, at[1])


def _rows(sheet: Sheet, grid: Grid) -> tuple[list[ListRow], list[Fault]]:
    (block,) = sheet.blocks
    assert isinstance(block, Block)  # noqa: S101  both sheets of `shape` are tables
    wrong = headers.check(sheet, grid)
    if wrong:
        raise WorkbookError(wrong)
    found: list[ListRow] = []
    faults: list[Fault] = []
    for row in range(FIRST_ROW, len(grid.rows)):
        if all(is_blank(cell) for cell in grid.rows[row]):
            continue
        values: dict[str, Any] = {}
        broken = set()
        for column in block.columns:
            value = _value(sheet, block, grid, row, column)
            if isinstance(value, Fault):
                faults.append(value)
                broken.add(column.key)
            elif value is not None:
                values[column.key] = value
        faults += _strays(sheet, block, grid, row)
        found.append(ListRow(values=values, sheet=sheet.name, row=row, block=block, broken=frozenset(broken)))
    if not found:
        raise WorkbookError([Fault(sheet=sheet.name, rule="empty", family="lists")])
    return found, faults


def _strays(sheet: Sheet, block: Block, grid: Grid, row: int) -> Iterator[Fault]:
    """Cells beyond the table; the hidden column of the template keeps how numbers were written."""
    for at, cell in enumerate(grid.rows[row]):
        if at > block.note_column and not is_blank(cell):
            yield Fault(
                sheet=sheet.name,
                cell=cell_name(row, at),
                value=shown(cell),
                rule="stray_cell",
                family="lists",
            )


def _value(sheet: Sheet, block: Block, grid: Grid, row: int, column: Column) -> Any:
    """The value of a cell, None where nothing stands in it, or what is wrong with it."""
    number = block.number(column.key)
    cell = grid.cell(row, number)
    place = {"sheet": sheet.name, "cell": cell_name(row, number)}
    if is_blank(cell):
        missing = Fault(**place, rule="missing", facts={"label": column.label})
        return missing if column.required else None
    try:
        return from_cell(_as_text(cell) if column.key == "phone" else cell, column)
    except BadCellError as bad:
        value = "" if column.key in PERSONAL else shown(cell)
        facts = {
            key: fact for key, fact in bad.facts.items() if column.key not in PERSONAL or key != "suggestion"
        }
        return Fault(**place, value=value, rule=bad.rule, facts={"label": column.label, **facts})


def _as_text(cell: Cell) -> Cell:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell in _MOBILE:
        return str(int(cell))
    return cell
