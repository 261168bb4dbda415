"""Scored items: what Hunan's rules hold, points as they are judged, and laws of every score sheet."""

import shutil
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import CountyFileError, Outcome, evaluate, load_scheme, read_county
from evaluation.loader import SCHEMES
from evaluation.many import evaluate_many
from tests.evaluation.situations import (
    HUNAN_POINTS,
    VETOES,
    changed,
    county,
    hunan_county,
    judged,
    situation,
    small,
)

CASES = Path(__file__).parents[1] / "cases"
HUNAN = load_scheme("hunan-2023")
FEW = settings(max_examples=25, deadline=None)
RANK = {Outcome.NOT_MET: 0, Outcome.UNDETERMINED: 1, Outcome.MET: 2}

#: How many sub-points the document numbers under each item; an item without numbers has one.
SUB_POINTS = dict(
    zip(
        map(str, range(8, 37)),
        [4, 3, 5, 2, 2, 3, 2, 1, 3, 2, 3, 3, 1, 2, 1, 3, 1, 1, 1, 6, 2, 3, 8, 2, 5, 4, 2, 4, 3],
        strict=True,
    )
)

#: The points of each sub-point as the document prints them.
POINTS = {
    "8": [3, 2, 3, 2],
    "9": [1, 2, 2],
    "23": [2, 1, 2],
    "27": [1, 3, 1, 2, 2, 1],
    "29": [3, 2, 5],
    "30": [1, 2, 1, 1, 1, 1, 2, 1],
    "32": [3, 6, 5, 3, 3],
    "33": [3, 2, 3, 2],
    "34": [4, 6],
    "35": [2, 2, 4, 2],
}


def hunan(**scores):
    """Judge the ground with other points; a point of None is absent."""
    document = hunan_county()
    document["scores"] = {key: value for key, value in scores.items() if value is not None}
    return judged(document, "hunan-2023")


def numbered_items():
    return [item for _, item in HUNAN.all_items() if item.id.isdigit()]


# What the document holds.


def test_there_are_36_items_26_of_them_must_be_met_and_10_are_scored():
    categories = [each.category for each in (*HUNAN.resources.indicators, *numbered_items())]
    ids = [each.id for each in (*HUNAN.resources.indicators, *numbered_items())]
    assert ids == [str(number) for number in range(1, 37)]
    assert (categories.count("A"), categories.count("B")) == (26, 10)
    assert all((item.points is not None) == (item.category == "B") for item in numbered_items())


def test_the_sections_count_as_many_items_of_class_a_as_the_document_says():
    counts = {"resources": len(HUNAN.resources.indicators)}
    for section, item in HUNAN.all_items():
        counts[section] = counts.get(section, 0) + (item.category == "A")
    assert counts == {
        "resources": 7,
        "guarantee": 14,
        "quality": 4,
        "moral_education": 0,
        "informatisation": 0,
        "recognition": 1,
        "vetoes": 0,
    }


def test_every_sub_point_is_there():
    for item in numbered_items():
        numbers = {each.id.partition(".")[0] for each in item.criteria}
        numbered = {int(each) for each in numbers if each.isdigit()}
        assert numbered == (set(range(1, SUB_POINTS[item.id] + 1)) if SUB_POINTS[item.id] > 1 else set())


def test_every_sub_point_has_its_points_and_they_make_100():
    points = {
        item.id: [each.points for each in item.criteria]
        for item in numbered_items()
        if item.points is not None
    }
    assert points == POINTS
    assert sum(map(sum, points.values())) == HUNAN.scoring.points == 100


def test_resources_are_asked_of_every_school_of_the_county_and_of_the_differences():
    rules = HUNAN.resources
    assert (rules.school_rule.indicators_met, rules.school_rule.floor) == (7, None)
    assert rules.county_mean is not None
    assert rules.difference.bounds.primary.threshold == Fraction("0.5")
    assert rules.difference.bounds.junior.threshold == Fraction("0.45")
    assert [each.national for each in rules.indicators] == [f"R{number}" for number in range(1, 8)]


