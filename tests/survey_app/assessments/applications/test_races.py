"""Two people at one application in the same moment: what one does, the other is told of."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from survey_app.assessments.applications import overriding, places, service
from survey_app.assessments.applications.models import LEVELS, Application, ApplicationStep, Override
from survey_app.assessments.judgement import corrections
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.models import EvaluationRun
from survey_app.audit import AuditEntry
from survey_app.counties.models import CountyFile
from survey_app.db import db
from tests.at_once import at_once
from tests.conftest import NOW
from tests.factories import make_county_file
from tests.survey_app.assessments.judgement import applied

COUNTY, CITY = LEVELS[:2]
OWN: dict[str, Any] = {"by": "test", "now": NOW}
LATER: dict[str, Any] = {"by": "other", "now": NOW + timedelta(minutes=1)}


@pytest.fixture
def at_city(either_app):
    """An application that lies at the city with a run of its own; gives the run's number."""
    with either_app.app_context():
        file = make_county_file()
        application = service.open_application(
            db.session, county_code="140522", year=2026, scheme_id="shanxi-2022", **OWN
        )
        for level in (COUNTY, CITY):
            run = service.make_level_run(
                db.session, application, county_file=file, wave=None, level=level, **OWN
            )
            if level == COUNTY:
                service.sign(db.session, application, run_id=run.id, level=level, name="甲", **OWN)
        db.session.commit()
        return run.id


def the_application() -> Application:
    return db.session.scalars(sa.select(Application)).one()


def look():
    """As a page does before it acts: the application, its steps and its newest run."""
    application = the_application()
    return application, list(application.steps), places.current_level(application), newest_run()


def newest_run() -> EvaluationRun:
    return db.session.scalars(sa.select(EvaluationRun).order_by(EvaluationRun.id.desc()).limit(1)).one()


def sign(run_id, level=CITY):
    service.sign(db.session, the_application(), run_id=run_id, level=level, name="乙", **LATER)


def return_():
    service.return_(db.session, the_application(), level=CITY, reason="数据不一致", name="丙", **LATER)


def run_again():
    file = db.session.scalars(sa.select(CountyFile)).one()
    service.make_level_run(db.session, the_application(), county_file=file, wave=None, level=CITY, **LATER)


def ask(run_id):
    corrections.ask(
        db.session,
        the_application(),
        level=CITY,
        about=About(run_id=run_id),
        text="请核对",
        due_on=corrections.today(NOW + timedelta(days=9)),
        **LATER,
    )


def left(app):
    """What was done with the application, and how many rows of the trail say so."""
    with app.app_context():
        steps = [each.action for each in db.session.scalars(sa.select(ApplicationStep))]
        said = sa.select(sa.func.count()).where(
            AuditEntry.action.in_(["application.signed", "application.returned"])
        )
        return sorted(steps), db.session.scalar(said)


def test_one_signature_is_given_once(either_app, at_city):
    told = at_once(either_app, *[lambda: sign(at_city)] * 3, look=look)
    assert told == ["application_not_here", "application_not_here", "done"]
    assert left(either_app) == (["signed", "signed"], 2)


def test_what_is_signed_is_not_returned_as_well(either_app, at_city):
    assert at_once(either_app, lambda: sign(at_city), return_, look=look) == ["application_not_here", "done"]
    steps, said = left(either_app)
    assert steps in (["signed", "signed"], ["returned", "signed"])
    assert said == 2


def test_a_run_that_comes_in_between_is_not_signed_unseen(either_app, at_city):
    told = at_once(either_app, lambda: sign(at_city), run_again, look=look)
    assert told in (["application_not_here", "done"], ["done", "sign_newer_run"])
    with either_app.app_context():
        newest = newest_run()
        signed = "sign_newer_run" not in told
        assert (newest.id == at_city) == signed
        assert newest.supersedes_id is None if signed else newest.supersedes_id == at_city
    assert left(either_app)[0] == (["signed", "signed"] if signed else ["signed"])


def test_nothing_is_asked_of_what_was_just_signed(either_app, at_city):
    told = at_once(either_app, lambda: sign(at_city), lambda: ask(at_city), look=look)
    assert told in (["application_elsewhere", "done"], ["done", "sign_open_corrections"])


def test_two_who_decide_one_override_do_not_both(either_app, at_city):
    with either_app.app_context():
        run = db.session.get_one(EvaluationRun, at_city)
        place, found = next(iter(overriding.computed_of(run).items()))
        other = next(each for each in ("met", "not_met", "undetermined") if each != found["outcome"])
        application = the_application()
        service.hold(db.session, application, level=CITY)
        overriding.propose(
            db.session,
            application,
            run,
            place=place,
            outcome=other,
            reason="现场核查，原件为证，登记有误",
            **OWN,
        )
        db.session.commit()

    def decide(by, accepted):
        application = the_application()
        service.hold(db.session, application, level=CITY)
        override = db.session.scalars(sa.select(Override)).one()
        overriding.decide(
            db.session, application, override, level=CITY, accepted=accepted, by=by, now=LATER["now"]
        )

    told = at_once(
        either_app,
        lambda: decide("first", True),
        lambda: decide("second", False),
        look=lambda: (look(), db.session.scalars(sa.select(Override)).one()),
    )
    assert told == ["done", "override_decided"]
    with either_app.app_context():
        override = db.session.scalars(sa.select(Override)).one()
        assert (override.decided_by, override.accepted) in {("first", True), ("second", False)}
        said = sa.select(sa.func.count()).where(AuditEntry.action == "override.decided")
        assert db.session.scalar(said) == 1


def propose(run_id):
    """As the override page does it: the application first, then what is set otherwise."""
    application = the_application()
    service.hold(db.session, application, level=CITY)
    run = db.session.get_one(EvaluationRun, run_id)
    place, found = next(iter(overriding.computed_of(run).items()))
    other = next(each for each in ("met", "not_met", "undetermined") if each != found["outcome"])
    overriding.propose(
        db.session,
        application,
        run,
        place=place,
        outcome=other,
        reason="现场核查，登记有误，以原件为准",
        **LATER,
    )


def test_nothing_is_set_otherwise_in_what_was_just_signed(either_app, at_city):
    told = at_once(either_app, lambda: sign(at_city), lambda: propose(at_city), look=look)
    assert told in (["application_not_here", "done"], ["done", "sign_undecided_overrides"])
    with either_app.app_context():
        proposed = db.session.scalar(sa.select(sa.func.count()).select_from(Override))
        assert proposed == (0 if "application_not_here" in told else 1)


def test_one_finding_waits_for_one_decision(either_app, at_city):
    told = at_once(either_app, *[lambda: propose(at_city)] * 2, look=look)
    assert told == ["done", "override_waits"]


def test_two_runs_follow_one_another(either_app, at_city):
    assert at_once(either_app, run_again, run_again, look=look) == ["done", "done"]
    with either_app.app_context():
        runs = service.runs_of(db.session, the_application(), CITY)
        assert [each.supersedes_id for each in runs] == [runs[1].id, at_city, None]


def test_a_judgement_is_counted_in_or_comes_too_late(either_app, at_city):
    def judge():
        applied.enter(
            either_app, the_application(), "attestation", "layout", True, level=CITY, now=LATER["now"]
        )

    told = at_once(either_app, lambda: sign(at_city), judge, look=look)
    assert told in (["application_elsewhere", "done"], ["done", "sign_judgements_not_in"])
