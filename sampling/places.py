"""Places on counted lists: those with the smallest uniform numbers, and the reserve that comes after them."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from sampling.allocation import round_by_remainders, share_within
from sampling.drawn import ReservePlace
from sampling.errors import TooFewError
from sampling.frame import FrameUnit
from sampling.group_plan import GroupPlan
from sampling.selection import select_smallest
from sampling.uniforms import Uniforms

#: A place: the unit that holds it, and its number on the list from 1.
Place = tuple[str, int]

#: A pool of the reserve: its stratum, all its places, and those drawn.
Pool = tuple[str, Sequence[Place], Collection[Place]]


def places_on(units: Iterable[FrameUnit]) -> list[Place]:
    """Return every place of the units' lists, in order."""
    return [(unit.id, number) for unit in units for number in range(1, unit.size + 1)]


def place_number(place: Place, plan: GroupPlan, uniforms: Uniforms) -> int:
    """Return the uniform number of a place, times 2²⁵⁶."""
    return uniforms.number(f"{plan.group}:places", f"{place[0]}#{place[1]}")


def smallest_places(places: Sequence[Place], n: int, plan: GroupPlan, uniforms: Uniforms) -> list[Place]:
    """Select the *n* places with the smallest uniform numbers; they keep their order."""
    return select_smallest(places, n, number=lambda place: place_number(place, plan, uniforms))


def draw_reserve(pools: Mapping[str, Pool], plan: GroupPlan, uniforms: Uniforms) -> tuple[ReservePlace, ...]:
    """Draw the plan's reserve from the same uniform numbers as the sample, in the order of its turns.

    Pools share it in proportion to their drawn places, as far as they have others. In each, the places not
    drawn stand in the order of their uniform numbers.

    Raises:
        TooFewError: Fewer places are left than the reserve asks for.
    """
    if not plan.reserve:
        return ()
    left = {pool: len(places) - len(drawn) for pool, (_, places, drawn) in pools.items()}
    taken = sum(len(drawn) for _, _, drawn in pools.values())
    if (available := sum(left.values())) < plan.reserve:
        raise TooFewError(plan.group, wanted=taken + plan.reserve, available=taken + available)
    weights = {
        pool: Fraction(len(drawn)) if left[pool] else Fraction(0) for pool, (_, _, drawn) in pools.items()
    }
    shares = round_by_remainders(
        share_within(plan.reserve, weights, at_least=dict.fromkeys(pools, 0), at_most=left)
    )
    return tuple(
        ReservePlace(unit=unit, number=number, stratum=stratum, pool=pool, turn=turn)
        for pool, (stratum, places, drawn) in pools.items()
        for turn, (unit, number) in enumerate(_next(places, drawn, shares[pool], plan, uniforms), start=1)
    )


def _next(
    places: Sequence[Place], drawn: Collection[Place], n: int, plan: GroupPlan, uniforms: Uniforms
) -> list[Place]:
    taken = set(drawn)
    others = (place for place in places if place not in taken)
    return heapq.nsmallest(n, others, key=lambda place: place_number(place, plan, uniforms))