def test_the_items_map_to_the_national_ones():
    national = {item.id: item.national for item in numbered_items()}
    assert national["8"] == []
    assert national["9"] == ["G1"]
    assert [national[str(number)] for number in range(10, 23)] == [[f"G{each}"] for each in range(2, 15)]
    assert national["23"] == national["24"] == ["G15"]
    assert national["27"] == national["34"] == ["Q3"]
    assert national["32"] == national["33"] == ["Q6"]
    named = {"25": "Q1", "26": "Q2", "28": "Q4", "35": "Q5", "29": "Q7", "30": "Q8", "31": "Q9"}
    assert {key: national[key] for key in named} == {key: [value] for key, value in named.items()}


def test_the_six_vetoes_use_the_facts_all_schemes_share():
    facts = [item.criteria[0].fact for item in HUNAN.sections["vetoes"].items]
    assert facts == [f"vetoes.{key}" for key in VETOES]


def test_there_are_no_exemptions_and_no_eligibility():
    assert HUNAN.exemptions == []
    assert "eligibility" not in HUNAN.head.sections


# What is refused, and what is not.


def test_more_points_than_a_sub_point_is_worth_are_refused():
    with pytest.raises(CountyFileError) as refused:
        hunan(**HUNAN_POINTS | {"27.2": 3.01, "8.2": 2.5})
    faults = {fault.where: (fault.rule, fault.value, fault.facts) for fault in refused.value.faults}
    assert set(faults) == {"scores.27.2", "scores.8.2"}
    assert faults["scores.27.2"][0] == "maximum"
    assert faults["scores.27.2"][2] == {"maximum": 3}


def test_unknown_points_are_refused_naming_the_known():
    with pytest.raises(CountyFileError) as refused:
        hunan(**HUNAN_POINTS | {"27": 10})
    (fault,) = refused.value.faults
    assert (fault.where, fault.rule) == ("scores.27", "not_in_scheme")
    assert set(HUNAN_POINTS) | {"8.2", "8.4", "30.8"} == set(fault.facts["known"])


def test_the_example_county_can_be_judged_and_its_attestations_are_shown_as_stated():
    verdict = judged(small(), "hunan-2023")
    assert verdict.of("32.2").outcome is Outcome.UNDETERMINED
    assert verdict.of("32.2").stated == "met"
    assert verdict.scores.total is None


def test_a_scheme_that_does_not_score_has_no_scores():
    document = judged(county()).document()
    assert not {"scores", "total", "band"} & set(document)
    assert "scoring" not in document["sections"]


# The document of a verdict, and its sentences.


def test_the_document_holds_the_score_sheet():
    document = hunan(**HUNAN_POINTS | {"27.2": 0.5, "33.1": None}).document(lang="en")
    assert document["scores"]["27"] == {"points": 7.5, "max": 10, "met": False}
    assert document["scores"]["33"] == {"points": None, "max": 10, "met": None}
    assert document["scores"]["32"] == {"points": 20, "max": 20, "met": True}
    assert list(document["scores"]) == list(POINTS)
    assert (document["total"], document["band"]) == (None, None)
    whole = hunan(**HUNAN_POINTS | {"27.2": 2.5}).document(lang="en")
    assert (whole["total"], whole["band"]) == (99.5, "excellent")


def test_sentences_say_points_shares_and_grades():
    verdict = hunan(**HUNAN_POINTS | {"27.2": 0.9999, "33.1": None, "32.1": None})
    assert verdict.of("27").reason() == (
        "所有学校制定章程，依法依规，依章程治校：得7.9999分（满分10分），要求不低于满分的80%即8分，未达标。"
    )
    assert verdict.of("33").reason("en") == (
        "School culture is good or better in every school: "
        "7 of 10 points so far, 1 sub-point incomplete, at most 10, required 80% or 8: cannot be decided."
    )
    assert verdict.of("32.2").reason("en").endswith(": 6 of 6 points.")
    assert verdict.of("33.1").reason().endswith("：缺少得分，无法判定。")
    assert verdict.of("total").reason() == (
        "“B”类指标总分：已有92分（满分100分），另有2个指标得分不全，最多可得98分，"
        "要求不低于80分，达标；第27项不到满分的80%，不评等次。"
    )


def test_a_sentence_never_rounds_a_total_into_the_next_grade():
    points = {"27.2": 1, "29.3": 3, "30.2": 1.996, "32.2": 2, "33.1": 1, "34.2": 4, "35.3": 2}
    verdict = hunan(**HUNAN_POINTS | points)
    assert "得85.996分（满分100分），要求不低于80分，达标；等次为“合格”。" in verdict.of("total").reason()
    assert "grade 'pass'" in verdict.of("total").reason("en")


