"""How the invitations of a plan are shared among strata, schools and quota cells; nothing is drawn here."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import sampling
from sampling.allocation import round_by_remainders, share_within
from sampling.clusters import strata_for
from sampling.group_plan import SIMPLE, STATED, TWO_STAGE
from sampling.strata import CANDIDATES, MINIMUM, WHOLE, group_by_stratum, people_in
from survey_app.fieldwork.frames.lists.counted import STAGED

#: group, grade band, locality
CellKey = tuple[str, str, str]


def places_per_school() -> int:
    """Invitations wanted in each drawn school."""
    return _declared()["places"]


def group_plans(plan: Mapping[str, Any], frame: sampling.Frame) -> list[sampling.GroupPlan]:
    """How each group of a wave's *plan* is drawn from *frame*, without a reserve.

    A group that is reached through schools is drawn in the finest strata in which each can be estimated;
    where the plan balances it, they share the invitations as the balance shares the questionnaires.
    """
    return [
        _group_plan(frame, group, plan["invitations"][group], plan.get("balances", {}).get(group, {}))
        for group, n in plan["quotas"].items()
        if n
    ]


def with_reserves(
    plans: Sequence[sampling.GroupPlan], frame: sampling.Frame, *, seed: str
) -> list[sampling.GroupPlan]:
    """The same plans with the declared reserve, as far as the lists hold anybody else."""
    sample = sampling.draw_sample(frame, plans, seed=seed)
    sizes = {(unit.group, unit.id): unit.size for unit in frame.units}
    return [
        replace(draw.plan, reserve=min(math.ceil(_reserve_share() * draw.plan.n), _left(draw, sizes)))
        for draw in sample.draws
    ]


def cell_targets(
    quota: int, invited: Mapping[CellKey, int], balances: Mapping[str, int]
) -> dict[CellKey, int]:
    """Share a group's *quota* of questionnaires among its cells; they add up to it.

    Largest remainders of the invitations decide; where the plan balances the group, within each part of the
    balance. No cell is to give more than it invites.

    >>> cells = {("parent", "primary", "town"): 20, ("parent", "junior", "town"): 10}
    >>> cell_targets(24, cells, {})
    {('parent', 'primary', 'town'): 16, ('parent', 'junior', 'town'): 8}
    """
    total = min(quota, sum(invited.values()))
    weights = {key: Fraction(n) for key, n in invited.items()}
    for part, wanted in balances.items():
        members = [key for key in invited if _in_part(key[1], key[2], part)]
        people = sum(invited[key] for key in members)
        for key in members:
            weights[key] = Fraction(wanted * invited[key], people)
    if sum(n for key, n in invited.items() if weights[key]) < total:
        weights = {key: Fraction(n) for key, n in invited.items()}
    keys = {"|".join(key): key for key in invited}
    shared = share_within(
        total,
        {name: weights[key] for name, key in keys.items()},
        at_least=dict.fromkeys(keys, 0),
        at_most={name: invited[key] for name, key in keys.items()},
    )
    return {keys[name]: n for name, n in round_by_remainders(shared).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenStratum:
    """A stratum as it will be drawn."""

    group: str
    name: str
    people: int
    #: Schools (small ones linked) in it, and how many will be drawn; 0 where people are drawn at once.
    schools: int
    draws: int
    #: Invitations in all, and the most in one school.
    n: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenList:
    """A list with its chances, whatever the seed."""

    group: str
    unit: str
    band: str
    locality: str
    stratum: str
    people: int
    #: The probability that its school is drawn; 1 where people are drawn at once.
    first: Fraction
    #: The most invitations it can get, and those expected on average over all seeds.
    most: int
    expected: Fraction

    @property
    def probability(self) -> Fraction:
        """The probability that a given person on it is invited."""
        return self.expected / self.people


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a draw will give before anybody knows the seed."""

    strata: tuple[ForeseenStratum, ...]
    lists: tuple[ForeseenList, ...]

    @property
    def cells(self) -> dict[CellKey, Fraction]:
        """Group, grade band, locality -> invitations expected."""
        found: dict[CellKey, Fraction] = {}
        for one in self.lists:
            staged = one.group in STAGED
            key = (one.group, one.band if staged else "", one.locality if staged else "")
            found[key] = found.get(key, Fraction(0)) + one.expected
        return found


def foresee(plan: Mapping[str, Any], frame: sampling.Frame) -> Foreseen:
    """Strata, schools and lists with their chances.

    Raises:
        TooFewError: a group has fewer people than are to be invited.
    """
    strata: list[ForeseenStratum] = []
    lists: list[ForeseenList] = []
    for one in group_plans(plan, frame):
        if one.method == TWO_STAGE:
            _foresee_schools(frame, one, strata, lists)
        else:
            _foresee_people(frame, one, strata, lists)
    return Foreseen(strata=tuple(strata), lists=tuple(lists))


def _group_plan(frame: sampling.Frame, group: str, n: int, balances: Mapping[str, int]) -> sampling.GroupPlan:
    if group not in STAGED:
        return sampling.GroupPlan(group=group, n=n, method=SIMPLE)
    made = sampling.GroupPlan(group=group, n=n, method=TWO_STAGE, minimum=_minimum(n))
    return _balanced(frame, made, balances) if balances else made


