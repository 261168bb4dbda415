"""How far findings are from turning: worked by hand."""

import json
from fractions import Fraction

import pytest

from evaluation.sensitivity import sensitivity
from tests.evaluation.situations import changed, county, judged, school


def distances(changes=None, add=()):
    document = changed(county(), changes or {})
    document["schools"] += add
    return sensitivity(judged(document))


def moves(distance):
    """What turns it: figure → by how much."""
    return {change.figure: change.by for change in distance.changes}


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        # 18 of 240 pupils are 7.5 per hundred; 4.2 need 10.08, so 10 miss it; 429 pupils make 4.196.
        (
            {},
            ("R1", "P1", "primary"),
            {"teachers.primary.above_qualification": -8, "pupils.primary": 189},
        ),
        # 1780 − 100 = 1680 m² are 7 per pupil; 4.5 × 240 = 1080.
        (
            {},
            ("R4", "P1", "primary"),
            {"teaching_area": -601, "indoor_sports_area": 601, "pupils.primary": 134},
        ),
        # 1699 + 100 m², and 7.5 × 240 = 1800.
        (
            {"P1.sports_ground_area": 1699},
            ("R5", "P1", "primary"),
            {"sports_ground_area": 1, "indoor_sports_area": 1, "pupils.primary": -1},
        ),
        ({}, ("G11.share", None, None), {"figures.rotation.rotated": -1, "figures.rotation.eligible": 1}),
        (
            {"figures.rotation.rotated_backbone": 1},
            ("G11.backbone", None, None),
            {"figures.rotation.rotated_backbone": 1, "figures.rotation.rotated": -5},
        ),
        ({}, ("G5", "P1", "primary"), {"class_sizes.primary": 6}),
        (
            {"P1.class_sizes.primary": [46, 48, 45, 34, 34, 33]},
            ("G5", "P1", "primary"),
            {"class_sizes.primary": -4},
        ),
        # One training less of 80 and the 100 % are gone; one teacher more who is not trained does it too.
        ({}, ("G9", None, None), {"teachers.trained": -1, "teachers.total": 1}),
        (
            {"P1.teachers.primary.trained": 15, "P2.teachers.primary.trained": 18},
            ("G9", None, None),
            {"teachers.trained": 7, "teachers.total": -7},
        ),
        # (190 − 4 + 4) / (201 − 1) = 95 %; nobody is told how many deaths would change it.
        (
            {},
            ("Q1", None, None),
            {
                "figures.retention.graduates": -1,
                "figures.retention.transferred_in": 1,
                "figures.retention.transferred_out": -1,
                "figures.retention.entrants": 1,
            },
        ),
        ({}, ("G4", "P1", None), {"pupils.primary": 1761}),
        # Built by 2010, 2400 pupils are allowed and no exemption is used yet: 2400 still meet it.
        ({"P1.built_year": 2010}, ("G4", "P1", None), {"pupils.primary": 2161}),
        ({}, ("E1", None, None), {"eligibility.application_year": -1}),
        # 0.149 is below 0.15 and 0.150 is not; level III falls to II.
        (
            {},
            ("Q9", None, None),
            {"figures.monitoring.difference": Fraction(1, 1000), "figures.monitoring.level": -1},
        ),
        (
            {"figures.monitoring.0.difference": 0.2, "figures.monitoring.1.difference": 0.16},
            ("Q9", None, None),
            {"figures.monitoring.difference": Fraction(-62, 1000)},
        ),
        (
            {
                "eligibility.composite_difference.0.primary": 0.7,
                "eligibility.composite_difference.1.primary": 0.61,
            },
            ("E2.composite", None, "primary"),
            {"eligibility.composite_difference.primary": Fraction(-11, 100)},
        ),
        (
            {"P1.music_rooms": [95.5]},
            ("G3.music", "P1", None),
            {"music_rooms": 1, "music_rooms.area": 1},
        ),
        # 13 classes need two rooms: one room more, one class less.
        (
            {"P1.class_sizes.primary": [19] * 6 + [18] * 7},
            ("G3.music", "P1", None),
            {"music_rooms": 1, "classes": -1},
        ),
        ({}, ("Q4", "P1", None), {"training_funds": -1, "public_funds": 1}),
        (
            {"recognition.questionnaires.satisfied": 160},
            ("recognition.rate", None, None),
            {
                "recognition.questionnaires.satisfied": 10,
                "recognition.questionnaires.valid": -12,
            },
        ),
    ],
)
def test_the_smallest_changes(changes, key, expected):
    id_, code, stage = key
    assert moves(distances(changes).of(id_, school=code, stage=stage)) == expected


def test_gaps_are_exact_and_relative_to_the_threshold():
    found = distances().of("R4", school="P1", stage="primary")
    assert found.finding.gap == Fraction(5, 2)
    assert found.relative_gap == Fraction(5, 9)


