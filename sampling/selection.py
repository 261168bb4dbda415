"""How units are selected, given uniform numbers: in exact arithmetic, without any state."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from sampling.errors import ArgumentError, TooFewError
from sampling.population import check_count

T = TypeVar("T")


def inclusion_probabilities(sizes: Mapping[str, int], n: int) -> dict[str, Fraction]:
    """Return probabilities proportional to size that add up to *n*.

    A unit whose share would reach 1 is certain; the others share what is left, again and again.

    >>> inclusion_probabilities({"a": 10, "b": 20, "c": 90}, 2)
    {'a': Fraction(1, 3), 'b': Fraction(2, 3), 'c': Fraction(1, 1)}

    Raises:
        TooFewError: Fewer than *n* units have a size above 0.
    """
    check_count("n", n, at_least=0)
    for unit, size in sizes.items():
        check_count(unit, size, at_least=0)
    available = sum(size > 0 for size in sizes.values())
    if n > available:
        raise TooFewError("units", wanted=n, available=available)
    certain: set[str] = set()
    while True:
        left = n - len(certain)
        total = sum(size for unit, size in sizes.items() if unit not in certain)
        more = {u for u, size in sizes.items() if u not in certain and left and size * left >= total}
        if not more:
            break
        certain |= more
    return {
        unit: Fraction(1) if unit in certain else Fraction(size * left, total) if left else Fraction(0)
        for unit, size in sizes.items()
    }


def select_systematically(probabilities: Mapping[str, Fraction], *, start: Fraction) -> tuple[str, ...]:
    """Select units at equal steps through the running sum of their probabilities, in the given order.

    A unit with probability below 1 is taken when *start* plus a whole number lies above the sum before it
    and not above the sum with it; a certain unit is always taken. The order of the units is an implicit
    stratification: neighbours are rarely taken together.

    >>> halves = dict.fromkeys("abcd", Fraction(1, 2))
    >>> select_systematically(halves, start=Fraction(1, 10))
    ('a', 'c')
    >>> select_systematically(halves, start=Fraction(3, 4))
    ('b', 'd')

    Raises:
        ArgumentError: A start or a probability outside its range, or a broken sum.
    """
    if not 0 <= start < 1:
        raise ArgumentError("start", value=start, rule="must be at least 0 and below 1")
    for unit, probability in probabilities.items():
        if not 0 <= probability <= 1:
            raise ArgumentError(unit, value=probability, rule="must be a probability from 0 to 1")
    if (total := sum(probabilities.values(), Fraction(0))).denominator != 1:
        raise ArgumentError("probabilities", value=total, rule="must add up to a whole number")
    selected = []
    before = Fraction(0)
    for unit, probability in probabilities.items():
        if probability == 1:
            selected.append(unit)
            continue
        after = before + probability
        if math.floor(after - start) > math.floor(before - start):
            selected.append(unit)
        before = after
    return tuple(selected)


def select_smallest(items: Iterable[T], n: int, *, number: Callable[[T], int]) -> list[T]:
    """Select the *n* items with the smallest numbers: a simple random sample when these are uniform.

    The result keeps the items' own order.
    """
    ranked = heapq.nsmallest(n, ((number(item), place, item) for place, item in enumerate(items)))
    return [item for _, _, item in sorted(ranked, key=lambda entry: entry[1])]
