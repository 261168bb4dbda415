"""Contradictions in a county's own figures: found and shown, never judged and never repaired."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from evaluation.contradictions import Contradiction
from evaluation.county import COMPULSORY, CountyFile, Groups, School, Tally
from evaluation.findings import Finding
from evaluation.scheme import Scheme
from evaluation.statements import statement_contradictions


def contradictions(county: CountyFile, scheme: Scheme, findings: Sequence[Finding]) -> list[Contradiction]:
    """Return everything in *county* that contradicts itself, or the *findings* made from it."""
    found: list[Contradiction] = []
    for school in county.schools:
        found += school_contradictions(school)
    found += county_contradictions(county, scheme)
    found += recognition_contradictions(county, scheme)
    found += statement_contradictions(county, scheme, findings)
    return found


def school_contradictions(school: School) -> Iterator[Contradiction]:
    """Yield what one school's row contradicts in itself."""
    place = f"schools[{school.code}]"
    for stage in COMPULSORY:
        sizes, pupils = getattr(school.class_sizes, stage, None), school.pupils_in(stage)
        if sizes is not None and pupils is not None and sum(sizes) != pupils:
            facts = {"name": school.name, "stage": stage, "classes": sum(sizes), "pupils": pupils}
            yield Contradiction(id="class_sizes_sum", where=f"{place}.class_sizes.{stage}", facts=facts)
        yield from _staff_contradictions(school, stage)
        near = getattr(school.nearby_pupils, stage, None)
        if near is not None and pupils is not None and near > pupils:
            yield _exceeds(f"{place}.nearby_pupils.{stage}", school.name, near, f"pupils.{stage}", pupils)
    yield from _grade_contradictions(school)
    for part, whole in (("indoor_sports_area", "teaching_area"), ("training_funds", "public_funds")):
        small, large = getattr(school, part), getattr(school, whole)
        if small is not None and large is not None and small > large:
            yield _exceeds(f"{place}.{part}", school.name, small, whole, large)
    if school.counted and school.merge_into is not None:
        facts = {"name": school.name, "target": school.merge_into}
        yield Contradiction(id="counted_but_merged", where=f"{place}.merge_into", facts=facts)
    if school.kind == "vocational" and any(school.pupils_in(stage) for stage in COMPULSORY):
        yield Contradiction(id="vocational_attached", where=f"{place}.pupils", facts={"name": school.name})


def _exceeds(where: str, name: str, part: Any, whole: str, of: Any) -> Contradiction:
    figure = where.rpartition("].")[2]
    facts = {"name": name, "figure": figure, "part": part, "whole": whole, "of": of}
    return Contradiction(id="part_exceeds_whole", where=where, facts=facts)


def _staff_contradictions(school: School, stage: str) -> Iterator[Contradiction]:
    """Yield subsets of the teachers that outnumber them."""
    pairs = [
        (name, "total") for name in ("above_qualification", "backbone", "pe_arts", "certified", "trained")
    ]
    for name, whole in [*pairs, ("pe_arts_specialist", "pe_arts"), ("total", "employees")]:
        part, of = school.staff_in(stage, name), school.staff_in(stage, whole)
        if part is not None and of is not None and part > of:
            where = f"schools[{school.code}].teachers.{stage}.{name}"
            yield _exceeds(where, school.name, part, f"teachers.{stage}.{whole}", of)
    if school.staff_in(stage, "total") and school.pupils_in(stage) == 0:
        facts = {"name": school.name, "stage": stage, "teachers": school.staff_in(stage, "total")}
        yield Contradiction(
            id="teachers_without_pupils", where=f"schools[{school.code}].teachers.{stage}", facts=facts
        )


def _grade_contradictions(school: School) -> Iterator[Contradiction]:
    """Yield grades that do not add up to the compulsory pupils (all nine, where primary may have five)."""
    pupils = school.compulsory_pupils()
    if school.grade_pupils and pupils is not None and sum(school.grade_pupils.values()) != pupils:
        facts = {"name": school.name, "grades": sum(school.grade_pupils.values()), "pupils": pupils}
        yield Contradiction(id="grades_sum", where=f"schools[{school.code}].grade_pupils", facts=facts)


#: County figures that cannot exceed one another, from the smallest to the largest.
CHAINS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("figures.rotation", ("rotated_backbone", "rotated", "eligible")),
    ("figures.senior_places", ("allotted_rural", "allotted", "places")),
    ("figures.disabled_children", ("enrolled", "children")),
    ("figures.labour", ("practice_hours", "comprehensive_hours")),
)


