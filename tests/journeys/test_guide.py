"""The wave that the guides tell of, walked in the browser; its pages give the guides their pictures.

``python3 run.py test tests/journeys/test_guide.py --pictures`` writes the pictures into ``docs/pictures``.
Without the option the same pages are walked: every page and button that a guide names must be there.
"""

import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from survey_app import simulation
from survey_app.counties import service as counties
from survey_app.counties import yangcheng
from survey_app.db import db
from survey_app.fieldwork.models import Batch, Burst
from survey_app.surveys.models import Wave
from tests.factories import make_contacts
from tests.journeys.guides import check_named, check_shown, check_sizes, guides_of, keep
from tests.journeys.world import at, card, served

# The steps follow one another; a worker takes whole files, so one takes them all.
pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

OURS = guides_of(__name__)

TITLE = "2026年秋季社会认可度调查"


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory, browser):
    """阳城县 as it published itself, with simulated schools; its people, each at a window."""
    with served(tmp_path_factory.mktemp("guide"), sqlite_template, browser) as made:
        with made.app.app_context():
            document, provenance = yangcheng.build()
            counties.import_county_file(
                db.session, document, source="阳城县公开数字", by="wang", now=made.now, provenance=provenance
            )
            db.session.commit()
        for who, role, region, name in (
            ("clerk", "county", "140522", "王老师"),
            ("city", "city", "140500", "市督导室"),
            ("admin", "administrator", "140522", "管理员"),
            ("interviewer", "interviewer", "140522", "张访问员"),
        ):
            made.sit_down(who, role, region, name)
        yield made


def test_the_five_steps(world):
    page = world.go("clerk", "/counties/")
    world.go("clerk", "/counties/140522/import")
    world.go("clerk", "/counties/140522")
    world.go("clerk", "/surveys/new?county=140522")
    page.get_by_label("调查名称").fill(TITLE)
    page.get_by_label("开始时间").fill("2026-11-23T08:00")
    page.get_by_label("截止时间").fill("2026-11-27T20:00")
    page.get_by_label("咨询联系方式").fill("阳城县教育局督导室 0356-0000000")
    page.get_by_label("干扰举报方式").fill("晋城市教育督导室 0356-0000001")
    world.press("clerk", "保存，下一步")
    world.wave = int(re.search(r"/surveys/(\d+)/rules", page.url)[1])
    world.picture("rules", page, page.locator("#satisfaction"), page.locator("#dont_know"))
    world.press("clerk", "规则定下，下一步")
    world.press("clerk", "计算，先不保存")
    world.picture("plan", page, page.locator("h1"), page.locator("ul.cards"))
    world.press("clerk", "样本量与配额定下，下一步")
    world.press("clerk", "用学校数据生成抽样框")
    world.go("clerk", "/fieldwork/{wave}/frames")
    world.picture("frame", page, page.locator("h1"), page.locator("table").first)
    world.go("clerk", "/fieldwork/{wave}/draw")
    page.get_by_label("种子", exact=True).fill("2026年11月16日上午当众摇出 3 8 1 9 4 7")
    world.picture("draw", page, page.locator("h2", has_text="种子"), page.locator("main form").last, most=270)
    world.press("clerk", "固定抽样框并抽样")
    for path in ("certificate", "sample", "sample/person", "contacts"):
        world.go("clerk", f"/fieldwork/{{wave}}/{path}")
    world.go("clerk", "/surveys/")


def test_the_materials(world):
    world.now = at("2026-11-19T15:00")
    with world.app.app_context():
        batches = sa.select(Batch).where(Batch.wave_id == world.wave).order_by(Batch.position)
        world.school = db.session.scalars(batches.where(Batch.group == "parent")).first().school_code
    world.sit_down("school", "school", "140522", "李老师", school=world.school)
    world.go("clerk", "/fieldwork/{wave}")
    page = world.go("clerk", "/fieldwork/{wave}/materials")
    page.get_by_label("范围").select_option(world.school)
    world.press("clerk", "准备材料")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载材料（ZIP）").click()
    assert download.value.path().read_bytes()[:2] == b"PK"
    world.read("clerk")
    world.now = at("2026-11-20T10:00")
    page = world.go("clerk", "/fieldwork/{wave}/materials")
    world.picture("materials", page, page.locator("ul.cards"), page.locator("main form").first)
    with world.app.app_context():
        handed = [each.id for each in db.session.scalars(batches.where(Batch.school_code == world.school))]
    for batch_id in handed:
        world.go("clerk", f"/fieldwork/{{wave}}/batches/{batch_id}")
        page.get_by_label("接收人").first.fill("李老师（联络员）")
        world.press("clerk", "登记交出")
    world.go("clerk", "/fieldwork/{wave}/batches")
    world.follow("clerk", page.locator("table.units a").nth(1))
    page.get_by_text("登记丢失").first.click()
    page.get_by_label("经过").fill("路上丢失，司机报告")
    world.press("clerk", "登记丢失")
    world.go("clerk", "/fieldwork/{wave}/batches")
    world.picture("ledger", page, page.locator("h1"), page.locator("table tr").nth(8))
    world.go("school", "/school/")
    page = world.go("school", "/school/140522/{school}")
    world.picture("school", page, page.locator("h1"), page.locator("ul.cards"))


