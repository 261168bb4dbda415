"""Strata are as fine as the sample can bear, and the reason against a finer choice is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import FrameUnit, TooFewError, stratify
from tests.sampling import county


def school(name, size, *, band="primary", locality="town"):
    return FrameUnit(group="parent", id=name, band=band, locality=locality, size=size)


def summary(chosen):
    return [(stratum.name, stratum.n, stratum.draws) for stratum in chosen.strata]


def test_a_large_sample_is_stratified_by_band_and_locality():
    chosen = stratify(county.frame().of("parent"), 800)
    assert chosen.by == ("band", "locality")
    assert len(chosen.strata) == 6
    assert chosen.rejected == ()


def test_a_stratum_with_too_few_places_sends_the_choice_one_step_back():
    chosen = stratify(county.frame().of("parent"), 100)
    assert chosen.by == ("band",)
    (against,) = chosen.rejected
    assert (against.by, against.reason, against.needed) == (("band", "locality"), "too_few_places", 20)
    assert against.found < 20


def test_a_single_school_of_its_kind_is_taken_with_certainty():
    units = [school(f"p{i}", 300) for i in range(8)] + [school("j", 500, band="junior")]
    chosen = stratify(units, 60)
    assert chosen.by == ("band", "locality")
    assert summary(chosen) == [("junior·town", 10, 1), ("primary·town", 50, 5)]


def test_a_single_school_with_fewer_than_ten_places_is_not_a_stratum():
    units = [school(f"p{i}", 300) for i in range(8)] + [school("j", 300, band="junior")]
    chosen = stratify(units, 60)
    assert chosen.by == ()
    assert [(one.stratum, one.found, one.needed) for one in chosen.rejected] == [
        ("junior·town", 7, 10),
        ("junior", 7, 10),
    ]


def test_schools_too_small_to_fill_two_clusters_are_not_a_stratum():
    units = [school(f"p{i}", 300) for i in range(8)]
    units += [school("j1", 290, band="junior"), school("j2", 8, band="junior")]
    (against, _) = stratify(units, 180).rejected
    assert (against.stratum, against.reason, against.found) == ("junior·town", "too_few_clusters", 1)


def test_the_whole_county_is_taken_for_want_of_anything_coarser():
    chosen = stratify([school("a", 30), school("b", 40)], 15)
    assert summary(chosen) == [("all", 15, 1)]
    assert [one.by for one in chosen.rejected] == [("band", "locality"), ("band",), ()]


def test_schools_without_people_are_left_out():
    (stratum,) = stratify([school("a", 0), school("b", 200), school("c", 200)], 40).strata
    assert [cluster.id for cluster in stratum.clusters] == ["b", "c"]


def test_a_school_one_short_of_its_places_is_linked():
    (stratum,) = stratify([school("a", 12), school("b", 40), school("c", 40)], 25).strata
    assert [[unit.id for unit in cluster.units] for cluster in stratum.clusters] == [["a", "b"], ["c"]]
    assert stratum.draws == 2


def test_more_places_than_people_are_refused():
    with pytest.raises(TooFewError) as refusal:
        stratify([school("a", 30)], 31)
    assert refusal.value.facts == {"where": "people", "wanted": 31, "available": 30}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 400), st.sampled_from(["primary", "junior"]), st.sampled_from(["town", "rural"])
        ),
        min_size=1,
        max_size=25,
    ),
    st.data(),
)
def test_every_cluster_can_fill_its_places_and_nobody_is_lost(kinds, data):
    units = [school(f"s{i}", size, band=band, locality=place) for i, (size, band, place) in enumerate(kinds)]
    people = sum(unit.size for unit in units)
    if people == 0:
        return
    n = data.draw(st.integers(1, min(people, 300)))
    chosen = stratify(units, n)
    assert sum(stratum.n for stratum in chosen.strata) == n
    linked = [unit.id for stratum in chosen.strata for cluster in stratum.clusters for unit in cluster.units]
    assert sorted(linked) == sorted(unit.id for unit in units if unit.size)
    for stratum in chosen.strata:
        assert stratum.draws <= len(stratum.clusters)
        if stratum.draws:
            assert min(cluster.size for cluster in stratum.clusters) >= -(-stratum.n // stratum.draws)
            assert stratum.draws == 1 or stratum.n // stratum.draws >= 10
