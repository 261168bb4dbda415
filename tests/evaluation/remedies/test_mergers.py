"""Mergers: what becomes of every figure, what is refused, and the worked example."""

import json
from fractions import Fraction

import pytest

from evaluation import (
    CountyFileError,
    Outcome,
    RemedyFileError,
    example_files,
    list_examples,
    load_scheme,
    read_county,
    read_mergers,
    what_if,
)
from evaluation.remedies.merging import Transfer, merge_schools
from tests.evaluation.situations import changed, county, school

SCHEME = load_scheme("shanxi-2022")


def table(*mergers, **more):
    rows = [{"school": code, "into": into} for code, into in mergers]
    return {"format": "mergers/1", "mergers": rows} | more


def whole(code):
    return [{"school": code, "share": 1}]


def merged(*mergers, changes=None, add=(), **more):
    document = county()
    document["schools"] += add
    file = read_county(changed(document, changes or {}))
    return merge_schools(file, read_mergers(table(*mergers, **more)))


def one(result, code):
    return next(each for each in result.county.schools if each.code == code)


def refused(*mergers, changes=None, add=(), **more):
    with pytest.raises(RemedyFileError) as caught:
        merged(*mergers, changes=changes, add=add, **more)
    return [(fault.where, fault.rule) for fault in caught.value.faults]


def test_pupils_and_teachers_go_and_buildings_stay():
    result = merged(("P1", whole("P2")))
    school_ = one(result, "P2")
    assert [each.code for each in result.county.schools] == ["P2", "J1", "J2"]
    assert school_.pupils_in("primary") == 480
    assert (school_.staff_in("primary", "total"), school_.staff_in("primary", "backbone")) == (40, 8)
    assert school_.teaching_area == 1780
    assert (school_.equipment_value, school_.multimedia_rooms) == (720000, 8)
    assert (school_.public_funds, school_.training_funds) == (400000, 20000)
    assert result.left_behind["P1"]["teaching_area"] == 1780
    assert result.left_behind["P1"]["equipment_value"] == 720000


def test_what_then_is_unknown_is_left_out_and_named():
    result = merged(("P1", whole("P2")))
    school_ = one(result, "P2")
    assert school_.class_sizes is None or school_.class_sizes.primary is None
    assert (school_.funded_pupils, school_.migrant_share) == (None, None)
    assert set(result.unknown) == {
        "schools[P2].class_sizes.primary",
        "schools[P2].nearby_pupils.primary",
        "schools[P2].funded_pupils",
        "schools[P2].migrant_share",
    }


def test_equipment_and_rooms_move_when_the_table_says_so():
    result = merged(("P1", whole("P2")), equipment_moves=True, multimedia_rooms_move=True)
    school_ = one(result, "P2")
    assert (school_.equipment_value, school_.multimedia_rooms) == (1440000, 16)
    assert set(result.left_behind["P1"]) == {"teaching_area", "indoor_sports_area", "sports_ground_area"}


def test_thirds_are_shared_to_the_last_pupil_teacher_and_fen():
    third = [{"school": code, "share": "1/3"} for code in ("P1", "P2", "J1")]
    row = school("M", "primary") | {"pupils": {"primary": 100}, "equipment_value": 100}
    result = merged(("M", third), add=[row], equipment_moves=True)
    assert [each.pupils["primary"] for each in result.transfers] == [34, 33, 33]
    assert [each.teachers["primary"]["total"] for each in result.transfers] == [7, 7, 6]
    assert [str(each.moved["equipment_value"]) for each in result.transfers] == ["33.34", "33.33", "33.33"]


def test_counted_pupils_take_teachers_in_proportion_or_as_counted():
    into = [{"school": "P2", "pupils": {"primary": 180}}, {"school": "J1", "pupils": {"primary": 60}}]
    first, second = merged(("P1", into)).transfers
    assert (first.teachers["primary"]["total"], second.teachers["primary"]["total"]) == (15, 5)
    into[0]["teachers"] = {"primary": {"backbone": 1}}
    into[1]["teachers"] = {"primary": {"backbone": 3}}
    first, second = merged(("P1", into)).transfers
    assert (first.teachers["primary"]["backbone"], second.teachers["primary"]["backbone"]) == (1, 3)
    assert first.teachers["primary"]["pe_arts"] == 3


def test_a_junior_school_that_takes_pupils_of_a_primary_school_is_split_from_then_on():
    found = what_if(read_county(county()), SCHEME, read_mergers(table(("P1", whole("J1")))))
    assert found.merged.kinds == {"J1": ("junior", "nine_year")}
    units = {(unit.school, unit.stage): unit for unit in found.comparison.units}
    assert units["J1", "primary"].before is None
    assert units["P1", "primary"].after is None
    assert units["J1", "junior"].after.part.share == Fraction(264, 504)
    assert units["J1", "junior"].after.values["R4"] == 1680 * Fraction(264, 504) / 240
    assert found.comparison.before.sections["resources"] is Outcome.MET
    assert found.comparison.after.sections["resources"] is Outcome.NOT_MET


