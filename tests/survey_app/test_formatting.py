from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from survey_app import formatting


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Fraction(85, 100), 1, "85.0%"),
        (Fraction(8495, 10000), 1, "85.0%"),
        (Fraction(84949, 100000), 1, "84.9%"),
        (Decimal("1"), 1, "100.0%"),
        (0.874, 1, "87.4%"),
        (None, 1, "—"),
    ],
)
def test_percentages_round_half_up(value, digits, shown):
    assert formatting.percent(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Decimal("-2.345"), 2, "-2.35"),
        (1067905, None, "1,067,905"),
        (4.5, None, "4.50"),
        (0.515264, 3, "0.515"),
    ],
)
def test_numbers_keep_the_decimals_asked_for(value, digits, shown):
    assert formatting.number(value, digits) == shown


def test_instants_are_shown_in_beijing_time():
    assert formatting.instant(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)) == "2026-11-23 04:30"
    assert formatting.day(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)) == "2026-11-23"
