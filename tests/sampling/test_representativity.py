"""R-indicators say how far those who answered differ from those who were asked."""

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import ArgumentError, r_indicator

GROUPS = [(band, place) for band in ("primary", "junior") for place in ("town", "rural")]


def indicator(rates, *, invited=100, **options):
    asked = dict.fromkeys(GROUPS, invited)
    came = {group: int(rate * invited) for group, rate in zip(GROUPS, rates, strict=True)}
    return r_indicator(asked, came, variables=["band", "locality"], **options)


def test_equal_rates_are_representative_however_low():
    for rate in (Fraction(1, 10), Fraction(1, 2), Fraction(1)):
        found = indicator([rate] * 4)
        assert (found.r, found.r_adjusted, found.variance) == (1, 1, 0)
        assert {one.between for one in found.partial} == {one.within for one in found.partial} == {0}


def test_half_certain_and_half_never_is_the_worst():
    found = indicator([1, 0, 1, 0])
    assert (found.rate, found.r) == (Fraction(1, 2), 0.0)
    assert [(one.between, one.within) for one in found.partial] == [(0, 0), (0.5, 0.5)]


def test_a_hand_worked_example():
    """Rates 0.9, 0.6, 0.8, 0.5 in equal groups: mean 0.7, S² = (0.04 + 0.01 + 0.01 + 0.04) / 4 = 0.025.

    Chance adds (0.09 + 0.24 + 0.16 + 0.25) / 4 / 100 − 0.025 / 400.
    """
    found = indicator([Fraction(9, 10), Fraction(6, 10), Fraction(8, 10), Fraction(5, 10)])
    assert found.rate == Fraction(7, 10)
    assert found.variance == Fraction(25, 1000)
    assert found.bias == Fraction(185, 100_000) - Fraction(25, 400_000)
    assert found.r == pytest.approx(1 - 2 * math.sqrt(0.025))
    assert found.r_adjusted == pytest.approx(1 - 2 * math.sqrt(0.025 - 0.00185 + 0.0000625))
    band, locality = found.partial
    assert (band.between, locality.between) == (pytest.approx(0.05), pytest.approx(0.15))
    assert (band.within, locality.within) == (pytest.approx(0.05), pytest.approx(0.15))
    assert band.levels == {
        "primary": pytest.approx(math.sqrt(0.5) * 0.05),
        "junior": pytest.approx(-math.sqrt(0.5) * 0.05),
    }


def test_groups_count_by_the_people_they_stand_for():
    people = dict(zip(GROUPS, (1000, 3000, 1000, 3000), strict=True))
    found = indicator([1, Fraction(1, 2)] * 2, people=people)
    assert found.rate == Fraction(5, 8)
    assert found.variance == Fraction(3, 64) * Fraction(8000, 7999)
    assert found.groups[1].share == Fraction(3, 8)


def test_the_adjustment_takes_off_what_chance_adds():
    """Over all outcomes of six invitations in each of two groups it comes nearer the truth."""
    truth, plain, adjusted = 0.25 * (0.8 - 0.6) ** 2, 0.0, 0.0
    for first, second in product(range(7), repeat=2):
        chance = math.comb(6, first) * 0.8**first * 0.2 ** (6 - first)
        chance *= math.comb(6, second) * 0.6**second * 0.4 ** (6 - second)
        found = r_indicator({("a",): 6, ("b",): 6}, {("a",): first, ("b",): second}, variables=["group"])
        plain += chance * float(found.variance)
        adjusted += chance * float(found.variance - found.bias)
    assert plain - truth > 0.015
    assert abs(adjusted - truth) < 0.6 * (plain - truth)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=4, max_size=4))
def test_the_parts_of_the_variance_add_up(counts):
    asked = {group: n for group, (n, _) in zip(GROUPS, counts, strict=True)}
    came = {group: min(n, k) for group, (n, k) in zip(GROUPS, counts, strict=True)}
    found = r_indicator(asked, came, variables=["band", "locality"])
    band, locality = found.partial
    assert 0 <= found.r <= 1
    assert band.between**2 + locality.within**2 == pytest.approx(float(found.variance), abs=1e-12)
    assert sum(level**2 for level in band.levels.values()) == pytest.approx(band.between**2, abs=1e-12)


def test_one_variable_has_no_others_to_be_seen_beside():
    (only,) = r_indicator({("a",): 5, ("b",): 5}, {("a",): 2}, variables=["group"]).partial
    assert only.within is None
    assert only.between == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("invited", "answered", "options"),
    [
        ({}, {}, {}),
        ({("a",): 0}, {}, {}),
        ({("a",): 5}, {("a",): 6}, {}),
        ({("a",): 5}, {("a",): -1}, {}),
        ({("a",): 5}, {("b",): 1}, {}),
        ({"a": 5}, {}, {}),
        ({("a", "b"): 5}, {}, {}),
        ({("a",): 5}, {}, {"people": {("a",): 4}}),
        ({("a",): 5}, {}, {"people": {}}),
    ],
)
def test_impossible_counts_are_refused(invited, answered, options):
    with pytest.raises(ArgumentError):
        r_indicator(invited, answered, variables=["group"], **options)
