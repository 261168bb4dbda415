"""Verdicts as a whole: documents, sentences, keys a scheme does not know, many counties at once."""

import json
from fractions import Fraction

import pytest

from evaluation import CountyFileError, Outcome, evaluate_many, load_scheme, read_county, school_parts
from evaluation.resource_findings import resource_findings
from evaluation.resources import CODES, indicator_value, judge, tabulate
from evaluation.wording import shown
from tests.evaluation.situations import GROUNDS, changed, county, judged, small

SCHEME = load_scheme("shanxi-2022")


def bare() -> dict:
    """A county of which nothing is known but its schools' pupils."""
    schools = [
        {key: row[key] for key in ("code", "name", "kind", "locality", "ownership", "boarding", "pupils")}
        for row in county()["schools"]
    ]
    return {
        "format": "county/1",
        "county": {"code": "140999", "name": "空县"},
        "year": 2024,
        "schools": schools,
    }


@pytest.mark.parametrize("document", [small(), county(), bare()], ids=["small", "county", "bare"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_document_is_whole(document, language):
    verdict = judged(document)
    printed = json.loads(json.dumps(verdict.document(lang=language), allow_nan=False))
    assert list(printed["sections"]) == [
        "eligibility",
        "vetoes",
        "resources",
        "guarantee",
        "quality",
        "recognition",
    ]
    assert printed["scheme"] == {"id": "shanxi-2022", "digest": SCHEME.digest}
    ids = {finding["id"] for finding in printed["findings"]}
    assert set(printed["reasons"]) <= ids
    for finding in printed["findings"]:
        assert finding["reason"]
        assert "None" not in finding["reason"]
        assert finding["outcome"] in {"met", "not_met", "undetermined"}
        if finding["outcome"] == "undetermined" and not finding["summary"]:
            assert finding["missing"], finding["id"]


def test_nothing_known_is_undetermined_and_never_met_by_default():
    verdict = judged(bare())
    assert verdict.outcome is Outcome.UNDETERMINED
    met = {finding.id for finding in verdict.findings if finding.outcome is Outcome.MET}
    assert met == {"G4", "G6"}


def test_no_schools_at_all_is_undetermined():
    verdict = judged(bare() | {"schools": []})
    assert {finding.outcome for finding in verdict.findings} == {Outcome.UNDETERMINED}


def test_the_same_file_gives_the_same_document_byte_for_byte():
    assert json.dumps(judged(small()).document()) == json.dumps(judged(small()).document())


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"attestations.layuot": {"met": True}}, "attestations.layuot"),
        ({"vetoes.something": False}, "vetoes.something"),
        ({"scores": {"27.2": 3}}, "scores.27.2"),
        ({"recognition.topics": {"30.8": 0.9}}, "recognition.topics.30.8"),
        ({"P1.attestations.chater": {"met": True}}, "schools[0].attestations.chater"),
        ({"P2.vetoes.chater": True}, "schools[1].vetoes.chater"),
    ],
)
def test_keys_the_scheme_does_not_know_are_refused(changes, where):
    with pytest.raises(CountyFileError) as refused:
        judged(changed(county(), changes))
    (fault,) = refused.value.faults
    assert (fault.where, fault.rule, fault.facts["scheme"]) == (where, "not_in_scheme", "shanxi-2022")
    assert fault.facts["known"] or where.startswith("scores")


def test_topics_named_by_items_are_accepted():
    assert judged(changed(county(), {"recognition.topics": {"Q8": 0.9}})).outcome is Outcome.MET


def test_units_are_the_expected_parts_with_their_members():
    verdict = judged(small())
    merged = next(unit for unit in verdict.units if unit.part.school == "S001")
    assert merged.part.members == ("S001", "S013")
    assert merged.values["R1"] == Fraction(2200, 333)


def test_an_exemption_prints_the_finding_with_and_without_it():
    changes = {"P1.built_year": 2016, "P1.music_rooms": [73]}
    verdict = judged(changed(county(), changes))
    finding = verdict.of("G3.music", school="P1")
    assert finding.exemption is not None
    assert finding.exemption.threshold_without == 96
    assert "未达标" in finding.reason("zh")
    assert "3年内" in finding.reason("zh")
    assert "without it" in finding.reason("en")


