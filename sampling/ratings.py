"""Ratings as numbers: the codes that were ticked, and items turned that say something bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sampling.columns import Floats, Table, numbers, refuse
from sampling.errors import ArgumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """One form's rating items, rows × items; made by `read_ratings`."""

    #: As ticked, NaN where there is no rating.
    codes: Floats
    #: Item → whether it says something bad.
    turned: np.ndarray
    #: The lowest and the highest code.
    scale: tuple[int, int]

    @property
    def values(self) -> Floats:
        """The codes with reversed items turned: the highest is the best everywhere."""
        return np.where(self.turned, sum(self.scale) - self.codes, self.codes)

    @property
    def rated(self) -> np.ndarray:
        """Where there is a rating."""
        return ~np.isnan(self.codes)


def read_ratings(
    columns: Table,
    *,
    items: Sequence[str],
    reversed_items: Sequence[str] = (),
    scale: tuple[int, int] = (1, 5),
) -> Ratings:
    """Read rating items.

    >>> answers = {"fees": [5, 4, None], "gap": [1, 5, 2]}
    >>> read_ratings(answers, items=["fees", "gap"], reversed_items=["gap"]).values.tolist()
    [[5.0, 5.0], [4.0, 1.0], [nan, 4.0]]

    Args:
        columns: Name → one entry for each questionnaire.
        items: The columns; None or NaN where there is no rating.
        reversed_items: Those of them that say something bad.
        scale: The lowest and the highest code.

    Raises:
        ColumnError: A code is no whole number on the scale.
        ArgumentError: No items, an item named twice, a reversed item that is none of them, or no scale.
    """
    if not items or len(set(items)) < len(items):
        raise ArgumentError("items", value=list(items), rule="must name columns, each once")
    if unknown := sorted(set(reversed_items) - set(items)):
        raise ArgumentError("reversed_items", value=unknown, rule="must be among the items")
    if not scale[0] < scale[1]:
        raise ArgumentError("scale", value=scale, rule="must go from a lower to a higher code")
    return Ratings(
        codes=np.stack([_codes(columns, item, scale) for item in items], axis=1),
        turned=np.array([item in reversed_items for item in items]),
        scale=scale,
    )


def _codes(columns: Table, item: str, scale: tuple[int, int]) -> Floats:
    values = numbers(columns, item)
    known = ~np.isnan(values)
    refuse(item, known & ((values < scale[0]) | (values > scale[1])), values, "off_scale")
    refuse(item, known & (values != np.round(values)), values, "not_whole")
    return values


def row_means(values: Floats) -> Floats:
    """Return the mean of each row's numbers; NaN in a row without any.

    >>> row_means(np.array([[4.0, np.nan, 5.0], [np.nan, np.nan, np.nan]])).tolist()
    [4.5, nan]
    """
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
