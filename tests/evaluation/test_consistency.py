"""Contradictions in a county's own figures are found, and never change what is judged."""

import pytest

from evaluation.contradictions import Contradiction
from tests.evaluation.situations import changed, county, judged


def contradictions(changes):
    return {(each.id, each.where): each for each in judged(changed(county(), changes)).consistency}


@pytest.mark.parametrize(
    ("changes", "id_", "where"),
    [
        ({"P1.class_sizes.primary": [40] * 5}, "class_sizes_sum", "schools[P1].class_sizes.primary"),
        ({"P1.grade_pupils": {"1": 239}}, "grades_sum", "schools[P1].grade_pupils"),
        (
            {"P1.teachers.primary.backbone": 21},
            "part_exceeds_whole",
            "schools[P1].teachers.primary.backbone",
        ),
        (
            {"P1.teachers.primary.employees": 19},
            "part_exceeds_whole",
            "schools[P1].teachers.primary.total",
        ),
        ({"P1.training_funds": 300000}, "part_exceeds_whole", "schools[P1].training_funds"),
        ({"P1.indoor_sports_area": 2000}, "part_exceeds_whole", "schools[P1].indoor_sports_area"),
        ({"P1.nearby_pupils.primary": 241}, "part_exceeds_whole", "schools[P1].nearby_pupils.primary"),
        ({"P1.teachers.junior": {"total": 2}}, "teachers_without_pupils", "schools[P1].teachers.junior"),
        ({"P1.merge_into": "P2"}, "counted_but_merged", "schools[P1].merge_into"),
        ({"P1.kind": "vocational"}, "vocational_attached", "schools[P1].pupils"),
        (
            {"figures.rotation.rotated_backbone": 11},
            "part_exceeds_whole",
            "figures.rotation.rotated_backbone",
        ),
        ({"figures.senior_places.allotted": 201}, "part_exceeds_whole", "figures.senior_places.allotted"),
        (
            {"figures.migrant_children.in_public": 96},
            "part_exceeds_whole",
            "figures.migrant_children.in_public",
        ),
        (
            {"eligibility.basic_balance_year": 2026},
            "recognised_after_applying",
            "eligibility.basic_balance_year",
        ),
        (
            {"P1.attestations.charters": {"met": False}},
            "attestation_against_schools",
            "attestations.charters",
        ),
        ({"P1.vetoes.key_schools": True}, "veto_against_schools", "vetoes.key_schools"),
        (
            {"recognition.questionnaires.satisfied": 201},
            "part_exceeds_whole",
            "recognition.questionnaires.satisfied",
        ),
        ({"recognition.visits.valid": 21}, "part_exceeds_whole", "recognition.visits.valid"),
        ({"recognition.groups.parent.valid": 201}, "groups_sum", "recognition.groups.*.valid"),
        (
            {"county.resident_population": 133334},
            "sample_too_small",
            "recognition.questionnaires.distributed",
        ),
        (
            {"county.resident_population": 133334, "recognition.questionnaires.distributed": "absent"},
            "sample_too_small",
            "recognition.questionnaires.valid",
        ),
        ({"recognition.groups.parent.valid": 99}, "too_few_parents", "recognition.groups.parent.valid"),
        ({"totals": {"pupils": {"primary": 481}}}, "total_against_schools", "totals.pupils.primary"),
        ({"totals": {"schools": {"junior": 3}}}, "total_against_schools", "totals.schools.junior"),
        (
            {"stated": [{"indicator": "R6", "stage": "primary", "value": 2999}]},
            "stated_value",
            "stated[0].value",
        ),
        (
            {"stated": [{"indicator": "Q2", "stage": "county", "value": 0.97}]},
            "stated_value",
            "stated[0].value",
        ),
        ({"stated": [{"indicator": "G9", "met": False}]}, "stated_against_finding", "stated[0].met"),
        (
            {"totals": {"teachers": {"primary": 39}, "backbone": {"primary": 40}}},
            "totals_part_exceeds_whole",
            "totals.backbone.primary",
        ),
        (
            {"totals": {"employees": {"junior": 30}, "teachers": {"junior": 31}}},
            "totals_part_exceeds_whole",
            "totals.teachers.junior",
        ),
        (
            {"totals": {"equipment_value": {"junior": 1}}},
            "total_against_schools",
            "totals.equipment_value.junior",
        ),
        (
            {"totals": {"multimedia_rooms": {"primary": 17}}},
            "total_against_schools",
            "totals.multimedia_rooms.primary",
        ),
        # 3560 − 200 m² over 480 pupils are 7, not 7.4, which forgets to subtract the halls.
        (
            {
                "totals": {
                    "teaching_area": {"primary": 3560},
                    "indoor_sports_area": {"primary": 200},
                    "pupils": {"primary": 480},
                },
                "stated": [{"indicator": "R4", "stage": "primary", "value": 7.4}],
            },
            "stated_ratio",
            "stated[0].value",
        ),
        # 2.24 and anything that rounds to it lies below 2.3.
        (
            {"stated": [{"indicator": "R7", "stage": "primary", "value": 2.24, "met": True}]},
            "stated_against_own_value",
            "stated[0].met",
        ),
        (
            {"stated": [{"indicator": "G14", "stage": "county", "value": 0.8, "met": False}]},
            "stated_against_own_value",
            "stated[0].met",
        ),
        (
            {"stated": [{"indicator": "G11.backbone", "stage": "county", "value": 0.19, "met": True}]},
            "stated_against_own_value",
            "stated[0].met",
        ),
    ],
)
def test_found(changes, id_, where):
    found = contradictions(changes)
    assert (id_, where) in found
    for language in ("zh", "en"):
        sentence = found[id_, where].message(language)
        assert sentence
        assert "{" not in sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"totals": {"pupils": {"primary": 480, "junior": 480}, "schools": {"primary": 2}}},
        {"stated": [{"indicator": "R7", "stage": "primary", "value": 3.3, "met": True}]},
        {"stated": [{"indicator": "R6", "stage": "primary", "value": 3000}]},
        {"county.resident_population": 133333},
        {"recognition.questionnaires.valid": 140, "recognition.questionnaires.satisfied": 120},
        {"P1.teachers": "absent", "totals": {"teachers": {"primary": 1}}},
        {"totals": {"teachers": {"primary": 40}, "employees": {"primary": 40}, "backbone": {"primary": 8}}},
        # What a school's stages use together belongs to neither of them alone.
        {
            "P1.kind": "nine_year",
            "P1.pupils.junior": 10,
            "P1.teachers.junior": {},
            "totals": {"equipment_value": {"primary": 1}},
        },
    ],
)
def test_nothing_to_complain_of(changes):
    assert [key for key in contradictions(changes) if key[0] not in ("met_in_words",)] == []


