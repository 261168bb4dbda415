"""Exemptions: a lighter standard for a school in a certain position, while it may be claimed.

Whether one may be claimed has three answers; where the facts for it are missing and it would matter,
the finding stays undetermined.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from evaluation.county import School
from evaluation.findings import Outcome, UsedExemption
from evaluation.questions import Question
from evaluation.scheme.exemptions import Condition, Exemption
from evaluation.terms import Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An exemption as it stands for one school and criterion."""

    exemption: Exemption
    bound: Bound
    #: True, False, or None when a fact for it is missing.
    holds: bool | None
    missing: tuple[str, ...] = ()
    #: The conditions hold, but it can no longer be claimed.
    expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A criterion judged with whatever exemptions may be claimed."""

    outcome: Outcome
    #: The bound that decided.
    bound: Bound
    used: UsedExemption | None = None
    missing: tuple[str, ...] = ()
    #: An expired exemption under which the school would have passed.
    expired: Exemption | None = None


def judge_with_exemptions(
    question: Question, school: School, bound: Bound, test: Callable[[Bound], Outcome]
) -> Answer:
    """Judge by *test* under the standard bound, then under the exemptions that may be claimed."""
    without = test(bound)
    if without is Outcome.MET:
        return Answer(outcome=without, bound=bound)
    claims = sorted(_claims(question, school, bound), key=lambda claim: bound.gap(claim.bound.threshold))
    claims.reverse()
    for claim in claims:
        if claim.holds and test(claim.bound) is Outcome.MET:
            used = _used(claim.exemption, without, bound)
            return Answer(outcome=Outcome.MET, bound=claim.bound, used=used)
    for claim in claims:
        if claim.holds is None and test(claim.bound) is Outcome.MET:
            return Answer(outcome=Outcome.UNDETERMINED, bound=bound, missing=claim.missing)
    possible = [claim for claim in claims if claim.holds is not False]
    outcomes = {without, *(test(claim.bound) for claim in possible)}
    expired = next(
        (claim.exemption for claim in claims if claim.expired and test(claim.bound) is Outcome.MET), None
    )
    outcome = Outcome.UNDETERMINED if Outcome.UNDETERMINED in outcomes else Outcome.NOT_MET
    lightest = next((claim.bound for claim in reversed(claims) if claim.holds), bound)
    return Answer(outcome=outcome, bound=lightest, expired=expired)


def _used(exemption: Exemption, without: Outcome, bound: Bound) -> UsedExemption:
    return UsedExemption(
        id=exemption.id,
        label=exemption.label,
        clause=exemption.clause,
        outcome_without=without,
        threshold_without=bound.threshold,
        value_without=None,
        follow_up_years=exemption.follow_up_years,
    )


def _claims(question: Question, school: School, bound: Bound) -> Iterator[Claim]:
    """Yield the exemptions that speak of this criterion and school."""
    stages = school.compulsory_stages()
    for exemption in question.scheme.exemptions:
        bounds = [
            standard.bound
            for standard in exemption.standards
            if standard.criterion == question.id
            and (standard.kinds is None or school.kind in standard.kinds)
            and (standard.stages is None or set(standard.stages) & set(stages))
        ]
        if not bounds:
            continue
        strictest = (max if bound.wants_more else min)(bounds, key=lambda each: each.threshold)
        holds, missing = condition_holds(exemption.condition, school)
        year, last = question.county.application_year, exemption.valid_until
        expired = False
        if holds is not False and last is not None:
            if year is None:
                holds, missing = None, (*missing, "eligibility.application_year")
            elif year > last:
                holds, expired = False, holds is True
        yield Claim(exemption=exemption, bound=strictest, holds=holds, missing=missing, expired=expired)


def condition_holds(condition: Condition, school: School) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether every key of *condition* holds of *school*, and what is missing to say so."""
    answers = [
        check(wanted, school)
        for name, check in CONDITIONS.items()
        if (wanted := getattr(condition, name)) is not None
    ]
    if any(holds is False for holds, _ in answers):
        return False, ()
    missing = tuple(f"schools[{school.code}].{place}" for holds, place in answers if holds is None)
    return (None if missing else True), missing


def _built_by(year: int, school: School) -> tuple[bool | None, str]:
    return (None if school.built_year is None else school.built_year <= year), "built_year"


def _localities(localities: list[str], school: School) -> tuple[bool | None, str]:
    return school.locality in localities, "locality"


def _largest_class_below(limit: int, school: School) -> tuple[bool | None, str]:
    """The school's largest compulsory class; a known large one decides, whatever is missing."""
    known = [school.classes_in(stage) for stage in school.compulsory_stages()]
    if any(size >= limit for sizes in known if sizes for size in sizes):
        return False, "class_sizes"
    return (None if None in known else True), "class_sizes"


def _migrant_share_above(share: Fraction, school: School) -> tuple[bool | None, str]:
    given = school.migrant_share
    return (None if given is None else Fraction(given) > share), "migrant_share"


def _dense_centre(wanted: bool, school: School) -> tuple[bool | None, str]:
    return bool(school.dense_centre) is wanted, "dense_centre"


#: Key of a condition → how it is checked of a school.
CONDITIONS: dict[str, Callable] = {
    "built_by": _built_by,
    "localities": _localities,
    "largest_class_below": _largest_class_below,
    "migrant_share_above": _migrant_share_above,
    "dense_centre": _dense_centre,
}
