"""Filters and orders of the table of counties."""

from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from survey_app.supervision.province.ordering import NO_RUN, OUTCOMES, SORTS, Wish, chosen
from survey_app.supervision.province.pictures import BASE, WIDTH, panels_of
from survey_app.supervision.province.standings import Before, Coefficient, Recognition, Standing


def some_fraction(rng, top):
    return Fraction(rng.randint(0, 100 * top), 100)


def some_standing(code, rng):
    city = rng.choice(["140100", "140500"])
    given = {"code": code, "name": code, "city_code": city, "city": city}
    given |= {"due": rng.choice([None, 2023, 2025]), "listed": rng.random() < 0.5}
    given["tasks_open"] = rng.randint(0, 3)
    if rng.random() < 0.3:
        return Standing(**given)
    coefficients = tuple(
        Coefficient(key=f"R{number}", stage=stage, value=some_fraction(rng, 3), limit=Fraction(1, 2))
        for stage in ("primary", "junior")
        for number in range(1, rng.randint(1, 8))
    )
    before = Before(
        run_id=1, year=2025, verdict=rng.choice(OUTCOMES), rate=None, worst=None, missed=rng.randint(0, 2)
    )
    return Standing(
        **given,
        run_id=int(code),
        run_year=rng.randint(2025, 2026),
        level="review",
        verdict=rng.choice(OUTCOMES),
        sections={"quality": rng.choice(OUTCOMES)},
        recognition=Recognition(rate=rng.choice([None, some_fraction(rng, 1)]), limit=Fraction(17, 20)),
        coefficients=coefficients,
        worst=max(coefficients, key=lambda each: each.ratio, default=None),
        missed=rng.randint(0, 2),
        before=rng.choice([None, before]),
    )


def some_counties(number, seed):
    rng = Random(seed)
    return [some_standing(f"1405{place:02}", rng) for place in range(number)]


def counties():
    return st.builds(some_counties, st.integers(0, 7), st.integers(0, 10**9))


@given(counties(), st.sampled_from(sorted(SORTS)), st.booleans())
def test_every_column_sorts_and_what_has_no_value_comes_last(found, column, descending):
    ordered = chosen(found, Wish(sort=column, descending=descending))
    assert sorted(each.code for each in ordered) == [each.code for each in found]
    values = [SORTS[column](each) for each in ordered]
    known = [each for each in values if each is not None]
    assert values == known + [None] * (len(values) - len(known))
    assert known == sorted(known, reverse=descending)
    for one, other in pairwise(ordered):
        if SORTS[column](one) == SORTS[column](other):
            assert one.code < other.code


@given(
    counties(),
    st.sampled_from(["", "140500"]),
    st.sampled_from(["", *OUTCOMES, NO_RUN]),
    st.sampled_from(["", "2025", NO_RUN]),
    st.booleans(),
)
def test_filters_add_up(found, city, verdict, due, at_risk):
    risky = frozenset(each.code for each in found[::2])
    wish = Wish(city=city, verdict=verdict, due=due, at_risk=at_risk)
    shown = {each.code for each in chosen(found, wish, risky=risky)}
    for each in found:
        wanted = (
            (not city or each.city_code == city)
            and (not verdict or (each.verdict or NO_RUN) == verdict)
            and (not due or (str(each.due) if each.due else NO_RUN) == due)
            and (not at_risk or each.code in risky)
        )
        assert (each.code in shown) == wanted


@given(
    st.builds(
        Wish,
        city=st.sampled_from(["", "140500"]),
        verdict=st.sampled_from(["", *OUTCOMES, NO_RUN]),
        due=st.sampled_from(["", "2025"]),
        at_risk=st.booleans(),
        scheme=st.sampled_from(["", "a"]),
        sort=st.sampled_from(sorted(SORTS)),
        descending=st.booleans(),
    )
)
def test_a_wish_stands_in_an_address_and_comes_back(wish):
    assert Wish.of(wish.parameters, schemes=["a"]) == wish
    for column in SORTS:
        next_one = Wish.of(wish.sorting(column), schemes=["a"])
        assert (next_one.sort, next_one.filters) == (column, wish.filters)
        if column == wish.sort:
            assert next_one.descending != wish.descending


def test_what_an_address_says_wrongly_is_passed_over():
    strange = {"sort": "name; DROP", "order": "up", "verdict": "x", "scheme": "y", "at_risk": "maybe"}
    assert Wish.of(strange, schemes=["a"]) == Wish()


@given(counties())
def test_all_panels_share_one_scale_and_stay_inside(found):
    drawn = panels_of(found)
    for panel in drawn.panels:
        for bar, each in zip(panel.bars, panel.standing.coefficients, strict=True):
            assert 0 <= bar.x <= WIDTH - drawn.bar
            assert 0 <= bar.y <= BASE
            if each.ratio > 1:
                assert (bar.outcome, bar.y <= drawn.limit_y) == ("not_met", True)
            else:
                assert (bar.outcome, bar.y >= drawn.limit_y) == ("met", True)
        if panel.dots:
            assert 0 <= panel.dots.rate <= WIDTH
            said = panel.standing.recognition
            assert (panel.dots.outcome == "met") == (said.rate >= said.limit)
