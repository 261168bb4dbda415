"""Use cases of the room: regions of the tree that are in use, and a county's files."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload

from survey_app import audit
from survey_app.canonical import canonical, digest
from survey_app.counties import importing, regions
from survey_app.counties.models import CountyFile, Region, School
from survey_app.counties.workbook.sources import cells_of as workbook_cells
from survey_app.db import INSERT, within
from survey_app.errors import NotFoundError

#: What lists of county files do without: the figures and where they stood.
WITHOUT_FIGURES = (defer(CountyFile.content), defer(CountyFile.cells), defer(CountyFile.provenance))


def ensure_region(session: Session, code: str, name: str | None = None) -> Region:
    """Give the region with this code, adding it and everything above it where still missing.

    A county that GB/T 2260 does not list is accepted under *name*, or as it was stored before.

    Raises:
        UnknownRegionError: the code cannot be placed under any province.
    """
    known = session.get(Region, code)
    if known is not None:
        return known
    area = regions.tree().get(code) or regions.county(code, name or "")
    if not area.name:
        raise regions.UnknownRegionError(code)
    _insert_missing(
        session,
        [
            {"code": each.code, "name": each.name, "level": each.level, "parent_code": each.parent_code}
            for each in regions.path_of(area)
        ],
    )
    return session.get_one(Region, code)


def import_county_file(
    session: Session,
    given: Mapping[str, Any] | str | bytes,
    *,
    source: str,
    by: str,
    now: datetime,
    provenance: Any = None,
    cells: Sequence[Mapping[str, Any]] = (),
    expected_code: str | None = None,
) -> CountyFile:
    """Store a county file as the next version of its county and year; what was stored before stays.

    The same content as the latest version is that version: nothing is stored twice.

    Args:
        session: where it is stored; the caller commits.
        given: the county file, parsed or as JSON text.
        source: name of the file or document it came in.
        by: login of who imports it.
        now: the present instant.
        provenance: where single figures come from (a mapping or data class), kept beside the file.
        cells: which cells of a workbook its figures stood in, block by block.
        expected_code: the county the file has to be about, if it was handed in for one.

    Raises:
        RefusedInputError: with every fault; nothing is stored.
    """
    document = importing.checked(given, expected_code=expected_code)
    code, year = document["county"]["code"], document["year"]
    content = canonical(document)
    ensure_region(session, code, document["county"]["name"])
    session.execute(sa.select(Region.code).where(Region.code == code).with_for_update())
    latest = session.scalars(
        _newest_first().where(CountyFile.county_code == code, CountyFile.year == year)
    ).first()
    if latest is not None and latest.digest == digest(content):
        return latest
    file = CountyFile(
        county_code=code,
        year=year,
        version=1 if latest is None else latest.version + 1,
        content=content,
        digest=digest(content),
        provenance=canonical(importing.plain(provenance)) if provenance else _inherited(latest, document),
        cells=canonical(list(cells)),
        source=source[:200],
        imported_at=now,
        imported_by=by,
    )
    file.schools = [_school(position, each) for position, each in enumerate(document["schools"])]
    session.add(file)
    session.flush()
    details = {"year": year, "version": file.version, "digest": file.digest, "schools": len(file.schools)}
    audit.record(session, "county_file.imported", by=by, now=now, region=code, details=details)
    return file


def county_file(session: Session, file_id: int) -> CountyFile:
    """Give the county file with this number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(CountyFile, file_id)
    if found is None:
        raise NotFoundError
    return found


def latest_county_file(session: Session, county_code: str) -> CountyFile | None:
    """Give the newest version of the newest year of a county, or None."""
    return session.scalars(_newest_first().where(CountyFile.county_code == county_code)).first()


def files_of(session: Session, scopes: Sequence[str]) -> list[CountyFile]:
    """Give all files of the counties whose codes begin with one of *scopes*: by county, newest first."""
    chosen = _newest_first(CountyFile.county_code).where(within(CountyFile.county_code, scopes))
    return list(session.scalars(chosen.options(joinedload(CountyFile.county), *WITHOUT_FIGURES)))


