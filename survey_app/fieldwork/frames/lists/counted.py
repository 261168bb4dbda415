"""Rows of counted lists turned into the lists of a frame: every row placed, every fault named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.county import OWN_STAGES
from sampling import FrameUnit
from survey_app.counties.workbook.faults import Fault
from survey_app.errors import RefusedInputError
from survey_app.fieldwork.frames.lists.reading import ListRow, read_rows
from survey_app.fieldwork.frames.lists.shape import LISTS, LONGEST_SECTION, MOST_PEOPLE
from survey_app.surveys.groups import GRADE_BANDS, GROUPS
from survey_app.surveys.school_lists import COUNTY_GROUPS, asked_grades, grades_of

#: Groups whose lists stand for one stage of a school.
STAGED = ("parent", "student")

#: What a frame unit of a whole school is called, beside those of its stages.
WHOLE_SCHOOL = "school"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The schools of a county, as its file has them: what a list can name."""

    county_code: str
    #: Code -> the school as the county file has it.
    schools: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Register":
        """The schools of a county file."""
        return cls(
            county_code=document["county"]["code"],
            schools={school["code"]: school for school in document["schools"]},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLists:
    """Lists as the frame takes them."""

    units: tuple[FrameUnit, ...]
    #: "group/unit" -> the classes or grades that stand one after the other on it, each with its people.
    sections: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)


def read_lists(content: bytes, name: str, *, register: Register | None = None) -> CountedLists:
    """Return the lists in an uploaded file; without a *register* schools are taken as they are named.

    Raises:
        UnfitListError: the file cannot be read at all.
        RefusedInputError: with every fault.
    """
    rows, faults = read_rows(content, name, LISTS)
    faults += [fault for row in rows for fault in _row_faults(row, register)]
    sound = [row for row in rows if not row.broken]
    faults += _doubled(sound)
    faults += _oversized(sound)
    if faults:
        raise RefusedInputError(sorted(faults, key=in_order))
    return CountedLists(units=tuple(_units(rows, register)), sections=_sections(rows, register))


def unit_of(row: ListRow, county_code: str) -> str:
    """What the frame calls the list that a row belongs to."""
    values = row.values
    if values["group"] in COUNTY_GROUPS:
        return county_code
    band = values.get("band") if values["group"] in STAGED else None
    return f"{values['school']}/{band or WHOLE_SCHOOL}"


def place_faults(row: ListRow, register: Register | None) -> Iterator[Fault]:
    """What is wrong with group, school and stage of a row."""
    values = row.values
    if "group" not in values:
        return
    group = values["group"]
    label = GROUPS[group].label.zh
    if group in COUNTY_GROUPS:
        for key in ("school", "name", "band"):
            if key in values:
                yield row.fault(key, "not_meant", group=label)
        return
    if row.lacks("school"):
        yield row.fault("school", "school_missing", group=label)
    elif register is not None and "school" in values:
        yield from _register_faults(row, register)
    if group in STAGED and row.lacks("band"):
        yield row.fault("band", "band_missing", group=label)


def _row_faults(row: ListRow, register: Register | None) -> Iterator[Fault]:
    yield from place_faults(row, register)
    values = row.values
    group, band, grade = values.get("group"), values.get("band"), values.get("grade")
    if group in COUNTY_GROUPS and grade is not None:
        yield row.fault("grade", "not_meant", group=GROUPS[group].label.zh)
    elif grade is not None and band is not None:
        if str(grade) not in grades_of(band):
            stage = GRADE_BANDS[band].label.zh
            yield row.fault("grade", "grade_of_band", band=stage, grades=grades_of(band))
        elif group == "student" and str(grade) not in asked_grades(band):
            yield row.fault("grade", "grade_not_asked", grades=asked_grades(band))
    if len(values.get("section", "")) > LONGEST_SECTION:
        yield row.fault("section", "section_too_long", longest=LONGEST_SECTION)
    if "\n" in values.get("section", ""):
        yield row.fault("section", "section_line")


def _register_faults(row: ListRow, register: Register) -> Iterator[Fault]:
    values = row.values
    school = register.schools.get(values["school"])
    if school is None:
        yield row.fault("school", "school_unknown")
        return
    if "name" in values and values["name"] != school["name"]:
        yield row.fault("name", "name_differs", family="workbook", expected=school["name"])
    band = values.get("band")
    if band is not None and not school["pupils"].get(band) and band not in OWN_STAGES[school["kind"]]:
        yield row.fault("band", "stage_absent", school=school["name"], band=GRADE_BANDS[band].label.zh)


def _doubled(rows: Sequence[ListRow]) -> Iterator[Fault]:
    """Lists that stand there twice, or both as a whole and in parts."""
    first: dict[tuple[Any, ...], ListRow] = {}
    parts: dict[tuple[Any, ...], list[ListRow]] = {}
    for row in rows:
        values = row.values
        whose = (values["group"], values.get("school"), values.get("band"))
        part = (values.get("grade"), values.get("section"))
        known = first.setdefault((*whose, *part), row)
        if known is not row:
            yield row.fault("group", "duplicate", family="workbook", first=known.cell("group"))
        parts.setdefault(whose, []).append(row)
    for members in parts.values():
        grades = {row.values.get("grade"): row for row in members if "section" not in row.values}
        for row in members:
            of_grade = grades.get(row.values.get("grade")) if "section" in row.values else None
            whole = grades.get(None)
            within = of_grade or (whole if whole is not row else None)
            if within is not None and within is not row:
                yield row.fault("size", "whole_and_parts", whole=within.cell("size"))


def _oversized(rows: Sequence[ListRow]) -> Iterator[Fault]:
    people: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = (row.values["group"], row.values.get("school"), row.values.get("band"))
        before = people.get(key, 0)
        people[key] = before + row.values["size"]
        if before <= MOST_PEOPLE < people[key]:
            yield row.fault("size", "list_too_long", people=people[key], most=MOST_PEOPLE)


def _units(rows: Sequence[ListRow], register: Register | None) -> Iterator[FrameUnit]:
    county = register.county_code if register is not None else ""
    people: dict[tuple[str, str], int] = {}
    firsts: dict[tuple[str, str], ListRow] = {}
    for row in rows:
        key = (row.values["group"], unit_of(row, county))
        people[key] = people.get(key, 0) + row.values["size"]
        firsts.setdefault(key, row)
    for (group, unit), size in people.items():
        if not size:
            continue
        values = firsts[group, unit].values
        school = register.schools.get(values.get("school", ""), {}) if register is not None else {}
        yield FrameUnit(
            group=group,
            id=unit,
            band=values.get("band", "") if group in STAGED else "",
            locality=school.get("locality", "") if group not in COUNTY_GROUPS else "",
            township=school.get("township") or "" if group not in COUNTY_GROUPS else "",
            school=values.get("school", ""),
            size=size,
        )


def _sections(rows: Sequence[ListRow], register: Register | None) -> dict[str, list[tuple[str, int]]]:
    """The named parts of each list, in the order of the file; lists without any are left out."""
    county = register.county_code if register is not None else ""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        name = _section_name(row.values)
        if name and row.values["size"]:
            key = f"{row.values['group']}/{unit_of(row, county)}"
            found.setdefault(key, []).append((name, row.values["size"]))
    return found


def _section_name(values: Mapping[str, Any]) -> str:
    grade = f"{values['grade']}年级" if "grade" in values else ""
    return f"{grade}{values.get('section', '')}"


def in_order(fault: Fault) -> tuple[int, str]:
    """Sorts faults by row, then by column."""
    digits = "".join(each for each in fault.cell if each.isdigit())
    return int(digits or 0), fault.cell
