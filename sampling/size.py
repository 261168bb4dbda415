"""How many people to ask: a share of the resident population, in exact arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError
from sampling.population import check_count


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """A sample size and every step that led to it, to be redone with a calculator."""

    #: The resident population.
    population: int
    #: The share of it to be asked.
    rate: Fraction
    #: Population × rate, exact.
    exact: Fraction
    #: Rounded up to whole people.
    rounded: int
    #: The least a county asks, if the scheme sets one.
    floor: int | None
    #: After the floor.
    after_floor: int
    #: The most a county asks, if the scheme sets one.
    cap: int | None
    #: After the cap.
    after_cap: int
    #: The sample size: never more than there are people.
    n: int

    @property
    def steps(self) -> tuple[tuple[str, int | Fraction], ...]:
        """The working, in order: (name of the step, value).

        A step that does nothing because the scheme sets no floor or no cap is left out.
        """
        steps: list[tuple[str, int | Fraction]] = [
            ("population", self.population),
            ("rate", self.rate),
            ("exact", self.exact),
            ("rounded", self.rounded),
        ]
        if self.floor is not None:
            steps.append(("after_floor", self.after_floor))
        if self.cap is not None:
            steps.append(("after_cap", self.after_cap))
        if self.n != self.after_cap:
            steps.append(("within_population", self.n))
        return tuple(steps)


def sample_size(
    population: int, *, rate: Fraction, floor: int | None = None, cap: int | None = None
) -> SampleSize:
    """Return *population* × *rate*, rounded up, raised to *floor* and lowered to *cap*.

    >>> sample_size(1_067_905, rate=Fraction(15, 10_000)).n
    1602
    >>> sample_size(153_657, rate=Fraction(15, 10_000), floor=300).steps[-2:]
    (('rounded', 231), ('after_floor', 300))

    Args:
        population: Residents, at least 1.
        rate: The share to be asked, above 0 and at most 1; exact, so not a float.
        floor: The least to ask, or None.
        cap: The most to ask, or None; at least the floor.

    Raises:
        ArgumentError: An argument breaks one of these rules.
    """
    check_count("population", population, at_least=1)
    if not isinstance(rate, Fraction):
        raise ArgumentError("rate", value=rate, rule="must be a Fraction, so that the size is exact")
    if not 0 < rate <= 1:
        raise ArgumentError("rate", value=rate, rule="must be above 0 and at most 1")
    for name, bound in (("floor", floor), ("cap", cap)):
        if bound is not None:
            check_count(name, bound, at_least=1)
    if floor is not None and cap is not None and cap < floor:
        raise ArgumentError("cap", value=cap, rule=f"must be at least the floor, {floor}")
    exact = population * rate
    rounded = math.ceil(exact)
    after_floor = rounded if floor is None else max(rounded, floor)
    after_cap = after_floor if cap is None else min(after_floor, cap)
    return SampleSize(
        population=population,
        rate=rate,
        exact=exact,
        rounded=rounded,
        floor=floor,
        after_floor=after_floor,
        cap=cap,
        after_cap=after_cap,
        n=min(after_cap, population),
    )
