"""Reading a wave's figures: for its pages, and for the county's evaluation."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.errors import ConflictError
from survey_app.respond.models import SealedAnswer
from survey_app.results.models import WaveOutcome
from survey_app.surveys.models import Wave, WaveState

#: Digits of a rate in the county file; the rest is cut off, so that none reaches a threshold by rounding.
_DIGITS = 12

#: Keys of the outcome that hold a fraction as [above, below].
_FRACTIONS = {
    *("rate", "value", "share", "least", "mean", "lowest", "highest", "silent_share", "eligible_share"),
    *("return_rate", "valid_share", "valid_return_rate"),
}

#: Keys of tables whose every value is one.
_OF_FRACTIONS = {"rates"}


def outcome_of(session: Session, wave: Wave) -> dict[str, Any] | None:
    """The frozen figures of *wave* with their fractions exact; None before the mixing is done."""
    stored = session.get(WaveOutcome, wave.id)
    return None if stored is None else _exact(json.loads(stored.content))


def headline_of(session: Session, wave: Wave) -> dict[str, Any] | None:
    """The official figures of *wave* alone, for lists of many waves; None before the mixing is done."""
    stored = session.get(WaveOutcome, wave.id)
    return None if stored is None else {"official": _exact(json.loads(stored.content)["official"])}


def sealed_left(session: Session, wave: Wave) -> int:
    """Answers that still wait in the inbox."""
    return (
        session.scalar(
            sa.select(sa.func.count()).select_from(SealedAnswer).where(SealedAnswer.wave_id == wave.id)
        )
        or 0
    )


def recognition_of(session: Session, wave: Wave) -> dict[str, Any]:
    """The ``recognition`` part of a county file: questionnaires, groups, and rates by indicator code.

    Figures that may not be shown are left out, which leaves what rests on them undetermined.

    Raises:
        ConflictError: the wave is not released.
    """
    outcome = outcome_of(session, wave)
    if wave.state is not WaveState.RELEASED or outcome is None:
        raise ConflictError("wave_not_released")
    return {
        "questionnaires": _tally(outcome["form_vi"][0]),
        "groups": {row["group"]: _tally(row) for row in outcome["groups"] if not row["withheld"]},
        "topics": {row["id"]: _cut(row["rate"]) for row in outcome["indicators"] if row["rate"] is not None},
    }


def _tally(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in ("distributed", "valid", "satisfied") if row[name] is not None}


def _cut(rate: Fraction) -> Decimal:
    """A rate as a decimal that is never larger than it is.

    >>> _cut(Fraction(17, 20)), _cut(Fraction(2, 3))
    (Decimal('0.85'), Decimal('0.666666666666'))
    """
    return Decimal(rate.numerator * 10**_DIGITS // rate.denominator).scaleb(-_DIGITS).normalize()


def _exact(value: Any, key: str = "") -> Any:
    if key in _FRACTIONS and isinstance(value, list):
        return Fraction(*value)
    if isinstance(value, dict):
        return {name: _exact(each, "rate" if key in _OF_FRACTIONS else name) for name, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    return value
