"""The phone page with its script, in a real browser: cards, drafts, broken networks, conditions."""

import os
import shutil
import threading

import pytest
from werkzeug.serving import make_server

from tests.survey_app.respond.field import open_field
from tests.survey_app.respond.test_views import counts

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="Chromium is not installed (apt-get install chromium)",
    ),
]


@pytest.fixture
def served(app):
    """Address of the application, and a wave in the field."""
    field = open_field(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", field
    server.shutdown()
    thread.join()


@pytest.fixture
def phone(served):
    """Give what a walk on a phone leaves behind: the walk runs beside the test, away from its event loop."""
    from playwright.sync_api import sync_playwright

    def walk(steps):
        found = {}

        def run():
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                page = browser.new_page(viewport={"width": 360, "height": 740})
                page.set_default_timeout(20_000)
                complaints = []
                page.on("pageerror", lambda error: complaints.append(str(error)))
                page.on(
                    "console", lambda said: "Security Policy" in said.text and complaints.append(said.text)
                )
                try:
                    found["result"] = steps(page)
                except Exception as error:  # noqa: BLE001  it is raised again in the test's own thread
                    found["error"] = error
                found["complaints"] = complaints
                browser.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if "error" in found:
            raise found["error"]
        assert found["complaints"] == []
        return found["result"]

    return walk


def begin(page, address, code):
    page.goto(f"{address}/c/{code.in_address}")
    page.locator("form button").first.click()
    page.wait_for_selector("body.one")


def answer(page, option=0):
    """Choose an option on the card that is shown and go on; give the number of the next question."""
    before = page.locator("form .card:visible").get_attribute("id")
    labels = page.locator("form .card:visible label.option")
    if labels.count():
        labels.nth(option).click()
    page.locator("button[value=next]").click()
    page.wait_for_function(
        "id => !document.querySelector('form .card:not([hidden])')"
        " || document.querySelector('form .card:not([hidden])').id !== id || location.pathname === '/thanks'",
        arg=before,
    )


def drafts(page):
    return page.evaluate("Object.keys(localStorage).length")


def finish(page):
    for _ in range(40):
        if "/thanks" in page.url:
            return
        answer(page)
        page.wait_for_load_state()
    raise AssertionError("the questionnaire never ends")


def test_one_card_at_a_time_to_the_thank_you_page(app, served, phone):
    address, field = served

    def steps(page):
        begin(page, address, field.card())
        assert page.locator("form .card:visible").count() == 1
        page.locator("button[value=next]").click()
        assert page.locator(".fault:visible").inner_text() == "请选择一项"
        answer(page)
        page.wait_for_function("document.querySelector('progress').value === 1")
        answer(page)
        page.wait_for_function("document.querySelector('progress').value === 2")
        assert drafts(page) == 1
        page.locator("button[value=back]").click()
        assert page.locator("form .card:visible input:checked").count() == 1
        answer(page)
        finish(page)
        return drafts(page)

    assert phone(steps) == 0
    assert counts(app)["sealed"] == 1


def test_an_interrupted_person_finds_the_answers_again(served, phone):
    address, field = served

    def steps(page):
        begin(page, address, field.card())
        answer(page)
        answer(page)
        answer(page)
        begin(page, address, field.card())
        checked = page.locator("form input:checked").count()
        begin(page, address, field.card("student"))
        return checked, page.locator("form input:checked").count()

    assert phone(steps) == (1, 0)


def test_a_broken_network_is_waited_out(app, served, phone):
    address, field = served

    def steps(page):
        network = {"broken": True}
        page.route("**/answer", lambda route: route.abort() if network["broken"] else route.continue_())
        begin(page, address, field.card("teacher"))
        for _ in range(20):
            page.locator("form .card:visible label.option").first.click()
            page.locator("button[value=next]").click()
            page.wait_for_timeout(200)
            if page.locator(".waiting:visible").count():
                break
        said = page.locator(".waiting").inner_text()
        network["broken"] = False
        page.wait_for_function("() => !document.querySelector('.waiting:not([hidden])')")
        finish(page)
        return said

    assert "还没有送达，正在重试" in phone(steps)
    assert counts(app)["sealed"] == 1


def test_a_follow_up_question_comes_and_goes_with_its_answer(served, phone):
    address, field = served

    def steps(page):
        begin(page, address, field.card("student"))
        for _ in range(40):
            if page.locator("#card-after_school:visible").count():
                break
            answer(page)
        totals = []
        for option in (0, 1, 0):
            page.locator("#card-after_school label.option").nth(option).click()
            totals.append(page.locator("progress").evaluate("bar => bar.max"))
        answer(page, 0)
        return totals, page.locator("form .card:visible").get_attribute("id")

    totals, shown = phone(steps)
    assert totals == [totals[1] + 1, totals[1], totals[1] + 1]
    assert shown == "card-after_school_quality"
