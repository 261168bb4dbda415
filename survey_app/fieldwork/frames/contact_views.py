"""Pages of the contacts of those who may have to be called: taken in, counted, erased; never shown."""

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.config import settings_of
from survey_app.counties.uploads import name_of
from survey_app.counties.workbook.faults import alike
from survey_app.db import db
from survey_app.errors import RefusedInputError
from survey_app.fieldwork.forms import ContactsForm
from survey_app.fieldwork.frames import contacts
from survey_app.fieldwork.frames.lists import template as templates
from survey_app.fieldwork.frames.lists.reading import UnfitListError
from survey_app.fieldwork.frames.lists.shape import CONTACTS
from survey_app.fieldwork.frames.views import KINDS, content_of, download
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave

bp = Blueprint("contacts", __name__, url_prefix="/fieldwork/<int:wave_id>/contacts")
bp.before_request(require_login)


@bp.route("", methods=["GET", "POST"])
def show(wave_id: int) -> str | BaseResponse | tuple[str, int]:
    """How many contacts there are and until when; take in more."""
    wave = _wave(wave_id)
    form = ContactsForm(erase_on=contacts.usual_erasure(wave))
    if not form.validate_on_submit():
        page = _page(wave, form)
        return (page, 422) if form.errors else page
    given = form.file.data
    assert form.erase_on.data is not None  # noqa: S101  the form requires a day
    try:
        kept = contacts.import_contacts(
            db.session,
            wave,
            content_of(given),
            name_of(given),
            erase_on=form.erase_on.data,
            personal_key=settings_of(current_app).personal_key,
            by=current_user.login,
            now=clock.now(),
        )
    except UnfitListError as error:
        db.session.rollback()
        form.form_errors.append(sentence(error.code, **error.facts))
        return _page(_wave(wave_id), form), error.status
    except RefusedInputError as error:
        db.session.rollback()
        return _page(_wave(wave_id), form, error), error.status
    db.session.commit()
    note(_("已加密保存：新增 %(added)d 人，更新 %(renewed)d 人。", added=kept.added, renewed=kept.renewed))
    return redirect(url_for("contacts.show", wave_id=wave_id), 303)


@bp.get("/template.<any(xlsx, csv):kind>")
def template(wave_id: int, kind: str) -> Response:
    """The sheet to fill in: who was drawn and who stands in reserve, by number."""
    wave = _wave(wave_id)
    rows = contacts.blank_rows(db.session, wave)
    content = templates.delimited(CONTACTS, rows) if kind == "csv" else templates.workbook(CONTACTS, rows)
    return download(content, KINDS[kind], f"contacts-{wave.id}.{kind}")


@bp.post("/erase")
def erase(wave_id: int) -> BaseResponse:
    """Erase every contact of the wave now."""
    wave = _wave(wave_id)
    erased = contacts.erase(db.session, wave, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("已清除 %(n)d 人的姓名和电话。", n=erased))
    return redirect(url_for("contacts.show", wave_id=wave_id), 303)


def _wave(wave_id: int) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave("wave.plan", wave)
    return wave


def _page(wave: Wave, form: ContactsForm, refused: RefusedInputError | None = None) -> str:
    faults = refused.faults if refused else []
    return render_template(
        "fieldwork/contacts.html",
        wave=wave,
        form=form,
        standing=contacts.standing(db.session, wave),
        last=contacts.last_erasure(wave),
        lines=alike(faults),
        said=sentence(refused.code, **refused.facts) if refused else "",
        groups=GROUPS,
        language=reader_language(),
    )
