"""The sample size is exact, and every step of it can be followed."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, Population, sample_size

PER_MILLE = Fraction(15, 10_000)


@pytest.mark.parametrize(
    ("population", "n"),
    [
        (360_000, 540),
        (1_067_905, 1602),
        (153_657, 231),
        (66_824, 101),
        (400_000, 600),
        (2_000, 3),
        (2_001, 4),
        (1, 1),
    ],
)
def test_a_county_asks_one_and_a_half_per_mille_rounded_up(population, n):
    assert sample_size(population, rate=PER_MILLE).n == n


def test_every_step_is_kept():
    size = sample_size(153_657, rate=PER_MILLE, floor=300, cap=500)
    assert size.steps == (
        ("population", 153_657),
        ("rate", Fraction(3, 2000)),
        ("exact", Fraction(460_971, 2000)),
        ("rounded", 231),
        ("after_floor", 300),
        ("after_cap", 300),
    )


def test_a_cap_lowers_and_a_floor_raises():
    assert sample_size(1_067_905, rate=PER_MILLE, cap=1000).n == 1000
    assert sample_size(66_824, rate=PER_MILLE, floor=600).n == 600


def test_nobody_is_asked_twice_when_the_floor_exceeds_the_people():
    size = sample_size(250, rate=PER_MILLE, floor=300)
    assert (size.after_cap, size.n, size.steps[-1]) == (300, 250, ("within_population", 250))


def test_the_size_is_exact_for_every_population_up_to_five_million():
    """Between the populations where the next questionnaire begins the size is constant: check both sides."""
    last = math.ceil(5_000_000 * PER_MILLE)
    for n in range(1, last):
        most = n * 2000 // 3
        assert sample_size(most, rate=PER_MILLE).n == n
        assert sample_size(most + 1, rate=PER_MILLE).n == n + 1
    assert sample_size(5_000_000, rate=PER_MILLE).n == last == 7500


@settings(max_examples=300)
@given(st.integers(1, 5_000_000))
def test_the_size_is_the_least_whole_number_that_is_enough(population):
    n = sample_size(population, rate=PER_MILLE).n
    assert n * 2000 >= population * 3 > (n - 1) * 2000
    assert n == math.ceil(Decimal(population) * Decimal("0.0015"))


@settings(max_examples=100)
@given(st.integers(1, 4_999_999), st.integers(0, 10_000))
def test_more_people_never_mean_a_smaller_sample(population, more):
    assert sample_size(population, rate=PER_MILLE).n <= sample_size(population + more, rate=PER_MILLE).n


@settings(max_examples=100)
@given(
    st.integers(1, 5_000_000),
    st.fractions(Fraction(1, 10_000), 1),
    st.integers(1, 2000),
    st.integers(0, 2000),
)
def test_a_higher_rate_or_floor_never_means_a_smaller_sample(population, rate, floor, room):
    size = sample_size(population, rate=rate, floor=floor, cap=floor + room)
    assert min(floor, population) <= size.n <= floor + room
    assert sample_size(population, rate=min(Fraction(1), 2 * rate), floor=floor, cap=floor + room).n >= size.n
    assert sample_size(population, rate=rate, floor=floor + room, cap=floor + room).n >= size.n


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"population": 0}, "population"),
        ({"population": -5}, "population"),
        ({"population": 360_000.0}, "population"),
        ({"population": True}, "population"),
        ({"rate": 0.0015}, "rate"),
        ({"rate": Fraction(0)}, "rate"),
        ({"rate": Fraction(3, 2)}, "rate"),
        ({"floor": 0}, "floor"),
        ({"floor": 600, "cap": 300}, "cap"),
    ],
)
def test_a_broken_argument_is_refused_by_name(arguments, name):
    with pytest.raises(ArgumentError) as refusal:
        sample_size(**{"population": 360_000, "rate": PER_MILLE} | arguments)
    assert refusal.value.facts["name"] == name
    assert refusal.value.facts["value"] == arguments[name]


def test_a_population_refuses_negative_groups_and_no_residents():
    with pytest.raises(ArgumentError, match="teacher"):
        Population(residents=10, groups={"teacher": -1})
    with pytest.raises(ArgumentError, match="residents"):
        Population(residents=0)
