from dataclasses import replace
from fractions import Fraction

from survey_app.surveys.rates import Count, alternatives, count_by_group, judge, official_rate
from survey_app.surveys.rules import default_rules

from .forms import SMALL

RULES = default_rules()
ALL_FOUR = {"service": "no", "q1": "4", "q2": "2", "q3": "4", "overall": "4"}
LUKEWARM = {"service": "no", "q1": "3", "q2": "3", "q3": "3", "overall": "4"}
SILENT = {"service": "no", "q1": "dk", "q2": "dk", "q3": "dk", "overall": "dk"}
DEPUTY = {"q1": "5", "q2": "1", "q3": "5", "overall": "5"}

JUDGED = [
    judge(SMALL, "parent", ALL_FOUR, RULES),
    judge(SMALL, "parent", LUKEWARM, RULES),
    judge(SMALL, "parent", SILENT, RULES),
    judge(SMALL, "deputy", DEPUTY, RULES),
]


def test_an_invalid_questionnaire_is_neither_valid_nor_satisfied():
    assert (JUDGED[2].validity.valid, JUDGED[2].satisfied) == (False, None)


def test_counts_and_rate_by_the_declared_weighting():
    counts = count_by_group(JUDGED)
    assert {"parent": Count(valid=2, satisfied=1), "deputy": Count(valid=1, satisfied=1)} == counts
    assert Fraction(2, 3) == official_rate(counts, RULES)
    assert Fraction(3, 4) == official_rate(counts, replace(RULES, weighting="equal_groups"))


def test_a_group_without_valid_questionnaires_is_left_out_of_equal_groups():
    counts = {"parent": Count(valid=2, satisfied=1), "deputy": Count()}
    assert Fraction(1, 2) == official_rate(counts, replace(RULES, weighting="equal_groups"))


def test_nothing_valid_is_no_rate():
    assert official_rate({"parent": Count()}, RULES) is None
    assert official_rate({}, replace(RULES, weighting="equal_groups")) is None
    assert all(reading.value is None for reading in alternatives([JUDGED[2]]))


def test_alternatives_read_the_same_valid_questionnaires_otherwise():
    """By hand: means 4, 3.25, 5; overall 4, 4, 5; positive 4 + 1 + 4 of 12; sum 16 + 13 + 20 = 49."""
    found = {reading.id: reading.value for reading in alternatives(JUDGED)}
    assert {
        "mean": Fraction(2, 3),
        "overall": Fraction(1),
        "positive": Fraction(9, 12),
        "index": Fraction(20 * 49, 12),
    } == found


def test_all_four_is_an_index_of_80_and_wholly_positive():
    found = {reading.id: reading for reading in alternatives(JUDGED[:1])}
    assert (found["index"].value, found["index"].unit) == (80, "points")
    assert (found["positive"].value, found["positive"].unit) == (1, "share")
