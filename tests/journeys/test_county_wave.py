"""A county's wave in five steps, from its title to the released rate: Yangcheng's and a large county's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import BEIJING, now
from survey_app.config import Settings
from tests.journeys.conftest import LAPTOP, PASSWORD, PHONE, follow

# The steps follow one another; a worker takes whole files, so one takes them all.
pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


@dataclass(frozen=True, kw_only=True)
class County:
    """A county to be surveyed, and what its plan must come to."""

    code: str
    login: str
    title: str
    #: Expected response in percent, typed where it is not the usual one.
    response: str
    sample: int
    invited: int


YANGCHENG = County(
    code="140522", login="clerk", title="阳城县社会认可度调查", response="", sample=540, invited=636
)
LARGE = County(
    code="140525", login="clerk-large", title="大县社会认可度调查", response="100", sample=1602, invited=1602
)

SIZES = {"人大代表名单人数": "420", "政协委员名单人数": "380", "其他群众名单人数": "9000"}


def large_county() -> dict:
    """A county of 1 067 905 people with 360 schools: invented, but as such counties are."""
    schools = []
    localities = ("urban", "town", "town", "rural", "rural")
    for number in range(360):
        junior = number % 4 == 3
        stage, kind = ("junior", "junior") if junior else ("primary", "primary")
        grades = ("7", "8", "9") if junior else ("1", "2", "3", "4", "5", "6")
        each = 25 + number * 7 % 120
        staff = max(6, each * len(grades) // 14)
        schools.append(
            {
                "code": f"L{number:03}",
                "name": f"第{number + 1}{'初级中学' if junior else '小学'}",
                "kind": kind,
                "locality": localities[number % 5],
                "ownership": "public",
                "boarding": junior,
                "township": f"第{number % 24 + 1}镇",
                "pupils": {stage: each * len(grades)},
                "grade_pupils": dict.fromkeys(grades, each),
                "teachers": {stage: {"total": staff}},
            }
        )
    return {
        "format": "county/1",
        "county": {"code": LARGE.code, "name": "泽州县", "resident_population": 1_067_905},
        "year": 2026,
        "schools": schools,
    }


def add_large_county(settings: Settings) -> None:
    """Store the large county's file, and the account of its clerk."""
    from survey_app import create_app
    from survey_app.accounts import service as people
    from survey_app.counties import service as counties
    from survey_app.db import db
    from survey_app.security import Held

    app = create_app(settings)
    with app.app_context():
        counties.import_county_file(db.session, large_county(), source="large", by="test", now=now())
        people.add_user(
            db.session,
            login=LARGE.login,
            name=LARGE.login,
            password=PASSWORD,
            appointments=[Held("county", LARGE.code)],
            by="test",
            now=now(),
        )
        db.session.commit()
        db.engine.dispose()


@pytest.fixture(scope="module")
def sign_in(open_context, installation, walker) -> Callable[[str], Page]:
    """Open a window for somebody, once for each."""
    add_large_county(installation.settings)
    windows: dict[str, Page] = {}

    def window(login: str) -> Page:
        if login not in windows:
            page = walker.follow(open_context(LAPTOP).new_page())
            page.goto(f"{installation.url}/accounts/sign-in")
            page.get_by_label("登录名").fill(login)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            follow(page.get_by_role("button", name="登录"))
            windows[login] = page
        return windows[login]

    return window


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """County code → the number of its wave."""
    return {}


def both_sizes(walker, page: Page, name: str) -> None:
    for viewport in (PHONE, LAPTOP):
        page.set_viewport_size(viewport)
        walker.look(page, name)


