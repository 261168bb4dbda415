"""In which cell of the workbook every figure stood: kept beside a county file, looked up by its place.

Kept block by block, so that a county of hundreds of schools takes some kilobytes: which column holds which
figure, and which row describes which school (or class, year, item of a form).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: One block: its sheet, figure → letters of its column, place of a row → its number as spreadsheets count.
Block = Mapping[str, Any]


def cells_of(blocks: Sequence[Block], place: str) -> tuple[str, ...]:
    """Give the cells in which the figure at *place* stood, written as ``班级!D4``; none where unknown.

    A list gives the cells of its members, a run of them as ``班级!D4:D9``; the coefficients of a year are
    named by the year, but kept by their row.

    >>> school = {"sheet": "学校", "columns": {"pupils.primary": "P"}, "rows": {"schools[A]": 4}}
    >>> classes = {"sheet": "班级", "columns": {"": "D"}, "rows": {"schools[A].class_sizes.primary[0]": 4}}
    >>> classes["rows"]["schools[A].class_sizes.primary[1]"] = 5
    >>> cells_of([school, classes], "schools[A].pupils.primary")
    ('学校!P4',)
    >>> cells_of([school, classes], "schools[A].class_sizes.primary")
    ('班级!D4:D5',)
    """
    for block in blocks:
        for row, number in block["rows"].items():
            rest = _below(place, row)
            if rest is not None and rest in block["columns"]:
                return (f"{block['sheet']}!{block['columns'][rest]}{number}",)
    return tuple(cell for block in blocks for cell in _members(block, place))


def joined(cells: Iterable[str]) -> tuple[str, ...]:
    """Put neighbours in one column of one sheet together.

    >>> joined(["学校!P4", "学校!P5", "学校!P9", "教师!D4", "教师!E4"])
    ('学校!P4:P5', '学校!P9', '教师!D4', '教师!E4')
    """
    columns: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        sheet, _, names = cell.partition("!")
        first, _, last = names.partition(":")
        letters = first.rstrip("0123456789")
        numbers = range(int(first[len(letters) :]), int((last or first)[len(letters) :]) + 1)
        columns.setdefault((sheet, letters), []).extend(numbers)
    return tuple(run for (sheet, letters), rows in columns.items() for run in _runs(sheet, letters, rows))


def _runs(sheet: str, letters: str, rows: Sequence[int]) -> Iterable[str]:
    """Rows of a column, the neighbours among them as one run."""
    known = set(rows)
    ordered = sorted(known)
    starts = [row for row in ordered if row - 1 not in known]
    ends = [row for row in ordered if row + 1 not in known]
    for first, last in zip(starts, ends, strict=True):
        yield f"{sheet}!{letters}{first}" + (f":{letters}{last}" if last > first else "")


def _below(place: str, row: str) -> str | None:
    """What of *place* is left below *row*; None where it is not in it."""
    if place == row:
        return ""
    return place[len(row) + 1 :] if place.startswith(f"{row}.") else None


def _members(block: Block, place: str) -> Iterable[str]:
    """Cells of a list's members."""
    rows = [number for row, number in block["rows"].items() if row.startswith(f"{place}[")]
    letters = block["columns"].get("") or next(iter(block["columns"].values()))
    return _runs(block["sheet"], letters, rows)
