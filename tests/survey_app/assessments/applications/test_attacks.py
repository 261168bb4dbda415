"""What somebody sends to the pages of applications and of the ledger who means them harm."""

import zipfile

import pytest

from survey_app.accounts import passwords
from survey_app.db import db
from survey_app.evidence_kinds import UnfitEvidenceError, kind_of
from tests.factories import make_county_file
from tests.page import post

PASSWORD = "the right one"
HUGE = "9" * 5000


@pytest.fixture
def applied(app, signed_in, monkeypatch):
    """A county's application, with a run of its own level."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)
    with app.app_context():
        make_county_file()
        db.session.commit()
    county = signed_in()
    post(county, "/applications/new?county=140522", {"year": "2026", "scheme": "shanxi-2022"}, status=303)
    post(county, "/applications/1/run", {"county_file": "1", "wave": "0"}, status=303)
    return county


def test_a_number_longer_than_any_is_no_run_to_sign(applied):
    post(applied, "/applications/1/sign", {"run": HUGE, "password": PASSWORD}, status=409)


def test_a_run_that_came_in_between_is_not_signed_unseen(applied):
    post(applied, "/applications/1/run", {"county_file": "1", "wave": "0"}, status=303)
    post(applied, "/applications/1/sign", {"run": "1", "password": PASSWORD}, status=409)
    post(applied, "/applications/1/sign", {"run": "2", "password": PASSWORD}, status=303)
    post(applied, "/applications/1/sign", {"run": "2", "password": PASSWORD}, status=409)


def test_money_that_is_no_number_is_a_fault_of_the_form(applied):
    for amount in ("9e999999", "NaN", "sNaN", "-Infinity", "1e-999999", "-1"):
        task = {"title": "任务", "department": "教育局", "budgets": f"2026 {amount}"}
        post(applied, "/ledger/140522/new", task, status=422)


def test_what_was_judged_or_visited_after_the_run_is_not_left_out_at_signing(applied):
    visit = {
        "visited_on": "2026-01-05",
        "place": "凤城镇",
        "school": "",
        "group": "parent",
        "interviewed": "10",
        "satisfied": "1",
    }
    post(applied, "/applications/1/visits", visit, status=303)
    post(applied, "/applications/1/sign", {"run": "1", "password": PASSWORD}, status=409)
    post(applied, "/applications/1/run", {"county_file": "1", "wave": "0"}, status=303)
    post(applied, "/applications/1/sign", {"run": "2", "password": PASSWORD}, status=303)


def test_an_archive_with_endless_contents_is_refused_before_they_are_listed(monkeypatch):
    content = b"PK\x03\x04" + b"PK\x01\x02" * 3000
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(UnfitEvidenceError, match="evidence_archive"):
        kind_of("报告.docx", content)
