"""Two people at one case or one interview in the same moment, or one who presses a button twice."""

import pytest
import sqlalchemy as sa

from survey_app.accounts.models import User
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.fieldwork.models import BackCheck, CallAttempt, PhoneCase
from survey_app.fieldwork.telephone import back_checks, calling, cases, giving
from survey_app.fieldwork.telephone.rules import call_rules
from survey_app.surveys.models import Wave
from tests.at_once import at_once
from tests.conftest import NOW
from tests.survey_app.fieldwork.telephone.phoning import COUNTY, interviewer, phone_wave, take_up

DEED = {"by": "boss", "now": NOW}


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def said(action):
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == action))


def the_wave():
    return db.session.scalars(sa.select(Wave)).one()


@pytest.fixture
def field(either_app):
    """Eight people with contacts and no cases yet, and an interviewer."""
    with either_app.app_context():
        phone_wave(either_app, people=8, made=False)
        interviewer()
        db.session.commit()
    return either_app


@pytest.fixture
def called(field):
    """Eight cases, of which the interviewer has the first in hand; gives its number."""
    with field.app_context():
        giving.make_cases(db.session, the_wave(), groups=["public"], starts=None, **DEED)
        number = take_up(db.session.scalars(sa.select(User).filter_by(login="caller")).one()).id
        db.session.commit()
    return field, number


def test_everybody_gets_one_case(field):
    def make():
        giving.make_cases(db.session, the_wave(), groups=["public"], starts=None, **DEED)

    assert at_once(field, make, make, look=the_wave) == ["done", "done"]
    with field.app_context():
        assert count(PhoneCase) == 8
        noted = db.session.scalars(sa.select(AuditEntry).filter_by(action="telephone.cases_made")).all()
        assert [each.details.count('"made":8') for each in noted] == [1]


def test_one_interviewer_takes_up_one_case(field):
    with field.app_context():
        giving.make_cases(db.session, the_wave(), groups=["public"], starts=None, **DEED)
        db.session.commit()
        me = db.session.scalar(sa.select(User.id).filter_by(login="caller"))

    def next_():
        cases.take_up_next(db.session, me, [COUNTY], call_rules(), now=NOW)

    assert at_once(field, next_, next_, next_) == ["done"] * 3
    with field.app_context():
        in_hand = sa.select(sa.func.count()).where(PhoneCase.taken_up_at.is_not(None))
        assert db.session.scalar(in_hand) == 1


def test_a_call_is_recorded_once(called):
    app, number = called

    def record():
        case = cases.get_case(db.session, number)
        cases.hold(db.session, case)
        cases.require_in_hand(case)
        calling.record_call(db.session, case, "no_answer", by="caller", now=NOW)

    told = at_once(app, record, record, look=lambda: cases.get_case(db.session, number))
    assert told == ["case_not_in_hand", "done"]
    with app.app_context():
        assert count(CallAttempt) == 1


@pytest.mark.parametrize("other", ["withdrawn", "refused"])
def test_a_case_is_decided_once(called, other):
    app, number = called
    with app.app_context():
        cases.release(db.session, cases.get_case(db.session, number))
        db.session.commit()

    def decide(decision):
        calling.decide(db.session, cases.get_case(db.session, number), decision, **DEED)

    look = lambda: db.session.get(PhoneCase, number)  # noqa: E731
    told = at_once(app, lambda: decide("withdrawn"), lambda: decide(other), look=look)
    assert told == ["case_finished", "done"]
    with app.app_context():
        assert said("telephone.case_decided") == 1


@pytest.fixture
def interviewed(field):
    """Eight finished interviews, all of one interviewer."""
    with field.app_context():
        giving.make_cases(db.session, the_wave(), groups=["public"], starts=None, **DEED)
        user = db.session.scalars(sa.select(User).filter_by(login="caller")).one()
        for _ in range(8):
            calling.record_call(db.session, take_up(user), "complete", by="caller", now=NOW)
        db.session.commit()
    return field


def draw(seed):
    back_checks.draw(db.session, the_wave(), call_rules(), seed=seed, **DEED)


def test_back_checks_are_drawn_once(interviewed):
    told = at_once(interviewed, lambda: draw("a"), lambda: draw("b"), look=the_wave)
    assert told == ["back_checks_drawn", "done"]
    with interviewed.app_context():
        assert count(BackCheck) == 5


def checks():
    return db.session.scalars(sa.select(BackCheck).order_by(BackCheck.case_id)).all()


def find(place, finding):
    back_checks.record_finding(db.session, checks()[place], finding, **DEED)


def test_a_finding_is_recorded_once(interviewed):
    with interviewed.app_context():
        draw("a")
        db.session.commit()
    told = at_once(interviewed, lambda: find(0, "confirmed"), lambda: find(0, "denied"), look=checks)
    assert told == ["back_check_done", "done"]


def test_two_denials_bring_in_every_other_interview_once(interviewed):
    with interviewed.app_context():
        draw("a")
        db.session.commit()
    told = at_once(interviewed, lambda: find(0, "denied"), lambda: find(1, "denied"), look=checks)
    assert told == ["done", "done"]
    with interviewed.app_context():
        assert count(BackCheck) == 8
