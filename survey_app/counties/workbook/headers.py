"""Are a sheet's headers where they belong, so that every number is read as what it is?"""

from collections.abc import Mapping

from survey_app.counties.workbook.cells import Cell
from survey_app.counties.workbook.faults import Fault, shown
from survey_app.counties.workbook.parsing.addresses import cell_name, cell_place
from survey_app.counties.workbook.shape import HEADER_ROW, NOTE_LABEL, Form, Sheet
from survey_app.counties.workbook.sheets import Grid


def plain(cell: Cell) -> str:
    r"""Return a header's or label's words without line breaks, blanks and the mark of required ones.

    >>> plain(" 学校代码\n*"), plain(None)
    ('学校代码', '')
    """
    return "" if cell is None else "".join(str(cell).split()).rstrip("*＊")


def check(sheet: Sheet, grid: Grid) -> list[Fault]:
    """Return what is wrong with the headers, and merged cells from the headers down."""
    expected, notes = _expected(sheet)
    width = max((len(row) for row in grid.rows), default=0)
    actual = {number: text for number in range(width) if (text := plain(grid.cell(HEADER_ROW, number)))}
    in_place = {expected[number] for number, text in actual.items() if expected.get(number) == text}
    strays = {
        text: number
        for number, text in actual.items()
        if expected.get(number) != text and not (number in notes and text == NOTE_LABEL)
    }
    faults = [
        _misplaced(sheet, number, label, actual.get(number, ""), strays, in_place)
        for number, label in expected.items()
        if actual.get(number) != label
    ]
    faults += [
        _fault(sheet, number, text, "duplicate_header" if text in in_place else "unknown_header")
        for text, number in strays.items()
        if number not in expected and (text in in_place or text not in expected.values())
    ]
    faults += [
        Fault(sheet=sheet.name, cell=merged, rule="merged_cells", facts={"range": merged})
        for merged in grid.merged
        if (last := cell_place(merged.split(":")[-1])) is not None and last[0] >= HEADER_ROW
    ]
    return faults


def _expected(sheet: Sheet) -> tuple[dict[int, str], set[int]]:
    """Return the header of every column by number, and the columns of the hidden notes."""
    expected: dict[int, str] = {}
    notes = set()
    for block in sheet.blocks:
        labels = block.HEADERS if isinstance(block, Form) else [column.header for column in block.columns]
        expected |= {number: plain(label) for number, label in enumerate(labels, start=block.start)}
        notes.add(block.note_column)
    return expected, notes


def _misplaced(
    sheet: Sheet, number: int, label: str, found: str, strays: Mapping[str, int], in_place: set[str]
) -> Fault:
    """Say why the header at a column is not the expected one."""
    if label in strays:
        at = cell_name(HEADER_ROW, strays[label])
        return _fault(sheet, number, found, "header_moved", expected=label, found=at)
    if found in in_place:
        return _fault(sheet, number, found, "duplicate_header", expected=label)
    return _fault(sheet, number, found, "header_changed" if found else "header_missing", expected=label)


def _fault(sheet: Sheet, number: int, value: str, rule: str, **facts: str) -> Fault:
    cell = cell_name(HEADER_ROW, number)
    return Fault(sheet=sheet.name, cell=cell, value=shown(value), rule=rule, facts=facts)
