"""What came back of what was sent out: the form's shares, and the outcome rates with their definitions."""

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from sampling.dispositions import Returns
from survey_app.fieldwork import telephone
from survey_app.fieldwork.board.board import board_of
from survey_app.surveys.models import Wave


def outcome_rates_of(session: Session, wave: Wave) -> dict[str, Any] | None:
    """The outcome rates of everybody who was drawn, as they stood at the close; None without a card.

    Every returned questionnaire of a card is complete (I), valid or not: whether it is valid is a rule of
    the wave and no matter of the field.
    """
    if wave.closed_at is None:
        return None
    by_telephone = telephone.dispositions(session, wave)
    rates = board_of(session, wave, parents_share=None, by_telephone=by_telephone, now=wave.closed_at).rates
    if rates is None:
        return None
    return {
        "dispositions": asdict(rates.dispositions),
        "eligible_share": _share(rates.eligible_share),
        "estimated": rates.estimated,
        "rates": {name: _share(rate) for name, rate in rates.rates.items()},
    }


def returns_of(issued: int, returned: int, valid: int) -> dict[str, Any]:
    """The shares that the form speaks of: returned of issued, valid of returned, valid of issued."""
    issued = max(issued, returned)
    found = Returns(issued=issued, returned=returned, valid=min(valid, returned))
    return {
        "issued": issued,
        "returned": returned,
        "valid": valid,
        "return_rate": _share(found.return_rate),
        "valid_share": _share(found.valid_share),
        "valid_return_rate": _share(found.valid_return_rate),
    }


def _share(value: Fraction | None) -> list[int] | None:
    return None if value is None else [value.numerator, value.denominator]
