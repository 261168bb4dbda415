"""The scan in memory: the moments of many items in one pass over the rows.

This is the way for one county, and what every SQL engine must agree with. Rows are put in the order of
stratum, domain and primary unit, if they are not; then every sum runs over neighbours. With a second stage of
selection the moments of each item are made one by one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from sampling.columns import (
    Floats,
    Indices,
    Levels,
    Table,
    crossed,
    distinct,
    levels,
    numbers,
    refuse,
    row_count,
    total,
)
from sampling.design import Design, self_representing, survey_design
from sampling.moment_table import FIELDS, MomentTable, Roles
from sampling.moments import Factor, Moments, moments, multipliers
from sampling.strata_counts import design_counts

#: From so many rows on, items are shared among threads; below, starting them costs more than it saves.
_MANY = 100_000

#: Rows that are summed at a time: their sums stay in the processor's cache.
_BLOCK = 16_384


def scan(
    table: Table, roles: Roles, *, strata: Table | None = None, threads: int | None = None
) -> MomentTable:
    """Return the moments of every item in every domain.

    Args:
        table: The answers, name → column; a missing value is None, NaN or masked.
        roles: Which column plays which role.
        strata: The design table, one row a stratum: `stratum`, `psus` (primary units in the sample) and
            `population_psus`, which *roles.fpc* may name. Without it units are counted in the answers.
        threads: How many threads to use on large tables; by default one for each processor.

    Raises:
        ColumnError: A column cannot be used; names column, row and rule.
        LonelyUnitError: A variance cannot be estimated and *roles.lonely* does not say what to do.
    """
    stated = strata is not None and roles.fpc is not None and roles.fpc in strata
    rows = row_count(table, [name for name in roles.columns if not (stated and name == roles.fpc)])
    design = _design(table, roles, strata, rows)
    _check_county(table, roles, design)
    domains = Levels(index=np.zeros(rows, dtype=np.intp), labels=((),))
    if roles.by:
        domains = crossed([levels(table, name, missing=True) for name in roles.by])
    work = (_in_runs if design.second is None else _per_item)(table, roles, design, domains)
    if rows < _MANY:
        found = [work(name) for name in roles.items]
    else:
        with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
            found = list(pool.map(work, roles.items))
    return MomentTable(
        items=roles.items,
        binary=tuple(one.binary for one in found),
        shifts=tuple(one.shift for one in found),
        by=roles.by,
        domains=domains.labels,
        county=roles.county,
        sums=Moments(**{name: np.stack([getattr(one.sums, name) for one in found]) for name in FIELDS}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One item's moments."""

    binary: bool
    shift: float
    sums: Moments


#: Makes the moments of the item of this name.
Work = Callable[[str], _Item]


def _design(table: Table, roles: Roles, strata: Table | None, rows: int) -> Design:
    """Return the design, its units counted in the design table where there is one."""
    if strata is None or roles.stratum is None:
        return survey_design(table, rows=rows, **roles.design)
    sampled, population = design_counts(strata, roles.fpc)
    used = levels(table, roles.stratum)
    known = np.array([label in sampled for label in used.labels])
    if not known.all():
        refuse(roles.stratum, ~known[used.index], used.entries(), "not_designed")
    own = dict(table)
    n = np.array([sampled[label] for label in used.labels])
    if roles.fpc is not None and roles.fpc in strata:
        own[roles.fpc] = np.array([population.get(label, np.inf) for label in used.labels])[used.index]
    design = survey_design(own, rows=rows, **roles.design)
    if (short := design.first.sampled > n).any():
        refuse("psus", short[used.index], n[used.index], "below_sample")
    weight = design.weight
    if roles.weight is None and roles.fpc is not None:
        weight = weight * (design.first.sampled / n)[used.index]
    return replace(design, weight=weight, first=replace(design.first, sampled=n))


def _check_county(table: Table, roles: Roles, design: Design) -> None:
    """Refuse a stratum that lies in two counties: sums over counties would be wrong."""
    if roles.county is None:
        return
    counties = levels(table, roles.county)
    stratum = design.first.parent[design.first.unit]
    of = np.zeros(len(design.first.labels), dtype=np.intp)
    of[stratum] = counties.index
    broken = of[stratum] != counties.index
    if broken.any():
        refuse(roles.county, broken, counties.entries(), "varies")


