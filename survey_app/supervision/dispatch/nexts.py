"""What a county, or the level it waits for, is to do next: by rule, from the facts of a report."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: Facts of a county as `content` freezes them.
County = Mapping[str, Any]


def next_steps(county: County) -> list[dict[str, Any]]:
    """Give what is to be done next, the most pressing first; nothing for a county that is recognised."""
    if county["recognised_on"]:
        return []
    return [{"key": key, "facts": facts} for key, rule in _RULES if (facts := rule(county)) is not None]


def _answer(county: County) -> Mapping[str, Any] | None:
    return {"n": county["unanswered"]} if county["unanswered"] else None


def _first_run(county: County) -> Mapping[str, Any] | None:
    return {} if county["run"] is None else None


def _fill_in(county: County) -> Mapping[str, Any] | None:
    run = county["run"]
    if not run or not (run["undetermined"] or run["schools_unknown"]):
        return None
    return {"items": run["undetermined"], "schools": run["schools_unknown"]}


def _make_good(county: County) -> Mapping[str, Any] | None:
    run = county["run"]
    if not run or not (run["missed"] or run["schools_failing"]):
        return None
    return {"items": run["missed"], "schools": run["schools_failing"]}


def _survey(county: County) -> Mapping[str, Any] | None:
    run = county["run"]
    recognition = run["recognition"] if run else None
    return {} if recognition is not None and recognition["rate"] is None else None


def _overdue(county: County) -> Mapping[str, Any] | None:
    return {"n": county["tasks"]["overdue"]} if county["tasks"]["overdue"] else None


def _plan(county: County) -> Mapping[str, Any] | None:
    """A gap that nobody has made a task of."""
    run = county["run"]
    return {} if run and run["verdict"] == "not_met" and not county["tasks"]["open"] else None


def _apply(county: County) -> Mapping[str, Any] | None:
    run, pace = county["run"], county["pace"]
    ready = run and run["verdict"] == "met" and pace and not pace["level"]
    return {} if ready else None


def _decide(county: County) -> Mapping[str, Any] | None:
    """It lies with a level: that one is to act."""
    pace = county["pace"]
    if not pace or not pace["level"]:
        return None
    return {"level": pace["level"], "since": pace["level_since"]}


_RULES: Sequence[tuple[str, Callable[[County], Mapping[str, Any] | None]]] = (
    ("answer", _answer),
    ("first_run", _first_run),
    ("fill_in", _fill_in),
    ("make_good", _make_good),
    ("plan", _plan),
    ("overdue", _overdue),
    ("survey", _survey),
    ("apply", _apply),
    ("decide", _decide),
)
