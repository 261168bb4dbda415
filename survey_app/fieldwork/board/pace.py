"""How fast questionnaires come in, and how many there will be at the close."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import variance

#: Length of a stretch: with whole days behind it, a pace holds mornings and evenings alike.
STRETCH = timedelta(days=1)

#: Half-width of an interval that holds four out of five, in standard deviations.
_Z = 1.2816


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How many questionnaires there will be at the close, if people go on as of late."""

    #: At the pace of the latest stretches.
    expected: int
    #: Four times out of five it lies within; the lower end also holds if the pace goes on falling.
    lower: int
    upper: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast questionnaires come in."""

    #: Questionnaires in each of the latest stretches of 24 hours, the latest first; whole stretches only.
    stretches: tuple[int, ...]
    #: Days until the close; 0 once it has passed.
    days_left: float
    #: A day, of late; None before the first whole day.
    per_day: float | None
    #: A day, to reach what is wanted; 0 where it is reached, None where no time is left.
    needed_per_day: float | None
    #: None before the first whole day.
    forecast: Forecast | None


def pace(
    arrivals: Iterable[tuple[datetime, int]],
    *,
    came: int,
    wanted: int,
    most: int | None,
    opened: datetime,
    closes: datetime,
    now: datetime,
    stretches: int = 3,
) -> Pace:
    """Read the pace off *arrivals* and carry it to the close.

    With the counts of the k latest whole stretches of 24 hours, their mean m and variance v (at least m, as
    for independent arrivals), d days left bring m·d ± 1.2816·√(d·v + d²·v/k): chance from day to day, and
    the uncertainty of the mean. The lower end is also at most what comes if each stretch goes on shrinking
    as the latest one did against those before.

    >>> day = timedelta(days=1)
    >>> opened = datetime(2026, 11, 20)
    >>> found = pace(
    ...     [(opened, 30), (opened + day, 30)], came=60, wanted=150, most=None,
    ...     opened=opened, closes=opened + 5 * day, now=opened + 2 * day,
    ... )
    >>> found.per_day, found.needed_per_day, found.forecast
    (30.0, 30.0, Forecast(expected=150, lower=130, upper=170))

    Args:
        arrivals: begin of a bucket, questionnaires in it.
        came: questionnaires so far.
        wanted: questionnaires wanted in all.
        most: questionnaires there can be in all; None where nothing limits them.
        opened: when the first could come.
        closes: when the last can come.
        now: the present instant.
        stretches: how many of the latest to look at.
    """
    counts = _stretches(arrivals, opened=opened, now=min(now, closes), most=stretches)
    days_left = max(0.0, (closes - now) / STRETCH)
    missing = max(0, wanted - came)
    needed = None if missing and not days_left else missing / days_left if missing else 0.0
    return Pace(
        stretches=counts,
        days_left=days_left,
        per_day=sum(counts) / len(counts) if counts else None,
        needed_per_day=needed,
        forecast=_forecast(counts, came, days_left, most) if counts else None,
    )


def _stretches(
    arrivals: Iterable[tuple[datetime, int]], *, opened: datetime, now: datetime, most: int
) -> tuple[int, ...]:
    whole = min(most, int((now - opened) / STRETCH)) if now > opened else 0
    counts = [0] * whole
    for begin, n in arrivals:
        back = max(0, math.ceil((now - begin) / STRETCH) - 1)
        if back < whole:
            counts[back] += n
    return tuple(counts)


def _forecast(counts: Sequence[int], came: int, days_left: float, most: int | None) -> Forecast:
    k, mean = len(counts), sum(counts) / len(counts)
    spread = max(mean, variance(counts) if k > 1 else mean)
    deviation = math.sqrt(days_left * spread + days_left**2 * spread / k)
    expected = mean * days_left
    lower = min(expected - _Z * deviation, _falling(counts, days_left))
    room = math.inf if most is None else max(0, most - came)

    def at_close(more: float) -> float:
        return came + min(max(0.0, more), room)

    return Forecast(
        expected=round(at_close(expected)),
        lower=math.floor(at_close(lower)),
        upper=math.ceil(at_close(expected + _Z * deviation)),
    )


def _falling(counts: Sequence[int], days_left: float) -> float:
    """What comes if each stretch shrinks as the latest did against the mean of those before."""
    latest, *before = counts
    mean_before = sum(before) / len(before) if before else latest
    if latest >= mean_before:
        return math.inf
    ratio = latest / mean_before
    return latest * ratio * (1 - ratio**days_left) / (1 - ratio)