def test_teachers_keep_the_stage_they_teach():
    school_ = one(merged(("P1", whole("J1"))), "J1")
    assert school_.staff_in("primary", "total") == 20
    assert school_.staff_in("junior", "total") == 20


def test_class_sizes_are_those_given():
    sizes = {"school": "P2", "class_sizes": {"primary": [40] * 12}}
    result = merged(("P1", whole("P2")), receiving=[sizes])
    assert one(result, "P2").classes_in("primary") == [40] * 12
    assert "schools[P2].class_sizes.primary" not in result.unknown


def test_a_kind_can_be_given():
    """A junior school may keep its kind and have primary classes attached."""
    result = merged(("P1", whole("J1")), receiving=[{"school": "J1", "kind": "junior"}])
    assert (one(result, "J1").kind, result.kinds) == ("junior", {})


def test_an_unknown_figure_stays_unknown():
    result = merged(("P1", whole("P2")), changes={"P1.teachers.primary.backbone": "absent"})
    assert one(result, "P2").staff_in("primary", "backbone") is None
    assert "schools[P2].teachers.primary.backbone" in result.unknown
    result = merged(("P1", whole("P2")), changes={"P2.equipment_value": "absent"}, equipment_moves=True)
    assert one(result, "P2").equipment_value is None


def test_a_veto_goes_with_the_pupils():
    result = merged(("P1", whole("P2")), changes={"P1.vetoes": {"falsification": True, "key_schools": False}})
    assert one(result, "P2").vetoes == {"falsification": True}


def test_a_chain_ends_where_its_last_school_goes():
    result = merged(("P2", whole("J1")), ("P1", whole("P2")))
    assert one(result, "J1").pupils_in("primary") == 480
    assert [(each.school, each.to_school) for each in result.transfers] == [("P1", "P2"), ("P2", "J1")]


def uncounted(parent="P1"):
    return school("U", "primary", "teaching_point") | {
        "counted": False,
        "merge_into": parent,
        "campus_of": parent,
        "pupils": {"primary": 60},
    }


def test_what_belonged_to_a_school_follows_it():
    follower = one(merged(("P1", whole("P2")), add=[uncounted()]), "U")
    assert (follower.merge_into, follower.campus_of) == ("P2", "P2")


def test_where_it_could_follow_to_several_the_table_must_say_which():
    half = [{"school": code, "share": 0.5} for code in ("P2", "J1")]
    assert refused(("P1", half), add=[uncounted()]) == [("redirects", "orphan")]
    result = merged(("P1", half), add=[uncounted()], redirects=[{"school": "U", "merge_into": "J2"}])
    assert (one(result, "U").merge_into, one(result, "U").campus_of) == ("J2", None)


def test_what_the_county_stated_of_itself_is_not_carried_over():
    changes = {"stated": [{"indicator": "R1", "stage": "primary", "value": 9}]}
    assert merged(("P1", whole("P2")), changes=changes).county.stated is None


def test_every_fault_is_found_at_once():
    faults = refused(
        ("P1", [{"school": "P1", "share": 0.5}, {"school": "X9", "share": 0.6}]),
        ("P2", [{"school": "J1", "share": 0.5}, {"school": "J1", "pupils": {"primary": 120}}]),
        ("J2", [{"school": "J1", "pupils": {"junior": 239}}]),
        ("J2", whole("J1")),
        receiving=[{"school": "P1"}],
        redirects=[{"school": "J1", "merge_into": "P1"}],
    )
    assert set(faults) == {
        ("mergers[0].into[0].school", "itself"),
        ("mergers[0].into[1].school", "unknown_school"),
        ("mergers[0].into", "shares"),
        ("mergers[1].into[1].school", "target_twice"),
        ("mergers[1].into", "mixed"),
        ("mergers[2].school", "merged_twice"),
        ("mergers[3].school", "merged_twice"),
        ("mergers[2].into", "counts"),
        ("receiving[0].school", "not_receiving"),
        ("redirects[0].school", "not_uncounted"),
        ("redirects[0].merge_into", "unknown_school"),
    }


def test_a_circle_is_refused():
    assert refused(("P1", whole("P2")), ("P2", whole("P1"))) == [
        ("mergers[0].school", "circle"),
        ("mergers[1].school", "circle"),
    ]


@pytest.mark.parametrize(
    ("into", "rule"),
    [
        ([{"school": "P2"}], "share_or_pupils"),
        ([{"school": "P2", "share": 1, "pupils": {"primary": 240}}], "share_or_pupils"),
        ([{"school": "P2", "share": 0.9}], "shares"),
        ([{"school": "P2", "pupils": {"primary": 240}, "teachers": {"primary": {"total": 19}}}], "counts"),
    ],
)
def test_shares_and_counts_must_say_where_everybody_goes(into, rule):
    assert rule in [found for _, found in refused(("P1", into))]


def test_counts_are_not_for_a_school_that_still_takes_others_in():
    into = [{"school": "J1", "pupils": {"primary": 240}}]
    assert refused(("P1", whole("P2")), ("P2", into)) == [("mergers[1].into", "counts_in_chain")]


