"""The draw keeps its promises: exact probabilities, enough places a school, nobody twice."""

import hashlib
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest

from sampling import (
    ArgumentError,
    Frame,
    FrameUnit,
    GroupPlan,
    TooFewError,
    Uniforms,
    draw_sample,
    seed_commitment,
)
from tests.sampling import county

SAMPLE = draw_sample(county.frame(), county.PLAN, seed="2026")
PARENTS = SAMPLE.of("parent")


def test_a_uniform_number_is_the_digest_of_four_lines():
    frame = county.frame()
    text = f"种子\n{frame.digest}\nparent:places\ns07#3"
    expected = int(hashlib.sha256(text.encode("utf-8")).hexdigest(), 16)
    numbers = Uniforms("种子", frame_digest=frame.digest)
    assert numbers.number("parent:places", "s07#3") == expected
    assert numbers.fraction("parent:places", "s07#3") == Fraction(expected, 2**256)


def test_every_drawn_school_gives_ten_places_or_more_and_never_more_than_it_has():
    for stratum in PARENTS.strata:
        given = [cluster.n for cluster in stratum.drawn]
        assert sum(given) == stratum.n
        assert min(given) >= 10
        assert max(given) - min(given) <= 1
        assert all(cluster.n <= cluster.size for cluster in stratum.drawn)


def test_places_are_different_people_of_the_drawn_schools():
    sizes = {unit.id: unit.size for unit in county.frame().of("parent")}
    places = PARENTS.places
    assert len({place.id for place in places}) == len(places) == 270
    assert all(1 <= place.number <= sizes[place.unit] for place in places)
    drawn = {cluster.id: cluster for stratum in PARENTS.strata for cluster in stratum.drawn}
    assert Counter(place.psu for place in places) == {key: one.n for key, one in drawn.items()}
    assert all(place.unit in drawn[place.psu].units for place in places)


def test_probabilities_are_exact_at_each_stage():
    for stratum in PARENTS.strata:
        for cluster in stratum.drawn:
            share = Fraction(len(stratum.drawn) * cluster.size, stratum.size)
            assert cluster.probability == 1 or cluster.probability >= share
    for place in PARENTS.places:
        assert place.probability == place.first * place.second


def test_the_weights_of_a_stratum_without_certain_schools_estimate_its_size_exactly():
    frame = Frame([FrameUnit(group="parent", id=f"s{i}", size=100 + i) for i in range(30)])
    plan = [GroupPlan(group="parent", n=100, method="two_stage")]
    (draw,) = draw_sample(frame, plan, seed="1").draws
    assert sum(1 / place.probability for place in draw.places) == sum(unit.size for unit in frame.units)


def test_a_group_asked_in_full_is_a_census():
    principals = SAMPLE.of("principal")
    assert [place.number for place in principals.places] == list(range(1, 13))
    assert {place.probability for place in principals.places} == {1}


def test_persons_are_drawn_with_equal_probability_and_are_their_own_psus():
    deputies = SAMPLE.of("deputy").places
    assert {place.probability for place in deputies} == {Fraction(45, 300)}
    assert len({place.psu for place in deputies}) == 45
    assert {place.stratum for place in deputies} == {"all"}


def test_the_persons_drawn_have_the_smallest_numbers():
    frame = county.frame()
    numbers = Uniforms("2026", frame_digest=frame.digest)
    ranked = sorted(range(1, 301), key=lambda number: numbers.number("deputy:places", f"county#{number}"))
    assert {place.number for place in SAMPLE.of("deputy").places} == set(ranked[:45])


def test_the_same_seed_gives_the_same_draw_and_another_seed_another():
    assert draw_sample(county.frame(), county.PLAN, seed="2026") == SAMPLE
    assert draw_sample(county.frame(), county.PLAN, seed="2027").draws != SAMPLE.draws


def test_groups_are_drawn_independently_of_what_else_is_planned():
    alone = draw_sample(county.frame(), county.PLAN[:1], seed="2026")
    assert alone.draws == SAMPLE.draws[:1]


