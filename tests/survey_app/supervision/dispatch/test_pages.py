"""The pages of reports: one is made, read, fetched as a file, and superseded; only those may who should."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from docx import Document

from survey_app import audit, clock
from survey_app.db import db
from survey_app.supervision.dispatch import service
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.listing import service as listing
from tests.conftest import NOW
from tests.page import get, post
from tests.province import DIVISIONS, make_province

CITY = "140500"
PLACE = f"/dispatch/{CITY}/"
COUNTIES = [each.code for each in DIVISIONS if each.code.startswith("1405")]


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def city(app, signed_in):
    client = signed_in("city", CITY)
    with app.app_context():
        make_province(only=COUNTIES)
        db.session.commit()
    return client


def test_a_report_is_made_read_fetched_and_superseded(app, city, monkeypatch):
    empty = get(city, "/dispatch/", follow=True)
    assert "还没有报告" in empty.text
    assert post(city, PLACE, {"period": "2031-1"}).status == 422
    shown = get(city, post(city, PLACE, {"period": "2026-0"}, to=PLACE).location)
    assert "2026 年情况报告（全部县）" in shown.text
    for county in ("阳城县", "陵川县", "泽州县"):
        assert county in shown.text
    assert f"/ {len(COUNTIES)} 县达标" in shown.text
    # One city needs no second fold, and a county with anything to tell is led to from the table.
    assert 'class="city"' not in shown.html
    assert 'href="#county-140522"' in shown.html
    assert 'id="county-140522"' in shown.html
    with app.app_context():
        first = service.newest(db.session, CITY, Period(2026)).id
    page = post(city, f"{PLACE}{first}/docx", to=f"{PLACE}{first}/files/").location
    assert "junheng-140500-2026-v1.docx" in get(city, page).text
    assert city.get(f"{page}.json").get_json()["state"] == "ready"
    given = city.post(f"{page}/download", data=proof(city, page))
    assert given.headers["Cache-Control"] == "no-store"
    assert "晋城市2026年县域义务教育" in Document(io.BytesIO(given.data)).paragraphs[0].text
    with app.app_context():
        listing.put_under(db.session, COUNTIES[0], reason="进展慢", facts={}, by="t", now=NOW)
        db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    second = post(city, PLACE, {"period": "2026-0"}, to=PLACE).location
    assert second != f"{PLACE}{first}"
    assert "这一期已有第 2 版" in get(city, f"{PLACE}{first}").text
    table = get(city, PLACE).text
    assert (table.count("现行"), table.count("已有新版")) == (1, 1)
    with app.app_context():
        noted = list(db.session.scalars(sa.select(audit.AuditEntry.action)))
        assert noted.count("dispatch.made") == 2
        assert noted.count("dispatch.downloaded") == 1


def proof(client, page):
    """The proof that a form of *page* carries."""
    return {"csrf_token": get(client, page).form("/download")["fields"]["csrf_token"]}


def test_without_a_schedule_the_quarter_is_refused_with_what_to_do(signed_in):
    client = signed_in("province", "140000")
    refused = post(client, "/dispatch/140000/", {"period": "2026-4"}, status=409)
    assert "还没有认定时间表" in refused.text


def test_others_see_no_more_than_they_may(city, signed_in):
    shown = post(city, PLACE, {"period": "2026-4"}, to=PLACE).location
    county = signed_in("county", COUNTIES[0])
    assert "调度和报告由省、市做" in get(county, "/dispatch/").text
    for address in (PLACE, shown):
        assert county.get(address).status_code == 404
    assessor = signed_in("assessor", CITY)
    assert "做这一期报告" not in get(assessor, PLACE).text
    assert get(assessor, shown).text
    assert post(assessor, PLACE, {"period": "2026-4"}).status in {403, 404}
    assert city.get(shown.replace(CITY, "140000")).status_code == 404


def test_a_county_and_a_report_of_another_region_have_no_page(signed_in):
    nation = signed_in("nation", "000000")
    assert "山西省" in get(nation, "/dispatch/").text
    assert nation.get("/dispatch/140522/").status_code == 404