def _per_item(table: Table, roles: Roles, design: Design, domains: Levels) -> Work:
    """Make each item's moments by themselves, second stage and all."""

    def work(name: str) -> _Item:
        values = numbers(table, name)
        missing = np.isnan(values)
        other = ~((values == 0) | (values == 1) | missing)
        if roles.proportions:
            refuse(name, other, values, "not_binary")
        binary = not other.any()
        shift = 0.0 if binary else float(values[~missing].mean())
        sums = moments(
            design,
            y=np.where(missing, 0.0, values - shift),
            x=1.0 - missing,
            domain=np.where(missing, -1, domains.index),
            domains=len(domains.labels),
            lonely=roles.lonely,
        )
        return _Item(binary=binary, shift=shift, sums=sums)

    return work


def _in_runs(table: Table, roles: Roles, design: Design, domains: Levels) -> Work:
    """Put the rows in order once, then sum neighbours for each item."""
    if roles.lonely == "certainty":
        design = self_representing(design)
    runs = _runs(design, domains, multipliers(design.first, roles.lonely, number=1))

    def work(name: str) -> _Item:
        values = np.asanyarray(table[name])
        if runs.rows is not None or values.dtype.kind not in "biu":
            values = numbers(table, name)
            values = values if runs.rows is None else values[runs.rows]
        shift = 0.0
        binary, terms = _sums(runs, values)
        if not binary:
            known = numbers(table, name)
            if roles.proportions:
                refuse(name, ~((known == 0) | (known == 1) | np.isnan(known)), known, "not_binary")
            shift = float(known[~np.isnan(known)].mean())
            _, terms = _sums(runs, values, shift=shift)
        return _Item(binary=binary, shift=shift, sums=_added_up(runs, terms))

    return work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runs:
    """Rows in the order of pairs (stratum × domain) and cells (primary unit × domain)."""

    #: The rows that count, in this order; None where all do and are in order already.
    rows: Indices | None
    #: Their weights.
    weight: Floats
    #: Where each cell starts among the rows; where each pair starts among the cells and among the rows.
    cells: Indices
    pairs: Indices
    pair_rows: Indices
    #: Pair → domain, and what its stratum's squares are multiplied by.
    domain: Indices
    domains: int
    factor: Factor
    #: Pair → 1 where its stratum was not taken whole, else 0.
    open: Floats


def _runs(design: Design, domains: Levels, factor: Factor) -> _Runs:
    first, count = design.first, max(len(domains.labels), 1)
    kept = (domains.index >= 0) & (design.weight > 0)
    rows = None if kept.all() else np.flatnonzero(kept)
    unit = first.unit if rows is None else first.unit[rows]
    pair = first.parent[unit] * count + (domains.index if rows is None else domains.index[rows])
    new = pair[1:] != pair[:-1]
    if ((pair[1:] < pair[:-1]) | (~new & (unit[1:] < unit[:-1]))).any():
        order = _order(pair, unit, len(first.parent))
        rows = order if rows is None else rows[order]
        pair, unit = pair[order], unit[order]
        new = pair[1:] != pair[:-1]
    pair_rows, cells = _starts(new, len(pair)), _starts(new | (unit[1:] != unit[:-1]), len(pair))
    stratum, domain = np.divmod(pair[pair_rows], count)
    return _Runs(
        rows=rows,
        weight=design.weight if rows is None else design.weight[rows],
        cells=cells,
        pairs=np.searchsorted(cells, pair_rows),
        pair_rows=pair_rows,
        domain=domain,
        domains=len(domains.labels),
        factor=Factor(k=factor.k[stratum], centre=factor.centre[stratum], measured=factor.measured[stratum]),
        open=(first.open > 0).astype(np.float64)[stratum],
    )


def _order(pair: Indices, unit: Indices, units: int) -> Indices:
    """Return the order of rows by pair, then by unit."""
    places, place = distinct(pair)
    if len(places) * units < 2**62:
        return np.argsort(place * units + unit)
    return np.lexsort((unit, place))


