"""A schedule: which counties are to be recognised in which year, and where it contradicts itself.

The heads of its rows and columns say how many counties each city and year has; the cells name them. What is
said twice is compared; nothing is repaired. :func:`evaluation.loader.load_schedule` makes a
:class:`Schedule` from its folder.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Self

from pydantic import Field, model_validator

from evaluation.contradictions import Contradiction
from evaluation.terms import Data, Text


class City(Data):
    """A row's head: a city, and how many counties it has by the document; None where it does not say."""

    name: str
    counties: int | None = Field(default=None, ge=0)


class Year(Data):
    """A column's head: a year, and how many counties it has by the document; None where it does not say."""

    year: int
    counties: int | None = Field(default=None, ge=0)


class Claim(Data):
    """What the document says elsewhere of the number of counties until a year."""

    until: int
    counties: int = Field(ge=0)
    text: Text
    clause: str


class Plan(Data):
    """The year that another document, e.g. the county's own, plans for a county."""

    city: str
    county: str
    year: int
    document: str
    clause: str


class Planned(Data):
    """A county the schedule names, and the year it stands under."""

    city: str
    county: str
    year: int


class Division(Data):
    """A county the province has, whether the schedule names it or not."""

    city: str
    code: str = Field(pattern=r"^[0-9]{6}$")
    county: str


class ScheduleHead(Data):
    """The file ``schedule.toml``: everything but the counties."""

    id: str
    title: Text
    document: str
    issuer: Text
    issued: date
    clause: str
    cities: list[City]
    years: list[Year]
    claims: list[Claim] = Field(default_factory=list)
    plans: list[Plan] = Field(default_factory=list)

    @model_validator(mode="after")
    def _heads_once(self) -> Self:
        heads: Sequence[tuple[str, list[Any]]] = (
            ("cities", [city.name for city in self.cities]),
            ("years", [year.year for year in self.years]),
        )
        for name, given in heads:
            twice = [each for each, times in Counter(given).items() if times > 1]
            if twice:
                raise ValueError(f"{name}: {twice[0]!r} stands twice")
        return self


class Schedule(Data):
    """A schedule; frozen, with the digest of the files it came from."""

    head: ScheduleHead
    #: The counties it names, in its order.
    counties: list[Planned]
    #: The counties of the province; empty where nobody has listed them.
    divisions: list[Division]
    #: SHA-256 over the schedule's files in canonical order.
    digest: str

    @property
    def id(self) -> str:
        """The schedule's id, e.g. ``shanxi-2022``."""
        return self.head.id

    def year_of(self, city: str, county: str) -> int | None:
        """Return the year a county is planned for; None where the schedule does not name it."""
        found = [each.year for each in self.counties if (each.city, each.county) == (city, county)]
        return found[0] if found else None

    def in_year(self, year: int) -> list[Planned]:
        """Return the counties named for a year."""
        return [each for each in self.counties if each.year == year]

    def in_city(self, city: str) -> list[Planned]:
        """Return the counties named in a city."""
        return [each for each in self.counties if each.city == city]

    def document(self, lang: str = "zh") -> dict[str, Any]:
        """Return the schedule and its contradictions as JSON values, its sentences in ``zh`` or ``en``."""
        return {
            "id": self.id,
            "digest": self.digest,
            "title": self.head.title[lang],
            "document": self.head.document,
            "cities": [
                {"name": city.name, "stated": city.counties, "named": len(self.in_city(city.name))}
                for city in self.head.cities
            ],
            "years": [
                {"year": year.year, "stated": year.counties, "named": len(self.in_year(year.year))}
                for year in self.head.years
            ],
            "counties": [
                {"city": each.city, "county": each.county, "year": each.year, "code": self._code(each)}
                for each in self.counties
            ],
            "contradictions": [each.document(lang) for each in schedule_contradictions(self)],
        }

    def _code(self, planned: Planned) -> str | None:
        place = (planned.city, planned.county)
        return next((each.code for each in self.divisions if (each.city, each.county) == place), None)


def schedule_contradictions(schedule: Schedule) -> list[Contradiction]:
    """Return where the schedule's heads, names and claims, and other documents' years, do not agree."""
    return [
        *_heads(schedule),
        *_total(schedule),
        *_names(schedule),
        *_claims(schedule),
        *_plans(schedule),
    ]


def _heads(schedule: Schedule) -> Iterator[Contradiction]:
    """Yield cities and years that name another number of counties than their head says."""
    for city in schedule.head.cities:
        named = len(schedule.in_city(city.name))
        if city.counties is not None and named != city.counties:
            facts = {"city": city.name, "stated": city.counties, "named": named}
            yield Contradiction(id="schedule_city", where=f"cities[{city.name}]", facts=facts)
    for year in schedule.head.years:
        named = len(schedule.in_year(year.year))
        if year.counties is not None and named != year.counties:
            facts = {"year": str(year.year), "stated": year.counties, "named": named}
            yield Contradiction(id="schedule_year", where=f"years[{year.year}]", facts=facts)


def _total(schedule: Schedule) -> Iterator[Contradiction]:
    """Yield sums of the heads that are not the number of names, or not each other; none where one is open."""
    cities = [city.counties for city in schedule.head.cities if city.counties is not None]
    years = [year.counties for year in schedule.head.years if year.counties is not None]
    if len(cities) < len(schedule.head.cities) or len(years) < len(schedule.head.years):
        return
    named = len(schedule.counties)
    if not sum(cities) == sum(years) == named:
        facts = {"cities": sum(cities), "years": sum(years), "named": named}
        yield Contradiction(id="schedule_total", where="counties", facts=facts)


def _names(schedule: Schedule) -> Iterator[Contradiction]:
    """Yield counties the province has and the schedule does not name, or names twice, or invents."""
    named = Counter((each.city, each.county) for each in schedule.counties)
    for city, county in (place for place, times in named.items() if times > 1):
        years = [str(each.year) for each in schedule.in_city(city) if each.county == county]
        facts = {"city": city, "county": county, "years": years}
        yield Contradiction(id="schedule_twice", where=f"counties[{county}]", facts=facts)
    if not schedule.divisions:
        return
    known = {(each.city, each.county): each for each in schedule.divisions}
    for place in known:
        if place not in named:
            facts = {"city": place[0], "county": place[1]}
            yield Contradiction(id="schedule_missing", where=f"counties[{place[1]}]", facts=facts)
    for place in named:
        if place not in known:
            facts = {"city": place[0], "county": place[1]}
            yield Contradiction(id="schedule_unknown", where=f"counties[{place[1]}]", facts=facts)


def _claims(schedule: Schedule) -> Iterator[Contradiction]:
    """Yield what the text says of the counties until a year, where the table names another number."""
    for place, claim in enumerate(schedule.head.claims):
        named = sum(each.year <= claim.until for each in schedule.counties)
        if named != claim.counties:
            facts = {
                "text": {"zh": claim.text.zh, "en": claim.text.en},
                "clause": claim.clause,
                "until": str(claim.until),
                "stated": claim.counties,
                "named": named,
            }
            yield Contradiction(id="schedule_claim", where=f"claims[{place}]", facts=facts)


def _plans(schedule: Schedule) -> Iterator[Contradiction]:
    """Yield counties for which another document plans another year."""
    for plan in schedule.head.plans:
        year = schedule.year_of(plan.city, plan.county)
        if year is not None and year != plan.year:
            facts = {
                "county": plan.county,
                "scheduled": str(year),
                "planned": str(plan.year),
                "document": plan.document,
                "clause": plan.clause,
            }
            yield Contradiction(id="schedule_plan", where=f"plans[{plan.county}]", facts=facts)
