from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.accounts import passwords, service, signed_in, signing_in
from survey_app.accounts.models import SignInAttempt, User
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.security import Held
from tests.conftest import KEY, NOW
from tests.factories import make_user, sign_in
from tests.page import get, post

PASSWORD = "安静的-river-茶杯"


@pytest.fixture
def clerk(app):
    """An account with a password, of the county's education bureau."""
    with app.app_context():
        service.add_user(
            db.session,
            login="zhang",
            name="张华",
            password=PASSWORD,
            appointments=[Held("county", "140522")],
            by="test",
            now=NOW,
        )
        db.session.commit()
    return "zhang"


def attempt(client, login="zhang", password=PASSWORD, **kwargs):
    return post(client, "/accounts/sign-in", {"login": login, "password": password}, **kwargs)


def test_the_right_password_opens_a_session_that_says_who_one_is(client, clerk):
    attempt(client, to="/")
    page = get(client, "/accounts/password")
    assert "阳城县 · 县教育局" in page.text
    assert "张华" in page.text


def test_a_login_may_be_typed_in_capitals_and_full_width(client, clerk):
    attempt(client, login=" ＺＨＡＮＧ ", to="/")


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(client, clerk):
    wrong = attempt(client, password="something else", status=422)
    unknown = attempt(client, login="nobody", password="something else", status=422)
    assert "登录名或密码不对" in wrong.text
    assert unknown.text == wrong.text


def test_an_unknown_login_costs_a_hash_like_a_known_one(app, clerk, monkeypatch):
    looked_at = []
    verify = passwords.PasswordHasher.verify
    monkeypatch.setattr(
        passwords.PasswordHasher, "verify", lambda self, *both: looked_at.append(both) or verify(self, *both)
    )
    for login in ("zhang", "nobody"):
        attempt(app.test_client(), login=login, password="something else")
    assert len(looked_at) == 2


def test_signing_in_leaves_nothing_of_the_session_before(client, clerk):
    get(client, "/accounts/sign-in")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        token = session["csrf_token"]
    attempt(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != token


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/counties/140522", "/counties/140522"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("counties", "/"),
    ],
)
def test_only_a_path_of_this_site_is_followed_after_signing_in(client, clerk, target, leads_to):
    get(client, "/accounts/sign-in")
    response = client.post(
        "/accounts/sign-in",
        query_string={"next": target},
        data={"login": "zhang", "password": PASSWORD, "csrf_token": _token(client)},
    )
    assert response.location == leads_to


def _token(client):
    return get(client, "/accounts/sign-in").form()["fields"]["csrf_token"]


def test_five_failures_ask_to_wait_and_the_right_password_then_waits_too(client, clerk):
    for _ in range(5):
        attempt(client, password="something else", status=422)
    page = attempt(client, status=429)
    assert "请等待 15 分钟后再试" in page.text
    attempt(client, login="other", password="something else", status=422)


def test_an_unknown_login_has_to_wait_as_well(client, clerk):
    for _ in range(5):
        attempt(client, login="nobody", password="something else", status=422)
    attempt(client, login="nobody", status=429)


def test_nobody_is_locked_out_for_ever(client, clerk, monkeypatch):
    for _ in range(5):
        attempt(client, password="something else", status=422)
    later = clock.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    attempt(client, to="/")


def test_the_pause_ends_when_the_oldest_failure_is_old_and_is_not_prolonged_by_trying(either_app):
    with either_app.app_context():
        for minute in range(5):
            signing_in.take_attempt(db.session, "zhang", key=KEY, now=NOW + timedelta(minutes=minute))
        for minute in (5, 9, 14):
            with pytest.raises(signing_in.TooManyAttemptsError) as refused:
                signing_in.take_attempt(db.session, "zhang", key=KEY, now=NOW + timedelta(minutes=minute))
            assert refused.value.facts["minutes"] == 15 - minute
        signing_in.take_attempt(db.session, "zhang", key=KEY, now=NOW + timedelta(minutes=15))


def test_attempts_do_not_keep_the_login_itself(app, client, clerk):
    attempt(client, login="secret-name", password="something else")
    with app.app_context():
        (kept,) = db.session.scalars(sa.select(SignInAttempt.login_hash))
        assert "secret" not in kept
        assert len(kept) == 64


def test_a_right_password_forgets_the_failures_before(app, client, clerk):
    for _ in range(4):
        attempt(client, password="something else", status=422)
    attempt(client, to="/")
    with app.app_context():
        assert db.session.scalars(sa.select(SignInAttempt)).all() == []


def test_an_account_switched_off_cannot_sign_in_and_its_session_ends(app, client, clerk):
    attempt(client, to="/")
    get(client, "/accounts/password")
    with app.app_context():
        service.switch_off(db.session, service.user_with_login(db.session, clerk), by="test", now=NOW)
        db.session.commit()
    assert client.get("/accounts/password").status_code == 302
    attempt(app.test_client(), status=422)


