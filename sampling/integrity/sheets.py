"""Questionnaires as the tests of integrity read them: ratings by school, in an order of their own.

Rows are sorted by stratum, school and answers, so that nothing that follows can depend on the order in which
they came: rows that are alike in all of that are the same row to every test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from sampling.columns import Floats, Indices, Levels, Table, levels, row_count
from sampling.ratings import Ratings, read_ratings, row_means

#: A school with fewer questionnaires than this is not tested.
FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A school, a batch or a stratum; the whole county where both are None."""

    stratum: Any = None
    school: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schools:
    """Rows by school, in the order in which they were sorted."""

    #: Row → school.
    school: Indices
    #: School → stratum.
    stratum: Indices
    #: School → its name and stratum.
    places: tuple[Place, ...]

    @property
    def sizes(self) -> Indices:
        """School → its rows."""
        return np.bincount(self.school, minlength=len(self.places))

    @property
    def rows_by_stratum(self) -> list[Indices]:
        """The rows of each stratum."""
        own = self.stratum[self.school]
        return [np.flatnonzero(own == stratum) for stratum in range(int(self.stratum.max()) + 1)]

    def where(self, rows: np.ndarray) -> Schools:
        """Return the same schools with some of the rows."""
        return Schools(school=self.school[rows], stratum=self.stratum, places=self.places)


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """One form's questionnaires; made by `read_sheets`."""

    schools: Schools
    ratings: Ratings
    #: Other columns, in the same order of rows.
    beside: Mapping[str, Levels]

    @cached_property
    def scores(self) -> Floats:
        """Row → the mean of its ratings, reversed items turned; NaN without any."""
        return row_means(self.ratings.values)


def read_sheets(
    columns: Table,
    *,
    items: Sequence[str],
    school: str,
    stratum: str | None = None,
    reversed_items: Sequence[str] = (),
    scale: tuple[int, int] = (1, 5),
    beside: Sequence[str] = (),
) -> Sheets:
    """Read one form's questionnaires.

    Args:
        columns: Name → one entry for each questionnaire.
        items: The rating items; None or NaN where there is no rating.
        school: The column of the schools.
        stratum: The column of the strata, in which schools nest.
        reversed_items: Those of the items that say something bad.
        scale: The lowest and the highest code.
        beside: Other columns that tests will look at: facts, duration bands.

    Raises:
        ColumnError: A column is unknown, a school is missing, or a code is no whole number on the scale.
        ArgumentError: No items, an item named twice, or a reversed item that is none of them.
    """
    names = [*items, school, *([stratum] if stratum else []), *beside]
    rows = row_count(columns, names)
    ratings = read_ratings(columns, items=items, reversed_items=reversed_items, scale=scale)
    others = {name: levels(columns, name, missing=True) for name in beside}
    schools = levels(columns, school)
    strata = Levels(index=np.zeros(rows, np.intp), labels=(None,))
    if stratum is not None:
        strata = levels(columns, stratum)
    content = [each.index for each in others.values()][::-1] + list(np.nan_to_num(ratings.codes).T[::-1])
    order = np.lexsort((*content, schools.index, strata.index))
    return Sheets(
        schools=schools_of(strata, schools, order),
        ratings=replace(ratings, codes=ratings.codes[order]),
        beside={name: Levels(index=each.index[order], labels=each.labels) for name, each in others.items()},
    )


def schools_of(strata: Levels, schools: Levels, order: Indices) -> Schools:
    """Return rows in *order* by school; a school is one in each stratum it occurs in."""
    pairs, school = np.unique(
        strata.index[order] * len(schools.labels) + schools.index[order], return_inverse=True
    )
    of_stratum, of_school = np.divmod(pairs, len(schools.labels))
    return Schools(
        school=school.reshape(-1),
        stratum=of_stratum,
        places=tuple(
            Place(stratum=strata.labels[high], school=schools.labels[low])
            for high, low in zip(of_stratum, of_school, strict=True)
        ),
    )
