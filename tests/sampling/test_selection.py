"""Selection agrees with R's `sampling` and with published examples."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import (
    ArgumentError,
    TooFewError,
    inclusion_probabilities,
    select_smallest,
    select_systematically,
)

GOLDEN = Path(__file__).parents[1] / "golden"
SAMPLING = json.loads((GOLDEN / "sampling.json").read_text(encoding="utf-8"))
PPS = json.loads((GOLDEN / "examples.json").read_text(encoding="utf-8"))["pps_systematic"]


def test_probabilities_agree_with_r_and_have_its_certain_units():
    example = SAMPLING["incl_1_20_n12"]
    found = inclusion_probabilities({str(size): size for size in example["a"]}, example["n"])
    assert [float(p) for p in found.values()] == pytest.approx(example["pik"], abs=1e-12)
    assert [unit for unit, p in found.items() if p == 1] == ["17", "18", "19", "20"]


@pytest.mark.parametrize("case", PPS["cases"], ids=lambda case: f"start {case['u']:.3f}")
def test_systematic_selection_agrees_with_the_published_cases(case):
    probabilities = {str(i): Fraction(str(p)) for i, p in enumerate(PPS["pik"], start=1)}
    selected = select_systematically(probabilities, start=Fraction(case["u"]))
    assert [int(unit) for unit in selected] == case["selected_1based"]


def test_systematic_selection_agrees_with_r():
    example = SAMPLING["UPsys"]
    probabilities = {str(i): Fraction(str(p)) for i, p in enumerate(example["pik"], start=1)}
    for seed in range(1, 6):
        case = example[f"seed{seed}"]
        selected = select_systematically(probabilities, start=Fraction(case["u"]))
        assert [int(unit) for unit in selected] == case["sel"]


def test_pairs_are_selected_as_often_as_r_states():
    example = SAMPLING["UPsys"]
    probabilities = {str(i): Fraction(str(p)) for i, p in enumerate(example["pik"])}
    steps = 1000
    together = [[0] * 6 for _ in range(6)]
    for step in range(steps):
        selected = select_systematically(probabilities, start=Fraction(2 * step + 1, 2 * steps))
        for one in map(int, selected):
            for other in map(int, selected):
                together[one][other] += 1
    assert [[count / steps for count in row] for row in together] == [
        pytest.approx(row, abs=1e-9) for row in example["pi2"]
    ]


def test_a_share_just_above_one_is_certain():
    assert inclusion_probabilities({"a": 3, "b": 1, "c": 1}, 2) == {
        "a": 1,
        "b": Fraction(1, 2),
        "c": Fraction(1, 2),
    }


@settings(max_examples=100)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=20), st.data())
def test_as_many_units_are_selected_as_asked_whatever_the_start(sizes, data):
    units = {str(i): size for i, size in enumerate(sizes)}
    n = data.draw(st.integers(0, sum(size > 0 for size in sizes)))
    probabilities = inclusion_probabilities(units, n)
    assert sum(probabilities.values()) == n
    start = data.draw(st.fractions(0, 1).filter(lambda fraction: fraction < 1))
    selected = select_systematically(probabilities, start=start)
    assert len(selected) == len(set(selected)) == n
    assert all(probabilities[unit] > 0 for unit in selected)
    assert {unit for unit, p in probabilities.items() if p == 1} <= set(selected)


def test_too_few_units_are_refused():
    with pytest.raises(TooFewError):
        inclusion_probabilities({"a": 5, "b": 0}, 2)


@pytest.mark.parametrize(
    ("probabilities", "start", "name"),
    [
        ({"a": Fraction(1, 2), "b": Fraction(1, 2)}, Fraction(1), "start"),
        ({"a": Fraction(1, 2), "b": Fraction(1, 3)}, Fraction(0), "probabilities"),
        ({"a": Fraction(3, 2), "b": Fraction(1, 2)}, Fraction(0), "a"),
    ],
)
def test_a_broken_argument_is_refused_by_name(probabilities, start, name):
    with pytest.raises(ArgumentError) as refusal:
        select_systematically(probabilities, start=start)
    assert refusal.value.name == name


def test_the_smallest_numbers_are_selected_in_the_order_of_the_items():
    assert select_smallest("abcde", 3, number="eadbc".index) == ["a", "d", "e"]
