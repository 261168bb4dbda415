"""Evaluate a county under a scheme: every finding, the verdict, and the shortest reasons for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.consistency import contradictions
from evaluation.contradictions import Contradiction
from evaluation.county import CountyFile
from evaluation.errors import CountyFileError, Fault
from evaluation.findings import Finding, Outcome, conclude
from evaluation.formulas import FORMULAS
from evaluation.json_values import plain
from evaluation.questions import Question, summary
from evaluation.resource_findings import UnitResult, resource_findings
from evaluation.scheme import Scheme
from evaluation.scheme.items import Item
from evaluation.scoring import ScoreSheet, excessive_scores, item_score, score_sheet, total_finding
from evaluation.units import school_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a scheme says of a county, with everything that led there."""

    scheme: Scheme
    county: CountyFile
    outcome: Outcome
    #: Section id → its outcome, in the order of the document.
    sections: dict[str, Outcome]
    #: Item id (``G3``, ``E1``, ``recognition``; not the resource indicators) → its outcome.
    items: dict[str, Outcome]
    findings: tuple[Finding, ...]
    #: The findings that decide the verdict; empty when it is met.
    deciding: tuple[Finding, ...]
    #: Their ids, each once; schools' findings under their item's id.
    reasons: tuple[str, ...]
    units: tuple[UnitResult, ...]
    #: Stage → indicator → coefficient or None.
    difference: dict[str, dict[str, float | None]]
    #: Stage → indicator → the county's value, or None.
    means: dict[str, dict[str, float | None]]
    consistency: tuple[Contradiction, ...]
    #: Of a scheme that scores; None elsewhere.
    scores: ScoreSheet | None = None

    def of(self, id_: str, *, school: str | None = None, stage: str | None = None) -> Finding:
        """Return one finding by id, school and stage.

        Raises:
            LookupError: there is none.
        """
        for finding in self.findings:
            if (finding.id, finding.school, finding.stage) == (id_, school, stage):
                return finding
        raise LookupError((id_, school, stage))

    def document(self, *, lang: str = "zh") -> dict[str, Any]:
        """Return the verdict as one JSON document, its sentences in ``zh`` or ``en``."""
        return {
            "scheme": {"id": self.scheme.id, "digest": self.scheme.digest},
            "county": {
                "code": self.county.county.code,
                "name": self.county.county.name,
                "year": self.county.year,
            },
            "verdict": self.outcome.value,
            "reasons": list(self.reasons),
            "sections": {section: outcome.value for section, outcome in self.sections.items()},
            "findings": [_finding_document(finding, lang) for finding in self.findings],
            "difference": self.difference,
            "means": self.means,
            "units": [unit.document() for unit in self.units],
            "consistency": [each.document(lang) for each in self.consistency],
        } | (self.scores.document(lang) if self.scores else {})


def evaluate(county: CountyFile, scheme: Scheme) -> Verdict:
    """Return the verdict of *scheme* on *county*.

    Raises:
        CountyFileError: the file uses attestations, vetoes, scores or topics the scheme does not know, or
            awards more points than a sub-point is worth.
    """
    faults = [*unknown_keys(county, scheme), *excessive_scores(county, scheme)]
    if faults:
        raise CountyFileError(faults)
    resources = resource_findings(school_parts(county, scheme.units), scheme, county)
    findings: list[Finding] = []
    sections: dict[str, Outcome] = {}
    items: dict[str, Outcome] = {}
    deciders: list[tuple[str, Finding]] = []
    for section in scheme.head.sections:
        if section == "resources":
            findings += resources.findings
            deciders += resources.deciders
            sections[section] = resources.outcome
            continue
        for item in scheme.sections[section].items:
            found = item_findings(county, scheme, section, item, resources.differences)
            findings += found
            items[item.id] = found[-1].outcome if found[-1].summary else conclude(judged_outcomes(found))
            deciders += [
                (item.id if each.school else each.id, each)
                for each in found
                if not each.summary or item.points is not None
            ]
        sections[section] = conclude(items[item.id] for item in scheme.sections[section].items)
    sheet = score_sheet(scheme, findings)
    if scheme.scoring is not None and sheet is not None:
        total = total_finding(scheme.scoring, sheet, findings)
        findings.append(total)
        deciders.append((total.id, total))
        items[total.id] = sections[total.section] = total.outcome
    outcome = conclude(sections.values())
    deciding = [] if outcome is Outcome.MET else those_deciding(deciders, outcome)
    return Verdict(
        scheme=scheme,
        county=county,
        outcome=outcome,
        sections=sections,
        items=items,
        findings=tuple(findings),
        deciding=tuple(finding for _, finding in deciding),
        reasons=tuple(dict.fromkeys(id_ for id_, _ in deciding)),
        units=resources.units,
        difference=resources.difference,
        means=resources.means,
        consistency=tuple(contradictions(county, scheme, findings)),
        scores=sheet,
    )


