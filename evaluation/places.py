"""Where in the county file the figures of a finding stand, so that a reader can go back to the source.

A finding says what it lacked; this says what it read, whether it was there or not. Places are written as
everywhere: ``schools[S003].teachers.primary.pe_arts``, ``figures.pay.teacher_mean``.
"""

from collections.abc import Callable, Iterator
from typing import Any

from evaluation.county import CountyFile, School
from evaluation.findings import Finding
from evaluation.scheme.resources import Indicator
from evaluation.school_formulas import stage_path
from evaluation.units import STAFF_FIGURES, Part
from evaluation.verdict import Verdict


def places_of(verdict: Verdict, finding: Finding) -> tuple[str, ...]:
    """Return the places in the county file that *finding* was judged by, each once.

    A finding that sums up others gives theirs. What a figure is exempt by (year built, largest class, share
    of migrant children) belongs to it where an exemption was used or could not be ruled out.
    """
    found = _PLACES.get(finding.formula, _criterion_places)(verdict, finding)
    return tuple(dict.fromkeys((*found, *finding.missing)))


def _criterion_places(verdict: Verdict, finding: Finding) -> Iterator[str]:
    criterion = _criteria(verdict).get(finding.id)
    if criterion is None:
        return
    yield from _OF_CRITERION.get(criterion.formula, _nothing)(verdict.county, criterion, finding)
    if finding.exemption is not None:
        yield from _exempting(finding)


def _criteria(verdict: Verdict) -> dict[str, Any]:
    return {
        item.criterion_id(criterion): criterion
        for section in verdict.scheme.sections.values()
        for item in section.items
        for criterion in item.criteria
    }


def _summed_up(verdict: Verdict, finding: Finding) -> Iterator[str]:
    for each in verdict.findings:
        if each.item == finding.item and each.formula not in ("all", "scored"):
            yield from places_of(verdict, each)


def _scored(verdict: Verdict, _finding: Finding) -> Iterator[str]:
    for each in verdict.findings:
        if each.formula == "scored":
            yield from places_of(verdict, each)


def _indicator(verdict: Verdict, finding: Finding) -> Iterator[str]:
    indicator = _indicators(verdict)[finding.id]
    for unit in verdict.units:
        if (unit.part.school, unit.part.stage) == (finding.school, finding.stage):
            yield from _part_places(verdict.county, unit.part, indicator)


def _school_rule(verdict: Verdict, finding: Finding) -> Iterator[str]:
    for indicator in _indicators(verdict).values():
        for unit in verdict.units:
            if (unit.part.school, unit.part.stage) == (finding.school, finding.stage):
                yield from _part_places(verdict.county, unit.part, indicator)


def _of_county(verdict: Verdict, finding: Finding) -> Iterator[str]:
    """Places of a coefficient or mean: its indicator in every school part of the stage."""
    indicator = _indicators(verdict).get(finding.id.rpartition(".")[0] or finding.item)
    chosen = [indicator] if indicator else list(_indicators(verdict).values())
    for each in chosen:
        for unit in verdict.units:
            if unit.part.stage == finding.stage:
                yield from _part_places(verdict.county, unit.part, each)


def _coefficients(verdict: Verdict, finding: Finding) -> Iterator[str]:
    for each in verdict.findings:
        if each.formula == "difference_coefficient" and each.stage == finding.stage:
            yield from _of_county(verdict, each)


def _indicators(verdict: Verdict) -> dict[str, Indicator]:
    return {each.id: each for each in verdict.scheme.resources.indicators}


def _part_places(county: CountyFile, part: Part, indicator: Indicator) -> Iterator[str]:
    by_code = {school.code: school for school in county.schools}
    names = [name.lstrip("-") for name in indicator.amount]
    for code in part.members:
        for name in names:
            if name in STAFF_FIGURES:
                yield _place(code, f"teachers.{part.stage}.{name}")
            else:
                yield _place(code, name)
        visiting = "pe_arts" in names and bool(by_code[code].staff_in(part.stage, "pe_arts_visiting"))
        if visiting:
            yield _place(code, f"teachers.{part.stage}.pe_arts_visiting")
        if visiting or (part.share != 1 and not set(names) <= set(STAFF_FIGURES)):
            yield from (_place(code, f"pupils.{stage}") for stage in _stages(by_code[code]))
        if "sports_ground_area" in names and part.extra_sports_area and by_code[code].dense_centre:
            yield _place(code, "extra_sports_area")
        yield _place(code, f"pupils.{part.stage}")


def _stages(school: School) -> Iterator[str]:
    for stage in ("kindergarten", "primary", "junior", "senior"):
        if getattr(school.pupils, stage) is not None:
            yield stage


def _place(code: str, path: str) -> str:
    return f"schools[{code}].{path}"


def _exempting(finding: Finding) -> Iterator[str]:
    for figure in ("built_year", "migrant_share", "locality"):
        yield _place(finding.school or "", figure)


