"""Pages of counties: who may see which, what a county is like, its schools, new data."""

import json

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.counties import labels, school_table, service, uploads
from survey_app.counties.forms import ImportForm
from survey_app.counties.models import CountyFile, Region
from survey_app.counties.origins import Origins, origins_of
from survey_app.counties.overview import overview
from survey_app.counties.regions import city_of
from survey_app.counties.workbook.faults import alike
from survey_app.db import db
from survey_app.errors import ForbiddenError, NotFoundError, RefusedInputError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import authorise, regions_for, require_login

bp = Blueprint("counties", __name__, url_prefix="/counties")
bp.before_request(require_login)
bp.add_app_template_filter(city_of)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/")
def index() -> str | BaseResponse:
    """List the counties the reader may see; somebody of one county goes straight to it."""
    scopes = sorted(set(regions_for("county.view")))
    if not scopes:
        raise ForbiddenError
    if len(scopes) == 1 and len(scopes[0]) == 6:
        return redirect(url_for("counties.show", code=scopes[0]))
    return render_template(
        "counties/index.html", rows=service.latest_with_counts(db.session, scopes), origins_of=_origins
    )


@bp.get("/template.xlsx")
def template() -> Response:
    """Give the empty workbook."""
    from survey_app.counties.workbook.writer import template_bytes

    return _download(template_bytes(), "county-template.xlsx", _XLSX)


@bp.get("/<code>")
def show(code: str) -> str:
    """Show a county's key figures."""
    county = _county(code, "county.view")
    file = service.latest_county_file(db.session, code)
    if file is None:
        return render_template("counties/empty.html", county=county)
    return render_template(
        "counties/show.html",
        county=county,
        file=file,
        overview=overview(service.document_of(file), _origins(file)),
        versions=service.files_of(db.session, [code]),
        labels=labels,
    )


@bp.get("/<code>/schools")
def schools(code: str) -> str:
    """Show a county's schools with their figures."""
    county = _county(code, "county.view")
    file = _latest(code)
    origins = _origins(file)
    return render_template(
        "counties/schools.html",
        county=county,
        file=file,
        rows=school_table.rows(service.document_of(file)),
        columns=school_table.COLUMNS,
        origins=origins,
        simulated=[each["label"] for each in origins.simulated if each["path"].startswith("schools")],
        labels=labels,
    )


@bp.route("/<code>/import", methods=["GET", "POST"])
def import_file(code: str) -> str | BaseResponse | tuple[str, int]:
    """Take a new version of a county's data, or say everything that is wrong with it."""
    county = _county(code, "county.import")
    form = ImportForm()
    if not form.validate_on_submit():
        return _import_page(county, form)
    # A workbook takes seconds to read: nobody else's writing waits for that.
    db.session.rollback()
    moment = clock.now()
    try:
        given = uploads.read(form.file.data)
        file = service.import_county_file(
            db.session,
            given.content,
            cells=given.cells,
            source=uploads.name_of(form.file.data),
            by=current_user.login,
            now=moment,
            expected_code=code,
        )
    except uploads.UnfitUploadError as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return _import_page(_county(code, "county.import"), form), error.status
    except RefusedInputError as error:
        page = _import_page(_county(code, "county.import"), form, error)
        return page, error.status
    said = (
        _("已导入 %(year)d 年第 %(version)d 版。以前的版本仍然保留。", year=file.year, version=file.version)
        if file.imported_at == moment
        else _(
            "内容与 %(year)d 年第 %(version)d 版完全相同，没有另存新版本。",
            year=file.year,
            version=file.version,
        )
    )
    db.session.commit()
    note(said)
    return redirect(url_for("counties.show", code=code))


@bp.get("/<code>/county.xlsx")
def workbook(code: str) -> Response:
    """Give the county's data as a workbook that can be changed and imported again."""
    from survey_app.counties.workbook.writer import workbook_bytes

    _county(code, "county.view")
    file = _latest(code)
    return _download(workbook_bytes(json.loads(file.content)), _file_name(file, "xlsx"), _XLSX)


@bp.get("/<code>/county.json")
def document(code: str) -> Response:
    """Give the county's data exactly as stored: its SHA-256 is the digest that pages show."""
    _county(code, "county.view")
    file = _latest(code)
    return _download(file.content.encode("utf-8"), _file_name(file, "json"), "application/json")


def _county(code: str, permission: str) -> Region:
    authorise(permission, code)
    county = service.county_region(db.session, code)
    if county is None:
        raise NotFoundError
    return county


def _latest(code: str) -> CountyFile:
    file = service.latest_county_file(db.session, code)
    if file is None:
        raise NotFoundError
    return file


def _origins(file: CountyFile) -> Origins:
    return origins_of(service.provenance_of(file))


def _import_page(county: Region, form: ImportForm, refused: RefusedInputError | None = None) -> str:
    return render_template(
        "counties/import.html",
        county=county,
        form=form,
        refused=refused,
        said=sentence(refused.code, **refused.facts) if refused else "",
        lines=alike(refused.faults) if refused else [],
        file=service.latest_county_file(db.session, county.code),
    )


def _file_name(file: CountyFile, kind: str) -> str:
    return f"county-{file.county_code}-{file.year}-v{file.version}.{kind}"


def _download(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
