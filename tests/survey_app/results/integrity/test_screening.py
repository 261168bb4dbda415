"""The frozen findings of a wave: what is flagged, with which null model, and that no row order matters."""

import json

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.results.integrity import screening
from survey_app.results.integrity.material import read_material
from survey_app.results.integrity.screening import compute_integrity, screen_wave
from survey_app.results.models import Response, WaveIntegrity, WaveOutcome
from survey_app.surveys import service as surveys
from tests.conftest import NOW
from tests.survey_app.results.integrity.planted import fresh_ids, planted, screened


@pytest.fixture
def field(app):
    return planted(app)


def test_a_school_told_what_to_answer_is_flagged_and_the_rate_stands(app, field):
    content = screened(app, field)
    flagged = {each["pool"][2] for each in content["findings"] if each["flagged"] and each["pool"]}
    assert flagged == {"P03"}
    assert content["places"] == {"looked_at": 14, "flagged": 1}
    rates = content["rates"]
    assert rates["with"]["valid"] - rates["without"]["valid"] == 12
    assert rates["with"]["satisfied"] - rates["without"]["satisfied"] == 12
    with app.app_context():
        outcome = json.loads(db.session.get(WaveOutcome, field.wave_id).content)
    assert outcome["official"]["rate"] == rates["with"]["rate"]


def test_every_finding_says_its_null_model_and_what_was_found_in_both_languages(app, field):
    content = screened(app, field)
    ran = {row["test"]: row for row in content["tests"]}
    assert {"near_duplicates", "copies_across", "uniformity", "ceiling", "bursts"} <= set(ran)
    assert all(row["null"]["zh"] and row["null"]["en"] for row in content["tests"])
    (flag,) = [each for each in content["findings"] if each["flagged"] and each["test"] == "ceiling"]
    assert flag["text"]["zh"].startswith("P03的家长的 12 份答卷中有 12 份")
    assert "12 of 12 questionnaires" in flag["text"]["en"]
    assert (flag["p"], flag["q"]) < (0.001, 0.03)
    assert sum(share for _, share in flag["picture"]["bars"]) == pytest.approx(1, abs=0.01)
    assert flag["picture"]["observed"] == 12


def test_what_could_not_run_is_named_with_the_reason(app, field):
    content = screened(app, field)
    said = {(row["test"], row["group"], row["reason"]) for row in content["not_run"]}
    assert {("", "teacher", "no_schools"), ("facts", "parent", "not_registered")} <= said
    few = [each for each in content["findings"] if each["reason"] == "few"]
    assert all(each["n"] is None and each["p"] is None and not each["flagged"] for each in few)


def test_nothing_depends_on_the_order_of_rows(app, field):
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        before = compute_integrity(read_material(db.session, wave))
        for number in db.session.scalars(sa.select(Response.id)).all():
            db.session.execute(sa.update(Response).where(Response.id == number).values(id=fresh_ids()))
        assert compute_integrity(read_material(db.session, wave)) == before


def test_findings_are_computed_once_and_stay(app, field):
    screened(app, field)
    with app.app_context():
        made = db.session.get(WaveIntegrity, field.wave_id).computed_at
        db.session.execute(sa.delete(Response))
        assert screen_wave(db.session, field.wave_id, now=NOW.replace(year=2027)).computed_at == made


def test_nobody_waits_for_the_computing(app, field, monkeypatch):
    """A minute of permutations inside a transaction would keep every phone from answering on SQLite."""
    compute, free = screening.compute_integrity, []

    def look(material):
        free.append(not db.session.in_transaction())
        found = compute(material)
        free.append(not db.session.in_transaction())
        return found

    monkeypatch.setattr(screening, "compute_integrity", look)
    with app.app_context():
        screen_wave(db.session, field.wave_id, now=NOW, pause=db.session.rollback)
    assert free == [True, True]


def test_a_wave_in_which_nobody_cheats_has_no_flag(app):
    assert screened(app, planted(app, at_the_top=(), seed=11))["places"]["flagged"] == 0
