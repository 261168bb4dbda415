"""Quarters and years in Beijing: what a report is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from survey_app.clock import BEIJING

_NUMERALS = "一二三四"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A quarter of a year, or the whole year.

    >>> Period(2026, 3).title, Period(2026, 0).title
    ('2026年第三季度', '2026年')
    """

    year: int
    #: 1 to 4; 0 for the whole year.
    quarter: int = 0

    @property
    def title(self) -> str:
        """What it is called in a paper."""
        return f"{self.year}年第{_NUMERALS[self.quarter - 1]}季度" if self.quarter else f"{self.year}年"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.quarter - 2 if self.quarter else 1, 1)

    @property
    def begins(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), BEIJING)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return self.after.begins

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after.first - timedelta(days=1)

    @property
    def after(self) -> "Period":
        """The next one of its kind."""
        if not self.quarter:
            return Period(self.year + 1)
        return Period(self.year, self.quarter + 1) if self.quarter < 4 else Period(self.year + 1, 1)

    @property
    def before(self) -> "Period":
        """The one before of its kind."""
        if not self.quarter:
            return Period(self.year - 1)
        return Period(self.year, self.quarter - 1) if self.quarter > 1 else Period(self.year - 1, 4)


def quarter_of(day: date) -> Period:
    """The quarter in which *day* lies.

    >>> quarter_of(date(2026, 11, 23))
    Period(year=2026, quarter=4)
    """
    return Period(day.year, (day.month + 2) // 3)


def offered(today: date, *, quarters: int = 4, years: int = 2) -> list[Period]:
    """The present quarter and those before it, then the present year and the one before."""
    found, quarter, year = [], quarter_of(today), Period(today.year)
    for _ in range(quarters):
        found.append(quarter)
        quarter = quarter.before
    for _ in range(years):
        found.append(year)
        year = year.before
    return found
