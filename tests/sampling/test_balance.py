"""Bands about equal, localities as the residents, quotas untouched; whatever departs is told."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, balance, quotas

GROUPS = ["parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public"]
BANDED = ["parent", "student", "teacher", "principal"]
BANDS = ["primary", "junior"]
LOCALITIES = {"urban": 151_233, "town": 118_901, "rural": 89_866}


def margins(made, kind):
    return {margin.name: margin.n for margin in made.margins if margin.kind == kind}


def test_a_county_is_balanced_three_ways_at_once():
    plan = quotas(540, groups=GROUPS, sizes={"principal": 12})
    made = balance(plan.n, bands=BANDS, banded=BANDED, localities=LOCALITIES)
    assert margins(made, "group") == dict(plan.n)
    assert margins(made, "band") == {"primary": 193, "junior": 193}
    assert margins(made, "locality") == {"urban": 227, "town": 178, "rural": 135}
    assert made.notes == ()
    assert all(margin.adjacent for margin in made.margins)


@settings(max_examples=60)
@given(
    st.integers(1, 3000),
    st.integers(1, 3),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4).filter(any),
    st.integers(0, 7),
)
def test_without_full_cells_every_margin_is_adjacent_and_every_quota_exact(total, bands, sizes, banded):
    plan = quotas(total, groups=GROUPS)
    names = [str(band) for band in range(bands)]
    places = {f"l{place}": size for place, size in enumerate(sizes)}
    made = balance(plan.n, bands=names, banded=GROUPS[:banded], localities=places)
    assert margins(made, "group") == dict(plan.n)
    assert all(margin.adjacent for margin in made.margins)
    assert made.notes == ()
    assert sum(made.n.values()) == total


def test_one_way_balances_are_largest_remainders():
    made = balance({"parent": 100}, localities={"urban": 333, "town": 333, "rural": 334})
    assert margins(made, "locality") == {"urban": 33, "town": 33, "rural": 34}
    assert made.n == {("parent", "", "urban"): 33, ("parent", "", "town"): 33, ("parent", "", "rural"): 34}


def test_a_plan_without_balances_is_its_quotas():
    assert balance({"parent": 7, "public": 3}).n == {("parent", "", ""): 7, ("public", "", ""): 3}


def test_a_full_cell_is_asked_in_full_and_other_groups_keep_the_balances():
    made = balance(
        {"parent": 200, "teacher": 40},
        bands=BANDS,
        banded=["parent", "teacher"],
        localities={"urban": 1, "rural": 1},
        available={("teacher", "junior", "rural"): 3},
    )
    assert made.n["teacher", "junior", "rural"] == 3
    assert margins(made, "band") == {"primary": 120, "junior": 120}
    assert margins(made, "locality") == {"urban": 120, "rural": 120}
    assert [(note.code, note.group, note.band, note.locality, note.value) for note in made.notes] == [
        ("cell_full", "teacher", "junior", "rural", 3)
    ]


def test_what_no_cell_can_hold_is_slack_with_a_note():
    people = {("teacher", band, place): 4 for band in BANDS for place in ("urban", "rural")}
    people["teacher", "junior", "rural"] = 0
    made = balance(
        {"teacher": 20},
        bands=BANDS,
        banded=["teacher"],
        localities={"urban": 1, "rural": 1},
        available=people,
    )
    assert sum(made.n.values()) == 12
    notes = {(note.code, note.band or note.locality or note.group): note.value for note in made.notes}
    assert notes["group_short", "teacher"] == 8
    assert notes["band_off", "junior"] == -6
    assert notes["locality_off", "rural"] == -6
    assert [margin.slack for margin in made.margins] == [-8, -2, -6, -2, -6]


def test_slack_is_exact():
    made = balance({"parent": 101}, bands=BANDS, banded=["parent"])
    assert [margin.slack for margin in made.margins if margin.kind == "band"] in (
        [Fraction(1, 2), Fraction(-1, 2)],
        [Fraction(-1, 2), Fraction(1, 2)],
    )
    assert all(math.floor(margin.exact) <= margin.n <= math.ceil(margin.exact) for margin in made.margins)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"quotas": {}}, "quotas"),
        ({"quotas": {"parent": -1}}, "parent"),
        ({"bands": ["primary", "primary"]}, "bands"),
        ({"bands": [""]}, "bands"),
        ({"banded": ["teacher"]}, "banded"),
        ({"localities": {"urban": 0}}, "localities"),
        ({"localities": {"urban": -4}}, "localities urban"),
        ({"available": {("parent", "primary", "moon"): 3}}, "available"),
        ({"available": {("parent", "", "urban"): 3}}, "available"),
        ({"available": {("parent", "primary", "urban"): -3}}, "available"),
    ],
)
def test_a_broken_argument_is_refused_by_name(change, name):
    given_ = {
        "quotas": {"parent": 9},
        "bands": BANDS,
        "banded": ["parent"],
        "localities": {"urban": 2, "rural": 1},
    } | change
    with pytest.raises(ArgumentError) as refusal:
        balance(given_.pop("quotas"), **given_)
    assert refusal.value.name == name


@settings(max_examples=60)
@given(st.data())
def test_no_group_takes_the_places_that_another_cannot_fill(data):
    plan = {"parent": data.draw(st.integers(1, 60)), "student": data.draw(st.integers(1, 40))}
    localities = data.draw(st.sampled_from([None, LOCALITIES]))
    places = localities or ("",)
    counts = st.integers(0, 40)
    people = {(group, band, place): data.draw(counts) for group in plan for band in BANDS for place in places}
    made = balance(plan, bands=BANDS, banded=list(plan), localities=localities, available=people)
    assert margins(made, "group") == {
        group: min(n, sum(size for key, size in people.items() if key[0] == group))
        for group, n in plan.items()
    }
