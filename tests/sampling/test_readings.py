"""The same answers read in every way in use: what counts, what it is divided by, and with which weights."""

from fractions import Fraction

import pytest

from sampling import ArgumentError, ColumnError, LonelyUnitError, estimate, readings

BOUND = Fraction(17, 20)
ITEMS = ["fees", "gap", "overall"]
#: A reversed item is turned: a gap of 5 counts as 1.
ANSWERS = {
    "fees": [5, 4, 4, 2, 5, None, 3, 5],
    "gap": [1, 2, 4, 4, None, None, 3, 1],
    "overall": [4, 4, 5, 3, 3, None, 3, 5],
    "declared": [1, 1, 1, 0, 1, 0, 0, None],
    "weight": [1.0, 1.0, 2.0, 2.0, 4.0, 1.0, 1.0, 3.0],
    "school": list("aabbccdd"),
}


def read(answers=ANSWERS, **options):
    settings = {
        "items": ITEMS,
        "reversed_items": ["gap"],
        "overall": "overall",
        "declared": "declared",
        "threshold": BOUND,
        "psu": "school",
        **options,
    }
    return {(each.id, each.weighted): each for each in readings(answers, **settings)}


def test_each_reading_counts_what_it_says():
    found = {id_: each.estimate.estimate for (id_, _), each in read().items()}
    assert found == pytest.approx(
        {
            "declared": 4 / 7,
            "overall": 3 / 7,
            # Means 14/3, 4, 11/3, 7/3, 4, none, 3; who rated nothing counts as not satisfied.
            "mean": 3 / 7,
            "positive": 9 / 17,
            "index": 20 * (14 + 12 + 11 + 7 + 8 + 9) / 17,
        }
    )


def test_weights_are_on_or_off():
    found = read(weight="weight")
    assert found["declared", False].estimate.estimate == pytest.approx(4 / 7)
    assert found["declared", True].estimate.estimate == pytest.approx(8 / 12)
    assert found["positive", True].estimate.estimate == pytest.approx(
        (3 + 3 + 4 + 4) / (3 + 3 + 6 + 6 + 8 + 3)
    )
    assert list(found) == [(id_, on) for id_ in ("declared", *ALTERNATIVES) for on in (False, True)]


ALTERNATIVES = ("overall", "mean", "positive", "index")


def test_intervals_are_those_of_the_design():
    (expected,) = estimate(ANSWERS, value="declared", weight="weight", psu="school")
    found = read(weight="weight")["declared", True].estimate
    assert (found.lower, found.upper, found.df) == (expected.lower, expected.upper, expected.df)


def test_counts_of_populations_make_weights():
    answers = {**ANSWERS, "schools": [40] * 8}
    found = read(answers, fpc="schools")
    assert {on for _, on in found} == {False, True}
    assert found["mean", True].estimate.estimate == pytest.approx(3 / 7)


def test_an_index_is_no_proportion():
    """All "4" gives index 80 and 100 % of everything else; a mean of 3.56 is 71.2; the least is 20."""
    fours = read(
        {name: [4] * 8 for name in ITEMS} | {"school": ANSWERS["school"]}, declared=None, reversed_items=[]
    )
    assert fours["index", False].estimate.estimate == pytest.approx(80)
    assert [fours[each, False].estimate.estimate for each in ALTERNATIVES[:3]] == [1, 1, 1]
    assert (fours["index", False].unit, fours["index", False].outcome) == ("points", None)
    assert fours["index", False].verdict is fours["index", False].tipping is None
    mixed = {"item": [4] * 56 + [3] * 44, "school": list("abcd") * 25}
    (*_, index) = readings(mixed, items=["item"], threshold=BOUND, psu="school")
    assert index.estimate.estimate == pytest.approx(71.2)
    (*_, least) = readings({"item": [1] * 4}, items=["item"], threshold=BOUND)
    assert least.estimate.estimate == pytest.approx(20)


def test_what_would_flip_the_point_rule_stands_beside_each_share():
    found = read(silent=3)
    assert (found["declared", False].outcome, found["declared", False].tipping.answers) == ("not_met", 2)
    assert found["declared", False].tipping.silent == 3
    assert found["positive", False].tipping.silent == 0
    assert found["positive", False].counted == "ratings"
    assert read(weight="weight")["declared", True].tipping is None


def test_who_does_not_count_stays_in_the_design():
    valid = [1, 1, 1, 1, 1, 1, 0, 0]
    found = read({**ANSWERS, "valid": valid}, valid="valid")["mean", False].estimate
    assert (found.n, found.psus) == (6, 3)
    assert found.estimate == pytest.approx(3 / 6)
    few = read({**ANSWERS, "valid": valid}, valid="valid", least_df=8)["mean", False].verdict
    assert few.reason == "few_units"


def test_without_an_overall_item_or_a_declared_rule_these_readings_are_absent():
    assert [id_ for id_, _ in read(overall=None, declared=None)] == ["mean", "positive", "index"]


@pytest.mark.parametrize(
    ("change", "options", "column", "rule", "row"),
    [
        ({"fees": [5, 4, 4, 7, 5, 1, 3, 5]}, {}, "fees", "off_scale", 4),
        ({"declared": [1, 1, 2, 0, 1, 0, 0, 1]}, {}, "declared", "not_binary", 3),
        ({"valid": [1, 1, None, 1, 1, 1, 1, 0]}, {"valid": "valid"}, "valid", "missing", 3),
        ({"valid": [1] * 8}, {"valid": "valid"}, "valid", "needed", 8),
        ({"weight": [1, -1, 1, 1, 1, 1, 1, 1]}, {"weight": "weight"}, "weight", "negative", 2),
        ({}, {"weight": "gone"}, "gone", "unknown", None),
    ],
)
def test_bad_columns_are_named(change, options, column, rule, row):
    with pytest.raises(ColumnError) as refused:
        read({**ANSWERS, **change}, **options)
    assert (refused.value.column, refused.value.rule, refused.value.row) == (column, rule, row)


def test_the_overall_item_must_be_an_item():
    with pytest.raises(ArgumentError) as refused:
        read(overall="school")
    assert refused.value.name == "overall"


def test_a_single_unit_is_refused_by_the_name_of_its_column():
    with pytest.raises(LonelyUnitError) as refused:
        read({**ANSWERS, "school": ["a"] * 8})
    assert refused.value.column == "school"
