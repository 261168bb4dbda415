"""County files: which there are, one as it is stored, a new version."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from survey_app import clock
from survey_app.api.operations import bp, document, needs, page_of, with_body, written
from survey_app.api.schemas import CountyFileRow, PageQuery, page
from survey_app.counties import service
from survey_app.counties.models import CountyFile, Region
from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.security import authorise, regions_for

_FILE = {"$ref": "#/components/schemas/CountyFile"}
_ROW = CountyFileRow()

#: What stands before the token's name as the source of a file that a program sent.
SOURCE = "API"


@bp.route("/counties")
@needs("counties:read", 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(CountyFileRow))
def counties(asked: dict[str, int]) -> dict[str, Any]:
    """The newest county file of every county of the token, by code."""
    found = service.latest_files_of(db.session, regions_for("county.view"))
    return page_of([_row(file) for file in found], asked)


@bp.route("/counties/<code>/files")
@needs("counties:read", 404, 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(CountyFileRow))
def county_files(asked: dict[str, int], code: str) -> dict[str, Any]:
    """All versions of a county's file, the newest first."""
    county = _county(code, "county.view")
    return page_of([_row(file) for file in service.files_of(db.session, [county.code])], asked)


@bp.route("/counties/<code>/files/latest")
@needs("counties:read", 404)
@bp.response(200, _FILE)
@bp.alt_response(304, "NOT_MODIFIED")
def latest_county_file(code: str) -> Response:
    """The newest county file exactly as it is stored: its SHA-256 is its ETag."""
    county = _county(code, "county.view")
    file = service.latest_county_file(db.session, county.code)
    if file is None:
        raise NotFoundError
    return document(file.content)


@bp.route("/counties/<code>/files/<int:file_id>")
@needs("counties:read", 404)
@bp.response(200, _FILE)
@bp.alt_response(304, "NOT_MODIFIED")
def county_file(code: str, file_id: int) -> Response:
    """One version of a county's file exactly as it is stored."""
    county = _county(code, "county.view")
    file = service.county_file(db.session, file_id)
    if file.county_code != county.code:
        raise NotFoundError
    return document(file.content)


@bp.route("/counties/<code>/files", methods=["POST"])
@needs("counties:write", 404, 413, 415, 422)
@with_body("CountyFile", "县情数据文件 / a county file")
@bp.response(201, CountyFileRow)
@bp.alt_response(200, schema=CountyFileRow, success=True)
def import_county_file(code: str) -> Response:
    """Store a new version of a county's file (201), or say that it is the newest already (200).

    Every fault is named at once; nothing is stored then.
    """
    county = _county(code, "county.import").code
    db.session.rollback()
    now = clock.now()
    file = service.import_county_file(
        db.session,
        request.get_data(),
        source=f"{SOURCE} · {current_user.token_name}",
        by=current_user.login,
        now=now,
        expected_code=county,
    )
    new = file.imported_at == now
    row = _ROW.dump(_row(file))
    db.session.commit()
    location = url_for("api.county_file", code=county, file_id=row["id"])
    return document(written(row), 201 if new else 200, location=location)


def _county(code: str, permission: str) -> Region:
    authorise(permission, code)
    county = service.county_region(db.session, code)
    if county is None:
        raise NotFoundError
    return county


def _row(file: CountyFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "county": file.county_code,
        "name": file.county.name,
        "year": file.year,
        "version": file.version,
        "digest": file.digest,
        "source": file.source,
        "imported_at": file.imported_at,
    }
