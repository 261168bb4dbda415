"""What people are called where pages and papers say who did something."""

import io

import openpyxl
import pytest

from survey_app import audit
from survey_app.accounts.names import logins_of, names_of
from survey_app.db import db
from survey_app.supervision.ledger import tasks
from tests.conftest import NOW
from tests.factories import make_county_file, make_user
from tests.page import get


@pytest.fixture
def people(app):
    """Two of one name, one of her own, and deeds of theirs and of a job's."""
    with app.app_context():
        for login, name in (("wf1", "王芳"), ("wf2", "王芳"), ("lijia", "<李佳>")):
            make_user("county", "140522", login=login).name = name
        make_county_file()
        tasks.add_tasks(
            db.session, "140522", [tasks.Draft(title="补充器材", department="教育局")], by="lijia", now=NOW
        )
        (task,) = tasks.tasks_of(db.session, "140522")
        for by in ("wf1", "wf2", "mix_wave"):
            kind = "begun" if by == "wf1" else "progress"
            tasks.take_step(
                db.session, task, kind, text="x", percent=40 if kind == "progress" else None, by=by, now=NOW
            )
        audit.record(db.session, "wave.closed", by="mix_wave", now=NOW, region="140522")
        db.session.commit()
    return app


def test_names_stand_for_accounts_only(people):
    with people.app_context():
        assert names_of(db.session, ["lijia", "wf2", "mix_wave"]) == {"lijia": "<李佳>", "wf2": "王芳"}
        assert names_of(db.session, []) == {}
        assert logins_of(db.session, "王芳") == ["王芳", "wf1", "wf2"]
        assert logins_of(db.session, "wf1") == ["wf1"]


def test_a_page_names_people_and_tells_two_of_one_name_apart(people, signed_in):
    page = get(signed_in("county", "140522"), "/ledger/140522/tasks/1")
    assert "王芳（wf1）" in page.text
    assert "王芳（wf2）" in page.text
    assert "mix_wave" in page.text
    assert "lijia" not in page.text
    assert "&lt;李佳&gt;" in page.html


def test_a_workbook_names_them_too(people, signed_in):
    content = signed_in("county", "140522").get("/ledger/140522/ledger.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(content))["办理情况"]
    said = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {"王芳（wf1）", "王芳（wf2）", "mix_wave"} <= said


def test_the_trail_keeps_the_login_in_sight_and_is_searched_by_either(people, signed_in):
    auditor = signed_in("auditor", "140500")
    page = get(auditor, "/audit/")
    assert "&lt;李佳&gt;" in page.html
    assert "lijia" in page.text
    assert "mix_wave" in page.text
    both, one = (get(auditor, f"/audit/?actor={typed}").html.count("<tr>") - 1 for typed in ("王芳", "wf1"))
    assert both == 2 * one > 0
