"""The findings nearest to turning, laid out for pages and papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.assessments.overview import Overview
from survey_app.assessments.words import titled

#: How many findings of a list are shown.
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """One finding that little would turn."""

    title: str
    #: What is missing, or can be lost, and the smallest change that turns it.
    text: str
    #: Other findings of the same item that come after it.
    others: int
    #: Place of the finding among the view's.
    position: int
    #: Whether the verdict turns with it alone.
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """What would be met first, and what would be missed first."""

    #: Findings that are not met, in all.
    not_met: int
    to_pass: tuple[Near, ...]
    to_fail: tuple[Near, ...]

    def __bool__(self) -> bool:
        return bool(self.to_pass or self.to_fail)


def nearest_of(view: Overview) -> Nearest:
    """Give the nearest findings of a verdict; none where it was stored without them."""
    found = view.document.get("sensitivity", {})
    positions = {(each["id"], each["school"], each["stage"]): each["position"] for each in view.findings}
    return Nearest(
        not_met=found.get("not_met", 0),
        to_pass=tuple(_near(each, positions) for each in found.get("to_pass", ())[:SHOWN]),
        to_fail=tuple(_near(each, positions) for each in found.get("to_fail", ())[:SHOWN]),
    )


def _near(each: Mapping[str, Any], positions: Mapping[tuple[Any, ...], int]) -> Near:
    return Near(
        title=titled(each["id"], each["label"]),
        text=each["text"],
        others=each["others"],
        position=positions[each["id"], each["school"], each["stage"]],
        alone=each["alone"],
    )
