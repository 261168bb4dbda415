"""Every method draws each sample as often as its design says, and keeps what its plan asks."""

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest

from sampling import (
    ArgumentError,
    Frame,
    FrameUnit,
    GroupPlan,
    TooFewError,
    Uniforms,
    draw_sample,
    select_systematically,
)
from sampling.draw import METHODS
from sampling.group_plan import KEYS

DRAWS = 20_000


def unit(id_, size, **attributes):
    return FrameUnit(group="student", id=id_, size=size, **attributes)


def starts(probabilities):
    """Return sample → probability of a systematic selection: how much of the start's range leads to it."""
    edges, running = {Fraction(0), Fraction(1)}, Fraction(0)
    for probability in probabilities.values():
        if probability < 1:
            running += probability
            edges.add(running % 1)
    ranges = sorted(edges)
    found: Counter = Counter()
    for low, high in pairwise(ranges):
        found[select_systematically(probabilities, start=(low + high) / 2)] += high - low
    return found


def steps(people, n):
    """Return sample → probability of *n* equal steps through places numbered from 1."""
    found = starts({str(number): Fraction(n, people) for number in range(1, people + 1)})
    return {tuple(map(int, sample)): probability for sample, probability in found.items()}


def simple():
    plan = GroupPlan(group="student", n=3, method="simple")
    return Frame([unit("a", 3), unit("b", 4)]), plan, lambda _: Fraction(1, math.comb(7, 3))


def stratified():
    plan = GroupPlan(group="student", n=4, method="stratified", by=("band",), allocation="equal")
    frame = Frame([unit("a", 3, band="junior"), unit("b", 2, band="primary"), unit("c", 3, band="primary")])
    return frame, plan, lambda _: Fraction(1, math.comb(3, 2) * math.comb(5, 2))


def systematic():
    plan = GroupPlan(group="student", n=3, method="systematic")
    known = steps(11, 3)
    offset = {"a": 0, "b": 4}
    return (
        Frame([unit("a", 4), unit("b", 7)]),
        plan,
        lambda draw: known[tuple(offset[place.unit] + place.number for place in draw.places)],
    )


def pps():
    plan = GroupPlan(group="student", n=3, method="pps")
    frame = Frame([unit("a", 1), unit("b", 9), unit("c", 2), unit("d", 2), unit("e", 1)])
    known = starts({key: Fraction(size, 3) for key, size in {"a": 1, "b": 3, "c": 2, "d": 2, "e": 1}.items()})
    return frame, plan, lambda draw: known[tuple(cluster.id for cluster in draw.strata[0].drawn)]


def classes():
    plan = GroupPlan(group="student", n=2, method="classes", take=2)
    frame = Frame(
        [
            unit(f"{school}{number}", 2, school=school)
            for school, count in {"a": 1, "b": 2, "c": 3, "d": 4}.items()
            for number in range(count)
        ]
    )
    known = starts({"a0": Fraction(1, 5), "b0": Fraction(2, 5), "c0": Fraction(3, 5), "d0": Fraction(4, 5)})

    def probability(draw):
        drawn = draw.strata[0].drawn
        ways = math.prod(math.comb(len(cluster.units), min(2, len(cluster.units))) for cluster in drawn)
        return known[tuple(cluster.id for cluster in drawn)] / ways

    return frame, plan, probability


def two_stage():
    plan = GroupPlan(group="student", n=3, method="two_stage", candidates=((),), minimum=1)
    frame = Frame([unit("a", 2), unit("b", 3), unit("c", 3), unit("d", 4)])
    known = starts({"a": Fraction(1, 2), "b": Fraction(3, 4), "c": Fraction(3, 4), "d": Fraction(1)})

    def probability(draw):
        drawn = draw.strata[0].drawn
        return known[tuple(cluster.id for cluster in drawn)] / math.prod(cluster.size for cluster in drawn)

    return frame, plan, probability


DESIGNS = [simple, stratified, systematic, pps, classes, two_stage]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.__name__)
def test_samples_and_places_are_drawn_as_often_as_stated(design):
    """χ² over all possible samples; and their probabilities add up to those stated of each place."""
    from scipy.stats import chi2

    frame, plan, probability_of = design()
    method, observed, designs = METHODS[plan.method], Counter(), {}
    for seed in range(DRAWS):
        draw = method(frame, plan, Uniforms(str(seed), frame_digest=frame.digest))
        sample = tuple(place.id for place in draw.places)
        observed[sample] += 1
        designs.setdefault(sample, draw)
    expected = {sample: probability_of(draw) for sample, draw in designs.items()}
    assert sum(expected.values()) == 1
    included: Counter = Counter()
    for sample, probability in expected.items():
        for place in sample:
            included[place] += probability
    assert all(included[place.id] == place.probability for draw in designs.values() for place in draw.places)
    chi_square = sum((observed[one] - DRAWS * p) ** 2 / (DRAWS * p) for one, p in expected.items())
    assert float(chi_square) < chi2.ppf(0.999, len(expected) - 1)


def test_every_method_is_tested_here():
    assert {design()[1].method for design in DESIGNS} == set(METHODS) == set(KEYS)


COUNTY = Frame(
    [
        unit(
            f"{band}-{place}-{number:02}",
            30 + 17 * number % 90,
            band=band,
            locality=place,
            school=f"s{number}",
        )
        for number in range(12)
        for band in ("primary", "junior")
        for place in ("urban", "rural")
    ]
)


def drawn(**plan):
    (draw,) = draw_sample(COUNTY, [GroupPlan(**{"group": "student", "n": 120} | plan)], seed="7").draws
    return draw


