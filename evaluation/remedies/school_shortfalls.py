"""Shortfalls beside the resource indicators: rooms, classes, places and funds that one school lacks."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaluation.county import CountyFile, School
from evaluation.findings import Finding, Outcome
from evaluation.remedies.shortfall import Shortfall
from evaluation.scheme import Scheme


def school_shortfall(finding: Finding, county: CountyFile, scheme: Scheme) -> Shortfall | None:
    """Return what the school of *finding* lacks; None where nothing is lacking or nothing can be counted."""
    measured = MEASURES.get(finding.formula)
    if measured is None or finding.school is None or finding.outcome is Outcome.MET:
        return None
    school = next(each for each in county.schools if each.code == finding.school)
    unit, measure = measured
    details: dict[str, Any] = {
        "id": finding.id,
        "label": finding.label,
        "clause": finding.clause,
        "school": school.code,
        "name": school.name,
        "stage": finding.stage,
        "figure": _figure(finding, scheme),
        "unit": unit,
        "outcome": finding.outcome,
    }
    if finding.outcome is Outcome.UNDETERMINED:
        return Shortfall(missing=finding.missing, **details)
    amount, facts = measure(Failing(finding=finding, school=school, county=county))
    facts = {"threshold": finding.threshold, **facts}
    return Shortfall(to_threshold=amount, missing=finding.missing, facts=facts, **details)


def _figure(finding: Finding, scheme: Scheme) -> str:
    """Return the figure of the county file that would have to change."""
    criterion = next(
        each
        for _, item in scheme.all_items()
        for each in item.criteria
        if item.criterion_id(each) == finding.id
    )
    figure = FIGURES[finding.formula]
    return getattr(criterion, figure, figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A finding that is not met, with the school and county it is about."""

    finding: Finding
    school: School
    county: CountyFile

    @property
    def gap(self) -> Fraction:
        """How much is lacking, or too much."""
        return -(self.finding.gap or Fraction(0))

    @property
    def threshold(self) -> Fraction:
        """What is asked."""
        return self.finding.threshold or Fraction(0)


#: What is lacking, and what a sentence about it needs.
Lack = tuple[Fraction | None, dict[str, Any]]


def _rooms(failing: Failing) -> Lack:
    """One more room, large enough, for every one that is missing or too small."""
    return failing.gap, {name: failing.finding.facts[name] for name in ("classes", "area", "rooms")}


def _school_size(failing: Failing) -> Lack:
    """Pupils too many; unknown while a stage's pupils are, though too many are certain."""
    return None if failing.finding.gap is None else failing.gap, {}


def _class_size(failing: Failing) -> Lack:
    """Pupils beyond the limit in all classes, and the classes the stage needs at least for its pupils.

    Grades are not known: where classes of one grade are full and those of another are not, more are needed.
    """
    sizes = failing.school.classes_in(failing.finding.stage or "") or []
    below = failing.finding.comparison == "below"
    largest = math.ceil(failing.threshold) - 1 if below else math.floor(failing.threshold)
    classes = max(len(sizes), math.ceil(Fraction(sum(sizes), largest)))
    excess = sum(max(0, size - largest) for size in sizes)
    too_large = sum(size > largest for size in sizes)
    return Fraction(excess), {"classes": len(sizes), "needed": classes, "too_large": too_large}


def _funded(failing: Failing) -> Lack:
    """Pupils not funded; and 元 a year where the county states its public funds per pupil."""
    rate = failing.county.figure("figures.funds_per_pupil.primary")
    return failing.gap, {} if rate is None else {"yuan": failing.gap * Fraction(rate)}


def _share_of_funds(failing: Failing) -> Lack:
    """元 missing to the share of the school's own funds that is demanded."""
    part, whole = (Fraction(each) for each in failing.finding.inputs.values())
    return failing.threshold * whole - part, {"share_of": whole}


#: Formula of a criterion → the unit of what is lacking, and how much that is.
MEASURES: dict[str, tuple[str, Callable[[Failing], Lack]]] = {
    "rooms": ("rooms", _rooms),
    "school_size": ("pupils", _school_size),
    "class_size": ("pupils", _class_size),
    "small_schools_funded": ("pupils", _funded),
    "school_share": ("yuan", _share_of_funds),
}

#: Formula of a criterion → the figure of the county file it is about, or the criterion's key that names it.
FIGURES = {
    "rooms": "rooms",
    "school_size": "pupils",
    "class_size": "class_sizes",
    "small_schools_funded": "funded_pupils",
    "school_share": "part",
}
