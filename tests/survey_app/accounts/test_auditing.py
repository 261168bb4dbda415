import csv
import io
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

import survey_app
from survey_app import audit
from survey_app.audit_words import ACTIONS
from survey_app.db import db
from tests.conftest import NOW
from tests.page import get


@pytest.fixture
def trail(app):
    with app.app_context():
        for number in range(130):
            audit.record(
                db.session, "wave.planned", by="clerk", now=NOW, region="140522", details={"wave": number}
            )
        audit.record(db.session, "wave.opened", by="=cmd()", now=NOW, region="140522")
        audit.record(db.session, "wave.opened", by="elsewhere", now=NOW, region="430603")
        audit.record(db.session, "account.signed_in", by="nobody", now=NOW)
        db.session.commit()


def test_an_auditor_reads_the_deeds_of_the_region_and_no_others(trail, signed_in):
    auditor = signed_in("auditor", "140500")
    page = get(auditor, "/audit/")
    assert "打开调查" in page.text
    assert "elsewhere" not in page.text
    assert "nobody" not in page.text
    older = next(href for href, text in page.links if "更早" in text)
    assert get(auditor, older).html.count("<tr>") == 31 + 1


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("action=wave.opened", 1),
        ("actor=clerk&before=31", 30),
        ("since=2026-11-22&until=2026-11-22&action=wave.opened", 1),
        ("since=2026-11-23", 0),
        ("until=2026-11-21", 0),
    ],
)
def test_the_trail_is_filtered(trail, signed_in, asked, rows):
    page = get(signed_in("auditor", "140500"), f"/audit/?{asked}")
    assert page.html.count("<tr>") == (rows + 1 if rows else 0)
    assert ("没有符合条件的操作" in page.text) == (rows == 0)


@pytest.mark.parametrize(
    "asked",
    ["since=2026-11-23&until=2026-11-22", "since=昨天", "action=dropped", "actor=" + "x" * 65],
)
def test_a_filter_that_cannot_be_is_refused(trail, signed_in, asked):
    get(signed_in("auditor", "140500"), f"/audit/?{asked}", status=422)


def test_an_altered_row_is_named(trail, signed_in, app):
    auditor = signed_in("auditor", "140500")
    assert "没有缺失和改动" in get(auditor, "/audit/?check=1").text
    with app.app_context():
        db.session.execute(sa.text("DROP TRIGGER audit_entry_no_update"))
        db.session.execute(sa.update(audit.AuditEntry).where(audit.AuditEntry.number == 7).values(actor="x"))
        db.session.commit()
    assert "第 7 行被改动" in get(auditor, "/audit/?check=1").text


def test_the_downloaded_list_holds_the_hashes_and_no_formula(trail, signed_in):
    content = signed_in("auditor", "140500").get("/audit/trail.csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(content.lstrip("\ufeff"))))
    assert len(rows) == 131
    assert rows[0]["actor"] == "'=cmd()"
    assert rows[0]["previous_hash"] == rows[1]["hash"]


def test_every_deed_has_a_name():
    folder = Path(survey_app.__file__).parent
    text = "".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.py")))
    recorded = set(re.findall(r"record\(\s*(?:db\.)?session,\s*\"([a-z_]+\.[a-z_]+)\"", text))
    assert len(recorded) > 15
    assert recorded - set(ACTIONS) == set()
