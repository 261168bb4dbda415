"""Files of lists checked without a database: against themselves, and against a county file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampling import Frame
from survey_app.counties.importing import checked
from survey_app.counties.workbook.faults import WorkbookError
from survey_app.counties.workbook.shape import Sheet
from survey_app.errors import RefusedInputError
from survey_app.fieldwork.frames import framing, reconciling
from survey_app.fieldwork.frames.contacts import person_faults
from survey_app.fieldwork.frames.lists import template as templates
from survey_app.fieldwork.frames.lists.counted import Register, in_order, place_faults, read_lists, unit_of
from survey_app.fieldwork.frames.lists.reading import read_rows
from survey_app.fieldwork.frames.lists.shape import CONTACTS, LISTS
from survey_app.fieldwork.frames.reconciling import Difference
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import fault, said
from survey_app.surveys.school_lists import COUNTY_GROUPS, school_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCounty:
    """A county file: its schools, and the lists that they would make."""

    register: Register
    registered: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file of lists without faults."""

    #: Group -> lists, and the people on them; contacts are rows of one person each.
    lists: dict[str, int]
    people: dict[str, int]
    #: Lists that are not as large as the register says; empty without a county file.
    differences: Sequence[Difference] = ()

    def document(self) -> dict[str, Any]:
        """What was found, as the command line prints it."""
        return {
            "groups": [
                {"group": group, "lists": n, "people": self.people[group]} for group, n in self.lists.items()
            ],
            "differences": [
                {
                    "group": one.group,
                    "list": one.unit,
                    "registered": one.registered,
                    "listed": one.listed,
                    "verdict": one.verdict,
                }
                for one in self.differences
            ],
        }

    def lines(self) -> Iterator[Text]:
        """What was found, in sentences."""
        for group, n in self.lists.items():
            yield said("checked", "group", self.people[group], group=GROUPS[group].label, lists=n).text
        for one in self.differences:
            facts: dict[str, Any] = {"group": GROUPS[one.group].label, "unit": one.unit}
            yield said("checked", one.verdict, one.listed, registered=one.registered, **facts).text


def read_register(path: Path) -> KnownCounty:
    """Return the county file at *path*, JSON or a workbook.

    Raises:
        RefusedInputError: with every fault.
    """
    if path.suffix.lower() == ".xlsx":
        from survey_app.counties.workbook.reader import read_workbook

        try:
            document = read_workbook(path)
        except WorkbookError as refused:
            raise RefusedInputError(refused.faults) from refused
    else:
        document = checked(path.read_bytes())
    counted = school_lists(document)
    code = document["county"]["code"]
    return KnownCounty(
        register=Register.of(document), registered=framing.make_frame(counted, {}, county_code=code)
    )


def check(path: Path, county: KnownCounty | None, *, contacts: bool = False) -> Checked:
    """Read a file of counted lists, or of contacts, and compare it with the *county*'s register.

    Raises:
        UnfitListError: the file cannot be read at all.
        RefusedInputError: with every fault, lists that differ too much among them.
    """
    content = path.read_bytes()
    register = county.register if county is not None else None
    if contacts:
        return _check_contacts(content, path.name, register)
    read = read_lists(content, path.name, register=register)
    groups = dict.fromkeys(unit.group for unit in read.units)
    found = Checked(
        lists={group: sum(unit.group == group for unit in read.units) for group in groups},
        people={group: sum(unit.size for unit in read.units if unit.group == group) for group in groups},
        differences=_differences(read.units, county) if county is not None else (),
    )
    refused = [one for one in found.differences if one.verdict == "refused"]
    if refused:
        raise RefusedInputError(
            [
                fault(
                    f"{one.group}/{one.unit}",
                    "list_too_different",
                    one.listed,
                    people=f"{one.people:+d}",
                    group=GROUPS[one.group].label,
                    which=one.unit,
                    registered=one.registered,
                )
                for one in refused
            ]
        )
    return found


def template(sheet: Sheet, county: KnownCounty | None, *, kind: str) -> bytes:
    """The sheet to fill in; counted lists with the schools and registered people of a *county*, if given."""
    rows = list_rows(county.registered, county.register) if county is not None and sheet is LISTS else []
    return templates.delimited(sheet, rows) if kind == ".csv" else templates.workbook(sheet, rows)


def list_rows(frame: Frame, register: Register) -> list[dict[str, Any]]:
    """The lists of a frame as rows of the sheet of counted lists."""
    order = list(GROUPS)
    rows = []
    for unit in sorted(frame.units, key=lambda unit: (order.index(unit.group), unit.id)):
        row: dict[str, Any] = {"group": unit.group, "size": unit.size}
        if unit.school:
            row |= {"school": unit.school, "name": register.schools[unit.school]["name"]}
        if unit.band:
            row["band"] = unit.band
        rows.append(row)
    return rows


def _differences(units: Sequence[Any], county: KnownCounty) -> tuple[Difference, ...]:
    """Lists of the groups in the file beside the register; those of the county as a whole are not in it."""
    named = {unit.group for unit in units} & set(county.registered.groups)
    listed = Frame(unit for unit in units if unit.group in named)
    registered = Frame(unit for unit in county.registered.units if unit.group in named)
    return tuple(one for one in reconciling.reconcile(listed, registered) if one.verdict != "same")


def _check_contacts(content: bytes, name: str, register: Register | None) -> Checked:
    rows, faults = read_rows(content, name, CONTACTS)
    faults += [fault for row in rows for fault in (*place_faults(row, register), *person_faults(row))]
    first: dict[tuple[str, str, int], Any] = {}
    for row in rows:
        if not row.broken and ("school" in row.values or row.values["group"] in COUNTY_GROUPS):
            place = (row.values["group"], unit_of(row, ""), row.values["number"])
            known = first.setdefault(place, row)
            if known is not row:
                faults.append(row.fault("number", "duplicate", family="workbook", first=known.cell("number")))
    if faults:
        raise RefusedInputError(sorted(faults, key=in_order))
    groups = dict.fromkeys(row.values["group"] for row in rows)
    count = {group: sum(row.values["group"] == group for row in rows) for group in groups}
    return Checked(lists=count, people=count)
