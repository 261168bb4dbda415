"""The schedule's pages: look at it, keep it, follow the pace, record what was recognised elsewhere."""

import io
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from evaluation import load_schedule
from evaluation.loader import SCHEDULES
from survey_app import clock
from survey_app.db import db
from survey_app.supervision.schedule import service
from tests.conftest import NOW
from tests.page import get, post

SHANXI = load_schedule("shanxi-2022")


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def keep(client):
    """Look at Shanxi's schedule and keep it."""
    looked = post(client, "/schedule/import/stored", {"stored": "shanxi-2022"}, status=200)
    sealed = looked.form("/import/keep")["fields"]["looked_at"]
    return looked, post(client, "/schedule/import/keep", {"looked_at": sealed}, to="/schedule/140000/")


def test_the_stored_schedule_is_looked_at_with_its_contradictions_then_kept(app, signed_in):
    client = signed_in("province", "140000")
    empty = get(client, "/schedule/", follow=True)
    assert "山西省还没有时间表" in empty.text
    looked, _kept = keep(client)
    assert "文件有 9 处自相矛盾" in looked.text
    for said in (
        "晋城市：表头6个，表中列出5个",
        "运城市：表头13个，表中列出12个",
        "2023年：表头1个，表中列出0个",
        "2028年：表头17个，表中列出16个",
        "各市表头合计117个，各年份表头合计117个，表中列出115个",
        "陵川县：表中为2029年，陵政办发〔2021〕62号（二、总体目标）为2028年",
    ):
        assert said in looked.text
    page = get(client, "/schedule/140000/")
    assert "另有 2028 年" in page.text or "陵川县" in page.text
    again = keep(client)
    assert again
    with app.app_context():
        assert [each.version for each in service.versions(db.session, "140000")] == [1]
