"""Recognised against scheduled, year after year, as bars: geometry here, drawing in the template."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_app.supervision.schedule.pace import Cumulative

#: A row for each year, in units of the drawing; the page scales it.
WIDTH, LEFT, ROW, TOP, WORDS = 420, 52, 36, 4, 84


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One year's end."""

    year: int
    y: int
    #: Lengths in units of the drawing; None where nothing is known yet.
    scheduled: float
    recognised: float | None
    #: What stands beside the bars.
    words: str
    #: Whether it is the present year.
    now: bool
    #: Whether fewer are recognised than scheduled; a year counts once it is over.
    short: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars of all years."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    left: int


def chart_of(years: Sequence[Cumulative], *, this_year: int) -> Chart:
    """Lay out *years*, the longest bar for the most counties ever."""
    most = max([each.scheduled for each in years] + [each.recognised or 0 for each in years], default=0) or 1
    scale = (WIDTH - LEFT - WORDS) / most
    bars = [
        Bar(
            year=each.year,
            y=TOP + ROW * position,
            scheduled=round(each.scheduled * scale, 1),
            recognised=None if each.recognised is None else round(each.recognised * scale, 1),
            words=f"{each.scheduled}" if each.recognised is None else f"{each.recognised} / {each.scheduled}",
            now=each.year == this_year,
            short=each.recognised is not None and each.year < this_year and each.recognised < each.scheduled,
        )
        for position, each in enumerate(years)
    ]
    return Chart(bars=tuple(bars), width=WIDTH, height=TOP + ROW * len(bars) + 4, left=LEFT)
