"""Surveys: which there are, how far one is, and its published figures."""

from typing import Any

from flask import Response

from survey_app import clock
from survey_app.api.operations import bp, document, needs, page_of
from survey_app.api.problems import language
from survey_app.api.schemas import FormVI, PageQuery, RatesQuery, WaveRow, page
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.board import document as board
from survey_app.results import form_vi as table
from survey_app.results import service as results
from survey_app.results.rates.sheets import as_document, sheet_of
from survey_app.results.seeing import is_visible, wave_to_see
from survey_app.surveys.models import Wave
from survey_app.surveys.seeing import waves_seen


@bp.route("/waves")
@needs("waves:read", 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(WaveRow))
def waves(asked: dict[str, int]) -> dict[str, Any]:
    """The surveys of the token's counties, the newest first."""
    return page_of([_row(wave) for wave in waves_seen(db.session, "wave.view")], asked)


@bp.route("/waves/<int:wave_id>")
@needs("waves:read", 404)
@bp.response(200, WaveRow)
def wave(wave_id: int) -> dict[str, Any]:
    """A survey and where it stands."""
    return _row(wave_to_see(wave_id, "wave.view"))


@bp.route("/waves/<int:wave_id>/progress")
@needs("waves:read", 404, 409)
@bp.response(200, {"$ref": "#/components/schemas/Progress"})
def progress(wave_id: int) -> Response:
    """How far a drawn survey is: counts by group, school and way, rates of outcome, what needs attention."""
    found = wave_to_see(wave_id, "wave.view")
    if found.drawn_at is None:
        raise ConflictError("not_drawn")
    response = document(board.document(board.board_now(db.session, found, now=clock.now())))
    del response.headers["ETag"]
    return response


@bp.route("/waves/<int:wave_id>/rates")
@needs("results:read", 404, 422)
@bp.arguments(RatesQuery, location="query")
@bp.response(200, {"$ref": "#/components/schemas/Rates"})
@bp.alt_response(304, "NOT_MODIFIED")
def rates(asked: dict[str, str], wave_id: int) -> Response:
    """The recognition rate by one trait, as published: what is withheld there is null here."""
    _wave, outcome = _figures(wave_id)
    sheet = sheet_of(outcome, asked["by"], language())
    if sheet is None:
        raise NotFoundError
    head = {"wave": outcome["wave"], "scheme": outcome["scheme"], "rules": outcome["rules"]["digest"]}
    return document(head | as_document(sheet))


@bp.route("/waves/<int:wave_id>/form-vi")
@needs("results:read", 404)
@bp.response(200, FormVI)
def form_vi(wave_id: int) -> dict[str, Any]:
    """表Ⅵ with its groups, as published."""
    found, outcome = _figures(wave_id)
    lines = [
        {
            "label": line.label,
            "distributed": line.distributed,
            "returned": line.returned,
            "valid": line.valid,
            "satisfied": line.satisfied,
            "rate": None if line.rate is None else float(line.rate),
            "withheld": line.withheld,
        }
        for line in table.table(outcome, language())
    ]
    return {"wave": found.id, "lines": lines}


def _figures(wave_id: int) -> tuple[Wave, dict[str, Any]]:
    """The frozen figures; those that are not published to the token's owner are no figures at all."""
    found = wave_to_see(wave_id)
    outcome = results.outcome_of(db.session, found) if is_visible(found) else None
    if outcome is None:
        raise NotFoundError
    return found, outcome


def _row(found: Wave) -> dict[str, Any]:
    return {
        "id": found.id,
        "county": found.county_code,
        "name": found.county.name,
        "title": found.title,
        "state": found.state.value,
        "scheme": found.scheme_id,
        "opens_at": found.opens_at,
        "closes_at": found.closes_at,
        "released_at": found.released_at,
        "verifies": found.verifies_wave_id,
    }
