"""The only place that rounds: numbers, rates and instants as people read them."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask

from survey_app.clock import BEIJING

#: Shown for a figure that is not there.
ABSENT = "—"


def rounded(value: Any, digits: int = 2) -> Decimal:
    """Round half up, as the statistics do.

    >>> rounded(0.125, 2), rounded(Fraction(1, 3), 4)
    (Decimal('0.13'), Decimal('0.3333'))
    """
    exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    scaled = exact * 10**digits
    whole = (abs(scaled.numerator) * 2 + scaled.denominator) // (2 * scaled.denominator)
    signed = -whole if scaled < 0 else whole
    return Decimal(signed).scaleb(-digits)


def number(value: Any, digits: int | None = None) -> str:
    """A number with thousands separated; *digits* decimals, or as many as an integer needs.

    >>> number(13566), number(Decimal("9.375"), 2), number(None)
    ('13,566', '9.38', '—')
    """
    if value is None:
        return ABSENT
    if digits is None:
        digits = 0 if Fraction(str(value)).denominator == 1 else 2
    return f"{rounded(value, digits):,}"


def unrounded(value: Decimal | int) -> str:
    """A number with thousands separated and just the digits it has.

    >>> unrounded(Decimal("1205.5")), unrounded(Decimal(1260))
    ('1,205.5', '1,260')
    """
    return f"{value:,}"


def percent(share: Any, digits: int = 1) -> str:
    """A share of one as a percentage.

    >>> percent(Fraction(874, 1000)), percent(None)
    ('87.4%', '—')
    """
    if share is None:
        return ABSENT
    exact = Fraction(str(share)) if isinstance(share, float) else Fraction(share)
    return f"{rounded(exact * 100, digits)}%"


def instant(value: datetime | None) -> str:
    """An instant in Beijing time, to the minute."""
    return ABSENT if value is None else f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def day(value: datetime | date | None) -> str:
    """A day in Beijing time."""
    if value is None:
        return ABSENT
    shown = value.astimezone(BEIJING) if isinstance(value, datetime) else value
    return f"{shown:%Y-%m-%d}"


def deadline(value: datetime) -> str:
    """A deadline as a card says it.

    >>> from datetime import UTC
    >>> deadline(datetime(2026, 11, 27, 10, 0, tzinfo=UTC))
    '2026年11月27日18:00'
    """
    local = value.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def in_fours(code: str) -> str:
    """A code in groups of four, as it is printed.

    >>> in_fours("ABCDEFGHJKLM")
    'ABCD EFGH JKLM'
    """
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def init_app(app: Flask) -> None:
    """Give templates the filters of this module."""
    for give in (number, unrounded, percent, instant, day, deadline, in_fours):
        app.add_template_filter(give)
