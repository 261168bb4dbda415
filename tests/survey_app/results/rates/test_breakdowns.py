"""The rate cut by what answers keep, against counts and formulas worked out apart."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from evaluation.terms import Bound
from survey_app.db import db
from survey_app.respond import service as respond
from survey_app.results.disclosure import published_tables
from survey_app.results.estimating import Estimates
from survey_app.results.rates.breakdowns import TRAITS
from survey_app.results.rates.readings import reading_rows
from survey_app.results.summing import Sums
from survey_app.surveys.groups import form_for_group
from survey_app.surveys.rates import Count
from tests.survey_app.respond.field import Unit, full_answers, open_field
from tests.survey_app.results.filled import send
from tests.survey_app.results.test_outcome import finished

UNITS = (
    *(
        Unit(
            group="parent", psu=f"T{n}", stratum="town", cards=12, size=300, stratum_psus=8,
            probability="1/2", grade_band="primary", locality="town",
        )
        for n in range(3)
    ),
    *(
        Unit(
            group="parent", psu=f"R{n}", stratum="rural", cards=12, size=100, stratum_psus=6,
            probability="1/3", grade_band="junior", locality="rural",
        )
        for n in range(3)
    ),
    Unit(group="teacher", cards=20, size=400),
)  # fmt: skip

#: Satisfied of the twelve of each school, in the order of the cards, and of the twenty teachers.
SATISFIED = (12, 9, 6, 10, 8, 3)
TEACHERS = 17


@pytest.fixture
def outcome(app):
    field = open_field(app, UNITS)
    with app.app_context():
        forms = respond.Forms()
        levels = "".join("5" * n + "2" * (12 - n) for n in SATISFIED)
        given = {"parent": levels, "teacher": "5" * TEACHERS + "2" * (20 - TEACHERS)}
        for group, own in given.items():
            for code, level in zip(field.cards[group], own, strict=True):
                send(field, code, full_answers(form_for_group(group), group, level=level), forms=forms)
        db.session.commit()
    return finished(app, field)


def rows_of(outcome, name):
    return {row["level"]: row for each in outcome["breakdowns"] if each["by"] == name for row in each["rows"]}


def by_hand(above, size, probability, drawn):
    """A stratum's share and its standard error: three schools of twelve answers, both stages finite."""
    weight = size / probability / 12
    n, of = len(above), drawn
    totals = np.array([weight * a for a in above])
    whole = np.array([weight * 12] * n)
    p = totals.sum() / whole.sum()
    residuals = totals - p * whole
    first = (1 - n / of) * n / (n - 1) * ((residuals - residuals.mean()) ** 2).sum()
    second = sum(
        n / of * (1 - 12 / size) * 12 / 11 * (a * (weight * (1 - p)) ** 2 + (12 - a) * (weight * p) ** 2
        - 12 * (weight * (a / 12 - p)) ** 2)
        for a in above
    )  # fmt: skip
    return p, np.sqrt(first + second) / whole.sum()


def test_every_breakdown_adds_up_to_the_official_count(outcome):
    assert {each["by"] for each in outcome["breakdowns"]} == set(TRAITS)
    for name in TRAITS:
        rows = rows_of(outcome, name).values()
        assert sum(row["valid"] for row in rows) == outcome["official"]["valid"] == 92
        assert sum(row["satisfied"] for row in rows) == outcome["official"]["satisfied"] == 65


def test_places_are_estimated_as_the_design_demands(outcome):
    rows = rows_of(outcome, "locality")
    strata = (("town", SATISFIED[:3], 300, 1 / 2, 8), ("rural", SATISFIED[3:], 100, 1 / 3, 6))
    for place, above, size, p, drawn in strata:
        rate, se = by_hand(above, size, p, drawn)
        assert rows[place]["rate"] == Fraction(sum(above), 36)
        assert rows[place]["weighted"]["estimate"] == pytest.approx(rate)
        assert rows[place]["weighted"]["se"] == pytest.approx(se)
        assert rows[place]["weighted"]["df"] == 2
    assert rows[""]["valid"] == 20
    assert rows_of(outcome, "grade_band")["junior"]["satisfied"] == 21
    assert rows_of(outcome, "way")["drawn"]["valid"] == rows_of(outcome, "mode")["web"]["valid"] == 92


