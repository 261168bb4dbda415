"""Why no plan can be: the plainest statement that holds, from sums that anybody can check by hand.

First come shortages and limits that whole numbers alone prove. Only where there is none, the demands that
cannot hold together are found by leaving out one family of demands after the other.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from evaluation.json_values import plain
from evaluation.remedies.holdings import NATURAL_UNITS, Demand, Holding, Standing
from evaluation.remedies.keeping import Family, broken, families
from evaluation.remedies.obstacle_wording import obstacle_sentence
from evaluation.remedies.programme import Programme
from evaluation.resources import FACTORS
from evaluation.terms import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One reason why the demands cannot all be kept."""

    #: Which sentence says it: ``too_few``, ``school_fixed``, ``school_full``,
    #: ``difference_fixed``, ``mean_fixed``, ``composite_fixed``, ``together``.
    kind: str
    stage: str | None = None
    #: The indicators and the figure it is about.
    indicators: tuple[str, ...] = ()
    figure: str | None = None
    school: str | None = None
    name: str | None = None
    #: How many would be needed at least, and how many there are.
    needed: Fraction | None = None
    available: Fraction | None = None
    #: The demands that cannot hold together.
    families: tuple[Family, ...] = ()
    #: Indicator → its name, short where it has a short one.
    names: Mapping[str, Text] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = "zh") -> str:
        """Return the obstacle as one sentence, in ``zh`` or ``en``."""
        return obstacle_sentence(self, language)

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the obstacle as JSON values."""
        return {
            "kind": self.kind,
            "stage": self.stage,
            "indicators": list(self.indicators),
            "figure": self.figure,
            "school": self.school,
            "needed": plain(self.needed),
            "available": plain(self.available),
            "families": [list(each) for each in self.families],
            "sentence": self.sentence(language),
        }


def obstacles(ground: Standing, *, bought: Collection[str] = ()) -> list[Obstacle]:
    """Return what sums alone prove to stand in the way; empty where they prove nothing.

    Args:
        ground: the county's standing.
        bought: the figures that can be bought; all others can at best be moved.
    """
    return [
        *_fixed_schools(ground, bought),
        *_single_schools(ground, bought),
        *_pools(ground, bought),
        *_fixed_county(ground, bought),
    ]


def joint_obstacle(programme: Programme) -> Obstacle | None:
    """Return a set of demands that cannot hold together, none of which could be left out; None: unproved.

    Every demand in turn is left out; it stays out where the others alone still cannot hold.
    """
    kept = families(programme.ground)
    for family in list(kept):
        without = [each for each in families(programme.ground) if each not in kept or each == family]
        search = programme.search(without=without)
        if search.state == "infeasible" and search.proof:
            kept.remove(family)
    without = [each for each in families(programme.ground) if each not in kept]
    last = programme.search(without=without)
    if last.state != "infeasible" or not last.proof:
        return None
    return Obstacle(kind="together", families=tuple(kept), names=_names(programme.ground))


def _names(ground: Standing) -> dict[str, Text]:
    return {each.id: each.short or each.label for each in ground.scheme.resources.indicators}


def _changeable(holding: Holding, bought: Collection[str]) -> bool:
    return holding.figure in bought or holding.movable


def _fixed_schools(ground: Standing, bought: Collection[str]) -> Iterator[Obstacle]:
    """Yield the parts that fail by what can neither be bought nor moved."""
    rule = ground.scheme.resources.school_rule
    spared = len(ground.scheme.resources.indicators) - rule.indicators_met
    for number, part in enumerate(ground.parts):
        fixed = [
            each for each in ground.of_part(number) if not _changeable(ground.holdings[each.holding], bought)
        ]
        low = [each.indicator.id for each in fixed if each.to_floor > 0]
        short = [each.indicator.id for each in fixed if each.to_threshold > 0]
        if low or len(short) > spared:
            yield Obstacle(
                kind="school_fixed",
                stage=part.stage,
                indicators=tuple(low or short),
                school=part.school,
                name=part.name,
                names=_names(ground),
                facts={"low": bool(low), "floor": rule.floor, "spared": spared},
            )


def least_needed(ground: Standing, demand: Demand, bought: Collection[str]) -> int:
    """Return the smallest change of a demand's holding with which its part can still pass.

    It may stay at the floor only where the part's other indicators leave that open: those that cannot
    change and are short use up what the school rule spares.
    """
    rule = ground.scheme.resources.school_rule
    spared = len(ground.scheme.resources.indicators) - rule.indicators_met
    used = sum(
        each.to_threshold > 0
        for each in ground.of_part(demand.part)
        if each.indicator.id != demand.indicator.id and not _changeable(ground.holdings[each.holding], bought)
    )
    return demand.to_floor if used < spared else demand.to_threshold


def _single_schools(ground: Standing, bought: Collection[str]) -> Iterator[Obstacle]:
    """Yield schools whose other teachers are too few to be exchanged for those it lacks."""
    for demand in ground.demands:
        holding = ground.holdings[demand.holding]
        if not holding.movable or holding.figure in bought or holding.coming is None:
            continue
        needed = least_needed(ground, demand, bought)
        if needed > holding.coming:
            yield Obstacle(
                kind="school_full",
                stage=demand.stage,
                indicators=(demand.indicator.id,),
                figure=holding.figure,
                school=holding.school,
                name=holding.name,
                needed=Fraction(holding.leaving + needed),
                available=Fraction(holding.leaving + holding.coming),
            )


def _pools(ground: Standing, bought: Collection[str]) -> Iterator[Obstacle]:
    """Yield the teachers of whom all schools together need more than there are."""
    pools: dict[tuple[str, str | None], dict[int, int]] = {}
    for demand in ground.demands:
        holding = ground.holdings[demand.holding]
        if holding.movable and holding.figure not in bought:
            pool = pools.setdefault((holding.figure, holding.stage), {})
            needed = max(least_needed(ground, demand, bought), -holding.leaving)
            pool[demand.holding] = max(pool.get(demand.holding, needed), needed)
    for (figure, stage), pool in pools.items():
        if sum(pool.values()) > 0:
            available = sum(ground.holdings[place].leaving for place in pool)
            ids = [
                each.indicator.id for each in ground.demands if (each.figure, each.stage) == (figure, stage)
            ]
            yield Obstacle(
                kind="too_few",
                stage=stage,
                indicators=tuple(dict.fromkeys(ids)),
                figure=figure,
                needed=Fraction(available + sum(pool.values())),
                available=Fraction(available),
                facts={"schools": len(pool)},
            )


def _fixed_county(ground: Standing, bought: Collection[str]) -> Iterator[Obstacle]:
    """Yield the rules for the county that are broken and that nothing can change."""
    unchanged = [0] * len(ground.holdings)
    for family in broken(ground, unchanged):
        if family[0] == "school_rule":
            continue
        ids = family[2:] or [indicator.id for indicator in ground.scheme.resources.indicators]
        group = [demand for id_ in ids for demand in ground.of_group(family[1], id_)]
        moved = [each for each in group if _changeable(ground.holdings[each.holding], bought)]
        buying = [each for each in group if each.figure in bought]
        if family[0] == "county_mean" and not buying:
            yield _mean_obstacle(ground, family[1], family[2], group)
        elif family[0] != "county_mean" and not moved:
            yield Obstacle(
                kind=f"{family[0]}_fixed",
                stage=family[1],
                indicators=tuple(family[2:]),
                families=(family,),
                names=_names(ground),
            )


def _mean_obstacle(ground: Standing, stage: str, id_: str, group: Sequence[Demand]) -> Obstacle:
    """Return that all schools together have too little for the county's mean."""
    indicator = ground.scheme.indicator(id_)
    pupils = sum(demand.pupils for demand in group)
    return Obstacle(
        kind="mean_fixed",
        stage=stage,
        indicators=(id_,),
        figure=group[0].figure,
        needed=indicator.bounds.of(stage).threshold * pupils / FACTORS[indicator.formula],
        available=sum((demand.base for demand in group), Fraction(0)),
        names=_names(ground),
        facts={"unit": NATURAL_UNITS[group[0].figure]},
        families=(("county_mean", stage, id_),),
    )
