"""Pages on which a schedule is taken over: choose or upload, look at what it says, keep it."""

from collections.abc import Sequence
from datetime import date

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from evaluation import Schedule, list_schedules, load_schedule, schedule_contradictions
from survey_app import clock
from survey_app.config import settings_of
from survey_app.counties import regions
from survey_app.counties.uploads import name_of
from survey_app.counties.workbook.faults import alike
from survey_app.counties.workbook.writer import table_bytes
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedInputError
from survey_app.fieldwork.frames.lists.reading import UnfitListError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import may, regions_for
from survey_app.supervision.schedule import service, uploads, words
from survey_app.supervision.schedule.documents import divisions_of, province_of
from survey_app.supervision.schedule.forms import KeepForm, StoredForm, UploadForm
from survey_app.supervision.schedule.looking import opened, sealed
from survey_app.supervision.schedule.sheet import COUNTIES, HEADS
from survey_app.supervision.schedule.table import matrix_of
from survey_app.supervision.schedule.views import bp
from survey_app.surveys.planning import reader_language

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Files that one upload may have.
_MOST_FILES = 3


@bp.get("/import")
def choose() -> str:
    """Offer the schedules that come with the product, and an upload."""
    return _import_page(_stored_form(), _upload_form())


@bp.get("/template.xlsx")
def template() -> Response:
    """Give the sheets to fill in, with the names of the province's counties."""
    province = request.args.get("province") or _provinces()[0]
    if province not in _provinces():
        raise NotFoundError
    rows = [{"city": each.city, "county": each.county} for each in divisions_of(province)]
    response = Response(table_bytes(COUNTIES, rows, empty_too=[HEADS]), content_type=_XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=f"schedule-{province}.xlsx")
    return response


@bp.post("/import/stored")
def look_at_stored() -> str | tuple[str, int]:
    """Show a schedule that comes with the product before it is kept."""
    _provinces()
    form = _stored_form()
    if not form.validate_on_submit():
        return _import_page(form, _upload_form()), 422
    schedule = load_schedule(str(form.stored.data))
    return _preview(schedule, province_of(schedule) or "")


@bp.post("/import/upload")
def look_at_upload() -> str | tuple[str, int]:
    """Show an uploaded schedule before it is kept, or everything that is wrong with it."""
    _provinces()
    form = _upload_form()
    if not form.validate_on_submit():
        return _import_page(_stored_form(), form), 422
    files = _files(form.files.data or [])
    needs_names = bool(files) and not uploads.has_head(files)
    if needs_names and not form.named():
        return _import_page(_stored_form(), form), 422
    given = None
    if needs_names:
        assert isinstance(form.issued.data, date)  # noqa: S101  `named` asks for it
        given = uploads.Given(
            title=str(form.title.data).strip(),
            document=str(form.document.data).strip(),
            issuer=str(form.issuer.data).strip(),
            issued=form.issued.data,
        )
    # A workbook takes a while to read: nobody else's writing waits for that.
    db.session.rollback()
    try:
        schedule = uploads.read(files, province=str(form.province.data), given=given)
    except (uploads.UnfitScheduleError, UnfitListError) as refused:
        form.form_errors.append(sentence(refused.code, **refused.facts))
        return _import_page(_stored_form(), form), refused.status
    except RefusedInputError as refused:
        return _import_page(_stored_form(), form, refused), refused.status
    return _preview(schedule, str(form.province.data))


@bp.post("/import/keep")
def keep() -> BaseResponse:
    """Keep the schedule that was looked at as the province's newest version."""
    _provinces()
    form = KeepForm()
    if not form.validate_on_submit():
        raise ConflictError("schedule_looked_at")
    by, now = current_user.login, clock.now()
    key = settings_of(current_app).session_key
    schedule, province = opened(form.looked_at.data or "", by=by, key=key)
    if not may("schedule.keep", province):
        raise ConflictError("schedule_other_province")
    kept = service.keep(db.session, province, schedule, by=by, now=now)
    fresh = kept.imported_at == now
    number = kept.version
    db.session.commit()
    note(
        _("已保存为第 %(n)d 版，从现在起按这一版计算进度。以前的版本仍然保留。", n=number)
        if fresh
        else _("内容与现行的第 %(n)d 版完全相同，没有另存。", n=number)
    )
    return redirect(url_for("schedule.show", region=province), 303)


def _provinces() -> list[str]:
    """The provinces whose schedule the reader may keep.

    Raises:
        ForbiddenError: of none.
    """
    scopes = regions_for("schedule.keep")
    if not scopes:
        raise ForbiddenError
    return [
        area.code
        for area in regions.tree().values()
        if area.level == "province" and any(area.code.startswith(each) for each in scopes)
    ]


def _stored_form() -> StoredForm:
    form = StoredForm()
    known = [load_schedule(each) for each in list_schedules()]
    language, mine = reader_language(), _provinces()
    form.stored.choices = [
        (each.id, f"{each.head.title[language]} · {each.head.document}")
        for each in known
        if province_of(each) in mine
    ]
    return form


def _upload_form() -> UploadForm:
    form = UploadForm()
    form.province.choices = [(code, regions.region(code).name) for code in _provinces()]
    return form


def _files(given: Sequence[FileStorage]) -> list[uploads.File]:
    """What was uploaded; one byte more than anything may have is enough to refuse it."""
    chosen = [each for each in given if each and each.filename]
    return [
        uploads.File(name=name_of(each), content=each.stream.read(uploads.LARGEST + 1))
        for each in chosen[: _MOST_FILES + 1]
    ]


def _preview(schedule: Schedule, province: str) -> str:
    language = reader_language()
    key = settings_of(current_app).session_key
    form = KeepForm(looked_at=sealed(schedule, province, by=current_user.login, key=key))
    form.looked_at.data = sealed(schedule, province, by=current_user.login, key=key)
    holds = service.newest(db.session, province)
    return render_template(
        "schedule/preview.html",
        form=form,
        province=regions.region(province),
        schedule=schedule,
        title=schedule.head.title[language],
        matrix=matrix_of(schedule),
        contradictions=[
            (words.place_of(each, schedule), each.message(language))
            for each in schedule_contradictions(schedule)
        ],
        holds=holds,
    )


def _import_page(stored: StoredForm, upload: UploadForm, refused: RefusedInputError | None = None) -> str:
    return render_template(
        "schedule/import.html",
        stored=stored,
        upload=upload,
        provinces=_provinces(),
        refused=refused,
        said=sentence(refused.code, **refused.facts) if refused else "",
        lines=alike(refused.faults) if refused else [],
        largest=uploads.LARGEST // 1024,
    )
