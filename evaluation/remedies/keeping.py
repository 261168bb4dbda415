"""Whether a changed county keeps a scheme's demands, exactly; and the tangent where it does not."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluation.county import COMPULSORY
from evaluation.difference import mean_of_roots, squared_coefficient
from evaluation.remedies.holdings import NATURAL_UNITS, WHOLE_UNITS, Demand, Standing
from evaluation.resources import FACTORS

#: A demand of the scheme, e.g. ``("difference", "primary", "R3")``, ``("school_rule", "junior")``.
Family = tuple[str, ...]

#: By which share of its scale a limit is tightened where floating point cannot tell that it is broken;
#: grows tenfold until it can.
MARGIN = 1e-9


#: A limit broken by less than this share may have been broken by rounding amounts up.
ROUNDING = Fraction(1, 100_000)

#: What a row's weight belongs to: the change of a holding, the spread of a demand, the total of a group.
Column = tuple[str, int]

#: Where the square is touched from the beginning, in (x − X̄)/X̄; more places are added where they are needed.
TOUCHED = (Fraction(-9, 10), Fraction(-1, 2), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A linear condition: low ≤ Σ weight · column ≤ high."""

    family: Family
    weights: Mapping[Column, float]
    low: float = -math.inf
    high: float = math.inf
    #: Whether every county that keeps the family keeps the row; if not, it may cut off plans.
    certain: bool = True


def families(ground: Standing) -> list[Family]:
    """Return every demand a plan must keep, in the order in which they are named."""
    resources = ground.scheme.resources
    ids = [indicator.id for indicator in resources.indicators]
    named: list[Family] = [("school_rule", stage) for stage in COMPULSORY]
    named += [("difference", stage, id_) for stage in COMPULSORY for id_ in ids]
    if resources.county_mean is not None:
        named += [("county_mean", stage, id_) for stage in COMPULSORY for id_ in ids]
    if resources.composite is not None:
        named += [("composite", stage) for stage in COMPULSORY]
    return named


def broken(ground: Standing, changes: Sequence[int]) -> Iterator[Family]:
    """Yield the demands that the county breaks after its holdings changed by so many steps; exactly."""
    needed = ground.scheme.resources.school_rule.indicators_met
    for stage in COMPULSORY:
        parts = [number for number, part in enumerate(ground.parts) if part.stage == stage]
        if not all(_passes(ground.of_part(number), changes, needed) for number in parts):
            yield ("school_rule", stage)
        yield from _broken_in_stage(ground, stage, changes)


def _passes(demands: Sequence[Demand], changes: Sequence[int], needed: int) -> bool:
    """Return whether a part keeps the school rule."""
    reached = sum(changes[demand.holding] >= demand.to_threshold for demand in demands)
    return reached >= needed and all(changes[demand.holding] >= demand.to_floor for demand in demands)


def _broken_in_stage(ground: Standing, stage: str, changes: Sequence[int]) -> Iterator[Family]:
    """Yield what a stage breaks of the rules for the county."""
    resources, squares = ground.scheme.resources, []
    for indicator in resources.indicators:
        group = ground.of_group(stage, indicator.id)
        amounts, pupils = _amounts(group, changes), [demand.pupils for demand in group]
        if not sum(amounts):
            yield ("difference", stage, indicator.id)
            continue
        squares.append(squared_coefficient(amounts, pupils))
        if not resources.difference.bounds.of(stage).compare_squares(squares[-1]):
            yield ("difference", stage, indicator.id)
        mean = sum(amounts, Fraction(0)) / sum(pupils) * FACTORS[indicator.formula]
        if resources.county_mean is not None and not indicator.bounds.of(stage).holds(mean):
            yield ("county_mean", stage, indicator.id)
    rule = resources.composite
    if rule is not None and squares and not rule.bounds.of(stage).holds(mean_of_roots(squares)):
        yield ("composite", stage)


