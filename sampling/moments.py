"""Additive moments: all that inference needs to know of the answers.

For a ratio of totals, Σwy over Σwx (x is 1 for a mean), each primary unit gives the two sums of each domain.
Sums of their squares and products per stratum give the variance by Taylor linearisation,

    V(p) = (A − 2pB + p²D) / (Σwx)²,   A = Σ k (Σyy − (Σy)²/n),   k = (1 − n/N) n / (n − 1),

with B and D alike for the products y·x and the squares of x. Everything adds over strata, so that a
province is the sum of its counties. The second stage adds terms of the same form, multiplied by the sampling
fraction of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sampling.columns import Floats, Indices, count, total
from sampling.design import Design, Stage, self_representing
from sampling.errors import ArgumentError, LonelyUnitError

#: What to do with a stratum of one primary unit: refuse, leave it out of the variance, take it as drawn for
#: certain (its second stage counts in full), measure it from the mean of all, or give it the average of the
#: other strata.
LONELY = ("fail", "remove", "certainty", "adjust", "average")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Moments by domain; each field holds one number for every domain and adds over strata."""

    #: Rows with an answer.
    n: Floats
    #: Primary units with an answer.
    psus: Floats
    #: Strata with an answer.
    strata: Floats
    #: Strata with an answer and a variance of their own.
    measured: Floats
    #: Units that leave the result uncertain: with an answer, from a parent that was not taken whole.
    uncertain: Floats
    #: Σw, Σw².
    w: Floats
    ww: Floats
    #: Σwy, Σwx.
    y: Floats
    x: Floats
    #: Σwy², Σwyx, Σwx²: what simple random sampling would give.
    wyy: Floats
    wyx: Floats
    wxx: Floats
    #: The variance terms A, B and D.
    yy: Floats
    yx: Floats
    xx: Floats

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of two sets of strata with the same domains."""
        sums = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        return Moments(**sums)


def moments(
    design: Design, *, y: Floats, x: Floats, domain: Indices, domains: int, lonely: str = "fail"
) -> Moments:
    """Return the moments of *domains* domains.

    Args:
        design: The sample design.
        y: Row → numerator.
        x: Row → denominator; 1 for means and totals.
        domain: Row → domain; −1 leaves the row out while its primary unit stays in the design.
        domains: How many domains there are.
        lonely: One of `LONELY`.

    Raises:
        LonelyUnitError: The variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: An unknown *lonely*.
    """
    if lonely not in LONELY:
        raise ArgumentError("lonely", value=lonely, rule=f"must be one of {LONELY}")
    design = self_representing(design) if lonely == "certainty" else design
    rows = np.flatnonzero((domain >= 0) & (design.weight > 0))
    d, w, wy, wx = domain[rows], design.weight[rows], (design.weight * y)[rows], (design.weight * x)[rows]

    def per_domain(terms: Floats) -> Floats:
        return total(d, terms, domains)

    def stage_terms(stage: Stage, factor: Factor) -> _Terms:
        return _terms(stage, stage.unit[rows], d, wy, wx, domains, factor)

    first = stage_terms(design.first, multipliers(design.first, lonely, number=1))
    squares, uncertain = first.squares, first.uncertain
    if design.second is not None:
        drawn = (design.first.sampled / design.first.population)[design.first.parent]
        second = stage_terms(design.second, multipliers(design.second, lonely, number=2, drawn=drawn))
        squares = tuple(one + other for one, other in zip(squares, second.squares, strict=True))
        uncertain = uncertain + second.uncertain
    return Moments(
        n=count(d, domains),
        psus=first.units,
        strata=first.parents,
        measured=first.measured,
        uncertain=uncertain,
        w=per_domain(w),
        ww=per_domain(w * w),
        y=per_domain(wy),
        x=per_domain(wx),
        wyy=per_domain(wy * y[rows]),
        wyx=per_domain(wy * x[rows]),
        wxx=per_domain(wx * x[rows]),
        yy=squares[0],
        yx=squares[1],
        xx=squares[2],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """One stage's contribution, by domain."""

    units: Floats
    parents: Floats
    measured: Floats
    uncertain: Floats
    squares: tuple[Floats, ...]


def _terms(
    stage: Stage, unit: Indices, domain: Indices, wy: Floats, wx: Floats, domains: int, factor: Factor
) -> _Terms:
    """Sum rows to units, units to parents, parents to domains."""
    cells, row_cell = np.unique(domain * len(stage.parent) + unit, return_inverse=True)
    row_cell = row_cell.reshape(-1)
    cell_domain, cell_unit = np.divmod(cells, len(stage.parent))
    y, x = total(row_cell, wy, len(cells)), total(row_cell, wx, len(cells))
    parents = len(stage.labels)
    pairs, cell_pair = np.unique(cell_domain * parents + stage.parent[cell_unit], return_inverse=True)
    cell_pair = cell_pair.reshape(-1)
    pair_domain, pair_parent = np.divmod(pairs, parents)

    def per_pair(terms: Floats) -> Floats:
        return total(cell_pair, terms, len(pairs))

    def per_domain(terms: Floats) -> Floats:
        return total(pair_domain, terms, domains)

    sum_y, sum_x = per_pair(y), per_pair(x)
    k, centre = factor.k[pair_parent], factor.centre[pair_parent]
    return _Terms(
        units=count(cell_domain, domains),
        parents=count(pair_domain, domains),
        measured=per_domain(factor.measured[pair_parent]),
        uncertain=per_domain((stage.open[pair_parent] > 0).astype(np.float64)),
        squares=(
            per_domain(k * (per_pair(y * y) - centre * sum_y * sum_y)),
            per_domain(k * (per_pair(y * x) - centre * sum_y * sum_x)),
            per_domain(k * (per_pair(x * x) - centre * sum_x * sum_x)),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """What the squares of each parent's units are multiplied by."""

    #: (1 − n/N) n / (n − 1), times the sampling fraction of the stage before.
    k: Floats
    #: 1/n, or 0 where squares are measured from zero.
    centre: Floats
    #: 1, or 0 where the parent has no variance of its own and takes the average of the others.
    measured: Floats


def multipliers(stage: Stage, lonely: str, *, number: int, drawn: Floats | None = None) -> Factor:
    """Return the multipliers of a stage.

    Raises:
        LonelyUnitError: A parent with one unit, not taken whole, and no instruction for it. At the second
            stage `average` is no instruction: it is defined over strata.
    """
    n, left = stage.sampled, stage.open
    alone = (n == 1) & (left > 0)
    if alone.any() and (lonely == "fail" or (lonely == "average" and number == 2)):
        parent = int(np.argmax(alone))
        row = int(np.argmax(stage.parent[stage.unit] == parent)) + 1
        raise LonelyUnitError(stage.column, row=row, stratum=stage.labels[parent], stage=number)
    k = left * n / np.maximum(n - 1, 1)
    k[n == 1] = np.where(alone[n == 1] & (lonely == "adjust"), left[n == 1], 0.0)
    return Factor(
        k=k if drawn is None else k * drawn,
        centre=np.where(alone, 0.0, 1 / np.maximum(n, 1)),
        measured=1.0 - (alone & (lonely == "average")),
    )
