"""Listed supervision: put under with a reason and what was known then, lifted with another."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from evaluation import load_schedule
from survey_app import clock
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.supervision.listing import service
from survey_app.supervision.listing.models import Listing
from survey_app.supervision.schedule import service as schedules
from tests.conftest import NOW
from tests.factories import make_regions
from tests.page import get, post
from tests.survey_app.assessments.judged import judge_small


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def judged(app):
    """阳城县, due in 2025, has been judged."""
    with app.app_context():
        make_regions()
        schedules.keep(db.session, "140000", load_schedule("shanxi-2022"), by="test", now=NOW)
        run = judge_small()
        db.session.commit()
        return run.verdict


def test_a_city_lists_its_county_and_lifts_it_again(app, signed_in, judged):
    city, county = signed_in("city", "140500"), signed_in("county", "140522")
    assert "现在没有挂牌督办的县" in get(city, "/listing/").text
    asked = city.get("/listing/choose?county=140522")
    assert asked.location.endswith("/listing/140522/put")
    page = get(city, "/listing/140522/put")
    assert "规划 2025 年通过，已过 1 年，还没有通过。" in page.text
    assert "还没有提出认定申请" in page.text
    assert post(city, "/listing/140522/put", {"reason": " "}, status=422)
    post(city, "/listing/140522/put", {"reason": "两个季度没有进展\n请在年底前补齐"}, to="/listing/140522/")
    again = post(city, "/listing/140522/put", {"reason": "再列"}, status=422)
    assert "2026-11-22 起已经挂牌督办" in again.text
    seen = get(county, "/listing/140522/")
    assert "两个季度没有进展" in seen.text
    assert "正在督办" in seen.text
    assert "列入时知道的情况" in seen.text
    assert "/lift" not in seen.html
    assert post(county, "/listing/140522/lift", {"reason": "好了"}, status=403)
    post(city, "/listing/140522/lift", {"reason": "已经补齐"}, to="/listing/140522/")
    assert "不需要解除" in post(city, "/listing/140522/lift", {"reason": "再解"}, status=422).text
    listed = get(city, "/listing/")
    assert "以前的挂牌督办 1 次" in listed.text
    assert "已经补齐" in listed.text
    with app.app_context():
        trail = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action.startswith("listing.")))
        assert [(each.action, each.region_code) for each in trail] == [
            ("listing.put", "140522"),
            ("listing.lifted", "140522"),
        ]


def test_what_was_known_stays_as_it_was(app, signed_in, judged):
    city = signed_in("city", "140500")
    post(city, "/listing/140522/put", {"reason": "没有进展"}, to="/listing/140522/")
    with app.app_context():
        kept = json.loads(db.session.query(Listing).one().facts)
        schedules.record_recognition(
            db.session, "140522", on=NOW.date(), document="教督函〔2026〕1号", by="test", now=NOW
        )
        db.session.commit()
        assert json.loads(db.session.query(Listing).one().facts) == kept
    assert (kept["due"], kept["state"], kept["run"]["verdict"]) == (2025, "behind", judged)
    assert kept["reasons"][0]["key"] == "behind"
    assert "已过年份" in get(city, "/listing/140522/").text


def test_the_province_sees_who_is_at_risk_and_not_listed_yet(signed_in, judged):
    province = signed_in("province", "140000")
    page = get(province, "/listing/")
    assert "/listing/140522/put" in [href for href, _text in page.links]
    post(province, "/listing/140522/put", {"reason": "没有进展"}, to="/listing/140522/")
    page = get(province, "/listing/")
    assert "/listing/140522/put" not in [href for href, _text in page.links]
    assert "正在挂牌督办 1 个" in page.text
    assert "阳城县" not in get(signed_in("city", "140100"), "/listing/").text
    assert "有风险、还没有挂牌的" not in get(signed_in("county", "140522"), "/listing/").text


def test_a_county_that_no_schedule_knows_can_be_listed(signed_in):
    hunan = signed_in("province", "430000")
    assert "没有列入" in get(hunan, "/listing/430603/put").text
    post(hunan, "/listing/430603/put", {"reason": "没有进展"}, to="/listing/430603/")
    assert hunan.get("/listing/430600/put").status_code == 404
    assert hunan.get("/listing/choose?county=x%27").location.endswith("/listing/")


def test_both_databases_keep_one_listing_of_a_county_at_a_time(either_app):
    with either_app.app_context():
        make_regions()
        given = {"facts": {}, "by": "city"}
        first = service.put_under(db.session, "140522", reason="慢", now=NOW, **given)
        with pytest.raises(ConflictError):
            service.put_under(db.session, "140522", reason="慢", now=NOW, **given)
        service.put_under(db.session, "140524", reason="慢", now=NOW, **given)
        service.lift(db.session, "140522", reason="好了", by="city", now=NOW + timedelta(days=1))
        second = service.put_under(db.session, "140522", reason="又慢", now=NOW + timedelta(days=2), **given)
        db.session.commit()
        found = [each.id for each in service.listings_within(db.session, ["140522"])]
        assert found == [second.id, first.id]
        assert set(service.standing_since(db.session, ["140522", "140524", "140106"])) == {"140522", "140524"}
        db.session.add(
            Listing(
                county_code="140522", reason="绕过", facts="{}", listed_at=NOW, listed_by="x", lift_reason=""
            )
        )
        with pytest.raises(sa.exc.IntegrityError):
            db.session.flush()
        db.session.rollback()
