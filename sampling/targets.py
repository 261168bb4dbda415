"""Known totals that weights are fitted to: sizes of groups, and totals of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.columns import Floats, Indices, Table, crossed, levels, numbers, refuse, total
from sampling.errors import ArgumentError, CalibrationError

#: Margins of one population must add up to the same size, but for the rounding of floats.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One known total and how the weights meet it."""

    #: The column, or several joined by " × "; "size" for the number of people.
    margin: str
    #: The level of a margin; None for the total of a number.
    level: Any
    #: The known total.
    wanted: float
    #: What the weights before add up to.
    before: float
    #: What the fitted weights add up to.
    achieved: float

    @property
    def scale(self) -> float:
        """What a misfit is measured against: the wanted total, or what there was if nothing is wanted."""
        return abs(self.wanted) or abs(self.before) or 1.0

    @property
    def misfit(self) -> float:
        """How far the total is missed, as a share of it."""
        return abs(self.achieved - self.wanted) / self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The known sizes of one grouping, and where each row belongs."""

    #: The column, or several joined by " × ".
    name: str
    #: The groups.
    labels: tuple[Any, ...]
    #: Group → its size in the population.
    wanted: Floats
    #: Row → its group.
    index: Indices

    @property
    def indicators(self) -> Floats:
        """Rows × groups: 1 where the row belongs to the group."""
        return np.equal.outer(self.index, np.arange(len(self.labels))).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericTotal:
    """The known total of one column of numbers."""

    name: str
    wanted: Floats
    values: Floats

    @property
    def labels(self) -> tuple[None]:
        """A number has no levels."""
        return (None,)

    @property
    def indicators(self) -> Floats:
        """Rows × 1: the numbers."""
        return self.values[:, np.newaxis]


Wanted = Margin | NumericTotal


def read_margins(
    columns: Table, margins: Mapping[str | tuple[str, ...], Mapping[Any, float]], *, base: Floats
) -> list[Margin]:
    """Return the margins as they stand in the rows.

    Args:
        columns: The columns.
        margins: Column, or tuple of columns → level → size in the population.
        base: Row → its weight before.

    Raises:
        ColumnError: A column is unknown or misses an entry.
        CalibrationError: A group without respondents or without a size, a size that is not above 0, or
            margins of different populations.
    """
    read = [_margin(columns, key, sizes, base) for key, sizes in margins.items()]
    for margin in read[1:]:
        first, size = float(read[0].wanted.sum()), float(margin.wanted.sum())
        if abs(size - first) > _SAME * first:
            raise CalibrationError(margin.name, rule="sums_differ", wanted=first, found=size)
    return read


def _margin(columns: Table, key: str | tuple[str, ...], sizes: Mapping[Any, float], base: Floats) -> Margin:
    if isinstance(key, str):
        name, found = key, levels(columns, key)
    else:
        name, found = " × ".join(key), crossed([levels(columns, one) for one in key])
    present = total(found.index, base, len(found.labels))
    for level, size in sizes.items():
        if not _is_size(size):
            raise CalibrationError(name, level=level, rule="not_a_size", wanted=size)
        people = present[found.labels.index(level)] if level in found.labels else 0.0
        if size > 0 and not people:
            raise CalibrationError(name, level=level, rule="no_respondents", wanted=float(size), found=0.0)
    for level, people in zip(found.labels, present.tolist(), strict=True):
        if people and not sizes.get(level):
            raise CalibrationError(
                name, level=level, rule="zero_total" if level in sizes else "no_total", found=people
            )
    return Margin(
        name=name,
        labels=found.labels,
        wanted=np.array([float(sizes.get(level, 0)) for level in found.labels]),
        index=found.index,
    )


def _is_number(total: Any) -> bool:
    try:
        return math.isfinite(total)
    except TypeError:
        return False


def _is_size(size: Any) -> bool:
    return _is_number(size) and size >= 0


def numeric_targets(
    columns: Table,
    totals: Mapping[str, float],
    size: float | None,
    margins: Sequence[Margin],
    *,
    rows: int,
) -> list[NumericTotal]:
    """Return the totals of numbers, and the population's size where it is given.

    Raises:
        ColumnError: An entry is missing or no number.
        CalibrationError: A size other than that of the margins.
        ArgumentError: A total that is no finite number, or a size that is not above 0.
    """
    found = []
    if size is not None:
        if not _is_size(size) or not size:
            raise ArgumentError("size", value=size, rule="must be a number above 0")
        for margin in margins:
            if abs(margin.wanted.sum() - size) > _SAME * size:
                raise CalibrationError(
                    margin.name, rule="sums_differ", wanted=float(size), found=float(margin.wanted.sum())
                )
        found.append(NumericTotal(name="size", wanted=np.array([float(size)]), values=np.ones(rows)))
    for name, wanted in totals.items():
        if not _is_number(wanted):
            raise ArgumentError(f"totals {name}", value=wanted, rule="must be a finite number")
        values = numbers(columns, name)
        refuse(name, np.isnan(values), values, "missing")
        if not values.any():
            raise CalibrationError(name, rule="no_respondents", wanted=float(wanted), found=0.0)
        found.append(NumericTotal(name=name, wanted=np.array([float(wanted)]), values=values))
    return found


def measured(wanted: Sequence[Wanted], *, base: Floats, weights: Floats) -> tuple[Target, ...]:
    """Return every total as it is wanted, was before and is now."""
    return tuple(
        Target(margin=one.name, level=level, wanted=size, before=before, achieved=achieved)
        for one in wanted
        for level, size, before, achieved in zip(
            one.labels,
            one.wanted.tolist(),
            (base @ one.indicators).tolist(),
            (weights @ one.indicators).tolist(),
            strict=True,
        )
    )
