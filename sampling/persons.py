"""Draws of people at once: from all lists together, at equal steps, or in strata."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate

from sampling.drawn import DrawnPlace, DrawnStratum, GroupDraw
from sampling.errors import TooFewError
from sampling.frame import Frame, FrameUnit
from sampling.group_plan import GroupPlan
from sampling.places import Place, Pool, draw_reserve, places_on, smallest_places
from sampling.strata import WHOLE, group_by_stratum, people_in
from sampling.uniforms import Uniforms

#: Selects so many places of a stratum's units.
Select = Callable[[str, Sequence[FrameUnit], int, GroupPlan, Uniforms], list[Place]]


def draw_simple(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw people at once: the places with the smallest uniform numbers of all the group's lists.

    Everybody is taken when the plan asks for as many as there are.
    """
    return _draw(plan, {WHOLE: list(frame.of(plan.group))}, {WHOLE: plan.n}, _at_random, uniforms)


def draw_systematic(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw people at equal steps through the lists of each stratum, which stand in the plan's order.

    With N people and n places, place ⌈(u + k)·N / n⌉ is taken for k = 0 … n − 1, where u is the uniform
    number of the stratum: everyone has the probability n / N, and neighbours are rarely drawn together.
    """
    return _draw_in_strata(frame, plan, _at_steps, uniforms)


def draw_stratified(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw people in each stratum by itself: the places with its smallest uniform numbers."""
    return _draw_in_strata(frame, plan, _at_random, uniforms)


def _draw_in_strata(frame: Frame, plan: GroupPlan, select: Select, uniforms: Uniforms) -> GroupDraw:
    units = sorted(frame.of(plan.group), key=lambda unit: [getattr(unit, key) for key in plan.order])
    members = group_by_stratum((unit for unit in units if unit.size), plan.by)
    sizes = people_in(members)
    if plan.n > (people := sum(sizes.values())):
        raise TooFewError(plan.group, wanted=plan.n, available=people)
    return _draw(plan, members, dict(plan.share(sizes).n), select, uniforms)


def _draw(
    plan: GroupPlan,
    members: dict[str, list[FrameUnit]],
    shares: dict[str, int],
    select: Select,
    uniforms: Uniforms,
) -> GroupDraw:
    """Draw the share of each stratum with one probability for all its people."""
    strata, places, pools = [], [], {}
    for name, units in members.items():
        n, people = shares[name], sum(unit.size for unit in units)
        if n > people:
            raise TooFewError(plan.group, wanted=n, available=people)
        drawn = select(name, units, n, plan, uniforms)
        strata.append(DrawnStratum(name=name, size=people, n=n, clusters=0, drawn=()))
        places.extend(_place(name, place, Fraction(n, people)) for place in drawn)
        pools[name] = _pool(name, units, drawn, plan)
    reserve = draw_reserve(pools, plan, uniforms)
    return GroupDraw(
        plan=plan, by=plan.by, rejected=(), strata=tuple(strata), places=tuple(places), reserve=reserve
    )


def _pool(name: str, units: Sequence[FrameUnit], drawn: list[Place], plan: GroupPlan) -> Pool:
    return name, places_on(units) if plan.reserve else (), drawn


def _place(stratum: str, place: Place, probability: Fraction) -> DrawnPlace:
    """A person is a primary sampling unit."""
    unit, number = place
    return DrawnPlace(
        unit=unit,
        number=number,
        stratum=stratum,
        psu=f"{unit}#{number}",
        first=Fraction(1),
        second=probability,
    )


def _at_random(
    _: str, units: Sequence[FrameUnit], n: int, plan: GroupPlan, uniforms: Uniforms
) -> list[Place]:
    return smallest_places(places_on(units), n, plan, uniforms)


def _at_steps(
    stratum: str, units: Sequence[FrameUnit], n: int, plan: GroupPlan, uniforms: Uniforms
) -> list[Place]:
    if not n:
        return []
    ends = list(accumulate(unit.size for unit in units))
    start = uniforms.fraction(f"{plan.group}:start", stratum) or Fraction(1)
    found = []
    for k in range(n):
        position = math.ceil((start + k) * ends[-1] / n)
        holder = bisect_left(ends, position)
        found.append((units[holder].id, position - ends[holder] + units[holder].size))
    return found
