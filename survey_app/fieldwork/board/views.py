"""The page of a wave in the field, live, and the same as JSON."""

from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from survey_app import clock
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.fieldwork.board.alerts import Alert
from survey_app.fieldwork.board.document import board_now, document
from survey_app.formatting import instant, percent
from survey_app.messages import sentence
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave

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
    board = board_now(db.session, wave, now=clock.now())
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
    return document(board_now(db.session, _wave(wave_id), now=clock.now()))


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


def _wave(wave_id: int) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave("wave.view", wave)
    if wave.drawn_at is None:
        raise ConflictError("not_drawn")
    return wave