YANGCHENG = {
    "totals": {
        "pupils": {"primary": 13566, "junior": 6849},
        "employees": {"primary": 1433, "junior": 1095},
        "above_qualification": {"primary": 784, "junior": 804},
        "backbone": {"primary": 400, "junior": 400},
    },
    "stated": [
        {"indicator": "R1", "stage": "primary", "value": 5.8, "met": True},
        {"indicator": "R1", "stage": "junior", "value": 10.7, "met": True},
        {"indicator": "R2", "stage": "primary", "value": 3, "met": True},
        {"indicator": "R2", "stage": "junior", "value": 5.2, "met": True},
        {"indicator": "R3", "stage": "county", "value": 0.4, "met": False},
        {"indicator": "pe_arts", "stage": "county", "value": 333},
        {"indicator": "pe_arts_specialist", "stage": "county", "value": 177},
        {"indicator": "pe_specialist", "stage": "county", "value": 81},
        {"indicator": "bachelor", "stage": "primary", "value": 784},
        {"indicator": "Q1", "stage": "county", "value": 1, "met": True},
    ],
    "figures": {},
    "schools": [],
}


def test_yangchengs_own_numbers_contradict_each_other():
    found = contradictions(YANGCHENG)
    ratios = {key[1]: each for key, each in found.items() if key[0] == "stated_ratio"}
    assert set(ratios) == {"stated[1].value", "stated[3].value", "stated[4].value"}
    assert "11.74" in ratios["stated[1].value"].message("zh")
    assert "5.84" in ratios["stated[3].value"].message("zh")
    arts = ratios["stated[4].value"].message("zh")
    assert all(number in arts for number in ("333", "1.63", "0.867", "0.397"))
    assert ratios["stated[4].value"].facts["instead"]["figure"] == "pe_specialist"
    assert ("employees_not_teachers", "totals.employees") in found
    assert ("lower_bound", "totals.above_qualification.primary") in found
    words = found["met_in_words", "stated"]
    assert words.facts["items"] == ["Q1"]
    assert "没有公布计数的：Q1 100%" in words.message("zh")
    assert "Q1 100%" in words.message("en")


def test_contradictions_about_schools_name_the_item_and_not_a_key():
    changes = {"P1.attestations.charters": {"met": False}, "P1.vetoes.key_schools": True}
    found = contradictions(changes)
    said = found["attestation_against_schools", "attestations.charters"].message("zh")
    assert said == "Q3：县级佐证为达标，但P1学校的佐证为未达标，按未达标判定。"
    assert found["veto_against_schools", "vetoes.key_schools"].message("en").startswith("V3: ")


def test_the_recognition_rate_is_named_where_it_is_only_stated():
    facts = {"items": ["Q1", "recognition"], "count": 2, "published": {}}
    found = Contradiction(id="met_in_words", where="stated", facts=facts)
    assert "Q1、社会认可度调查结果。" in found.message("zh")
    assert "recognition survey" in found.message("en")