def latest_files_of(session: Session, scopes: Sequence[str]) -> list[CountyFile]:
    """Give the newest file of each county whose code begins with one of *scopes*, by code."""
    newest: dict[str, CountyFile] = {}
    for file in files_of(session, scopes):
        newest.setdefault(file.county_code, file)
    return list(newest.values())


def latest_with_counts(session: Session, scopes: Sequence[str]) -> list[tuple[CountyFile, int, int | None]]:
    """Give the newest file of each county within *scopes* with its number of schools and of pupils."""
    files = latest_files_of(session, scopes)
    pupils = sa.func.coalesce(School.primary_pupils, 0) + sa.func.coalesce(School.junior_pupils, 0)
    counted = session.execute(
        sa.select(School.county_file_id, sa.func.count(), sa.func.sum(pupils))
        .where(School.county_file_id.in_([file.id for file in files]))
        .group_by(School.county_file_id)
    )
    counts = {file_id: (schools, total) for file_id, schools, total in counted}
    return [(file, *counts.get(file.id, (0, None))) for file in files]


def counties_with_files(session: Session, scopes: Sequence[str]) -> list[Region]:
    """Give the counties within *scopes* that have a county file, by code."""
    return list(
        session.scalars(
            sa.select(Region)
            .where(within(Region.code, scopes), sa.exists().where(CountyFile.county_code == Region.code))
            .order_by(Region.code)
        )
    )


def school_names(session: Session, county_code: str) -> dict[str, str]:
    """The schools of the county's newest file: code -> name; empty where there is no file."""
    latest = latest_county_file(session, county_code)
    return {school.code: school.name for school in latest.schools} if latest else {}


def county_region(session: Session, code: str) -> Region | None:
    """Give the county with this code if GB/T 2260 or an earlier import knows it; stores nothing."""
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    known = session.get(Region, code)
    area = regions.tree().get(code)
    if known is None and area is not None:
        known = Region(code=area.code, name=area.name, level=area.level, parent_code=area.parent_code)
    return known if known is not None and known.level == "county" else None


def document_of(file: CountyFile) -> dict[str, Any]:
    """Give the county file as a document; decimals keep their digits."""
    return json.loads(file.content, parse_float=Decimal)


def provenance_of(file: CountyFile) -> dict[str, Any]:
    """Give what is known of where the file's figures come from; empty if nothing was said."""
    return json.loads(file.provenance or "{}")


def cells_of(file: CountyFile, place: str) -> tuple[str, ...]:
    """Give the cells of the workbook in which the figure at *place* stood; none for a file that was none."""
    return workbook_cells(json.loads(file.cells), place)


def _newest_first(*before: Any) -> sa.Select[CountyFile]:
    return sa.select(CountyFile).order_by(*before, CountyFile.year.desc(), CountyFile.version.desc())


def _inherited(latest: CountyFile | None, document: Mapping[str, Any]) -> str:
    """What was said of the version before, if that was simulated and its schools are still there.

    A simulated county that is taken out as a workbook and brought back must not become a real one.
    """
    if latest is None or not json.loads(latest.provenance or "{}").get("simulated"):
        return "{}"
    before = {school["code"] for school in document_of(latest)["schools"]}
    return latest.provenance if before & {school["code"] for school in document["schools"]} else "{}"


def _school(position: int, school: Mapping[str, Any]) -> School:
    return School(
        position=position,
        code=school["code"],
        name=school["name"],
        kind=school["kind"],
        locality=school["locality"],
        ownership=school["ownership"],
        township=school.get("township"),
        boarding=school["boarding"],
        primary_pupils=_whole(school["pupils"].get("primary")),
        junior_pupils=_whole(school["pupils"].get("junior")),
    )


def _whole(count: Any) -> int | None:
    return None if count is None else int(count)


def _insert_missing(session: Session, rows: list[dict[str, Any]]) -> None:
    insert = INSERT[session.get_bind().dialect.name]
    session.execute(insert(Region).values(rows).on_conflict_do_nothing(index_elements=["code"]))
