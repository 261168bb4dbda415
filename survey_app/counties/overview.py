"""A county file laid out for its page: key figures, and sums by stage and township."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.counties.labels import STAGE_COUNTS
from survey_app.counties.origins import Origins
from survey_app.counties.workbook.layout import COUNTY_SHEET, FIGURES
from survey_app.counties.workbook.shape import Form

#: Schools that the standards for primary and junior schools do not speak of.
APART = {"special", "vocational"}

#: The stages a school of each kind has, so that a missing number is seen to be missing.
_STAGES = {
    "primary": ("primary",),
    "teaching_point": ("primary",),
    "junior": ("junior",),
    "nine_year": ("primary", "junior"),
    "complete_secondary": ("junior",),
    "twelve_year": ("primary", "junior"),
}

#: Shown elsewhere on the page.
_NOT_FIGURES = {"county.code", "county.name", "year", "format"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What the schools that say something add up to, and how many do not say."""

    value: int | None
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One count by stage: the schools' sum beside what the county published."""

    label: Any
    unit: Any
    sums: Mapping[str, Sum]
    published: Mapping[str, Any]
    origin: str

    @property
    def agrees(self) -> bool | None:
        """Whether the schools add up to what is published; None where nothing can be compared."""
        both = [
            (self.sums[stage], value)
            for stage, value in self.published.items()
            if self.sums[stage].value is not None
        ]
        if not both or any(each.missing for each, _ in both):
            return None
        return all(each.value == value for each, value in both)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One county figure."""

    label: str
    value: Any
    unit: str
    group: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Township:
    """A township with its schools and pupils."""

    name: str
    schools: int
    pupils: Mapping[str, Sum]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything the county's page shows."""

    population: int | None
    schools: int
    by_kind: Mapping[str, int]
    pupils: Sum
    pupils_by_stage: Mapping[str, Sum]
    employees: Sum
    teachers: Sum
    stages: Sequence[StageRow]
    #: Whether the file holds published totals to compare with.
    has_totals: bool
    figures: Sequence[Figure]
    townships: Sequence[Township]
    origins: Origins


def overview(document: Mapping[str, Any], origins: Origins) -> Overview:
    """Lay out *document* for the county's page."""
    schools = document["schools"]
    counted = [school for school in schools if school.get("counted", True)]
    kinds = [school["kind"] for school in counted]
    by_stage = {stage: _sum(schools, "pupils", stage) for stage in ("primary", "junior")}
    return Overview(
        population=document["county"].get("resident_population"),
        schools=len(counted),
        by_kind={kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        pupils=_together(by_stage.values()),
        pupils_by_stage=by_stage,
        employees=_together(_sum(schools, "employees", stage) for stage in ("primary", "junior")),
        teachers=_together(_sum(schools, "teachers", stage) for stage in ("primary", "junior")),
        stages=_stage_rows(document, origins),
        has_totals=bool(document.get("totals")),
        figures=_figures(document, origins),
        townships=_townships(schools),
        origins=origins,
    )


def has_stage(school: Mapping[str, Any], stage: str) -> bool:
    """Say whether a school has pupils of *stage*, or should have by its kind."""
    return stage in school["pupils"] or stage in _STAGES.get(school["kind"], ())


def count_of(school: Mapping[str, Any], name: str, stage: str) -> int | None:
    """Give one count of a stage of a school; None where the file does not say."""
    if name == "pupils":
        return school["pupils"].get(stage)
    staff = school.get("teachers", {}).get(stage, {})
    return staff.get("total" if name == "teachers" else name)


def _stage_rows(document: Mapping[str, Any], origins: Origins) -> list[StageRow]:
    schools = [school for school in document["schools"] if school["kind"] not in APART]
    totals = document.get("totals", {})
    rows = []
    for name, label, unit in STAGE_COUNTS:
        sums = {stage: _sum(schools, name, stage) for stage in ("primary", "junior")}
        if name in totals or any(each.value is not None for each in sums.values()):
            where = {"pupils": "schools[].pupils", "teachers": "schools[].teachers.total"}
            rows.append(
                StageRow(
                    label=label,
                    unit=unit,
                    sums=sums,
                    published=totals.get(name, {}),
                    origin=origins.of(f"totals.{name}", where.get(name, f"schools[].teachers.{name}")),
                )
            )
    return rows


def _figures(document: Mapping[str, Any], origins: Origins) -> list[Figure]:
    forms = (form for sheet in (COUNTY_SHEET, FIGURES) for form in sheet.blocks if isinstance(form, Form))
    items = [item for form in forms for item in form.items if item.key not in _NOT_FIGURES]
    found = ((item, _at(document, item.key)) for item in items)
    return [
        Figure(label=item.label, value=value, unit=item.unit, group=item.group, origin=origins.of(item.key))
        for item, value in found
        if value is not None
    ]


def _townships(schools: Sequence[Mapping[str, Any]]) -> list[Township]:
    names = dict.fromkeys(school.get("township", "") for school in schools)
    found = []
    for name in sorted(names, key=lambda each: (each == "", each)):
        here = [school for school in schools if school.get("township", "") == name]
        found.append(
            Township(
                name=name,
                schools=sum(school.get("counted", True) for school in here),
                pupils={stage: _sum(here, "pupils", stage) for stage in ("primary", "junior")},
            )
        )
    return found


def _sum(schools: Iterable[Mapping[str, Any]], name: str, stage: str) -> Sum:
    given = [count_of(school, name, stage) for school in schools if has_stage(school, stage)]
    known = [int(each) for each in given if each is not None]
    return Sum(value=sum(known) if known else None, missing=len(given) - len(known))


def _together(parts: Iterable[Sum]) -> Sum:
    parts = list(parts)
    known = [each.value for each in parts if each.value is not None]
    return Sum(value=sum(known) if known else None, missing=sum(each.missing for each in parts))


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(document, Mapping) or key not in document:
            return None
        document = document[key]
    return document
