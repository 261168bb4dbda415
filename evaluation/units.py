"""Statistical units: from the schools of a county file to the school parts that indicators judge.

A campus is a unit of its own. An uncounted school is added to the school it belongs to, special and
vocational schools and the smallest teaching points drop out, and a school of several stages becomes
one part per compulsory stage, each with its share of what the stages use together.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction

from evaluation.county import COMPULSORY, STAGES, CompulsoryStage, CountyFile, School
from evaluation.scheme.resources import PART_FIGURES
from evaluation.scheme.units import Units

#: Figures of the teachers of one stage; the other part figures belong to the whole school and are split.
STAFF_FIGURES = ("above_qualification", "backbone", "pe_arts")
SHARED_FIGURES = tuple(name for name in PART_FIGURES if name not in STAFF_FIGURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One compulsory stage of one statistical unit."""

    #: Code of the school, or of the school that the others were merged into.
    school: str
    name: str
    kind: str
    locality: str
    stage: CompulsoryStage
    #: Pupils of this stage; None when unknown.
    pupils: int | None
    #: Codes of all schools in the unit, the one that takes the others first.
    members: tuple[str, ...]
    #: Share of the school's rooms, grounds and equipment; None when a stage's pupils are unknown.
    share: Fraction | None
    #: Figure → the part's own amount, after merging and splitting; None when unknown.
    figures: Mapping[str, Fraction | None]
    #: Figure → the places in the county file that leave it unknown.
    missing: Mapping[str, tuple[str, ...]]
    #: Visiting teachers of physical education and arts counted in ``pe_arts``.
    visiting: int
    #: Extra sports area that a dense city centre lets the school claim.
    extra_sports_area: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A figure added over the members of a unit; one that is missing leaves the sum unknown."""

    value: Fraction | int | None
    missing: tuple[str, ...] = ()


def school_parts(county: CountyFile, units: Units) -> list[Part]:
    """Return the school parts of a county in the order of its file, as *units* demands.

    Amounts are exact. A part's amounts, summed over all stages of its school, are the school's.
    """
    parts = []
    for members in _groups(county.schools, units):
        root = members[0]
        size = _add(members, units.size_stages)
        smallest = units.excluded_below.get(root.kind)
        if smallest is not None and size.value is not None and size.value < smallest:
            continue
        parts += _split(members, size, units)
    return parts


def _groups(schools: Sequence[School], units: Units) -> Iterator[list[School]]:
    """Yield each counted school with the uncounted ones that end in it, without excluded kinds."""
    by_code = {school.code: school for school in schools}
    merged: dict[str, list[School]] = defaultdict(list)
    for school in schools:
        if not school.counted and school.kind not in units.excluded_kinds:
            target = school
            while not target.counted and target.merge_into is not None:
                target = by_code[target.merge_into]
            merged[target.code].append(school)
    for school in schools:
        if school.counted and school.kind not in units.excluded_kinds:
            yield [school, *merged[school.code]]


def _place(school: School, path: str) -> str:
    return f"schools[{school.code}].{path}"


def _add(members: Sequence[School], stages: Sequence[str]) -> Sum:
    """Return the pupils of *stages* in all members."""
    missing = tuple(
        _place(school, f"pupils.{stage}")
        for school in members
        for stage in stages
        if school.pupils_in(stage) is None
    )
    if missing:
        return Sum(value=None, missing=missing)
    return Sum(value=sum(school.pupils_in(stage) or 0 for school in members for stage in stages))


def _staff(members: Sequence[School], stage: str, figure: str) -> Sum:
    """Return a figure of the teachers of *stage* in all members that teach it."""
    total, missing = 0, []
    for school in members:
        given = school.staff_in(stage, figure)
        if given is not None:
            total += given
        elif school.pupils_in(stage) != 0:
            missing.append(_place(school, f"teachers.{stage}.{figure}"))
    return Sum(value=None if missing else total, missing=tuple(missing))


def _shared(members: Sequence[School], figure: str) -> Sum:
    """Return a figure of the whole school, added over all members."""
    missing = tuple(_place(school, figure) for school in members if getattr(school, figure) is None)
    if missing:
        return Sum(value=None, missing=missing)
    first, *others = (Fraction(getattr(school, figure)) for school in members)
    return Sum(value=sum(others, first))


def _split(members: Sequence[School], size: Sum, units: Units) -> Iterator[Part]:
    """Yield one part for every compulsory stage in which the unit has, or may have, pupils."""
    root = members[0]
    pupils = {stage: _add(members, [stage]) for stage in STAGES}
    present = {stage for stage, count in pupils.items() if count.value != 0}
    weights = units.split.weights_of(root.kind, present)
    unknown = tuple(place for stage in sorted(present) for place in pupils[stage].missing)
    whole = None if unknown else sum(weights[each] * (pupils[each].value or 0) for each in present)
    shared = {figure: _shared(members, figure) for figure in SHARED_FIGURES}
    claims = [school.extra_sports_area or 0 for school in members if school.dense_centre]
    extra = sum((Fraction(area) for area in claims), Fraction(0))
    for stage in COMPULSORY:
        count = pupils[stage].value
        if count == 0:
            continue
        share = _share(stage, present, weights, count, whole)
        figures = {name: _staff(members, stage, name) for name in STAFF_FIGURES}
        visiting = _visiting(members, stage, size, units)
        figures["pe_arts"] = _plus(figures["pe_arts"], visiting)
        for name, total in shared.items():
            value = None if share is None else total.value
            if value is not None and share is not None and len(present) > 1:
                value *= share
            figures[name] = Sum(value=value, missing=total.missing + (unknown if share is None else ()))
        yield Part(
            school=root.code,
            name=root.name,
            kind=root.kind,
            locality=root.locality,
            stage=stage,
            pupils=None if count is None else int(count),
            members=tuple(school.code for school in members),
            share=share,
            figures={name: _exactly(total) for name, total in figures.items()},
            missing={name: total.missing for name, total in figures.items() if total.missing}
            | ({"pupils": pupils[stage].missing} if count is None else {}),
            visiting=int(visiting.value or 0),
            extra_sports_area=extra * (share or 0),
        )


def _exactly(total: Sum) -> Fraction | None:
    """Return a whole number as the fraction it is, too."""
    return Fraction(total.value) if isinstance(total.value, int) else total.value


def _share(
    stage: str,
    present: Set[str],
    weights: Mapping[str, Fraction],
    count: Fraction | int | None,
    whole: Fraction | int | None,
) -> Fraction | None:
    """Return the share of *stage* in what its school uses together."""
    if present == {stage}:
        return Fraction(1)
    return None if whole is None or count is None else Fraction(weights[stage] * count) / whole


def _visiting(members: Sequence[School], stage: str, size: Sum, units: Units) -> Sum:
    """Return the visiting teachers that count: only those claimed, only in small schools."""
    rule, root = units.visiting, members[0]
    if root.locality not in rule.localities and root.kind not in rule.kinds:
        return Sum(value=0)
    claimed = sum(school.staff_in(stage, "pe_arts_visiting") or 0 for school in members)
    if claimed and size.value is None:
        return Sum(value=None, missing=size.missing)
    small = size.value is not None and rule.pupils_from <= size.value < rule.pupils_below
    return Sum(value=claimed if small else 0)


def _plus(first: Sum, second: Sum) -> Sum:
    """Add two sums; one that is missing leaves the result unknown."""
    missing = first.missing + second.missing
    if first.value is None or second.value is None:
        return Sum(value=None, missing=missing)
    return Sum(value=first.value + second.value, missing=missing)
