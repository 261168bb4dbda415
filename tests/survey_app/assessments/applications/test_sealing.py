"""Sealed steps, their runs, decided overrides: no statement changes them, and what is changed is named."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from survey_app.assessments.applications import overriding, service
from survey_app.assessments.applications.seal_checks import broken_step
from survey_app.cli import main
from survey_app.config import settings_of
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import make_county_file

OWN: dict[str, Any] = {"by": "test", "now": NOW}

SEALED = ("application_step", "evaluation_run", "override")


def _signed():
    """An application that the county has signed."""
    file = make_county_file()
    application = service.open_application(
        db.session, county_code="140522", year=2026, scheme_id="shanxi-2022", **OWN
    )
    run = service.make_level_run(
        db.session, application, county_file=file, wave=None, level="self_evaluation", **OWN
    )
    service.sign(db.session, application, run_id=run.id, level="self_evaluation", name="甲", **OWN)
    return application, file


def _refused(statement):
    with pytest.raises(sa.exc.DBAPIError, match="is sealed"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def _altered(table, *statements):
    """Alter the database past its triggers, as somebody who owns it can."""
    if db.engine.dialect.name == "postgresql":
        for name in ("sealed", "kept"):
            db.session.execute(sa.text(f"DROP TRIGGER {table}_{name} ON {table}"))
    else:
        for moment in ("update", "delete"):
            db.session.execute(sa.text(f"DROP TRIGGER {table}_no_{moment}"))
    for statement in statements:
        db.session.execute(sa.text(statement))
    db.session.commit()
    db.session.expire_all()


def test_no_statement_changes_a_sealed_step_its_run_or_a_decided_override(either_app):
    with either_app.app_context():
        application, file = _signed()
        level: dict[str, Any] = {"level": "review", **OWN}
        run = service.make_level_run(db.session, application, county_file=file, wave=None, **level)
        computed = overriding.computed_of(run)
        place = next(each for each in computed if computed[each]["outcome"] != "met")
        override = overriding.propose(
            db.session, application, run, place=place, outcome="met", reason="现场核查，数字登记有误", **OWN
        )
        db.session.commit()
        overriding.decide(
            db.session, application, override, level="review", accepted=True, by="another", now=NOW
        )
        db.session.commit()
        for name in SEALED:
            _refused(f'DELETE FROM "{name}"')
        _refused("UPDATE application_step SET reason = 'x'")
        _refused("UPDATE \"override\" SET reason = 'x'")
        columns = [each["name"] for each in sa.inspect(db.engine).get_columns("evaluation_run")]
        assert {"input", "result", "judgements", "overrides", "verdict", "level"} <= set(columns)
        for column in columns:
            _refused(f"UPDATE evaluation_run SET {column} = {column} WHERE number = 1")
        assert broken_step(db.session, application) is None
        # A run that nobody signed is nobody's word yet.
        db.session.execute(sa.text("UPDATE evaluation_run SET made_by = 'x' WHERE number = 2"))


def test_no_row_takes_the_place_of_a_sealed_one(app):
    with app.app_context():
        _signed()
        db.session.commit()
        for table in ("application_step", "evaluation_run"):
            _refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def test_sealed_tables_are_not_emptied_at_once(either_app):
    with either_app.app_context():
        if db.engine.dialect.name == "postgresql":
            for name in SEALED:
                _refused(f'TRUNCATE "{name}" CASCADE')


#: What somebody does to the first of two steps → how it is told.
DEEDS = {
    "evaluation_run": (
        ("UPDATE evaluation_run SET input = input || ' '", 1, "run"),
        ("UPDATE evaluation_run SET level = 'review'", 1, "run"),
        ("UPDATE evaluation_run SET application_id = NULL", 1, "run"),
        ("UPDATE evaluation_run SET verdict = 'met'", 1, "seal"),
        ("UPDATE evaluation_run SET judgements = '[1]'", 1, "seal"),
        ("UPDATE evaluation_run SET program_digest = ''", 1, "seal"),
    ),
    "application_step": (
        ("UPDATE application_step SET made_by_name = '丙' WHERE number = 2", 2, "seal"),
        ("UPDATE application_step SET made_at = '2020-01-01 00:00:00' WHERE number = 1", 1, "seal"),
        ("DELETE FROM application_step WHERE number = 1", 1, "number"),
        ("DELETE FROM application_step WHERE number = 2", 2, "trail"),
        ("DELETE FROM application_step", 1, "trail"),
    ),
}


@pytest.mark.parametrize("table", DEEDS)
def test_whatever_is_altered_past_the_triggers_is_named(either_app, table):
    with either_app.app_context():
        application, _file = _signed()
        service.return_(db.session, application, level="review", reason="请补充", name="乙", **OWN)
        db.session.commit()
        assert broken_step(db.session, application) is None
        _altered(table)
        for statement, number, rule in DEEDS[table]:
            db.session.execute(sa.text(statement))
            db.session.expire_all()
            broken = broken_step(db.session, application)
            assert broken is not None, statement
            assert (broken.number, broken.rule) == (number, rule), statement
            db.session.rollback()
        assert broken_step(db.session, application) is None


def test_the_doctor_names_the_step_and_what_is_wrong_with_it(either_app, tmp_path, monkeypatch):
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path))
    monkeypatch.delenv("JUNHENG_ENV", raising=False)
    monkeypatch.setenv("JUNHENG_DATABASE_URL", settings_of(either_app).database_url)

    def said():
        found = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)
        return next((each["well"], each["said"]) for each in found if each["about"] == "认定申请")

    with either_app.app_context():
        _signed()
        db.session.commit()
    assert said() == (True, "1 份，签署与封存值一致")
    with either_app.app_context():
        _altered("evaluation_run", "UPDATE evaluation_run SET result = result || ' '")
    well, words = said()
    assert not well
    assert "第 1 份（140522，2026 年）的第 1 步（签署的评估与校验值不符）" in words
    with either_app.app_context():
        _altered("application_step", "DELETE FROM application_step")
    assert "第 1 步（与审计记录不符）" in said()[1]