def _minimum(n: int) -> int:
    """The least places of a drawn school; a small group takes two schools of ten before one of twelve."""
    return places_per_school() if n >= 2 * places_per_school() else MINIMUM


def _balanced(
    frame: sampling.Frame, made: sampling.GroupPlan, balances: Mapping[str, int]
) -> sampling.GroupPlan:
    """The finest strata that can be estimated when they share the invitations as *balances* say.

    Where there are none, the group is drawn in proportion to its people.
    """
    units = [unit for unit in frame.of(made.group) if unit.size]
    for by in CANDIDATES[:-1]:
        members = group_by_stratum(units, by)
        n = _shared(made.n, members, balances)
        chosen = sampling.stratify(
            units,
            made.n,
            candidates=(by,),
            order=made.order,
            minimum=made.minimum,
            share=lambda _, sizes, n=n: {name: n[name] for name in sizes},
        )
        if not chosen.rejected:
            return replace(made, candidates=(by,), allocation=STATED, stated=tuple(n.items()))
    return made


def _shared(
    total: int, members: Mapping[str, Sequence[sampling.FrameUnit]], balances: Mapping[str, int]
) -> dict[str, int]:
    """Share *total* among strata; each part of the balance counts where its people are."""
    people: dict[str, int] = {}
    for units in members.values():
        for unit in units:
            for part in balances:
                if _in_part(unit.band, unit.locality, part):
                    people[part] = people.get(part, 0) + unit.size
    weights = {
        name: sum(
            (
                Fraction(balances[part] * unit.size, people[part])
                for unit in units
                for part in balances
                if _in_part(unit.band, unit.locality, part)
            ),
            Fraction(0),
        )
        for name, units in members.items()
    }
    sizes = people_in(members)
    return dict(
        round_by_remainders(share_within(total, weights, at_least=dict.fromkeys(sizes, 0), at_most=sizes))
    )


def _in_part(band: str, locality: str, part: str) -> bool:
    """Whether a grade band and locality belong to a part of a balance, ``primary|``, ``|rural`` or both."""
    wanted_band, _, wanted_locality = part.partition("|")
    return wanted_band in ("", band) and wanted_locality in ("", locality)


def _left(draw: sampling.GroupDraw, sizes: Mapping[tuple[str, str], int]) -> int:
    """People who may replace somebody: others in the drawn schools, or on all lists."""
    group = draw.plan.group
    if draw.plan.method == SIMPLE:
        return sum(stratum.size - stratum.n for stratum in draw.strata)
    clusters = [cluster for stratum in draw.strata for cluster in stratum.drawn]
    return sum(sum(sizes[group, unit] for unit in cluster.units) - cluster.n for cluster in clusters)


def _foresee_schools(
    frame: sampling.Frame,
    plan: sampling.GroupPlan,
    strata: list[ForeseenStratum],
    lists: list[ForeseenList],
) -> None:
    for stratum in strata_for(frame, plan).strata:
        most = -(-stratum.n // stratum.draws) if stratum.draws else 0
        strata.append(
            ForeseenStratum(
                group=plan.group,
                name=stratum.name,
                people=stratum.size,
                schools=len(stratum.clusters),
                draws=stratum.draws,
                n=stratum.n,
                most=most,
            )
        )
        sizes = {cluster.id: cluster.size for cluster in stratum.clusters}
        chances = sampling.inclusion_probabilities(sizes, stratum.draws)
        each = Fraction(stratum.n, stratum.draws) if stratum.draws else Fraction(0)
        for cluster in stratum.clusters:
            chance = chances[cluster.id]
            lists.extend(
                _foreseen(
                    unit,
                    stratum.name,
                    first=chance,
                    most=most,
                    expected=chance * each * Fraction(unit.size, cluster.size),
                )
                for unit in cluster.units
            )


def _foresee_people(
    frame: sampling.Frame,
    plan: sampling.GroupPlan,
    strata: list[ForeseenStratum],
    lists: list[ForeseenList],
) -> None:
    units = [unit for unit in frame.of(plan.group) if unit.size]
    people = sum(unit.size for unit in units)
    if people < plan.n:
        raise sampling.TooFewError(plan.group, wanted=plan.n, available=people)
    strata.append(
        ForeseenStratum(
            group=plan.group, name=WHOLE, people=people, schools=0, draws=0, n=plan.n, most=plan.n
        )
    )
    for unit in units:
        expected = Fraction(plan.n * unit.size, people)
        lists.append(_foreseen(unit, WHOLE, first=Fraction(1), most=plan.n, expected=expected))


def _foreseen(
    unit: sampling.FrameUnit, stratum: str, *, first: Fraction, most: int, expected: Fraction
) -> ForeseenList:
    return ForeseenList(
        group=unit.group,
        unit=unit.id,
        band=unit.band,
        locality=unit.locality,
        stratum=stratum,
        people=unit.size,
        first=first,
        most=min(most, unit.size),
        expected=expected,
    )


def _reserve_share() -> Fraction:
    return Fraction(_declared()["reserve"])


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "drawing.toml").read_text(encoding="utf-8"))
