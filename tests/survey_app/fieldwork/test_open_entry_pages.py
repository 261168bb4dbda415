import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.db import db
from survey_app.fieldwork.models import EntryPoint
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.surveys.models import QuotaCell
from tests.conftest import KEY, NOW
from tests.factories import make_open_wave, make_wave, sign_in
from tests.page import get, post


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def wave_id(app):
    with app.app_context():
        wave = make_open_wave(app)
        db.session.commit()
        return wave.id


@pytest.fixture
def point_id(app, wave_id):
    """A rotating code of a class, at the first drawn school of parents."""
    with app.app_context():
        from survey_app.surveys.service import get_wave

        wave = get_wave(db.session, wave_id)
        site = next(one for one in open_entries.sites(db.session, wave) if one.group == "parent")
        point = open_entries.make_point(
            db.session, wave, kind="class", group="parent", site=site.key, place="三年级二班", cap=30,
            cell_cap=60, rotates_every=60, code_key=KEY, by="test", now=NOW,
        )  # fmt: skip
        db.session.commit()
        return point.id


def test_codes_are_made_and_listed_with_what_they_may_bring(app, signed_in, wave_id):
    staff = signed_in()
    assert "还没有做过码" in get(staff, f"/entries/{wave_id}").text
    page = get(staff, f"/entries/{wave_id}/new/class")
    site = re.search(r'<option value="(parent\.[^"]+)"', page.html)[1]
    given = {"site": site, "place": "三年级二班", "cap": "30", "cell_cap": "60", "rotates_every": "60"}
    post(staff, f"/entries/{wave_id}/new/class", given, to=f"/entries/{wave_id}")
    for offered, place in (("village", "上庄村"), ("poster", "政务大厅")):
        get(staff, f"/entries/{wave_id}/new/{offered}")
        given = {"place": place, "cap": "" if offered == "poster" else "9", "cell_cap": "99"}
        post(staff, f"/entries/{wave_id}/new/{offered}", given, to=f"/entries/{wave_id}")
    page = get(staff, f"/entries/{wave_id}")
    for words in ("三年级二班", "班级码 · 每 60 秒换", "上庄村", "村码", "政务大厅", "海报", "不限"):
        assert words in page.text
    with app.app_context():
        ways = db.session.execute(sa.select(QuotaCell.way, QuotaCell.cap).where(QuotaCell.way != "drawn"))
        assert sorted(map(tuple, ways)) == [("class", 60), ("class", 99), ("poster", 99)]


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(app, signed_in, wave_id):
    staff = signed_in()
    given = {"site": "", "place": "", "cap": "0", "cell_cap": "9" * 400, "rotates_every": "31"}
    page = post(staff, f"/entries/{wave_id}/new/class", given, status=422)
    for words in ("请选择学校", "请写明班级", "请填写 1 至", "屏幕上的码每 30"):
        assert words in page.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(EntryPoint)) == 0


def test_a_code_is_replaced_stopped_and_the_cap_of_all_changed(app, signed_in, wave_id, point_id):
    staff = signed_in()
    back = f"/entries/{wave_id}"
    post(staff, f"/entries/points/{point_id}/replace", to=back)
    assert "换了新码" in get(staff, back).text
    post(staff, f"/entries/points/{point_id}/revoke", to=back)
    assert "已停用" in get(staff, back).text
    assert "已经停用" in post(staff, f"/entries/points/{point_id}/revoke", status=409).text
    with app.app_context():
        cell = db.session.scalars(sa.select(QuotaCell.id).where(QuotaCell.way == "class")).one()
    post(staff, f"/entries/{wave_id}/cells/{cell}/cap", {"cap": "70"}, to=back)
    assert 'value="70"' in get(staff, back).html
    for wrong in ("", "0", "many", "9" * 400):
        page = post(staff, f"/entries/{wave_id}/cells/{cell}/cap", {"cap": wrong}, status=422)
        assert "请填写 1 至" in page.text
    with app.app_context():
        drawn = db.session.scalars(sa.select(QuotaCell.id).where(QuotaCell.way == "drawn")).first()
    post(staff, f"/entries/{wave_id}/cells/{drawn}/cap", {"cap": "70"}, status=404)


def test_the_screen_shows_another_code_every_minute(monkeypatch, signed_in, point_id):
    staff, address = signed_in(), f"/entries/points/{point_id}/screen"
    first = get(staff, address)
    assert 'content="61"' in first.html
    typed = re.search(r'class="typed">([^<]+)<', first.html)[1]
    assert re.search(r'class="typed">([^<]+)<', get(staff, address).html)[1] == typed
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=60))
    assert re.search(r'class="typed">([^<]+)<', get(staff, address).html)[1] != typed


def test_a_screen_says_when_its_code_is_of_no_use(app, signed_in, point_id):
    staff, address = signed_in(), f"/entries/points/{point_id}/screen"
    with app.app_context():
        db.session.get_one(EntryPoint, point_id).spent = 30
        db.session.commit()
    page = get(staff, address)
    assert "名额已满" in page.text
    assert 'class="typed"' not in page.html
    post(staff, f"/entries/points/{point_id}/revoke", to="/entries/")
    assert "已经停用" in get(staff, address).text


def test_a_school_s_coordinator_finds_the_school_s_codes_only(app, wave_id, point_id):
    with app.app_context():
        school = db.session.get_one(EntryPoint, point_id).school_code
    mine = sign_in(app, "school", "140522", school)
    assert f"/entries/points/{point_id}/screen" in get(mine, "/entries/").html
    get(mine, f"/entries/points/{point_id}/screen")
    get(mine, f"/entries/{wave_id}", status=404)
    other = sign_in(app, "school", "140522", "S999")
    assert "还没有您可以用的码" in get(other, "/entries/").text
    get(other, f"/entries/points/{point_id}/screen", status=404)


def test_a_wave_that_is_not_drawn_has_no_codes_yet(app, signed_in):
    with app.app_context():
        wave_id = make_wave().id
        db.session.commit()
    staff = signed_in()
    assert "还没有抽样" in get(staff, f"/entries/{wave_id}/new/poster").text
    given = {"place": "大厅", "cell_cap": "9"}
    assert "还没有抽样" in post(staff, f"/entries/{wave_id}/new/poster", given, status=409).text
