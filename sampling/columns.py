"""Columns of a table as numpy arrays, checked once at the door."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.errors import ColumnError

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def row_count(table: Table, names: Sequence[str]) -> int:
    """Return the common length of the named columns.

    Raises:
        ColumnError: A column is unknown, empty, or not as long as the first.
    """
    lengths = {}
    for name in names:
        if name not in table:
            raise ColumnError(name, rule="unknown", value=sorted(map(str, table)))
        column = table[name]
        lengths[name] = len(column.index if isinstance(column, Levels) else np.asarray(column))
    first = next(iter(lengths.values()))
    for name, length in lengths.items():
        if length == 0:
            raise ColumnError(name, rule="empty", value=0)
        if length != first:
            raise ColumnError(name, rule="length", value=length)
    return first


def numbers(table: Table, name: str, *, infinite: bool = False) -> Floats:
    """Return a column as floats, NaN where it is missing (None, NaN or masked).

    Args:
        table: The columns.
        name: The column.
        infinite: Whether an entry may be infinite.

    Raises:
        ColumnError: An entry is no number or infinite.
    """
    column = table[name]
    if isinstance(column, Levels):
        column = column.entries()
    if isinstance(column, np.ma.MaskedArray) and column.dtype.kind in "biuf":
        values = np.ma.filled(column.astype(np.float64), np.nan)
    else:
        try:
            values = np.asarray(column, dtype=np.float64)
        except (TypeError, ValueError):
            values = np.array([_number(name, row, entry) for row, entry in enumerate(np.asarray(column), 1)])
    if not infinite:
        refuse(name, np.isinf(values), values, "infinite")
    return values


def _number(name: str, row: int, entry: Any) -> float:
    try:
        return math.nan if entry is None else float(entry)
    except (TypeError, ValueError):
        raise ColumnError(name, rule="not_a_number", row=row, value=entry) from None


def amounts(table: Table, name: str, *, infinite: bool = False) -> Floats:
    """Return a column of numbers that must be there and must not be negative.

    Args:
        table: The columns.
        name: The column.
        infinite: Whether an entry may be infinite.

    Raises:
        ColumnError: An entry is missing, negative, infinite or no number.
    """
    values = numbers(table, name, infinite=infinite)
    refuse(name, np.isnan(values), values, "missing")
    refuse(name, values < 0, values, "negative")
    return values


def total(index: Indices, terms: Floats, size: int) -> Floats:
    """Return the sum of *terms* for each index below *size*."""
    return np.bincount(index, weights=terms, minlength=size).astype(np.float64, copy=False)


def count(index: Indices, size: int) -> Floats:
    """Return how often each index below *size* occurs."""
    return np.bincount(index, minlength=size).astype(np.float64)


def refuse(name: str, broken: NDArray[np.bool_], values: NDArray[Any], rule: str) -> None:
    """Refuse the first row where *broken* is true.

    Raises:
        ColumnError: Naming the column, the row from 1, the value and the rule.
    """
    if broken.any():
        row = int(np.argmax(broken))
        value = values[row]
        raise ColumnError(name, rule=rule, row=row + 1, value=getattr(value, "item", lambda: value)())


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """A column of labels: each row's index among the sorted labels, −1 where it is missing."""

    #: Row → index of its label.
    index: Indices
    #: The labels.
    labels: tuple[Any, ...]

    def entries(self) -> NDArray[Any]:
        """Return each row's label, None where it is missing."""
        labels = np.empty(len(self.labels) + 1, dtype=object)
        labels[:-1] = self.labels
        return labels[self.index]


#: Name → a column; one of labels may be given as `Levels`, already looked up.
Table = Mapping[str, ArrayLike | Levels]


def distinct(numbers: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Return the distinct *numbers* in order, and the place of each among them.

    Like `numpy.unique`, but without sorting where the numbers are in order or lie close together.

    >>> distinct(np.array([7, 3, 7, 5]))
    (array([3, 5, 7]), array([2, 0, 2, 1]))
    """
    if len(numbers) and not (numbers[1:] < numbers[:-1]).any():
        new = np.empty(len(numbers), dtype=bool)
        new[0] = True
        np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
        return numbers[new], np.cumsum(new, dtype=np.intp) - 1
    if len(numbers) and numbers.dtype != np.uint64:
        low, high = int(numbers.min()), int(numbers.max())
        if high - low < 4 * len(numbers):
            above = numbers.astype(np.intp) - low
            occurs = np.bincount(above) > 0
            found = (np.flatnonzero(occurs) + low).astype(numbers.dtype)
            return found, (np.cumsum(occurs, dtype=np.intp) - 1)[above]
    found, place = np.unique(numbers, return_inverse=True)
    return found, place.reshape(-1)


def levels(table: Table, name: str, *, missing: bool = False) -> Levels:
    """Return a column of labels.

    Args:
        table: The columns.
        name: The column.
        missing: Whether an entry may be missing (None or NaN).

    Raises:
        ColumnError: An entry is missing and must not be.
    """
    column = table[name]
    if isinstance(column, Levels):
        found = column
    elif (values := np.asarray(column)).dtype.kind == "O":
        found = _object_levels(values)
    elif values.dtype.kind in "iu" and not np.ma.isMaskedArray(column):
        labels, index = distinct(values)
        found = Levels(index=index, labels=tuple(labels.tolist()))
    else:
        labels, index = np.unique(values, return_inverse=True)
        found = Levels(index=index.reshape(-1), labels=tuple(labels.tolist()))
        if values.dtype.kind == "f" and np.isnan(values).any():
            known = int(np.count_nonzero(~np.isnan(labels)))
            index = np.where(np.isnan(values), -1, found.index)
            found = Levels(index=index, labels=found.labels[:known])
    if not missing and (found.index < 0).any():
        refuse(name, found.index < 0, found.entries(), "missing")
    return found


def _object_levels(values: NDArray[Any]) -> Levels:
    present = {entry for entry in values if not _is_missing(entry)}
    labels = sorted(present, key=lambda label: (type(label).__name__, label))
    position = {label: place for place, label in enumerate(labels)}
    index = [-1 if _is_missing(entry) else position[entry] for entry in values]
    return Levels(index=np.array(index, dtype=np.intp), labels=tuple(labels))


def _is_missing(entry: Any) -> bool:
    return entry is None or (isinstance(entry, float) and math.isnan(entry))


def crossing(parts: Sequence[Levels]) -> tuple[Indices, Indices]:
    """Return the combinations of several columns' labels that occur, and the place of each row among them.

    A combination is one number, the places of its labels as digits. A row that misses any label is at −1.
    """
    index = np.zeros_like(parts[0].index)
    present = np.ones(len(index), dtype=bool)
    for part in parts:
        index = index * len(part.labels) + part.index
        present &= part.index >= 0
    if present.all():
        return distinct(index)
    kept, inverse = distinct(index[present])
    result = np.full(len(index), -1, dtype=np.intp)
    result[present] = inverse
    return kept, result


def crossed(parts: Sequence[Levels]) -> Levels:
    """Return the combinations of several columns' labels that occur, as tuples, sorted.

    A row that misses any of them has none.
    """
    kept, index = crossing(parts)
    sizes = [len(part.labels) for part in parts]
    positions = np.unravel_index(kept, sizes) if len(kept) else [()] * len(parts)
    columns = [[part.labels[i] for i in places] for part, places in zip(parts, positions, strict=True)]
    return Levels(index=index, labels=tuple(zip(*columns, strict=True)))
