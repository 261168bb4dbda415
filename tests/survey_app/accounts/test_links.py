from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.accounts import links, service
from survey_app.accounts.models import OneTimeLink
from survey_app.accounts.passwords import UnfitPasswordError
from survey_app.db import db
from survey_app.errors import ConflictError, GoneError
from tests.conftest import KEY, NOW
from tests.factories import make_user
from tests.page import get, post

PASSWORD = "安静的-river-茶杯"
NEW = {"password": PASSWORD, "repeated": PASSWORD}


@pytest.fixture
def session(either_app):
    with either_app.app_context():
        yield db.session


def made(session, user, *, now=NOW):
    token, _ = links.make_link(session, user, key=KEY, by="admin", now=now)
    return token


def test_a_link_sets_a_password_once(session):
    user = make_user("county", "140522")
    stamp, token = user.session_stamp, made(session, user)
    assert links.find_link(session, token, key=KEY, now=NOW).user is user
    links.use_link(session, token, PASSWORD, key=KEY, now=NOW)
    assert user.session_stamp != stamp
    with pytest.raises(GoneError):
        links.find_link(session, token, key=KEY, now=NOW)
    with pytest.raises(GoneError):
        links.use_link(session, token, PASSWORD, key=KEY, now=NOW)


def test_a_weak_password_leaves_the_link_good(session):
    token = made(session, make_user("county", "140522"))
    with pytest.raises(UnfitPasswordError):
        links.use_link(session, token, "short", key=KEY, now=NOW)
    links.use_link(session, token, PASSWORD, key=KEY, now=NOW)


@pytest.mark.parametrize("token", ["", "x" * 43, "码", "x" * 10_000, "\ud800"])
def test_what_is_no_link_is_over(session, token):
    made(session, make_user("county", "140522"))
    with pytest.raises(GoneError):
        links.find_link(session, token, key=KEY, now=NOW)


def test_a_link_ends_with_its_time_its_successor_and_its_account(session):
    user = make_user("county", "140522")
    first, second = made(session, user), made(session, user)
    with pytest.raises(GoneError):
        links.find_link(session, first, key=KEY, now=NOW)
    links.find_link(session, second, key=KEY, now=NOW + links.GOOD_FOR - timedelta(seconds=1))
    with pytest.raises(GoneError):
        links.find_link(session, second, key=KEY, now=NOW + links.GOOD_FOR)
    service.switch_off(session, user, by="admin", now=NOW)
    with pytest.raises(GoneError):
        links.find_link(session, second, key=KEY, now=NOW)
    with pytest.raises(ConflictError):
        made(session, user)


def test_the_database_holds_nothing_that_opens_the_page(session):
    token = made(session, make_user("county", "140522"))
    kept = session.scalars(sa.select(OneTimeLink)).one()
    assert token.encode() not in kept.token_hash
    with pytest.raises(GoneError):
        links.find_link(session, kept.token_hash.hex(), key=KEY, now=NOW)


def test_an_invited_person_sets_a_password_and_signs_in(app, client, signed_in):
    administrator = signed_in("administrator", "140500")
    wanted = {"login": "li", "name": "李娜", "role": "county", "region": "140522"}
    page = post(administrator, "/accounts/new", wanted, status=200)
    address = next(each["value"] for each in page.controls if each.get("id") == "address")
    path = address.removeprefix("http://localhost")
    assert path.startswith("/accounts/link/")
    assert "还没有设密码" in get(administrator, "/accounts/").text

    post(client, "/accounts/sign-in", {"login": "li", "password": ""}, status=422)
    for _preview in range(2):
        assert client.get(path).location == "/accounts/link"
    page = get(client, "/accounts/link")
    assert "请设置只有您自己知道的密码" in page.text
    assert path.rpartition("/")[2] not in page.html
    post(client, "/accounts/link", {"password": "short", "repeated": "short"}, status=422)
    post(client, "/accounts/link", {**NEW, "repeated": "another"}, status=422)
    post(client, "/accounts/link", NEW, to="/accounts/sign-in")
    get(client, "/accounts/link", status=410)
    get(client, path, status=410)
    post(client, "/accounts/sign-in", {"login": "li", "password": PASSWORD}, to="/")


def test_a_forgotten_password_is_good_until_the_link_is_used(app, client):
    with app.app_context():
        user = make_user("county", "140522", login="li")
        service.set_password(db.session, user, PASSWORD, by="li", now=NOW)
        made(db.session, user, now=clock.now())
        db.session.commit()
    post(client, "/accounts/sign-in", {"login": "li", "password": PASSWORD}, to="/")
