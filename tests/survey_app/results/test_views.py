"""What staff see of a wave, and when."""

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.surveys.models import Wave
from tests.page import get, post
from tests.survey_app.results.filled import COUNTY, close, fill

TITLE = "2026年阳城县义务教育社会认可度调查"


@pytest.fixture
def field(app):
    return fill(app, COUNTY, left_out=1)


def test_while_the_field_is_open_there_are_only_counts(app, field, signed_in):
    for client in (signed_in("county"), signed_in("province", "140000")):
        page = get(client, f"/results/{field.wave_id}")
        assert "收回份数" in page.text
        assert "表Ⅵ" not in page.text
        assert "满意" not in page.text


def test_closing_early_is_warned_of_with_numbers(app, field, signed_in):
    page = get(signed_in("county"), f"/results/{field.wave_id}")
    assert "收回 119 份，计划 124 份，还差 5 份" in page.text
    assert "家长 59 份，占收回的 49.6%，低于要求的 50%" in page.text
    assert "没用过的 5 张答题卡全部作废" in page.text
    assert "截止调查" not in get(signed_in("assessor"), f"/results/{field.wave_id}").text


def test_closing_asks_for_the_title(app, field, signed_in):
    client = signed_in("county")
    page = post(client, f"/results/{field.wave_id}/close", {"title": "别的"}, status=422)
    assert f"与“{TITLE}”不一致" in page.text
    with app.app_context():
        assert db.session.get(Wave, field.wave_id).closed_at is None


def test_the_county_sees_nothing_before_the_release_and_the_same_after_it(app, field, signed_in):
    county, city = signed_in("county"), signed_in("city", "140500")
    address = f"/results/{field.wave_id}"
    post(county, f"{address}/close", {"title": TITLE}, to=address)
    waiting = get(county, address)
    assert "等待上级发布" in waiting.text
    assert "表Ⅵ" not in waiting.text
    above = get(city, address)
    assert "表Ⅵ" in above.text
    assert "发布结果" in above.text
    post(county, f"{address}/release", status=403)
    post(city, f"{address}/release", to=address)
    released = get(county, address)
    for words in ("表Ⅵ", "其中：家长", "95% 区间", "不公布", "满意度指数", "必答题全部作答", "自由度"):
        assert words in released.text
    assert "发布结果" not in released.text
    assert '<svg class="chart dots"' in released.html
    assert "英语" not in released.text
    for client in (county, city):
        assert TITLE in get(client, "/results/").text
    english = get(county, f"{address}?lang=en")
    assert english.lang == "en"


def test_a_wave_can_be_closed_and_released_once(app, field, signed_in):
    client = signed_in("city", "140500")
    address = f"/results/{field.wave_id}"
    assert post(client, f"{address}/release", status=409)
    post(client, f"{address}/close", {"title": f" {TITLE} "}, to=address)
    assert post(client, f"{address}/close", {"title": TITLE}, status=409)
    post(client, f"{address}/release", to=address)
    assert post(client, f"{address}/release", status=409)


def test_another_county_is_not_told_that_the_wave_exists(app, field, signed_in):
    stranger = signed_in("county", "140524")
    for there in (field.wave_id, 999):
        get(stranger, f"/results/{there}", status=404)
        post(stranger, f"/results/{there}/close", {"title": TITLE}, status=404)
        post(stranger, f"/results/{there}/release", status=404)
    assert TITLE not in get(stranger, "/results/").text


def test_a_closed_wave_says_that_it_is_being_mixed(app, field, signed_in):
    close(app, field)
    page = get(signed_in("county"), f"/results/{field.wave_id}")
    assert "正在混合答卷" in page.text
    assert "还有 119 份" in page.text


def test_a_wave_that_was_not_opened_leads_to_the_field(app, field, signed_in):
    with app.app_context():
        db.session.execute(sa.update(Wave).values(opened_at=None))
        db.session.commit()
    assert "调查还没有打开" in get(signed_in("county"), f"/results/{field.wave_id}").text


def test_strangers_are_asked_to_sign_in(client, app):
    assert client.get("/results/").status_code == 302
