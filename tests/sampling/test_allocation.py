"""A sample is shared among strata by the published rules, within bounds, and nothing is lost."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import ArgumentError, TooFewError, allocate

TESTS = Path(__file__).parents[1]
EXAMPLE = json.loads((TESTS / "golden" / "examples.json").read_text(encoding="utf-8"))["allocation"]
SIZES = {f"h{place}": size for place, size in enumerate(EXAMPLE["Nh"])}
SPREADS = {f"h{place}": spread for place, spread in enumerate(EXAMPLE["Sh"])}


def shares(allocation):
    return [float(share) for share in allocation.exact.values()]


def test_neyman_agrees_with_the_published_example_and_is_rounded_by_hamilton():
    made = allocate(EXAMPLE["n"], SIZES, method="neyman", spreads=SPREADS)
    assert shares(made) == pytest.approx(EXAMPLE["neyman"], rel=1e-12)
    assert list(made.n.values()) == EXAMPLE["neyman_hamilton"]


def test_proportional_agrees_with_the_published_example():
    assert shares(allocate(EXAMPLE["n"], SIZES)) == pytest.approx(EXAMPLE["proportional"], rel=1e-12)


@pytest.mark.parametrize("exponent", sorted(EXAMPLE["power"]))
def test_power_agrees_with_the_published_example(exponent):
    made = allocate(EXAMPLE["n"], SIZES, method="power", exponent=Fraction(exponent))
    assert shares(made) == pytest.approx(EXAMPLE["power"][exponent], rel=1e-12)


def test_equal_is_the_power_of_zero():
    equal = allocate(EXAMPLE["n"], SIZES, method="equal")
    assert equal.n == allocate(EXAMPLE["n"], SIZES, method="power", exponent=Fraction(0)).n
    assert sorted(equal.n.values()) == [16, 16, 17, 17, 17, 17]


def test_a_full_stratum_passes_on_what_it_cannot_take():
    made = allocate(100, {"a": 10, "b": 300, "c": 300}, method="equal")
    assert (made.n, made.cut, made.raised) == ({"a": 10, "b": 45, "c": 45}, ("a",), ())


def test_a_raised_stratum_takes_from_the_others_in_proportion():
    made = allocate(100, {"a": 10, "b": 600, "c": 300}, at_least=10)
    assert (made.n, made.raised) == ({"a": 10, "b": 60, "c": 30}, ("a",))


def test_an_empty_stratum_gets_nothing_even_where_each_needs_some():
    assert allocate(30, {"a": 0, "b": 20, "c": 20}, at_least=5).n == {"a": 0, "b": 15, "c": 15}


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.data())
def test_nothing_is_lost_and_every_bound_is_kept(sizes, data):
    strata = {str(place): size for place, size in enumerate(sizes)}
    least = data.draw(st.integers(0, 5))
    floors = {name: min(least, size) for name, size in strata.items()}
    total = data.draw(st.integers(sum(floors.values()), sum(sizes)))
    method = data.draw(st.sampled_from(["proportional", "equal", "power"]))
    made = allocate(total, strata, method=method, at_least=least)
    assert sum(made.n.values()) == total
    assert all(floors[name] <= n <= strata[name] for name, n in made.n.items())
    if not made.cut and not made.raised:
        assert all(abs(n - made.exact[name]) < 1 for name, n in made.n.items())


@given(st.lists(st.integers(0, 300), min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_strata_changes_nothing_when_no_remainders_are_equal(sizes, shuffle):
    strata = {str(place): size for place, size in enumerate(sizes)}
    total = sum(sizes) // 3
    remainders = [Fraction(total * size, sum(sizes)) % 1 for size in sizes]
    names = list(strata)
    shuffle.shuffle(names)
    if len(set(remainders)) == len(remainders):
        assert allocate(total, {name: strata[name] for name in names}).n == allocate(total, strata).n


@given(st.integers(0, 10**12), st.integers(1, 9))
def test_roots_are_exact(base, root):
    made = allocate(
        1, {"a": base**root, "b": 1}, method="power", exponent=Fraction(1, root), at_most={"a": 1, "b": 1}
    )
    assert made.exact["a"] == Fraction(base, base + 1)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"method": "optimal"}, "method"),
        ({"total": -1}, "total"),
        ({"at_least": -1}, "at_least"),
        ({"at_least": 6}, "total"),
        ({"sizes": {"a": 1.5}}, "a"),
        ({"method": "neyman"}, "spreads"),
        ({"method": "neyman", "spreads": {"a": 0.5, "b": 1}}, "spreads a"),
        ({"method": "neyman", "spreads": {"z": 1}}, "spreads"),
        ({"method": "power", "exponent": 0.5}, "exponent"),
        ({"method": "power", "exponent": Fraction(3, 2)}, "exponent"),
        ({"method": "power", "exponent": Fraction(1, 101)}, "exponent"),
    ],
)
def test_a_broken_argument_is_refused_by_name(arguments, name):
    given_ = {"total": 10, "sizes": {"a": 20, "b": 20}} | arguments
    with pytest.raises(ArgumentError) as refusal:
        allocate(given_.pop("total"), given_.pop("sizes"), **given_)
    assert refusal.value.name == name


def test_more_places_than_people_are_refused_with_the_numbers():
    with pytest.raises(TooFewError) as refusal:
        allocate(50, {"a": 20, "b": 20})
    assert refusal.value.facts == {"where": "strata", "wanted": 50, "available": 40}
