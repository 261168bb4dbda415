"""Formulas that judge schools one by one, or sum a figure over them; always unmerged."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from evaluation.county import COMPULSORY, School
from evaluation.criteria import ClassSize, Rooms, SchoolShare, SchoolSize, SmallSchoolsFunded, SummedShare
from evaluation.exemptions import Answer, judge_with_exemptions
from evaluation.findings import Finding, Outcome
from evaluation.questions import Question, held
from evaluation.terms import Bound


def _place(school: School, path: str) -> str:
    return f"schools[{school.code}].{path}"


def _staff(figure: str) -> Callable[[School, str], int | None]:
    return lambda school, stage: school.staff_in(stage, figure)


#: Figures a stage of a school has.
STAGE_FIGURES: dict[str, Callable[[School, str], int | None]] = {
    "pupils": lambda school, stage: school.pupils_in(stage),
    "nearby_pupils": lambda school, stage: getattr(school.nearby_pupils, stage, None),
    "teachers.total": _staff("total"),
    "teachers.certified": _staff("certified"),
    "teachers.trained": _staff("trained"),
}


def stage_path(figure: str, stage: str) -> str:
    """Return ``teachers.primary.trained`` for ``teachers.trained``, ``pupils.primary`` for ``pupils``."""
    head, _, tail = figure.partition(".")
    return f"{head}.{stage}.{tail}" if tail else f"{head}.{stage}"


def summed_share(question: Question) -> list[Finding]:
    """Σ part / Σ whole over the schools in scope, for all stages together or for each."""
    criterion: SummedShare = question.criterion
    if criterion.bounds is None:
        return [_summed_share(question, COMPULSORY, criterion.bound, None)]
    bounds = criterion.bounds
    return [_summed_share(question, (stage,), bounds.of(stage), stage) for stage in bounds.stages]


def _summed_share(question: Question, stages: Any, bound: Any, stage: str | None) -> Finding:
    """Judge one sum. A shortfall that no missing figure can make good decides; a gap never passes."""
    part_of, whole_of = STAGE_FIGURES[question.criterion.part], STAGE_FIGURES[question.criterion.whole]
    part = whole = 0
    best: Fraction | float = Fraction(0)
    missing: list[str] = []
    impossible: list[str] = []
    empty: list[str] = []
    concerned = False
    for school in question.covered():
        for each in stages:
            if school.pupils_in(each) == 0 and not whole_of(school, each):
                continue
            concerned = True
            have, of = part_of(school, each), whole_of(school, each)
            paths = {question.criterion.part: have, question.criterion.whole: of}
            missing += [
                _place(school, stage_path(name, each)) for name, value in paths.items() if value is None
            ]
            if of == 0:
                empty.append(_place(school, stage_path(question.criterion.whole, each)))
            if have is not None and of is not None:
                part, whole = part + have, whole + of
                impossible += [_place(school, stage_path(question.criterion.part, each))] if have > of else []
                best += min(have, of) - bound.threshold * of
            else:
                best = _most(best, of, bound.threshold)
    if not concerned:
        return question.nobody(stage=stage, bound=bound)
    inputs = {question.criterion.part: part, question.criterion.whole: whole}
    value = Fraction(part, whole) if whole and not missing else None
    details: dict[str, Any] = {"stage": stage, "bound": bound, "value": value, "inputs": inputs}
    if best < 0:
        if missing or impossible:
            details["value"] = None
            return question.finding(Outcome.NOT_MET, "cannot_reach", missing=tuple(missing), **details)
        return question.finding(Outcome.NOT_MET, "number", **details)
    if missing:
        return question.missing(missing, **details)
    if impossible:
        return question.finding(Outcome.UNDETERMINED, "impossible", missing=tuple(impossible), **details)
    if not whole:
        return question.finding(Outcome.UNDETERMINED, "nothing", missing=tuple(empty), **details)
    return question.finding(Outcome.MET, "number", **details)


def _most(best: Fraction | float, of: int | None, threshold: Fraction) -> Fraction | float:
    """Return the largest surplus still possible when a school's figure is missing."""
    if of is not None:
        return best + of - threshold * of
    if threshold >= 1:
        return best
    return math.inf


