"""How a sample is shared among strata: in proportion to people, equally, or by what is known of them.

All arithmetic is exact, so that a share that lies on a rounding edge is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError, TooFewError
from sampling.population import check_count

#: In proportion to people.
PROPORTIONAL = "proportional"
#: As many in each.
EQUAL = "equal"
#: In proportion to people times the spread among them: the least variance of the whole.
NEYMAN = "neyman"
#: In proportion to a power of people: from equal (0) to proportional (1).
POWER = "power"

#: Roots are taken to this many decimals, rounded down.
_DECIMALS = 30

#: The largest denominator of an exponent.
_ROOTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The places of each stratum, and how they came about."""

    #: The rule: a key of `ALLOCATIONS`.
    method: str
    #: What was to be shared.
    total: int
    #: Stratum → its exact share before any bound, in the given order.
    exact: Mapping[str, Fraction]
    #: Stratum → its places.
    n: Mapping[str, int]
    #: Strata cut to the most they can take.
    cut: tuple[str, ...]
    #: Strata raised to the least they need.
    raised: tuple[str, ...]


def allocate(
    total: int,
    sizes: Mapping[str, int],
    *,
    method: str = PROPORTIONAL,
    spreads: Mapping[str, Fraction | int] | None = None,
    exponent: Fraction = Fraction(1, 2),
    at_least: int = 0,
    at_most: Mapping[str, int] | None = None,
) -> Allocation:
    """Share *total* places among strata of *sizes* people; the parts always add up to *total*.

    The shares are proportional to N (`proportional`), 1 (`equal`), N·S (`neyman`: Neyman 1934; Cochran 1977,
    section 5.5) or Nᵃ·S (`power`: Bankier 1988, The American Statistician 42:174, with S the coefficient of
    variation). A share outside its bounds is set to the bound, and what that frees or takes is shared among
    the others by the same rule. Largest remainders settle the rest; equal ones are served in the given order.

    >>> allocate(100, {"城区": 600, "镇区": 300, "乡村": 100}, at_least=15).n
    {'城区': 57, '镇区': 28, '乡村': 15}
    >>> dict(allocate(90, {"a": 400, "b": 100}, method="power").n)
    {'a': 60, 'b': 30}

    Args:
        total: Places to share.
        sizes: Stratum → people in it.
        method: A key of `ALLOCATIONS`.
        spreads: For `neyman` every stratum's standard deviation; for `power` coefficients of variation, 1 for
            a stratum that is not named. Exact, so not floats.
        exponent: For `power`, from 0 to 1.
        at_least: Places that every stratum with people gets, as far as it has people.
        at_most: Stratum → the most it can take; its people unless stated.

    Raises:
        ArgumentError: An argument breaks its rule, or the least places of all strata exceed *total*.
        TooFewError: The strata together cannot take *total* places.
    """
    check_count("total", total, at_least=0)
    check_count("at_least", at_least, at_least=0)
    for name, size in sizes.items():
        check_count(name, size, at_least=0)
    if method not in ALLOCATIONS:
        raise ArgumentError("method", value=method, rule=f"must be one of {list(ALLOCATIONS)}")
    weights = ALLOCATIONS[method](sizes, dict(spreads or {}), exponent)
    limits = dict(sizes) if at_most is None else {name: at_most[name] for name in sizes}
    floors = {name: min(at_least, limit) for name, limit in limits.items()}
    bounded = share_within(total, weights, at_least=floors, at_most=limits)
    whole = sum(weights.values())
    exact = {name: total * weight / whole if whole else Fraction(0) for name, weight in weights.items()}
    n = round_by_remainders(bounded)
    return Allocation(
        method=method,
        total=total,
        exact=exact,
        n=n,
        cut=tuple(name for name in n if exact[name] > limits[name]),
        raised=tuple(name for name in n if exact[name] < floors[name]),
    )


