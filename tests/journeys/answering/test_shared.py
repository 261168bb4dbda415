"""Codes that many use, and devices that several do."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.conftest import NOW
from tests.factories import sign_in
from tests.journeys.answering.phone import (
    at_every_size,
    begin,
    choose,
    keeps_nothing,
    thanked,
    to_the_last_question,
)
from tests.journeys.conftest import LAPTOP, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


def test_a_shared_device_keeps_nothing_beyond_the_tab(served, open_context, walker):
    context = open_context(PHONE)
    page = walker.follow(context.new_page())
    page.goto(served.open_code("shared"))
    page.get_by_label("公用设备").check()
    page.locator("form[data-begin] button").click()
    page.locator("body.one").wait_for()
    choose(page)
    expect(page.locator(".saved")).to_have_text("回答只暂存到关闭本页为止")
    keeps_nothing(page)
    page.reload()
    page.locator("body.one").wait_for()
    expect(page.locator("form input:checked")).to_have_count(1)
    page.close()
    again = walker.follow(context.new_page())
    again.goto(served.open_code("shared"))
    expect(again.locator(".unfinished")).to_be_hidden()
    assert walker.problems == []


def test_an_open_code_gives_each_phone_one_place_until_it_is_full(served, open_context, walker):
    mine = open_context(PHONE)
    page = begin(mine, walker, served.open_code("village"))
    choose(page)
    again = walker.follow(mine.new_page())
    again.goto(served.open_code("village"))
    expect(again.locator(".unfinished")).to_be_visible()
    at_every_size(walker, again, "unfinished")
    again.get_by_role("button", name="是我的，接着填").click()
    again.locator("body.one").wait_for()
    expect(again.locator("form input:checked")).to_have_count(1)
    begin(open_context(PHONE), walker, served.open_code("village"))
    third = walker.follow(open_context(PHONE).new_page())
    third.goto(served.open_code("village"))
    expect(third.get_by_role("heading", name="名额已满")).to_be_visible()
    assert third.locator("button").count() == 0 or not third.locator("button").first.is_visible()
    at_every_size(walker, third, "full")
    to_the_last_question(again)
    again.locator("button.primary").click()
    thanked(again)
    keeps_nothing(again)
    assert walker.problems == []


def test_somebody_else_on_the_same_device_does_not_see_the_unfinished_answers(served, open_context, walker):
    context = open_context(PHONE)
    page = begin(context, walker, served.open_code("shared"))
    choose(page)
    other = walker.follow(context.new_page())
    other.goto(served.open_code("shared"))
    other.locator("form[data-begin] button").click()
    other.locator("body.one").wait_for()
    assert other.locator("form input:checked").count() == 0
    assert walker.problems == []


def test_the_proctor_s_screen_changes_its_code_by_itself(served, open_context, walker):
    context = open_context(LAPTOP)
    client = sign_in(served.app, "county", "140522")
    with client.session_transaction():
        pass
    cookie = client.get_cookie("junheng").value
    context.add_cookies([{"name": "junheng", "value": cookie, "url": served.url}])
    served.now = NOW + timedelta(seconds=59)
    try:
        page = walker.follow(context.new_page())
        page.goto(f"{served.url}/entries/points/{served.points['screen']}/screen")
        at_every_size(walker, page, "screen")
        typed = page.locator(".typed").inner_text()
        served.now = NOW + timedelta(seconds=61)
        expect(page.locator(".typed")).not_to_have_text(typed)
        for name in (
            f"entries/{served.field.wave_id}",
            f"entries/{served.field.wave_id}/new/village",
            "entries/",
        ):
            page.goto(f"{served.url}/{name}")
            walker.look(page, name)
    finally:
        served.now = NOW
    assert walker.problems == []
