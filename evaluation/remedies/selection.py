"""The school rule's cheapest selection: which indicators go to the threshold and which stay at the floor."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product

from evaluation.remedies.holdings import NATURAL_UNITS, WHOLE_UNITS, Demand, Standing

ZERO = Fraction(0)


def amount_needed(demand: Demand, *, at_floor: bool = False) -> Fraction:
    """Return what the holding lacks to the threshold or the floor, in its natural unit; 0 for nothing."""
    exact = demand.floor_at if at_floor else demand.threshold_at
    whole = demand.to_floor if at_floor else demand.to_threshold
    return max(ZERO, Fraction(whole) if NATURAL_UNITS[demand.figure] in WHOLE_UNITS else exact)


def cheapest_selection(
    ground: Standing, school: str, unit_costs: Mapping[str, Fraction]
) -> dict[tuple[int, str], Fraction]:
    """Return what the school rule needs of every indicator *school* is short of, in the cheapest selection.

    Returns:
        (place of the part, indicator) → the amount in its natural unit. A part with an unknown indicator
        that the rule would let stay at the floor is left out: the choice cannot be made.
    """
    rule, indicators = ground.scheme.resources.school_rule, ground.scheme.resources.indicators
    spared = len(indicators) - rule.indicators_met
    short: list[list[Demand]] = []
    for number, part in enumerate(ground.parts):
        unknown = any(owner == number for owner, _ in ground.unknown)
        if part.school == school and not (unknown and spared):
            short.append([demand for demand in ground.of_part(number) if demand.to_threshold > 0])
    best: tuple[Fraction, Fraction] | None = None
    found: dict[tuple[int, str], Fraction] = {}
    for left in product(*(combinations(each, min(spared, len(each))) for each in short)):
        at_floor = {(demand.part, demand.indicator.id) for chosen in left for demand in chosen}
        needed = {
            (demand.part, demand.indicator.id): amount_needed(
                demand, at_floor=(demand.part, demand.indicator.id) in at_floor
            )
            for each in short
            for demand in each
        }
        cost = _cost([demand for each in short for demand in each], needed, ground, unit_costs)
        if best is None or cost < best:
            best, found = cost, needed
    return found


def _cost(
    demands: Sequence[Demand],
    needed: Mapping[tuple[int, str], Fraction],
    ground: Standing,
    unit_costs: Mapping[str, Fraction],
) -> tuple[Fraction, Fraction]:
    """Return what amounts cost: first the shares without a price, then 元; stages share one amount."""
    amounts: dict[int, Fraction] = {}
    wholes: dict[int, Fraction] = {}
    for demand in demands:
        place = demand.holding
        whole = demand.threshold_at + demand.base / demand.share
        amounts[place] = max(amounts.get(place, ZERO), needed[demand.part, demand.indicator.id])
        wholes[place] = max(wholes.get(place, ZERO), whole)
    unpriced = priced = ZERO
    for place, amount in amounts.items():
        price = unit_costs.get(ground.holdings[place].figure)
        if price is None:
            unpriced += amount / wholes[place]
        else:
            priced += price * amount
    return unpriced, priced
