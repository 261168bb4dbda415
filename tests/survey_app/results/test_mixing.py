"""From the sealed inbox to mixed responses, exactly once, whatever is killed in between."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import audit, settings_of
from survey_app.db import Base, db
from survey_app.errors import ConflictError, GoneError
from survey_app.fieldwork.models import Entry
from survey_app.jobs import jobs_of
from survey_app.respond.inbox import UnreadableSealError
from survey_app.respond.models import SealedAnswer
from survey_app.results import mixing
from survey_app.results.closing import close_wave
from survey_app.results.models import MixedCell, Pool, Response, WaveOutcome
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState
from tests.conftest import NOW
from tests.survey_app.respond.field import Unit, full_answers
from tests.survey_app.results.filled import close, fill, send

PARENTS = (
    Unit(group="parent", psu="A", cards=12, grade_band="primary", locality="town"),
    Unit(group="parent", psu="B", cards=7, grade_band="primary", locality="town"),
    Unit(group="parent", psu="C", cards=7, grade_band="junior", locality="rural"),
)


def mix(app, field, **options):
    """Perform the steps, each in a session of its own, as a worker would."""
    steps = []
    with app.app_context():
        for step in mixing.mix_wave(
            db.session, field.wave_id, keys=settings_of(app).keys, now=NOW + timedelta(hours=1), **options
        ):
            db.session.commit()
            steps.append(step)
    return steps


def counts(app) -> dict[str, int]:
    with app.app_context():
        return {
            model.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (SealedAnswer, Response, WaveOutcome)
        }


def test_every_answer_is_mixed_once_and_the_inbox_is_empty(either_app):
    field = fill(either_app, PARENTS)
    close(either_app, field)
    assert mix(either_app, field, batch=10) == ["planned", "moved", "moved", "emptied", "finished"]
    assert counts(either_app) == {"sealed_answer": 0, "response": 26, "wave_outcome": 1}
    with either_app.app_context():
        wave = db.session.get(Wave, field.wave_id)
        assert wave.state is WaveState.MIXED
        rows = db.session.scalars(sa.select(Response)).all()
        assert {row.pool for row in rows} == {"A", "B+1"}
        pooled = [row for row in rows if row.pool == "B+1"]
        assert len(pooled) == 14
        assert {(row.grade_band, row.locality) for row in pooled} == {("", "")}
        alone = [row for row in rows if row.pool == "A"]
        assert {(row.grade_band, row.locality, row.duration_band) for row in alone} == {
            ("primary", "town", "2_to_10")
        }
        done = db.session.scalars(
            sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "wave.mixed")
        ).one()
        assert json.loads(done.details)["responses"] == 26
        assert json.loads(done.details)["key_erased"] is True
    assert not (settings_of(either_app).keys / f"wave-{field.wave_id}.key").exists()
    assert mix(either_app, field) == []


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3, 4])
def test_a_job_killed_between_two_steps_takes_up_where_it_stopped(either_app, killed_after):
    field = fill(either_app, PARENTS)
    close(either_app, field)
    with either_app.app_context():
        steps = mixing.mix_wave(
            db.session, field.wave_id, keys=settings_of(either_app).keys, now=NOW, batch=10
        )
        for _ in range(killed_after):
            next(steps)
            db.session.commit()
        next(steps)
        db.session.rollback()
        steps.close()
        total = db.session.scalar(sa.select(sa.func.count()).select_from(Response))
        total += db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer))
        assert total == 26
        plan = {(pool.group, pool.psu): pool.pool for pool in db.session.scalars(sa.select(Pool))}
    mix(either_app, field, batch=10)
    assert counts(either_app) == {"sealed_answer": 0, "response": 26, "wave_outcome": 1}
    with either_app.app_context():
        again = {(pool.group, pool.psu): pool.pool for pool in db.session.scalars(sa.select(Pool))}
        assert not plan or plan == again
        assert db.session.scalar(sa.select(sa.func.sum(MixedCell.n))) == 26


def test_a_crash_inside_a_step_changes_nothing(app, monkeypatch):
    field = fill(app, PARENTS)
    close(app, field)
    monkeypatch.setattr(mixing, "compute_outcome", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mix(app, field)
    monkeypatch.undo()
    with app.app_context():
        assert db.session.get(Wave, field.wave_id).state is WaveState.CLOSED
        assert mixing.unfinished(db.session) == [field.wave_id]
    assert mix(app, field) == ["emptied", "finished"]


def upto_emptied(app, field):
    """The steps of one job, the inbox emptied; what comes next is the computing."""
    steps = mixing.mix_wave(db.session, field.wave_id, keys=settings_of(app).keys, now=NOW)
    while next(steps) != "emptied":
        db.session.commit()
    db.session.commit()
    return steps


def test_others_write_while_the_figures_are_computed(either_app, monkeypatch):
    field = fill(either_app, PARENTS)
    close(either_app, field)
    compute, seen = mixing.compute_outcome, []

    def beside(session, wave):
        with db.engine.connect() as other:
            other.execute(sa.text("UPDATE wave SET title = 'changed meanwhile'"))
            other.commit()
            seen.append(other.scalar(sa.select(sa.func.count()).select_from(WaveOutcome)))
        return compute(session, wave)

    monkeypatch.setattr(mixing, "compute_outcome", beside)
    assert mix(either_app, field)[-1] == "finished"
    assert seen == [0]


def test_a_job_killed_while_the_figures_are_computed_leaves_nothing_half_done(either_app, monkeypatch):
    field = fill(either_app, PARENTS)
    close(either_app, field)
    with either_app.app_context():
        steps = upto_emptied(either_app, field)
        monkeypatch.setattr(mixing, "compute_outcome", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            next(steps)
        db.session.rollback()
    monkeypatch.undo()
    assert not (settings_of(either_app).keys / f"wave-{field.wave_id}.key").exists()
    assert counts(either_app) == {"sealed_answer": 0, "response": 26, "wave_outcome": 0}
    assert mix(either_app, field) == ["emptied", "finished"]
    with either_app.app_context():
        done = db.session.scalars(
            sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "wave.mixed")
        ).one()
        assert json.loads(done.details)["key_erased"] is True


def test_of_two_jobs_that_compute_one_stores(either_app, monkeypatch):
    field = fill(either_app, PARENTS)
    close(either_app, field)
    compute, others = mixing.compute_outcome, []

    def overtaken(session, wave):
        monkeypatch.setattr(mixing, "compute_outcome", compute)
        others.append(mix(either_app, field))
        return compute(session, wave)

    monkeypatch.setattr(mixing, "compute_outcome", overtaken)
    assert mix(either_app, field)[-1] == "emptied"
    assert others == [["emptied", "finished"]]
    assert counts(either_app) == {"sealed_answer": 0, "response": 26, "wave_outcome": 1}


def test_only_a_closed_wave_is_mixed(app):
    field = fill(app, PARENTS)
    with pytest.raises(ConflictError, match="wave_not_closed"):
        mix(app, field)
    assert counts(app)["sealed_answer"] == 26


def test_a_missing_key_is_said_and_nothing_is_lost(app):
    field = fill(app, PARENTS)
    close(app, field)
    file = settings_of(app).keys / f"wave-{field.wave_id}.key"
    aside = file.rename(file.with_suffix(".aside"))
    with pytest.raises(mixing.PrivateKeyMissingError):
        mix(app, field)
    assert counts(app)["sealed_answer"] == 26
    aside.rename(file)
    assert mix(app, field)[-1] == "finished"


def test_a_damaged_answer_stops_the_mixing_instead_of_vanishing(app):
    field = fill(app, PARENTS)
    close(app, field)
    with app.app_context():
        one = db.session.scalars(sa.select(SealedAnswer).limit(1)).one()
        one.sealed = one.sealed[:-1] + b"\0\0"
        db.session.commit()
    with pytest.raises(UnreadableSealError):
        mix(app, field)
    assert counts(app) == {"sealed_answer": 26, "response": 0, "wave_outcome": 0}


def test_nothing_is_taken_after_the_close(app):
    field = fill(app, PARENTS, left_out=1)
    close(app, field)
    with app.app_context(), pytest.raises(GoneError):
        send(field, field.cards["parent"][-1], full_answers("public", "parent"))
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        with pytest.raises(ConflictError, match="wave_not_closable"):
            close_wave(db.session, wave, by="test", now=NOW)


def test_the_language_of_a_few_is_not_kept(app):
    field = fill(app, (Unit(group="teacher", cards=14, size=100),), left_out=2)
    with app.app_context():
        for code in field.cards["teacher"][-2:]:
            send(field, code, full_answers("staff", "teacher"), language="en")
        db.session.commit()
    close(app, field)
    mix(app, field)
    with app.app_context():
        rows = db.session.scalars(sa.select(Response)).all()
        assert {row.language for row in rows} == {""}
        assert {row.pool for row in rows} == {None}


def test_the_job_is_known_and_closes_the_path(app):
    field = fill(app, PARENTS)
    close(app, field)
    assert jobs_of(app).unfinished() == [("mix_wave", str(field.wave_id), {"wave_id": field.wave_id})]
    jobs_of(app).enqueue("mix_wave", str(field.wave_id), wave_id=field.wave_id)
    screening = ("screen_wave", str(field.wave_id), {"wave_id": field.wave_id})
    assert jobs_of(app).unfinished() == [screening]
    jobs_of(app).enqueue("screen_wave", str(field.wave_id), wave_id=field.wave_id)
    assert jobs_of(app).unfinished() == []


def test_numbers_of_responses_have_nothing_to_do_with_the_inbox(app):
    field = fill(app, PARENTS)
    with app.app_context():
        sealed = set(db.session.scalars(sa.select(SealedAnswer.id)))
    close(app, field)
    mix(app, field)
    with app.app_context():
        assert not sealed & set(db.session.scalars(sa.select(Response.id)))


def test_no_column_joins_a_response_to_a_card_a_day_or_an_order():
    table = Base.metadata.tables["response"]
    assert {key.column.table.name for key in table.foreign_keys} == {"wave", "questionnaire_version"}
    assert not any(isinstance(column.type.as_generic(), sa.DateTime) for column in table.columns)
    assert table.dialect_options["sqlite"]["with_rowid"] is False
    assert set(table.columns.keys()) == {
        "id", "wave_id", "group", "grade_band", "locality", "way", "stratum", "pool",
        "questionnaire_version_id", "language", "mode", "duration_band", "surplus", "answers",
    }  # fmt: skip
    entry = Base.metadata.tables[Entry.__tablename__]
    assert not any(
        isinstance(column.type, sa.DateTime) for column in entry.columns if column.name != "reserved_until"
    )
    others = [other for other in Base.metadata.tables.values() if other is not table]
    assert not any(key.column.table is table for other in others for key in other.foreign_keys)