def _schools(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[School]:
    for school in county.schools:
        if finding.school == school.code or (finding.school is None and criterion.scope.covers(school)):
            yield school


def _nothing(_county: CountyFile, _criterion: Any, _finding: Finding) -> Iterator[str]:
    return iter(())


def _figures(_county: CountyFile, criterion: Any, _finding: Finding) -> Iterator[str]:
    yield from (
        f"{criterion.of}.{name.lstrip('-')}" for name in (*criterion.numerator, *criterion.denominator)
    )


def _compared(_county: CountyFile, criterion: Any, _finding: Finding) -> Iterator[str]:
    yield from (f"{criterion.of}.{criterion.left}", f"{criterion.of}.{criterion.right}")


def _one(_county: CountyFile, criterion: Any, _finding: Finding) -> Iterator[str]:
    yield criterion.of


def _years(_county: CountyFile, criterion: Any, _finding: Finding) -> Iterator[str]:
    yield from (criterion.start, criterion.end)


def _composite(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    yield "eligibility.application_year"
    application = county.application_year
    if application is not None:
        for year in range(application - criterion.years, application):
            yield f"eligibility.composite_difference.{year}.{finding.stage}"


def _monitoring(_county: CountyFile, _criterion: Any, _finding: Finding) -> Iterator[str]:
    yield "figures.monitoring"


def _fact(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    yield criterion.fact
    key = criterion.fact.removeprefix("vetoes.")
    if key != criterion.fact:
        for school in _schools(county, criterion, finding):
            if key in (school.vetoes or {}):
                yield _place(school.code, f"vetoes.{key}")


def _attested(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    given = county.attestations or {}
    yield next(
        (f"attestations.{key}" for key in (criterion.attestation, finding.id, finding.item) if key in given),
        f"attestations.{criterion.attestation}",
    )
    for school in _schools(county, criterion, finding):
        if criterion.attestation in (school.attestations or {}):
            yield _place(school.code, f"attestations.{criterion.attestation}")


def _summed(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    stages = (finding.stage,) if finding.stage else ("primary", "junior")
    for school in _schools(county, criterion, finding):
        for stage in stages:
            if school.pupils_in(stage) != 0:
                yield _place(school.code, stage_path(criterion.part, stage))
                yield _place(school.code, stage_path(criterion.whole, stage))


def _share(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    per_pupil = criterion.whole == "per_pupil_funds"
    for school in _schools(county, criterion, finding):
        yield _place(school.code, criterion.part)
        if not per_pupil:
            yield _place(school.code, criterion.whole)
        for stage in school.compulsory_stages() if per_pupil else ():
            yield _place(school.code, f"pupils.{stage}")
            yield f"figures.funds_per_pupil.{stage}"


def _rooms(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    for school in _schools(county, criterion, finding):
        yield _place(school.code, criterion.rooms)
        yield from (_place(school.code, f"class_sizes.{stage}") for stage in school.compulsory_stages())


def _size(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    for school in _schools(county, criterion, finding):
        yield from (_place(school.code, f"pupils.{stage}") for stage in school.compulsory_stages())
        if criterion.excused_by and criterion.excused_by in (school.attestations or {}):
            yield _place(school.code, f"attestations.{criterion.excused_by}")


def _classes(county: CountyFile, criterion: Any, finding: Finding) -> Iterator[str]:
    for school in _schools(county, criterion, finding):
        for stage in (finding.stage,) if finding.stage else criterion.bounds.stages:
            if stage in school.compulsory_stages():
                yield _place(school.code, f"class_sizes.{stage}")


def _funded(county: CountyFile, _criterion: Any, finding: Finding) -> Iterator[str]:
    for school in county.schools:
        if finding.school in (None, school.code):
            yield _place(school.code, "funded_pupils")
            yield from (_place(school.code, f"pupils.{stage}") for stage in school.compulsory_stages())


def _tally(_county: CountyFile, criterion: Any, _finding: Finding) -> Iterator[str]:
    names = (
        ("valid", "satisfied")
        if criterion.tally.startswith("visit")
        else ("distributed", "valid", "satisfied")
    )
    yield from (f"recognition.{criterion.tally}.{name}" for name in names)


def _points(_county: CountyFile, _criterion: Any, finding: Finding) -> Iterator[str]:
    yield f"scores.{finding.id}"


def _topic(county: CountyFile, _criterion: Any, finding: Finding) -> Iterator[str]:
    topics = county.figure("recognition.topics") or {}
    yield f"recognition.topics.{finding.id if finding.id in topics else finding.item}"


def _series(_county: CountyFile, criterion: Any, _finding: Finding) -> Iterator[str]:
    yield criterion.of


#: Formula of a finding → where it read; all others read what their criterion says.
_PLACES: dict[str, Callable[[Verdict, Finding], Iterator[str]]] = {
    "per_pupil": _indicator,
    "per_hundred_pupils": _indicator,
    "school_rule": _school_rule,
    "difference_coefficient": _of_county,
    "county_mean": _of_county,
    "mean_of_coefficients": _of_county,
    "coefficients": _coefficients,
    "all": _summed_up,
    "scored": _summed_up,
    "total": _scored,
}

#: Formula of a criterion → the places it reads in a county.
_OF_CRITERION: dict[str, Callable[[CountyFile, Any, Finding], Iterator[str]]] = {
    "attested": _attested,
    "ratio": _figures,
    "amount": _one,
    "compare": _compared,
    "summed_share": _summed,
    "school_share": _share,
    "rooms": _rooms,
    "school_size": _size,
    "class_size": _classes,
    "small_schools_funded": _funded,
    "monitoring": _monitoring,
    "years_between": _years,
    "composite_difference": _composite,
    "did_not_happen": _fact,
    "recognition_rate": _tally,
    "awarded": _points,
    "topic_rate": _topic,
    "never_decreasing": _series,
}
