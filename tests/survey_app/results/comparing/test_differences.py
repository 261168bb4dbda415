"""Differences between waves, against the textbook's formula."""

import copy
import math

import pytest
from scipy import stats

from survey_app.results.comparing.differences import compare, difference


def estimated(p, se, df, **other):
    return {
        "estimate": p, "se": se, "df": df, "lower": p - 0.02, "upper": min(1, p + 0.02), "n": 500,
        "psus": df + 3, "deff": 1.5, "method": "logit", "level": 0.95, **other,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("later", "earlier", "verdict"),
    [
        ((0.871, 0.0110), (0.840, 0.0086), "higher"),
        ((0.840, 0.0110), (0.871, 0.0086), "lower"),
        ((0.871, 0.0210), (0.840, 0.0186), "undecided"),
    ],
)
def test_variances_and_degrees_of_freedom_add(later, earlier, verdict):
    found = difference("x", estimated(*later, 60), estimated(*earlier, 70))
    se = math.hypot(later[1], earlier[1])
    half = stats.t.ppf(0.975, 130) * se
    assert found.estimate == pytest.approx(later[0] - earlier[0])
    assert (found.se, found.df) == (pytest.approx(se), 130)
    assert (found.lower, found.upper) == (
        pytest.approx(found.estimate - half), pytest.approx(found.estimate + half)
    )  # fmt: skip
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.estimate) / se, 130))
    assert found.verdict == verdict


def test_few_schools_decide_nothing():
    found = difference("x", estimated(0.95, 0.001, 3), estimated(0.5, 0.001, 200))
    assert found.verdict == "few_units"


def test_everybody_alike_is_not_certainty():
    alike = estimated(1.0, 0.0, 19, lower=0.83, upper=1.0, method="exact")
    found = difference("x", alike, estimated(0.9, 0.02, 60))
    assert found.se > 0.08
    assert found.verdict == "undecided"


def test_nothing_is_tested_without_a_standard_error():
    assert difference("x", estimated(0.9, None, 60), estimated(0.8, 0.01, 60)) is None
    assert difference("x", estimated(0.9, 0.01, 60) | {"df": None}, estimated(0.8, 0.01, 60)) is None


def wave(rate=0.9, *, rules="a", same="f1"):
    row = {"weighted": estimated(rate, 0.01, 60)}
    items = [
        {"id": "public.one", "form": "public", "same": same, "topic": "quality", **row},
        {"id": "public.two", "form": "public", "same": "f2", "topic": "burden", **row},
    ]
    return {
        "rules": {"digest": rules},
        "weighted": row["weighted"],
        "groups": [{"group": "parent", **row}],
        "topics": [{"id": "quality", **row}, {"id": "burden", **row}],
        "readings": [
            {"id": "declared", "unit": "share", **row},
            {"id": "mean", "unit": "share", **row},
            {"id": "index", "unit": "points", **row},
        ],
        "items": items,
    }  # fmt: skip


def test_like_is_compared_with_like():
    found = compare(wave(0.9), wave(0.8))
    assert found.same_rules
    assert found.overall.estimate == pytest.approx(0.1)
    assert [each.key for each in found.readings] == ["mean"]
    assert len(found.items) == len(found.topics) == 2
    assert found.left_out == ()


def test_other_rules_leave_out_what_rests_on_them():
    found = compare(wave(rules="b"), wave())
    assert (found.same_rules, found.overall, found.groups) == (False, None, ())
    assert found.topics
    assert found.readings


def test_questions_in_other_words_are_left_out_and_named_with_their_topic():
    found = compare(wave(same="new words"), wave())
    assert [row["id"] for row in found.left_out] == ["public.one"]
    assert [each.key for each in found.items] == ["public.two"]
    assert [each.key for each in found.topics] == ["burden"]
    assert found.same_topics == {"quality": False, "burden": True}


def test_figures_of_the_first_form_are_compared_as_far_as_they_go():
    old = copy.deepcopy(wave(0.8))
    for key in ("items", "readings"):
        del old[key]
    found = compare(wave(), old)
    assert found.overall.verdict == "higher"
    assert (found.items, found.readings, found.left_out) == ((), (), None)
    assert len(found.topics) == 2
