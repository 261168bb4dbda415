"""The reserve follows from the numbers of the draw; replacement keeps its order and its record."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import (
    Frame,
    FrameUnit,
    GroupPlan,
    Replacement,
    ReplacementError,
    TooFewError,
    Uniforms,
    check_replacements,
    draw_sample,
    final_places,
    replace_place,
)
from tests.sampling import county

FRAME = county.frame()
PLANS = {
    "simple": GroupPlan(group="deputy", n=45, method="simple", reserve=20),
    "stratified": GroupPlan(group="parent", n=60, method="stratified", by=("band",), reserve=20),
    "systematic": GroupPlan(group="parent", n=60, method="systematic", reserve=20),
    "two_stage": GroupPlan(group="parent", n=60, method="two_stage", reserve=20),
}
DRAWS = {name: draw_sample(FRAME, [plan], seed="2026").draws[0] for name, plan in PLANS.items()}


@pytest.mark.parametrize("name", PLANS)
def test_the_sample_is_the_same_with_and_without_a_reserve(name):
    draw = DRAWS[name]
    values = {
        key: getattr(draw.plan, key)
        for key in ("group", "n", "method", "by", "candidates", "order", "minimum")
    }
    (alone,) = draw_sample(FRAME, [GroupPlan(**values)], seed="2026").draws
    assert alone.places == draw.places
    assert not alone.reserve


@pytest.mark.parametrize("name", PLANS)
def test_the_reserve_holds_others_in_turns_from_one(name):
    draw = DRAWS[name]
    ids = [place.id for place in (*draw.places, *draw.reserve)]
    assert len(ids) == len(set(ids)) == draw.plan.n + 20
    pools = {draw.pool_of(place) for place in draw.places}
    for pool in {place.pool for place in draw.reserve}:
        assert pool in pools
        turns = [place.turn for place in draw.reserve if place.pool == pool]
        assert turns == list(range(1, len(turns) + 1))


def test_the_reserve_of_a_simple_draw_has_the_next_smallest_numbers():
    numbers = Uniforms("2026", frame_digest=FRAME.digest)
    ranked = sorted(range(1, 301), key=lambda number: numbers.number("deputy:places", f"county#{number}"))
    assert [place.number for place in DRAWS["simple"].reserve] == ranked[45:65]


def test_pools_share_the_reserve_as_they_share_the_places():
    draw = DRAWS["stratified"]
    shares = Counter(place.pool for place in draw.reserve)
    assert all(abs(shares[stratum.name] - stratum.n / 3) < 1 for stratum in draw.strata)


def test_a_pool_asked_in_full_leaves_its_reserve_to_the_others():
    units = [
        FrameUnit(group="teacher", id=band, band=band, size=size) for band, size in (("a", 5), ("b", 95))
    ]
    plan = GroupPlan(
        group="teacher",
        n=25,
        method="stratified",
        by=("band",),
        allocation="stated",
        stated=(("a", 5), ("b", 20)),
        reserve=10,
    )
    (draw,) = draw_sample(Frame(units), [plan], seed="1").draws
    assert Counter(place.pool for place in draw.reserve) == {"b": 10}


def test_a_reserve_larger_than_what_is_left_is_refused():
    plan = GroupPlan(group="principal", n=8, method="simple", reserve=5)
    with pytest.raises(TooFewError) as refusal:
        draw_sample(FRAME, [plan], seed="1")
    assert refusal.value.facts == {"where": "principal", "wanted": 13, "available": 12}


@pytest.mark.parametrize("name", PLANS)
def test_places_are_replaced_by_the_turns_of_their_own_pool(name):
    draw = DRAWS[name]
    pool = draw.reserve[-1].pool
    turns = [place.id for place in draw.reserve if place.pool == pool]
    gone = [place.id for place in draw.places if draw.pool_of(place) == pool][: len(turns)]
    record: list[Replacement] = []
    for place in gone:
        record.append(replace_place(draw, place, reason="moved", record=record))
    assert [entry.by for entry in record] == turns
    check_replacements(draw, record)
    final = final_places(draw, record)
    assert len({place.id for place in final}) == len(draw.places)
    assert {place.id for place in final} == {place.id for place in draw.places} - set(gone) | set(turns)
    assert Counter(place.stratum for place in final) == Counter(place.stratum for place in draw.places)


def test_a_replacement_that_cannot_be_reached_is_replaced_in_its_turn():
    draw = DRAWS["simple"]
    first = replace_place(draw, draw.places[3].id, reason="moved")
    second = replace_place(draw, first.by, reason="ill", record=[first])
    assert (first.by, second.by) == tuple(place.id for place in draw.reserve[:2])
    assert final_places(draw, [first, second])[3] == draw.reserve[1]


@given(st.lists(st.integers(0, 44), unique=True, max_size=20))
def test_whatever_is_replaced_in_order_passes_the_check(gone):
    draw = DRAWS["simple"]
    record: list[Replacement] = []
    for position in gone:
        record.append(replace_place(draw, draw.places[position].id, reason="moved", record=record))
    assert len(final_places(draw, record)) == 45


def refused(record, place):
    with pytest.raises(ReplacementError) as refusal:
        replace_place(DRAWS["simple"], place, reason="moved", record=record)
    return refusal.value.rule


def test_passing_somebody_over_is_refused_with_whose_turn_it_is():
    draw = DRAWS["simple"]
    skipped = Replacement(place=draw.places[0].id, reason="moved", by=draw.reserve[1].id)
    with pytest.raises(ReplacementError) as refusal:
        check_replacements(draw, [skipped])
    assert refusal.value.facts == {
        "place": draw.reserve[1].id,
        "rule": "out_of_turn",
        "expected": draw.reserve[0].id,
    }


def test_a_stranger_a_second_replacement_and_an_empty_reserve_are_refused():
    draw = DRAWS["simple"]
    record: list[Replacement] = []
    for place in draw.places[:20]:
        record.append(replace_place(draw, place.id, reason="moved", record=record))
    assert refused(record, draw.places[0].id) == "replaced"
    assert refused(record, draw.places[30].id) == "exhausted"
    assert refused([], "county#9999") == "not_drawn"
    assert refused([], draw.reserve[0].id) == "not_drawn"
