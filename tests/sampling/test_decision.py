"""The point rule, the interval rule, and what would flip the one of them that is official."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import ArgumentError, estimate, interval_rule, point_rule, tipping_point

BOUND = Fraction(17, 20)


@pytest.mark.parametrize(
    ("satisfied", "valid", "threshold", "outcome"),
    [
        (17, 20, BOUND, "met"),
        (17, 20, 0.85, "met"),
        (459, 540, 0.85, "met"),
        (458, 540, 0.85, "not_met"),
        (0, 0, 0.85, "undetermined"),
        (0, 5, 0, "met"),
        (85.0, 100.0, 0.85, "met"),
        (Fraction(17, 3), Fraction(20, 3), BOUND, "met"),
    ],
)
def test_the_point_rule_is_exact(satisfied, valid, threshold, outcome):
    assert point_rule(satisfied, valid, threshold=threshold) == outcome


counts = st.integers(0, 400).flatmap(lambda valid: st.tuples(st.integers(0, valid), st.just(valid)))
thresholds = st.fractions(0, 1, max_denominator=100)


@given(counts, thresholds)
def test_so_many_answers_flip_it_and_not_one_fewer(count, threshold):
    satisfied, valid = count
    point = tipping_point(satisfied, valid, threshold=threshold)
    if point.outcome == "undetermined":
        assert valid == 0
        assert point.answers is None
        return
    sign = -1 if point.outcome == "met" else 1
    room = satisfied if point.outcome == "met" else valid - satisfied
    flips = [
        k
        for k in range(room + 1)
        if point_rule(satisfied + sign * k, valid, threshold=threshold) != point.outcome
    ]
    assert point.answers == (flips[0] if flips else None)


@given(counts, st.integers(1, 200), thresholds)
def test_the_silent_flip_it_on_their_side_of_the_share(count, silent, threshold):
    satisfied, valid = count
    point = tipping_point(satisfied, valid, threshold=threshold, silent=silent)
    flipping = [
        s
        for s in range(silent + 1)
        if valid and point_rule(satisfied + s, valid + silent, threshold=threshold) != point.outcome
    ]
    if point.outcome == "met":
        expected = [s for s in range(silent + 1) if point.silent_share and s < point.silent_share * silent]
    else:
        share = point.silent_share
        expected = [s for s in range(silent + 1) if share is not None and s >= share * silent]
    assert flipping == expected
    if valid:
        assert point.lowest <= point.rate <= point.highest


def test_nobody_silent_flips_nothing():
    point = tipping_point(470, 540, threshold=BOUND)
    assert point.silent_share is None
    assert point.lowest == point.highest == point.rate == Fraction(47, 54)


@pytest.mark.parametrize(
    ("counted", "silent", "answers", "others", "answers_en", "others_en"),
    [
        (
            (470, 540),
            60,
            "再有 12 份满意答卷变为不满意，结论就会翻转。",
            "如果没有作答的人中满意的不到 66.7%，全体的结论就会不同。",
            "The conclusion flips if 12 satisfied answers turn.",
            "If fewer than 66.7% of those who did not answer are satisfied, all together conclude otherwise.",
        ),
        (
            (450, 540),
            100,
            "再有 9 份答卷变为满意，结论就会翻转。",
            "如果没有作答的人中满意的达到 94.0%，全体的结论就会不同。",
            "The conclusion flips if 9 more answers are satisfied.",
            "If 94.0% or more of those who did not answer are satisfied, all together conclude otherwise.",
        ),
        (
            (530, 540),
            10,
            "再有 72 份满意答卷变为不满意，结论就会翻转。",
            "没有作答的人无论怎样看，结论都不变。",
            "The conclusion flips if 72 satisfied answers turn.",
            "Whatever those who did not answer think, the conclusion stays.",
        ),
    ],
)
def test_what_would_flip_it_in_words(counted, silent, answers, others, answers_en, others_en):
    point = tipping_point(*counted, threshold=BOUND, silent=silent)
    assert point.sentence("zh") == answers + others
    assert point.sentence("en") == f"{answers_en} {others_en}"
    assert tipping_point(*counted, threshold=BOUND).sentence("zh") == answers


def test_nothing_that_counts_and_nothing_that_flips_in_words():
    assert tipping_point(0, 0, threshold=BOUND).sentence("zh") == "没有有效答卷，无从判定。"
    always = tipping_point(3, 5, threshold=0)
    assert always.sentence("en") == "No number of answers flips the conclusion."


def rate(yes, no, *, schools=10):
    """An estimate in which every school has the same numbers, but for one answer more in the first."""
    values = [1, *([1] * yes + [0] * no) * schools]
    names = ["s0", *(f"s{school}" for school in range(schools) for _ in range(yes + no))]
    return estimate({"y": values, "school": names}, value="y", psu="school")[0]


def test_the_interval_rule_wants_the_whole_interval_on_one_side():
    high, low, near = rate(49, 1), rate(5, 5), rate(17, 3)
    assert interval_rule(high, threshold=BOUND).verdict == "clearly_above"
    assert interval_rule(low, threshold=BOUND).verdict == "clearly_below"
    assert interval_rule(near, threshold=BOUND).reason == "holds"
    assert interval_rule(high, threshold=high.lower).verdict == "not_decidable"


def test_the_interval_rule_decides_nothing_from_few_units_or_without_an_interval():
    few = interval_rule(rate(49, 1, schools=5), threshold=BOUND, least_df=8)
    assert (few.verdict, few.reason) == ("not_decidable", "few_units")
    (alone,) = estimate({"y": [1, 0, 1]}, value="y", method="wilson")
    assert interval_rule(alone, threshold=BOUND).verdict == "not_decidable"
    (nothing,) = estimate({"y": [None, None]}, value="y")
    assert interval_rule(nothing, threshold=BOUND).reason == "no_interval"


@pytest.mark.parametrize(
    ("counted", "options", "name"),
    [
        ((5, 4), {"threshold": BOUND}, "satisfied"),
        ((-1, 4), {"threshold": BOUND}, "satisfied"),
        ((1, float("nan")), {"threshold": BOUND}, "valid"),
        ((1, 4), {"threshold": 1.2}, "threshold"),
        ((1, 4), {"threshold": True}, "threshold"),
        ((1, 4), {"threshold": BOUND, "silent": -1}, "silent"),
        (("1", 4), {"threshold": BOUND}, "satisfied"),
    ],
)
def test_numbers_that_cannot_be_are_refused_by_name(counted, options, name):
    with pytest.raises(ArgumentError) as refused:
        tipping_point(*counted, **options)
    assert refused.value.name == name
