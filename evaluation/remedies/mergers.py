"""Mergers as they are asked for: which school goes to which others, and in what shares.

What the table says is checked as a whole, against the county file, before anything is merged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from evaluation.county import (
    OWN_STAGES,
    STAGES,
    ClassSizes,
    CountyFile,
    Kind,
    PupilsByStage,
    Record,
    School,
    StaffByStage,
)
from evaluation.errors import Fault, RemedyFileError
from evaluation.remedies.tables import path, read_table


def _share(value: Any) -> Any:
    """Return the exact share written as a number or as ``"1/3"``; leave the rest to the type."""
    if isinstance(value, str):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            return value
    return value if isinstance(value, bool) else Fraction(value) if _is_number(value) else value


def _is_number(value: Any) -> bool:
    try:
        return Fraction(value) is not None
    except (TypeError, ValueError, OverflowError):
        return False


Share = Annotated[Fraction, BeforeValidator(_share), Field(gt=0, le=1)]


class Words(Record):
    """Words in both languages."""

    zh: str
    en: str


class Target(Record):
    """Where a part of a school goes: by a share of everything, or by counted pupils."""

    school: str
    share: Share | None = None
    pupils: PupilsByStage | None = None
    #: Teachers counted too; without them they follow the pupils.
    teachers: StaffByStage | None = None


class Merger(Record):
    """One school that is given up."""

    school: str
    into: Annotated[list[Target], Field(min_length=1)]


class Receiving(Record):
    """What is known of a school after it has taken others in."""

    school: str
    #: None: the kind that has the stages it then teaches.
    kind: Kind | None = None
    #: None: unknown in the stages that took pupils in.
    class_sizes: ClassSizes | None = None


class Redirect(Record):
    """Where a school without a count of its own belongs, when the school it belonged to is given up."""

    school: str
    merge_into: str


class Mergers(Record):
    """The file: mergers that happen together."""

    format: Literal["mergers/1"]
    #: What a reader must know of it, e.g. that figures are simulated.
    note: Words | None = None
    #: Whether equipment and multimedia rooms go with the pupils. Rooms and grounds always stay behind.
    equipment_moves: bool = False
    multimedia_rooms_move: bool = False
    mergers: Annotated[list[Merger], Field(min_length=1)]
    receiving: list[Receiving] = Field(default_factory=list)
    redirects: list[Redirect] = Field(default_factory=list)


def read_mergers(source: str | bytes | Mapping[str, Any]) -> Mergers:
    """Return the mergers in *source*: TOML text, its UTF-8 bytes, or the parsed document.

    Raises:
        RemedyFileError: with every fault.
    """
    return read_table(source, Mergers)


def check_mergers(mergers: Mergers, county: CountyFile) -> None:
    """Refuse mergers that *county* cannot have.

    Raises:
        RemedyFileError: with every fault.
    """
    schools = {school.code: school for school in county.schools}
    merged = {merger.school for merger in mergers.mergers}
    faults = [
        *_school_faults(mergers, schools),
        *_circles(mergers),
        *_orphans(mergers, county, merged),
        *_others(mergers, schools, merged),
    ]
    for place, merger in enumerate(mergers.mergers):
        if merger.school in schools:
            faults += _sharing_faults(("mergers", place), merger, mergers, schools)
    if faults:
        raise RemedyFileError(faults)


def receivers(mergers: Mergers, school: str) -> list[str]:
    """Return the codes of the schools that *school* goes to; empty for one that stays."""
    return [target.school for each in mergers.mergers if each.school == school for target in each.into]


def _school_faults(mergers: Mergers, schools: Mapping[str, School]) -> Iterator[Fault]:
    """Yield schools that are not there, that cannot merge, or that are named twice."""
    times = Counter(merger.school for merger in mergers.mergers)
    for place, merger in enumerate(mergers.mergers):
        named: list[tuple[tuple[int | str, ...], str]] = [(("mergers", place, "school"), merger.school)]
        into = [target.school for target in merger.into]
        for number, code in enumerate(into):
            where = ("mergers", place, "into", number, "school")
            named.append((where, code))
            if code == merger.school:
                yield Fault(where=path(*where), value=code, rule="itself")
            if code in into[:number]:
                yield Fault(where=path(*where), value=code, rule="target_twice")
        if times[merger.school] > 1:
            yield Fault(where=path(*named[0][0]), value=merger.school, rule="merged_twice")
        for where, code in named:
            if code not in schools:
                yield Fault(where=path(*where), value=code, rule="unknown_school")
            elif schools[code].kind in ("special", "vocational"):
                yield Fault(
                    where=path(*where), value=code, rule="excluded", facts={"kind": schools[code].kind}
                )


def _circles(mergers: Mergers) -> Iterator[Fault]:
    """Yield the mergers whose pupils would come back to the school they left."""
    for place, merger in enumerate(mergers.mergers):
        seen: list[str] = []
        ahead = [code for code in receivers(mergers, merger.school) if code != merger.school]
        while ahead:
            code = ahead.pop(0)
            if code not in seen:
                seen.append(code)
                ahead += receivers(mergers, code)
        if merger.school in seen:
            facts = {"chain": (merger.school, *seen[: seen.index(merger.school) + 1])}
            yield Fault(
                where=path("mergers", place, "school"), value=merger.school, rule="circle", facts=facts
            )


def _orphans(mergers: Mergers, county: CountyFile, merged: set[str]) -> Iterator[Fault]:
    """Yield uncounted schools whose school is given up to several others, so that theirs is unclear."""
    redirected = {redirect.school for redirect in mergers.redirects}
    for school in county.schools:
        parent = school.merge_into
        if school.counted or parent not in merged or school.code in merged | redirected:
            continue
        targets = receivers(mergers, parent)
        if len(targets) > 1:
            yield Fault(
                where="redirects",
                value=school.code,
                rule="orphan",
                facts={"parent": parent, "known": tuple(targets)},
            )


def _others(mergers: Mergers, schools: Mapping[str, School], merged: set[str]) -> Iterator[Fault]:
    """Yield what is said of schools that take nobody in, or that are not there to belong to."""
    taking = {target.school for merger in mergers.mergers for target in merger.into} - merged
    times = Counter(each.school for each in mergers.receiving)
    for place, each in enumerate(mergers.receiving):
        if each.school not in taking or times[each.school] > 1:
            rule = "not_receiving" if each.school not in taking else "receiving_twice"
            facts = {"known": tuple(sorted(taking))}
            yield Fault(where=path("receiving", place, "school"), value=each.school, rule=rule, facts=facts)
    for place, redirect in enumerate(mergers.redirects):
        known = schools.get(redirect.school)
        if known is None or known.counted or redirect.school in merged:
            where = path("redirects", place, "school")
            yield Fault(where=where, value=redirect.school, rule="not_uncounted")
        if redirect.merge_into not in schools or redirect.merge_into in merged:
            where = path("redirects", place, "merge_into")
            yield Fault(where=where, value=redirect.merge_into, rule="unknown_school")


def _sharing_faults(
    where: tuple[int | str, ...], merger: Merger, mergers: Mergers, schools: Mapping[str, School]
) -> Iterator[Fault]:
    """Yield shares that do not add up, and schools whose pupils are not known."""
    school = schools[merger.school]
    for stage in OWN_STAGES[school.kind]:
        if school.pupils_in(stage) is None:
            facts = {"path": f"schools[{school.code}].pupils.{stage}"}
            yield Fault(where=path(*where, "school"), value=school.code, rule="pupils_missing", facts=facts)
    for number, target in enumerate(merger.into):
        if (target.share is None) == (target.pupils is None):
            yield Fault(where=path(*where, "into", number), value=target.school, rule="share_or_pupils")
        if target.share is not None and target.teachers is not None:
            yield Fault(where=path(*where, "into", number), value=target.school, rule="share_or_pupils")
    shares = [target.share for target in merger.into if target.share is not None]
    counted = [target.pupils for target in merger.into if target.pupils is not None]
    if shares and counted:
        yield Fault(where=path(*where, "into"), value=merger.school, rule="mixed")
    elif shares and sum(shares) != 1:
        facts = {"sum": str(sum(shares))}
        yield Fault(where=path(*where, "into"), value=merger.school, rule="shares", facts=facts)
    elif counted and any(merger.school in receivers(mergers, each.school) for each in mergers.mergers):
        yield Fault(where=path(*where, "into"), value=merger.school, rule="counts_in_chain")
    elif counted:
        yield from _count_faults(where, school, merger)


def _count_faults(where: tuple[int | str, ...], school: School, merger: Merger) -> Iterator[Fault]:
    """Yield counts of pupils or teachers that do not add up to the school's."""
    for stage in STAGES:
        have = school.pupils_in(stage)
        given = sum(getattr(target.pupils, stage) or 0 for target in merger.into)
        if have is not None and given != have:
            facts = {"what": f"pupils.{stage}", "sum": given, "have": have}
            yield Fault(where=path(*where, "into"), value=school.code, rule="counts", facts=facts)
    for stage, figure, given in counted_teachers(merger.into):
        have = school.staff_in(stage, figure)
        if given != have:
            facts = {"what": f"teachers.{stage}.{figure}", "sum": given, "have": have or 0}
            yield Fault(where=path(*where, "into"), value=school.code, rule="counts", facts=facts)


def counted_teachers(into: Sequence[Target]) -> list[tuple[str, str, int]]:
    """Return the staff figures that are counted out over targets, with their sums."""
    sums: dict[tuple[str, str], int] = {}
    for target in into:
        for stage in ("primary", "junior"):
            staff = getattr(target.teachers, stage, None)
            for figure in type(staff).model_fields if staff is not None else ():
                count = getattr(staff, figure)
                if count is not None:
                    sums[stage, figure] = sums.get((stage, figure), 0) + count
    return [(stage, figure, count) for (stage, figure), count in sums.items()]