def test_a_claim_is_said_and_not_counted():
    document = changed(hunan_county(), {"figures.education_spending.3.total": 1})
    document["scores"] |= {"8.2": 2, "30.8": 1}
    del document["recognition"]["topics"]["30.8"]
    verdict = judged(document, "hunan-2023")
    assert (
        "2023年一般公共预算教育支出下降，得1分（满分2分）。县自评2分，以数据为准。"
        in verdict.of("8.2").reason()
    )
    assert verdict.of("30.8").reason().endswith("县自评1分，但没有可核对的数据，不计入。")
    assert "is not counted" in verdict.of("30.8").reason("en")


def test_the_mean_of_the_county_is_called_so():
    verdict = judged(hunan_county(), "hunan-2023")
    assert verdict.of("6.mean", stage="primary").reason() == (
        "小学，生均教学仪器设备值（全县平均）：3000元，要求不低于2000元，达标。"
    )
    assert "(county mean)" in verdict.of("6.mean", stage="junior").reason("en")


# A scheme whose grades begin above the share of the items.


@pytest.fixture
def stricter(tmp_path):
    """Return Hunan's scheme with the lowest grade from 85 points on."""
    for id_ in ("hunan-2023", "national-2017"):
        shutil.copytree(SCHEMES / id_, tmp_path / id_)
    file = tmp_path / "hunan-2023" / "scoring.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count("at_least = 80") == 1
    file.write_text(text.replace("at_least = 80", "at_least = 85"), encoding="utf-8")
    return load_scheme("hunan-2023", folder=tmp_path)


def judge_with(scheme, **points):
    document = hunan_county()
    document["scores"] = {key: each for key, each in (HUNAN_POINTS | points).items() if each is not None}
    return evaluate(read_county(document), scheme)


LOW = {"27.2": 1, "29.3": 3, "32.2": 2, "33.1": 1, "34.2": 4, "35.3": 2}


def test_the_total_decides_where_items_that_pass_can_miss_the_lowest_grade(stricter):
    passing = judge_with(stricter, **LOW | {"30.2": 1})
    assert (passing.of("total").value, passing.outcome) == (85, "met")
    missing = judge_with(stricter, **LOW | {"30.2": 0.99})
    assert all(each.outcome == "met" for each in missing.scores.items)
    assert (missing.outcome, missing.reasons) == ("not_met", ("total",))
    assert missing.sections["scoring"] == "not_met"
    assert missing.scores.band is None
    assert missing.of("total").reason("en").endswith("required 85: not met; no grade.")


def test_an_open_total_leaves_the_verdict_open(stricter):
    verdict = judge_with(stricter, **LOW | {"30.2": 1, "9.1": None})
    assert all(each.outcome == "met" for each in verdict.scores.items)
    assert (verdict.outcome, verdict.reasons) == ("undetermined", ("total",))
    assert verdict.of("total").missing == ("scores.9.1",)
    assert judge_with(stricter, **LOW | {"9.1": None}).outcome == "met"


def test_the_total_is_no_reason_of_its_own_where_items_say_it():
    verdict = hunan(**dict.fromkeys(HUNAN_POINTS, 0))
    assert verdict.of("total").outcome is Outcome.NOT_MET
    assert verdict.reasons == tuple(POINTS)


# Laws.


sheets = st.fixed_dictionaries(
    {key: st.integers(0, points * 100).map(lambda each: each / 100) for key, points in HUNAN_POINTS.items()}
)
high_sheets = st.fixed_dictionaries(
    {
        key: st.integers(points * 60, points * 100).map(lambda each: each / 100)
        for key, points in HUNAN_POINTS.items()
    }
)
any_sheet = st.one_of(sheets, high_sheets)
some_keys = st.sets(st.sampled_from(sorted(HUNAN_POINTS)), max_size=6)


def outcomes(verdict):
    return {(each.id, each.school, each.stage): each.outcome for each in verdict.findings}


