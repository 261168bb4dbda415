"""Pages of the room: frame, draw, cards, opening and progress of a wave."""

import secrets

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.canonical import canonical
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError
from survey_app.fieldwork import drawing, framing, opening
from survey_app.fieldwork.forms import CommitForm, DrawForm
from survey_app.fieldwork.materials.cards import card_sheets
from survey_app.fieldwork.progress import by_group, progress, total
from survey_app.home import note
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language

bp = Blueprint("fieldwork", __name__, url_prefix="/fieldwork")
bp.before_request(require_login)

_SEED_BYTES = 16


@bp.get("/")
def index() -> str:
    """List the waves with how far each is."""
    scopes = regions_for("wave.view")
    if not scopes:
        raise ForbiddenError
    waves = surveys.waves_of(db.session, scopes)
    return render_template(
        "fieldwork/index.html",
        waves=[(wave, total(progress(db.session, wave))) for wave in waves],
    )


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """A wave in the field: what comes next, how far it is, what was drawn."""
    return _page(_wave(wave_id, "wave.view"))


@bp.post("/<int:wave_id>/commit")
def commit(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Publish the commitment to a seed that is kept secret until the draw."""
    wave = _wave(wave_id, "wave.plan")
    form = CommitForm()
    if not form.validate_on_submit():
        return _page(wave, commit_form=form), 422
    drawing.commit_seed(db.session, wave, seed=form.secret.data or "", by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("种子承诺已公布。请保密并记好种子，抽样时填写。"))
    return redirect(url_for("fieldwork.show", wave_id=wave.id), 303)


@bp.post("/<int:wave_id>/draw")
def draw(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Fix the frame and draw the sample from the seed."""
    wave = _wave(wave_id, "wave.plan")
    form = DrawForm()
    if not form.validate_on_submit():
        return _page(wave, draw_form=form), 422
    now = clock.now()
    framing.build_frame(db.session, wave, by=current_user.login, now=now)
    drawing.draw_wave(
        db.session,
        wave,
        seed=form.seed.data or "",
        code_key=settings_of(current_app).code_key,
        by=current_user.login,
        now=now,
    )
    db.session.commit()
    note(_("已抽样。下一步：下载答题卡，核对后打开调查。"))
    return redirect(url_for("fieldwork.show", wave_id=wave.id), 303)


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


@bp.get("/<int:wave_id>/cards.pdf")
def cards(wave_id: int) -> Response:
    """The sheets of answer cards."""
    wave = _wave(wave_id, "cards.download")
    pdf = card_sheets(db.session, wave, settings=settings_of(current_app))
    return _download(pdf, "application/pdf", f"cards-{wave.id}.pdf")


@bp.get("/<int:wave_id>/certificate.json")
def certificate(wave_id: int) -> Response:
    """The certificate of the draw: with the frame it lets anyone repeat it."""
    wave = _wave(wave_id, "wave.view")
    made = drawing.draw_of(db.session, wave)
    if made is None:
        raise ConflictError("not_drawn")
    text = canonical(drawing.certificate_of(made))
    return _download(text.encode(), "application/json", f"certificate-{wave.id}.json")


@bp.get("/<int:wave_id>/frame.txt")
def frame(wave_id: int) -> Response:
    """The frame the sample was drawn from; its SHA-256 stands in the certificate."""
    wave = _wave(wave_id, "wave.view")
    stored = framing.latest_frame(db.session, wave)
    if stored is None:
        raise ConflictError("no_frame")
    return _download(stored.content.encode(), "text/plain; charset=utf-8", f"frame-{wave.id}.txt")


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise(permission, wave.county_code)
    return wave


def _page(wave: Wave, *, draw_form: DrawForm | None = None, commit_form: CommitForm | None = None) -> str:
    """The wave's page; a form that was not refused proposes a random seed, unless one is committed to."""
    language = reader_language()
    commitment = drawing.commitment_of(db.session, wave)
    proposed = secrets.token_hex(_SEED_BYTES)
    rows = progress(db.session, wave)
    stored = framing.latest_frame(db.session, wave)
    return render_template(
        "fieldwork/show.html",
        wave=wave,
        form=draw_form or DrawForm(formdata=None, seed="" if commitment else proposed),
        commit_form=commit_form or CommitForm(formdata=None, secret=proposed),
        commitment=commitment,
        plan=surveys.plan_of(wave),
        frame=framing.read_frame(stored) if stored else framing.preview(wave),
        counted=[line.text.in_language(language) for line in framing.how_counted(wave)],
        draw=drawing.draw_of(db.session, wave),
        drawn=drawing.drawn_units(db.session, wave),
        progress=by_group(rows),
        total=total(rows),
        groups=GROUPS,
        bands=GRADE_BANDS,
        localities=LOCALITIES,
        stratum_label=framing.stratum_label,
        public_url=settings_of(current_app).public_url,
        language=language,
    )


def _download(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