def test_codes_for_a_screen(world):
    page = world.go("clerk", "/entries/{wave}")
    for offered in ("village", "poster", "class"):
        world.go("clerk", f"/entries/{{wave}}/new/{offered}")
    page.get_by_label("对象和学校").select_option(index=1)
    page.get_by_label("名称").fill("三年级二班")
    page.get_by_label("这个码最多收多少份").fill("40")
    page.get_by_label("同类的码合计最多收多少份").fill("80")
    page.get_by_label("二维码").select_option(index=1)
    world.press("clerk", "做班级码")


def test_the_wave_opens(world):
    world.now = at("2026-11-22T16:00")
    world.go("clerk", "/fieldwork/{wave}")
    world.press("clerk", "打开调查")
    world.now = at("2026-11-23T09:10")
    page = world.go("clerk", "/entries/{wave}")
    world.follow("clerk", page.locator("table.points a").first)
    world.picture("screen", page, page.locator("#screen"), most=760)


def test_progress_and_the_telephone(world):
    with world.app.app_context():
        wave = db.session.get_one(Wave, world.wave)
        half = simulation.Behaviour(answering=0.34)
        for _ in simulation.answer_wave(db.session, wave, now=at("2026-11-24T12:00"), behaviour=half):
            pass
        spread_out(wave)
        make_contacts(wave, "public", people=40)
        db.session.commit()
    world.now = at("2026-11-25T10:30")
    page = world.go("clerk", "/fieldwork/{wave}/progress")
    world.picture("progress", page, page.locator("h1"), page.locator("table").first, most=800)
    world.go("school", "/entries/")
    world.go("clerk", "/telephone/")
    world.go("clerk", "/telephone/{wave}")
    page.get_by_label("其他群众").check()
    world.press("clerk", "生成个案")
    world.press("clerk", "分配")
    desk = world.go("interviewer", "/telephone/desk")
    world.press("interviewer", "打下一个")
    world.picture("call", desk, desk.locator("h1"), card(desk, "接通后"))
    world.follow("interviewer", desk.get_by_role("link", name="打开访问页"))
    world.go("clerk", "/telephone/{wave}")
    world.picture("telephone", page, page.locator("h1"), page.locator(".columns").first)
    for path in ("back-checks", "cases"):
        world.go("clerk", f"/telephone/{{wave}}/{path}")


def spread_out(wave: Wave) -> None:
    """Let the answers, which came in one instant, have come over two days: nobody answers all at once."""
    came = db.session.execute(sa.select(Burst.batch_id, sa.func.sum(Burst.n)).group_by(Burst.batch_id)).all()
    db.session.execute(sa.delete(Burst))
    chance = Random(2026)
    for batch_id, n in came:
        hours: dict[datetime, int] = defaultdict(int)
        for _ in range(n):
            day, minute = chance.choice((23, 24)), chance.randrange(0, 72)
            hours[at(f"2026-11-{day}T{8 + minute // 6:02}:{minute % 6}0")] += 1
        db.session.add_all(Burst(batch_id=batch_id, bucket=bucket, n=k) for bucket, k in hours.items())


def test_the_wave_is_closed_and_released(world):
    world.now = at("2026-11-27T18:00")
    with world.app.app_context():
        wave = db.session.get_one(Wave, world.wave)
        for _ in simulation.answer_wave(db.session, wave, now=world.now):
            pass
        db.session.commit()
    page = world.go("clerk", "/results/{wave}/extend")
    world.go("clerk", "/results/{wave}/abort")
    world.go("clerk", "/results/{wave}")
    page.get_by_label("输入这轮调查的名称，以确认截止").fill(TITLE)
    world.press("clerk", "截止调查")
    world.go("clerk", "/results/{wave}")
    world.go("city", "/results/{wave}")
    world.press("city", "发布结果")
    world.now = at("2026-11-28T09:00")
    world.go("clerk", "/results/{wave}")
    world.picture("results", page, page.locator("ul.cards"), page.locator("table").first)
    world.go("clerk", "/results/{wave}/erased")
    world.picture("erased", page, page.locator("h1"), page.locator("table"))


def test_the_accounts(world):
    world.go("admin", "/accounts/new")
    page = world.go("admin", "/accounts/")
    world.follow("admin", page.get_by_role("link", name="interviewer"))
    world.picture("account", page, page.locator("h1"), page.locator("main form").last)
    world.follow("admin", page.get_by_role("link", name="设定有效期"))
    world.follow("admin", page.get_by_role("link", name="返回"))
    world.press("admin", "生成一次性链接")
    world.go("admin", "/audit/")
    for who in ("clerk", "school", "interviewer"):
        world.go(who, "/accounts/password")
        world.go(who, "/accounts/second-factor")
    world.window("visitor")
    world.go("visitor", "/accounts/sign-in")


def test_pictures_are_written_when_asked_for(world, request):
    keep(world, request)


def test_guides_show_every_picture_that_was_made_and_no_other(world):
    check_shown(world, OURS)


def test_pictures_are_as_wide_as_the_pages_walked_and_quick_to_open(world):
    check_sizes(world, OURS)


@pytest.mark.parametrize("guide", OURS)
def test_everything_a_guide_names_is_on_the_pages_of_its_people(world, guide):
    check_named(world, guide)


def test_nothing_went_wrong_on_the_way(world):
    assert world.problems == []
