"""The forecast, worked by hand, and what it can never say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.fieldwork.board.pace import Forecast, pace

OPENED = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def at(*days, wanted=200, most=None, now=None, closes=7, stretches=3, came=None):
    """The pace after whole days with so many questionnaires each, all at noon."""
    arrivals = [(OPENED + number * DAY + 12 * HOUR, n) for number, n in enumerate(days)]
    return pace(
        arrivals,
        came=sum(days) if came is None else came,
        wanted=wanted,
        most=most,
        opened=OPENED,
        closes=OPENED + closes * DAY,
        now=now or OPENED + len(days) * DAY,
        stretches=stretches,
    )


def test_an_even_pace_is_carried_on():
    # m = 40, v = max(40, 0) = 40, d = 4: 160 ± 1.2816·√(4·40 + 16·40/3) = 160 ± 24.76
    found = at(40, 40, 40)
    assert found.stretches == (40, 40, 40)
    assert (found.per_day, found.needed_per_day) == (40, 20)
    assert found.forecast == Forecast(expected=280, lower=255, upper=305)


def test_only_the_latest_days_count():
    assert at(900, 10, 10, 10).stretches == (10, 10, 10)


def test_days_that_differ_widen_the_forecast():
    # m = 40, v = ((20)² + 0 + (20)²)/2 = 400, d = 4: 160 ± 1.2816·√(1600 + 16·400/3) = 160 ± 78.3
    found = at(20, 40, 60)
    assert found.forecast == Forecast(expected=280, lower=201, upper=359)


def test_a_falling_pace_lowers_the_lower_end():
    # latest 20, before (60 + 40)/2 = 50, ratio 0.4: 20·0.4·(1 − 0.4⁴)/0.6 = 12.99 more at least
    found = at(60, 40, 20)
    assert found.forecast.lower == 120 + 12
    assert found.forecast.expected == 120 + 160


def test_before_a_whole_day_there_is_no_forecast():
    found = at(30, now=OPENED + 23 * HOUR)
    assert (found.stretches, found.per_day, found.forecast) == ((), None, None)
    assert found.needed_per_day == pytest.approx(170 / (6 + 1 / 24))


def test_a_forecast_never_exceeds_the_cards():
    found = at(40, 40, 40, most=130)
    assert found.forecast == Forecast(expected=130, lower=130, upper=130)


def test_after_the_close_nothing_more_is_needed_or_possible():
    late = at(40, 40, 40, closes=3, now=OPENED + 5 * DAY)
    assert (late.days_left, late.needed_per_day) == (0, None)
    assert late.forecast == Forecast(expected=120, lower=120, upper=120)
    assert at(40, 40, 40, closes=3, wanted=100).needed_per_day == 0


def test_the_stretches_end_now_and_not_at_midnight():
    found = at(30, 50, now=OPENED + 1.5 * DAY + HOUR)
    assert found.stretches == (50,)


@given(
    st.lists(st.integers(0, 500), max_size=12),
    st.integers(0, 3000),
    st.none() | st.integers(0, 6000),
    st.floats(0, 14),
    st.integers(1, 10),
)
def test_a_forecast_lies_between_what_came_and_what_can_come(days, wanted, most, elapsed, closes):
    came = sum(days) if most is None else min(sum(days), most)
    found = at(*days, came=came, wanted=wanted, most=most, now=OPENED + elapsed * DAY, closes=closes)
    if found.forecast is None:
        assert elapsed < 1 or closes < 1
        return
    ahead = found.forecast
    assert came <= ahead.lower <= ahead.expected <= ahead.upper
    assert most is None or ahead.upper <= most
    assert found.days_left or ahead.upper == came
