"""The page of a wave in the field, live, and the same as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from evaluation.loader import load_scheme
from survey_app import clock
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.fieldwork import telephone
from survey_app.fieldwork.board.alerts import Alert
from survey_app.fieldwork.board.board import Board, Line, board_of
from survey_app.formatting import instant, percent
from survey_app.messages import sentence
from survey_app.security import authorise, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language

bp = Blueprint("board", __name__, url_prefix="/fieldwork")
bp.before_request(require_login)

#: Parts of the page that are asked for alone.
_PARTS = {"live": "fieldwork/board/live.html"}

#: Rates that the page explains, in their order.
_RATES = ("RR1", "RR2", "RR3", "RR4", "COOP1", "REF1", "CON1")


@bp.get("/<int:wave_id>/progress")
def show(wave_id: int) -> str:
    """How far the wave is; with ``?part=live`` only what changes."""
    wave = _wave(wave_id)
    language = reader_language()
    board = _board(wave)
    return render_template(
        _PARTS.get(request.args.get("part", ""), "fieldwork/board/show.html"),
        wave=wave,
        board=board,
        alerts=[(alert, alert_words(alert, language)) for alert in board.alerts],
        rates=_RATES,
        groups=GROUPS,
        bands=GRADE_BANDS,
        localities=LOCALITIES,
        language=language,
    )


@bp.get("/<int:wave_id>/progress.json")
def as_json(wave_id: int) -> dict[str, Any]:
    """The same counts as a document."""
    return document(_board(_wave(wave_id)))


def alert_words(alert: Alert, language: str) -> str:
    """The sentence of *alert*, its facts in words."""
    facts = dict(alert.facts)
    if "group" in facts:
        facts["group"] = GROUPS[facts["group"]].label.in_language(language)
    if "groups" in facts:
        facts["groups"] = _("、").join(GROUPS[one].label.in_language(language) for one in facts["groups"])
    if "share" in facts:
        facts["is_share"] = percent(Fraction(facts["parents"], facts["total"]))
        facts["share"] = percent(facts["share"], 0)
    if "places" in facts:
        named = facts["places"][:5]
        more = _("等") if len(facts["places"]) > len(named) else ""
        facts["places"] = _("、").join(named) + more
    if "at" in facts:
        facts["at"] = instant(facts["at"])
    return sentence(alert.code, **facts)


def document(board: Board) -> dict[str, Any]:
    """*board* as JSON: fractions as decimals, instants in ISO 8601."""
    return {
        "at": board.at.isoformat(),
        "total": _line(board.total),
        "groups": [_line(line) for line in board.groups],
        "grade_bands": [_line(line) for line in board.bands],
        "localities": [_line(line) for line in board.localities],
        "ways": [{"way": way, "mode": mode, "came": n} for (way, mode), n in board.ways.items()],
        "schools": [
            {
                "code": school.code,
                "cards": school.line.cards,
                "came": school.line.came,
                "batches": [asdict(one) for one in school.batches],
            }
            for school in board.schools
        ],
        "others": [asdict(one) for one in board.others],
        "open_entries": [asdict(one) for one in board.points],
        "pace": {group or "all": asdict(found) for group, found in board.paces.items()},
        "outcome_rates": _rates(board),
        "alerts": [
            {"urgency": one.urgency, "code": one.code, "facts": _plain(one.facts)} for one in board.alerts
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {name: value for name, value in asdict(line).items() if name != "key"} | {"of": line.key}


def _rates(board: Board) -> dict[str, Any] | None:
    if board.rates is None:
        return None
    return {
        "dispositions": asdict(board.rates.dispositions),
        "eligible_share": float(board.rates.eligible_share),
        "rates": {name: None if rate is None else float(rate) for name, rate in board.rates.rates.items()},
    }


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {Fraction: float, datetime: datetime.isoformat, tuple: list}
    return {name: kinds.get(type(value), lambda same: same)(value) for name, value in facts.items()}


def _board(wave: Wave) -> Board:
    sample = load_scheme(wave.scheme_id).sample
    return board_of(
        db.session,
        wave,
        parents_share=sample.parents_share if sample else None,
        by_telephone=telephone.dispositions(db.session, wave),
        now=clock.now(),
    )


def _wave(wave_id: int) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise("wave.view", wave.county_code)
    if wave.drawn_at is None:
        raise ConflictError("not_drawn")
    return wave