@FEW
@given(any_sheet, st.sampled_from(sorted(HUNAN_POINTS)), st.integers(1, 100))
def test_more_points_never_worsen_anything(scores, key, more):
    before = hunan(**scores)
    after = hunan(**scores | {key: min(scores[key] + more / 100, HUNAN_POINTS[key])})
    later = outcomes(after)
    assert all(RANK[later[place]] >= RANK[outcome] for place, outcome in outcomes(before).items())
    assert RANK[after.outcome] >= RANK[before.outcome]
    assert after.scores.total >= before.scores.total


@FEW
@given(any_sheet, some_keys)
def test_what_is_decided_without_some_points_holds_whatever_they_are(scores, absent):
    """So a missing sub-point never turns not met into met, and a grade that is given is certain."""
    whole = hunan(**scores)
    partial = hunan(**{key: value for key, value in scores.items() if key not in absent})
    found = {each.item: each.outcome for each in whole.scores.items}
    for each in partial.scores.items:
        assert each.outcome in (Outcome.UNDETERMINED, found[each.item])
    assert partial.of("total").outcome in (Outcome.UNDETERMINED, whole.of("total").outcome)
    assert partial.outcome in (Outcome.UNDETERMINED, whole.outcome)
    assert partial.scores.band in (None, whole.scores.band)
    assert partial.scores.at_least <= whole.scores.total <= partial.scores.at_most
    assert partial.scores.total == (whole.scores.total if not absent else None)


@FEW
@given(any_sheet)
def test_items_that_all_pass_always_have_a_grade(scores):
    sheet = hunan(**scores).scores
    passed = all(each.outcome is Outcome.MET for each in sheet.items)
    assert (sheet.band is not None) == passed
    assert sheet.total == sum(each.points for each in sheet.items)
    assert not passed or sheet.total >= 80


@FEW
@given(st.lists(st.integers(0, 40), min_size=5, max_size=5), st.sets(st.integers(0, 4), max_size=4))
def test_spending_without_some_years_never_decides_against_the_whole(totals, absent):
    def points(without):
        rows = [
            {"year": 2020 + place, "per_pupil": 1, **({} if place in without else {"total": total})}
            for place, total in enumerate(totals)
        ]
        found = judged(changed(hunan_county(), {"figures.education_spending": rows}), "hunan-2023").of("8.2")
        return found.value, found.facts

    whole, _ = points(set())
    assert whole == (2 if totals == sorted(totals) else 1)
    value, facts = points(absent)
    assert value in (None, whole)
    assert value is not None or facts["least"] <= whole <= facts["most"]


@FEW
@given(st.permutations(range(4)))
def test_the_order_of_schools_never_matters(order):
    document = changed(hunan_county(), {"P1.equipment_value": 100000, "J2.equipment_value": "absent"})
    shuffled = document | {"schools": [document["schools"][place] for place in order]}
    first, second = judged(document, "hunan-2023"), judged(shuffled, "hunan-2023")
    assert outcomes(first) == outcomes(second)
    assert first.reasons == second.reasons
    assert first.scores == second.scores


@FEW
@given(st.lists(st.tuples(st.integers(100, 900), st.integers(0, 3)), min_size=2, max_size=2))
def test_where_every_school_reaches_a_threshold_the_mean_does(schools):
    changes = {}
    for code, (pupils, surplus) in zip(("P1", "P2"), schools, strict=True):
        changes |= {f"{code}.pupils.primary": pupils, f"{code}.equipment_value": 2000 * pupils + surplus}
    verdict = judged(changed(hunan_county(), changes), "hunan-2023")
    assert verdict.of("6", school="P1", stage="primary").outcome is Outcome.MET
    assert verdict.of("6", school="P2", stage="primary").outcome is Outcome.MET
    assert verdict.of("6.mean", stage="primary").outcome is Outcome.MET


def test_many_counties_at_once_are_judged_alike():
    cases = tomllib.loads((CASES / "evaluation_hunan.toml").read_text(encoding="utf-8"))["cases"]
    files = [read_county(situation(case, "hunan-2023")) for case in cases]
    for file, row in zip(files, evaluate_many(files, HUNAN).rows, strict=True):
        verdict = evaluate(file, HUNAN)
        assert (row.outcome, row.reasons) == (verdict.outcome, verdict.reasons)
        assert (row.sections, row.total) == (verdict.sections, verdict.scores.total)
        assert row.band == (verdict.scores.band.label if verdict.scores.band else None)
