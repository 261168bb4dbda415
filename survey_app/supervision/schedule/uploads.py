"""An uploaded schedule: a list of counties as CSV or workbook, or the files of a schedule's folder."""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluation import Schedule
from evaluation.schedule import City, Division, Planned, ScheduleHead, Year
from survey_app.canonical import canonical, digest
from survey_app.counties.workbook.faults import Fault, WorkbookError, shown
from survey_app.counties.workbook.parsing.addresses import cell_place
from survey_app.counties.workbook.shape import Sheet
from survey_app.errors import JunhengError, RefusedInputError
from survey_app.fieldwork.frames.lists.delimited import cells_of
from survey_app.fieldwork.frames.lists.reading import ListRow, read_rows
from survey_app.fieldwork.frames.lists.template import delimited
from survey_app.lines import is_line
from survey_app.supervision.schedule.documents import divisions_of
from survey_app.supervision.schedule.sheet import (
    COUNTIES,
    DIVISIONS,
    HEADS,
    KEYS,
    LONGEST_NAME,
    MOST_ROWS,
    YEARS,
)
from survey_app.toml_places import place_of

#: The file that has everything but the counties, and the one with the province's counties.
HEAD_FILE, DIVISIONS_FILE = "schedule.toml", "divisions.csv"

#: Largest file of heads, in bytes, and of a list.
_LARGEST_HEAD, LARGEST = 256 * 1024, 2 * 1024 * 1024

#: Longest texts of the head; the columns hold no more.
_LONGEST = {"id": 64, "document": 100, "clause": 200}

#: What pydantic complains of most often, and our rule for it; everything else is a wrong value.
_RULES = {"extra_forbidden": "unknown_key", "missing": "missing_key"}


class UnfitScheduleError(JunhengError):
    """The upload is no schedule's files at all."""

    code = "schedule_files"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the form says of a document that came without a file of heads."""

    title: str
    document: str
    issuer: str
    issued: date


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One uploaded file."""

    name: str
    content: bytes

    @property
    def kind(self) -> str:
        """How its name ends."""
        return Path(self.name).suffix.lower()


def has_head(files: Iterable[File]) -> bool:
    """Whether a file says what the form would have to ask for."""
    return any(each.kind == ".toml" for each in files)


