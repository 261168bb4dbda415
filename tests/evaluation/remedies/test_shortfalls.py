"""What schools lack: worked by hand on schools of 240 pupils."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import Outcome, load_scheme, read_county, shortfalls
from evaluation.scheme import Scheme
from evaluation.terms import Bound
from tests.evaluation.situations import changed, county, judged, school

SCHEME = load_scheme("shanxi-2022")


def lacking(changes, *, scheme: Scheme = SCHEME, unit_costs=None, add=()):
    document = county()
    document["schools"] += add
    file = read_county(changed(document, changes))
    found = shortfalls(file, scheme, unit_costs=unit_costs)
    return {(row.id, row.school, row.stage): row for row in found.rows}


def nine_year(**figures):
    """Return a school whose stages weigh 200 : 110, of 310 in all."""
    row = school("W", "primary", "nine_year") | {
        "pupils": {"primary": 200, "junior": 100},
        "class_sizes": {"primary": [40] * 5, "junior": [50] * 2},
        "nearby_pupils": {"primary": 200, "junior": 100},
        "sports_ground_area": 3000,
    }
    row["teachers"]["junior"] = dict(row["teachers"]["primary"])
    return row | figures


def test_a_county_that_meets_everything_lacks_nothing():
    found = shortfalls(read_county(county()), SCHEME)
    assert found.rows == ()
    assert found.totals == ()


def test_teachers_and_rooms_are_missing_whole_and_areas_exactly():
    """240 pupils: 4.2 per hundred is 10.08 teachers, 2.3 is 5.52 rooms, 4.5 m² each is 1080 m²."""
    rows = lacking(
        {
            "P1.teachers.primary.above_qualification": 9,
            "P1.multimedia_rooms": 5,
            "P1.teaching_area": 1079.5,
        }
    )
    needed = {id_: rows[id_, "P1", "primary"].to_threshold for id_ in ("R1", "R7", "R4")}
    assert needed == {"R1": 2, "R7": 1, "R4": Fraction(201, 2)}


def test_every_amount_to_the_threshold_is_the_smallest():
    for less, figure, id_ in (
        (9, "teachers.primary.above_qualification", "R1"),
        (5, "multimedia_rooms", "R7"),
    ):
        amount = lacking({f"P1.{figure}": less})[id_, "P1", "primary"].to_threshold
        assert amount is not None
        for more, outcome in ((amount, Outcome.MET), (amount - 1, Outcome.NOT_MET)):
            verdict = judged(changed(county(), {f"P1.{figure}": int(less + more)}))
            assert verdict.of(id_, school="P1", stage="primary").outcome is outcome


def test_the_school_rule_spares_what_is_dearest_not_what_is_largest():
    """R7 lacks a fifth and costs 5000; R6 lacks a fiftieth and costs 10 000: R6 stays at its floor."""
    unit_costs = {"multimedia_rooms": Fraction(5000), "equipment_value": Fraction(1)}
    rows = lacking({"P1.multimedia_rooms": 5, "P1.equipment_value": 470000}, unit_costs=unit_costs)
    assert rows["R7", "P1", "primary"].to_rule == 1
    assert rows["R7", "P1", "primary"].cost == 5000
    assert rows["R6", "P1", "primary"].to_threshold == 10000
    assert rows["R6", "P1", "primary"].to_rule == 0


def test_without_prices_the_largest_share_is_spared():
    rows = lacking({"P1.multimedia_rooms": 5, "P1.equipment_value": 470000})
    assert rows["R7", "P1", "primary"].to_rule == 0
    assert rows["R6", "P1", "primary"].to_rule == 10000


def test_what_is_spared_still_has_to_reach_the_floor():
    """4 rooms of 5.52; the floor of 85 % is 4.692: one room is needed whatever is spared."""
    assert lacking({"P1.multimedia_rooms": 4})["R7", "P1", "primary"].to_rule == 1


def test_a_split_school_lacks_what_the_whole_school_needs():
    """Of 6 rooms the junior stage has 6 × 110/310 = 2.13 of 2.4, the primary stage 3.87 of 4.6."""
    rows = lacking({}, add=[nine_year(multimedia_rooms=6)])
    junior, primary = rows["R7", "W", "junior"], rows["R7", "W", "primary"]
    assert (junior.to_threshold, primary.to_threshold) == (1, 2)
    assert junior.share == Fraction(110, 310)


def test_stages_that_share_rooms_need_them_once():
    found = shortfalls(read_county(county() | {"schools": [nine_year(multimedia_rooms=4)]}), SCHEME)
    (rooms,) = [total for total in found.totals if total.figure == "multimedia_rooms"]
    assert (rooms.schools, rooms.to_threshold) == (1, 4)


def test_one_purchase_can_serve_both_stages_of_a_school():
    """Both stages are short of rooms and of equipment; what one stage must buy anyway serves the other."""
    unit_costs = {"multimedia_rooms": Fraction(10), "equipment_value": Fraction(1)}
    rows = lacking({}, add=[nine_year(multimedia_rooms=6, equipment_value=600000)], unit_costs=unit_costs)
    assert {rows["R7", "W", stage].to_rule for stage in ("primary", "junior")} == {1, 2}
    assert {rows["R6", "W", stage].to_rule for stage in ("primary", "junior")} == {Fraction(0)}


def test_a_threshold_that_must_be_exceeded():
    first, *rest = SCHEME.resources.indicators
    bounds = first.bounds.model_copy(update={"primary": Bound(above=Fraction(5))})
    indicators = [first.model_copy(update={"bounds": bounds}), *rest]
    resources = SCHEME.resources.model_copy(update={"indicators": indicators})
    scheme = SCHEME.model_copy(update={"resources": resources})
    rows = lacking({"P1.teachers.primary.above_qualification": 12}, scheme=scheme)
    row = rows["R1", "P1", "primary"]
    assert row.to_threshold == 1
    assert row.more_than


def test_what_is_unknown_names_what_is_missing_and_leaves_the_choice_open():
    rows = lacking({"P1.multimedia_rooms": "absent", "P1.equipment_value": 470000})
    unknown, short = rows["R7", "P1", "primary"], rows["R6", "P1", "primary"]
    assert unknown.outcome is Outcome.UNDETERMINED
    assert unknown.missing == ("schools[P1].multimedia_rooms",)
    assert (short.to_threshold, short.to_rule) == (10000, None)
    assert short.missing == unknown.missing
    assert "网络多媒体教室数" in short.sentence("zh")


def test_where_nothing_is_spared_an_unknown_leaves_no_choice_open():
    rows = lacking(
        {"P1.multimedia_rooms": "absent", "P1.equipment_value": 470000}, scheme=load_scheme("haicheng-2023")
    )
    assert rows["R6", "P1", "primary"].to_rule == 10000


def test_rooms_classes_places_and_funds():
    rows = lacking(
        {
            "P1.class_sizes.primary": [46, 46, 37, 37, 37, 37],
            "P1.music_rooms": [95],
            "P2.class_sizes.primary": [20] * 12 + [0],
            "J1.pupils.junior": 2100,
            "J1.class_sizes.junior": [52] * 40 + [20],
            "J2.training_funds": 9000,
        }
    )
    assert rows["G3.music", "P1", None].to_threshold == 1
    assert rows["G3.art", "P2", None].to_threshold == 1
    assert rows["G4", "J1", None].to_threshold == 100
    first, second = rows["G5", "P1", "primary"], rows["G5", "J1", "junior"]
    assert (first.to_threshold, first.facts["needed"], first.facts["classes"]) == (2, 6, 6)
    assert (second.to_threshold, second.facts["needed"], second.facts["classes"]) == (80, 42, 41)
    assert rows["Q4", "J2", None].to_threshold == 1000


def test_small_schools_lack_funded_pupils_and_their_money():
    changes = {
        "P1.locality": "rural",
        "P1.pupils.primary": 80,
        "P1.funded_pupils": 80,
        "figures.funds_per_pupil": {"primary": 650},
    }
    row = lacking(changes)["G6", "P1", None]
    assert row.to_threshold == 20
    assert row.facts["yuan"] == 13000


def test_unknown_classes_are_named():
    row = lacking({"P1.class_sizes": "absent"})["G5", "P1", "primary"]
    assert row.outcome is Outcome.UNDETERMINED
    assert row.missing == ("schools[P1].class_sizes.primary",)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_never_say_less_than_is_missing(language):
    rows = lacking({"P1.teaching_area": 1000.001})
    row = rows["R4", "P1", "primary"]
    assert row.to_threshold == Fraction(Decimal("179.999"))
    assert "180" in row.sentence(language)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 8),
    st.integers(0, 20),
    st.integers(300, 720).map(lambda thousands: thousands * 1000),
    st.sampled_from(["shanxi-2022", "lingchuan-2021", "haicheng-2023"]),
)
def test_a_school_given_what_the_rule_needs_passes_and_one_step_less_fails(
    rooms, teachers, equipment, scheme
):
    """What is bought is what is named: the school then passes, with one whole thing less it does not."""
    changes = {
        "P1.multimedia_rooms": rooms,
        "P1.teachers.primary.above_qualification": teachers,
        "P1.equipment_value": equipment,
    }
    paths = {
        "R7": "P1.multimedia_rooms",
        "R1": "P1.teachers.primary.above_qualification",
        "R6": "P1.equipment_value",
    }
    rows = lacking(changes, scheme=load_scheme(scheme))
    bought = {
        paths[id_]: changes[paths[id_]] + int(row.to_rule or 0)
        for (id_, code, _), row in rows.items()
        if code == "P1" and id_ in paths
    }
    needed = {path: value for path, value in bought.items() if value > changes[path]}

    def passes(more) -> bool:
        verdict = judged(changed(county(), changes | more), scheme)
        return verdict.of("R.school", school="P1", stage="primary").outcome is Outcome.MET

    assert passes(bought)
    for path, value in needed.items():
        assert not passes(bought | {path: value - 1})
