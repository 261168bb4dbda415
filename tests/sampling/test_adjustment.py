"""Those who answered stand for their class; large weights are cut as R's `trimWeights` cuts them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, CalibrationError, ColumnError, adjust_for_nonresponse, trim_weights
from tests.sampling.reference import WEIGHTING

TRIMMING = WEIGHTING["trimming"]
CASES = [
    (TRIMMING["weights"], {"lower": 30, "upper": 60}, TRIMMING["once"]),
    (TRIMMING["weights"], {"lower": 30, "upper": 60, "strict": True}, TRIMMING["strict"]),
    (TRIMMING["wide"]["weights"], {"upper": 40, "strict": True}, TRIMMING["wide"]["strict"]),
    (TRIMMING["repeated"]["weights"], {"upper": 32}, TRIMMING["repeated"]["once"]),
    (TRIMMING["repeated"]["weights"], {"upper": 32, "strict": True}, TRIMMING["repeated"]["strict"]),
]


@pytest.mark.parametrize(("weights", "options", "expected"), CASES)
def test_trimming_agrees_with_r(weights, options, expected):
    trimming = trim_weights(weights, **options)
    assert trimming.weights == pytest.approx(np.array(expected), rel=1e-9)
    assert trimming.base == pytest.approx(np.array(weights))


def test_cutting_again_is_only_done_when_asked():
    once, strict = (trim_weights(weights, **options) for weights, options, _ in CASES[3:])
    assert (once.rounds, once.trimmed, once.weights.max() > 32) == (1, 100, True)
    assert strict.rounds > 1
    assert strict.weights.max() <= 32


@example([1.0, 4.0, 32.0], 4.0, True)
@settings(max_examples=50)
@given(st.lists(st.floats(0.1, 100), min_size=2, max_size=30), st.floats(1.05, 4), st.booleans())
def test_trimming_keeps_the_sum(weights, width, strict):
    mean = sum(weights) / len(weights)
    lower, upper = mean / width, mean * width
    if all(not lower <= weight <= upper for weight in weights):
        with pytest.raises(CalibrationError):
            trim_weights(weights, lower=lower, upper=upper)
        return
    trimming = trim_weights(weights, lower=lower, upper=upper, strict=strict)
    assert trimming.weights.sum() == pytest.approx(sum(weights))
    if strict:
        assert lower <= trimming.weights.min() <= trimming.weights.max() <= upper


def test_weights_inside_the_range_stay_as_they_are():
    trimming = trim_weights([1, 2, 3], lower=1, upper=3, strict=True)
    assert (trimming.weights.tolist(), trimming.rounds, trimming.trimmed) == ([1, 2, 3], 0, 0)


def test_a_range_that_cannot_hold_the_sum_is_refused():
    for weights, options in [
        ([1, 1, 10], {"upper": 2, "strict": True}),
        ([5, 6, 7], {"upper": 4}),
        ([1, 1, 10], {"lower": 5, "upper": 6, "strict": True}),
    ]:
        with pytest.raises(CalibrationError) as refusal:
            trim_weights(weights, **options)
        assert refusal.value.rule == "out_of_range"
    for options in ({"lower": 3, "upper": 2}, {"lower": -1}):
        with pytest.raises(ArgumentError):
            trim_weights([1, 2], **options)
    for weights, rule in (([1, -2], "negative"), ([1, None], "missing"), ([], "empty")):
        with pytest.raises(ColumnError) as refusal:
            trim_weights(weights, upper=5)
        assert refusal.value.rule == rule


INVITED = {
    "answered": [1, 0, 1, 1, 0, 0, 1],
    "band": ["p", "p", "p", "j", "j", "j", "j"],
    "sex": ["f", "f", "m", "f", "f", "m", "m"],
    "w": [2.0, 2.0, 3.0, 1.0, 1.0, 4.0, 4.0],
}


def test_those_who_answered_stand_for_everybody_in_their_class():
    adjusted = adjust_for_nonresponse(INVITED, responded="answered", by=["band"], weight="w")
    assert adjusted.weights == pytest.approx([2.8, 0, 4.2, 2, 0, 0, 8])
    junior, primary = adjusted.classes
    assert (junior.by, junior.invited, junior.answered) == ({"band": "j"}, 4, 2)
    assert (junior.invited_weight, junior.answered_weight, junior.factor) == (10, 5, 2)
    assert primary.factor == pytest.approx(1.4)
    assert [len(each.by) for each in crossed().classes] == [2] * 4


def crossed():
    return adjust_for_nonresponse(INVITED, responded="answered", by=["band", "sex"])


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.floats(0.1, 9)), min_size=1, max_size=40))
def test_each_class_keeps_its_weight_or_is_refused(rows):
    table = {
        "answered": [int(answered) for answered, _, _ in rows],
        "class": [kind for _, kind, _ in rows],
        "w": [weight for _, _, weight in rows],
    }
    silent = {kind for _, kind, _ in rows} - {kind for answered, kind, _ in rows if answered}
    if silent:
        with pytest.raises(CalibrationError) as refusal:
            adjust_for_nonresponse(table, responded="answered", by=["class"], weight="w")
        assert (refusal.value.rule, refusal.value.level) == ("no_respondents", (min(silent),))
        return
    adjusted = adjust_for_nonresponse(table, responded="answered", by=["class"], weight="w")
    for kind in {kind for _, kind, _ in rows}:
        inside = np.array(table["class"]) == kind
        assert adjusted.weights[inside].sum() == pytest.approx(np.array(table["w"])[inside].sum())
    assert (adjusted.weights[np.array(table["answered"]) == 0] == 0).all()


@pytest.mark.parametrize(
    ("change", "column", "rule", "row"),
    [
        ({"answered": [1, 0, 2, 1, 0, 0, 1]}, "answered", "not_binary", 3),
        ({"answered": [1, 0, None, 1, 0, 0, 1]}, "answered", "missing", 3),
        ({"band": ["p", None, "p", "j", "j", "j", "j"]}, "band", "missing", 2),
        ({"w": [-1.0] * 7}, "w", "negative", 1),
        ({"w": [1.0]}, "w", "length", None),
    ],
)
def test_columns_that_cannot_be_used_are_refused(change, column, rule, row):
    with pytest.raises(ColumnError) as refusal:
        adjust_for_nonresponse(INVITED | change, responded="answered", by=["band"], weight="w")
    assert (refusal.value.column, refusal.value.rule, refusal.value.row) == (column, rule, row)


def test_no_classes_are_refused():
    with pytest.raises(ArgumentError, match="by"):
        adjust_for_nonresponse(INVITED, responded="answered", by=[])
