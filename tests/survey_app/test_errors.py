"""Whatever is asked, and whatever happens to the database, the answer is a page and never a traceback."""

import errno

import pytest
import sqlalchemy as sa

from survey_app.fieldwork import glances
from tests.factories import sign_in
from tests.page import Page


@pytest.mark.parametrize("path", ["/surveys/new?county=140522%00", "/assessments/new?county=140522%00"])
def test_a_character_that_no_column_holds_is_a_bad_request(either_app, path):
    response = sign_in(either_app, "county", "140522").get(path)
    assert response.status_code in {400, 404, 409}
    Page(response.status_code, response.get_data(as_text=True)).check()


def test_so_it_is_in_a_login(either_app):
    either_app.config["WTF_CSRF_ENABLED"] = False
    response = either_app.test_client().post("/accounts/sign-in", data={"login": "a\0b", "password": "x"})
    assert response.status_code in {400, 422}


def test_a_database_that_is_away_asks_to_come_back(app, monkeypatch):
    def fail(*_given, **_named):
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("database is locked"))

    monkeypatch.setattr(glances, "card_by_code", fail)
    response = app.test_client().get("/c/AAAAAAAAAAAAAAAAAAAAAA")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "locked" not in response.get_data(as_text=True)


def test_staff_too_get_a_page_when_nobody_can_be_looked_up(app, signed_in, monkeypatch):
    asked = []

    def fail(identity):
        asked.append(identity)
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("database is locked"))

    client = signed_in()
    monkeypatch.setattr(app.login_manager, "_user_callback", fail)
    response = client.get("/counties/", follow_redirects=True)
    page = Page(response.status_code, response.get_data(as_text=True))
    page.check()
    assert (page.status, len(asked)) == (503, 1), "asked again, which waits again"
    assert "没有保存任何内容" in page.text


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EDQUOT, 503), (errno.EIO, 500)])
def test_a_full_disk_asks_to_come_back_and_another_fault_does_not(app, monkeypatch, number, status):
    def fail(*_given, **_named):
        raise OSError(number, "no room")

    monkeypatch.setattr(glances, "card_by_code", fail)
    response = app.test_client().get("/c/AAAAAAAAAAAAAAAAAAAAAA")
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
