"""The pace against a schedule: which counties are recognised, due, behind or at risk, and why.

Everything here is plain facts in, plain facts out.

>>> county = CountyFacts(code="140524", name="陵川县", city="晋城市", due=2029)
>>> pace_of(county, today=date(2026, 11, 23), limits=Limits(slow_step_days=92, years_ahead=1)).state
'later'
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

#: How a county can stand against its year, the most pressing first.
STATES = ("behind", "due", "next", "later", "unnamed", "late", "in_time", "recognised")

#: The states of counties that are recognised.
RECOGNISED = frozenset({"late", "in_time", "recognised"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a county counts as slow, and how far ahead one looks."""

    slow_step_days: int
    years_ahead: int


@cache
def limits() -> Limits:
    """Give the limits as they are set."""
    text = (files("survey_app.supervision.schedule") / "pace.toml").read_text(encoding="utf-8")
    return Limits(**tomllib.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherYear:
    """A year that another document, or another line of the same one, gives a county."""

    year: int
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A county's newest evaluation."""

    number: int
    #: The statistical year of its figures.
    year: int
    scheme_id: str
    level: str
    verdict: str
    #: Whether a recognition survey counts in it; None where the scheme asks for none.
    surveyed: bool | None
    #: Section → outcome.
    sections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyFacts:
    """What is known of one county."""

    #: None for a name that the province's counties do not have.
    code: str | None
    name: str
    city: str
    #: The year the schedule names; None where it names none.
    due: int | None = None
    #: Other years for the same county.
    others: tuple[OtherYear, ...] = ()
    recognised_on: date | None = None
    #: The document by which it was recognised outside this installation; empty where it was signed here.
    recognised_by: str = ""
    #: Where its application lies, and since when; None without one under way.
    level: str | None = None
    since: date | None = None
    run: RunFacts | None = None
    listed_since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a county is at risk; *facts* fill the sentence."""

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a county stands against its year."""

    county: CountyFacts
    #: One of `STATES`.
    state: str
    #: Why it is at risk; empty where it is not.
    reasons: tuple[Reason, ...]

    @property
    def at_risk(self) -> bool:
        """Whether something has to be done about it now."""
        return bool(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The counties of a year, of a city, or all of them."""

    name: str
    #: What the schedule's head says; None where it says nothing.
    stated: int | None
    #: Counties that it names.
    named: int
    recognised: int
    #: Recognised, but after their year.
    late: int
    #: Not recognised although their year is over.
    behind: int
    at_risk: int
    #: Level → counties whose application lies there.
    levels: Mapping[str, int]
    #: Counties whose year is over or is this one.
    due_by_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cumulative:
    """A year's end: how many counties should be recognised by then, and are."""

    year: int
    #: By the heads, as far as they say; None where one does not.
    stated: int | None
    #: By the counties that are named.
    scheduled: int
    #: None for years to come; this year counts until today.
    recognised: int | None


def pace_of(county: CountyFacts, *, today: date, limits: Limits) -> Pace:
    """Say how *county* stands *today*: until 31 December a year's counties are due, from then on behind."""
    state = _state(county, today, limits)
    reasons = () if state in RECOGNISED else tuple(_reasons(county, state, today, limits))
    return Pace(county=county, state=state, reasons=reasons)


def tally(name: str, paces: Sequence[Pace], *, stated: int | None, today: date) -> Tally:
    """Count counties."""
    levels: dict[str, int] = {}
    for each in paces:
        if each.county.level and each.state not in RECOGNISED:
            levels[each.county.level] = levels.get(each.county.level, 0) + 1
    return Tally(
        name=name,
        stated=stated,
        named=sum(each.county.due is not None for each in paces),
        recognised=sum(each.state in RECOGNISED for each in paces),
        late=sum(each.state == "late" for each in paces),
        behind=sum(each.state == "behind" for each in paces),
        at_risk=sum(each.at_risk for each in paces),
        levels=levels,
        due_by_now=sum(each.county.due is not None and each.county.due <= today.year for each in paces),
    )


def cumulative(
    paces: Sequence[Pace], heads: Sequence[tuple[int, int | None]], *, today: date
) -> tuple[Cumulative, ...]:
    """Add up year after year what should be recognised and what is.

    Args:
        paces: the counties.
        heads: the schedule's years with the number that their heads state; None where they do not.
        today: years after it have no recognised counties yet.
    """
    stated_by_year = dict(heads)
    recognised = [each.county.recognised_on.year for each in paces if each.county.recognised_on]
    due = [each.county.due for each in paces if each.county.due]
    years = sorted({*stated_by_year, *due, *(year for year in recognised if year >= min(due, default=0))})
    found: list[Cumulative] = []
    for year in years:
        heads_so_far = [stated_by_year.get(each, 0) for each in years if each <= year]
        found.append(
            Cumulative(
                year=year,
                stated=None if None in heads_so_far else sum(each or 0 for each in heads_so_far),
                scheduled=sum(each <= year for each in due),
                recognised=sum(each <= year for each in recognised) if year <= today.year else None,
            )
        )
    return tuple(found)


def at_risk(paces: Iterable[Pace]) -> list[Pace]:
    """The counties at risk: those behind first, then by year."""
    return sorted(
        (each for each in paces if each.at_risk),
        key=lambda each: (STATES.index(each.state), each.county.due or 9999, each.county.code or ""),
    )


def _state(county: CountyFacts, today: date, limits: Limits) -> str:
    due = county.due
    if county.recognised_on is not None:
        if due is None:
            return "recognised"
        return "in_time" if county.recognised_on.year <= due else "late"
    if due is None:
        return "unnamed"
    if due < today.year:
        return "behind"
    if due == today.year:
        return "due"
    return "next" if due <= today.year + limits.years_ahead else "later"


def _reasons(county: CountyFacts, state: str, today: date, limits: Limits) -> Iterator[Reason]:
    early = [each for each in county.others if each.year <= today.year + limits.years_ahead]
    if state == "behind":
        yield Reason(
            key="behind", facts={"due": county.due, "years": today.year - (county.due or today.year)}
        )
    if state in {"behind", "due", "next"}:
        yield from _unready(county, state)
    elif early and (unready := list(_unready(county, state))):
        for other in early:
            yield Reason(key="other_year", facts={"year": other.year, "document": other.document})
        yield from unready
    if county.listed_since is not None:
        yield Reason(key="listed", facts={"since": county.listed_since})
    if county.level and county.since and (today - county.since).days > limits.slow_step_days:
        yield Reason(key="slow_step", facts={"level": county.level, "days": (today - county.since).days})


def _unready(county: CountyFacts, state: str) -> Iterator[Reason]:
    """What a county lacks whose year is near."""
    run = county.run
    if run is None:
        yield Reason(key="no_run")
    else:
        if run.verdict != "met":
            yield Reason(key=run.verdict, facts={"year": run.year, "number": run.number})
        if run.surveyed is False:
            yield Reason(key="no_survey", facts={"year": run.year, "number": run.number})
    if state in {"behind", "due"} and county.level is None:
        yield Reason(key="no_application")
