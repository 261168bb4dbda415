"""What a sample size can show: half-widths, sizes for a half-width, and sizes that tell two rates apart.

With rate p, design effect d, n questionnaires out of N people and the quantiles z of the normal distribution:

    half-width    e = z √(d · p(1 − p) / n · (1 − n / N))
    size          n₀ = d · z² p(1 − p) / e²                                              n = n₀ / (1 + n₀ / N)
    size to tell  n₀ = d · (z_α √(p₀(1 − p₀)) + z_β √(p₁(1 − p₁)))² / (p₁ − p₀)²         n = n₀ / (1 + n₀ / N)

Sources: Cochran, Sampling Techniques, 3rd edition 1977, section 4.4; Kish, Survey Sampling, 1965, for the
design effect; Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition 2003,
chapter 2, for the test of one proportion, whose variance is that of p₀ under p₀ and that of p₁ under p₁.

These serve to plan with. The interval of a rate from answers is that of `sampling.estimate`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from sampling.errors import ArgumentError
from sampling.population import check_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How far an estimated rate may lie from the true one."""

    #: The rate expected.
    rate: float
    #: Questionnaires.
    n: int
    #: How much larger the variance is than that of a simple random sample.
    design_effect: float
    #: Confidence, two-sided.
    level: float
    #: People, or None for no end of them.
    population: int | None
    #: The variance of the rate.
    variance: float
    #: Half the width of the interval, in the unit of the rate (0.03 is three points).
    half_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredSize:
    """How many questionnaires a purpose needs, step by step and unrounded until the end."""

    #: For a simple random sample from no end of people.
    base: float
    #: Times the design effect.
    with_design_effect: float
    #: After the correction for a finite population.
    with_population: float
    #: Rounded up: questionnaires wanted.
    n: int


def precision(
    n: int, *, rate: float, design_effect: float = 1, level: float = 0.95, population: int | None = None
) -> Precision:
    """Return the half-width to expect around *rate* with *n* questionnaires.

    >>> round(precision(540, rate=0.85).half_width, 4)
    0.0301
    >>> round(precision(540, rate=0.85, design_effect=4).half_width, 4)
    0.0602

    Raises:
        ArgumentError: A number outside its range, or more questionnaires than people.
    """
    check_count("n", n, at_least=1)
    _check(rate=rate, design_effect=design_effect, level=level, population=population)
    if population is not None and n > population:
        raise ArgumentError("n", value=n, rule=f"must be at most the population, {population}")
    left = 1 if population is None else 1 - n / population
    variance = design_effect * rate * (1 - rate) / n * left
    return Precision(
        rate=rate,
        n=n,
        design_effect=design_effect,
        level=level,
        population=population,
        variance=variance,
        half_width=_two_sided(level) * math.sqrt(variance),
    )


def size_for_half_width(
    half_width: float,
    *,
    rate: float,
    design_effect: float = 1,
    level: float = 0.95,
    population: int | None = None,
) -> RequiredSize:
    """Return the size at which the half-width around *rate* is *half_width*.

    >>> size = size_for_half_width(0.05, rate=0.5, population=3000)
    >>> round(size.base, 4), round(size.with_population, 4), size.n
    (384.1459, 340.5402, 341)

    Raises:
        ArgumentError: A number outside its range.
    """
    _check(rate=rate, design_effect=design_effect, level=level, population=population)
    if not 0 < half_width < 1:
        raise ArgumentError("half_width", value=half_width, rule="must lie between 0 and 1")
    base = _two_sided(level) ** 2 * rate * (1 - rate) / half_width**2
    return _required(base, design_effect, population)


def size_to_tell(
    true_rate: float,
    *,
    from_rate: float,
    design_effect: float = 1,
    level: float = 0.95,
    power: float = 0.8,
    population: int | None = None,
) -> RequiredSize:
    """Return the size at which *true_rate* is told from *from_rate* with probability *power*.

    Told means that the two-sided interval of *level* leaves *from_rate* out on the side of the true rate.

    >>> [size_to_tell(rate, from_rate=0.85).n for rate in (0.86, 0.88, 0.90)]
    [9839, 1053, 363]

    Raises:
        ArgumentError: A number outside its range, or two equal rates.
    """
    _check_test(true_rate, from_rate, design_effect, level, population)
    if not 0 < power < 1:
        raise ArgumentError("power", value=power, rule="must lie between 0 and 1")
    spread = _two_sided(level) * _spread(from_rate) + NormalDist().inv_cdf(power) * _spread(true_rate)
    base = max(spread, 0) ** 2 / (true_rate - from_rate) ** 2
    return _required(base, design_effect, population)


def power_to_tell(
    true_rate: float,
    *,
    from_rate: float,
    n: int,
    design_effect: float = 1,
    level: float = 0.95,
    population: int | None = None,
) -> float:
    """Return the probability with which *n* questionnaires tell *true_rate* from *from_rate*.

    >>> round(power_to_tell(0.9, from_rate=0.85, n=363), 3)
    0.8

    Raises:
        ArgumentError: A number outside its range, two equal rates, or more questionnaires than people.
    """
    check_count("n", n, at_least=1)
    _check_test(true_rate, from_rate, design_effect, level, population)
    if population is not None and n > population:
        raise ArgumentError("n", value=n, rule=f"must be at most the population, {population}")
    left = 1 if population is None else 1 - n / population
    if not left:
        return 1.0
    away = abs(true_rate - from_rate) * math.sqrt(n / (design_effect * left))
    return NormalDist().cdf((away - _two_sided(level) * _spread(from_rate)) / _spread(true_rate))


def invitations(n: int, *, response_rate: Fraction) -> int:
    """Return how many people to invite so that *n* answer, in exact arithmetic.

    >>> invitations(21, response_rate=Fraction(7, 10))
    30

    Raises:
        ArgumentError: A negative number, or a rate that is no Fraction above 0 and at most 1.
    """
    check_count("n", n, at_least=0)
    if not isinstance(response_rate, Fraction):
        rule = "must be a Fraction, so that the number is exact"
        raise ArgumentError("response_rate", value=response_rate, rule=rule)
    if not 0 < response_rate <= 1:
        raise ArgumentError("response_rate", value=response_rate, rule="must be above 0 and at most 1")
    return math.ceil(n / response_rate)


def _required(base: float, design_effect: float, population: int | None) -> RequiredSize:
    widened = base * design_effect
    corrected = widened if population is None else widened / (1 + widened / population)
    return RequiredSize(
        base=base, with_design_effect=widened, with_population=corrected, n=math.ceil(corrected)
    )


def _two_sided(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _spread(rate: float) -> float:
    return math.sqrt(rate * (1 - rate))


def _check_test(
    true_rate: float, from_rate: float, design_effect: float, level: float, population: int | None
) -> None:
    _check(rate=from_rate, design_effect=design_effect, level=level, population=population)
    if not 0 < true_rate < 1:
        raise ArgumentError("true_rate", value=true_rate, rule="must lie between 0 and 1")
    if true_rate == from_rate:
        raise ArgumentError("true_rate", value=true_rate, rule="must differ from the rate it is told from")


def _check(*, rate: float, design_effect: float, level: float, population: int | None) -> None:
    for name, value in (("rate", rate), ("level", level)):
        if not 0 < value < 1:
            raise ArgumentError(name, value=value, rule="must lie between 0 and 1")
    if not 0 < design_effect < math.inf:
        raise ArgumentError("design_effect", value=design_effect, rule="must be a number above 0")
    if population is not None:
        check_count("population", population, at_least=1)
