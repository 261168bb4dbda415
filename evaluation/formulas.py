"""The formulas a scheme may name, each a function from a question to its findings."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.county import COMPULSORY, Monitoring
from evaluation.criteria import (
    AmountOf,
    Attested,
    Compare,
    CompositeDifferences,
    DidNotHappen,
    MonitoringResults,
    Ratio,
    YearsBetween,
)
from evaluation.findings import Finding, Outcome, conclude
from evaluation.questions import Question, held
from evaluation.recognition import recognition_rate
from evaluation.school_formulas import (
    class_size,
    rooms,
    school_share,
    school_size,
    small_schools_funded,
    summed_share,
)
from evaluation.scoring import awarded, never_decreasing, topic_rate
from evaluation.terms import Bound


def attested(question: Question) -> list[Finding]:
    """Decided by documents: one refusal decides; the county's word, or every school's, passes."""
    criterion: Attested = question.criterion
    key = criterion.attestation
    schools = question.covered()
    said = [(school, (school.attestations or {}).get(key)) for school in schools]
    refused = [school.name for school, each in said if each is not None and not each.met]
    own = question.attestation()
    note = own.note if own else None
    inputs = {"attested": None if own is None else own.met, "note": note, "schools_refused": refused}
    if refused or (own is not None and not own.met):
        return [
            question.finding(
                Outcome.NOT_MET, "refused", inputs=inputs, facts={"schools": refused, "note": note}
            )
        ]
    everyone = criterion.school_by_school and bool(schools) and all(each for _, each in said)
    if own is not None or everyone:
        return [question.finding(Outcome.MET, "attested", inputs=inputs, facts={"note": note})]
    missing = [f"attestations.{key}"]
    if criterion.school_by_school and any(each for _, each in said):
        missing = [f"schools[{school.code}].attestations.{key}" for school, each in said if each is None]
    return [question.missing(missing, inputs=inputs)]


def _signed_sum(values: dict[str, Any], names: list[str]) -> Fraction:
    return sum(
        (Fraction(values[name.lstrip("-")]) * (-1 if name[0] == "-" else 1) for name in names), Fraction(0)
    )


def ratio(question: Question) -> list[Finding]:
    """One sum of county figures over another."""
    criterion: Ratio = question.criterion
    names = [name.lstrip("-") for name in (*criterion.numerator, *criterion.denominator)]
    values, missing = question.figures(criterion.of, dict.fromkeys(names))
    details: dict[str, Any] = {"bound": criterion.bound, "inputs": values}
    if missing:
        return [question.missing(missing, **details)]
    part, whole = _signed_sum(values, criterion.numerator), _signed_sum(values, criterion.denominator)
    if whole <= 0 and part <= 0 and criterion.if_none == "met":
        return [question.finding(Outcome.MET, "none", **details)]
    if whole <= 0 or (criterion.part_of_whole and part > whole):
        why = "impossible" if part > 0 else "nothing"
        places = tuple(f"{criterion.of}.{name}" for name in values)
        return [question.finding(Outcome.UNDETERMINED, why, missing=places, **details)]
    value = part / whole
    return [question.finding(held(holds=criterion.bound.holds(value)), "number", value=value, **details)]


def amount(question: Question) -> list[Finding]:
    """One county figure against a bound."""
    criterion: AmountOf = question.criterion
    given = question.county.figure(criterion.of)
    details: dict[str, Any] = {"bound": criterion.bound, "inputs": {criterion.of: given}}
    if given is None:
        return [question.missing([criterion.of], **details)]
    value = Fraction(given)
    return [question.finding(held(holds=criterion.bound.holds(value)), "number", value=value, **details)]


def compare(question: Question) -> list[Finding]:
    """One county figure against another one."""
    criterion: Compare = question.criterion
    values, missing = question.figures(criterion.of, (criterion.left, criterion.right))
    if missing:
        return [question.missing(missing, inputs=values)]
    bound = Bound.model_validate({criterion.comparison: Fraction(values[criterion.right])})
    value = Fraction(values[criterion.left])
    outcome = held(holds=bound.holds(value))
    return [question.finding(outcome, "number", value=value, bound=bound, inputs=values)]


def years_between(question: Question) -> list[Finding]:
    """Years from one fact of the application to another."""
    criterion: YearsBetween = question.criterion
    paths = (criterion.start, criterion.end)
    values = {path: question.county.figure(path) for path in paths}
    details: dict[str, Any] = {"bound": criterion.bound, "inputs": values}
    missing = [path for path, value in values.items() if value is None]
    if missing:
        return [question.missing(missing, **details)]
    years = values[criterion.end] - values[criterion.start]
    return [
        question.finding(held(holds=criterion.bound.holds(Fraction(years))), "number", value=years, **details)
    ]


def composite_difference(question: Question) -> list[Finding]:
    """The certified composite coefficients of the years before the application, the worst one named."""
    criterion: CompositeDifferences = question.criterion
    application = question.county.application_year
    if application is None:
        return [
            question.missing(["eligibility.application_year"], stage=stage, bound=criterion.bounds.of(stage))
            for stage in COMPULSORY
        ]
    wanted = range(application - criterion.years, application)
    rows = question.county.figure("eligibility.composite_difference") or []
    findings = []
    for stage in COMPULSORY:
        bound = criterion.bounds.of(stage)
        by_year: dict[int, list[Decimal]] = {year: [] for year in wanted}
        for row in rows:
            if row.year in by_year and getattr(row, stage) is not None:
                by_year[row.year].append(getattr(row, stage))
        given = [Fraction(value) for values in by_year.values() for value in values]
        missing = [f"eligibility.composite_difference.{year}.{stage}" for year in wanted if not by_year[year]]
        inputs = {str(year): max(values) for year, values in by_year.items() if values}
        worst = min(given, key=bound.gap, default=None)
        details: dict[str, Any] = {"stage": stage, "bound": bound, "value": worst, "inputs": inputs}
        if worst is not None and not bound.holds(worst):
            findings.append(question.finding(Outcome.NOT_MET, "number", **details))
        elif missing:
            findings.append(question.missing(missing, **details))
        else:
            findings.append(question.finding(Outcome.MET, "number", **details))
    return findings


def coefficients(question: Question) -> list[Finding]:
    """The worst difference coefficient of each stage; it repeats what the resource section finds."""
    findings = []
    for stage in COMPULSORY:
        found = [finding for finding in question.differences if finding.stage == stage]
        known = [finding for finding in found if finding.value is not None]
        worst = max(known, key=lambda finding: finding.value or 0, default=None)
        outcome = conclude(finding.outcome for finding in found)
        findings.append(
            question.finding(
                outcome,
                "missing" if outcome is Outcome.UNDETERMINED else "worst",
                stage=stage,
                value=worst.value if worst else None,
                threshold=found[0].threshold,
                comparison=found[0].comparison,
                gap=worst.gap if worst else None,
                inputs={finding.item: finding.value for finding in found},
                missing=tuple(dict.fromkeys(place for finding in found for place in finding.missing)),
                facts={"indicator": worst.item if worst else None},
                summary=True,
            )
        )
    return findings


def monitoring(question: Question) -> list[Finding]:
    """Every subject monitored reaches the level with small differences; one accepted source is enough.

    Results without a source or, where only recent ones count, without a year are tried either way: where
    that matters, the source or the year is what is missing.
    """
    results = question.county.figure("figures.monitoring") or []
    years = question.criterion.within_years
    if years is not None:
        recent = range(question.county.year - years + 1, question.county.year + 1)
        undated = [each for each in results if each.year is None]
        results = [each for each in results if each.year in recent]
        if undated:
            return _either(question, [[*results, *undated], results], "figures.monitoring.year")
    return _sourced(question, results)


def _either(question: Question, cases: list[list[Monitoring]], place: str) -> list[Finding]:
    """Return what both cases find; where they differ, *place* is what is missing."""
    first, second = (_sourced(question, results)[0] for results in cases)
    if first.outcome is second.outcome and first.outcome is not Outcome.UNDETERMINED:
        return [first]
    return [replace(first, outcome=Outcome.UNDETERMINED, why="missing", missing=(place,))]


def _sourced(question: Question, results: list[Monitoring]) -> list[Finding]:
    """Judge results of known years; without a source they are tried as national and as provincial ones."""
    if all(each.source for each in results):
        return [_monitored(question, results)]
    first, second = (
        _monitored(
            question,
            [each if each.source else each.model_copy(update={"source": source}) for each in results],
        )
        for source in ("national", "provincial")
    )
    if first.outcome is second.outcome and first.outcome is not Outcome.UNDETERMINED:
        return [first]
    return [
        replace(first, outcome=Outcome.UNDETERMINED, why="missing", missing=("figures.monitoring.source",))
    ]


def _monitored(question: Question, given: list[Monitoring]) -> Finding:
    """Judge results that all have a source."""
    criterion: MonitoringResults = question.criterion
    results = _latest(given)
    groups = [[each for each in results if each.source == source] for source in criterion.sources]
    groups = [group for group in groups if group]
    failing = [each for group in groups for each in group if not _passes(each, criterion)]
    inputs = {
        f"{each.subject} {each.stage or ''}".strip(): {"level": each.level, "difference": each.difference}
        for group in groups
        for each in group
    }
    worst = max((Fraction(each.difference) for group in groups for each in group), default=None)
    details: dict[str, Any] = {"bound": criterion.difference, "value": worst, "inputs": inputs}
    passing = [group for group in groups if all(_passes(each, criterion) for each in group)]
    complete = [group for group in passing if set(criterion.required) <= {each.subject for each in group}]
    if complete:
        details["value"] = max(Fraction(each.difference) for each in complete[0])
        return question.finding(Outcome.MET, "monitored", **details)
    if groups and not passing:
        subjects = list(dict.fromkeys(each.subject for each in failing))
        facts = {"subjects": subjects, "level": criterion.level.threshold}
        return question.finding(Outcome.NOT_MET, "monitoring_failed", facts=facts, **details)
    return question.missing(["figures.monitoring"], **details)


def _latest(results: list[Monitoring]) -> list[Monitoring]:
    """Return the newest results of each source, subject and stage; undated ones always count."""
    newest: dict[tuple[Any, ...], int] = {}
    for each in results:
        key = (each.source, each.subject, each.stage)
        if each.year is not None:
            newest[key] = max(newest.get(key, each.year), each.year)
    return [
        each
        for each in results
        if each.year is None or each.year == newest[(each.source, each.subject, each.stage)]
    ]


def _passes(result: Monitoring, criterion: MonitoringResults) -> bool:
    level, difference = Fraction(result.level), Fraction(result.difference)
    return criterion.level.holds(level) and criterion.difference.holds(difference)


def did_not_happen(question: Question) -> list[Finding]:
    """A fact that must not be, of the county or, for a veto, of any of its schools."""
    criterion: DidNotHappen = question.criterion
    fact, happened = criterion.fact, question.county.figure(criterion.fact)
    key = fact.removeprefix("vetoes.")
    schools = question.covered() if key != fact else []
    if criterion.school_by_school and schools:
        return _clean_schools(question, happened, key)
    found = [school.name for school in schools if (school.vetoes or {}).get(key)]
    inputs = {fact: happened, "schools": found}
    if happened or found:
        return [question.finding(Outcome.NOT_MET, "happened", inputs=inputs, facts={"schools": found})]
    if happened is None:
        return [question.missing([fact], inputs=inputs)]
    return [question.finding(Outcome.MET, "did_not_happen", inputs=inputs)]


def _clean_schools(question: Question, happened: bool | None, key: str) -> list[Finding]:
    """Judge school by school; the county's word that it happened nowhere speaks for silent schools."""
    findings = []
    for school in question.covered():
        own = (school.vetoes or {}).get(key)
        inputs = {question.criterion.fact: happened, "school": own}
        details: dict[str, Any] = {"school": school, "inputs": inputs}
        if own:
            findings.append(question.finding(Outcome.NOT_MET, "happened", facts={"schools": []}, **details))
        elif own is None and happened is not False:
            findings.append(question.missing([f"schools[{school.code}].vetoes.{key}"], **details))
        else:
            findings.append(question.finding(Outcome.MET, "did_not_happen", **details))
    if happened and not any(finding.outcome is Outcome.NOT_MET for finding in findings):
        inputs = {question.criterion.fact: happened}
        findings.append(question.finding(Outcome.NOT_MET, "happened", inputs=inputs, facts={"schools": []}))
    return findings


#: Formula name → the function that judges it. A scheme may name these and no others.
FORMULAS: dict[str, Callable[[Question], list[Finding]]] = {
    "attested": attested,
    "ratio": ratio,
    "amount": amount,
    "compare": compare,
    "summed_share": summed_share,
    "school_share": school_share,
    "rooms": rooms,
    "school_size": school_size,
    "class_size": class_size,
    "small_schools_funded": small_schools_funded,
    "monitoring": monitoring,
    "years_between": years_between,
    "composite_difference": composite_difference,
    "coefficients": coefficients,
    "did_not_happen": did_not_happen,
    "recognition_rate": recognition_rate,
    "awarded": awarded,
    "topic_rate": topic_rate,
    "never_decreasing": never_decreasing,
}
