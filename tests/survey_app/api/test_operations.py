"""What operations take and give: exact numbers, digests, pages, faults in two languages."""

import hashlib
import json

import pytest

from survey_app import clock
from survey_app.assessments.models import EvaluationRun
from survey_app.counties.models import CountyFile
from survey_app.db import db
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import make_plan
from tests import factories
from tests.survey_app.api.place import call, fill, token_for

FILES = "/counties/140522/files"


def county(**changed):
    document = factories.small_county()
    return {**document, "county": {**document["county"], "code": "140522"}, **changed}


@pytest.fixture
def filled(app):
    return app, fill(app), token_for(app)


def test_a_county_file_keeps_every_digit_and_is_stored_once(either_app):
    app, secret = either_app, token_for(either_app)
    text = json.dumps(county(), ensure_ascii=False)
    text = text.replace('"county": {', '"county": {"gdp_per_head": 12345.6700, ', 1)
    first = call(app, FILES, secret, body=text.encode())
    assert (first.status_code, first.json["version"]) == (201, 1)
    assert first.headers["Location"] == f"/api/v1{FILES}/{first.json['id']}"
    again = call(app, FILES, secret, body=text.encode())
    assert (again.status_code, again.json) == (200, first.json)
    given = call(app, f"{FILES}/latest", secret)
    assert b"12345.6700" in given.data
    assert hashlib.sha256(given.data).hexdigest() == first.json["digest"] == given.get_etag()[0]
    second = call(app, FILES, secret, body=text.replace("12345.67", "12345.68").encode())
    assert (second.status_code, second.json["version"]) == (201, 2)
    assert [row["version"] for row in call(app, FILES, secret).json["items"]] == [2, 1]
    with app.app_context():
        kept = db.session.query(CountyFile).order_by(CountyFile.version).first()
        assert (kept.imported_by, kept.source) == ("county-140522", "API · 学籍系统")


def test_every_fault_of_a_county_file_is_answered_and_nothing_is_stored(app):
    secret = token_for(app)
    body = county(year="x", shools=[])
    answer = call(app, FILES, secret, body=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert {(fault["where"], fault["rule"]) for fault in answer.json["faults"]} == {
        ("year", "type"),
        ("shools", "unknown_key"),
    }
    english = call(app, FILES, secret, body=body, Accept_Language="en-GB,en;q=0.9").json
    assert "is of the wrong type" in english["faults"][0]["message"]
    assert english["faults"][0]["where"] == answer.json["faults"][0]["where"]
    other = call(app, FILES, secret, body=county(county={"code": "140524", "name": "陵川县"}))
    assert [fault["rule"] for fault in other.json["faults"]] == ["other_county"]
    with app.app_context():
        assert not db.session.query(CountyFile).count()


def test_a_document_that_the_program_has_is_not_sent_again(filled):
    app, named, secret = filled
    for path in (
        f"{FILES}/latest",
        f"{FILES}/{named['file_id']}",
        f"/runs/{named['run_id']}/verdict",
        "/schemes/shanxi-2022",
        f"/waves/{named['wave_id']}/rates",
    ):
        first = call(app, path, secret)
        assert first.status_code == 200, path
        again = call(app, path, secret, If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.data) == (304, b""), path
        assert call(app, path, secret, If_None_Match='"other"').status_code == 200


def test_a_plan_is_the_one_that_the_command_prints(app):
    secret = token_for(app)
    body = {"population": 360_000, "group_sizes": {"principal": 12}}
    made = make_plan(360_000, group_sizes={"principal": 12}).document("zh")
    given = call(app, "/plans", secret, body=body)
    assert given.json == json.loads(json.dumps(made, default=float))
    assert list(given.json["quotas"])[:2] == ["parent", "student"]
    faults = call(app, "/plans", secret, body={"population": 0, "scheme": "none", "sizes": {}}).json["faults"]
    assert {(fault["where"], fault["rule"]) for fault in faults} == {
        ("population", "range"),
        ("sizes", "unknown_key"),
    }
    unknown = call(app, "/plans", secret, body={"population": 5, "scheme": "none"})
    assert unknown.status_code == 422


def test_a_run_is_made_read_and_verified(filled):
    app, named, secret = filled
    body = {"county_file": named["file_id"], "scheme": "shanxi-2022", "wave": named["wave_id"]}
    made = call(app, "/runs", secret, body=body)
    assert made.status_code == 201
    run_id = made.json["id"]
    assert call(app, f"/runs/{run_id}", secret).json == made.json
    verdict = call(app, f"/runs/{run_id}/verdict", secret)
    with app.app_context():
        kept = db.session.get_one(EvaluationRun, run_id)
        assert verdict.get_data(as_text=True) == kept.result
        assert kept.made_by == "county-140522"
    assert hashlib.sha256(verdict.data).hexdigest() == made.json["result_digest"]
    checked = call(app, f"/runs/{run_id}/verification", secret).json
    assert (checked["holds"], checked["result_same"]) == (True, True)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"county_file": 999}, "county_file"),
        ({"wave": 999}, "wave"),
        ({"scheme": "none"}, "scheme"),
        ({"county_file": None}, "county_file"),
        ({"wave": "1"}, "wave"),
    ],
)
def test_a_run_of_what_is_not_there_is_refused(filled, changed, where):
    app, named, secret = filled
    body = {"county_file": named["file_id"], "scheme": "shanxi-2022"} | changed
    answer = call(app, "/runs", secret, body=body)
    assert (answer.status_code, [fault["where"] for fault in answer.json["faults"]]) == (422, [where])
    with app.app_context():
        assert db.session.query(EvaluationRun).count() == 1


