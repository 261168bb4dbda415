"""Where the dots and intervals of the chart stand; templates only draw them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

#: The drawing's width and the margin at both ends, in its own units.
WIDTH = 360
_MARGIN = 6
_ROW = 46
_TOP = 26
_BOTTOM = 22

#: Room to the left of the lowest rate; what an interval needs beyond it is cut off.
_ROOM = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One rate with its interval."""

    label: str
    rate: Fraction
    #: Height of the words and of the line.
    words_y: int
    y: int
    x: float
    #: None where the design gives no interval.
    lower_x: float | None
    upper_x: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Dots on one scale with the limit line."""

    dots: tuple[Dot, ...]
    height: int
    limit: float
    limit_x: float
    #: Lowest value of the scale; the highest is 1.
    lowest: float
    #: Whether an interval reaches below the scale.
    cut: bool
    left: int = _MARGIN
    right: int = WIDTH - _MARGIN
    width: int = WIDTH

    @property
    def foot(self) -> int:
        """Where the lines end and the scale's words begin."""
        return self.height - _BOTTOM


def dot_chart(rows: Sequence[tuple[str, Fraction, Mapping[str, Any] | None]], limit: Fraction) -> Chart:
    """Lay out rows of (label, rate, weighted estimate or None): a dot for the rate, a line for its interval.

    >>> dot_chart([("parents", Fraction(9, 10), None)], Fraction(85, 100)).lowest
    0.7
    """
    least = min([float(limit), *(float(rate) for _, rate, _ in rows)])
    lowest = max(0, int((least - _ROOM) * 10)) / 10

    def x(value: Fraction | float) -> float:
        shown = max(lowest, float(value))
        return round(_MARGIN + (shown - lowest) / (1 - lowest) * (WIDTH - 2 * _MARGIN), 1)

    dots = []
    for number, (label, rate, weighted) in enumerate(rows):
        top = _TOP + number * _ROW
        lower, upper = (weighted["lower"], weighted["upper"]) if weighted else (None, None)
        dots.append(
            Dot(
                label=label,
                rate=rate,
                words_y=top + 16,
                y=top + 30,
                x=x(rate),
                lower_x=None if lower is None else x(lower),
                upper_x=None if upper is None else x(upper),
            )
        )
    return Chart(
        dots=tuple(dots),
        height=_TOP + len(dots) * _ROW + _BOTTOM,
        limit=float(limit),
        limit_x=x(limit),
        lowest=lowest,
        cut=any(each and each["lower"] is not None and each["lower"] < lowest for _, _, each in rows),
    )