def share_within(
    total: int, weights: Mapping[str, Fraction], *, at_least: Mapping[str, int], at_most: Mapping[str, int]
) -> dict[str, Fraction]:
    """Share *total* in proportion to *weights*, each share within its bounds.

    Shares that break a bound are fixed there, the side with more to make good first, and the rest is shared
    anew, until none does.

    Raises:
        ArgumentError: The least shares exceed *total*.
        TooFewError: The most that can be shared is less than *total*.
    """
    if (needed := sum(at_least.values())) > total:
        raise ArgumentError("total", value=total, rule=f"must be at least {needed}, the least of all strata")
    available = sum(at_most[name] if weight else at_least[name] for name, weight in weights.items())
    if available < total:
        raise TooFewError("strata", wanted=total, available=available)
    fixed = {name: Fraction(at_least[name]) for name, weight in weights.items() if not weight}
    while True:
        free = [name for name in weights if name not in fixed]
        rest, whole = total - sum(fixed.values()), sum(weights[name] for name in free)
        shares = {name: rest * weights[name] / whole for name in free}
        over = {name: Fraction(at_most[name]) for name in free if shares[name] > at_most[name]}
        under = {name: Fraction(at_least[name]) for name in free if shares[name] < at_least[name]}
        if not over and not under:
            return {name: fixed[name] if name in fixed else shares[name] for name in weights}
        excess = sum(shares[name] - limit for name, limit in over.items())
        lack = sum(floor - shares[name] for name, floor in under.items())
        fixed |= (over if excess >= lack else {}) | (under if lack >= excess else {})


def round_by_remainders(shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Round *shares* that add up to a whole number, by largest remainders; the sum stays.

    >>> round_by_remainders({"a": Fraction(5, 2), "b": Fraction(1, 4), "c": Fraction(1, 4)})
    {'a': 3, 'b': 0, 'c': 0}
    """
    rounded = {name: math.floor(share) for name, share in shares.items()}
    left = round(sum(shares.values()) - sum(rounded.values()))
    for name in sorted(shares, key=lambda name: shares[name] - rounded[name], reverse=True)[:left]:
        rounded[name] += 1
    return rounded


def _proportional(sizes: Mapping[str, int], _: Mapping, __: Fraction) -> dict[str, Fraction]:
    return {name: Fraction(size) for name, size in sizes.items()}


def _equal(sizes: Mapping[str, int], _: Mapping, __: Fraction) -> dict[str, Fraction]:
    return {name: Fraction(size > 0) for name, size in sizes.items()}


def _neyman(sizes: Mapping[str, int], spreads: Mapping, _: Fraction) -> dict[str, Fraction]:
    _check_spreads(sizes, spreads)
    if missing := sorted(set(sizes) - set(spreads)):
        raise ArgumentError("spreads", value=missing, rule="must be known of every stratum")
    return {name: size * Fraction(spreads[name]) for name, size in sizes.items()}


def _power(sizes: Mapping[str, int], spreads: Mapping, exponent: Fraction) -> dict[str, Fraction]:
    _check_spreads(sizes, spreads)
    if not isinstance(exponent, Fraction | int) or isinstance(exponent, bool) or not 0 <= exponent <= 1:
        raise ArgumentError("exponent", value=exponent, rule="must be a Fraction from 0 to 1")
    if Fraction(exponent).denominator > _ROOTS:
        raise ArgumentError("exponent", value=exponent, rule=f"must have a denominator up to {_ROOTS}")
    return {
        name: _raised(size, Fraction(exponent)) * Fraction(spreads.get(name, 1)) if size else Fraction(0)
        for name, size in sizes.items()
    }


def _check_spreads(sizes: Mapping[str, int], spreads: Mapping) -> None:
    for name, spread in spreads.items():
        if name not in sizes:
            raise ArgumentError("spreads", value=name, rule=f"must name strata among {list(sizes)}")
        if isinstance(spread, bool) or not isinstance(spread, Fraction | int) or spread < 0:
            raise ArgumentError(f"spreads {name}", value=spread, rule="must be a Fraction from 0")


def _raised(size: int, exponent: Fraction) -> Fraction:
    """*size* to the power *exponent*, by whole numbers only, so that it is the same on every platform."""
    power, root = exponent.numerator, exponent.denominator
    scaled = size**power * 10 ** (_DECIMALS * root)
    return Fraction(_whole_root(scaled, root), 10**_DECIMALS)


def _whole_root(number: int, root: int) -> int:
    """The largest whole number whose *root*-th power does not exceed *number*."""
    if root == 1:
        return number
    guess = 1 << -(-number.bit_length() // root)
    while (better := ((root - 1) * guess + number // guess ** (root - 1)) // root) < guess:
        guess = better
    return guess


#: Rule → stratum sizes, spreads and exponent → weights.
ALLOCATIONS: dict[str, Callable[[Mapping[str, int], Mapping, Fraction], dict[str, Fraction]]] = {
    PROPORTIONAL: _proportional,
    EQUAL: _equal,
    NEYMAN: _neyman,
    POWER: _power,
}
