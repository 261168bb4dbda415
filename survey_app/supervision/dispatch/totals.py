"""What the counties of a quarter's report add up to, so that two quarters stand side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def totals_of(counties: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count counties by state, verdict, application and listing, and their tasks that are overdue."""
    states = Counter(each["pace"]["state"] for each in counties)
    verdicts = Counter(each["run"]["verdict"] if each["run"] else "none" for each in counties)
    return {
        "reported": len(counties),
        "recognised": sum(each["recognised_on"] is not None for each in counties),
        **{state: states[state] for state in ("behind", "due", "next")},
        "at_risk": sum(bool(each["pace"]["reasons"]) for each in counties),
        **{verdict: verdicts[verdict] for verdict in ("met", "not_met", "undetermined", "none")},
        "applied": sum(each["pace"]["level"] is not None for each in counties),
        "listed": sum(each["listed"] for each in counties),
        "overdue_in": sum(bool(each["tasks"]["overdue"]) for each in counties),
        "overdue": sum(each["tasks"]["overdue"] for each in counties),
    }
