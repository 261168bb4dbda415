"""Runs: made once, kept as they are, judged again to the same byte."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from survey_app import audit
from survey_app.assessments import runs
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.run_summary import summary_of
from survey_app.canonical import canonical, digest
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.security import Held
from survey_app.surveys import service as surveys
from tests.factories import make_county_file, small_county
from tests.survey_app.assessments.judged import judge, judge_small, released_wave


def test_a_run_keeps_its_input_its_result_and_their_digests(app):
    with app.app_context():
        run = judge_small()
        assert (run.number, run.verdict, run.level) == (1, "not_met", "self_evaluation")
        assert run.input_digest == digest(run.input) == run.county_file.digest
        assert run.result_digest == digest(run.result)
        assert json.loads(run.result)["verdict"] == "not_met"
        assert json.loads(run.result)["scheme"]["digest"] == run.scheme_digest


def test_runs_are_counted_up_within_a_county(app):
    with app.app_context():
        here, there = make_county_file(), make_county_file(code="140524")
        assert [judge(file).number for file in (here, there, here)] == [1, 1, 2]


def test_runs_made_at_once_get_numbers_of_their_own(either_app):
    app = either_app
    with app.app_context():
        file_id = make_county_file().id
        db.session.commit()

    def one(_position: int) -> int:
        with app.app_context():
            return judge(db.session.get_one(runs.CountyFile, file_id)).number

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(8))) == list(range(1, 9))


def test_a_run_is_written_into_the_audit_trail(app):
    with app.app_context():
        run = judge_small(by="yangcheng")
        entry = db.session.scalars(sa.select(audit.AuditEntry)).one()
        assert (entry.action, entry.actor, entry.region_code) == ("run.made", "yangcheng", "140522")
        assert json.loads(entry.details)["result_digest"] == run.result_digest


def test_a_run_judged_again_is_the_same_to_the_byte(either_app):
    with either_app.app_context():
        run_id = judge_small().id
        db.session.expire_all()
        checked = runs.verify(runs.get_run(db.session, run_id))
        assert checked.holds
        assert checked.result_digest == runs.get_run(db.session, run_id).result_digest


@pytest.mark.parametrize("column", ["input", "result"])
def test_an_altered_run_is_found_out(app, column):
    with app.app_context():
        run = judge_small()
        text = getattr(run, column)
        setattr(run, column, text.replace("第1学校", "第一学校", 1))
        checked = runs.verify(run)
        assert checked.holds is False
        assert (checked.input_whole, checked.result_whole) == (column != "input", column != "result")


def test_a_run_of_an_older_program_holds_as_long_as_its_result_is_the_same(app):
    with app.app_context():
        run = judge_small()
        run.program_digest = "0" * 64
        assert runs.verify(run).holds is True
        run.result = run.result.replace("达标", "合格")
        run.result_digest = digest(run.result)
        run.summary.content = canonical(summary_of(json.loads(run.result)))
        checked = runs.verify(run)
        assert (checked.result_same, checked.program_same, checked.holds) == (False, False, None)


def test_a_run_of_another_scheme_release_cannot_be_judged_again(app):
    with app.app_context():
        run = judge_small()
        run.scheme_digest = "0" * 64
        checked = runs.verify(run)
        assert checked.holds is None
        assert checked.input_whole
        assert checked.result_whole
        assert runs.document_of_run(run, "en")[1] == "zh"


def test_english_is_judged_again_from_the_snapshot(app):
    with app.app_context():
        document, lang = runs.document_of_run(judge_small(), "en")
        assert lang == "en"
        assert document["scheme"]["sections"][2]["label"] == "Resources"


def test_a_released_wave_stands_in_for_the_files_own_tallies(either_app):
    app = either_app
    wave_id = released_wave(app)
    with app.app_context():
        wave = surveys.get_wave(db.session, wave_id)
        without = judge(wave.county_file)
        run = judge(wave.county_file, wave=wave)
        judged = json.loads(run.input)["recognition"]
        own = json.loads(without.input)["recognition"]
        assert judged["questionnaires"] != own["questionnaires"]
        assert judged["questionnaires"]["satisfied"] == judged["questionnaires"]["valid"] > 80
        assert judged["visits"] == own["visits"]
        assert json.loads(run.result)["sections"]["recognition"] == "met"
        assert runs.verify(run).holds


def test_topics_the_scheme_does_not_ask_for_are_left_out(app):
    wave_id = released_wave(app)
    with app.app_context():
        wave = surveys.get_wave(db.session, wave_id)
        found = runs.recognition_of(db.session, wave)["topics"]
        judged = json.loads(judge(wave.county_file, wave=wave).input)["recognition"]["topics"]
        assert set(judged) < set(found)
        assert judged


def test_a_wave_that_is_not_released_is_refused(app):
    wave_id = released_wave(app)
    with app.app_context():
        wave = surveys.get_wave(db.session, wave_id)
        wave.released_at = None
        with pytest.raises(ConflictError, match="wave_not_released"):
            judge(wave.county_file, wave=wave)


def test_another_countys_wave_is_refused(app):
    wave_id = released_wave(app)
    with app.app_context():
        with pytest.raises(ConflictError, match="wave_of_another_county"):
            judge(make_county_file(code="140524"), wave=surveys.get_wave(db.session, wave_id))
        assert db.session.scalar(sa.select(sa.func.count()).select_from(EvaluationRun)) == 0


def test_a_file_the_scheme_does_not_know_is_refused_with_every_fault(app):
    document = {**small_county(), "vetoes": {"bribery": False, "key_school": False}}
    with app.app_context():
        with pytest.raises(RefusedInputError) as refused:
            judge(make_county_file(document))
        assert [fault.where for fault in refused.value.faults] == ["vetoes.bribery", "vetoes.key_school"]
        assert all("key_schools" in fault.say("zh") for fault in refused.value.faults)


def test_the_newest_runs_of_the_readers_counties(app):
    with app.app_context():
        here, there = make_county_file(), make_county_file(code="430603")
        ids = [judge(file).id for file in (here, there, here)]
        assert [run.id for run in runs.runs_of(db.session, ["1405"])] == [ids[2], ids[0]]
        assert [run.id for run in runs.runs_of(db.session, [""])] == ids[::-1]
        assert runs.runs_of(db.session, []) == []


def test_no_such_run(app):
    with app.app_context(), pytest.raises(NotFoundError):
        runs.get_run(db.session, 1)


@pytest.mark.parametrize(
    ("role", "region", "level"),
    [
        ("county", "140522", "self_evaluation"),
        ("city", "140500", "review"),
        ("province", "140000", "evaluation"),
        ("nation", "000000", "recognition"),
        ("assessor", "140522", "self_evaluation"),
        ("assessor", "140500", "review"),
        ("assessor", "140000", "evaluation"),
        ("assessor", "000000", "recognition"),
    ],
)
def test_the_level_follows_the_role(role, region, level):
    assert runs.level_for([Held(role, region)], "140522") == level


def test_the_highest_role_counts_and_only_for_its_own_region():
    held = [Held("county", "140522"), Held("province", "430000"), Held("city", "140500")]
    assert runs.level_for(held, "140522") == "review"