def test_small_schools_are_linked_with_their_neighbours():
    tiny = [FrameUnit(group="parent", id=f"t{i:02}", size=6) for i in range(20)]
    frame = Frame([*tiny, *(replace(unit, id=f"z{unit.id}", size=30) for unit in tiny[:4])])
    (draw,) = draw_sample(frame, [GroupPlan(group="parent", n=60, method="two_stage")], seed="5").draws
    linked = [cluster for stratum in draw.strata for cluster in stratum.drawn if len(cluster.units) > 1]
    assert linked
    assert all(cluster.size >= cluster.n >= 10 for cluster in linked)


def chi_square(observed, probabilities, draws):
    """Compare how often units were drawn with how often they should have been."""
    return sum(
        (observed[unit] - draws * p) ** 2 / (draws * p * (1 - p))
        for unit, p in probabilities.items()
        if p < 1
    )


def test_schools_are_drawn_as_often_as_their_probability_says():
    frame = Frame([FrameUnit(group="parent", id=f"s{i}", size=20 + 9 * i) for i in range(12)])
    plan = [GroupPlan(group="parent", n=40, method="two_stage")]
    draws, observed, probabilities = 1500, Counter(), {}
    for seed in range(draws):
        (draw,) = draw_sample(frame, plan, seed=str(seed)).draws
        drawn = draw.strata[0].drawn
        observed.update(cluster.id for cluster in drawn)
        probabilities |= {cluster.id: float(cluster.probability) for cluster in drawn}
    assert len(probabilities) == 12
    assert sum(probabilities.values()) == pytest.approx(4)
    # 12 terms that share one systematic start; 12 ± 3 · √24 covers what chance does.
    assert chi_square(observed, probabilities, draws) < 27


def test_people_are_drawn_equally_often():
    frame = Frame([FrameUnit(group="deputy", id="a", size=15), FrameUnit(group="deputy", id="b", size=25)])
    plan = [GroupPlan(group="deputy", n=10, method="simple")]
    draws, observed = 2000, Counter()
    for seed in range(draws):
        observed.update(place.id for place in draw_sample(frame, plan, seed=str(seed)).draws[0].places)
    # The 99.9 % point of χ² with 39 degrees of freedom is 72.1; drawing without replacement adds 40 / 39.
    assert chi_square(observed, dict.fromkeys(observed, 0.25), draws) * 39 / 40 < 72.1
    assert len(observed) == 40


def test_more_invitations_than_people_are_refused_with_the_numbers():
    plan = [GroupPlan(group="principal", n=13, method="simple")]
    with pytest.raises(TooFewError) as refusal:
        draw_sample(county.frame(), plan, seed="1")
    assert refusal.value.facts == {"where": "principal", "wanted": 13, "available": 12}


@pytest.mark.parametrize("seed", ["", "  ", "a\nb", 7])
def test_a_seed_is_one_line_of_text(seed):
    with pytest.raises(ArgumentError, match="seed"):
        draw_sample(county.frame(), county.PLAN, seed=seed)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"n": 0}, "n"),
        ({"method": "quota"}, "method"),
        ({"minimum": 0}, "minimum"),
        ({"order": ("surname",)}, "attribute"),
        ({"candidates": (("surname",),)}, "attribute"),
        ({"candidates": ()}, "candidates"),
    ],
)
def test_a_broken_plan_is_refused_by_name(change, name):
    with pytest.raises(ArgumentError) as refusal:
        GroupPlan(**{"group": "parent", "n": 5, "method": "simple"} | change)
    assert refusal.value.name == name


def test_a_group_planned_twice_or_not_at_all_is_refused():
    with pytest.raises(ArgumentError, match="once"):
        draw_sample(county.frame(), [*county.PLAN, county.PLAN[0]], seed="1")
    with pytest.raises(ArgumentError, match="not drawn"):
        SAMPLE.of("student")


def test_the_digest_of_a_seed_can_be_published_first():
    assert seed_commitment("2026") == hashlib.sha256(b"2026").hexdigest()
