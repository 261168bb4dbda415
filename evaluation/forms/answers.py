"""What a source answers, and what it may look at: verdict, county file, and the row it stands in."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Self

from evaluation.county import School
from evaluation.findings import Finding, Outcome
from evaluation.forms.form import Form, Row
from evaluation.resource_findings import UnitResult
from evaluation.scheme.items import Item
from evaluation.scheme.resources import Indicator
from evaluation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a source found for a cell."""

    #: A number, not yet in the cell's unit, or words; None unless *state* is ``known`` or ``words``.
    value: Fraction | str | None = None
    #: ``known``, ``words``, ``unknown``, ``nothing`` or ``empty``, as in a filled cell.
    state: str = "known"
    outcome: Outcome | None = None
    threshold: Fraction | None = None
    comparison: str | None = None
    missing: tuple[str, ...] = ()


#: Nobody is concerned, so that there is nothing to divide or to count.
NOTHING = Answer(state="nothing")

#: The scheme has no item, or none of the kind that would answer.
EMPTY = Answer(state="empty")


def unknown(places: Iterable[str]) -> Answer:
    """Return the answer for figures that are missing at *places*."""
    return Answer(state="unknown", missing=tuple(dict.fromkeys(places)))


def number(value: Fraction | int, *, judged: Finding | None = None) -> Answer:
    """Return a known number with how a finding judged it."""
    if judged is None:
        return Answer(value=Fraction(value))
    return Answer(
        value=Fraction(value),
        outcome=judged.outcome,
        threshold=judged.threshold,
        comparison=judged.comparison,
    )


@dataclass(frozen=True, kw_only=True)
class Index:
    """A verdict's findings, items and schools, found by the names the form uses."""

    verdict: Verdict

    @cached_property
    def items(self) -> dict[str, list[Item]]:
        """National item → the scheme's items that stand for it."""
        found: dict[str, list[Item]] = {}
        for _, item in self.verdict.scheme.all_items():
            for name in item.national or [item.id]:
                found.setdefault(name, []).append(item)
        return found

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """National indicator → the scheme's indicator."""
        return {each.national or each.id: each for each in self.verdict.scheme.resources.indicators}

    @cached_property
    def findings(self) -> dict[str, list[Finding]]:
        """Item id of the scheme → its findings, without those that sum up others."""
        found: dict[str, list[Finding]] = {}
        for finding in self.verdict.findings:
            if not finding.summary:
                found.setdefault(finding.item, []).append(finding)
        return found

    @cached_property
    def on_county(self) -> dict[tuple[str, str | None], Finding]:
        """Id and stage → the finding on the county."""
        return {(each.id, each.stage): each for each in self.verdict.findings if each.school is None}

    @cached_property
    def schools(self) -> dict[str, School]:
        """Code → school."""
        return {school.code: school for school in self.verdict.county.schools}

    @cached_property
    def units(self) -> dict[str, list[UnitResult]]:
        """Stage → school parts as judged."""
        found: dict[str, list[UnitResult]] = {}
        for unit in self.verdict.units:
            found.setdefault(unit.part.stage, []).append(unit)
        return found


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a cell's source looks at."""

    form: Form
    index: Index
    row: Row = field(default_factory=Row)
    #: The school part that the row is about, and the row's number.
    unit: UnitResult | None = None
    position: int = 0

    @property
    def verdict(self) -> Verdict:
        """The verdict that fills the form."""
        return self.index.verdict

    def at(self, row: Row, *, unit: UnitResult | None = None, position: int = 0) -> Self:
        """Return the ground of one row."""
        return replace(self, row=row, unit=unit, position=position)

    @property
    def items(self) -> list[Item]:
        """The scheme's items that stand for the row's national item."""
        return self.index.items.get(self.row.item or "", [])

    @property
    def findings(self) -> list[Finding]:
        """The findings on them."""
        return [finding for item in self.items for finding in self.index.findings.get(item.id, [])]

    @property
    def indicator(self) -> Indicator | None:
        """The scheme's indicator that stands for the row's national one."""
        return self.index.indicators.get(self.row.indicator or "")

    def of_schools(self, inputs: Iterable[str], stages: Iterable[str]) -> list[Finding]:
        """Return the findings on schools that used all *inputs*, in *stages* or, without any, everywhere."""
        wanted, among = set(inputs), set(stages)
        return [
            finding
            for finding in self.findings
            if finding.school and wanted <= set(finding.inputs) and (not among or finding.stage in among)
        ]

    def judging(self, inputs: Iterable[str], stages: Iterable[str] = ()) -> Finding | None:
        """Return the county's finding that used just these *inputs*: it judges the same figure."""
        wanted, among = set(inputs), set(stages)
        stage = next(iter(among)) if len(among) == 1 else None
        for finding in self.findings:
            if finding.school is None and set(finding.inputs) == wanted and finding.stage in (None, stage):
                return finding
        return None
