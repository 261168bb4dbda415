"""Which counties a reader wants to see, and in which order: every column sorts, filters add up."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from survey_app.assessments.applications.models import LEVELS
from survey_app.supervision.province.standings import Standing

#: Worst first; a county without a run stands with those that have no value.
OUTCOMES = ("not_met", "undetermined", "met")

#: Sections of the national standard, in the order of a scheme's pages.
SECTIONS = ("eligibility", "vetoes", "resources", "guarantee", "quality", "recognition")

#: What stands for counties without a run among the verdicts.
NO_RUN = "none"


def _rank(outcome: str | None) -> int | None:
    return None if outcome is None else OUTCOMES.index(outcome)


def _section(name: str) -> Callable[[Standing], Any]:
    return lambda each: _rank(each.sections.get(name))


def change(standing: Standing) -> Fraction | None:
    """How much better a county stands than the year before: verdicts first, then what it misses."""
    before = standing.before
    if before is None or standing.verdict is None:
        return None
    verdicts = OUTCOMES.index(standing.verdict) - OUTCOMES.index(before.verdict)
    return verdicts + Fraction(before.missed - standing.missed, 1000)


#: Column → what it sorts by; None comes last in either direction.
SORTS: Mapping[str, Callable[[Standing], Any]] = {
    "county": lambda each: each.code,
    "city": lambda each: each.city_code,
    "due": lambda each: each.due,
    "verdict": lambda each: _rank(each.verdict),
    **{name: _section(name) for name in SECTIONS},
    "rate": lambda each: each.recognition.rate if each.recognition else None,
    "worst": lambda each: each.worst.ratio if each.worst else None,
    "distance": lambda each: (
        None
        if each.run_id is None
        else (each.missed, each.schools_failing, each.undetermined, each.schools_unknown)
    ),
    "tasks": lambda each: (each.tasks_overdue, each.tasks_open),
    "listed": lambda each: each.listed,
    "change": change,
    "run": lambda each: (
        None if each.run_year is None else (each.run_year, LEVELS.index(each.level or LEVELS[0]))
    ),
}

#: Columns that show their largest first when they are asked for: the worst stands on top.
LARGEST_FIRST = frozenset({"worst", "distance", "tasks", "listed", "run"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a reader asked for; empty where nothing."""

    city: str = ""
    #: met, not_met, undetermined, or none for counties without a run.
    verdict: str = ""
    due: str = ""
    at_risk: bool = False
    #: Only runs under this scheme; empty: the newest under any.
    scheme: str = ""
    sort: str = "county"
    descending: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str], *, schemes: Collection[str] = ()) -> "Wish":
        """Read the parameters of an address; what it does not know is passed over."""
        sort = given.get("sort", "")
        sort = sort if sort in SORTS else "county"
        verdict = given.get("verdict", "")
        return cls(
            city=given.get("city", ""),
            verdict=verdict if verdict in {*OUTCOMES, NO_RUN} else "",
            due=given.get("due", ""),
            at_risk=given.get("at_risk", "") == "1",
            scheme=given.get("scheme", "") if given.get("scheme") in schemes else "",
            sort=sort,
            descending=given.get("order", "asc") == "desc",
        )

    @property
    def filters(self) -> dict[str, str]:
        """The filters as parameters of an address."""
        given = {"city": self.city, "verdict": self.verdict, "due": self.due, "scheme": self.scheme}
        return {key: value for key, value in given.items() if value} | (
            {"at_risk": "1"} if self.at_risk else {}
        )

    @property
    def parameters(self) -> dict[str, str]:
        """All of it as parameters of an address."""
        order = {"sort": self.sort, "order": "desc" if self.descending else "asc"}
        return self.filters | (order if (self.sort, self.descending) != ("county", False) else {})

    def sorting(self, column: str) -> dict[str, str]:
        """Parameters of the address that sorts by *column*: the other way round where it already does."""
        descending = not self.descending if column == self.sort else column in LARGEST_FIRST
        return self.filters | {"sort": column, "order": "desc" if descending else "asc"}

    def direction(self, column: str) -> str:
        """What ``aria-sort`` says of a column."""
        if column != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"


def chosen(
    standings: Iterable[Standing], wish: Wish, *, risky: frozenset[str] = frozenset()
) -> list[Standing]:
    """Give the counties that *wish* asks for, in its order; equal ones stay in the order of their codes.

    Args:
        standings: all of them.
        wish: filters and order.
        risky: codes of the counties at risk.
    """
    kept = [
        each
        for each in standings
        if wish.city in {"", each.city_code}
        and wish.verdict in {"", each.verdict or NO_RUN}
        and wish.due in {"", str(each.due) if each.due else NO_RUN}
        and (not wish.at_risk or each.code in risky)
    ]
    by = SORTS[wish.sort]
    kept.sort(key=lambda each: each.code)
    known = [each for each in kept if by(each) is not None]
    return [
        *sorted(known, key=by, reverse=wish.descending),
        *(each for each in kept if by(each) is None),
    ]
