from datetime import timedelta
from fractions import Fraction

import pytest

from survey_app.fieldwork.board import alerts
from survey_app.fieldwork.board.alerts import thresholds
from survey_app.fieldwork.board.counts import Handful
from survey_app.fieldwork.board.pace import Forecast, Pace
from tests.conftest import NOW

HALF = Fraction(1, 2)


def going(expected, lower, upper):
    ahead = Forecast(expected=expected, lower=lower, upper=upper)
    return Pace(stretches=(10,), days_left=2.0, per_day=10.0, needed_per_day=20.0, forecast=ahead)


def handful(**facts):
    given = {
        "id": 1, "group": "parent", "place": "城关小学", "school_code": "S1", "way": "drawn",
        "cards": 12, "spent": 0, "most_at_once": 0,
    }  # fmt: skip
    return Handful(**{**given, **facts})


@pytest.mark.parametrize(
    ("came", "forecast", "said"),
    [
        (100, (100, 100, 100), None),
        (60, (110, 90, 130), None),
        (60, (95, 80, 110), "board_may_fall_behind"),
        (60, (80, 70, 99), "board_behind"),
        (60, (80, 70, 100), "board_may_fall_behind"),
    ],
)
def test_a_group_is_behind_when_even_the_upper_end_falls_short(came, forecast, said):
    found = alerts.behind("parent", going(*forecast), came=came, wanted=100)
    assert (found and found.code) == said


def test_many_groups_that_fall_short_are_told_in_one_line():
    short = [alerts.behind(group, going(80, 70, 99), came=60, wanted=100) for group in ("parent", "teacher")]
    assert alerts.gathered([*short, None]) == short
    (one,) = alerts.gathered([*short, alerts.behind("student", going(95, 80, 110), came=50, wanted=100)])
    assert (one.code, one.urgency) == ("board_many_behind", "now")
    assert one.facts == {"groups": ("parent", "teacher", "student"), "came": 170, "wanted": 300}


def test_without_a_forecast_nobody_is_behind():
    early = Pace(stretches=(), days_left=6.0, per_day=None, needed_per_day=9.0, forecast=None)
    assert alerts.behind("parent", early, came=0, wanted=100) is None


@pytest.mark.parametrize(
    ("came", "paces", "said"),
    [
        ({"parent": 50, "teacher": 50}, {}, None),
        ({"parent": 49, "teacher": 51}, {}, "board_few_parents"),
        ({"parent": 60, "teacher": 40}, {"teacher": going(61, 50, 70)}, "board_parents_will_be_few"),
        ({"parent": 60, "teacher": 40}, {"teacher": going(60, 50, 70)}, None),
        ({"parent": 0, "teacher": 0}, {}, None),
    ],
)
def test_the_parents_share_is_watched_now_and_at_the_close(came, paces, said):
    found = alerts.few_parents(came, paces, HALF)
    assert (found and found.code) == said


def test_where_no_share_is_declared_none_is_watched():
    assert alerts.few_parents({"parent": 1, "teacher": 99}, {}, None) is None


@pytest.mark.parametrize(
    ("facts", "flagged"),
    [
        ({"most_at_once": 8}, True),
        ({"most_at_once": 7}, False),
        ({"most_at_once": 8, "cards": 17}, False),
        ({"most_at_once": 9, "cards": 17}, True),
        ({"most_at_once": 12, "group": "student"}, False),
        ({"most_at_once": 12, "way": "class"}, False),
    ],
)
def test_a_batch_answered_in_minutes_is_named(facts, flagged):
    assert bool(alerts.bursts([handful(**facts)], thresholds())) == flagged


def test_a_school_is_untouched_when_none_of_its_batches_was_used():
    batches = [
        handful(id=1),
        handful(id=2, group="student", spent=1),
        handful(id=3, school_code="S2", place="东关小学"),
        handful(id=4, school_code="S2", place="东关小学（初中）"),
        handful(id=5, school_code="S3", place="撤回的学校", cards=0),
        handful(id=6, school_code=None, place="全县"),
    ]
    late = NOW + thresholds().untouched
    assert alerts.untouched(batches, thresholds(), opened=NOW, now=late - timedelta(seconds=1)) is None
    found = alerts.untouched(batches, thresholds(), opened=NOW, now=late)
    assert found.facts == {"n": 1, "places": ("东关小学", "东关小学（初中）"), "hours": 48}


def test_guessing_is_noticed():
    assert alerts.guessing(None, thresholds()) is None
    assert alerts.guessing((NOW, 49), thresholds()) is None
    assert alerts.guessing((NOW, 50), thresholds()).facts == {"at": NOW, "n": 50}
