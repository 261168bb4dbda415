"""One small panel a county, all in the same scale: its coefficients against their limits, its recognition."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_app.supervision.province.standings import Coefficient, Recognition, Standing

#: A panel in units of its own; the page scales it.
WIDTH, HEIGHT = 168, 92

#: Bars stand on BASE and may be so high; the axis of recognition lies below.
BASE, TALL, AXIS = 60, 54, 80

#: A bar's width and distance to the next, and the gap between the stages.
_BAR, _STEP, _GAP = 8, 11, 12

#: What the axis of recognition covers.
_FROM, _TO = 0.5, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A coefficient as a multiple of its limit."""

    x: float
    y: float
    height: float
    #: met or not_met.
    outcome: str
    #: Whether it is higher than the panel and cut off.
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Recognition: its rate, interval and limit on the axis."""

    rate: float
    limit: float
    outcome: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPanel:
    """One county's panel."""

    standing: Standing
    bars: tuple[Bar, ...]
    dots: Dots | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panels:
    """All panels, and where the limit of the coefficients lies in each."""

    panels: tuple[SmallPanel, ...]
    limit_y: float
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE
    axis: int = AXIS
    bar: int = _BAR


def panels_of(standings: Sequence[Standing]) -> Panels:
    """Lay out one panel a county, in the order given.

    The scale is the same in all: up to the largest coefficient there is, at most twice its limit.
    """
    ratios = [float(each.ratio) for standing in standings for each in standing.coefficients]
    top = min(max([*ratios, 1.2]), 2.0)
    return Panels(
        panels=tuple(
            SmallPanel(standing=each, bars=_bars(each.coefficients, top=top), dots=_dots(each.recognition))
            for each in standings
        ),
        limit_y=round(BASE - TALL / top, 1),
    )


def _bars(coefficients: Sequence[Coefficient], *, top: float) -> tuple[Bar, ...]:
    bars = []
    x = 2.0
    for place, each in enumerate(coefficients):
        if place and each.stage != coefficients[place - 1].stage:
            x += _GAP - (_STEP - _BAR)
        ratio = float(each.ratio)
        height = round(min(ratio, top) / top * TALL, 1)
        outcome = "met" if each.ratio <= 1 else "not_met"
        bars.append(
            Bar(x=round(x, 1), y=round(BASE - height, 1), height=height, outcome=outcome, cut=ratio > top)
        )
        x += _STEP
    return tuple(bars)


def _dots(recognition: Recognition | None) -> Dots | None:
    if recognition is None or recognition.rate is None:
        return None
    return Dots(
        rate=_place(float(recognition.rate)),
        limit=_place(float(recognition.limit)),
        outcome="met" if recognition.rate >= recognition.limit else "not_met",
        low=None if recognition.low is None else _place(float(recognition.low)),
        high=None if recognition.high is None else _place(float(recognition.high)),
    )


def _place(share: float) -> float:
    """Where a share lies on the axis; below its beginning at its beginning."""
    inside = min(max(share, _FROM), _TO)
    return round(4 + (inside - _FROM) / (_TO - _FROM) * (WIDTH - 8), 1)