def _public_funds(school: School, _: Question) -> tuple[Any, list[str]]:
    """Return a school's own budget of public funds, and where it would stand."""
    return school.public_funds, [_place(school, "public_funds")]


def _per_pupil_funds(school: School, question: Question) -> tuple[Any, list[str]]:
    """Return Σ pupils × the county's public funds per pupil of their stage, and what is missing for it."""
    total, missing = Fraction(0), []
    for stage in school.compulsory_stages():
        norm = f"figures.funds_per_pupil.{stage}"
        pupils, each = school.pupils_in(stage), question.county.figure(norm)
        places = {_place(school, f"pupils.{stage}"): pupils, norm: each}
        missing += [place for place, value in places.items() if value is None]
        if pupils is not None and each is not None:
            total += pupils * Fraction(each)
    return (None if missing else total), missing


#: What a figure of a school is a share of → its amount and the places in the county file it rests on.
WHOLES: dict[str, Callable[[School, Question], tuple[Any, list[str]]]] = {
    "public_funds": _public_funds,
    "per_pupil_funds": _per_pupil_funds,
}


def school_share(question: Question) -> list[Finding]:
    """One figure of each school over another one of it."""
    criterion: SchoolShare = question.criterion
    findings = []
    for school in question.covered():
        part = getattr(school, criterion.part)
        whole, unknown = WHOLES[criterion.whole](school, question)
        inputs = {criterion.part: part, criterion.whole: whole}
        missing = [] if part is not None else [_place(school, criterion.part)]
        missing += unknown if whole is None else []
        details: dict[str, Any] = {"school": school, "bound": criterion.bound, "inputs": inputs}
        if missing:
            findings.append(question.missing(missing, **details))
        elif not whole or part > whole:
            why = "impossible" if part > whole else "nothing"
            places = (_place(school, criterion.whole),)
            findings.append(question.finding(Outcome.UNDETERMINED, why, missing=places, **details))
        else:
            value = Fraction(part) / Fraction(whole)
            outcome = held(holds=criterion.bound.holds(value))
            findings.append(question.finding(outcome, "number", value=value, **details))
    return findings or [question.nobody()]


def _with_answer(question: Question, answer: Answer, why: str, missing: list[str], **details: Any) -> Finding:
    """Return the finding an answer under exemptions gives."""
    facts = {**details.pop("facts", {}), "expired": answer.expired.label if answer.expired else None}
    undetermined = answer.outcome is Outcome.UNDETERMINED
    places = (*answer.missing, *missing) if undetermined else ()
    return question.finding(
        answer.outcome,
        "missing" if undetermined else why,
        exemption=answer.used,
        facts=facts,
        missing=tuple(dict.fromkeys(places)),
        **details,
    )


def rooms(question: Question) -> list[Finding]:
    """Count the rooms that are large enough against one for every so many compulsory classes."""
    schools = [school for school in question.covered() if school.compulsory_stages()]
    return [_rooms(question, school) for school in schools] or [question.nobody()]


