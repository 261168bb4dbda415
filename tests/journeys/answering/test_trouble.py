"""Everything that a bad network, an impatient thumb and a second tab do to it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.answering.phone import (
    SLOW_3G,
    begin,
    choose,
    go_on,
    keeps_nothing,
    kept,
    quiet,
    thanked,
    to_the_last_question,
)
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


def test_on_slow_3g_the_page_is_there_soon_and_an_outage_is_waited_out(served, open_context, walker):
    before = served.stored()
    context = open_context(PHONE)
    page = walker.follow(context.new_page())
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(served.card())
    page.locator("form[data-begin] button").click(no_wait_after=True)
    page.locator("body.one").wait_for()
    network.send(
        "Network.emulateNetworkConditions",
        {**SLOW_3G, "latency": 20, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    to_the_last_question(page)
    network.send("Network.emulateNetworkConditions", {**SLOW_3G, "offline": True})
    page.locator("button.primary").click()
    expect(page.locator(".waiting")).to_contain_text("还没有送达，正在重试")
    walker.look(page, "waiting")
    assert kept(page) != []
    page.get_by_role("button", name="现在再试").click()
    expect(page.locator(".waiting")).to_be_visible()
    network.send("Network.emulateNetworkConditions", SLOW_3G)
    thanked(page)
    keeps_nothing(page)
    assert served.stored() == before + 1
    quiet(walker)


def test_a_busy_server_is_asked_again_when_it_said_so_and_a_lost_reply_does_no_harm(
    served, open_context, walker
):
    before = served.stored()
    page = begin(open_context(PHONE), walker, served.card())
    to_the_last_question(page)
    replies = iter(("busy", "lost"))

    def meddle(route):
        what = next(replies, "on")
        if what == "busy":
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="")
        elif what == "lost":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/answer", meddle)
    page.locator("button.primary").click()
    expect(page.locator(".waiting")).to_contain_text("现在填写的人很多")
    thanked(page)
    assert served.stored() == before + 1
    quiet(walker)


def test_two_taps_send_one_answer(served, open_context, walker):
    before = served.stored()
    page = begin(open_context(PHONE), walker, served.card())
    to_the_last_question(page)
    page.locator("button.primary").dblclick()
    thanked(page)
    assert served.stored() == before + 1
    assert walker.problems == []


def test_two_tabs_bring_one_answer_and_both_say_clearly_what_happened(served, open_context, walker):
    before, card, context = served.stored(), served.card(), open_context(PHONE)
    first, second = begin(context, walker, card), begin(context, walker, card)
    to_the_last_question(first)
    to_the_last_question(second)
    first.bring_to_front()
    first.locator("button.primary").click()
    thanked(first)
    second.bring_to_front()
    second.locator("button.primary").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("这个访问码已经填写过")
    walker.look(second, "used")
    keeps_nothing(second)
    assert served.stored() == before + 1
    assert walker.problems == []


def test_back_after_sending_shows_no_answer_but_that_it_arrived(served, open_context, walker):
    page = begin(open_context(PHONE), walker, served.card())
    to_the_last_question(page)
    page.locator("button.primary").click()
    thanked(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("已经收到，谢谢")
    assert page.locator("input:checked").count() == 0
    walker.look(page, "sent")
    assert walker.problems == []


def test_the_phone_s_back_button_and_a_reload_lose_nothing(served, open_context, walker):
    page = begin(open_context(PHONE), walker, served.card())
    first = page.locator("form .card[id]:visible").get_attribute("id")
    choose(page, 1)
    go_on(page)
    choose(page)
    page.go_back()
    expect(page.locator(f"#{first}")).to_be_visible()
    expect(page.locator("form .card[id]:visible input").nth(1)).to_be_checked()
    page.reload()
    page.locator("body.one").wait_for()
    page.locator(f"#{first}").wait_for()
    expect(page.locator(f"#{first} input").nth(1)).to_be_checked()
    go_on(page)
    expect(page.locator("form input:checked")).to_have_count(1)
    assert walker.problems == []


def test_answers_are_forgotten_on_request(served, open_context, walker):
    page = begin(open_context(PHONE), walker, served.card())
    choose(page)
    expect(page.locator(".saved")).to_have_text("回答已暂存在这部手机上")
    assert kept(page) != []
    page.get_by_role("button", name="删除这部手机上的回答").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已经删除")
    keeps_nothing(page)
    assert walker.problems == []
