"""The people of a county, as far as sampling needs to know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sampling.errors import ArgumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The resident population (常住人口) and the sizes of the respondent groups.

    >>> yangcheng = Population(residents=360_000, groups={"principal": 65})
    >>> yangcheng.groups.get("principal"), yangcheng.groups.get("parent")
    (65, None)

    Raises:
        ArgumentError: A number of people is negative or not whole, or there are no residents.
    """

    #: Residents; the sample size is a share of them.
    residents: int
    #: Group → how many people belong to it. A group that is not named has an unknown size.
    groups: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self):
        check_count("residents", self.residents, at_least=1)
        for group, size in self.groups.items():
            check_count(group, size, at_least=0)


def check_count(name: str, value: object, *, at_least: int) -> None:
    """Refuse what is not a whole number of people, or is too small.

    Raises:
        ArgumentError: Naming the argument, its value and the rule.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(name, value=value, rule="must be a whole number")
    if value < at_least:
        raise ArgumentError(name, value=value, rule=f"must be at least {at_least}")
