"""The main job, as its people do it: plan, draw, print, answer, close, release, judge."""

import io
import re
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import BrowserContext, Page, expect

from survey_app.clock import BEIJING, now
from tests.journeys.conftest import LAPTOP, PASSWORD, PHONE, follow

# The steps follow one another; a worker takes whole files, so one takes them all.
pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

TITLE = "2026年秋季社会认可度调查"

#: Seven groups, 85 % of each expected to answer: 318 parents and 53 of every other group.
INVITED = 636


@pytest.fixture(scope="module")
def offices(open_context, installation):
    """The county office and the city's supervisors, each signed in on a laptop."""

    def sign_in(login: str) -> Page:
        page = open_context(LAPTOP).new_page()
        page.goto(f"{installation.url}/accounts/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        follow(page.get_by_role("button", name="登录"))
        return page

    return {login: sign_in(login) for login in ("clerk", "supervisor")}


@pytest.fixture(scope="module")
def clerk(offices, walker) -> Page:
    return walker.follow(offices["clerk"])


@pytest.fixture(scope="module")
def supervisor(offices, walker) -> Page:
    return walker.follow(offices["supervisor"])


@pytest.fixture(scope="module")
def kept() -> dict:
    """What one step leaves for the next."""
    return {}


def both_sizes(walker, page: Page, name: str) -> None:
    for viewport in (PHONE, LAPTOP):
        page.set_viewport_size(viewport)
        walker.look(page, name)


def addresses_on(pdf: bytes) -> list[str]:
    """Every address in the QR pictures of the sheets, in the order of the pages."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    found = []
    for page in document:
        picture = page.render(scale=3, grayscale=True).to_numpy()
        found += [each.text for each in zxingcpp.read_barcodes(picture)]
    return found


def test_the_county_is_shown_with_what_is_published_and_what_is_simulated(clerk, installation, walker):
    clerk.goto(f"{installation.url}/counties/140522")
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("阳城县")
    expect(clerk.get_by_text("360,000").first).to_be_visible()
    expect(clerk.get_by_text("模拟").first).to_be_visible()
    both_sizes(walker, clerk, "county")
    clerk.goto(f"{installation.url}/counties/140522/schools")
    both_sizes(walker, clerk, "schools")
    clerk.goto(f"{installation.url}/counties/140522/import")
    both_sizes(walker, clerk, "import")


def test_the_clerk_plans_draws_and_opens_a_wave(clerk, installation, walker, kept):
    clerk.goto(f"{installation.url}/surveys/new?county=140522")
    both_sizes(walker, clerk, "new-survey")
    opens = now().astimezone(BEIJING) - timedelta(hours=1)
    clerk.get_by_label("调查名称").fill(TITLE)
    clerk.get_by_label("开始时间").fill(f"{opens:%Y-%m-%dT%H:%M}")
    clerk.get_by_label("截止时间").fill(f"{opens + timedelta(days=5):%Y-%m-%dT%H:%M}")
    clerk.get_by_label("咨询联系方式").fill("县教育局督导室 0356-0000000")
    clerk.get_by_label("干扰举报方式").fill("市教育督导室 0356-0000001")
    follow(clerk.get_by_role("button", name="保存，下一步"))
    kept["wave"] = re.search(r"/surveys/(\d+)", clerk.url)[1]
    follow(clerk.get_by_role("button", name="规则定下，下一步"))
    follow(clerk.get_by_role("button", name="样本量与配额定下，下一步"))
    clerk.goto(f"{installation.url}/surveys/{kept['wave']}")
    expect(clerk.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(clerk.get_by_role("row", name=re.compile("家长")).first).to_contain_text("270")
    expect(clerk.get_by_text("540").first).to_be_visible()
    both_sizes(walker, clerk, "survey")

    follow(clerk.get_by_role("link", name="建抽样框"))
    follow(clerk.get_by_role("button", name="用学校数据生成抽样框"))
    clerk.goto(f"{installation.url}/fieldwork/{kept['wave']}/draw")
    both_sizes(walker, clerk, "draw")
    clerk.get_by_label("种子", exact=True).fill("journey")
    follow(clerk.get_by_role("button", name="固定抽样框并抽样"))
    clerk.goto(f"{installation.url}/fieldwork/{kept['wave']}/materials")
    clerk.get_by_text("只要答题卡").click()
    with clerk.expect_download() as download:
        clerk.get_by_role("button", name="下载答题卡").click()
    kept["sheets"] = download.value.path().read_bytes()
    clerk.goto(f"{installation.url}/fieldwork/{kept['wave']}")
    both_sizes(walker, clerk, "drawn")
    follow(clerk.get_by_role("button", name="打开调查"))
    expect(clerk.get_by_text("正在作答").first).to_be_visible()
    both_sizes(walker, clerk, "field")


def test_every_card_leads_to_an_address_of_its_own(installation, kept):
    addresses = addresses_on(kept["sheets"])
    assert len(addresses) == INVITED
    assert len(set(addresses)) == INVITED
    assert all(address.startswith(f"{installation.url}/c/") for address in addresses)
    kept["cards"] = addresses


def answer_all(page: Page) -> None:
    """Give the second-best answer everywhere, question by question, until the thanks."""
    for _ in range(80):
        if page.locator(".card:visible .ask").count() == 0:
            page.wait_for_url(re.compile("/thanks"))
            return
        for card in page.locator("fieldset.card:visible").all():
            options = card.locator("input[type=radio]")
            if card.locator("input:checked").count() == 0:
                options.nth(min(1, options.count() - 1)).check()
        asked = page.locator(".card:visible .ask").first.text_content()
        page.locator("button.primary:visible").click()
        page.wait_for_function(
            """asked => {
                const now = document.querySelector(".card:not([hidden]) .ask");
                return !now || now.textContent !== asked;
            }""",
            arg=asked,
        )
    raise AssertionError(f"no thanks after eighty questions: {page.url}")


def begin(context: BrowserContext, address: str, walker, name: str) -> Page:
    page = walker.follow(context.new_page())
    page.goto(address)
    assert "/c/" not in page.url, "the code must not stay in the address"
    walker.look(page, f"{name}-start")
    page.get_by_role("button", name=re.compile("开始填写|我来填")).click()
    expect(page.locator(".card:visible .ask").first).to_be_visible()
    return page


def test_a_parent_answers_on_a_phone(open_context, walker, kept):
    page = begin(open_context(PHONE, has_touch=True), kept["cards"][0], walker, "phone")
    walker.look(page, "phone-first-question")
    answer_all(page)
    walker.look(page, "phone-thanks")
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢")
    assert page.evaluate("Object.keys(localStorage).length") == 0, "the draft must be gone"


def test_a_parent_without_javascript_answers_as_well(open_context, walker, kept):
    context = open_context(PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(kept["cards"][1])
    follow(page.get_by_role("button", name=re.compile("开始填写|我来填")))
    for _ in range(40):
        if "/thanks" in page.url:
            break
        for card in page.locator("fieldset.card").all():
            options = card.locator("input[type=radio]")
            if card.locator("input:checked").count() == 0:
                options.nth(min(1, options.count() - 1)).check()
        follow(page.locator("button.primary"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢")


def test_a_missing_answer_is_named_beside_its_question(open_context, walker, kept):
    page = open_context(PHONE, java_script_enabled=False).new_page()
    page.goto(kept["cards"][2])
    follow(page.get_by_role("button", name=re.compile("开始填写|我来填")))
    follow(page.locator("button.primary"))
    expect(page.locator("#faults")).to_be_visible()
    expect(page.locator("fieldset .fault").first).to_be_visible()


def test_nobody_answers_twice(open_context, walker, kept):
    page = walker.follow(open_context(PHONE).new_page())
    page.goto(kept["cards"][0])
    again = page.get_by_role("button", name=re.compile("开始填写|我来填"))
    if again.count():
        again.click()
    expect(page.get_by_text(re.compile("已经(填写|用)过|已经交过|已经提交")).first).to_be_visible()
    walker.look(page, "phone-used")


def test_a_wrong_code_gets_a_clear_message(open_context, installation, walker):
    page = walker.follow(open_context(PHONE).new_page())
    page.goto(f"{installation.url}/code")
    walker.look(page, "phone-code")
    page.get_by_label("访问码").fill("ABCD EFGH JKMN")
    page.get_by_role("button", name="打开问卷").click()
    expect(page.get_by_role("alert")).to_be_visible()
    walker.look(page, "phone-code-wrong")
    page.goto(f"{installation.url}/privacy")
    walker.look(page, "phone-privacy")


def test_the_others_answer_too(installation, kept):
    """The remaining invited people answer through the same services as the pages."""
    from survey_app import create_app, simulation
    from survey_app.db import db
    from survey_app.surveys import service

    app = create_app(installation.settings)
    with app.app_context():
        wave = service.get_wave(db.session, int(kept["wave"]))
        answered = 0
        for _ in simulation.answer_wave(db.session, wave, now=now()):
            answered += 1
            db.session.commit()
        db.session.commit()
        db.engine.dispose()
    assert answered > 450


def test_the_clerk_sees_progress_but_no_answers(clerk, installation, walker, kept):
    clerk.goto(f"{installation.url}/fieldwork/{kept['wave']}")
    both_sizes(walker, clerk, "field-busy")
    clerk.goto(f"{installation.url}/results/{kept['wave']}")
    expect(clerk.get_by_text("截止以前谁也看不到答案").first).to_be_visible()
    both_sizes(walker, clerk, "results-open")


def test_the_wave_is_closed_mixed_and_released(clerk, supervisor, installation, walker, kept):
    clerk.get_by_label("输入这轮调查的名称，以确认截止").fill(TITLE)
    follow(clerk.get_by_role("button", name="截止调查"))
    for _ in range(60):
        clerk.goto(f"{installation.url}/results/{kept['wave']}")
        if clerk.get_by_text("等待上级发布").count():
            break
        clerk.wait_for_timeout(500)
    expect(clerk.get_by_text("等待上级发布").first).to_be_visible()
    both_sizes(walker, clerk, "results-waiting")

    supervisor.goto(f"{installation.url}/results/{kept['wave']}")
    both_sizes(walker, supervisor, "results-supervisor")
    follow(supervisor.get_by_role("button", name=re.compile("发布")))
    clerk.goto(f"{installation.url}/results/{kept['wave']}")
    expect(clerk.get_by_text(re.compile(r"\d+\.\d%")).first).to_be_visible()
    both_sizes(walker, clerk, "results")


def test_a_closed_wave_takes_no_answers(open_context, walker, kept):
    page = walker.follow(open_context(PHONE).new_page())
    response = page.goto(kept["cards"][3])
    assert response.status == 410
    walker.look(page, "phone-closed")


def test_the_county_is_judged_with_the_surveys_rate(clerk, installation, walker, kept):
    clerk.goto(f"{installation.url}/assessments/new?county=140522")
    both_sizes(walker, clerk, "new-run")
    clerk.get_by_label(re.compile("调查")).last.select_option(index=1)
    follow(clerk.get_by_role("button", name="开始评估"))
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("未达标")
    both_sizes(walker, clerk, "verdict")
    for reason in ("R7", "G1", "G3"):
        expect(clerk.locator("main ol").first).to_contain_text(reason)
    clerk.get_by_text("为什么？").first.click()
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name=re.compile("评估报告")).click()
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_the_pages_are_complete_in_english(clerk, installation, walker, kept):
    for name, path in (
        ("english-county", "/counties/140522"),
        ("english-results", f"/results/{kept['wave']}"),
        ("english-verdict", "/assessments/1"),
    ):
        clerk.goto(f"{installation.url}{path}?lang=en")
        assert clerk.evaluate("document.documentElement.lang") == "en"
        walker.look(clerk, name)
    clerk.goto(f"{installation.url}/?lang=zh_CN")


def test_nothing_was_wrong_on_any_page_walked(walker):
    assert len(walker.seen) > 20
    assert walker.problems == []
