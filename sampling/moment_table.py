"""Moments of many items in many domains: the small table that all inference runs on.

A scan of the answers gives one table; whatever the answers were scanned by, the table is the same. Since
strata lie inside counties, provinces and the nation are sums of it, without another scan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from sampling.columns import Floats, Indices, crossing, levels, total
from sampling.errors import ArgumentError, ColumnError
from sampling.estimation import Estimate, Inference, infer, listed
from sampling.intervals import METHODS
from sampling.moments import LONELY, Moments

#: The names of the moments, as a scan gives them.
FIELDS = tuple(each.name for each in fields(Moments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column of the answers plays which role."""

    #: The columns to estimate.
    items: tuple[str, ...]
    #: Columns whose combinations form the domains.
    by: tuple[str, ...] = ()
    #: A column in which strata nest, so that moments can be summed over it.
    county: str | None = None
    #: Weights; without them N/n at each stage if *fpc* is given, else 1.
    weight: str | None = None
    #: Strata; without them all rows are one.
    stratum: str | None = None
    #: Primary sampling units, nested in strata; without them each row is one.
    psu: str | None = None
    #: Second-stage units, nested in primary units; without them each row is one.
    ssu: str | None = None
    #: The stratum's number of primary units in the population.
    fpc: str | None = None
    #: The primary unit's number of second-stage units in the population.
    fpc2: str | None = None
    #: What to do with a stratum of one primary unit; see `LONELY`.
    lonely: str = "fail"
    #: Whether every item must be 0 or 1, since an interval for proportions is wanted.
    proportions: bool = False

    def __post_init__(self):
        if not self.items:
            raise ArgumentError("items", value=self.items, rule="must name a column")
        if self.lonely not in LONELY:
            raise ArgumentError("lonely", value=self.lonely, rule=f"must be one of {LONELY}")

    @property
    def design(self) -> dict[str, str | None]:
        """The columns of the design, by role."""
        return {name: getattr(self, name) for name in ("weight", "stratum", "psu", "ssu", "fpc", "fpc2")}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is needed, each once."""
        named = (*self.items, *self.by, self.county, *self.design.values())
        return tuple(dict.fromkeys(name for name in named if name is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentTable:
    """Moments of every item (first index) in every domain (second index)."""

    items: tuple[str, ...]
    #: Item → whether its values are all 0 or 1.
    binary: tuple[bool, ...]
    #: Item → what its values were measured from, which keeps digits when numbers are large.
    shifts: tuple[float, ...]
    #: The columns that form the domains.
    by: tuple[str, ...]
    #: Their levels in each domain, sorted.
    domains: tuple[tuple[Any, ...], ...]
    #: The column among *by* over which moments can be summed, if any.
    county: str | None = None
    #: The moments, items × domains.
    sums: Moments = field(repr=False)

    def method_of(self, item: str, method: str | None = None) -> str:
        """Return the interval method for an item: the one asked for, else that for its kind of values.

        Raises:
            ArgumentError: An unknown item or method.
            ColumnError: A method for proportions, and values other than 0 and 1.
        """
        if item not in self.items:
            raise ArgumentError("item", value=item, rule=f"must be one of {self.items}")
        if method not in (None, *METHODS):
            raise ArgumentError("method", value=method, rule=f"must be one of {tuple(METHODS)}")
        binary = self.binary[self.items.index(item)]
        if method is None:
            return "logit" if binary else "mean"
        if method != "mean" and not binary:
            raise ColumnError(item, rule="not_binary")
        return method

    def infer(self, *, method: str | None = None, level: float = 0.95) -> Inference:
        """Return estimates, standard errors and intervals as arrays, items × domains.

        Args:
            method: `logit` (default for 0/1), `beta`, `wilson` or `mean` (default otherwise).
            level: The intervals' level.

        Raises:
            ArgumentError: An unknown method or level.
            ColumnError: A method for proportions, and values other than 0 and 1.
        """
        if not 0 < level < 1:
            raise ArgumentError("level", value=level, rule="must lie between 0 and 1")
        methods = np.array([self.method_of(item, method) for item in self.items])
        shape = self.sums.n.shape
        found = {each.name: np.empty(shape) for each in fields(Inference)}
        found["exact"] = np.zeros(shape, dtype=bool)
        for name in dict.fromkeys(methods.tolist()):
            items = np.flatnonzero(methods == name)
            sums = Moments(**{each: getattr(self.sums, each)[items].reshape(-1) for each in FIELDS})
            rows = infer(sums, method=name, level=level)
            for each, values in found.items():
                values[items] = getattr(rows, each).reshape(len(items), -1)
        for each in ("estimate", "lower", "upper"):
            found[each] += np.array(self.shifts)[:, np.newaxis]
        return Inference(**found)

    def estimates(self, *, method: str | None = None, level: float = 0.95) -> list[Estimate]:
        """Return one record for each item and domain, in their order; arguments as for `infer`."""
        found = self.infer(method=method, level=level)
        return [
            estimate
            for place, item in enumerate(self.items)
            for estimate in listed(
                Inference(**{each.name: getattr(found, each.name)[place] for each in fields(Inference)}),
                item,
                self.by,
                self.domains,
                method=self.method_of(item, method),
                level=level,
            )
        ]


def sum_moments(
    table: MomentTable, *, into: Callable[[Any], Any] | None = None, name: str | None = None
) -> MomentTable:
    """Sum moments over counties: to the nation, or to provinces.

    >>> from sampling.scan import scan
    >>> answers = {
    ...     "county": ["140522"] * 4 + ["140581"] * 4 + ["430703"] * 4,
    ...     "school": list("aabbccddeeff"),
    ...     "satisfied": [1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1],
    ... }
    >>> roles = Roles(items=("satisfied",), by=("county",), county="county", stratum="county", psu="school")
    >>> counties = scan(answers, roles)
    >>> [round(rate.estimate, 3) for rate in sum_moments(counties).estimates()]
    [0.75]
    >>> provinces = sum_moments(counties, into=lambda code: code[:2], name="province")
    >>> [(rate.by["province"], rate.n) for rate in provinces.estimates()]
    [('14', 8), ('43', 4)]

    Args:
        table: Moments by county, and perhaps by more.
        into: County → the larger area it belongs to; without it the sum is over all counties.
        name: The column of the larger areas; by default it is named like that of the counties.

    Raises:
        ArgumentError: The table is not by county.
    """
    if table.county is None or table.county not in table.by:
        raise ArgumentError("table", value=table.by, rule="must be by county, in which strata nest")
    at = table.by.index(table.county)
    if into is None:
        by, name = (*table.by[:at], *table.by[at + 1 :]), None
        keys = [(*domain[:at], *domain[at + 1 :]) for domain in table.domains]
    else:
        name = name or table.county
        by = (*table.by[:at], name, *table.by[at + 1 :])
        keys = [(*domain[:at], into(domain[at]), *domain[at + 1 :]) for domain in table.domains]
    sums = {each: getattr(table.sums, each) for each in FIELDS}
    domains, sums = gathered(keys, len(by), sums)
    return MomentTable(
        items=table.items,
        binary=table.binary,
        shifts=table.shifts,
        by=by,
        domains=domains,
        county=name,
        sums=Moments(**sums),
    )


def gathered(
    keys: list[tuple[Any, ...]], width: int, sums: Mapping[str, Floats]
) -> tuple[tuple[tuple[Any, ...], ...], dict[str, Floats]]:
    """Return the distinct *keys* of *width* labels, sorted, and arrays summed over equal ones."""
    index, domains = _looked_up(keys, width)
    in_order = len(domains) == len(keys) and bool((index == np.arange(len(keys))).all())
    if in_order:
        return domains, dict(sums)
    return domains, {
        name: np.stack([total(index, row, len(domains)) for row in rows]) for name, rows in sums.items()
    }


def _looked_up(keys: list[tuple[Any, ...]], width: int) -> tuple[Indices, tuple[tuple[Any, ...], ...]]:
    if not width or not keys:
        return np.zeros(len(keys), dtype=np.intp), ((),) * min(1, len(keys)) if not width else ()
    parts = []
    for place in range(width):
        column = np.empty(len(keys), dtype=object)
        column[:] = [key[place] for key in keys]
        parts.append(levels({"": column}, ""))
    kept, index = crossing(parts)
    positions = np.unravel_index(kept, [len(part.labels) for part in parts])
    columns = [[part.labels[i] for i in places] for part, places in zip(parts, positions, strict=True)]
    return index, tuple(zip(*columns, strict=True))
