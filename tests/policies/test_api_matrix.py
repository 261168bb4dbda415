"""Every operation of the JSON interface × role × region × scope of the token: each is really asked."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey_app import clock
from survey_app.accounts.models import User
from survey_app.api.models import ApiToken
from survey_app.api.operations import PREFIX
from survey_app.api.scopes import SCOPES
from survey_app.api.tokens import PREFIX as TOKEN
from survey_app.api.tokens import _hash
from survey_app.db import db
from tests import factories
from tests.conftest import KEY
from tests.policies import world
from tests.policies.actors import ACTORS

_HERE = Path(__file__).parent
PERMISSIONS = tomllib.loads((_HERE / "permissions.toml").read_text("utf-8"))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One operation of the matrix."""

    path: str
    scope: str
    method: str = "GET"
    permission: str = ""
    anywhere: str = ""
    body: object = None
    unknown: int = 404


ROWS = {
    name: Row(**row) for name, row in tomllib.loads((_HERE / "api_matrix.toml").read_text("utf-8")).items()
}


def give(app, actor, scopes, *, region="", number=0):
    """A token of the actor's account, made by hand: also for those who may not make one."""
    with app.app_context():
        login = "-".join(filter(None, (actor.role, actor.region, actor.school)))
        user = db.session.query(User).filter_by(login=login).one_or_none()
        user = user or factories.make_user(actor.role, actor.region, school=actor.school)
        secret = TOKEN + f"{number:x}".rjust(6, "0") + "A" * 37
        now = clock.now()
        token = ApiToken(user=user, name="t", token_hash=_hash(secret, KEY), scopes=" ".join(scopes))
        token.region_code, token.made_at = region or actor.region, now
        token.expires_at, token.last_used_on = now.replace(year=now.year + 1), clock.day_of(now)
        db.session.add(token)
        db.session.commit()
    return secret


def ask(app, row, named, secret=None, **given):
    """Send the request that the row describes."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    body = row.body
    if body == "county_file":
        body = factories.small_county()
        body = {**body, "county": {**body["county"], "code": "140522"}}
    elif body is not None:
        body = {
            key: int(value.format(**named)) if str(value).startswith("{") else value
            for key, value in body.items()
        }
    return app.test_client(use_cookies=False).open(
        PREFIX + row.path.format(**named),
        method=row.method,
        headers={**headers, **given},
        data=None if body is None else json.dumps(body),
        content_type=None if body is None else "application/json",
    )


def test_every_operation_has_a_row_with_its_scope(app):
    there = {name: view for name, view in app.view_functions.items() if name.startswith("api.")}
    assert set(ROWS) == set(there)
    assert {name: row.scope for name, row in ROWS.items()} == {
        name: view.scope or "any" for name, view in there.items()
    }
    assert {row.permission or row.anywhere for row in ROWS.values()} <= {*PERMISSIONS, ""}
    assert {row.scope for row in ROWS.values()} == {*SCOPES, "any"}


@pytest.mark.parametrize("name", ROWS)
def test_only_those_may_who_should(asked, name):
    app, named = asked
    row = ROWS[name]
    gone = {**named, **world.MISSING}
    # Whoever may is asked last: what they do changes things.
    for number, (who, actor) in enumerate(
        sorted(ACTORS.items(), key=lambda each: _wanted(row, each[1]) < 300)
    ):
        secret = give(app, actor, SCOPES, number=number)
        answer = ask(app, row, named, secret)
        wanted = _wanted(row, actor)
        said = answer.get_data(as_text=True)[:300]
        assert answer.status_code == wanted or (wanted == 200 and answer.status_code == 201), (who, said)
        if wanted == 404:
            missing = ask(app, row, gone, secret)
            assert (missing.status_code, missing.data) == (404, answer.data), f"{who} can tell it exists"
        if wanted == row.unknown == 422:
            assert ask(app, row, gone, secret).status_code == 422, who


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.scope != "any"])
def test_a_token_opens_nothing_beyond_its_scopes(asked, name):
    app, named = asked
    row = ROWS[name]
    others = [scope for scope in SCOPES if scope != row.scope]
    actor = ACTORS["the county itself"]
    for number, scopes in enumerate([others, *([scope] for scope in others), []]):
        answer = ask(app, row, named, give(app, actor, scopes, number=number))
        assert (answer.status_code, answer.json["code"]) == (403, "token_scope_missing"), scopes
    assert ask(app, row, named, give(app, actor, [row.scope], number=99)).status_code in {200, 201}


@pytest.mark.parametrize("name", ROWS)
def test_a_token_reaches_nothing_beyond_its_region(asked, name):
    """The city's token for the county beside ours sees as much of ours as that county does."""
    app, named = asked
    row = ROWS[name]
    answer = ask(app, row, named, give(app, ACTORS["its city"], SCOPES, region="140524"))
    if row.permission:
        lacks = "city" not in PERMISSIONS[row.permission]
        assert answer.status_code == row.unknown or lacks
        assert answer.status_code >= 400
    else:
        assert answer.status_code == 200
        assert "140522" not in answer.get_data(as_text=True) or row.method == "POST"


@pytest.mark.parametrize("name", ROWS)
def test_without_a_good_token_everything_answers_alike(asked, name):
    app, named = asked
    row = ROWS[name]
    session = factories.sign_in(app, "county", "140522").get_cookie("junheng")
    good = give(app, ACTORS["the county itself"], SCOPES)
    answers = {
        ask(app, row, named, secret, **headers).data
        for secret, headers in (
            (None, {}),
            (None, {"Cookie": f"junheng={session.value}"}),
            (good[:-1] + "B", {}),
            ("jh_", {}),
            (None, {"Authorization": f"Basic {good}"}),
            (None, {"Authorization": good}),
        )
    }
    assert len(answers) == 1
    assert json.loads(answers.pop())["status"] == 401


def _wanted(row, actor):
    needed = row.permission or row.anywhere
    if not needed:
        return 200
    may = actor.role in PERMISSIONS[needed]
    if row.anywhere:
        return 200 if may else 403
    # A token acts by roles for regions, never by one for a single school: such an owner holds nothing here.
    if not may:
        return 403
    return 200 if actor.inside else row.unknown
