"""For how many people an answer stands, and which schools are looked at together.

The base weight of an invitation is the inverse of its probability. At the close of the field schools with
few answers are pooled with their neighbours, so that no answer can be traced to a handful of people; weights
and variances then know the pool alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sampling.drawn import GroupDraw
from sampling.errors import ArgumentError
from sampling.population import check_count
from sampling.strata import MINIMUM

#: A stratum's name and the id of a unit or pool in it.
UnitKey = tuple[str, str]


def base_weight(probability: Fraction) -> Fraction:
    """Return how many people an invitation stands for.

    >>> base_weight(Fraction(3, 40))
    Fraction(40, 3)

    Raises:
        ArgumentError: A probability that is not above 0 and at most 1.
    """
    if not 0 < probability <= 1:
        raise ArgumentError("probability", value=probability, rule="must be above 0 and at most 1")
    return 1 / Fraction(probability)


def invited_weight(draw: GroupDraw) -> dict[UnitKey, Fraction]:
    """Return the sum of the base weights of each primary unit's invitations: the people they stand for."""
    people: dict[UnitKey, Fraction] = {}
    for place in draw.places:
        key = (place.stratum, place.psu)
        people[key] = people.get(key, Fraction(0)) + base_weight(place.probability)
    return people


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Primary units of a stratum that are looked at as one."""

    #: The stratum.
    stratum: str
    #: The ids of its units, joined by "+".
    id: str
    #: The units, in the stratum's order.
    psus: tuple[str, ...]
    #: Their answers together.
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """Which units were pooled, for the record."""

    #: The least number of answers wanted of a pool.
    minimum: int
    #: All pools, those of a single unit among them, by stratum and in its order.
    pools: tuple[Pool, ...]

    @property
    def of(self) -> dict[UnitKey, str]:
        """(stratum, unit) → the id of its pool."""
        return {(pool.stratum, psu): pool.id for pool in self.pools for psu in pool.psus}

    @property
    def joined(self) -> tuple[Pool, ...]:
        """The pools of several units."""
        return tuple(pool for pool in self.pools if len(pool.psus) > 1)

    @property
    def small(self) -> tuple[Pool, ...]:
        """The pools below the minimum: their whole stratum has too few answers."""
        return tuple(pool for pool in self.pools if pool.n < self.minimum)


def pool_psus(counts: Mapping[str, Mapping[str, int]], *, minimum: int = MINIMUM) -> Pooling:
    """Pool units with few answers with their neighbours, until every pool holds *minimum* answers.

    Units are gathered in the stratum's order until they hold enough; a rest at the end joins the pool before
    it. Where a whole stratum holds too few, it becomes one pool, which is flagged as small.

    >>> pooling = pool_psus({"rural": {"a": 14, "b": 3, "c": 9, "d": 12, "e": 4}})
    >>> [(pool.id, pool.n) for pool in pooling.pools]
    [('a', 14), ('b+c', 12), ('d+e', 16)]
    >>> pooling.of["rural", "e"]
    'd+e'

    Args:
        counts: Stratum → unit → answers, units in the stratum's order.
        minimum: The least number of answers of a pool.

    Raises:
        ArgumentError: A number of answers that is negative or not whole, or a minimum below 1.
    """
    check_count("minimum", minimum, at_least=1)
    pools: list[Pool] = []
    for stratum, units in counts.items():
        gathered: list[list[str]] = []
        pending: list[str] = []
        for psu, answers in units.items():
            check_count(psu, answers, at_least=0)
            pending.append(psu)
            if sum(units[one] for one in pending) >= minimum:
                gathered.append(pending)
                pending = []
        if pending and gathered:
            gathered[-1].extend(pending)
        elif pending:
            gathered.append(pending)
        pools.extend(
            Pool(stratum=stratum, id="+".join(psus), psus=tuple(psus), n=sum(units[psu] for psu in psus))
            for psus in gathered
        )
    return Pooling(minimum=minimum, pools=tuple(pools))


def pool_weights(pooling: Pooling, people: Mapping[UnitKey, Fraction]) -> dict[UnitKey, Fraction]:
    """Return the weight of one answer of each pool: the people its invitations stand for, per answer.

    All answers of a pool weigh the same. Invitations that were not answered are thereby made up for by the
    answers of the same pool. A pool without answers has no weight.

    Args:
        pooling: The pools.
        people: (stratum, unit) → people its invitations stand for, from `invited_weight`.

    Returns:
        (stratum, pool) → weight.

    Raises:
        ArgumentError: A pooled unit is not among *people*.
    """
    weights: dict[UnitKey, Fraction] = {}
    for pool in pooling.pools:
        for psu in pool.psus:
            if (pool.stratum, psu) not in people:
                raise ArgumentError("people", value=(pool.stratum, psu), rule="must hold every pooled unit")
        if pool.n:
            stands_for = sum((people[pool.stratum, psu] for psu in pool.psus), Fraction(0))
            weights[pool.stratum, pool.id] = stands_for / pool.n
    return weights


def kish_design_effect(weights: Iterable[float]) -> float:
    """Return what unequal weights alone multiply the variance by: n Σw² / (Σw)².

    >>> round(kish_design_effect([1, 1, 1, 1, 2, 2, 2, 4, 4, 10]), 6)
    1.887755

    Raises:
        ArgumentError: No weights, or a sum of zero.
    """
    listed = list(weights)
    if not listed or not sum(listed):
        raise ArgumentError("weights", value=listed, rule="must hold a weight above 0")
    return len(listed) * sum(weight * weight for weight in listed) / sum(listed) ** 2
