"""Days that no zone can turn, typed or sent into every form that takes one: refused beside the field."""

import pytest

from survey_app import clock
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import make_county_file, make_user, sign_in
from tests.page import get, post
from tests.survey_app.fieldwork.telephone.phoning import phone_wave

ENDS = ["0001-01-01", "9999-12-31"]
SAID = "年份要在 2000 到 2999 之间"


@pytest.mark.parametrize("day", ENDS)
@pytest.mark.parametrize("name", ["since", "until"])
def test_the_audit_trail_of_no_time(app, name, day):
    auditor = sign_in(app, "auditor", "000000")
    assert SAID in get(auditor, f"/audit/?{name}={day}", status=422).text
    assert auditor.get(f"/audit/trail.csv?{name}={day}").status_code == 200


@pytest.mark.parametrize("day", ENDS)
def test_an_account_that_ends_never(app, day):
    with app.app_context():
        number = make_user("county", "140522").id
        db.session.commit()
    administrator = sign_in(app, "administrator", "000000")
    assert SAID in post(administrator, f"/accounts/{number}/end", {"last_day": day}, status=422).text


@pytest.mark.parametrize("day", ENDS)
def test_calls_that_begin_never(app, day, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        wave_id = phone_wave(app).id
        db.session.commit()
    clerk = sign_in(app, "county", "140522")
    sent = {"groups": "public", "starts": day}
    post(clerk, f"/telephone/{wave_id}/cases", sent, status=422)
    caller = sign_in(app, "interviewer", "140522")
    case = post(caller, "/telephone/next", to="/telephone/case/").location
    outcome = {"outcome": "call_later", "day": day, "hour": "10:00", "agreed": "y"}
    assert SAID in post(caller, f"{case}/outcome", outcome, status=422).text


@pytest.mark.parametrize("day", ENDS)
@pytest.mark.parametrize("name", ["opens_at", "closes_at"])
def test_a_wave_of_no_time(app, name, day):
    with app.app_context():
        make_county_file()
        db.session.commit()
    clerk = sign_in(app, "county", "140522")
    sent = {
        "title": "调查",
        "opens_at": "2026-11-23T08:00",
        "closes_at": "2026-11-27T18:00",
        name: f"{day}T00:00",
    }
    assert SAID in post(clerk, "/surveys/new?county=140522", sent, status=422).text
