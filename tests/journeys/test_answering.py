"""The questionnaire on a phone: every page, every way to hold it, and everything a bad network does to it."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Route, expect
from werkzeug.serving import make_server

from survey_app import clock, create_app, migrating
from survey_app.db import db
from survey_app.fieldwork import codes
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.authoring.publishing import version_for
from survey_app.surveys.models import Wave, WaveForm
from survey_app.surveys.questionnaire_loader import parse_questionnaire
from tests.conftest import KEY, NOW, dispose, make_settings
from tests.factories import sign_in
from tests.journeys.conftest import LAPTOP, PHONE, follow
from tests.survey_app.respond.field import Field, Unit, open_field
from tests.survey_app.surveys.forms import KINDS_TEXT

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

SMALL_PHONE = {"width": 320, "height": 568}
#: A laptop's window, and a phone's, at 200 % zoom.
ZOOMED = ({"width": 640, "height": 400}, {"width": 180, "height": 370})

WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; M2102J2SC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/107.0.5304.141 Mobile Safari/537.36 XWEB/5169 MMWEBSDK/20230805 "
    "MicroMessenger/8.0.42.2460(0x28002A35) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
)

#: 400 kbit/s down and up, 400 ms there and back: what testers call slow 3G.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}

UNITS = (
    Unit(group="parent", psu="S1", cards=30, grade_band="primary", locality="town"),
    Unit(group="student", psu="S1", cards=10, grade_band="primary", locality="town"),
)


@dataclass(kw_only=True)
class Served:
    """A running application with a wave in the field."""

    app: object
    url: str
    field: Field
    codes: dict[str, codes.Code]
    points: dict[str, int]
    now: datetime
    unused: dict[str, Iterator[codes.Code]]

    def card(self, group: str = "parent") -> str:
        """The address of a card that nobody used."""
        return f"{self.url}/c/{next(self.unused[group]).in_address}"

    def open_code(self, name: str) -> str:
        """The address of a code that many use."""
        return f"{self.url}/c/{self.codes[name].in_address}"

    def stored(self) -> int:
        """How many answers lie in the inbox."""
        with self.app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("answering")
    app = create_app(make_settings(home))
    with app.app_context():
        migrating.upgrade(db.engine)
    field = open_field(app, UNITS)
    made, points = {}, {}
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        for name, cap, turn in (("village", 2, None), ("shared", 9, None), ("screen", 9, 60)):
            point = open_entries.make_point(
                db.session, wave, kind="class", group="public", place=f"上庄村 {name}", cap=cap, cell_cap=40,
                rotates_every=turn, code_key=KEY, by="test", now=NOW,
            )  # fmt: skip
            made[name], points[name] = open_entries.code_of(point, KEY), point.id
        db.session.commit()
    unused = {group: iter(cards) for group, cards in field.cards.items()}
    served = Served(app=app, url="", field=field, codes=made, points=points, now=NOW, unused=unused)
    real, clock.now = clock.now, lambda: served.now
    server = make_server("127.0.0.1", 0, app, threaded=True)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    clock.now = real
    server.shutdown()
    thread.join()
    dispose(app)


@pytest.fixture(autouse=True)
def _each_test_for_itself(walker):
    walker.problems.clear()


def begin(context: BrowserContext, walker, address: str) -> Page:
    """Open a code in a new tab and begin."""
    page = walker.follow(context.new_page())
    page.goto(address)
    page.locator("form[data-begin] button").click()
    page.locator("form[data-draft] .card[id]").first.wait_for()
    return page


def choose(page: Page, option: int = 0) -> None:
    """Answer the question that is shown."""
    options = page.locator("form .card[id]:visible label.option")
    if options.count():
        options.nth(option).click()


def go_on(page: Page) -> None:
    """Press the main button and wait for another question, or another page."""
    before = page.locator("form .card[id]:visible").first.get_attribute("id")
    page.locator("button.primary").click()
    page.wait_for_function(
        """id => {
            const card = document.querySelector("form[data-draft] .card[id]:not([hidden])");
            return !card || card.id !== id;
        }""",
        arg=before,
        polling=50,
    )


def to_the_last_question(page: Page) -> None:
    # A browser draws pages in the background once a second only.
    page.bring_to_front()
    for _ in range(60):
        choose(page)
        if page.locator("button.primary").inner_text() in {"提交", "Submit", "Send"}:
            return
        go_on(page)
    raise AssertionError("the questionnaire never ends")


def kept(page: Page) -> list[str]:
    """What the phone keeps of questionnaires."""
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('junheng'))")


def keeps_nothing(page: Page) -> None:
    """The phone has forgotten, or forgets as soon as the page that is there is whole."""
    page.wait_for_load_state()
    assert kept(page) == []


def thanked(page: Page) -> None:
    page.wait_for_url(re.compile("/thanks"))
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("谢谢|Thank"))


def at_every_size(walker, page: Page, name: str) -> None:
    """Look at a page on phones and a laptop, then at 200 % zoom and with large letters."""
    for viewport in (SMALL_PHONE, LAPTOP, PHONE):
        page.set_viewport_size(viewport)
        walker.look(page, name)
    for viewport in ZOOMED:
        page.set_viewport_size(viewport)
        fits(walker, page, f"{name} at 200 %")
    page.set_viewport_size(SMALL_PHONE)
    page.evaluate("document.documentElement.classList.add('large')")
    fits(walker, page, f"{name} in large letters")
    page.evaluate("document.documentElement.classList.remove('large')")
    page.set_viewport_size(PHONE)


def fits(walker, page: Page, name: str) -> None:
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wider > 0:
        walker.problems.append(f"{name} scrolls sideways by {wider}px")


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


def quiet(walker) -> None:
    """Nothing wrong but the failed requests that were meant."""
    meant = re.compile("Failed to load resource|net::ERR")
    assert [each for each in walker.problems if not meant.search(each)] == []
    walker.problems.clear()


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


def a_phone_with_every_kind(served, open_context, walker, layout: str) -> tuple[Field, Page]:
    """A pupil's phone before the first question of a wave that puts every kind of item."""
    unit = Unit(group="student", psu="S1", cards=1, grade_band="primary", locality="town")
    with served.app.app_context():
        form = parse_questionnaire(KINDS_TEXT.replace("one_page", layout), file="kinds.toml")
        field = open_field(served.app, (unit,))
        used = db.session.get_one(WaveForm, (field.wave_id, "student"))
        used.version_id = version_for(db.session, form, NOW).id
        db.session.commit()
    return field, begin(open_context(PHONE), walker, f"{served.url}/c/{field.card('student').in_address}")


