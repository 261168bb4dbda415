"""Whether the answers resemble the invited: R-indicators from the response rates of groups.

If every group answers at the same rate, those who answered are a small picture of those who were asked,
however few they are. The indicator is R = 1 − 2 S, with S the standard deviation of the response rates over
people: 1 where all rates are equal, 0 where half of the people answer for certain and the others never.

References:
    Schouten, Cobben, Bethlehem (2009), Indicators for the representativeness of survey response, Survey
    Methodology 35:101–113. Shlomo, Skinner, Schouten (2012), Estimation of an indicator of the
    representativeness of survey response, Journal of Statistical Planning and Inference 142:201–211 (the
    adjustment). Schouten, Shlomo, Skinner (2011), Indicators for monitoring and improving
    representativeness of response, Journal of Official Statistics 27:231–253 (partial indicators).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sampling.errors import ArgumentError
from sampling.population import check_count

#: A group: one level of each variable.
Group = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResponse:
    """One group's invitations and answers."""

    #: The group: variable → level.
    group: Mapping[str, Any]
    #: Invitations.
    invited: int
    #: Answers.
    answered: int
    #: The share of all people whom the group stands for.
    share: Fraction

    @property
    def rate(self) -> Fraction:
        """Answers among invitations."""
        return Fraction(self.answered, self.invited)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialIndicator:
    """What one variable has to do with unequal response."""

    #: The variable.
    variable: str
    #: The standard deviation of the response rates between its levels.
    between: float
    #: What remains of it inside the groups that all other variables form; None if there are no others.
    within: float | None
    #: Level → √share · (its rate − the rate of all): below 0 where too few answered.
    levels: Mapping[Any, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RIndicator:
    """The representativity of a response, with its working."""

    #: The groups, as given.
    groups: tuple[GroupResponse, ...]
    #: The response rate over people.
    rate: Fraction
    #: S², as computed.
    variance: Fraction
    #: What chance alone adds to S².
    bias: Fraction
    #: 1 − 2 S.
    r: float
    #: 1 − 2 √(S² − bias): for a fair comparison of samples of different sizes; 1 where chance explains all.
    r_adjusted: float
    #: One for each variable.
    partial: tuple[PartialIndicator, ...]


def r_indicator(
    invited: Mapping[Group, int],
    answered: Mapping[Group, int],
    *,
    variables: Sequence[str],
    people: Mapping[Group, int] | None = None,
) -> RIndicator:
    """Return how much response differs between groups, overall and by variable.

    The response rate of each group is its own estimate. Chance makes such rates differ even where all people
    are equally ready to answer; for a simple random sample it adds

        Σ (N_h / N) ρ_h (1 − ρ_h) / n_h − (1/n − 1/N) S²

    to S², which the adjusted indicator takes off.

    >>> asked = {("primary", "town"): 100, ("primary", "rural"): 100, ("junior", "town"): 100}
    >>> came = {("primary", "town"): 90, ("primary", "rural"): 60, ("junior", "town"): 90}
    >>> found = r_indicator(asked, came, variables=["band", "locality"])
    >>> found.rate, round(found.r, 3), round(found.r_adjusted, 3)
    (Fraction(4, 5), 0.717, 0.727)
    >>> [(one.variable, round(one.between, 3)) for one in found.partial]
    [('band', 0.071), ('locality', 0.141)]

    Args:
        invited: Group → invitations.
        answered: Group → answers; a group that is not named has none.
        variables: The names of the variables, in the order of a group's levels.
        people: Group → people it stands for; by default groups count by their invitations, and the
            population is taken to be large.

    Raises:
        ArgumentError: A count is negative or not whole, a group was not invited, has more answers than
            invitations, fewer people than invitations, or not one level for each variable.
    """
    _check(invited, answered, variables, people)
    counts = invited if people is None else people
    whole = sum(counts[group] for group in invited)
    groups = tuple(
        GroupResponse(
            group=dict(zip(variables, group, strict=True)),
            invited=n,
            answered=answered.get(group, 0),
            share=Fraction(counts[group], whole),
        )
        for group, n in invited.items()
    )
    rate = _mean(groups)
    scale = Fraction(1) if people is None or whole == 1 else Fraction(whole, whole - 1)
    variance = scale * _spread(groups, rate)
    beyond = Fraction(1, sum(invited.values())) - (0 if people is None else Fraction(1, whole))
    chance = sum((one.share * one.rate * (1 - one.rate) / one.invited for one in groups), Fraction(0))
    bias = chance - beyond * variance
    return RIndicator(
        groups=groups,
        rate=rate,
        variance=variance,
        bias=bias,
        r=1 - 2 * math.sqrt(variance),
        r_adjusted=1 - 2 * math.sqrt(max(variance - bias, 0)),
        partial=tuple(_partial(name, variables, groups, rate, scale) for name in variables),
    )


def _check(
    invited: Mapping[Group, int],
    answered: Mapping[Group, int],
    variables: Sequence[str],
    people: Mapping[Group, int] | None,
) -> None:
    if not invited:
        raise ArgumentError("invited", value=dict(invited), rule="must hold a group")
    for group, n in invited.items():
        if not isinstance(group, tuple) or len(group) != len(variables):
            raise ArgumentError("invited", value=group, rule=f"must have a level for each of {[*variables]}")
        check_count(f"invited {group}", n, at_least=1)
        check_count(f"answered {group}", answered.get(group, 0), at_least=0)
        if answered.get(group, 0) > n:
            raise ArgumentError(f"answered {group}", value=answered[group], rule=f"must be at most {n}")
        if people is not None:
            check_count(f"people {group}", people.get(group, 0), at_least=n)
    for group in answered:
        if group not in invited:
            raise ArgumentError("answered", value=group, rule="must be an invited group")


def _mean(groups: Sequence[GroupResponse]) -> Fraction:
    return sum((one.share * one.rate for one in groups), Fraction(0)) / sum(one.share for one in groups)


def _spread(groups: Sequence[GroupResponse], centre: Fraction) -> Fraction:
    return sum((one.share * (one.rate - centre) ** 2 for one in groups), Fraction(0))


def _partial(
    name: str,
    variables: Sequence[str],
    groups: Sequence[GroupResponse],
    rate: Fraction,
    scale: Fraction,
) -> PartialIndicator:
    levels = _gathered(groups, [name])
    share = {level: sum((one.share for one in inside), Fraction(0)) for (level,), inside in levels.items()}
    gap = {level: _mean(inside) - rate for (level,), inside in levels.items()}
    others = [other for other in variables if other != name]
    within = None
    if others:
        rest = _gathered(groups, others).values()
        within = math.sqrt(scale * sum(_spread(inside, _mean(inside)) for inside in rest))
    return PartialIndicator(
        variable=name,
        between=math.sqrt(scale * sum(share[level] * gap[level] ** 2 for level in share)),
        within=within,
        levels={level: math.sqrt(share[level]) * float(gap[level]) for level in share},
    )


def _gathered(groups: Sequence[GroupResponse], names: Sequence[str]) -> dict[Group, list[GroupResponse]]:
    """Return the groups by their levels of some variables."""
    found: dict[Group, list[GroupResponse]] = {}
    for one in groups:
        found.setdefault(tuple(one.group[name] for name in names), []).append(one)
    return found
