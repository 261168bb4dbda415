"""Every page, every way to hold it: sizes, languages, without a script, in WeChat, by keyboard."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.answering.phone import (
    WECHAT,
    at_every_size,
    begin,
    keeps_nothing,
    thanked,
    to_the_last_question,
)
from tests.journeys.conftest import LAPTOP, PHONE, follow

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_at_every_size_in_both_languages(served, open_context, walker, language):
    context = open_context(PHONE)
    context.add_cookies([{"name": "lang", "value": language, "url": served.url}])
    page = walker.follow(context.new_page())
    for name in ("code", "privacy", "declined", "forgotten", "thanks"):
        page.goto(f"{served.url}/{name}")
        at_every_size(walker, page, f"{name}-{language}")
    page.goto(f"{served.url}/code")
    page.locator("#code").fill("ABC")
    follow(page.locator("button.primary"))
    at_every_size(walker, page, f"code-wrong-{language}")
    page.goto(f"{served.url}/c/{'A' * 22}")
    at_every_size(walker, page, f"unknown-{language}")
    for group in ("student", "parent"):
        page.goto(served.card(group))
        at_every_size(walker, page, f"start-{group}-{language}")
    page.locator("form[data-begin] button").click()
    page.locator("body.one").wait_for()
    at_every_size(walker, page, f"question-{language}")
    page.locator("button.primary").click()
    expect(page.locator(".fault:visible")).to_be_visible()
    at_every_size(walker, page, f"question-missing-{language}")
    assert walker.problems == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_pages_without_a_script_at_every_size(served, open_context, walker, language):
    context = open_context(PHONE, java_script_enabled=False)
    context.add_cookies([{"name": "lang", "value": language, "url": served.url}])
    page = context.new_page()
    page.goto(served.card("student"))
    follow(page.locator("form button").first)
    html = page.content()
    follow(page.locator("button.primary"))
    expect(page.locator("#faults a").first).to_have_attribute("href", re.compile("^#q-"))
    # The engine that looks for faults is a script itself, so it looks at copies.
    looker = walker.follow(open_context(PHONE).new_page())
    for name, source in (("page", html), ("page-faulty", page.content())):
        body = re.sub(r"<script[^>]*></script>", "", source)
        looker.route("**/copy", partial(_show, body=body))
        looker.goto(f"{served.url}/copy")
        at_every_size(walker, looker, f"{name}-{language}")
    assert walker.problems == []


def _show(route: Route, *, body: str) -> None:
    route.fulfill(body=body, content_type="text/html; charset=utf-8")


def test_without_a_script_answers_are_carried_reviewed_and_sent_once(served, open_context):
    before = served.stored()
    page = open_context(PHONE, java_script_enabled=False, user_agent=WECHAT).new_page()
    page.goto(served.card())
    follow(page.locator("form button").first)
    follow(page.get_by_role("button", name="大字"))
    assert "large" in page.locator("html").get_attribute("class")
    for _ in range(30):
        if "/thanks" in page.url:
            break
        for card in page.locator("fieldset.card").all():
            card.locator("input").first.check()
        if page.locator("button[value=back]:visible").count() and page.locator("input:checked").count() % 2:
            follow(page.locator("button[value=back]"))
            assert page.locator("input:checked").count() == page.locator("fieldset.card").count()
            follow(page.locator("button.primary"))
        for card in page.locator("fieldset.card").all():
            card.locator("input").first.check()
        follow(page.locator("button.primary"))
    thanked(page)
    assert served.stored() == before + 1


def test_in_wechat_with_a_thumb(served, open_context, walker):
    before = served.stored()
    context = open_context(PHONE, user_agent=WECHAT, has_touch=True, is_mobile=True)
    page = begin(context, walker, served.card("student"))
    assert "/c/" not in page.url
    to_the_last_question(page)
    page.locator("button.primary").tap()
    thanked(page)
    keeps_nothing(page)
    assert served.stored() == before + 1
    assert walker.problems == []


def test_by_keyboard_alone(served, open_context, walker):
    before = served.stored()
    page = walker.follow(open_context(LAPTOP).new_page())
    page.goto(f"{served.url}/code")
    code = next(served.unused["parent"])
    tab_to(page, "#code")
    page.keyboard.type(code.typed)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/start/"))
    tab_to(page, "form[data-begin] button")
    page.keyboard.press("Enter")
    page.locator("body.one").wait_for()
    for _ in range(60):
        if "/thanks" in page.url:
            break
        asked = page.locator("form .card[id]:visible .ask").inner_text()
        if page.locator("form .card[id]:visible input[type=radio]").count():
            tab_to(page, ".card:not([hidden]) input")
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        tab_to(page, "button.primary")
        page.keyboard.press("Enter")
        page.wait_for_function(
            """asked => {
                const now = document.querySelector(".card[id]:not([hidden]) .ask");
                return !now || (now.innerText !== asked && document.activeElement === now);
            }""",
            arg=asked,
            polling=50,
        )
    thanked(page)
    assert served.stored() == before + 1
    assert walker.problems == []


def tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by tabbing")
