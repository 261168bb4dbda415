from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.clock import BEIJING
from survey_app.db import db
from survey_app.surveys.models import Wave
from tests.conftest import NOW
from tests.factories import make_county_file, make_open_wave, make_wave, small_county
from tests.page import get, post

FORM = {
    "title": "2026年社会认可度调查",
    "opens_at": "2026-11-23T08:00",
    "closes_at": "2026-11-27T18:00",
    "contact": "县教育局 0356-4222222",
    "pressure_contact": "市教育局 0356-2222222",
}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def county(app):
    with app.app_context():
        make_county_file()
        db.session.commit()


@pytest.fixture
def staff(signed_in, county):
    return signed_in()


def waves(app):
    with app.app_context():
        return db.session.scalars(sa.select(Wave)).all()


def test_the_form_shows_what_is_known_before_it_asks(staff):
    page = get(staff, "/surveys/new?county=140522")
    assert page.h1 == "新建调查 · 阳城县"
    assert "1,008,281 人" in page.text
    assert "校长每校一位：共 13 位" in page.text
    fields = page.form("/surveys/new")["fields"]
    assert fields["opens_at"] == "2026-11-23T08:00"
    assert fields["closes_at"] == "2026-11-27T18:00"


def test_a_wave_begins_with_its_details_and_leads_to_its_rules(app, staff):
    answer = post(staff, "/surveys/new?county=140522", FORM, to="/surveys/1/rules")
    page = get(staff, answer.location)
    assert "1 县与时间 已定 2 规则 待办" in page.text
    (wave,) = waves(app)
    assert wave.opens_at.astimezone(BEIJING).isoformat() == "2026-11-23T08:00:00+08:00"
    assert wave.created_by == "county-140522"
    assert wave.plan is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", " ", "请填写调查名称"),
        ("contact", "", "请填写联系方式"),
        ("pressure_contact", "", "请填写举报方式"),
        ("closes_at", "2026-11-23T08:00", "截止时间应晚于开始时间"),
        ("closes_at", "soon", "截止时间"),
        ("opens_at", "", "请填写开始时间"),
        ("title", "第一轮\n调查", "调查名称"),
        ("opens_at", "1000-01-01T08:00", "截止时间"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_stored(app, staff, field, value, said):
    page = post(staff, "/surveys/new?county=140522", {**FORM, field: value}, status=422)
    assert "请先改正以下问题" in page.text
    assert said in page.text
    assert waves(app) == []


def test_a_window_that_is_over_is_refused(app, staff):
    form = {**FORM, "opens_at": "2026-11-01T08:00", "closes_at": "2026-11-22T17:59"}
    assert "截止时间已经过去" in post(staff, "/surveys/new?county=140522", form, status=422).text
    assert waves(app) == []


def test_schools_without_figures_stop_the_plan_before_the_form(app, signed_in):
    document = small_county()
    with app.app_context():
        make_county_file({**document, "schools": [{**document["schools"][0], "pupils": {}}]})
        db.session.commit()
    page = get(signed_in(), "/surveys/new?county=140522")
    assert "学校数据不全" in page.text
    assert document["schools"][0]["name"] in page.text
    assert not [form for form in page.forms if "title" in form["fields"]]


def test_without_a_county_file_there_is_nothing_to_survey(app, signed_in):
    page = get(signed_in(), "/surveys/new?county=140522", status=404)
    assert "还没有这个县的数据" in page.text


@pytest.mark.parametrize("county", ["", "140524", "999999", "14"])
def test_another_region_looks_like_none(staff, county):
    get(staff, f"/surveys/new?county={county}", status=404)


def test_the_list_names_the_waves_and_their_state(staff):
    assert "还没有调查" in get(staff, "/surveys/").text
    post(staff, "/surveys/new?county=140522", FORM)
    page = get(staff, "/surveys/")
    assert FORM["title"] in page.text
    assert "方案" in page.text
    assert "定规则" in page.text


def test_an_open_wave_shows_its_frozen_forms(app, signed_in):
    with app.app_context():
        wave = make_open_wave(app)
        digests = {used.version.digest[:16] for used in wave.forms}
        address = f"/surveys/{wave.id}"
        db.session.commit()
    page = get(signed_in(), address)
    assert "正在作答" in page.text
    assert "已固定的问卷" in page.text
    assert all(digest in page.text for digest in digests)
    assert len(digests) == 3


def test_the_page_speaks_english(app, signed_in):
    with app.app_context():
        wave = make_wave()
        address = f"/surveys/{wave.id}"
        db.session.commit()
    page = get(signed_in(), f"{address}?lang=en")
    assert "Rounded up: 300 questionnaires" in page.text
    assert "Principals: only 13 people, so all of them are asked." in page.text


def test_supervisors_see_but_do_not_plan(app, signed_in):
    with app.app_context():
        wave = make_wave()
        address = f"/surveys/{wave.id}"
        db.session.commit()
    city = signed_in("city", "140500")
    assert "样本怎样得来" in get(city, address).text
    get(city, "/surveys/new?county=140522", status=403)
    get(signed_in("county", "140524"), address, status=404)


def test_the_usual_window_starts_tomorrow_morning(staff, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=8))
    fields = get(staff, "/surveys/new?county=140522").form("/surveys/new")["fields"]
    assert fields["opens_at"] == "2026-11-24T08:00"
