"""Tokens: made by their owner, shown once, good for what they were made for and no longer."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from survey_app import clock
from survey_app.accounts import service as accounts
from survey_app.accounts.models import Appointment, User
from survey_app.api import tokens
from survey_app.api.models import ApiToken
from survey_app.api.scopes import SCOPES
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.security import Held, allowed
from tests import factories
from tests.conftest import KEY, NOW
from tests.page import get, post
from tests.survey_app.api.place import call, token_for

REGIONS = [code for code, *_rest in factories.REGIONS]
ROLES = ("county", "city", "province", "nation", "assessor")


def make(user, **wished):
    wish = {"name": "学籍系统", "scopes": ["counties:read"], "region_code": "140522", "days": 90} | wished
    held = [Held(each.role, each.region_code, each.school_code) for each in user.appointments]
    return tokens.make_token(db.session, user, tokens.Wish(**wish), held=held, key=KEY, now=NOW)


def test_a_token_is_found_and_its_secret_is_nowhere_kept(either_app):
    with either_app.app_context():
        secret, token = make(factories.make_user("county", "140522"))
        db.session.commit()
        holder, unnoted = tokens.find_holder(db.session, secret, key=KEY, now=NOW)
        assert (holder.login, unnoted) == ("county-140522", token.id)
        assert holder.scopes == {"counties:read"}
        assert secret.encode() not in token.token_hash
        kept = " ".join(row.details for row in db.session.scalars(sa.select(AuditEntry)))
        assert secret not in kept
        assert "token.made" in [row.action for row in db.session.scalars(sa.select(AuditEntry))]
        db.session.rollback()
        db.session.execute(tokens.used(token.id, now=NOW))
        assert tokens.find_holder(db.session, secret, key=KEY, now=NOW)[1] == 0
        tomorrow = NOW + timedelta(days=1)
        assert tokens.find_holder(db.session, secret, key=KEY, now=tomorrow)[1] == token.id


@pytest.mark.parametrize(
    ("wished", "code"),
    [
        ({"name": " "}, "token_name"),
        ({"name": "x" * 65}, "token_name"),
        ({"name": "a\nb"}, "token_name"),
        ({"scopes": []}, "token_scopes"),
        ({"scopes": ["counties:delete"]}, "token_scopes"),
        ({"days": 0}, "token_days"),
        ({"days": 366}, "token_days"),
        ({"region_code": "140500"}, "region_not_yours"),
        ({"region_code": "140524"}, "region_not_yours"),
        ({"region_code": ""}, "region_not_yours"),
        ({"region_code": "140522x"}, "region_not_yours"),
    ],
)
def test_a_token_that_cannot_be_is_refused(app, wished, code):
    with app.app_context():
        user = factories.make_user("county", "140522")
        with pytest.raises(tokens.UnfitTokenError) as refused:
            make(user, **wished)
        assert refused.value.code == code
        assert not db.session.query(ApiToken).count()


def _after_its_end(_token, _user):
    return NOW + timedelta(days=90)


def _revoked(token, user):
    tokens.revoke(db.session, token, reason="停用", by=user.login, now=NOW)


def _account_off(_token, user):
    accounts.switch_off(db.session, user, by="admin", now=NOW)


def _account_over(_token, user):
    accounts.set_end(db.session, user, NOW + timedelta(days=1), by="admin", now=NOW)
    return NOW + timedelta(days=2)


@pytest.mark.parametrize("ended", [_after_its_end, _revoked, _account_off, _account_over])
def test_a_token_ends_with_its_day_its_revocation_and_its_owner(app, ended):
    with app.app_context():
        user = factories.make_user("county", "140522")
        secret, token = make(user)
        assert tokens.find_holder(db.session, secret, key=KEY, now=NOW)
        later = ended(token, user) or NOW
        assert tokens.find_holder(db.session, secret, key=KEY, now=later) is None


def test_another_key_another_secret_and_nonsense_find_nobody(app):
    with app.app_context():
        secret, _token = make(factories.make_user("county", "140522"))
        for sent, key in ((secret, bytes(32)), (secret[:-1] + "_", KEY), (secret + "A", KEY), ("", KEY)):
            assert tokens.find_holder(db.session, sent, key=key, now=NOW) is None


def test_a_token_is_revoked_once_with_a_reason(app):
    with app.app_context():
        _secret, token = make(factories.make_user("county", "140522"))
        with pytest.raises(tokens.UnfitTokenError, match="reason_missing"):
            tokens.revoke(db.session, token, reason=" ", by="a", now=NOW)
        tokens.revoke(db.session, token, reason="可能泄露", by="a", now=NOW)
        with pytest.raises(tokens.ConflictError):
            tokens.revoke(db.session, token, reason="再来", by="a", now=NOW)
        last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert last.action == "token.revoked"
        assert "可能泄露" in last.details


@given(
    st.lists(st.builds(Held, st.sampled_from(ROLES), st.sampled_from(REGIONS)), max_size=4),
    st.sampled_from(REGIONS),
    st.sampled_from(REGIONS),
    st.sampled_from(sorted(SCOPES.values())),
)
def test_a_token_never_holds_more_than_its_owner_nor_beyond_its_region(held, within, asked, permission):
    left = tokens.narrowed(held, within)
    if allowed(left, permission, asked):
        assert allowed(held, permission, asked)
        assert allowed([Held("county", within)], "county.view", asked)
    elif allowed([Held("county", within)], "county.view", asked):
        assert not allowed(held, permission, asked)


def test_roles_are_those_that_the_owner_has_now(app):
    secret = token_for(app)
    with app.app_context():
        factories.make_county_file()
        db.session.commit()
    assert call(app, "/counties/140522/files/latest", secret).status_code == 200
    with app.app_context():
        user = db.session.query(User).filter_by(login="county-140522").one()
        user.appointments = [Appointment(role="county", region_code="140524")]
        db.session.commit()
    assert call(app, "/counties/140522/files/latest", secret).status_code == 403
    assert call(app, "/counties", secret).status_code == 403


def test_the_day_of_use_is_noted_once_also_by_requests_that_store_nothing(either_app):
    secret = token_for(either_app)

    def day():
        with either_app.app_context():
            return db.session.query(ApiToken).one().last_used_on

    assert day() is None
    assert call(either_app, "/schemes", secret).status_code == 200
    assert day() == clock.day_of(clock.now())
    with either_app.app_context():
        db.session.query(ApiToken).one().last_used_on = None
        db.session.commit()
    assert call(either_app, "/plans", secret, body={"population": 360_000}).status_code == 200
    assert day() == clock.day_of(clock.now())


WANTED = {"name": "学籍系统", "scopes": ["counties:read"], "region": "140522", "days": "30"}


def test_pages_make_a_token_show_it_once_and_revoke_it(app, signed_in):
    client = signed_in("city", "140500")
    get(client, "/tokens/new")
    made = post(client, "/tokens/new", WANTED, status=200)
    secret = re.search(r"jh_[A-Za-z0-9_-]{43}", made.html)[0]
    assert call(app, "/counties", secret).json == {"items": [], "page": 1, "next_page": None}
    listed = get(client, "/tokens/")
    assert secret not in listed.html
    assert "阳城县" in listed.text
    get(client, "/tokens/1/revoke")
    post(client, "/tokens/1/revoke", {"reason": ""}, status=422)
    post(client, "/tokens/1/revoke", {"reason": "程序停用"}, to="/tokens/")
    assert call(app, "/counties", secret).status_code == 401
    assert "已撤销" in get(client, "/tokens/").text


def test_a_page_refuses_what_cannot_be_and_keeps_what_was_typed(signed_in):
    client = signed_in()
    page = post(client, "/tokens/new", {**WANTED, "region": "140500"}, status=422)
    assert "“140500”不在您负责的地区内" in page.text
    assert 'value="学籍系统"' in page.html
    page = post(client, "/tokens/new", {**WANTED, "name": "", "scopes": ["x"], "days": "400"}, status=422)
    assert "请写明给哪个程序用" in page.text
    assert "请输入 1 到 365 之间的天数" in page.text


def test_an_administrator_sees_and_revokes_the_tokens_of_their_accounts(app, signed_in):
    secret = token_for(app)
    client = signed_in("administrator", "140500")
    with app.app_context():
        user = db.session.query(User).filter_by(login="county-140522").one().id
    assert f"/tokens/of/{user}" in get(client, f"/accounts/{user}").html
    assert "学籍系统" in get(client, f"/tokens/of/{user}").text
    post(client, "/tokens/1/revoke", {"reason": "人员调离"}, to=f"/tokens/of/{user}")
    assert call(app, "/counties", secret).status_code == 401
    get(signed_in("administrator", "430000"), "/tokens/1/revoke", status=404)


def test_the_password_page_leads_to_the_tokens_of_those_who_may_have_some(signed_in):
    assert "/tokens/" in get(signed_in(), "/accounts/password").html
    assert "/tokens/" not in get(signed_in("auditor", "140500"), "/accounts/password").html
