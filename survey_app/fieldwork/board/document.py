"""The board of a wave as it is now, and as a document for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from evaluation.loader import load_scheme
from survey_app.fieldwork import telephone
from survey_app.fieldwork.board.board import Board, Line, board_of
from survey_app.surveys.models import Wave


def board_now(session: Session, wave: Wave, *, now: datetime) -> Board:
    """The board of *wave*, with the share of parents that its scheme asks for and what calls came to."""
    sample = load_scheme(wave.scheme_id).sample
    return board_of(
        session,
        wave,
        parents_share=sample.parents_share if sample else None,
        by_telephone=telephone.dispositions(session, wave),
        now=now,
    )


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
