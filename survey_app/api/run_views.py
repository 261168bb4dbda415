"""Evaluation runs: which there are, one with its verdict, a new one, and whether one still holds."""

from dataclasses import asdict
from typing import Any

from flask import Response, url_for
from flask_login import current_user

from evaluation.errors import UnknownSchemeError
from survey_app import clock
from survey_app.api.bodies import InputFault
from survey_app.api.judging_views import unknown_scheme
from survey_app.api.operations import bp, document, needs, page_of, written
from survey_app.api.schemas import PageQuery, RunBody, RunRow, Verification, page
from survey_app.assessments import runs as service
from survey_app.assessments.models import EvaluationRun
from survey_app.counties import service as counties
from survey_app.counties.models import CountyFile
from survey_app.db import db
from survey_app.errors import NotFoundError, RefusedInputError
from survey_app.security import authorise, may, regions_for
from survey_app.surveys.models import Wave
from survey_app.surveys.seeing import sees
from survey_app.surveys.service import get_wave

_ROW = RunRow()


@bp.route("/runs")
@needs("runs:read", 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(RunRow))
def runs(asked: dict[str, int]) -> dict[str, Any]:
    """The runs of the token's counties, the newest first."""
    most = asked["page"] * asked["limit"] + 1
    found = service.runs_of(db.session, regions_for("run.view"), most=most)
    return page_of([_row(run) for run in found], asked)


@bp.route("/runs", methods=["POST"])
@needs("runs:write", 404, 409, 413, 415, 422)
@bp.arguments(RunBody)
@bp.response(201, RunRow)
def make_run(asked: dict[str, Any]) -> Response:
    """Judge a county file that is stored here by a scheme, with a released survey in it, and keep the run."""
    file = _file(asked["county_file"])
    wave = _wave(asked["wave"], file)
    try:
        run = service.make_run(
            db.session,
            county_file=file,
            scheme_id=asked["scheme"],
            wave=wave,
            level=service.level_for(current_user.owner_held, file.county_code),
            by=current_user.login,
            now=clock.now(),
        )
    except UnknownSchemeError as unknown:
        raise unknown_scheme(asked["scheme"]) from unknown
    row = _ROW.dump(_row(run))
    db.session.commit()
    return document(written(row), 201, location=url_for("api.run", run_id=row["id"]))


@bp.route("/runs/<int:run_id>")
@needs("runs:read", 404)
@bp.response(200, RunRow)
def run(run_id: int) -> dict[str, Any]:
    """A run with its digests."""
    return _row(_run(run_id))


@bp.route("/runs/<int:run_id>/verdict")
@needs("runs:read", 404)
@bp.response(200, {"$ref": "#/components/schemas/Verdict"})
@bp.alt_response(304, "NOT_MODIFIED")
def verdict(run_id: int) -> Response:
    """The verdict's document exactly as it was stored (in Chinese): its SHA-256 is ``result_digest``."""
    return document(_run(run_id).result)


@bp.route("/runs/<int:run_id>/verification")
@needs("runs:read", 404)
@bp.response(200, Verification)
def verification(run_id: int) -> dict[str, Any]:
    """Judge the run's snapshot again and compare every digest."""
    checked = service.verify(_run(run_id))
    return {**asdict(checked), "holds": checked.holds}


def _run(run_id: int) -> EvaluationRun:
    found = service.get_run(db.session, run_id)
    authorise("run.view", found.county_code)
    return found


def _file(file_id: int) -> CountyFile:
    """The county file to judge; another county's is no file at all."""
    try:
        file = counties.county_file(db.session, file_id)
    except NotFoundError as missing:
        raise _unknown("county_file", file_id) from missing
    if not may("region.view", file.county_code):
        raise _unknown("county_file", file_id)
    authorise("run.make", file.county_code)
    return file


def _wave(wave_id: int | None, file: CountyFile) -> Wave | None:
    """The survey to take the rate from; one that the token may not see is none at all."""
    if wave_id is None:
        return None
    try:
        wave = get_wave(db.session, wave_id)
    except NotFoundError as missing:
        raise _unknown("wave", wave_id) from missing
    if not sees(wave) or not may("wave.view", wave.county_code) or wave.county_code != file.county_code:
        raise _unknown("wave", wave_id)
    return wave


def _unknown(where: str, number: int) -> RefusedInputError:
    return RefusedInputError(
        [InputFault(where=where, value=str(number), rule="unknown_number")], "api_refused"
    )


def _row(found: EvaluationRun) -> dict[str, Any]:
    return {
        "id": found.id,
        "county": found.county_code,
        "name": found.county.name,
        "number": found.number,
        "level": found.level,
        "county_file": found.county_file_id,
        "wave": found.wave_id,
        "application": found.application_id,
        "supersedes": found.supersedes_id,
        "scheme": found.scheme_id,
        "scheme_digest": found.scheme_digest,
        "input_digest": found.input_digest,
        "result_digest": found.result_digest,
        "computed_verdict": found.computed_verdict,
        "verdict": found.verdict,
        "made_at": found.made_at,
        "made_by": found.made_by,
    }
