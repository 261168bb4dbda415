"""Pages of the room: the waves, and one of them with what comes next: cards, opening, how far it is."""

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError
from survey_app.fieldwork import opening
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.materials import bundle, ledger
from survey_app.fieldwork.materials.cards import card_sheets
from survey_app.fieldwork.progress import by_group, progress, total
from survey_app.home import note
from survey_app.security import regions_for, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.asking_again import permission_for
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave, waves_seen

bp = Blueprint("fieldwork", __name__, url_prefix="/fieldwork")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """List the waves with how far each is."""
    if not regions_for("wave.view"):
        raise ForbiddenError
    waves = waves_seen(db.session, "wave.view")
    return render_template(
        "fieldwork/index.html",
        waves=[(wave, total(progress(db.session, wave))) for wave in waves],
    )


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """A wave: what comes next, and how far it is."""
    return _page(_wave(wave_id, "wave.view"))


@bp.post("/<int:wave_id>/open")
def open_(wave_id: int) -> BaseResponse:
    """Open the wave: from now on its cards lead to a questionnaire."""
    wave = _wave(wave_id, "wave.open")
    opening.open_wave(
        db.session, wave, keys=settings_of(current_app).keys, by=current_user.login, now=clock.now()
    )
    db.session.commit()
    note(_("调查已打开，答题卡现在可以使用。"))
    return redirect(url_for("fieldwork.show", wave_id=wave.id), 303)


@bp.post("/<int:wave_id>/cards.pdf")
def cards(wave_id: int) -> Response:
    """The sheets of answer cards; the ledger notes that they were printed."""
    wave = _wave(wave_id, "cards.download")
    settings = settings_of(current_app)
    batches = bundle.batches_in(db.session, {"wave": wave_id, "scope": bundle.COUNTY})
    facts = bundle.facts_of(db.session, wave, settings, scope=bundle.COUNTY)
    pdf = card_sheets(db.session, wave, settings=settings)
    # A new transaction: the one that read has grown old while the sheets were set.
    db.session.rollback()
    surveys.lock_wave(db.session, wave)
    if bundle.facts_of(db.session, wave, settings, scope=bundle.COUNTY) != facts:
        raise ConflictError("materials_changed")
    ledger.note_printing(db.session, wave, batches, key="", by=current_user.login, now=clock.now())
    db.session.commit()
    return _download(pdf, "application/pdf", f"cards-{wave.id}.pdf")


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission_for(wave, permission), wave)
    return wave


def _page(wave: Wave) -> str:
    """The wave's page: what comes next, and how far it is."""
    rows = progress(db.session, wave)
    made = drawing.draw_of(db.session, wave)
    return render_template(
        "fieldwork/show.html",
        wave=wave,
        stored=framing.latest_frame(db.session, wave),
        commitment=drawing.commitment_of(db.session, wave),
        draw=made,
        replaced=len(drawing.replacements_of(db.session, wave.id)) if made else 0,
        progress=by_group(rows),
        total=total(rows),
        groups=GROUPS,
        bands=GRADE_BANDS,
        localities=LOCALITIES,
        public_url=settings_of(current_app).public_url,
        language=reader_language(),
    )


def _download(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
