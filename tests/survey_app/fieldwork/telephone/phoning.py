"""A wave with contacts and interviewers, for tests of the telephone room."""

import sqlalchemy as sa

from survey_app.db import db
from survey_app.fieldwork.models import Invitation, PhoneCase
from survey_app.fieldwork.telephone import cases, giving
from survey_app.fieldwork.telephone.rules import call_rules
from survey_app.surveys.models import QuotaCell
from tests.conftest import NOW
from tests.factories import make_contacts, make_open_wave, make_user

#: The county, and what an interviewer's scope is.
COUNTY = "140522"


def phone_wave(app, *, people=3, group="public", made=True):
    """A wave in the field with contacts of *people* of *group*, and their cases."""
    wave = make_open_wave(app)
    make_contacts(wave, group, people=people)
    if made:
        giving.make_cases(db.session, wave, groups=[group], starts=None, by="boss", now=NOW)
    return wave


def interviewer(login="caller"):
    """An interviewer of the county."""
    return make_user("interviewer", COUNTY, login=login)


def take_up(user, now=NOW):
    """The case that the interviewer is given next."""
    return cases.take_up_next(db.session, user.id, [COUNTY], call_rules(), now=now)


def cases_of(wave):
    """The wave's cases in order."""
    return list(
        db.session.scalars(sa.select(PhoneCase).where(PhoneCase.wave_id == wave.id).order_by(PhoneCase.id))
    )


def invitation_of(group):
    """Somebody of a group, with or without a contact."""
    return db.session.scalars(
        sa.select(Invitation).join(QuotaCell).where(QuotaCell.group == group).order_by(Invitation.id).limit(1)
    ).one()