def test_a_passing_school_turns_when_one_indicator_falls_under_the_floor():
    rule = distances().of("R.school", school="P1", stage="primary")
    # All seven are met, so one may be missed: the floor counts. R4: (7 − 4.5 × 0.85) / 4.5 = 70.6 %;
    # R5: (2800/240 − 6.375) / 7.5 = 70.6 %; R6: (3000 − 1700) / 2000 = 65 %; R1: (7.5 − 3.57) / 4.2 = 93.6 %;
    # R7: (10/3 − 1.955) / 2.3 = 59.9 %; R2: (5/3 − 0.85) / 1 = 81.7 %.
    assert (rule.away, rule.nearest) == (1, "R7")
    assert rule.relative_gap == (Fraction(10, 3) - Fraction("1.955")) / Fraction("2.3")
    # 4 of 8 rooms are 1.67 per hundred, under the floor of 1.955; 5 are 2.08.
    assert moves(rule)["multimedia_rooms"] == -4
    # From 348 pupils on R7 is below 2.3, and from 361 on R6 is below 2000 too.
    assert moves(rule)["pupils.primary"] == 121


def test_at_six_of_seven_any_fall_below_the_threshold_counts():
    rule = distances({"P1.multimedia_rooms": 5}).of("R.school", school="P1", stage="primary")
    assert (rule.away, rule.nearest) == (1, "R7")
    assert moves(rule)["multimedia_rooms"] == -1
    # 480000 元 are 2000 per pupil.
    assert moves(rule)["equipment_value"] == -240001


def test_a_failing_school_says_how_many_are_missing():
    rule = distances({"P1.multimedia_rooms": 5, "P1.equipment_value": 475000, "P1.teaching_area": 1000}).of(
        "R.school", school="P1", stage="primary"
    )
    # R7 2.083, R6 1979 and R4 3.75 are below; R4 lies under 3.825. Two must reach the threshold.
    assert rule.away == 2
    assert rule.nearest == "R4"
    # Fewer pupils lift all three: at 237 R6 reaches 2004, at 217 R7 2.304; then one is left above its floor.
    assert moves(rule) == {"pupils.primary": -23}


def test_the_school_that_weighs_most_in_a_difference():
    found = distances({"P1.equipment_value": 2_000_000}).of("R6.difference", stage="primary")
    # Two schools of 240: x = 8333 and 3000, mean 5667; both are 2667 away, the first is named.
    assert found.contribution.share == Fraction(1, 2)
    assert found.contribution.school == "P1"
    assert found.contribution.above
    # |a − b| / (a + b) ≤ 0.5 needs b ≥ 666666.67 of 2000000, and has 720000: 53334 元 less miss it.
    assert moves(found) == {"equipment_value": -53334}


def test_the_nearest_findings_of_the_verdict_come_first():
    found = distances({"figures.pay.teacher_mean": 89999, "P1.funded_pupils": 1, "P1.training_funds": 5000})
    assert [each.finding.id for each in found.to_pass] == ["G8.pay", "Q4"]
    assert [each.alone for each in found.to_pass] == [False, False]
    assert not any(each.alone for each in found.to_fail)
    gaps = [each.relative_gap for each in found.to_fail]
    assert gaps == sorted(gaps)


def test_a_single_failing_finding_carries_the_verdict_alone():
    found = distances({"figures.pay.teacher_mean": 89999})
    assert [(each.finding.id, each.alone) for each in found.to_pass] == [("G8.pay", True)]


def test_of_a_verdict_that_is_met_any_finding_alone_can_turn_it():
    found = distances()
    assert found.to_pass == ()
    assert all(each.alone for each in found.to_fail)
    assert "R1" not in {each.finding.id for each in found.to_fail}


def test_a_school_with_unknown_indicators_says_so():
    found = distances({"P1.teachers.primary.pe_arts": "absent", "P1.multimedia_rooms": 4})
    rule = found.of("R.school", school="P1", stage="primary")
    assert (rule.away, rule.nearest, rule.changes) == (1, "R7", ())
    (said,) = (each for each in found.document("zh")["to_pass"] if each["id"] == "R.school")
    assert "另有R3缺少数据" in said["text"]


def test_the_document_is_plain_and_the_same_each_time():
    found = distances({"P1.multimedia_rooms": 3}, add=[school("P3", "primary")])
    first = json.dumps(found.document("zh"), ensure_ascii=False, allow_nan=False)
    again = distances({"P1.multimedia_rooms": 3}, add=[school("P3", "primary")])
    assert first == json.dumps(again.document("zh"), ensure_ascii=False)
    english = found.document("en")
    assert "multimedia classrooms: 2 more would meet it" in english["to_pass"][0]["text"]
    assert all(each["text"] for each in english["to_pass"] + english["to_fail"])
