"""Where a value crosses its bound while one of its inputs is changed in whole steps; exact.

Every figure the evaluation judges depends on one input as (a + b·t) / (c + d·t), t being what is added to
the input. Such a value crosses a threshold once; where a rule for small schools begins or ends, the value
is such a fraction in pieces.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluation.terms import Bound

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The value (above + above_step·t) / (below + below_step·t) for low ≤ t ≤ high, in steps t."""

    above: Fraction
    above_step: Fraction = ZERO
    below: Fraction = ONE
    below_step: Fraction = ZERO
    #: None: without end.
    low: int | None = None
    high: int | None = None

    def covers(self, t: int) -> bool:
        """Return whether *t* lies in the piece."""
        return (self.low is None or t >= self.low) and (self.high is None or t <= self.high)

    def value(self, t: int) -> Fraction | None:
        """Return the value after *t* steps, None where nothing is left to divide by."""
        below = self.below + self.below_step * t
        return (self.above + self.above_step * t) / below if below > 0 else None

    def near(self, threshold: Fraction) -> Iterator[int]:
        """Yield the whole steps beside the place where the value is *threshold*, and the piece's ends."""
        slope = self.above_step - threshold * self.below_step
        if slope:
            yield from _around((threshold * self.below - self.above) / slope)
        yield from (end for end in (self.low, self.high) if end is not None)


def value_at(pieces: Iterable[Line], t: int) -> Fraction | None:
    """Return the value after *t* steps, None where it is unknown or not defined."""
    return next((line.value(t) for line in pieces if line.covers(t)), None)


def crossing(pieces: Sequence[Line], bound: Bound, *, met: bool) -> int | None:
    """Return the fewest steps (signed, not 0) after which *bound* is met, or is not, as *met* wants it.

    None where no number of steps does it.

    >>> half = Bound(at_least=Fraction(1, 2))
    >>> crossing([Line(above=Fraction(9), above_step=ONE, below=Fraction(20))], half, met=True)
    1
    >>> crossing([Line(above=Fraction(10), above_step=ONE, below=Fraction(20))], half, met=False)
    -1
    """

    def turned(t: int) -> bool:
        value = value_at(pieces, t)
        return value is not None and bound.holds(value) is met

    return fewest((t for line in pieces for t in line.near(bound.threshold) if line.covers(t)), turned)


def fewest(candidates: Iterable[int], turned: Callable[[int], bool]) -> int | None:
    """Return the candidate nearest to 0, not 0 itself, that *turned* accepts; more before less."""
    ordered = sorted({each for each in candidates if each}, key=lambda each: (abs(each), -each))
    return next((each for each in ordered if turned(each)), None)


def square_root(value: Fraction) -> Fraction:
    """Return the square root of a number that is not negative, to within 10⁻⁹ of its size."""
    scale = 10**9
    return Fraction(math.isqrt(value.numerator * value.denominator * scale**2), value.denominator * scale)


def around_roots(square: Fraction, linear: Fraction, constant: Fraction) -> Iterator[int]:
    """Yield the whole numbers beside the real roots of square·t² + linear·t + constant."""
    if not square:
        if linear:
            yield from _around(-constant / linear)
        return
    inside = linear**2 - 4 * square * constant
    if inside >= 0:
        for sign in (1, -1):
            yield from _around((-linear + sign * square_root(inside)) / (2 * square))


def _around(place: Fraction) -> Iterator[int]:
    """Yield the whole numbers beside *place*: two on each side, so that a strict bound is passed too."""
    first = math.floor(place)
    yield from range(first - 1, first + 3)