@pytest.mark.parametrize("county", [YANGCHENG, LARGE], ids=lambda county: county.code)
class TestCounty:
    def test_the_wave_is_begun_and_its_rules_settled(self, county, sign_in, installation, walker, kept):
        page = sign_in(county.login)
        page.goto(f"{installation.url}/surveys/new?county={county.code}")
        follow(page.get_by_role("button", name="保存，下一步"))
        expect(page.get_by_role("alert")).to_contain_text("请填写联系方式")
        opens = now().astimezone(BEIJING) - timedelta(hours=1)
        page.get_by_label("调查名称").fill(county.title)
        page.get_by_label("开始时间").fill(f"{opens:%Y-%m-%dT%H:%M}")
        page.get_by_label("截止时间").fill(f"{opens + timedelta(days=5):%Y-%m-%dT%H:%M}")
        page.get_by_label("咨询联系方式").fill("县教育局督导室 0356-0000000")
        page.get_by_label("干扰举报方式").fill("市教育督导室 0356-0000001")
        both_sizes(walker, page, f"step-1-{county.code}")
        follow(page.get_by_role("button", name="保存，下一步"))
        kept[county.code] = re.search(r"/surveys/(\d+)/rules", page.url)[1]
        both_sizes(walker, page, f"step-2-{county.code}")
        follow(page.get_by_role("button", name="规则定下，下一步"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("样本量与配额")

    def test_a_wave_that_was_left_is_taken_up_again(self, county, sign_in, installation, walker, kept):
        page = sign_in(county.login)
        page.goto(f"{installation.url}/surveys/")
        both_sizes(walker, page, f"waves-{county.code}")
        row = page.get_by_role("row", name=re.compile(county.title))
        follow(row.get_by_role("link", name="定样本量与配额"))
        assert page.url.endswith(f"/surveys/{kept[county.code]}/plan")

    def test_size_and_quotas_are_computed_and_settled(self, county, sign_in, walker):
        page = sign_in(county.login)
        if county is LARGE:
            for label, size in SIZES.items():
                page.get_by_label(label).fill(size)
            for label in ("家长", "学生", "教师", "校长", "人大代表", "政协委员", "其他群众"):
                page.get_by_label(f"{label}预期应答率").fill(county.response)
        follow(page.get_by_role("button", name="计算，先不保存"))
        expect(page.locator(".card .figure").first).to_have_text(re.compile(f"{county.sample:,} 份"))
        expect(page.locator("tfoot")).to_contain_text(f"{county.invited:,}")
        both_sizes(walker, page, f"step-3-{county.code}")
        follow(page.get_by_role("button", name="样本量与配额定下，下一步"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("抽样框")

    def test_the_frame_is_built_and_the_sample_drawn(self, county, sign_in, installation, walker, kept):
        page = sign_in(county.login)
        both_sizes(walker, page, f"step-4-empty-{county.code}")
        follow(page.get_by_role("button", name="用学校数据生成抽样框"))
        both_sizes(walker, page, f"step-4-{county.code}")
        page.goto(f"{installation.url}/fieldwork/{kept[county.code]}/draw")
        both_sizes(walker, page, f"step-5-{county.code}")
        page.get_by_label("种子", exact=True).fill(f"journey-{county.code}")
        follow(page.get_by_role("button", name="固定抽样框并抽样"))
        expect(page.get_by_role("status").first).to_be_visible()
        page.goto(f"{installation.url}/surveys/{kept[county.code]}")
        expect(page.locator(".five .done")).to_have_count(5)
        expect(page.locator("tfoot").first).to_contain_text(f"{county.invited:,}")
        both_sizes(walker, page, f"drawn-{county.code}")

    def test_the_wave_is_opened(self, county, sign_in, installation, walker, kept):
        page = sign_in(county.login)
        page.goto(f"{installation.url}/fieldwork/{kept[county.code]}")
        both_sizes(walker, page, f"cards-{county.code}")
        follow(page.get_by_role("button", name="打开调查"))
        expect(page.get_by_text("正在作答").first).to_be_visible()
        both_sizes(walker, page, f"field-{county.code}")

    def test_the_wave_is_extended(self, county, sign_in, installation, walker, kept):
        page = sign_in(county.login)
        page.goto(f"{installation.url}/results/{kept[county.code]}/extend")
        later = now().astimezone(BEIJING) + timedelta(days=7)
        page.get_by_label("新的截止时间").fill(f"{later:%Y-%m-%dT%H:%M}")
        page.get_by_label("延期的原因").fill("雨雪停课两天")
        if county is YANGCHENG:
            both_sizes(walker, page, "extend")
        follow(page.get_by_role("button", name="延期"))
        expect(page.get_by_text("雨雪停课两天").first).to_be_visible()

    def test_the_invited_people_answer(self, county, installation, kept):
        """They answer through the same services as the pages, which other journeys walk in the browser."""
        from survey_app import create_app, simulation
        from survey_app.db import db
        from survey_app.surveys import service

        app = create_app(installation.settings)
        with app.app_context():
            wave = service.get_wave(db.session, int(kept[county.code]))
            answered = 0
            for _ in simulation.answer_wave(db.session, wave, now=now()):
                answered += 1
                if answered % 100 == 0:
                    db.session.commit()
            db.session.commit()
            db.engine.dispose()
        assert answered > 0.85 * county.invited

    def test_the_wave_is_closed_mixed_and_released(self, county, sign_in, installation, walker, kept):
        page, address = sign_in(county.login), f"{installation.url}/results/{kept[county.code]}"
        page.goto(address)
        expect(page.get_by_text("截止以前谁也看不到答案").first).to_be_visible()
        both_sizes(walker, page, f"close-{county.code}")
        page.get_by_label("输入这轮调查的名称，以确认截止").fill(county.title)
        follow(page.get_by_role("button", name="截止调查"))
        for _ in range(80):
            page.goto(address)
            if page.get_by_text("等待上级发布").count():
                break
            page.wait_for_timeout(500)
        expect(page.get_by_text("等待上级发布").first).to_be_visible()
        supervisor = sign_in("supervisor")
        supervisor.goto(address)
        both_sizes(walker, supervisor, f"release-{county.code}")
        follow(supervisor.get_by_role("button", name="发布结果"))

    def test_the_county_reads_form_vi_and_what_was_erased(self, county, sign_in, installation, walker, kept):
        page = sign_in(county.login)
        page.goto(f"{installation.url}/results/{kept[county.code]}")
        expect(page.locator("table").first.get_by_role("row", name=re.compile("^计"))).to_contain_text(
            f"{county.invited:,}"
        )
        both_sizes(walker, page, f"results-{county.code}")
        with page.expect_download() as download:
            page.get_by_role("link", name="Excel").click()
        assert download.value.path().read_bytes()[:2] == b"PK"
        follow(page.get_by_role("link", name="已销毁的内容"))
        expect(page.get_by_role("row", name=re.compile("打开答卷的钥匙"))).to_be_visible()
        both_sizes(walker, page, f"erased-{county.code}")


def test_a_wave_that_is_called_off_says_so(sign_in, installation, walker):
    page = sign_in(YANGCHENG.login)
    page.goto(f"{installation.url}/surveys/new?county={YANGCHENG.code}")
    page.get_by_label("调查名称").fill("要取消的一轮")
    page.get_by_label("咨询联系方式").fill("县教育局督导室")
    page.get_by_label("干扰举报方式").fill("市教育督导室")
    follow(page.get_by_role("button", name="保存，下一步"))
    number = re.search(r"/surveys/(\d+)/rules", page.url)[1]
    page.goto(f"{installation.url}/results/{number}/abort")
    both_sizes(walker, page, "abort")
    page.get_by_label("取消的原因").fill("方案重做")
    page.get_by_label("输入这轮调查的名称，以确认取消").fill("要取消的一轮")
    follow(page.get_by_role("button", name="取消调查，销毁答卷"))
    expect(page.get_by_text("方案重做").first).to_be_visible()
    both_sizes(walker, page, "aborted")


def test_nothing_was_wrong_on_any_page_walked(walker):
    assert len(walker.seen) > 25
    assert walker.problems == []