def county_contradictions(county: CountyFile, scheme: Scheme) -> Iterator[Contradiction]:
    """Yield what the county's figures, application and attestations contradict in each other."""
    for group, names in CHAINS:
        yield from _ordered(county, group, names)
    children = county.figure("figures.migrant_children")
    if children is not None and children.eligible is not None:
        placed = (children.in_public or 0) + (children.in_purchased_private or 0)
        if placed > children.eligible:
            where = "figures.migrant_children.in_public"
            yield _exceeds(where, "", placed, "figures.migrant_children.eligible", children.eligible)
    balance, application = county.figure("eligibility.basic_balance_year"), county.application_year
    if balance is not None and application is not None and balance > application:
        facts = {"balance": balance, "application": application}
        yield Contradiction(
            id="recognised_after_applying", where="eligibility.basic_balance_year", facts=facts
        )
    for key, attestation in (county.attestations or {}).items():
        against = [
            school.name
            for school in county.schools
            if (each := (school.attestations or {}).get(key)) is not None and not each.met
        ]
        if attestation.met and against:
            facts = {"key": key, "items": scheme.items_of(key), "schools": against}
            yield Contradiction(id="attestation_against_schools", where=f"attestations.{key}", facts=facts)
    for key, happened in (county.vetoes or {}).items():
        names = [school.name for school in county.schools if (school.vetoes or {}).get(key)]
        if not happened and names:
            facts = {"key": key, "items": scheme.items_of(key), "schools": names}
            yield Contradiction(id="veto_against_schools", where=f"vetoes.{key}", facts=facts)


def _ordered(county: CountyFile, group: str, names: Sequence[str]) -> Iterator[Contradiction]:
    """Yield neighbours in a chain of subsets that are the wrong way round."""
    given = [(name, county.figure(f"{group}.{name}")) for name in names]
    known = [(name, value) for name, value in given if value is not None]
    for (part, small), (whole, large) in pairwise(known):
        if small > large:
            yield _exceeds(f"{group}.{part}", "", small, f"{group}.{whole}", large)


def recognition_contradictions(county: CountyFile, scheme: Scheme) -> Iterator[Contradiction]:
    """Yield tallies that do not add up, and a survey smaller or less parental than the sample rule."""
    recognition = county.recognition
    if recognition is None:
        return
    groups = {name: county.figure(f"recognition.groups.{name}") for name in Groups.model_fields}
    tallies = ("questionnaires", "visits", *(f"groups.{name}" for name in groups))
    for path in tallies:
        yield from _ordered(county, f"recognition.{path}", ("satisfied", "valid", "distributed"))
    whole = recognition.questionnaires
    if whole is None:
        return
    for name in ("distributed", "valid", "satisfied"):
        total = getattr(whole, name)
        given = [getattr(tally, name) for tally in groups.values() if tally is not None]
        if total is None or not given or None in given:
            continue
        everyone = len(given) == len(groups)
        if sum(given) > total or (everyone and sum(given) != total):
            facts = {"figure": name, "groups": sum(given), "total": total}
            yield Contradiction(id="groups_sum", where=f"recognition.groups.*.{name}", facts=facts)
    yield from _sample(county, scheme, whole, groups.get("parent"))


def _sample(
    county: CountyFile, scheme: Scheme, whole: Tally, parents: Tally | None
) -> Iterator[Contradiction]:
    """Yield a survey that is smaller than the rule, or has too few parents."""
    rule, people = scheme.sample, county.county.resident_population
    if rule is None:
        return
    # The rule is about those asked; where a county gives only those who answered, they stand for them.
    figure = "valid" if whole.distributed is None else "distributed"
    asked = getattr(whole, figure)
    if people is not None and asked is not None and asked < rule.rate * people:
        needed = -int(-(rule.rate * people) // 1)
        facts = {
            "figure": figure,
            "asked": asked,
            "needed": needed,
            "rate": rule.rate * 1000,
            "population": people,
        }
        yield Contradiction(id="sample_too_small", where=f"recognition.questionnaires.{figure}", facts=facts)
    if parents is not None and parents.valid is not None and whole.valid:
        share = Fraction(parents.valid, whole.valid)
        if share < rule.parents_share:
            facts = {
                "parents": parents.valid,
                "valid": whole.valid,
                "share": share,
                "wanted": rule.parents_share,
            }
            yield Contradiction(id="too_few_parents", where="recognition.groups.parent.valid", facts=facts)
