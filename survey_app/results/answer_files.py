"""Answers in CSV files, read strictly: every cell that is wanted is text, a number or empty."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sampling import ColumnError
from survey_app.counties.workbook.faults import Fault, shown

#: A number as people write it; no thousands, no underscores, no "nan".
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)

#: A population without end, where units were drawn as if from one.
_INFINITE = {"inf", "Inf", "INF"}


class AnswerFileError(Exception):
    """A file of answers cannot be read; *fault* says where and why."""

    code = "answer_file_refused"

    def __init__(self, rule: str, *, path: Path, value: str = "", **facts: Any):
        self.fault = Fault(rule=rule, family="estimate", value=value, facts={"path": str(path), **facts})
        super().__init__(f"{path}: {rule} {value!r} {facts}")


def read_csv(
    path: Path, *, numbers: Collection[str], labels: Iterable[str], counts: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the named columns of a CSV file, empty cells as missing.

    Args:
        path: The file, in UTF-8, with a header.
        numbers: Columns of numbers.
        labels: Columns of labels, kept as they are written.
        counts: Columns of numbers that may be infinite.

    Raises:
        AnswerFileError: No UTF-8, no header, a name twice, or a row of another length.
        ColumnError: A column is not there, or an entry is no number.
    """
    rows = _rows(path)
    header = next(rows, [])
    if not any(header):
        raise AnswerFileError("empty_file", path=path)
    if twice := [name for place, name in enumerate(header) if name in header[:place]]:
        raise AnswerFileError("header_twice", path=path, value=twice[0])
    entries = list(rows)
    for number, row in enumerate(entries, 1):
        if len(row) != len(header):
            raise AnswerFileError("row_length", path=path, row=number, found=len(row), wanted=len(header))
    labels, counts = list(labels), list(counts)
    table: dict[str, Any] = {}
    for name in dict.fromkeys([*numbers, *labels, *counts]):
        if name not in header:
            raise ColumnError(name, rule="unknown", value=header)
        column = [row[header.index(name)] for row in entries]
        if name in labels and name not in numbers:
            table[name] = np.array([cell if cell.strip() else None for cell in column], dtype=object)
        else:
            table[name] = _floats(name, column, infinite=name in counts)
    return table


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnswerFileError("not_utf8", path=path, position=error.start) from error
    except OSError as error:
        raise AnswerFileError("unreadable", path=path, value=shown(error.strerror)) from error
    try:
        yield from (row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row)
    except csv.Error as error:
        raise AnswerFileError("not_csv", path=path, value=shown(error)) from error


def _floats(name: str, column: list[str], *, infinite: bool) -> np.ndarray:
    values = np.full(len(column), np.nan)
    for row, cell in enumerate(column):
        if _NUMBER.fullmatch(cell):
            values[row] = float(cell)
        elif infinite and cell.strip() in _INFINITE:
            values[row] = np.inf
        elif cell.strip():
            raise ColumnError(name, rule="not_a_number", row=row + 1, value=shown(cell))
    return values
