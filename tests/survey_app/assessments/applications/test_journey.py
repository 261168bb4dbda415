"""An application's life, as people click through it, and the file that anybody can check."""

import json

import pytest
from click.testing import CliRunner

from survey_app.accounts import passwords
from survey_app.assessments.applications import places
from survey_app.assessments.applications.models import Application
from survey_app.assessments.applications.seal_checks import broken_step
from survey_app.assessments.verify_command import verify
from survey_app.canonical import canonical
from survey_app.db import db
from tests.factories import make_county_file
from tests.page import get, post

PASSWORD = "the right one"
APPLY = "/applications/new?county=140522"

LEVELS = {"city": "140500", "province": "140000", "nation": "000000"}


@pytest.fixture(autouse=True)
def _one_password(monkeypatch):
    """Everybody's password, without the work of a hash."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)


@pytest.fixture
def applied(app, signed_in):
    """The county with an application."""
    with app.app_context():
        make_county_file()
        db.session.commit()
    county = signed_in()
    response = county.post(
        "/applications/new?county=140522",
        data=_filled(county, "/applications/new?county=140522", scheme="shanxi-2022"),
    )
    assert response.status_code == 303
    return county


def _filled(client, url, **data):
    fields = dict(get(client, url).forms[-1]["fields"])
    return {**fields, **data}


def _do(client, url, **data):
    """Fill in and send a form; the page it leads to."""
    response = client.post(url, data=_filled(client, url, **data))
    assert response.status_code == 303, response.get_data(as_text=True)[:3000]
    return get(client, response.headers["Location"])


def _make_and_sign(client):
    _do(client, "/applications/1/run", wave="0", county_file="1")
    return _do(client, "/applications/1/sign", password=PASSWORD)


def test_a_county_passes_four_levels_with_a_return_and_an_override(app, applied, signed_in, tmp_path):
    county = applied
    _make_and_sign(county)
    city = signed_in("city", LEVELS["city"])
    get(county, "/applications/1/sign", status=409)
    _do(city, "/applications/1/run", wave="0", county_file="1")
    assert "数据、判断、改判和结论都没有变化" in get(city, "/applications/1").text
    _do(city, "/applications/1/return", reason="请补充附件")
    _make_and_sign(county)
    get(city, "/applications/1/sign", status=409)
    _do(city, "/applications/1/run", wave="0", county_file="1")
    links = [url for url, _text in get(city, "/applications/1/overrides/new").links if "finding=" in url]
    _do(city, links[0], outcome="met", reason="现场核查，数字登记有误，原件为证")
    get(city, "/applications/1/sign", status=409)
    post(city, "/applications/1/overrides/1", {"accepted": "yes"}, status=409)
    other = signed_in("assessor", LEVELS["city"])
    _do(other, "/applications/1/overrides/1", accepted="yes")
    get(city, "/applications/1/sign", status=409)
    _make_and_sign(city)
    with app.app_context():
        run = places.runs_of(db.session, db.session.get_one(Application, 1))[0]
        (kept,) = json.loads(run.result)["overrides"]
        found = [each for each in json.loads(run.result)["findings"] if "computed_outcome" in each]
        assert [(each["outcome"], each["computed_outcome"]) for each in found] == [
            ("met", kept["computed_outcome"])
        ]
        number, run_id = run.number, run.id
    said = get(city, f"/assessments/{run_id}/verification").text
    assert "改判" in said
    assert "封存值" in said
    assert "签署与退回 一致" in said
    province = signed_in("province", LEVELS["province"])
    _make_and_sign(province)
    nation = signed_in("nation", LEVELS["nation"])
    page = _make_and_sign(nation)
    assert "没有通过认定" in page.text
    get(nation, "/applications/")
    with app.app_context():
        application = db.session.get_one(Application, 1)
        assert broken_step(db.session, application) is None
        assert [step.action for step in application.steps] == ["signed", "returned", *["signed"] * 4]
    content = nation.get(f"/applications/1/runs/{number}/run.json").get_data(as_text=True)
    _checks(tmp_path, content)


def _checks(folder, content):
    path = folder / "run.json"

    def run(text):
        path.write_text(text, "utf-8")
        done = CliRunner().invoke(verify, [str(path), "--json"])
        said = json.loads(done.output)
        altered = {(each["what"], each["where"]) for each in said["checks"] if each["holds"] is False}
        return done.exit_code, said["holds"], altered

    assert run(content) == (0, True, set())
    document = json.loads(content)
    step = document["application"]["steps"][1]
    step["reason"] = "好"
    assert ("step_seal", "2") in run(canonical(document))[2]
    document = json.loads(content)
    row = document["audit"][0]
    row["actor"] = "somebody"
    assert run(canonical(document))[::2] == (1, {("audit", str(row["number"]))})
    document = json.loads(content)
    document["run"]["input"] = document["run"]["input"].replace("第1学校", "第一学校", 1)
    assert ("run_input", "input") in run(canonical(document))[2]
    document = json.loads(content)
    name = next(iter(document["scheme"]))
    document["scheme"][name] += "\n"
    assert ("scheme_files", name) in run(canonical(document))[2]
