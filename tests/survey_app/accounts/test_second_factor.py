from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.accounts import second_factor, service
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.security import Held
from tests.conftest import KEY, NOW
from tests.factories import make_regions, make_user
from tests.page import get, post

PASSWORD = "安静的-river-茶杯"
SIGN_IN = {"login": "li", "password": PASSWORD}


def code(secret, now=NOW, steps=0):
    return pyotp.TOTP(secret).at(int(now.timestamp()) + 30 * steps)


@pytest.fixture
def user(either_app):
    with either_app.app_context():
        yield make_user("county", "140522")


@pytest.fixture
def secret(user):
    made = second_factor.new_secret()
    second_factor.switch_on(db.session, user, made, code(made, steps=-1), key=KEY, now=NOW)
    db.session.flush()
    return made


def check(user, given):
    second_factor.check(db.session, user, given, key=KEY, now=NOW)
    db.session.flush()


def test_a_code_is_good_once(user, secret):
    check(user, code(secret))
    with pytest.raises(second_factor.WrongCodeError):
        check(user, code(secret))
    check(user, code(secret, steps=1))
    with pytest.raises(second_factor.WrongCodeError):
        check(user, code(secret))


def test_the_code_that_switched_it_on_does_not_sign_in(user, secret):
    with pytest.raises(second_factor.WrongCodeError):
        check(user, code(secret, steps=-1))


def test_a_code_may_be_typed_as_it_is_shown(user, secret):
    given = code(secret)
    wide = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))
    check(user, f" {given[:3]} {given[3:].translate(wide)}")


@pytest.mark.parametrize("given", ["", "000", "十二万三千", "\ud800", "9" * 5000])
def test_what_is_no_code_is_refused(user, secret, given):
    with pytest.raises(second_factor.WrongCodeError):
        check(user, given)


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_of_another_time_is_refused(user, secret, steps):
    with pytest.raises(second_factor.WrongCodeError):
        check(user, code(secret, steps=steps))


def test_the_secret_is_not_in_the_database(user, secret):
    assert secret.encode() not in user.second_factor
    with pytest.raises(ConflictError):
        second_factor.switch_on(db.session, user, secret, code(secret), key=KEY, now=NOW)
    second_factor.switch_off(db.session, user, by="admin", now=NOW)
    with pytest.raises(ConflictError):
        second_factor.switch_off(db.session, user, by="admin", now=NOW)


@pytest.fixture
def li(app):
    with app.app_context():
        make_regions()
        service.add_user(
            db.session,
            login="li",
            name="李娜",
            password=PASSWORD,
            appointments=[Held("county", "140522")],
            by="test",
            now=NOW,
        )
        db.session.commit()


@pytest.fixture
def guarded(app, li):
    """The account with a second factor: its number."""
    with app.app_context():
        user = service.user_with_login(db.session, "li")
        made = second_factor.new_secret()
        second_factor.switch_on(db.session, user, made, code(made), key=KEY, now=NOW)
        db.session.commit()
        return user.id


def page_secret(page):
    return page.html.partition("<code>")[2].partition("</code>")[0].replace(" ", "")


def test_the_password_alone_no_longer_signs_in(app, li, client, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    owner = app.test_client()
    post(owner, "/accounts/sign-in", SIGN_IN, to="/")
    secret = page_secret(get(owner, "/accounts/second-factor"))
    assert "验证码不对" in post(owner, "/accounts/second-factor", {"code": "000000"}, status=422).text
    post(owner, "/accounts/second-factor", {"code": code(secret, now, -1)}, to="/accounts/second-factor")
    assert "已启用" in get(owner, "/accounts/second-factor").text

    post(client, "/accounts/sign-in?next=/surveys/", SIGN_IN, to="/accounts/sign-in/code")
    assert client.get("/surveys/").status_code == 302
    get(client, "/accounts/sign-in/code")
    assert "验证码不对" in post(client, "/accounts/sign-in/code", {"code": "000000"}, status=422).text
    post(client, "/accounts/sign-in/code", {"code": code(secret, now)}, to="/surveys/")
    get(client, "/surveys/")

    post(owner, "/accounts/second-factor", {"code": code(secret, now, 1)}, to="/accounts/second-factor")
    assert "未启用" in get(owner, "/accounts/second-factor").text


def test_guessing_codes_has_to_wait_like_guessing_passwords(guarded, client):
    post(client, "/accounts/sign-in", SIGN_IN, to="/accounts/sign-in/code")
    proof = get(client, "/accounts/sign-in").form()["fields"]["csrf_token"]
    data = {"code": "000000", "csrf_token": proof}
    statuses = [client.post("/accounts/sign-in/code", data=data).status_code for _ in range(6)]
    assert statuses[0] == 422
    assert statuses[-1] == 429


def test_the_code_is_waited_for_ten_minutes_and_for_nobody_else(guarded, client, monkeypatch):
    assert client.get("/accounts/sign-in/code").location == "/accounts/sign-in"
    post(client, "/accounts/sign-in", SIGN_IN, to="/accounts/sign-in/code")
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get("/accounts/sign-in/code").location == "/accounts/sign-in"


def test_an_administrator_takes_the_factor_of_a_lost_telephone(app, guarded, signed_in):
    administrator = signed_in("administrator", "140500")
    assert "取消第二验证因素" in get(administrator, f"/accounts/{guarded}").text
    post(administrator, f"/accounts/{guarded}/second-factor/off", to=f"/accounts/{guarded}")
    with app.app_context():
        assert db.session.scalar(sa.select(User.second_factor).where(User.id == guarded)) is None