def test_an_expired_exemption_is_mentioned():
    changes = {"P1.built_year": 2016, "P1.music_rooms": [73], "eligibility.application_year": 2026}
    reason = judged(changed(county(), changes)).of("G3.music", school="P1").reason("zh")
    assert "已过期" in reason


def test_a_reason_never_rounds_a_difference_away():
    finding = judged(changed(county(), {"J1.teaching_area": 1491.99})).of("R4", school="J1", stage="junior")
    assert finding.outcome is Outcome.NOT_MET
    assert "5.7999" in finding.reason("zh")
    assert shown(Fraction(9, 2), apart_from=Fraction(9, 2)) == "4.5"


def test_many_counties_at_once_are_judged_as_each_alone():
    files = [read_county(small()), read_county(county()), read_county(bare()), read_county(small())]
    parts, values, places = [], [], []
    for place, file in enumerate(files):
        for part in school_parts(file, SCHEME.units):
            parts.append(part)
            places.append(place)
            values.append(
                [
                    indicator_value(part, indicator, SCHEME, file.application_year)
                    for indicator in SCHEME.resources.indicators
                ]
            )
    together = judge(tabulate(parts, values, places, counties=len(files)), SCHEME)
    for place, file in enumerate(files):
        alone = resource_findings(school_parts(file, SCHEME.units), SCHEME, file)
        rows = [row for row, each in enumerate(places) if each == place]
        assert [CODES[int(together.parts[row])] for row in rows] == [unit.outcome for unit in alone.units]
        codes = together.differences[2 * place : 2 * place + 2].reshape(-1)
        assert [CODES[int(code)] for code in codes] == [finding.outcome for finding in alone.differences]


@pytest.mark.parametrize("scheme", GROUNDS)
def test_a_vocational_school_is_no_school_of_the_evaluation(scheme):
    """附件3（一） does not list it: nothing said of it decides, save a serious case in the system."""
    document = GROUNDS[scheme]()
    vetoes = document.pop("vetoes")
    for row in document["schools"]:
        row["vetoes"] = dict.fromkeys(vetoes, False)
    loaded = load_scheme(scheme)
    school_by_school = {
        each.attestation
        for _, item in loaded.all_items()
        for each in item.criteria
        if each.formula == "attested" and each.school_by_school
    }
    vocational = {
        "code": "V1",
        "name": "职业中学",
        "kind": "vocational",
        "locality": "town",
        "ownership": "public",
    }
    vocational |= {"boarding": True, "pupils": {"senior": 800}}
    document["schools"].append(vocational)
    silent = judged(document, scheme).items
    asked = [key for key in vetoes if key in loaded.known_keys()["vetoes"] and key != "serious_incident"]
    vocational["vetoes"] = dict.fromkeys(asked, True)
    vocational["attestations"] = {key: {"met": False} for key in sorted(school_by_school)}
    assert school_by_school
    assert judged(document, scheme).items == silent
    document["vetoes"] = vetoes
    assert judged(document, scheme).outcome is Outcome.MET
    (row,) = evaluate_many([read_county(document)], loaded).rows
    assert row.outcome is Outcome.MET


def test_in_haicheng_a_vocational_schools_silence_leaves_no_ground_open():
    document = GROUNDS["haicheng-2023"]()
    for row in document["schools"]:
        row["vetoes"] = dict(document["vetoes"])
    document["vetoes"] = {"exam_admission": False}
    vocational = {
        "code": "V1",
        "name": "职业中学",
        "kind": "vocational",
        "locality": "town",
        "ownership": "public",
    }
    document["schools"].append(vocational | {"boarding": True, "pupils": {"senior": 800}})
    assert judged(document, "haicheng-2023").outcome is Outcome.MET
    (row,) = evaluate_many([read_county(document)], load_scheme("haicheng-2023")).rows
    assert row.outcome is Outcome.MET
