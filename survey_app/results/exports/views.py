"""Pages of the sub-room: what can be downloaded, the notice before single answers, and the files."""

from flask import Blueprint, Flask, current_app, jsonify, redirect, render_template, url_for
from flask import Response as FlaskResponse
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock, prepared
from survey_app.db import db
from survey_app.messages import sentence
from survey_app.prepared_download import given_out, ready_path
from survey_app.results.exports import asking, tables
from survey_app.results.models import WaveOutcome
from survey_app.results.seeing import figures_of, is_visible, wave_to_see
from survey_app.security import require_login
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import reader_language

bp = Blueprint("exports", __name__, url_prefix="/results/<int:wave_id>/exports")
bp.before_request(require_login)

#: Form of single answers -> what a browser is told it is.
_FORMS = {"csv": "application/zip", "sav": "application/x-spss-sav"}


def init_app(app: Flask) -> None:
    """Register the pages, and how files of single answers are made."""
    app.register_blueprint(bp)
    prepared.makers_of(app)[asking.KIND] = asking.maker(app)


@bp.get("/")
def index(wave_id: int) -> str:
    """What can be downloaded of a wave."""
    wave = wave_to_see(wave_id)
    return render_template(
        "results/exports/index.html",
        wave=wave,
        ready=is_visible(wave) and db.session.get(WaveOutcome, wave.id) is not None,
        keys=tables.KEYS,
    )


@bp.post("/tables.<any(xlsx, json):kind>")
def table_file(wave_id: int, kind: str) -> FlaskResponse:
    """All published tables in one file."""
    wave = wave_to_see(wave_id)
    outcome = figures_of(wave)
    make, mime = tables.FILES[kind]
    stored = db.session.get_one(WaveOutcome, wave.id)
    content = make(wave, outcome, digest=stored.digest, language=reader_language())
    asking.note_download(
        db.session, wave, "results.downloaded", by=current_user.login, now=clock.now(), form=kind
    )
    db.session.commit()
    name = f"results-{wave_id}.{kind}"
    return FlaskResponse(
        content,
        content_type=mime,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@bp.get("/answers")
def answers(wave_id: int) -> str:
    """The notice: what single answers are, who may have them, and what the files leave out."""
    wave = wave_to_see(wave_id, "answers.export")
    return render_template(
        "results/exports/answers.html",
        wave=wave,
        released=wave.state is WaveState.RELEASED and wave.verifies_wave_id is None,
        files=asking.files_of(db.session, wave),
        kept=prepared.KEPT.days,
    )


@bp.post("/answers.<any(csv, sav):form>")
def prepare(wave_id: int, form: str) -> Response:
    """Have a file of single answers made, or find the one that is there."""
    wave = wave_to_see(wave_id, "answers.export")
    file_id = asking.ask(db.session, wave, form, by=current_user.login, now=clock.now()).id
    db.session.commit()
    prepared.begin(current_app, file_id)
    return redirect(url_for("exports.file", wave_id=wave_id, file_id=file_id), 303)


@bp.get("/files/<int:file_id>")
def file(wave_id: int, file_id: int) -> str:
    """How far a file is; once it is ready, where to have it."""
    wave, found = _file(wave_id, file_id)
    why = sentence(found.failure) if found.failure else ""
    return render_template("results/exports/file.html", wave=wave, file=found, why=why)


@bp.get("/files/<int:file_id>.json")
def file_state(wave_id: int, file_id: int) -> FlaskResponse:
    """The same for the bar of an open page."""
    _, found = _file(wave_id, file_id)
    return jsonify(state=found.state, done=found.done, total=found.total, percent=found.percent)


@bp.post("/files/<int:file_id>/download")
def download(wave_id: int, file_id: int) -> Response:
    """Give the file out and note in the audit trail who had it."""
    wave, found = _file(wave_id, file_id)
    now = clock.now()
    path = ready_path(found, by=current_user.login, now=now)
    if path is None:
        return redirect(url_for("exports.file", wave_id=wave_id, file_id=file_id), 303)
    form, name, key = found.told["form"], found.download_name, found.key
    asking.note_download(
        db.session, wave, "answers.downloaded", by=current_user.login, now=now, form=form, key=key
    )
    db.session.commit()
    return given_out(path, name=name, kind=_FORMS[form])


def _file(wave_id: int, file_id: int) -> tuple[Wave, prepared.PreparedFile]:
    wave = wave_to_see(wave_id, "answers.export")
    return wave, asking.file_of(db.session, wave, file_id)
