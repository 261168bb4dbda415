"""Weights are inverse probabilities, and few answers are looked at together."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import (
    ArgumentError,
    base_weight,
    draw_sample,
    invited_weight,
    kish_design_effect,
    pool_psus,
    pool_weights,
)
from tests.sampling import county
from tests.sampling.reference import DESIGNS, EXAMPLES, SURVEY, api

PARENTS = draw_sample(county.frame(), county.PLAN, seed="2026").of("parent")


def pools(counts, **options):
    return [(pool.psus, pool.n) for pool in pool_psus({"h": counts}, **options).pools]


def test_the_weight_is_the_inverse_of_the_probability():
    assert base_weight(Fraction(9, 40)) == Fraction(40, 9)
    for broken in (Fraction(0), Fraction(3, 2)):
        with pytest.raises(ArgumentError, match="probability"):
            base_weight(broken)


def test_invitations_of_a_school_stand_for_its_people_over_its_probability():
    people = invited_weight(PARENTS)
    for stratum in PARENTS.strata:
        for cluster in stratum.drawn:
            assert people[stratum.name, cluster.id] == cluster.size / cluster.probability


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 12, "b": 10}, [(("a",), 12), (("b",), 10)]),
        ({"a": 4, "b": 5, "c": 1, "d": 30}, [(("a", "b", "c"), 10), (("d",), 30)]),
        ({"a": 9, "b": 30, "c": 10}, [(("a", "b"), 39), (("c",), 10)]),
        ({"a": 10, "b": 30, "c": 0, "d": 9}, [(("a",), 10), (("b", "c", "d"), 39)]),
        ({"a": 3, "b": 4}, [(("a", "b"), 7)]),
        ({"a": 0}, [(("a",), 0)]),
        ({}, []),
    ],
)
def test_units_with_few_answers_join_their_neighbours(counts, expected):
    assert pools(counts) == expected


def test_what_was_pooled_and_what_stays_small_is_recorded():
    pooling = pool_psus({"town": {"a": 4, "b": 8, "c": 20}, "rural": {"a": 3, "d": 4}})
    assert [pool.id for pool in pooling.joined] == ["a+b", "a+d"]
    assert [(pool.stratum, pool.n) for pool in pooling.small] == [("rural", 7)]
    assert pooling.of == {
        ("town", "a"): "a+b",
        ("town", "b"): "a+b",
        ("town", "c"): "c",
        ("rural", "a"): "a+d",
        ("rural", "d"): "a+d",
    }


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from("pqr"), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 25), min_size=1)
    ),
    st.integers(1, 20),
)
def test_no_unit_is_lost_and_only_a_whole_stratum_stays_small(counts, minimum):
    pooling = pool_psus(counts, minimum=minimum)
    for stratum, units in counts.items():
        inside = [pool for pool in pooling.pools if pool.stratum == stratum]
        assert [psu for pool in inside for psu in pool.psus] == list(units)
        assert sum(pool.n for pool in inside) == sum(units.values())
        assert all(pool.n >= minimum for pool in inside) or len(inside) == 1


def test_a_pool_weighs_its_invitations_over_its_answers():
    pooling = pool_psus({"h": {"a": 4, "b": 6, "c": 20, "d": 0}})
    people = {
        ("h", "a"): Fraction(100),
        ("h", "b"): Fraction(50),
        ("h", "c"): Fraction(80),
        ("h", "d"): Fraction(20),
    }
    assert pool_weights(pooling, people) == {("h", "a+b"): 15, ("h", "c+d"): 5}


def test_weights_after_pooling_still_stand_for_everybody():
    people = invited_weight(PARENTS)
    answers = {s.name: {c.id: (7 * c.size) % 13 for c in s.drawn} for s in PARENTS.strata}
    pooling = pool_psus(answers)
    weights = pool_weights(pooling, people)
    assert sum(weights[pool.stratum, pool.id] * pool.n for pool in pooling.pools) == sum(people.values())


def test_a_pool_without_answers_has_no_weight_and_a_missing_unit_is_refused():
    pooling = pool_psus({"h": {"a": 0}})
    assert pool_weights(pooling, {("h", "a"): Fraction(5)}) == {}
    with pytest.raises(ArgumentError, match="every pooled unit"):
        pool_weights(pooling, {})


def test_a_negative_number_of_answers_is_refused():
    with pytest.raises(ArgumentError, match="-1"):
        pool_psus({"h": {"a": -1}})


def test_the_design_effect_of_weights_agrees_with_kish_and_r():
    example = EXAMPLES["kish"]
    assert kish_design_effect(example["w"]) == pytest.approx(example["deff_w"], rel=1e-12)
    assert len(example["w"]) / kish_design_effect(example["w"]) == pytest.approx(example["ess"], rel=1e-12)
    for name, (table, _) in DESIGNS.items():
        found = kish_design_effect(api(table)["pw"])
        assert found == pytest.approx(SURVEY["results"][name]["kish_deff_w"], rel=1e-6)
    with pytest.raises(ArgumentError):
        kish_design_effect([])