def _rooms(question: Question, school: School) -> Finding:
    criterion: Rooms = question.criterion
    areas = getattr(school, criterion.rooms)
    sizes = {stage: school.classes_in(stage) for stage in school.compulsory_stages()}
    unknown = [_place(school, f"class_sizes.{stage}") for stage, given in sizes.items() if given is None]
    classes = sum(len(given) for given in sizes.values() if given is not None)
    needed = max(-(-classes // criterion.classes_per_room), 1)

    def enough(bound: Bound) -> Outcome:
        if areas is None:
            return Outcome.UNDETERMINED
        large = sum(bound.holds(Fraction(area)) for area in areas)
        if large < needed:
            return Outcome.NOT_MET
        return Outcome.UNDETERMINED if unknown else Outcome.MET

    answer = judge_with_exemptions(question, school, criterion.area, enough)
    large = None if areas is None else sum(answer.bound.holds(Fraction(area)) for area in areas)
    missing = unknown + ([_place(school, criterion.rooms)] if areas is None else [])
    return _with_answer(
        question,
        answer,
        "rooms",
        missing,
        school=school,
        value=large,
        threshold=Fraction(needed),
        comparison="at_least",
        gap=None if large is None else Fraction(large - needed),
        inputs={"classes": classes, criterion.rooms: areas, "area": answer.bound.threshold},
        facts={"classes": classes, "area": answer.bound.threshold, "rooms": len(areas or [])},
    )


def school_size(question: Question) -> list[Finding]:
    """Compulsory pupils of each school against the bound of its kind."""
    schools = [school for school in question.covered() if school.compulsory_stages()]
    return [_school_size(question, school) for school in schools] or [question.nobody()]


def _school_size(question: Question, school: School) -> Finding:
    criterion: SchoolSize = question.criterion
    counts = {f"pupils.{stage}": school.pupils_in(stage) for stage in school.compulsory_stages()}
    missing = [_place(school, path) for path, count in counts.items() if count is None]
    known = sum(count for count in counts.values() if count is not None)

    def fits(bound: Bound) -> Outcome:
        if not bound.holds(Fraction(known)):
            return Outcome.NOT_MET
        return Outcome.UNDETERMINED if missing else Outcome.MET

    bound = criterion.kinds.get(school.kind, criterion.bound)
    answer = judge_with_exemptions(question, school, bound, fits)
    value = None if missing else known
    details: dict[str, Any] = {"school": school, "value": value, "bound": answer.bound, "inputs": counts}
    if answer.outcome is Outcome.NOT_MET and criterion.excused_by is not None:
        return _excused(question, criterion.excused_by, **details)
    return _with_answer(question, answer, "number", missing, **details)


def _excused(question: Question, key: str, *, school: School, **details: Any) -> Finding:
    """Judge a school beyond a bound that holds in principle: by the documents that excuse it."""
    excuse = (school.attestations or {}).get(key)
    if excuse is None:
        places = (_place(school, f"attestations.{key}"),)
        return question.finding(
            Outcome.UNDETERMINED, "in_principle", school=school, missing=places, **details
        )
    if excuse.met:
        facts = {"note": excuse.note}
        return question.finding(Outcome.MET, "in_principle", school=school, facts=facts, **details)
    return question.finding(Outcome.NOT_MET, "number", school=school, **details)


def class_size(question: Question) -> list[Finding]:
    """The largest class of each school and stage."""
    criterion: ClassSize = question.criterion
    findings = []
    for school in question.covered():
        for stage in school.compulsory_stages():
            if stage not in criterion.bounds.stages:
                continue
            bound, sizes = criterion.bounds.of(stage), school.classes_in(stage)
            details: dict[str, Any] = {"school": school, "stage": stage, "bound": bound}
            if sizes is None:
                findings.append(question.missing([_place(school, f"class_sizes.{stage}")], **details))
                continue
            too_large = sum(not bound.holds(Fraction(size)) for size in sizes)
            outcome = held(holds=not too_large)
            inputs = {"classes": len(sizes), "too_large": too_large}
            findings.append(question.finding(outcome, "number", value=max(sizes), inputs=inputs, **details))
    return findings or [question.nobody()]


def small_schools_funded(question: Question) -> list[Finding]:
    """Pupils on which small schools' public funds were assessed."""
    criterion: SmallSchoolsFunded = question.criterion
    findings = []
    for school in question.county.schools:
        pupils = school.compulsory_pupils()
        if not any(scope.covers(school) for scope in criterion.scopes):
            continue
        if pupils == 0 or (pupils is not None and pupils >= criterion.pupils_below):
            continue
        funded = school.funded_pupils
        details: dict[str, Any] = {
            "school": school,
            "bound": criterion.bound,
            "inputs": {"pupils": pupils, "funded_pupils": funded},
        }
        if funded is not None and criterion.bound.holds(Fraction(funded)):
            findings.append(question.finding(Outcome.MET, "number", value=funded, **details))
        elif funded is None or pupils is None:
            places = {"funded_pupils": funded, "pupils.primary": pupils}
            missing = [_place(school, path) for path, value in places.items() if value is None]
            findings.append(question.missing(missing, value=funded, **details))
        else:
            findings.append(question.finding(Outcome.NOT_MET, "number", value=funded, **details))
    return findings or [question.nobody()]