def test_a_school_whose_pupils_are_unknown_cannot_be_shared_out():
    assert refused(("P1", whole("P2")), changes={"P1.pupils": {}}) == [
        ("mergers[0].school", "pupils_missing")
    ]


def test_special_and_vocational_schools_do_not_merge():
    special = school("S", "primary", "special")
    assert refused(("P1", whole("S")), add=[special]) == [("mergers[0].into[0].school", "excluded")]


def test_a_kind_that_no_school_has_is_refused():
    """A primary school with senior pupils and no junior ones is no kind of school."""
    row = school("C", "junior", "complete_secondary")
    row["pupils"] = {"junior": 0, "senior": 100}
    assert refused(("C", whole("P1")), add=[row]) == [("receiving", "no_kind")]


def test_class_sizes_must_add_up_to_the_pupils():
    sizes = {"school": "P2", "class_sizes": {"primary": [40] * 11}}
    assert refused(("P1", whole("P2")), receiving=[sizes]) == [
        ("receiving[0].class_sizes.primary", "class_sizes")
    ]


def test_a_county_that_could_not_be_is_refused():
    row = school("K", "primary") | {"pupils": {"primary": 100, "kindergarten": 30}}
    with pytest.raises(CountyFileError) as caught:
        merged(("K", whole("J1")), add=[row], receiving=[{"school": "J1", "kind": "junior"}])
    assert [fault.rule for fault in caught.value.faults] == ["stage_of_kind"]


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("format = ", [("", "malformed")]),
        (f"format = {'9' * 5000}", [("", "malformed")]),
        ("format = 1e99999999999999999999", [("", "malformed")]),
        (b"\xff\xfe", [("", "encoding")]),
        ('format = "mergers/2"\n', [("format", "choice"), ("mergers", "required")]),
        ({"format": "mergers/1", "mergers": []}, [("mergers", "empty")]),
        (table(("P1", [{"school": "P2", "share": "x"}])), [("mergers[0].into[0].share", "type")]),
        (table(("P1", [{"school": "P2", "share": 0}])), [("mergers[0].into[0].share", "above")]),
        (table(("P1", [{"school": "P2", "part": 1}])), [("mergers[0].into[0].part", "unknown_key")]),
        (table(("P1", whole("P2")), equipment_moves="yes"), [("equipment_moves", "type")]),
    ],
)
def test_a_table_that_cannot_be_read_names_its_faults(source, faults):
    with pytest.raises(RemedyFileError) as caught:
        read_mergers(source)
    assert [(fault.where, fault.rule) for fault in caught.value.faults] == faults


def yunxi():
    files = example_files("yunxi")
    return read_county(files["county.json"]), read_mergers(files["mergers.toml"])


def test_the_worked_example_says_that_it_is_simulated():
    county_, mergers = yunxi()
    assert list_examples() == ["yunxi"]
    assert "模拟" in county_.county.name
    assert "模拟" in mergers.note.zh
    assert "simulated" in mergers.note.en


def test_the_worked_example_is_the_list_of_the_document():
    county_, mergers = yunxi()
    names = {each.code: each.name for each in county_.schools}
    small = {each.name for each in county_.schools if (each.compulsory_pupils() or 0) < 100}
    goes = {names[each.school]: [names[target.school] for target in each.into] for each in mergers.mergers}
    assert goes == {
        "滨湖小学": ["松杨湖中学"],
        "南太小学": ["路口中心小学"],
        **{f"{name}小学": ["文桥中心小学"] for name in ("和平", "臣山", "白荆", "黄皋", "望城")},
        "五星小学": ["岳化一小", "岳化二小", "岳化四小", "云鹰小学"],
        "八一小学": ["云溪小学", "岳化一小"],
    }
    assert small == set(goes)


def test_the_worked_example_trades_one_shortfall_for_another():
    """Differences pass after the mergers; two schools that took pupils in are then short of space."""
    county_, mergers = yunxi()
    found = what_if(county_, SCHEME, mergers)
    grounds = next(
        each for each in found.comparison.numbers if (each.id, each.stage) == ("R5.difference", "primary")
    )
    assert (grounds.outcome_before, grounds.outcome_after) == (Outcome.NOT_MET, Outcome.MET)
    failing = {
        unit.name: unit.after.deciding
        for unit in found.comparison.units
        if unit.after and unit.after.outcome is Outcome.NOT_MET
    }
    assert failing == {"文桥中心小学": ("R4", "R5"), "松杨湖中学": ("R4", "R5")}
    assert found.merged.kinds == {"YX23": ("junior", "nine_year")}
    assert found.document("en")["note"].endswith("not real.")


def test_a_transfer_can_be_said_from_its_document_in_either_language():
    county_, mergers = yunxi()
    for transfer in merge_schools(county_, mergers).transfers:
        told = json.loads(json.dumps(transfer.document("zh")))
        again = Transfer.of_document(told)
        for language in ("zh", "en"):
            assert again.sentence(language) == transfer.sentence(language)
