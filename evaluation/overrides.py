"""Findings that people set otherwise: what is replaced, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from evaluation.findings import Finding, Outcome, conclude
from evaluation.questions import summed
from evaluation.resource_findings import SECTION as RESOURCES
from evaluation.resource_findings import UnitResult
from evaluation.scheme import Scheme
from evaluation.scheme.scoring import SCORING
from evaluation.verdict import Verdict, judged_outcomes, those_deciding

#: A finding is known by its id, its school and its stage.
Place = tuple[str, str | None, str | None]

#: The finding of a school part under the school rule.
_RULE = "R.school"


def place_of(finding: Finding) -> Place:
    """Return what a finding is known by."""
    return finding.id, finding.school, finding.stage


def is_overridable(finding: Finding, scheme: Scheme) -> bool:
    """Return whether people may set a finding otherwise.

    What only sums up others follows from them, and an item that scores follows from its points: people
    change those.
    """
    scored = {item.id for _, item in scheme.all_items() if item.points is not None}
    return (
        finding.judged
        and not _sums_up_item(finding)
        and finding.section != SCORING
        and finding.item not in scored
    )


def with_overrides(verdict: Verdict, overrides: Mapping[Place, Outcome]) -> Verdict:
    """Return the verdict with some outcomes replaced, and everything that follows concluded anew.

    Values, gaps and reasons stay as computed; a replaced finding keeps its own outcome in ``computed``.
    A school's rule is judged anew from its indicators, an item from its criteria, a section from its items.
    A replaced difference coefficient counts in the resource section alone, not in items that quote it.

    Raises:
        LookupError: there is no such finding, or it may not be set otherwise.
    """
    if not overrides:
        return verdict
    scheme = verdict.scheme
    open_ = {place_of(each) for each in verdict.findings if is_overridable(each, scheme)}
    if unknown := set(overrides) - open_:
        raise LookupError(sorted(unknown, key=str)[0])
    findings = [_replaced(each, overrides.get(place_of(each))) for each in verdict.findings]
    findings, units = _rules_anew(findings, verdict, overrides)
    findings = _summaries_anew(findings, scheme)
    sections = {section: _section(section, findings, units, verdict) for section in verdict.sections}
    outcome = conclude(sections.values())
    deciding = [] if outcome is Outcome.MET else those_deciding(_deciders(findings, units, verdict), outcome)
    return replace(
        verdict,
        outcome=outcome,
        sections=sections,
        items={item: _item_outcome(_of_item(findings, item)) for item in verdict.items},
        findings=tuple(findings),
        deciding=tuple(finding for _, finding in deciding),
        reasons=tuple(dict.fromkeys(id_ for id_, _ in deciding)),
        units=units,
    )


def _sums_up_item(finding: Finding) -> bool:
    """Return whether a finding concludes its item from the others."""
    return finding.summary and finding.formula == "all"


def _replaced(finding: Finding, outcome: Outcome | None) -> Finding:
    if outcome is None:
        return finding
    return replace(finding, outcome=outcome, computed=finding.outcome)


def _rules_anew(
    findings: list[Finding], verdict: Verdict, overrides: Mapping[Place, Outcome]
) -> tuple[list[Finding], tuple[UnitResult, ...]]:
    """Judge the school rule anew where an indicator of the part was replaced."""
    by_place = {place_of(finding): place for place, finding in enumerate(findings)}
    units = []
    for unit in verdict.units:
        part = (unit.part.school, unit.part.stage)
        found = [findings[by_place[indicator, *part]] for indicator in unit.outcomes]
        at = by_place[_RULE, *part]
        if any(place_of(each) in overrides for each in found) and (_RULE, *part) not in overrides:
            findings[at] = _rule(
                findings[at], found, has_floor=verdict.scheme.resources.school_rule.floor is not None
            )
        units.append(_unit(unit, found, findings[at]))
    return findings, tuple(units)


def _rule(rule: Finding, found: Sequence[Finding], *, has_floor: bool) -> Finding:
    met = sum(each.outcome is Outcome.MET for each in found)
    below = [each.id for each in found if each.outcome is Outcome.NOT_MET]
    unknown = [each.id for each in found if each.outcome is Outcome.UNDETERMINED]
    deep = [id_ for id_ in rule.facts["deep"] if id_ in below]
    needed = int(rule.threshold or 0)
    outcome = Outcome.UNDETERMINED
    if deep or len(below) > len(found) - needed:
        outcome = Outcome.NOT_MET
    elif met >= needed and not (unknown and has_floor):
        outcome = Outcome.MET
    return replace(
        rule,
        outcome=outcome,
        value=Fraction(met),
        gap=Fraction(met - needed),
        inputs={**rule.inputs, "below": below, "below_floor": deep, "unknown": unknown},
        facts={**rule.facts, "met": met, "below": below, "deep": deep, "unknown": unknown},
    )


def _unit(unit: UnitResult, found: Sequence[Finding], rule: Finding) -> UnitResult:
    decided: Iterable[str] = ()
    if rule.outcome is Outcome.NOT_MET:
        decided = rule.facts["deep"] or rule.facts["below"]
    elif rule.outcome is Outcome.UNDETERMINED:
        decided = rule.facts["unknown"]
    return replace(
        unit,
        outcomes={each.id: each.outcome for each in found},
        outcome=rule.outcome,
        deciding=tuple(decided),
    )


def _summaries_anew(findings: Sequence[Finding], scheme: Scheme) -> list[Finding]:
    """Sum up anew every item one of whose findings was replaced."""
    touched = {each.item for each in findings if each.computed is not None and each.section != RESOURCES}
    scored = {item.id for _, item in scheme.all_items() if item.points is not None}
    anew = []
    for finding in findings:
        if _sums_up_item(finding) and finding.item in touched - scored:
            parts = [each for each in findings if each.item == finding.item and not _sums_up_item(each)]
            anew.append(replace(finding, outcome=conclude(judged_outcomes(parts)), **summed(parts)))
            continue
        anew.append(finding)
    return anew


def _section(
    section: str, findings: Sequence[Finding], units: Sequence[UnitResult], verdict: Verdict
) -> Outcome:
    scheme = verdict.scheme
    if section == RESOURCES:
        parts = [unit.outcome for unit in units]
        county = [each.outcome for each in findings if each.section == RESOURCES and each.school is None]
        return conclude([*parts, *county])
    if section not in scheme.sections:
        return verdict.sections[section]
    return conclude(_item_outcome(_of_item(findings, item.id)) for item in scheme.sections[section].items)


def _of_item(findings: Sequence[Finding], item: str) -> list[Finding]:
    return [each for each in findings if each.item == item and each.section != RESOURCES]


def _item_outcome(found: Sequence[Finding]) -> Outcome:
    return found[-1].outcome if found[-1].summary else conclude(judged_outcomes(found))


def _deciders(
    findings: Sequence[Finding], units: Sequence[UnitResult], verdict: Verdict
) -> list[tuple[str, Finding]]:
    """Return reason id and finding of everything that decides, in the order of the document."""
    by_place = {place_of(each): each for each in findings}
    order = {each.id: place for place, each in enumerate(verdict.scheme.resources.indicators)}
    parts: list[tuple[str, Finding]] = []
    for unit in units:
        part = (unit.part.school, unit.part.stage)
        rule = by_place[_RULE, *part]
        named = [(id_, by_place[id_, *part]) for id_ in unit.deciding]
        parts += [(id_, each if each.outcome is rule.outcome else rule) for id_, each in named]
        if not named and rule.outcome is not Outcome.MET:
            parts.append((_RULE, rule))
    parts.sort(key=lambda decider: order.get(decider[0], len(order)))
    county = [(each.id, each) for each in findings if each.section == RESOURCES and each.school is None]
    scored = {item.id for _, item in verdict.scheme.all_items() if item.points is not None}
    others = [
        (each.item if each.school else each.id, each)
        for each in findings
        if each.section != RESOURCES and (not each.summary or each.item in scored)
    ]
    by_section = {RESOURCES: [*parts, *county]}
    for section in verdict.sections:
        if section != RESOURCES:
            by_section[section] = [decider for decider in others if decider[1].section == section]
    return [decider for section in verdict.sections for decider in by_section[section]]