def _starts(new: np.ndarray, rows: int) -> Indices:
    return np.concatenate([np.zeros(min(1, rows), dtype=np.intp), np.flatnonzero(new) + 1])


def _blocks(runs: _Runs) -> Iterator[tuple[slice, slice, slice]]:
    """Give the rows, cells and pairs that are summed together, whole pairs that fit the processor's cache."""
    ends = np.append(runs.pair_rows, len(runs.weight))
    cell_ends = np.append(runs.pairs, len(runs.cells))
    start = 0
    while start < len(runs.pair_rows):
        end = max(start + 1, int(np.searchsorted(ends, ends[start] + _BLOCK, side="right")) - 1)
        rows, cells = slice(ends[start], ends[end]), slice(cell_ends[start], cell_ends[end])
        yield rows, cells, slice(start, end)
        start = end


def _sums(runs: _Runs, values: np.ndarray, *, shift: float | None = None) -> tuple[bool, Floats]:
    """Sum rows to cells, and cells to pairs.

    Returns:
        Whether all values are 0 or 1, and nine sums × pairs; these are unfinished if another value was met
        and no *shift* was given to measure it from.
    """
    binary = shift is None
    entries, mask = values, None
    if isinstance(values, np.ma.MaskedArray):
        entries, mask = np.ma.getdata(values), np.ma.getmaskarray(values)
    n, psus, ww, x, y, wyy, xx, yx, yy = terms = np.empty((9, len(runs.pair_rows)))
    for rows, cells, pairs in _blocks(runs):
        of_rows = runs.pair_rows[pairs] - rows.start
        of_cells = runs.pairs[pairs] - cells.start
        to_cells = runs.cells[cells] - rows.start
        value, known = _filled(entries[rows], None if mask is None else mask[rows], shift)
        if binary and not ((value == 0) | (value == 1)).all():
            return False, terms
        weight = runs.weight[rows] * known
        wy = weight * value
        cell_x, cell_y = np.add.reduceat(weight, to_cells), np.add.reduceat(wy, to_cells)
        n[pairs] = np.add.reduceat(known, of_rows)
        psus[pairs] = np.add.reduceat((cell_x > 0).astype(np.float64), of_cells)
        ww[pairs] = np.add.reduceat(weight * weight, of_rows)
        x[pairs] = np.add.reduceat(cell_x, of_cells)
        y[pairs] = np.add.reduceat(cell_y, of_cells)
        wyy[pairs] = y[pairs] if binary else np.add.reduceat(wy * value, of_rows)
        xx[pairs] = np.add.reduceat(cell_x * cell_x, of_cells)
        yx[pairs] = np.add.reduceat(cell_y * cell_x, of_cells)
        yy[pairs] = np.add.reduceat(cell_y * cell_y, of_cells)
    return binary, terms


def _filled(values: np.ndarray, mask: np.ndarray | None, shift: float | None) -> tuple[Floats, Floats]:
    """Return values as floats, 0 where they are missing, and 1 or 0 for whether they are there."""
    value = values.astype(np.float64)
    if shift:
        value -= shift
    missing = np.isnan(value) if mask is None else mask
    np.copyto(value, 0.0, where=missing)
    return value, np.subtract(1.0, missing)


def _added_up(runs: _Runs, terms: Floats) -> Moments:
    n, psus, ww, x, y, wyy, xx, yx, yy = terms
    k, centre, present = runs.factor.k, runs.factor.centre, (psus > 0).astype(np.float64)

    def per_domain(terms: Floats) -> Floats:
        return total(runs.domain, terms, runs.domains)

    sum_x, sum_y = per_domain(x), per_domain(y)
    return Moments(
        n=per_domain(n),
        psus=per_domain(psus),
        strata=per_domain(present),
        measured=per_domain(present * runs.factor.measured),
        uncertain=per_domain(present * runs.open),
        w=sum_x,
        ww=per_domain(ww),
        y=sum_y,
        x=sum_x,
        wyy=per_domain(wyy),
        wyx=sum_y,
        wxx=sum_x,
        yy=per_domain(k * (yy - centre * y * y)),
        yx=per_domain(k * (yx - centre * y * x)),
        xx=per_domain(k * (xx - centre * x * x)),
    )
