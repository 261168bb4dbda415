"""Two administrators at one account in the same moment: one acts, the other is told."""

import pyotp
import pytest
import sqlalchemy as sa

from survey_app.accounts import links, second_factor, service
from survey_app.accounts.models import Appointment, OneTimeLink, User
from survey_app.db import db
from survey_app.errors import GoneError
from survey_app.security import Held
from tests.at_once import at_once
from tests.conftest import KEY, NOW
from tests.factories import make_regions, make_user

PASSWORD = "安静的-river-茶杯"
BY = {"by": "admin", "now": NOW}


def look():
    """As a page does before it acts: the accounts, their roles, their links."""
    people = db.session.scalars(sa.select(User)).all()
    return (
        people,
        [list(each.appointments) for each in people],
        db.session.scalars(sa.select(OneTimeLink)).all(),
    )


@pytest.fixture
def person(either_app):
    """An account with two roles; gives its number."""
    with either_app.app_context():
        make_regions()
        user = make_user("county", "140522")
        service.appoint(db.session, user, Held("auditor", "140522"), **BY)
        db.session.commit()
        return user.id


def user(number):
    return db.session.get_one(User, number)


def count(model, *wanted):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*wanted))


def test_one_login_is_given_to_one(either_app, person):
    def add():
        held = [Held("county", "140522")]
        service.add_user(db.session, login="li", name="李", password=None, appointments=held, **BY)

    assert at_once(either_app, add, add, look=look) == ["done", "login_taken"]


def test_one_role_is_given_once(either_app, person):
    def appoint():
        service.appoint(db.session, user(person), Held("city", "140500"), **BY)

    assert at_once(either_app, appoint, appoint, look=look) == ["appointed_already", "done"]
    with either_app.app_context():
        assert count(Appointment, Appointment.user_id == person) == 3


def test_one_role_is_left(either_app, person):
    with either_app.app_context():
        held = [each.id for each in user(person).appointments]

    def dismiss(number):
        service.dismiss(db.session, user(person), number, **BY)

    told = at_once(either_app, *[lambda each=each: dismiss(each) for each in held], look=look)
    assert told == ["done", "last_appointment"]
    with either_app.app_context():
        assert count(Appointment, Appointment.user_id == person) == 1


def test_an_account_is_switched_off_once(either_app, person):
    def switch_off():
        service.switch_off(db.session, user(person), **BY)

    assert at_once(either_app, switch_off, switch_off, look=look) == ["account_off", "done"]


def test_one_link_is_good(either_app, person):
    def make():
        links.make_link(db.session, user(person), key=KEY, **BY)

    assert at_once(either_app, make, make, look=look) == ["done", "done"]
    with either_app.app_context():
        assert count(OneTimeLink, OneTimeLink.ended_at.is_(None)) == 1


def test_a_link_sets_one_password(either_app, person):
    with either_app.app_context():
        token, _ = links.make_link(db.session, user(person), key=KEY, **BY)
        db.session.commit()
    used = []

    def use():
        try:
            links.use_link(db.session, token, PASSWORD, key=KEY, now=NOW)
            used.append("done")
        except GoneError as error:
            db.session.rollback()
            used.append(error.code)

    at_once(either_app, use, use, look=look)
    assert sorted(used) == ["done", "link_ended"]


def switch_on(number, secret):
    code = pyotp.TOTP(secret).at(NOW)
    second_factor.switch_on(db.session, user(number), secret, code, key=KEY, now=NOW)


def test_one_of_two_telephones_becomes_the_second_factor(either_app, person):
    first, second = second_factor.new_secret(), second_factor.new_secret()
    deeds = lambda: switch_on(person, first), lambda: switch_on(person, second)
    assert at_once(either_app, *deeds, look=look) == ["done", "second_factor_on"]


def test_a_second_factor_is_taken_away_once(either_app, person):
    with either_app.app_context():
        switch_on(person, second_factor.new_secret())
        db.session.commit()

    def switch_off():
        second_factor.switch_off(db.session, user(person), **BY)

    assert at_once(either_app, switch_off, switch_off, look=look) == ["done", "second_factor_off"]