def test_readings_stand_side_by_side_and_say_what_each_would_conclude(outcome):
    found = {row["id"]: row for row in outcome["readings"]}
    assert list(found) == ["declared", "mean", "overall", "positive", "index"]
    assert found["declared"]["value"] == Fraction(65, 92)
    assert found["declared"]["weighted"]["estimate"] == outcome["weighted"]["estimate"]
    assert found["declared"]["weighted"]["verdict"] == outcome["weighted"]["verdict"]
    assert found["declared"]["unweighted"]["estimate"] == pytest.approx(65 / 92)
    assert found["mean"]["value"] == found["overall"]["value"] == Fraction(65, 92)
    assert found["index"]["value"] == found["positive"]["value"] * 60 + 40  # 5s give 100, 2s 40
    assert found["index"]["outcome"] is None
    for row in outcome["readings"]:
        assert row["unweighted"]["estimate"] == pytest.approx(float(row["value"]))


def test_where_the_groups_are_averaged_the_declared_rule_is_their_mean():
    total, bound = Count(valid=20, satisfied=18), Bound(at_least=Decimal("0.85"))
    nobody = Estimates([], {}, {})
    (row, *_others) = reading_rows([], Sums(), nobody, total=total, averaged=Fraction(4, 5), bound=bound)
    assert (row["id"], row["value"], row["outcome"]) == ("declared", [4, 5], "not_met")
    assert row["unweighted"] is None
    (row, *_others) = reading_rows([], Sums(), nobody, total=total, bound=bound)
    assert (row["value"], row["outcome"]) == ([9, 10], "met")


def test_the_tipping_point_and_what_came_back(outcome):
    tipping = outcome["tipping"]
    assert (tipping["outcome"], tipping["answers"], tipping["silent"]) == ("not_met", 14, 0)
    assert Fraction(65 + 14, 92) >= Fraction(17, 20) > Fraction(65 + 13, 92)
    assert outcome["returns"]["return_rate"] == outcome["returns"]["valid_share"] == 1
    rates = outcome["outcome_rates"]
    assert (rates["dispositions"]["complete"], rates["rates"]["RR1"]) == (92, 1)


def test_questions_stand_in_their_order_with_their_shares(outcome):
    public = [row for row in outcome["items"] if row["form"] == "public"]
    assert [row["form"] for row in outcome["items"]] == sorted(
        (row["form"] for row in outcome["items"]), key=["public", "student", "staff"].index
    )
    for row in public:
        if row["rated"] == 72:
            assert (row["positive"], row["dont_know"]) == (48, 0)
            assert row["mean"] == Fraction(48 * 5 + 24 * 2, 72)
            assert row["weighted"]["method"] == "logit"
    assert any(row["rated"] == 72 for row in public)


def test_the_tables_that_are_published_can_be_listed(outcome):
    tables = {table.name: table for table in published_tables(outcome)}
    assert {"form_vi", "group", "posters", *TRAITS, "topics", "indicators", "items"} == set(tables)
    places = {(cell.level, cell.measure): cell.value for cell in tables["locality"].cells}
    assert places["town", "satisfied"] == 27
    assert tables["locality"].whole == {"valid": 92, "satisfied": 65}


def test_figures_of_the_first_form_can_be_listed_too(outcome):
    new = ("version", "items", "breakdowns", "readings", "variants", "tipping", "returns", "outcome_rates")
    old = {key: value for key, value in outcome.items() if key not in new}
    names = [table.name for table in published_tables(old)]
    assert names == ["form_vi", "group", "posters", "topics", "indicators", "items"]


def test_variants_change_one_rule_and_no_other(outcome):
    found = {(row["concern"], row["name"]): row for row in outcome["variants"]}
    assert set(found) == {
        ("dont_know", "as_middle"), ("dont_know", "as_lowest"), ("validity", "complete"),
        ("satisfaction", "overall"), ("weighting", "equal_groups"),
    }  # fmt: skip
    assert found["dont_know", "as_lowest"]["rate"] == Fraction(65, 92)
    assert found["weighting", "equal_groups"]["rate"] == (Fraction(48, 72) + Fraction(17, 20)) / 2
