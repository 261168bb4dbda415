"""What a person does with a questionnaire on a phone, and how its pages are looked at."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import LAPTOP, PHONE

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


def quiet(walker) -> None:
    """Nothing wrong but the failed requests that were meant."""
    meant = re.compile("Failed to load resource|net::ERR")
    assert [each for each in walker.problems if not meant.search(each)] == []
    walker.problems.clear()
