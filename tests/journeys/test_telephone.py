"""One call by keyboard alone, from the desk to the answer, and what interviewers and supervisors see."""

import threading

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from survey_app import clock
from survey_app.db import db
from survey_app.fieldwork.models import CallAttempt, Entry, PhoneCase
from survey_app.respond.models import SealedAnswer
from tests.conftest import NOW
from tests.factories import sign_in
from tests.journeys.conftest import LAPTOP, PHONE
from tests.survey_app.fieldwork.telephone.phoning import phone_wave

pytestmark = pytest.mark.journey


@pytest.fixture
def served(app, monkeypatch):
    """The application at an hour in which people are called; its wave, and cookies of people by role."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        wave_id = phone_wave(app, people=3).id
        db.session.commit()
    cookies = {
        role: sign_in(app, role, "140522").get_cookie("junheng").value for role in ("interviewer", "county")
    }
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", wave_id, cookies
    server.shutdown()
    thread.join()


def test_a_call_by_keyboard_alone(app, served, open_context, walker):
    address, wave_id, cookies = served

    def window(role, size):
        context = open_context(size)
        context.add_cookies([{"name": "junheng", "value": cookies[role], "url": address}])
        return walker.follow(context.new_page())

    def focus_and_press(page, words):
        """Go to the control with these words as somebody with a keyboard does, and press Enter."""
        for _ in range(40):
            page.keyboard.press("Tab")
            if words in (page.evaluate("document.activeElement.textContent") or "").strip():
                page.keyboard.press("Enter")
                return
        raise AssertionError(f"no way to {words!r} by keyboard")

    page = window("interviewer", LAPTOP)
    page.goto(f"{address}/telephone/desk")
    walker.look(page, "telephone-desk")
    focus_and_press(page, "打下一个")
    page.wait_for_url("**/telephone/case/*")
    walker.look(page, "telephone-case")
    focus_and_press(page, "显示姓名和号码")
    page.get_by_text("1380000000").wait_for()
    walker.look(page, "telephone-number")
    focus_and_press(page, "打开访问页")
    page.wait_for_url("**/interview/*")
    walker.look(page, "interview-opening")
    focus_and_press(page, "对方同意，开始访问")
    page.locator("form[data-interview]").wait_for()
    walker.look(page, "interview-first")

    chosen = _answer_with_keys(page, walker)
    assert chosen > 10
    page.get_by_role("heading", name="访问结束").wait_for()
    walker.look(page, "interview-done")
    assert (
        page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('junheng.interview'))") == []
    )
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer)) == 1
        assert db.session.scalars(sa.select(Entry.mode)).all() == ["phone"]
        assert db.session.scalars(sa.select(CallAttempt.outcome)).all() == ["complete"]
        done = db.session.scalars(sa.select(PhoneCase.id).where(PhoneCase.outcome == "complete")).one()

    # The next one breaks off; what was answered comes back on the same computer.
    focus_and_press(page, "打下一个")
    page.wait_for_url("**/telephone/case/*")
    case = page.url.rpartition("/")[2]
    page.goto(f"{address}/interview/{case}")
    page.get_by_role("button", name="对方同意，开始访问").click()
    page.locator(".current").wait_for()
    page.keyboard.press("2")
    kept = page.evaluate("document.querySelector('input:checked').value")
    page.goto(f"{address}/interview/{case}")
    page.get_by_role("button", name="对方同意，开始访问").click()
    page.locator(".current").wait_for()
    assert page.evaluate("document.querySelector('input:checked').value") == kept

    boss = window("county", LAPTOP)
    small = window("county", PHONE)
    narrow = window("interviewer", PHONE)
    for view, size in ((boss, "wide"), (small, "narrow")):
        view.goto(f"{address}/telephone/{wave_id}")
        walker.look(view, f"telephone-board-{size}")
        view.goto(f"{address}/telephone/{wave_id}/cases")
        walker.look(view, f"telephone-cases-{size}")
        view.goto(f"{address}/telephone/case/{done}/review")
        walker.look(view, f"telephone-review-{size}")
        view.goto(f"{address}/interview/script/{wave_id}")
        walker.look(view, f"interview-script-{size}")
        view.goto(f"{address}/telephone/{wave_id}/back-checks")
        walker.look(view, f"telephone-back-checks-{size}")
    narrow.goto(f"{address}/telephone/case/{case}")
    walker.look(narrow, "telephone-case")
    narrow.goto(f"{address}/interview/{case}")
    walker.look(narrow, "interview-opening")
    narrow.get_by_role("button", name="对方同意，开始访问").click()
    narrow.locator("form[data-interview]").wait_for()
    walker.look(narrow, "interview-first")
    assert walker.problems == []


#: True once the page that had these answers in hand is gone.
_TURNED = "(before) => (document.querySelector('[name=carried]') || {}).value !== before"


def _answer_with_keys(page, walker):
    """Answer every page with digits, one question with 不了解, then Enter; how many keys chose something."""
    pressed = 0
    for number in range(12):
        page.wait_for_load_state()
        if page.locator("[data-erase]").count():
            return pressed
        page.locator(".current").wait_for()
        if number == 1:
            walker.look(page, "interview-second")
        for place, card in enumerate(page.locator(".card").all()):
            if card.locator("textarea").count():
                page.keyboard.press("Escape")
            else:
                page.keyboard.press("0" if (number, place) == (1, 1) else "1")
                pressed += 1
        before = page.locator("[name=carried]").get_attribute("value")
        page.keyboard.press("Enter")
        page.wait_for_function(_TURNED, arg=before)
    return pressed
