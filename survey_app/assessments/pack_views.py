"""Pages of the evidence pack: having it made, how far it is, and the download with its record."""

from flask import Blueprint, Flask, current_app, jsonify, redirect, render_template, url_for
from flask import Response as FlaskResponse
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import audit, clock, prepared
from survey_app.assessments import packing
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import get_run
from survey_app.db import db
from survey_app.messages import sentence
from survey_app.prepared_download import given_out, ready_path
from survey_app.security import authorise, require_login

bp = Blueprint("packs", __name__, url_prefix="/packs/<int:run_id>")
bp.before_request(require_login)


def init_app(app: Flask) -> None:
    """Register the pages, and how packs are made."""
    app.register_blueprint(bp)
    prepared.makers_of(app)[packing.KIND] = packing.maker(app)
    prepared.outdated_of(app)[packing.KIND] = packing.is_outdated


@bp.post("/")
def prepare(run_id: int) -> Response:
    """Have the pack of a run made, or find the one that is there."""
    run = _run(run_id)
    file_id = packing.ask(db.session, run, by=current_user.login, now=clock.now()).id
    db.session.commit()
    prepared.begin(current_app, file_id)
    return redirect(url_for("packs.file", run_id=run_id, file_id=file_id), 303)


@bp.get("/<int:file_id>")
def file(run_id: int, file_id: int) -> str:
    """How far a pack is; once it is ready, where to have it."""
    run = _run(run_id)
    found = packing.pack_of(db.session, run, file_id)
    why = sentence(found.failure) if found.failure else ""
    return render_template("packs/file.html", run=run, file=found, why=why)


@bp.get("/<int:file_id>.json")
def file_state(run_id: int, file_id: int) -> FlaskResponse:
    """The same for the bar of an open page."""
    found = packing.pack_of(db.session, _run(run_id), file_id)
    return jsonify(state=found.state, done=found.done, total=found.total, percent=found.percent)


@bp.post("/<int:file_id>/download")
def download(run_id: int, file_id: int) -> Response:
    """Give the pack out and note in the audit trail who had it."""
    run = _run(run_id)
    found = packing.pack_of(db.session, run, file_id)
    now = clock.now()
    path = ready_path(found, by=current_user.login, now=now)
    if path is None:
        return redirect(url_for("packs.file", run_id=run_id, file_id=file_id), 303)
    name = found.download_name
    details = {"run": run.number, "key": found.key}
    audit.record(
        db.session, "pack.downloaded", by=current_user.login, now=now, region=run.county_code, details=details
    )
    db.session.commit()
    return given_out(path, name=name, kind="application/zip")


def _run(run_id: int) -> EvaluationRun:
    """The run, if it is one of the reader's; another county's looks like none at all."""
    run = get_run(db.session, run_id)
    authorise("run.view", run.county_code)
    return run
