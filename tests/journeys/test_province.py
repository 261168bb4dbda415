"""A province looks over its counties in the browser: table, schedule, close supervision, reports, ledger.

Every page walked is looked at on a phone and on a laptop. The pages give the province's guide its pictures:
``python3 run.py test tests/journeys/test_province.py --pictures``.
"""

import io
import json
import re
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import Page, expect

from survey_app.db import db
from tests.conftest import NOW
from tests.journeys.conftest import LAPTOP
from tests.journeys.guides import check_named, check_shown, check_sizes, guides_of, keep
from tests.journeys.world import ADDRESS, Inspected, served
from tests.province import make_province

# The steps follow one another; a worker takes whole files, so one takes them all.
pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

OURS = guides_of(__name__)

PEOPLE = (
    ("province", "province", "140000", "山西省督导室 孙老师"),
    ("city", "city", "140500", "晋城市督导室 赵老师"),
)

#: What the schedule's document says of itself that does not agree, as numbers a reader can check.
CONTRADICTIONS = (r"117.*115|115.*117", r"陵川县.*2029.*2028|陵川县.*2028.*2029", r"23.*22")


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory, browser):
    """The 117 counties of Shanxi by name, every figure simulated; a province's and a city's people."""
    with served(tmp_path_factory.mktemp("province"), sqlite_template, browser, Inspected) as made:
        made.now = NOW
        with made.app.app_context():
            make_province(now=NOW)
            db.session.commit()
        for who, role, region, name in PEOPLE:
            made.sit_down(who, role, region, name)
        yield made


def rows(page: Page) -> list[str]:
    """The first cells of a page's table of counties."""
    return page.locator("table.county-table tbody th").all_text_contents()


def test_all_counties_stand_in_one_table(world):
    page = world.go("province", "/province/")
    assert page.url == f"{ADDRESS}/province/140000/"
    assert len(rows(page)) == 117
    by_name = rows(page)
    world.choose("province", "最差差异系数", exact=False)
    assert sorted(rows(page)) == sorted(by_name) != rows(page)
    table = page.locator(".county-table")
    world.picture("province-table", page, table.locator("caption"), table.locator("tr").nth(8))
    page.get_by_label("结论").select_option(label="未达标")
    world.press("province", "筛选")
    assert 0 < len(rows(page)) < 117
    with page.expect_download() as download:
        page.get_by_role("link", name="下载这张表（Excel）").click()
    sheet = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert sheet.max_row == 2 + len(rows(page))
    world.choose("province", "看各县小图")
    world.picture(
        "province-panels", page, page.locator("h1"), page.locator(".small-panels svg").nth(6), most=560
    )


