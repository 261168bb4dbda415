"""What an overview of a verdict is made of: items, sections, rows of its tables, reasons, duties."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from survey_app.assessments.words import titled

Finding = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the document with everything found about it."""

    id: str
    #: What stands for the whole item: its only finding, or the one that sums up the others.
    head: Finding
    #: Findings on the county or a stage, where there are several.
    parts: tuple[Finding, ...]
    #: Findings on schools, worst first.
    schools: tuple[Finding, ...]

    @property
    def outcome(self) -> str:
        """met, not_met or undetermined."""
        return self.head["outcome"]

    @property
    def stated(self) -> bool:
        """Whether the county says it is met where figures leave it open."""
        return any(
            each["stated"] == "met" and each["outcome"] == "undetermined" for each in (self.head, *self.parts)
        )

    @property
    def figure(self) -> Finding | None:
        """The finding whose figure stands for the item: none where several are summed up but by points."""
        if not self.head["summary"] or self.head["unit"] == "points":
            return self.head
        judged = [each for each in self.parts if each["judged"]]
        return judged[0] if len(judged) == 1 and not self.schools else None

    @property
    def failing(self) -> tuple[Finding, ...]:
        """Findings on schools that need attention."""
        return tuple(each for each in self.schools if each["outcome"] != "met")

    @property
    def failing_schools(self) -> int:
        """How many schools do not meet it."""
        return len({each["school"] for each in self.schools if each["outcome"] == "not_met"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the document, with its outcome and how many of its units or items are met."""

    id: str
    label: str
    clause: str
    outcome: str
    items: tuple[Item, ...]
    met: int
    total: int

    def with_outcome(self, outcome: str) -> tuple[Item, ...]:
        """The section's items with this outcome."""
        return tuple(each for each in self.items if each.outcome == outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """An indicator in a school, as a multiple of its standard."""

    ratio: str
    #: below_floor, below, missing or fine.
    state: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """A school part across the indicators."""

    name: str
    stage: str
    pupils: int | None
    cells: tuple[HeatCell, ...]
    rule: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CoefficientRow:
    """An indicator in a stage for the county: mean, schools that reach it, difference."""

    indicator: Mapping[str, Any]
    stage: str
    mean: float | None
    threshold: Any
    reached: int
    #: Schools whose value is unknown.
    unknown: int
    schools: int
    difference: Finding
    #: The finding on the mean, where the document judges it.
    mean_finding: Finding | None

    @property
    def share(self) -> Fraction | None:
        """The share of schools that reach it; None where a school's value is unknown."""
        return Fraction(self.reached, self.schools) if self.schools and not self.unknown else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the verdict is what it is: one finding, and the schools it concerns."""

    finding: Finding
    schools: tuple[Finding, ...] = ()

    @property
    def school_count(self) -> int:
        """How many schools it concerns; one may fall short in several ways."""
        return len({each["school"] for each in self.schools})

    @property
    def label(self) -> str:
        """What it is about."""
        return titled(self.finding["id"], self.finding["label"])


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A standard that schools meet through an exemption and must reach in full later."""

    exemption: str
    label: str
    #: Within how many years after recognition.
    years: int
    findings: tuple[Finding, ...]
