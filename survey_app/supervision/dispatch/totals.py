"""What the counties of a report add up to, so that two quarters stand side by side, and its cities."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def totals_of(counties: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count counties by state, verdict, application and listing, and their tasks that are overdue.

    A county has no pace where no schedule says when it is due; nothing is counted then that follows from one.
    """
    paces = [each["pace"] for each in counties if each["pace"]]
    states = Counter(pace["state"] for pace in paces)
    verdicts = Counter(each["run"]["verdict"] if each["run"] else "none" for each in counties)
    return {
        "reported": len(counties),
        "recognised": sum(each["recognised_on"] is not None for each in counties),
        **{state: states[state] for state in ("behind", "due", "next")},
        "at_risk": sum(bool(pace["reasons"]) for pace in paces),
        **{verdict: verdicts[verdict] for verdict in ("met", "not_met", "undetermined", "none")},
        "applied": sum(pace["level"] is not None for pace in paces),
        "listed": sum(each["listed"] for each in counties),
        "overdue_in": sum(bool(each["tasks"]["overdue"]) for each in counties),
        "overdue": sum(each["tasks"]["overdue"] for each in counties),
    }


def by_city(counties: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Counties of which a report has something to tell (work, risks, what is next), by their city."""
    cities: dict[str, list[Mapping[str, Any]]] = {}
    for each in counties:
        reasons = each["pace"]["reasons"] if each["pace"] else ()
        if each["doings"] or each["next"] or reasons or any(each["work"].values()):
            cities.setdefault(each["city"], []).append(each)
    return cities