def test_one_goes_down_to_a_county_and_back(world):
    page = world.go("province", "/province/140000/")
    page.locator("select[name=city]").select_option(label="晋城市")
    world.press("province", "筛选")
    assert len(rows(page)) == 6
    world.go("province", "/province/140500/")
    assert len(rows(page)) == 6
    county = page.locator("table.county-table tbody th a[href*='/assessments/']").first
    world.follow("province", county)
    assert "/assessments/" in page.url
    page = world.go("city", "/province/")
    assert page.url == f"{ADDRESS}/province/140500/"
    page.goto(f"{ADDRESS}/province/140000/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("找不到")


def test_the_schedule_is_checked_before_it_is_kept(world):
    world.go("province", "/schedule/")
    page = world.go("province", "/schedule/import")
    world.press("province", "核对自带的时间表")
    said = page.locator("main").inner_text()
    for each in CONTRADICTIONS:
        assert re.search(each, said), each
    contradictions = page.locator("table", has_text="矛盾").first
    world.picture("province-contradictions", page, page.locator("h1"), contradictions, most=560)
    world.press("province", "保存为山西省的时间表")
    page = world.go("province", "/schedule/140000/")
    world.picture("province-pace", page, page.locator("h1"), page.locator("figure.pace"), most=900)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载时间表（JSON）").click()
    assert json.loads(download.value.path().read_bytes())["schedule"]["head"]["id"] == "shanxi-2022"
    page = world.go("province", "/schedule/140524/")
    for year in ("2029", "2028"):
        expect(page.locator("main")).to_contain_text(year)
    page = world.go("province", "/province/140000/?at_risk=1")
    assert 0 < len(rows(page)) < 117


def test_a_county_is_put_under_close_supervision_and_taken_from_it(world):
    page = world.go("province", "/listing/")
    page.get_by_label("县（市、区）").first.select_option(label="晋城市 陵川县")
    world.press("province", "列入挂牌督办")
    page.get_by_label("理由").fill("时间表列 2029 年，本县规划 2028 年，两年没有进展")
    world.press("province", "列入挂牌督办")
    page = world.go("province", "/listing/")
    world.picture("province-listing", page, page.locator("h1"), page.locator("table tr").nth(4))
    page = world.go("province", "/listing/140524/")
    world.choose("province", "解除挂牌督办")
    page.get_by_label("理由").fill("整改方案已报，台账逐月更新")
    world.press("province", "解除挂牌督办")
    page = world.go("province", "/listing/140524/")
    expect(page.locator("main")).to_contain_text("整改方案已报")


def test_a_quarter_and_a_year_are_reported(world):
    page = world.go("province", "/dispatch/140000/")
    world.press("province", "做这一期报告")
    world.picture("province-dispatch", page, page.locator("h1"), page.locator("table tr").nth(4))
    told = page.locator(".told").first
    expect(told).to_be_hidden()
    page.locator("tbody th a").first.click()
    expect(told).to_be_in_viewport()
    quarter = _word(world, page)
    assert "2026年第四季度" in quarter
    assert "下一步要求" in quarter
    page = world.go("province", "/dispatch/140000/")
    page.get_by_label("哪一期").select_option(label="2026 年情况报告（全部县）")
    world.press("province", "做这一期报告")
    year = _word(world, page)
    assert "全域共117个县（市、区）" in year
    assert "附表" in year
    page = world.go("province", "/dispatch/140000/")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(f"{ADDRESS}/dispatch/140500/")
    page = world.go("city", "/dispatch/")
    assert page.url == f"{ADDRESS}/dispatch/140500/"


def _word(world: Inspected, page: Page) -> str:
    """Have the Word file of the report that is shown made; everything it says."""
    world.press("province", "准备 Word 文件")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载文件").click()
    content = download.value.path().read_bytes()
    assert zipfile.is_zipfile(io.BytesIO(content))
    paper = docx.Document(io.BytesIO(content))
    return "\n".join(each.text for each in paper.paragraphs)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_table_of_counties_fits_a_laptop(world, language):
    page = world.windows["province"]
    kept = page.viewport_size
    page.set_viewport_size(LAPTOP)
    page.goto(f"{ADDRESS}/province/140000/?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", re.compile(language[:2]))
    table = page.locator(".tall")
    assert table.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    page.goto(f"{ADDRESS}/province/140000/?lang=zh_CN")
    page.set_viewport_size(kept)


def test_the_ledgers_are_read_from_above(world):
    page = world.go("province", "/ledger/")
    page.get_by_label("市").select_option(label="晋城市")
    page.get_by_label("只看有逾期或停滞的").check()
    world.press("province", "筛选")
    assert 0 < page.locator("tbody tr").count() <= 6
    world.follow("province", page.locator("main table a").first)
    world.go("city", "/ledger/")


def test_pictures_are_written_when_asked_for(world, request):
    keep(world, request)


def test_the_guide_shows_every_picture_that_was_made_and_no_other(world):
    check_shown(world, OURS)


def test_pictures_are_as_wide_as_the_pages_walked_and_quick_to_open(world):
    check_sizes(world, OURS)


@pytest.mark.parametrize("guide", OURS)
def test_everything_the_guide_names_is_on_the_pages_of_its_people(world, guide):
    world.seen["visitor"] |= {"登录"}
    check_named(world, guide)


def test_nothing_went_wrong_on_the_way(world):
    assert world.problems == []
    assert world.walker.problems == []
