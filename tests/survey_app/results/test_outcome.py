"""The figures of a wave, against numbers worked out by hand."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.jobs import jobs_of
from survey_app.respond import service as respond
from survey_app.results import service
from survey_app.results.models import WaveOutcome
from survey_app.results.releasing import release_wave
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from tests.conftest import NOW
from tests.survey_app.respond.field import Unit, full_answers, open_field
from tests.survey_app.results.filled import COUNTY, close, fill, send


def finished(app, field) -> dict:
    """Close and mix; give the outcome."""
    close(app, field)
    jobs_of(app).enqueue("mix_wave", str(field.wave_id), wave_id=field.wave_id)
    with app.app_context():
        return service.outcome_of(db.session, surveys.get_wave(db.session, field.wave_id))


def sent(app, units, levels) -> dict:
    """Open a wave, send questionnaires at these levels by group, and finish it."""
    field = open_field(app, units)
    with app.app_context():
        forms = respond.Forms()
        for group, given in levels.items():
            for code, level in zip(field.cards[group], given, strict=False):
                send(field, code, full_answers(form_for_group(group), group, level=level), forms=forms)
        db.session.commit()
    return finished(app, field)


PERSONS = (Unit(group="teacher", cards=20, size=400), Unit(group="public", cards=20, size=9000))


def test_the_official_rate_is_the_pooled_count(app):
    outcome = sent(app, PERSONS, {"teacher": "5" * 18 + "11", "public": "5" * 12 + "1" * 8})
    assert outcome["official"] == {
        "valid": 40, "satisfied": 30, "rate": Fraction(3, 4), "outcome": "not_met"
    }  # fmt: skip
    assert [(row["group"], row["rate"]) for row in outcome["groups"]] == [
        ("teacher", Fraction(9, 10)),
        ("public", Fraction(3, 5)),
    ]
    (all_,) = outcome["form_vi"]
    assert (all_["distributed"], all_["valid"], all_["satisfied"]) == (40, 40, 30)


def test_groups_count_by_their_planned_share_and_not_by_the_length_of_their_list(app):
    outcome = sent(app, PERSONS, {"teacher": "5" * 18 + "11", "public": "5" * 12 + "1" * 8})
    assert outcome["weighted"]["estimate"] == pytest.approx(0.75)
    variance = sum(0.25 * (1 - 20 / size) * p * (1 - p) / 19 for p, size in [(0.9, 400), (0.6, 9000)])
    assert outcome["weighted"]["se"] == pytest.approx(variance**0.5)
    assert outcome["weighted"]["df"] == 38
    assert outcome["weighted"]["verdict"] == "not_decidable"


def test_missing_answers_of_a_group_do_not_change_its_share(app):
    outcome = sent(app, PERSONS, {"teacher": "5" * 20, "public": "5" * 5 + "1" * 5})
    assert outcome["official"]["rate"] == Fraction(25, 30)
    assert outcome["weighted"]["estimate"] == pytest.approx(0.75)


def test_schools_weigh_by_the_people_their_cards_stand_for(app):
    schools = (
        Unit(group="parent", psu="A", cards=10, size=900, probability="1/2", stratum_psus=8),
        Unit(group="parent", psu="B", cards=10, size=300, probability="1/4", stratum_psus=8),
    )
    outcome = sent(app, schools, {"parent": "5" * 10 + "1" * 10})
    assert outcome["official"]["rate"] == Fraction(1, 2)
    assert outcome["weighted"]["estimate"] == pytest.approx(1800 / (1800 + 1200))
    assert outcome["weighted"]["psus"] == 2


@pytest.mark.parametrize(
    ("schools", "few", "verdict"), [(4, True, "not_decidable"), (9, False, "clearly_above")]
)
def test_an_interval_from_few_schools_is_a_hint_and_decides_nothing(app, schools, few, verdict):
    units = tuple(
        Unit(group="parent", psu=f"S{number}", cards=10, size=300, stratum_psus=40)
        for number in range(schools)
    )
    weighted = sent(app, units, {"parent": "5" * 10 * schools})["weighted"]
    assert (weighted["df"], weighted["few_units"], weighted["verdict"]) == (schools - 1, few, verdict)
    assert weighted["lower"] is not None


def test_rates_far_from_the_limit_are_decided(app):
    assert (
        sent(app, PERSONS, {"teacher": "5" * 20, "public": "5" * 20})["weighted"]["verdict"]
        == "clearly_above"
    )


def test_a_rate_far_below_is_decided_too(app):
    outcome = sent(app, PERSONS, {"teacher": "1" * 20, "public": "5" * 8 + "1" * 12})
    assert outcome["weighted"]["verdict"] == "clearly_below"
    assert outcome["official"]["outcome"] == "not_met"


def test_exactly_the_limit_is_met(app):
    outcome = sent(app, PERSONS, {"teacher": "5" * 17 + "111", "public": "5" * 17 + "111"})
    assert outcome["official"]["rate"] == Fraction(17, 20)
    assert outcome["official"]["outcome"] == "met"


def test_questionnaires_of_people_who_cannot_tell_do_not_count(app):
    outcome = sent(app, PERSONS, {"teacher": ["5"] * 15 + ["dk"] * 5, "public": ["5"] * 20})
    assert outcome["official"]["valid"] == 35
    assert outcome["invalid"] == {"n": 5, "reasons": {"mostly_dont_know": 5}}
    assert outcome["responses"] == 40


def test_small_groups_and_what_would_reveal_them_are_withheld(app):
    outcome = finished(app, fill(app, COUNTY))
    withheld = {row["group"] for row in outcome["groups"] if row["withheld"]}
    assert withheld == {"principal", "teacher"}
    (together,) = outcome["merged"]
    assert (together["groups"], together["valid"]) == (["teacher", "principal"], 24)
    assert together["weighted"]["n"] == 24
    for row in outcome["groups"]:
        if row["withheld"]:
            assert (row["valid"], row["satisfied"], row["rate"], row["weighted"]) == (None,) * 4
    with app.app_context():
        stored = json.loads(db.session.query(WaveOutcome).one().content)
    assert [row["valid"] for row in stored["groups"] if row["withheld"]] == [None, None]
    assert outcome["posters"] is None
    assert outcome["parents"]["share"] == Fraction(60, 124)
    assert outcome["parents"]["reached"] is False
    assert outcome["pools"][0] == {"group": "parent", "schools": 7, "pools": 5}


def test_a_handful_of_answers_in_all_shows_nothing(app):
    outcome = sent(app, (Unit(group="teacher", cards=9, size=50),), {"teacher": "5" * 9})
    assert outcome["official"] == {"valid": 9, "satisfied": None, "rate": None, "outcome": "undetermined"}
    assert outcome["weighted"] is None
    assert outcome["alternatives"] == []
    assert all(row["withheld"] for row in [*outcome["groups"], *outcome["topics"]])
    assert outcome["form_vi"][0]["satisfied"] is None


def test_a_wave_without_answers_is_undetermined(app):
    outcome = finished(app, open_field(app, PERSONS))
    assert outcome["official"]["outcome"] == "undetermined"
    assert outcome["responses"] == 0


def test_topics_count_ratings_and_keep_to_one(app):
    outcome = sent(app, PERSONS, {"teacher": "5" * 20, "public": "5" * 20})
    for row in outcome["topics"]:
        assert row["rate"] == 1
        assert row["n"] == 40
        assert row["weighted"]["upper"] <= 1


def test_other_readings_stand_beside(app):
    outcome = sent(app, PERSONS, {"teacher": "4" * 20, "public": "4" * 20})
    values = {row["id"]: row["value"] for row in outcome["alternatives"]}
    assert values == {"mean": 1, "overall": 1, "positive": 1, "index": 80}
    counts = {row["id"]: row["counts"] for row in outcome["alternatives"]}
    assert counts["mean"] == [40, 40]
    assert counts["index"] == [80 * counts["positive"][1], counts["positive"][1]]


def test_only_a_released_wave_enters_an_evaluation(app):
    field = fill(app, COUNTY)
    finished(app, field)
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        with pytest.raises(ConflictError, match="wave_not_released"):
            service.recognition_of(db.session, wave)
        release_wave(db.session, wave, by="city", now=NOW)
        db.session.commit()
        part = service.recognition_of(db.session, wave)
        with pytest.raises(ConflictError, match="already_released"):
            release_wave(db.session, wave, by="city", now=NOW)
    assert part["questionnaires"] == {"distributed": 124, "valid": 124, "satisfied": 103}
    assert set(part["groups"]) == {"parent", "student", "public"}
    assert set(part["topics"]) >= {"8.4", "30.8", "G13"}
    assert all(isinstance(rate, Decimal) and 0 <= rate <= 1 for rate in part["topics"].values())