def _amounts(group: Sequence[Demand], changes: Sequence[int]) -> list[Fraction]:
    return [demand.amount(changes[demand.holding]) for demand in group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tangents are asked for; see :func:`tangents`."""

    family: Family
    changes: Sequence[int]
    margin: float
    known: bool
    growing: Collection[int]


def tangents(
    ground: Standing,
    family: Family,
    changes: Sequence[int],
    *,
    times: int = 0,
    known: bool = False,
    growing: Collection[int] = (),
) -> list[Row]:
    """Return rows that rule out *changes*, where they break *family*.

    Args:
        ground: the county's standing.
        family: a difference, a county mean or a composite that is broken.
        changes: steps of every holding.
        times: how often the same changes broke it already; from the second time on the limit is tightened.
        known: whether the family has rows already, so that only new ones are wanted.
        growing: holdings that can be bought. A composite is convex only while totals stay: with them, its
            row is a guess.
    """
    margin = 0.0 if times == 0 else MARGIN * 10 ** (times - 1)
    wanted = Wanted(family=family, changes=changes, margin=margin, known=known, growing=growing)
    return list(TANGENTS[family[0]](ground, wanted))


def _difference_rows(ground: Standing, wanted: Wanted) -> Iterator[Row]:
    """Yield T = ΣA, Σ spread ≤ c²T and the tangents of spread ≥ (A − P·X̄)²/(P·X̄), each school apart.

    With r = (x − X̄)/X̄ the tangent is spread ≥ 2r·A − (2r + r²)·P/ΣP·T.
    """
    _, stage, id_ = family = wanted.family
    group = ground.of_group(stage, id_)
    amounts = _amounts(group, wanted.changes)
    if not sum(amounts):
        yield Row(family=family, weights={("change", demand.holding): 1.0 for demand in group}, low=1.0)
        return
    bound = ground.scheme.resources.difference.bounds.of(stage)
    margin = _margin(group, amounts, bound.threshold, wanted)
    total, scale = ("total", group[0].place), _scale(group)
    if not wanted.known:
        fixed = float(sum(demand.base for demand in group)) / scale
        own = {("change", demand.holding): -float(demand.share) / scale for demand in group}
        yield Row(family=family, weights={total: 1.0, **own}, low=fixed, high=fixed)
    if not wanted.known or margin:
        spreads = {("spread", demand.place): 1.0 for demand in group}
        weights = {**spreads, total: -float(bound.threshold**2) * (1 - margin)}
        yield Row(family=family, weights=weights, high=0.0, certain=not margin)
    everyone = sum(demand.pupils for demand in group)
    mean = sum(amounts, Fraction(0)) / everyone
    for demand, amount in zip(group, amounts, strict=True):
        places = {amount / demand.pupils / mean - 1, *(() if wanted.known else TOUCHED)}
        for r in sorted(float(place) for place in places):
            yield Row(
                family=family,
                weights={
                    ("spread", demand.place): 1.0,
                    ("change", demand.holding): -2 * r * float(demand.share) / scale,
                    total: (2 * r + r * r) * demand.pupils / everyone,
                },
                low=2 * r * float(demand.base) / scale,
            )


def _margin(group: Sequence[Demand], amounts: Sequence[Fraction], limit: Fraction, wanted: Wanted) -> float:
    """Return by which share the limit is tightened.

    Amounts of m² and 元 are rounded up to whole ones after the programme is solved; what that breaks by a
    hair is made good by twice the hair.
    """
    fine = any(
        demand.holding in wanted.growing and NATURAL_UNITS[demand.figure] not in WHOLE_UNITS
        for demand in group
    )
    excess = squared_coefficient(amounts, [demand.pupils for demand in group]) / limit**2 - 1
    return max(wanted.margin, float(2 * excess) if fine and excess < ROUNDING else 0.0)


def _scale(group: Sequence[Demand]) -> float:
    """Return a school's usual amount, by which a group's columns are divided; the same whatever changes."""
    usual = [max(demand.base, demand.base + demand.share * demand.threshold_at) for demand in group]
    return float(sum(usual, Fraction(0)) / len(group))


def _mean_rows(ground: Standing, wanted: Wanted) -> Iterator[Row]:
    """Yield ΣA ≥ threshold · ΣP."""
    _, stage, id_ = wanted.family
    group = ground.of_group(stage, id_)
    indicator = group[0].indicator
    pupils = sum(demand.pupils for demand in group)
    needed = float(indicator.bounds.of(stage).threshold * pupils / FACTORS[indicator.formula])
    fixed = float(sum(demand.base for demand in group))
    weights = {("change", demand.holding): float(demand.share) for demand in group}
    yield Row(
        family=wanted.family,
        weights=weights,
        low=needed * (1 + wanted.margin) - fixed,
        certain=not wanted.margin,
    )


def _composite_rows(ground: Standing, wanted: Wanted) -> Iterator[Row]:
    """Yield Σₖ Σᵢ (dₖᵢ − rₖ) Aₖᵢ / Tₖ ≤ n·C − Σₖ rₖ, the tangent of the sum of coefficients rₖ."""
    stage, rule = wanted.family[1], ground.scheme.resources.composite
    weights: dict[Column, float] = {}
    high, certain = 0.0, True
    for indicator in ground.scheme.resources.indicators:
        group = ground.of_group(stage, indicator.id)
        total = float(sum(_amounts(group, wanted.changes)))
        if not total or rule is None:
            continue
        deviations, coefficient = _deviations(group, wanted.changes)
        high += float(rule.bounds.of(stage).threshold) * (1 - wanted.margin) - coefficient
        certain = (
            certain and not wanted.margin and not any(demand.holding in wanted.growing for demand in group)
        )
        for demand, deviation in zip(group, deviations, strict=True):
            slope, key = (deviation - coefficient) / total, ("change", demand.holding)
            high -= slope * float(demand.base)
            weights[key] = weights.get(key, 0.0) + slope * float(demand.share)
    yield Row(family=wanted.family, weights=weights, high=high, certain=certain)


#: Kind of a family → its tangents.
TANGENTS = {"difference": _difference_rows, "county_mean": _mean_rows, "composite": _composite_rows}


def _deviations(group: Sequence[Demand], changes: Sequence[int]) -> tuple[list[float], float]:
    """Return dᵢ = (xᵢ − X̄)/S of every part and the coefficient S/X̄; all 0 where there is no difference."""
    values = [float(demand.amount(changes[demand.holding])) / demand.pupils for demand in group]
    pupils = [demand.pupils for demand in group]
    everyone = sum(pupils)
    mean = math.fsum(value * count for value, count in zip(values, pupils, strict=True)) / everyone
    spread = math.sqrt(
        math.fsum(count * (value - mean) ** 2 for value, count in zip(values, pupils, strict=True)) / everyone
    )
    if not spread:
        return [0.0] * len(values), 0.0
    return [(value - mean) / spread for value in values], spread / mean
