"""The reserve of schools is fixed by seed and frame; replacement keeps its order and the weights."""

import hashlib
from fractions import Fraction

import pytest

from sampling import (
    ArgumentError,
    Frame,
    FrameUnit,
    GroupPlan,
    Replacement,
    ReplacementError,
    check_school_replacements,
    draw_sample,
    replace_school,
    school_reserve,
    stratify,
    substitutes,
)
from tests.sampling import county

FRAME = county.frame()
PLAN = GroupPlan(group="parent", n=60, method="two_stage", minimum=12)
SEED = "2026"
(DRAW,) = draw_sample(FRAME, [PLAN], seed=SEED).draws
RESERVE = school_reserve(DRAW, FRAME, seed=SEED)


def in_turn(draw, reserve, steps):
    record = []
    for cluster in steps:
        record.append(replace_school(draw, cluster, reason="closed", reserve=reserve, record=record))
    return record


def test_every_cluster_is_drawn_or_in_reserve_and_never_both():
    strata = stratify(FRAME.of("parent"), 60, minimum=12).strata
    every = {cluster.id for stratum in strata for cluster in stratum.clusters}
    drawn = {cluster.id for stratum in DRAW.strata for cluster in stratum.drawn}
    assert drawn | {one.id for one in RESERVE} == every
    assert not drawn & {one.id for one in RESERVE}
    for name in {one.stratum for one in RESERVE}:
        turns = [one.turn for one in RESERVE if one.stratum == name]
        assert turns == list(range(1, len(turns) + 1))


def test_the_first_turn_is_what_sha256sum_says():
    first = RESERVE[0]
    text = f"{SEED}\n{FRAME.digest}\nparent:reserve\n{first.stratum}#1"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    strata = {one.name: one for one in stratify(FRAME.of("parent"), 60, minimum=12).strata}
    drawn = {cluster.id for stratum in DRAW.strata for cluster in stratum.drawn}
    left = [one for one in strata[first.stratum].clusters if one.id not in drawn]
    place = number * sum(one.size for one in left) // 2**256
    for one in left:
        if place < one.size:
            assert one.id == first.id
            break
        place -= one.size


def test_large_schools_come_first_more_often():
    units = [FrameUnit(group="parent", id=f"s{n}", band="primary", size=100) for n in range(8)]
    units.append(FrameUnit(group="parent", id="t", band="primary", size=500))
    frame = Frame(units)
    plan = GroupPlan(group="parent", n=24, method="two_stage", minimum=12)
    firsts = []
    for seed in map(str, range(300)):
        (draw,) = draw_sample(frame, [plan], seed=seed).draws
        if "t" not in {one.id for one in draw.strata[0].drawn}:
            firsts.append(school_reserve(draw, frame, seed=seed)[0].id)
    # Six others are left beside it: 500 of 1100 people.
    assert len(firsts) > 30
    assert 0.25 < firsts.count("t") / len(firsts) < 0.65


def test_the_substitute_has_as_many_places_and_stands_for_as_many_people():
    stratum = next(one for one in DRAW.strata if any(r.stratum == one.name for r in RESERVE))
    old = stratum.drawn[0]
    record = in_turn(DRAW, RESERVE, [old.id])
    (made,) = substitutes(DRAW, FRAME, record, seed=SEED)
    assert made.stratum == stratum.name
    assert made.cluster.n == old.n == len(made.places)
    assert made.cluster.size / made.cluster.probability == old.size / old.probability
    assert {place.psu for place in made.places} == {made.cluster.id}
    assert {place.probability for place in made.places} == {
        made.cluster.probability * Fraction(old.n, made.cluster.size)
    }


def test_a_substitute_that_fails_too_is_replaced_by_the_next():
    stratum = next(one for one in DRAW.strata if sum(r.stratum == one.name for r in RESERVE) >= 2)
    turns = [one.id for one in RESERVE if one.stratum == stratum.name]
    record = in_turn(DRAW, RESERVE, [stratum.drawn[0].id, turns[0]])
    assert [entry.by for entry in record] == turns[:2]
    first, second = substitutes(DRAW, FRAME, record, seed=SEED)
    assert first.cluster.size / first.cluster.probability == second.cluster.size / second.cluster.probability


def test_passing_a_school_over_is_refused_by_name():
    stratum = next(one for one in DRAW.strata if sum(r.stratum == one.name for r in RESERVE) >= 2)
    turns = [one.id for one in RESERVE if one.stratum == stratum.name]
    picked = [Replacement(place=stratum.drawn[0].id, reason="closed", by=turns[1])]
    with pytest.raises(ReplacementError) as refused:
        check_school_replacements(DRAW, picked, reserve=RESERVE)
    assert (refused.value.rule, refused.value.expected) == ("out_of_turn", turns[0])


def test_a_reserve_is_used_up_and_nobody_is_replaced_twice():
    units = [FrameUnit(group="parent", id=f"s{n}", band="primary", size=100) for n in range(3)]
    frame = Frame(units)
    plan = GroupPlan(group="parent", n=24, method="two_stage", minimum=12)
    (draw,) = draw_sample(frame, [plan], seed="1").draws
    reserve = school_reserve(draw, frame, seed="1")
    one, other = (cluster.id for cluster in draw.strata[0].drawn)
    record = in_turn(draw, reserve, [one])
    for cluster, rule in ((one, "replaced"), (other, "exhausted"), ("nobody", "not_drawn")):
        with pytest.raises(ReplacementError) as refused:
            replace_school(draw, cluster, reason="closed", reserve=reserve, record=record)
        assert refused.value.rule == rule


def test_a_draw_of_people_at_once_has_no_schools_in_reserve():
    (draw,) = draw_sample(FRAME, [GroupPlan(group="deputy", n=45, method="simple")], seed="1").draws
    with pytest.raises(ArgumentError):
        school_reserve(draw, FRAME, seed="1")
