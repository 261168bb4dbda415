"""Before and after: two verdicts of one scheme side by side, unit by unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaluation.findings import Finding, Outcome
from evaluation.json_values import plain
from evaluation.resource_findings import UnitResult
from evaluation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """One school part before and after; None where it is not (yet, or any longer) a unit."""

    school: str
    name: str
    stage: str
    before: UnitResult | None
    after: UnitResult | None

    def document(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        sides = {"before": self.before, "after": self.after}
        return {
            "school": self.school,
            "name": self.name,
            "stage": self.stage,
            **{key: None if unit is None else unit.document() for key, unit in sides.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """A difference coefficient, county mean or composite coefficient before and after."""

    id: str
    stage: str
    threshold: Fraction | None
    before: Fraction | None
    after: Fraction | None
    outcome_before: Outcome
    outcome_after: Outcome

    def document(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a change of a county does to a scheme's verdict."""

    before: Verdict
    after: Verdict
    #: In the order of the file after; units that are gone come last.
    units: tuple[UnitChange, ...]
    #: The rules for the county in the resource section.
    numbers: tuple[NumberChange, ...]

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the table as JSON values."""
        sections = self.after.sections
        return {
            "verdict": {"before": self.before.outcome.value, "after": self.after.outcome.value},
            "sections": {
                section: {
                    "label": self.after.scheme.section_label(section)[language],
                    "before": self.before.sections[section].value,
                    "after": sections[section].value,
                }
                for section in sections
            },
            "units": [unit.document() for unit in self.units],
            "numbers": [number.document() for number in self.numbers],
        }


def compare(before: Verdict, after: Verdict) -> Comparison:
    """Return two verdicts of the same scheme side by side."""
    old = {(unit.part.school, unit.part.stage): unit for unit in before.units}
    new = {(unit.part.school, unit.part.stage): unit for unit in after.units}
    keys = [*new, *(key for key in old if key not in new)]
    return Comparison(
        before=before,
        after=after,
        units=tuple(_unit(old.get(key), new.get(key), *key) for key in keys),
        numbers=tuple(_numbers(before.findings, after.findings)),
    )


def _unit(before: UnitResult | None, after: UnitResult | None, school: str, stage: str) -> UnitChange:
    known = after or before
    name = known.part.name if known else school
    return UnitChange(school=school, name=name, stage=stage, before=before, after=after)


def _numbers(before: Sequence[Finding], after: Sequence[Finding]) -> list[NumberChange]:
    """Return the findings of the resource section that speak of a stage and no school."""
    old = {(each.id, each.stage): each for each in before if _of_county(each)}
    return [
        NumberChange(
            id=each.id,
            stage=each.stage or "",
            threshold=each.threshold,
            before=old[each.id, each.stage].value,
            after=each.value,
            outcome_before=old[each.id, each.stage].outcome,
            outcome_after=each.outcome,
        )
        for each in after
        if _of_county(each) and (each.id, each.stage) in old
    ]


def _of_county(finding: Finding) -> bool:
    return finding.section == "resources" and finding.school is None and finding.stage is not None