def arrived(served, field: Field) -> dict[str, str]:
    """The answers of the one questionnaire that came in."""
    with served.app.app_context():
        sealed = db.session.scalars(sa.select(SealedAnswer).filter_by(wave_id=field.wave_id)).one()
        return open_sealed(field.private_key, sealed.sealed)["answers"]


def test_every_kind_on_one_page(served, open_context, walker):
    field, page = a_phone_with_every_kind(served, open_context, walker, "one_page")
    activities = page.locator("#card-activities")
    activities.get_by_text("都没有").click()
    activities.get_by_text("体育").click()
    expect(activities.locator("input:checked")).to_have_value("sport")
    activities.get_by_text("音乐").click()
    activities.get_by_text("美术").click()
    page.locator("button.primary").click()
    for missing in ("minutes", "overall"):
        expect(page.locator(f"#card-{missing} .fault")).to_be_visible()
    expect(page.locator("#q-minutes")).to_be_focused()
    page.locator("#q-minutes").fill("三十")
    page.locator("#card-overall").get_by_text("比较同意").click()
    page.locator("button.primary").click()
    page.locator("#faults").wait_for()
    expect(page.locator("#faults")).to_be_focused()
    at_every_size(walker, page, "kinds-faulty")
    page.locator("#faults a[href='#q-minutes']").click()
    expect(page.locator("#q-minutes")).to_be_focused()
    page.locator("#q-minutes").fill("31.5")
    activities.get_by_text("音乐").click()
    page.locator("button.primary").click()
    page.locator("#card-rooms:visible").wait_for()
    assert page.locator("#faults").count() == 0
    for item, level in (("rooms.library", 2), ("rooms.computers", 5), ("fair", 2)):
        page.locator(f"input[name='a.{item}'][value='{level}'] + span").click()
    page.locator("button.primary").click()
    expect(page.locator("#card-rooms .fault")).to_have_count(1)
    missing = page.locator("#card-rooms .row", has=page.locator(".fault"))
    expect(missing.locator("legend")).to_have_text("总是锁着")
    at_every_size(walker, page, "kinds-row")
    missing.get_by_text("很不同意").click()
    page.locator("button.primary").click()
    page.locator("#card-far:visible, #card-low_rooms:visible").first.wait_for()
    at_every_size(walker, page, "kinds-follow-ups")
    page.locator("#card-far").get_by_text("坐车").click()
    page.locator("#q-low_rooms").fill("太吵")
    page.locator("button.primary").click()
    expect(page.locator("[data-review]")).to_contain_text("什么时候开放？")
    page.locator("button.primary").click()
    thanked(page)
    assert walker.problems == []
    assert arrived(served, field) == {
        "activities": "sport art", "minutes": "31.5", "far": "bus", "rooms.library": "2",
        "rooms.computers": "5", "rooms.closed": "1", "fair": "2", "overall": "4", "low_rooms": "太吵",
    }  # fmt: skip


def test_every_kind_question_by_question(served, open_context, walker):
    field, page = a_phone_with_every_kind(served, open_context, walker, "pages")
    activities = page.locator("#card-activities")
    for name in ("体育", "音乐", "美术"):
        activities.get_by_text(name).click()
    go_on(page)
    page.locator("#q-minutes").fill("一点")
    page.locator("button.primary").click()
    page.locator("#faults").wait_for()
    at_every_size(walker, page, "kinds-number")
    page.locator("#faults a[href='#q-minutes']").click()
    expect(page.locator("#q-minutes")).to_be_focused()
    expect(activities).to_be_hidden()
    page.locator("#faults a[href='#q-activities']").click()
    expect(activities).to_be_visible()
    activities.get_by_text("都没有").click()
    go_on(page)
    page.locator("#q-minutes").fill("12")
    page.locator("button.primary").click()
    page.locator("#card-why_not:visible").wait_for()
    at_every_size(walker, page, "kinds-soft")
    page.locator("button.primary").click()
    page.locator("#card-overall:visible").wait_for()
    choose(page)
    page.locator("button.primary").click()
    page.locator("[data-review]").wait_for()
    at_every_size(walker, page, "kinds-review")
    page.get_by_role("button", name="为什么不参加").click()
    expect(page.locator("#card-why_not")).to_be_visible()
    page.locator("#q-why_not").fill("太远")
    page.locator("button.primary").click()
    expect(page.locator("#card-overall input").first).to_be_checked()
    page.locator("button.primary").click()
    thanked(page)
    assert walker.problems == []
    assert arrived(served, field) == {
        "activities": "none", "minutes": "12", "why_not": "太远", "overall": "5",
    }  # fmt: skip