def judged_outcomes(findings: Iterable[Finding]) -> list[Outcome]:
    """Return the outcomes on which an item depends."""
    return [finding.outcome for finding in findings if finding.judged]


def those_deciding(deciders: Sequence[tuple[str, Finding]], outcome: Outcome) -> list[tuple[str, Finding]]:
    """Return the deciders that make a verdict what it is."""
    return [(id_, finding) for id_, finding in deciders if finding.judged and finding.outcome is outcome]


def item_findings(
    county: CountyFile, scheme: Scheme, section: str, item: Item, differences: Sequence[Finding]
) -> list[Finding]:
    """Return an item's findings; where there are several, the last one sums them up."""
    questions = [
        Question(
            county=county,
            scheme=scheme,
            section=section,
            item=item,
            criterion=criterion,
            differences=differences,
        )
        for criterion in item.criteria
    ]
    found = [finding for question in questions for finding in FORMULAS[question.criterion.formula](question)]
    if item.points is not None and scheme.scoring is not None:
        return [*found, item_score(questions, found, scheme.scoring)]
    if len(found) == 1 and found[0].id == item.id and found[0].school is None and found[0].stage is None:
        return found
    return [*found, summary(questions, found, conclude(judged_outcomes(found)))]


def unknown_keys(
    county: CountyFile, scheme: Scheme, known: Mapping[str, Sequence[str]] | None = None
) -> list[Fault]:
    """Return the attestations, vetoes, scores and topics of the file that the scheme does not know.

    Args:
        county: the file.
        scheme: what knows them.
        known: its :meth:`Scheme.known_keys`, where many files are looked at.
    """
    known = scheme.known_keys() if known is None else known
    places: list[tuple[str, str, Any]] = [
        ("attestations", "attestations", county.attestations),
        ("vetoes", "vetoes", county.vetoes),
        ("scores", "scores", county.scores),
        ("topics", "recognition.topics", county.figure("recognition.topics")),
    ]
    for place, school in enumerate(county.schools):
        places.append(("attestations", f"schools[{place}].attestations", school.attestations))
        places.append(("vetoes", f"schools[{place}].vetoes", school.vetoes))
    return [
        Fault(
            where=f"{where}.{key}",
            value=key,
            rule="not_in_scheme",
            facts={"scheme": scheme.id, "known": known[group]},
        )
        for group, where, given in places
        for key in given or {}
        if key not in known[group]
    ]


def _finding_document(finding: Finding, lang: str) -> dict[str, Any]:
    used = finding.exemption
    numbers: Callable[[Any], Any] = plain
    return {
        "id": finding.id,
        "section": finding.section,
        "stage": finding.stage,
        "school": finding.school,
        "outcome": finding.outcome.value,
        "value": numbers(finding.value),
        "threshold": numbers(finding.threshold),
        "gap": numbers(finding.gap),
        "exemption": None
        if used is None
        else {
            "id": used.id,
            "label": used.label[lang],
            "clause": used.clause,
            "outcome_without": used.outcome_without.value,
            "threshold_without": numbers(used.threshold_without),
            "value_without": numbers(used.value_without),
            "follow_up_years": used.follow_up_years,
        },
        "stated": finding.stated,
        "missing": list(finding.missing),
        "reason": finding.reason(lang),
        "label": finding.label[lang],
        "unit": finding.unit,
        "comparison": finding.comparison,
        "formula": finding.formula,
        "clause": finding.clause,
        "inputs": numbers(dict(finding.inputs)),
        "judged": finding.judged,
        "summary": finding.summary,
    } | ({} if finding.computed is None else {"computed_outcome": finding.computed.value})