def test_signing_out_makes_copied_cookies_worthless(app, client, clerk):
    attempt(client, to="/")
    thief = app.test_client()
    thief.set_cookie("junheng", client.get_cookie("junheng").value)
    get(thief, "/accounts/password")
    post(client, "/accounts/sign-out", to="/")
    assert client.get("/accounts/password").status_code == 302
    assert thief.get("/accounts/password").status_code == 302


def test_signing_out_needs_a_post_with_proof(app, client, clerk):
    attempt(client, to="/")
    assert client.get("/accounts/sign-out").status_code == 405
    assert client.post("/accounts/sign-out").status_code == 400
    get(client, "/accounts/password")


@pytest.mark.parametrize(
    "identity",
    ["", "1", ":", "1:", "x:stamp", "１:stamp", "-1:stamp", "99:stamp", "9" * 40 + ":s", 7, None, ["1"]],
)
def test_a_malformed_identity_is_nobody(app, identity):
    with app.app_context():
        make_user("county", "140522")
        assert signed_in.load(db.session, identity, now=NOW) is None


def test_a_malformed_cookie_is_a_visitor(client, clerk):
    client.set_cookie("junheng", "\x7f;not-a-cookie..")
    assert get(client, "/").h1


def test_somebody_signed_in_costs_one_query_a_request(app):
    with app.app_context():
        user = make_user("county", "140522")
        identity = f"{user.id}:{user.session_stamp}"
        db.session.commit()
    with app.app_context():
        statements = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        person = signed_in.load(db.session, identity, now=NOW)
        assert person.standing == "阳城县 · 县教育局"
        assert [(each.role, each.region_code) for each in person.held] == [("county", "140522")]
        assert len([each for each in statements if each.startswith("SELECT")]) == 1


def test_one_s_own_password_is_changed_with_the_old_one(app, client, clerk):
    attempt(client, to="/")
    new = {"password": "另一个-long-词组", "repeated": "另一个-long-词组"}
    page = post(client, "/accounts/password", {"current": "wrong", **new}, status=422)
    assert "现在的密码不对" in page.text
    other = app.test_client()
    attempt(other, to="/")
    post(client, "/accounts/password", {"current": PASSWORD, **new}, to="/")
    get(client, "/accounts/password")
    assert other.get("/accounts/password").status_code == 302
    attempt(app.test_client(), status=422)
    attempt(app.test_client(), password=new["password"], to="/")


def test_the_first_administrator_is_made_on_a_page_and_only_once(app, client):
    assert client.get("/").location == "/accounts/first-run"
    get(client, "/accounts/first-run")
    wanted = {"login": "Admin", "name": "王敏", "password": PASSWORD, "repeated": PASSWORD}
    post(client, "/accounts/first-run", wanted, to="/accounts/")
    page = get(client, "/accounts/")
    assert "全国 · 系统管理员" in page.text
    stranger = app.test_client()
    assert stranger.get("/accounts/first-run").location == "/accounts/sign-in"
    refused = post(stranger, "/accounts/first-run", {**wanted, "login": "thief"}, status=409)
    assert "已经有账号" in refused.text
    with app.app_context():
        assert db.session.scalars(sa.select(User.login)).all() == ["admin"]
        assert db.session.scalars(sa.select(AuditEntry.action)).all() == ["account.added"]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "至少要有 10 个字符，现在只有 5 个"),
        ("my-admin-password", "不能包含登录名"),
        ("aaaaaaaaaaaa", "至少要有 5 个不同的字符"),
        ("1234567890", "太常见"),
        ("长" * 129, "最多 128 个字符"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_in_plain_words(app, client, password, said):
    wanted = {"login": "admin", "name": "王敏", "password": password, "repeated": password}
    page = post(client, "/accounts/first-run", wanted, status=422)
    assert said in page.text
    with app.app_context():
        assert not service.any_account(db.session)


def test_two_first_administrators_at_once_become_one(either_app):
    from concurrent.futures import ThreadPoolExecutor

    def make(login):
        with either_app.app_context():
            try:
                service.add_first_administrator(
                    db.session, login=login, name="王敏", password=PASSWORD, now=NOW
                )
            except ConflictError as error:
                return error.code
            db.session.commit()
            return "made"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(make, ["one", "two", "three", "four"]))
    assert answers == ["accounts_exist"] * 3 + ["made"]


def test_a_production_server_leaves_the_first_administrator_to_its_operator(app, client):
    from dataclasses import replace

    app.extensions["junheng-settings"] = replace(app.extensions["junheng-settings"], production=True)
    page = get(client, "/accounts/first-run")
    assert "junheng users add" in page.text
    wanted = {"login": "thief", "name": "x", "password": PASSWORD, "repeated": PASSWORD}
    post(client, "/accounts/first-run", wanted, status=403)


def test_the_test_s_own_sign_in_is_the_product_s(app):
    get(sign_in(app, "county", "140522"), "/accounts/password")
