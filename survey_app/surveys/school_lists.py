"""Counted lists of people who are reached through schools: parents, pupils, teachers, principals."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.county import OWN_STAGES
from survey_app.surveys.groups import GRADE_BANDS
from survey_app.surveys.planning import Line, PlanFault, fault, said

#: Groups whose lists are counted over the schools.
SCHOOL_GROUPS = ("parent", "student", "teacher", "principal")

#: Groups listed for the county as a whole; somebody has to say how many they are.
COUNTY_GROUPS = ("deputy", "cppcc_member", "public")

_BANDS = ("primary", "junior")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolList:
    """The people of one group in one school, or in one stage of it."""

    group: str
    school_code: str
    school_name: str
    #: primary or junior; empty where the whole school has one list.
    band: str
    locality: str
    township: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolLists:
    """All lists of a county's schools, how they were counted, and what stood in the way."""

    lists: tuple[SchoolList, ...]
    notes: tuple[Line, ...]
    faults: tuple[PlanFault, ...]

    @property
    def sizes(self) -> dict[str, int]:
        """Group -> people on all its lists."""
        return {group: sum(one.size for one in self.of(group)) for group in SCHOOL_GROUPS}

    def of(self, group: str) -> tuple[SchoolList, ...]:
        """The lists of *group*, in the order of the county file."""
        return tuple(one for one in self.lists if one.group == group)


def school_lists(document: Mapping[str, Any]) -> SchoolLists:
    """Count the lists of the county file *document*.

    Every pupil of the compulsory stages is on exactly one list of pupils' parents, also in special
    schools and teaching points. Pupils are asked in the grades of ``lists.toml`` only.
    """
    lists: list[SchoolList] = []
    faults: list[PlanFault] = []
    estimated = from_employees = 0
    for school in document["schools"]:
        stages = _stages(school, faults)
        for band, pupils in stages.items():
            asked = _asked_pupils(school, band, pupils)
            estimated += asked is None
            lists.append(_list("parent", school, band, pupils))
            lists.append(_list("student", school, band, _estimate(band, pupils) if asked is None else asked))
        if not stages:
            continue
        teachers = 0
        for band in stages:
            number, replaced = _teachers(school, band, faults)
            teachers += number
            from_employees += replaced
        lists.append(_list("teacher", school, "", teachers))
        if school.get("counted", True):
            lists.append(_list("principal", school, "", 1))
    counted = SchoolLists(lists=tuple(one for one in lists if one.size), notes=(), faults=tuple(faults))
    notes = tuple(_notes(counted.sizes, estimated, from_employees))
    return SchoolLists(lists=counted.lists, notes=notes, faults=counted.faults)


def grades_of(band: str) -> tuple[str, ...]:
    """The grades of a stage, in order.

    >>> grades_of("junior")
    ('7', '8', '9')
    """
    last = int(asked_grades(band)[-1])
    return tuple(map(str, range(last - _known()["students"]["stage_grades"][band] + 1, last + 1)))


def asked_grades(band: str) -> tuple[str, ...]:
    """The grades of a stage whose pupils are asked.

    >>> asked_grades("primary")
    ('3', '4', '5', '6')
    """
    return tuple(_known()["students"]["grades"][band])


def _stages(school: Mapping[str, Any], faults: list[PlanFault]) -> dict[str, int]:
    """Compulsory stages of *school* with their pupils; a number that must be there and is not is a fault."""
    pupils = school["pupils"]
    faults += [
        _missing("pupils_missing", school, band)
        for band in _BANDS
        if band in OWN_STAGES[school["kind"]] and pupils.get(band) is None
    ]
    return {band: int(pupils[band]) for band in _BANDS if pupils.get(band)}


def _asked_pupils(school: Mapping[str, Any], band: str, pupils: int) -> int | None:
    """Pupils in the grades that are asked; None if the school does not say."""
    grades = _known()["students"]["grades"][band]
    if len(grades) == _known()["students"]["stage_grades"][band]:
        return pupils
    stated = school.get("grade_pupils", {})
    if any(stated.get(grade) is None for grade in grades):
        return None
    return min(pupils, int(sum(stated[grade] for grade in grades)))


def _share(band: str) -> Fraction:
    students = _known()["students"]
    return Fraction(len(students["grades"][band]), students["stage_grades"][band])


def _estimate(band: str, pupils: int) -> int:
    return int(pupils * _share(band))


def _teachers(school: Mapping[str, Any], band: str, faults: list[PlanFault]) -> tuple[int, bool]:
    """Teachers of a stage, and whether the number of all staff stands in for theirs."""
    staff = school.get("teachers", {}).get(band, {})
    if staff.get("total") is not None:
        return int(staff["total"]), False
    if staff.get("employees") is not None:
        return int(staff["employees"]), True
    faults.append(_missing("teachers_missing", school, band))
    return 0, False


def _list(group: str, school: Mapping[str, Any], band: str, size: int) -> SchoolList:
    return SchoolList(
        group=group,
        school_code=school["code"],
        school_name=school["name"],
        band=band,
        locality=school["locality"],
        township=school.get("township") or "",
        size=size,
    )


def _missing(rule: str, school: Mapping[str, Any], band: str) -> PlanFault:
    return fault(f"schools[{school['code']}]", rule, school["name"], band=GRADE_BANDS[band].label)


def _notes(sizes: Mapping[str, int], estimated: int, from_employees: int) -> Iterator[Line]:
    grades = _known()["students"]["grades"]
    asked = f"{grades['primary'][0]}–{grades['junior'][-1]}"
    yield said("lists", "parents", sizes["parent"])
    yield said("lists", "students", sizes["student"], grades=asked)
    if estimated:
        yield said("lists", "students_estimated", estimated, share=_share("primary"))
    yield said("lists", "teachers", sizes["teacher"])
    if from_employees:
        yield said("lists", "teachers_from_employees", from_employees)
    yield said("lists", "principals", sizes["principal"])


@cache
def _known() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "lists.toml").read_text(encoding="utf-8"))