@pytest.mark.parametrize("method", ["systematic", "stratified"])
@pytest.mark.parametrize(
    "allocation",
    [
        {"allocation": "proportional"},
        {"allocation": "equal"},
        {"allocation": "power", "exponent": Fraction(1, 3)},
        {"allocation": "neyman", "spreads": (("junior", Fraction(1, 2)), ("primary", Fraction(1, 4)))},
        {"allocation": "stated", "stated": (("junior", 17), ("primary", 103))},
    ],
    ids=lambda allocation: allocation["allocation"],
)
def test_strata_get_their_allocation(method, allocation):
    draw = drawn(method=method, by=("band",), **allocation)
    sizes = {stratum.name: stratum.size for stratum in draw.strata}
    places = Counter(place.stratum for place in draw.places)
    assert places == {stratum.name: stratum.n for stratum in draw.strata} == draw.plan.share(sizes).n
    assert sum(places.values()) == 120
    assert {place.probability for place in draw.places} == {Fraction(places[k], sizes[k]) for k in sizes}


def test_neyman_asks_more_where_answers_differ_more():
    spreads = (("junior", Fraction(1, 2)), ("primary", Fraction(1, 4)))
    draw = drawn(method="stratified", by=("band",), allocation="neyman", spreads=spreads)
    assert {stratum.name: stratum.n for stratum in draw.strata} == {"junior": 80, "primary": 40}


def test_systematic_places_lie_at_equal_steps_in_the_plan_s_order():
    draw = drawn(method="systematic", order=("locality", "id"))
    ordered = sorted(COUNTY.units, key=lambda one: (one.locality, one.id))
    before, running = {}, 0
    for one in ordered:
        before[one.id] = running
        running += one.size
    positions = [before[place.unit] + place.number for place in draw.places]
    gaps = [b - a for a, b in pairwise(positions)]
    assert len(positions) == 120
    assert set(gaps) <= {running // 120, running // 120 + 1}


def test_two_stages_follow_an_allocation_too():
    plain = drawn(method="two_stage", candidates=(("band",),))
    stated = drawn(
        method="two_stage",
        candidates=(("band",),),
        allocation="stated",
        stated=(("junior", 30), ("primary", 90)),
    )
    assert {stratum.name: stratum.n for stratum in plain.strata} == {"junior": 60, "primary": 60}
    assert {stratum.name: stratum.n for stratum in stated.strata} == {"junior": 30, "primary": 90}


def test_whole_lists_are_asked_in_full_and_each_stratum_gets_one():
    draw = drawn(method="pps", n=9, by=("band", "locality"))
    sizes = {one.id: one.size for one in COUNTY.units}
    assert sum(len(stratum.drawn) for stratum in draw.strata) == 9
    assert all(stratum.drawn for stratum in draw.strata)
    assert Counter(place.unit for place in draw.places) == {
        cluster.id: sizes[cluster.id] for stratum in draw.strata for cluster in stratum.drawn
    }
    assert {place.second for place in draw.places} == {1}


def test_classes_are_drawn_in_the_drawn_schools_only():
    draw = drawn(method="classes", n=5, take=3)
    (stratum,) = draw.strata
    assert len(stratum.drawn) == 5
    for cluster in stratum.drawn:
        taken = {place.unit for place in draw.places if place.psu == cluster.id}
        assert taken <= set(cluster.units)
        assert len(taken) == 3
        assert {place.second for place in draw.places if place.psu == cluster.id} == {Fraction(3, 4)}


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        ({"method": "simple", "by": ("band",)}, "by"),
        ({"method": "pps", "reserve": 4}, "reserve"),
        ({"method": "stratified", "take": 2}, "take"),
        ({"method": "stratified", "by": ("surname",)}, "attribute"),
        ({"method": "stratified", "allocation": "optimal"}, "allocation"),
        ({"method": "stratified", "least": -1}, "least"),
        ({"method": "classes", "take": 0}, "take"),
        ({"method": "simple", "reserve": -1}, "reserve"),
        ({"method": "stratified", "by": ("band",), "allocation": "stated"}, "stated"),
        (
            {
                "method": "stratified",
                "by": ("band",),
                "allocation": "stated",
                "stated": (("junior", 1), ("primary", 1)),
            },
            "stated",
        ),
        ({"method": "stratified", "by": ("band",), "allocation": "neyman"}, "spreads"),
        ({"method": "stratified", "by": ("id",), "n": 10}, "total"),
        ({"method": "two_stage", "allocation": "stated", "stated": (("all", 120),)}, "candidates"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_by_name(plan, name):
    with pytest.raises(ArgumentError) as refusal:
        drawn(**plan)
    assert refusal.value.name == name


@pytest.mark.parametrize(
    ("plan", "available"),
    [
        ({"method": "systematic", "n": 10**6}, sum(one.size for one in COUNTY.units)),
        ({"method": "pps", "n": 49}, 48),
        ({"method": "classes", "n": 13}, 12),
    ],
)
def test_more_than_there_are_is_refused_with_the_numbers(plan, available):
    with pytest.raises(TooFewError) as refusal:
        drawn(**plan)
    assert (refusal.value.wanted, refusal.value.available) == (plan["n"], available)


def test_a_class_without_a_school_is_refused():
    frame = Frame([unit("a", 20), unit("b", 20)])
    with pytest.raises(ArgumentError, match="school"):
        draw_sample(frame, [GroupPlan(group="student", n=1, method="classes")], seed="1")
