"""Planned half-widths and sizes agree with the books and with what samples do."""

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import (
    ArgumentError,
    invitations,
    power_to_tell,
    precision,
    size_for_half_width,
    size_to_tell,
)

TESTS = Path(__file__).parents[1]
EXAMPLE = json.loads((TESTS / "golden" / "examples.json").read_text(encoding="utf-8"))["size_prop"]


def test_a_size_agrees_with_the_published_example_at_every_step():
    plain = size_for_half_width(EXAMPLE["e"], rate=EXAMPLE["p"])
    assert (plain.base, plain.n) == (pytest.approx(EXAMPLE["n0"], rel=1e-10), EXAMPLE["n0_ceil"])
    finite = size_for_half_width(EXAMPLE["e"], rate=EXAMPLE["p"], population=3000)
    assert finite.with_population == pytest.approx(EXAMPLE["N3000"], rel=1e-10)
    clustered = size_for_half_width(EXAMPLE["e"], rate=EXAMPLE["p"], design_effect=1.5)
    assert clustered.with_design_effect == pytest.approx(EXAMPLE["deff1_5"], rel=1e-10)
    assert invitations(clustered.n, response_rate=Fraction(8, 10)) == math.ceil(577 / 0.8)
    assert clustered.with_design_effect / 0.8 == pytest.approx(EXAMPLE["response_0_8"], rel=1e-10)


@pytest.mark.parametrize(("design_effect", "points"), [(1, 3.01), (2, 4.26), (4, 6.02)])
def test_the_half_width_of_a_county_at_85_percent(design_effect, points):
    found = precision(540, rate=0.85, design_effect=design_effect).half_width * 100
    assert found == pytest.approx(points, abs=0.005)


@given(
    st.floats(0.01, 0.99),
    st.floats(0.005, 0.3),
    st.floats(0.5, 10),
    st.one_of(st.none(), st.integers(50, 10**7)),
)
def test_a_size_and_its_half_width_lead_to_each_other(rate, half_width, design_effect, population):
    given_ = {"rate": rate, "design_effect": design_effect, "population": population}
    size = size_for_half_width(half_width, **given_)
    assert precision(size.n, **given_).half_width <= half_width * (1 + 1e-9)
    if size.n > 1:
        assert precision(size.n - 1, **given_).half_width > half_width * (1 - 1e-9)


@pytest.mark.parametrize("true_rate", [0.86, 0.88, 0.90])
def test_the_exact_binomial_test_has_nearly_the_planned_power(true_rate):
    from scipy.stats import binom

    n = size_to_tell(true_rate, from_rate=0.85).n
    told_from = 0.85 * n + 1.959964 * math.sqrt(n * 0.85 * 0.15)
    assert binom.sf(math.floor(told_from), n, true_rate) == pytest.approx(0.8, abs=0.02)


@given(
    st.floats(0.05, 0.95),
    st.floats(0.05, 0.95),
    st.floats(0.5, 6),
    st.floats(0.55, 0.99),
    st.one_of(st.none(), st.integers(1000, 10**7)),
)
def test_a_size_has_the_power_it_was_made_for(true_rate, from_rate, design_effect, power, population):
    if abs(true_rate - from_rate) < 0.001:
        return
    given_ = {"from_rate": from_rate, "design_effect": design_effect, "population": population}
    n = size_to_tell(true_rate, power=power, **given_).n
    assert power_to_tell(true_rate, n=n, **given_) >= power - 1e-9


def test_a_design_effect_multiplies_the_size_to_tell():
    one, four = (size_to_tell(0.88, from_rate=0.85, design_effect=d) for d in (1, 4))
    assert four.with_design_effect == pytest.approx(4 * one.base)
    assert (one.n, four.n) == (1053, 4211)


def test_everybody_asked_leaves_no_doubt():
    assert precision(65, rate=0.85, population=65).half_width == 0
    assert power_to_tell(0.86, from_rate=0.85, n=65, population=65) == 1


@given(st.integers(0, 10**6), st.fractions(Fraction(1, 100), 1))
def test_invitations_are_the_least_that_are_enough(n, response_rate):
    invited = invitations(n, response_rate=response_rate)
    assert invited * response_rate >= n > (invited - 1) * response_rate or (n, invited) == (0, 0)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: precision(0, rate=0.85), "n"),
        (lambda: precision(10, rate=1.0), "rate"),
        (lambda: precision(10, rate=0.85, design_effect=0), "design_effect"),
        (lambda: precision(10, rate=0.85, design_effect=math.nan), "design_effect"),
        (lambda: precision(10, rate=0.85, level=95), "level"),
        (lambda: precision(10, rate=0.85, population=9), "n"),
        (lambda: size_for_half_width(0, rate=0.85), "half_width"),
        (lambda: size_to_tell(0.85, from_rate=0.85), "true_rate"),
        (lambda: size_to_tell(1.0, from_rate=0.85), "true_rate"),
        (lambda: size_to_tell(0.9, from_rate=0.85, power=1), "power"),
        (lambda: power_to_tell(0.9, from_rate=0.85, n=10, population=9), "n"),
        (lambda: invitations(-1, response_rate=Fraction(1, 2)), "n"),
        (lambda: invitations(10, response_rate=0.8), "response_rate"),
        (lambda: invitations(10, response_rate=Fraction(0)), "response_rate"),
    ],
)
def test_a_broken_argument_is_refused_by_name(call, name):
    with pytest.raises(ArgumentError) as refusal:
        call()
    assert refusal.value.name == name