def test_a_survey_that_is_not_released_feeds_no_run(filled):
    app, named, secret = filled
    body = {"county_file": named["file_id"], "scheme": "shanxi-2022", "wave": named["drawn"]}
    answer = call(app, "/runs", secret, body=body)
    assert (answer.status_code, answer.json["code"]) == (409, "wave_not_released")


def test_a_run_has_the_level_of_the_owner_whatever_the_token_is_narrowed_to(filled):
    app, named, _secret = filled
    body = {"county_file": named["file_id"], "scheme": "shanxi-2022"}
    for role, region, level in (("city", "140500", "review"), ("assessor", "140000", "evaluation")):
        secret = token_for(app, role, region, within="140522")
        assert call(app, "/runs", secret, body=body).json["level"] == level


def test_an_evaluation_is_the_run_s_and_stores_nothing(filled):
    app, named, secret = filled
    with app.app_context():
        run = db.session.get_one(EvaluationRun, named["run_id"])
        text, result = run.input, run.result
    answer = call(app, "/evaluations?scheme=shanxi-2022", secret, body=text.encode())
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, result)
    unknown = call(app, "/evaluations?scheme=none", secret, body=text.encode())
    assert (unknown.status_code, unknown.json["faults"][0]["rule"]) == (422, "unknown_scheme")
    with app.app_context():
        assert db.session.query(EvaluationRun).count() == 1
        assert db.session.query(CountyFile).count() == 1


def test_figures_are_there_for_those_who_may_see_them(filled):
    app, named, secret = filled
    for path in ("rates", "rates?by=group", "form-vi"):
        answer = call(app, f"/waves/{named['wave_id']}/{path}", secret)
        assert answer.status_code == 200
    assert call(app, f"/waves/{named['drawn']}/form-vi", secret).status_code == 404
    with app.app_context():
        db.session.get_one(Wave, named["wave_id"]).released_at = None
        db.session.commit()
    for path in ("rates", "form-vi"):
        assert call(app, f"/waves/{named['wave_id']}/{path}", secret).status_code == 404
        city = token_for(app, "city", "140500")
        assert call(app, f"/waves/{named['wave_id']}/{path}", city).status_code == 200


def test_published_tables_are_those_of_the_pages(filled, signed_in):
    app, named, secret = filled
    client = signed_in()
    for by in ("group", "topics", "items"):
        page = client.get(f"/results/{named['wave_id']}/by/{by}.json")
        answer = call(app, f"/waves/{named['wave_id']}/rates?by={by}", secret)
        assert (answer.status_code, answer.json) == (page.status_code, page.json)


def test_progress_is_the_board_s(filled, signed_in, monkeypatch):
    app, named, secret = filled
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    page = signed_in().get(f"/fieldwork/{named['drawn']}/progress.json")
    assert call(app, f"/waves/{named['drawn']}/progress", secret).json == page.json


def test_lists_come_in_pages(filled):
    app, named, secret = filled
    first = call(app, "/waves?limit=1", secret).json
    second = call(app, f"/waves?limit=1&page={first['next_page']}", secret).json
    assert [row["id"] for row in (*first["items"], *second["items"])] == [named["drawn"], named["wave_id"]]
    assert (second["page"], second["next_page"]) == (2, None)
    for query in (
        "limit=0",
        "limit=101",
        "limit=1&limit=2",
        "page=0",
        "limit=x",
        "limit=%EF%BC%95",
        "size=2",
    ):
        assert call(app, f"/waves?{query}", secret).status_code == 422, query
    assert call(app, "/runs?limit=1", secret).json["next_page"] is None


def test_applications_and_tasks_are_given(filled):
    app, named, secret = filled
    listed = call(app, "/applications", secret).json["items"]
    one = call(app, f"/applications/{named['application_id']}", secret).json
    assert {**listed[0], "steps": []} == one
    assert one["level"] == "self_evaluation"
    (task,) = call(app, "/ledger/140522/tasks", secret).json["items"]
    assert (task["title"], task["budgets"], task["percent"]) == ("建设功能室", {"2026": 12_600_000}, 0)


def test_nothing_is_answered_below_the_address_but_json(app):
    client = app.test_client()
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/plans", 404),
        ("DELETE", "/api/v1/plans", 405),
        ("GET", "/api/v1/runs/x", 404),
        ("GET", "/api/v1/runs/1", 401),
    ):
        answer = client.open(path, method=method, headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.json["detail"].isascii()
        assert not answer.headers.getlist("Set-Cookie")
    page = client.get("/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")


def test_what_fails_here_is_told_without_its_inside(filled, monkeypatch):
    app, _named, secret = filled

    def fail(*_given):
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("survey_app.api.wave_views._row", fail)
    answer = call(app, "/waves", secret)
    assert (answer.status_code, answer.json["code"]) == (500, "unexpected")
    assert "inside" not in answer.get_data(as_text=True)