def read(files: Sequence[File], *, province: str, given: Given | None) -> Schedule:
    """Read the files of a schedule.

    Args:
        files: a list (``.csv`` or ``.xlsx``), perhaps ``schedule.toml`` and ``divisions.csv`` beside it.
        province: code of the province it is for.
        given: what the form says of the document; needed where there is no ``schedule.toml``.

    Raises:
        UnfitScheduleError: not the files of one schedule.
        UnfitListError: a list that is none.
        RefusedInputError: with every fault of every file.
    """
    heads = [each for each in files if each.kind == ".toml"]
    divisions = [each for each in files if each.name.lower() == DIVISIONS_FILE]
    lists = [each for each in files if each not in heads and each not in divisions]
    if len(lists) != 1 or len(heads) > 1 or len(divisions) > 1 or (given is None and not heads):
        raise UnfitScheduleError(count=len(files))
    for file, most in [
        *((each, _LARGEST_HEAD) for each in heads),
        *((each, LARGEST) for each in [*lists, *divisions]),
    ]:
        if len(file.content) > most:
            raise UnfitScheduleError("schedule_large", name=file.name, most=most // 1024)
    several = len(files) > 1
    faults: list[Fault] = []
    head = _head_of(heads[0], faults) if heads else None
    rows = _rows(lists[0], COUNTIES, faults, several=several)
    known = _divisions(
        _rows(divisions[0], DIVISIONS, faults, several=True) if divisions else None, province, faults
    )
    if head is None and given is not None:
        stated = _rows(lists[0], HEADS, faults, several=several) if rows and lists[0].kind == ".xlsx" else []
        head = _head_from(given, rows, stated, faults)
    faults += _row_faults(rows, head, {each.city for each in known})
    if faults or head is None:
        raise RefusedInputError(sorted(faults, key=_order))
    counties = [Planned(**{key: row.values[key] for key in ("city", "county", "year")}) for row in rows]
    source = digest(
        canonical([[each.name, digest(each.content)] for each in sorted(files, key=lambda one: one.name)])
    )
    return Schedule(head=head, counties=counties, divisions=_as_named(known, counties), digest=source)


def _rows(file: File, sheet: Sheet, faults: list[Fault], *, several: bool) -> list[ListRow]:
    """The filled rows of a list; what is wrong in it joins *faults*, named by file if there are several."""
    content = _in_our_words(file.content, sheet) if file.kind == ".csv" else file.content
    try:
        rows, found = read_rows(content, file.name, sheet)
    except RefusedInputError as refused:
        if sheet is HEADS and any(each.rule in {"missing_sheet", "empty"} for each in refused.faults):
            return []
        rows, found = [], refused.faults
    if len(rows) > MOST_ROWS:
        found = [Fault(rule="rows", family="schedule", facts={"count": len(rows), "most": MOST_ROWS})]
        rows = []
    if several:
        found = [replace(each, sheet=each.sheet or file.name) for each in found]
        rows = [replace(each, sheet=each.sheet or file.name) for each in rows]
    faults += found
    return rows


def _in_our_words(content: bytes, sheet: Sheet) -> bytes:
    """A CSV file with the headers of the template where it has the keys that stored schedules have."""
    try:
        cells = cells_of(content)
    except WorkbookError:
        # Whoever reads it next says what is wrong.
        return content
    if not cells or [each.strip().lower() for each in cells[0]] != KEYS[sheet.name]:
        return content
    text = io.StringIO(newline="")
    csv.writer(text).writerows(cells[1:])
    return delimited(sheet) + text.getvalue().encode()


def _head_of(file: File, faults: list[Fault]) -> ScheduleHead | None:
    """The heads, claims and own plans of a ``schedule.toml``; its faults join the others."""

    def wrong(where: str, rule: str, value: object = "", **facts: Any) -> None:
        faults.append(
            Fault(sheet=file.name, cell=where, value=shown(value), rule=rule, family="schedule", facts=facts)
        )

    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        wrong("", "toml_encoding")
        return None
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line, column = place_of(error, text)
        wrong("", "toml", line=line, column=column)
        return None
    try:
        head = ScheduleHead.model_validate(table)
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            where = ".".join(str(step) for step in error["loc"])
            value = error["input"] if isinstance(error["input"], str | int | float) else ""
            wrong(where, _RULES.get(error["type"], "wrong_value"), value)
        return None
    before = len(faults)
    for key, longest in _LONGEST.items():
        if not is_line(text := getattr(head, key)) or not text.strip() or len(text) > longest:
            wrong(key, "text", text, longest=longest)
    for where, text, longest in _texts(head):
        if not is_line(text) or not text.strip() or len(text) > longest:
            wrong(where, "text", text, longest=longest)
    years = [(f"years.{place}.year", each.year) for place, each in enumerate(head.years)]
    years += [(f"claims.{place}.until", each.until) for place, each in enumerate(head.claims)]
    years += [(f"plans.{place}.year", each.year) for place, each in enumerate(head.plans)]
    for where, year in years:
        if year not in YEARS:
            wrong(where, "year", year, first=YEARS[0], last=YEARS[-1])
    counts = [(f"cities.{place}.counties", each.counties) for place, each in enumerate(head.cities)]
    counts += [(f"years.{place}.counties", each.counties) for place, each in enumerate(head.years)]
    for where, count in counts:
        if count is not None and count > MOST_ROWS:
            wrong(where, "count", count, most=MOST_ROWS)
    return head if len(faults) == before else None


def _texts(head: ScheduleHead) -> Iterator[tuple[str, str, int]]:
    for key in ("title", "issuer"):
        for language in ("zh", "en"):
            yield f"{key}.{language}", getattr(head, key)[language], 200
    for place, city in enumerate(head.cities):
        yield f"cities.{place}.name", city.name, LONGEST_NAME
    for place, claim in enumerate(head.claims):
        yield f"claims.{place}.text.zh", claim.text.zh, 500
        yield f"claims.{place}.text.en", claim.text.en, 500
        yield f"claims.{place}.clause", claim.clause, 200
    for place, plan in enumerate(head.plans):
        for key in ("city", "county", "document", "clause"):
            yield f"plans.{place}.{key}", getattr(plan, key), 200


def _head_from(
    given: Given, rows: Sequence[ListRow], stated: Sequence[ListRow], faults: list[Fault]
) -> ScheduleHead:
    """The head of a document that came as a list: its cities and years, with numbers where it states them."""
    counts: dict[str, int] = {}
    cities = list(dict.fromkeys(row.values["city"] for row in rows if "city" in row.values))
    years = sorted({row.values["year"] for row in rows if "year" in row.values})
    for row in stated:
        name = row.values.get("head", "")
        name = name.removesuffix("年") if name[:1].isdigit() else name
        if name in counts:
            faults.append(row.fault("head", "head_twice", family="schedule"))
        elif name.isascii() and name.isdigit() and int(name) not in YEARS:
            faults.append(row.fault("head", "year", family="schedule", first=YEARS[0], last=YEARS[-1]))
        elif name and "counties" in row.values:
            counts[name] = row.values["counties"]
    cities += [name for name in counts if not name.isdigit() and name not in cities]
    years = sorted({*years, *(int(name) for name in counts if name.isdigit())})
    return ScheduleHead(
        id="",
        title={"zh": given.title, "en": given.title},  # ty: ignore[invalid-argument-type]  pydantic reads it
        document=given.document,
        issuer={"zh": given.issuer, "en": given.issuer},  # ty: ignore[invalid-argument-type]
        issued=given.issued,
        clause="",
        cities=[City(name=name, counties=counts.get(name)) for name in cities],
        years=[Year(year=year, counties=counts.get(str(year))) for year in years],
    )


def _row_faults(rows: Sequence[ListRow], head: ScheduleHead | None, cities: set[str]) -> Iterator[Fault]:
    """What no schedule of this province can say: strange cities, years without a head, a line twice."""
    heads = {each.year for each in head.years} if head else set(YEARS)
    listed = {each.name for each in head.cities} if head and head.id else cities
    first: dict[tuple[Any, ...], str] = {}
    for row in rows:
        city, county, year = (row.values.get(key) for key in ("city", "county", "year"))
        for key, name in (("city", city), ("county", county)):
            if name and len(name) > LONGEST_NAME:
                yield row.fault(key, "name", family="schedule", longest=LONGEST_NAME)
        if city and city not in listed & cities:
            yield row.fault("city", "city", family="schedule", known="、".join(sorted(listed & cities)))
        if year is not None and year not in heads:
            yield row.fault("year", "no_head", family="schedule", known="、".join(map(str, sorted(heads))))
        key = (city, county, year)
        if None not in key and key in first:
            yield row.fault("county", "twice", family="schedule", first=first[key])
        first.setdefault(key, row.cell("county"))


def _divisions(rows: Sequence[ListRow] | None, province: str, faults: list[Fault]) -> list[Division]:
    """The counties of the province: those handed in, or those of the standard."""
    if rows is None:
        return divisions_of(province)
    found = []
    for row in rows:
        code = row.values.get("code", "")
        if row.broken or row.lacks("code") or row.lacks("city") or row.lacks("county"):
            continue
        if len(code) != 6 or not (code.isascii() and code.isdigit()) or code[:2] != province[:2]:
            faults.append(row.fault("code", "code", family="schedule", province=province[:2]))
            continue
        found.append(Division(city=row.values["city"], code=code, county=row.values["county"]))
    return found


def _order(fault: Fault) -> tuple[str, tuple[int, int]]:
    """Row by row within each file; keys of a file of heads stay as they were found."""
    return fault.sheet, cell_place(fault.cell) or (-1, -1)


def _as_named(known: Sequence[Division], counties: Sequence[Planned]) -> list[Division]:
    """The divisions with the names the document uses: the standard's 城区 of 阳泉市 is its 阳泉市城区."""
    named: Mapping[tuple[str, str], str] = {(each.city, each.county): each.county for each in counties}
    return [
        each.model_copy(update={"county": full})
        if (each.city, each.county) not in named and (each.city, full := f"{each.city}{each.county}") in named
        else each
        for each in known
    ]
