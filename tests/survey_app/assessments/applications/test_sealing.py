"""Sealed steps and decided overrides: no statement changes them, and one changed past that is named."""

from typing import Any

import pytest
import sqlalchemy as sa

from survey_app.assessments.applications import overriding, service
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import make_county_file

OWN: dict[str, Any] = {"by": "test", "now": NOW}


def _signed():
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


def test_no_statement_changes_a_sealed_step_or_a_decided_override(either_app):
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
            db.session,
            application,
            override,
            level="review",
            accepted=True,
            note="",
            by="another",
            now=NOW,
        )
        db.session.commit()
        _refused("UPDATE application_step SET reason = 'x'")
        _refused("DELETE FROM application_step")
        _refused("UPDATE \"override\" SET reason = 'x'")
        _refused('DELETE FROM "override"')
        assert service.broken_step(db.session, application) is None


def test_a_step_whose_run_was_altered_is_named(either_app):
    with either_app.app_context():
        application, _file = _signed()
        db.session.commit()
        db.session.execute(sa.text("UPDATE evaluation_run SET input = input || ' '"))
        db.session.commit()
        db.session.expire_all()
        broken = service.broken_step(db.session, application)
        assert broken is not None
        assert (broken.number, broken.rule) == (1, "run")
