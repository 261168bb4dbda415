"""A question put to a county: one criterion of one item, and how its findings are written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from evaluation.county import Attestation, CountyFile, School
from evaluation.findings import Finding, Outcome, conclude
from evaluation.scheme import Scheme
from evaluation.scheme.items import Item
from evaluation.terms import Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One criterion, the county it is put to and the scheme that puts it."""

    county: CountyFile
    scheme: Scheme
    section: str
    item: Item
    #: The criterion; its model is the one its formula reads.
    criterion: Any
    #: The findings on difference coefficients, for criteria that refer to them.
    differences: Sequence[Finding] = field(default_factory=tuple)

    @property
    def id(self) -> str:
        """The criterion's full id, e.g. ``G14.share``."""
        return self.item.criterion_id(self.criterion)

    def covered(self) -> list[School]:
        """Return the schools in the criterion's scope, as the file gives them, unmerged."""
        return [school for school in self.county.schools if self.criterion.scope.covers(school)]

    def attestation(self) -> Attestation | None:
        """Return the county's attestation of the criterion, by its key, its id or its item's id."""
        given = self.county.attestations or {}
        keys = [self.criterion.attestation, self.id]
        if len(self.item.criteria) == 1 or self.criterion.formula != "attested":
            keys.append(self.item.id)
        return next((given[key] for key in keys if key in given), None)

    def stated(self, stage: str | None = None) -> str | None:
        """Return what the county says of the criterion without figures: ``met``, ``not_met`` or None."""
        for each in self.county.stated or []:
            about = each.indicator in (self.id, self.item.id) and each.met is not None
            if about and (each.stage in (None, "county") or stage in (None, each.stage)):
                return "met" if each.met else "not_met"
        if self.criterion.formula == "attested":
            return None
        attested = self.attestation()
        return None if attested is None else "met" if attested.met else "not_met"

    def figures(self, group: str, names: Iterable[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return county figures by name, and the places of those that are missing."""
        values = {name: self.county.figure(f"{group}.{name}") for name in names}
        return values, tuple(f"{group}.{name}" for name, value in values.items() if value is None)

    def finding(
        self,
        outcome: Outcome,
        why: str,
        *,
        school: School | None = None,
        stage: str | None = None,
        value: Fraction | int | None = None,
        bound: Bound | None = None,
        **details: Any,
    ) -> Finding:
        """Return a finding of this question; *bound* gives threshold, comparison and gap."""
        value = None if value is None else Fraction(value)
        if bound is not None:
            details.setdefault("threshold", bound.threshold)
            details.setdefault("comparison", bound.comparison)
            if value is not None:
                details.setdefault("gap", bound.gap(value))
        return Finding(
            id=self.id,
            item=self.item.id,
            section=self.section,
            label=self.criterion.label or self.item.label,
            outcome=outcome,
            why=why,
            school=school.code if school else None,
            school_name=school.name if school else None,
            stage=stage,
            value=value,
            unit=self.criterion.unit,
            formula=self.criterion.formula,
            clause=self.criterion.clause or self.item.clause,
            stated=self.stated(stage) if school is None else None,
            **details,
        )

    def missing(self, places: Iterable[str], **details: Any) -> Finding:
        """Return an undetermined finding that names the missing figures."""
        places = tuple(dict.fromkeys(places))
        return self.finding(Outcome.UNDETERMINED, "missing", missing=places, **details)

    def nobody(self, **details: Any) -> Finding:
        """Return the finding for a question that concerns no school: met, if there are schools at all."""
        if self.county.schools:
            return self.finding(Outcome.MET, "nobody", **details)
        return self.missing(["schools"], **details)


def held(*, holds: bool) -> Outcome:
    """Return met or not met."""
    return Outcome.MET if holds else Outcome.NOT_MET


def summary(questions: Sequence[Question], findings: Sequence[Finding], outcome: Outcome) -> Finding:
    """Return the finding that sums up an item of several parts, stages or schools."""
    item = questions[0].item
    said = {question.stated() for question in questions}
    return Finding(
        id=item.id,
        item=item.id,
        section=questions[0].section,
        label=item.label,
        outcome=outcome,
        comparison="at_least",
        formula="all",
        clause=item.clause,
        stated=said.pop() if len(said) == 1 else None,
        summary=True,
        **summed(findings),
    )


def summed(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what a finding that sums up others says of them: how many are met, which schools are not."""
    judged = [finding for finding in findings if finding.judged]
    by_school = any(finding.school for finding in judged)
    if by_school:
        judged = [finding for finding in judged if finding.why != "nobody"]
    answers: dict[str, list[Outcome]] = {}
    for place, finding in enumerate(judged):
        answers.setdefault(finding.school or f"part {place}", []).append(finding.outcome)
    names = {finding.school: finding.school_name for finding in judged}
    outcomes = {key: conclude(found) for key, found in answers.items()}
    counts: dict[str, int] = {each.value: list(outcomes.values()).count(each) for each in Outcome}
    failing = [names[key] for key, found in outcomes.items() if found is Outcome.NOT_MET and key in names]
    missing = dict.fromkeys(place for finding in judged for place in finding.missing)
    return {
        "value": Fraction(counts["met"]),
        "threshold": Fraction(len(outcomes)),
        "gap": Fraction(counts["met"] - len(outcomes)),
        "inputs": counts,
        "missing": tuple(missing),
        "why": "schools" if by_school else "parts",
        "facts": {**counts, "all": len(outcomes), "failing": failing},
    }
