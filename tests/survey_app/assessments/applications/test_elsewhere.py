"""Another county's things inside one's own addresses, and people who act where it is not their turn."""

import pytest

from survey_app.accounts import passwords
from survey_app.db import db
from tests.factories import make_county_file
from tests.page import post

PASSWORD = "the right one"
ELSEWHERE = "140106"


@pytest.fixture
def applied(app, signed_in, monkeypatch):
    """A county's application with a run, and somebody of the county beside it."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)
    with app.app_context():
        make_county_file()
        db.session.commit()
    county = signed_in()
    post(county, "/applications/new?county=140522", {"year": "2026", "scheme": "shanxi-2022"}, status=303)
    post(county, "/applications/1/run", {"county_file": "1", "wave": "0"}, status=303)
    return county


def test_another_county_finds_nothing(applied, signed_in):
    stranger = signed_in("county", ELSEWHERE)
    for path in (
        "/applications/1",
        "/applications/1/run",
        "/applications/1/sign",
        "/applications/1/return",
        "/applications/1/withdraw",
        "/applications/1/judgements",
        "/applications/1/visits",
        "/applications/1/remarks",
        "/applications/1/corrections",
        "/applications/1/compare?runs=1,1",
        "/applications/1/runs/1/run.json",
        "/applications/1/overrides/new",
        "/ledger/140522/",
        f"/ledger/{ELSEWHERE}/from-run/1",
    ):
        assert stranger.get(path).status_code == 404, path


def test_nobody_acts_where_it_is_not_their_turn(applied, signed_in):
    for role, region in (("city", "140500"), ("province", "140000"), ("nation", "000000")):
        above = signed_in(role, region)
        post(above, "/applications/1/sign", {"run": "1", "password": PASSWORD}, status=409)
        post(above, "/applications/1/return", {"reason": "请补充附件"}, status=409)
        post(above, "/applications/1/run", {"county_file": "1", "wave": "0"}, status=409)
        post(above, "/applications/1/withdraw", {"reason": "撤回"}, status=403)
    assessor = signed_in("assessor", "140500")
    post(assessor, "/applications/1/sign", {"run": "1", "password": PASSWORD}, status=403)
    post(signed_in("auditor", "140522"), "/applications/1/sign", {"run": "1"}, status=403)
