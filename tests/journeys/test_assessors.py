"""A county's application passes four levels in the browser; what came of it is checked on the command line.

Every page walked is looked at on a phone and on a laptop. The pages give the assessors' guide its pictures:
``python3 run.py test tests/journeys/test_assessors.py --pictures``.
"""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import openpyxl
import pyotp
import pypdfium2
import pytest
import sqlalchemy as sa
from docx.table import Table
from playwright.sync_api import Page, expect

from survey_app import settings_of, simulation
from survey_app.accounts import passwords
from survey_app.accounts.models import User
from survey_app.assessments import runs
from survey_app.assessments.applications.models import LEVELS
from survey_app.audit import AuditEntry
from survey_app.canonical import canonical
from survey_app.counties import service as counties
from survey_app.counties import yangcheng
from survey_app.db import db
from survey_app.fieldwork import opening
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.jobs import jobs_of
from survey_app.results import closing, releasing
from survey_app.results.jobs import MIX_WAVE
from survey_app.surveys import rules, service
from tests.journeys.conftest import PASSWORD
from tests.journeys.guides import DOCS, check_named, check_shown, check_sizes, guides_of, keep
from tests.journeys.world import Inspected, at, served

# The steps follow one another; a worker takes whole files, so one takes them all.
pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

OURS = guides_of(__name__)

SCHEME = "shanxi-2022"
ALTERED = "有内容被改动，见上面标 ✗ 的各条。请不要使用这份文件。"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"

#: Who looks at an application, in the order of its levels; the expert is the city's second person.
PEOPLE = (
    ("clerk", "county", "140522", "阳城县教育局 王老师"),
    ("city", "city", "140500", "晋城市督导室 赵老师"),
    ("expert", "assessor", "140500", "晋城市评估专家 钱老师"),
    ("province", "province", "140000", "山西省督导室 孙老师"),
    ("nation", "nation", "000000", "国家督导局 李老师"),
)


class Chain(Inspected):
    """An application on its way through the levels."""

    def __init__(self, *given):
        super().__init__(*given)
        self.secret = ""
        self.downloads: dict[str, bytes] = {}

    def application(self, who: str) -> Page:
        """Show somebody the application."""
        return self.go(who, "/applications/1")

    def judge(self, who: str, again: bool = False) -> Page:
        """Let somebody's level make its run of the application."""
        self.application(who)
        self.choose(who, "重新生成评估结果" if again else "生成评估结果")
        page = self.windows[who]
        page.get_by_label("社会认可度调查").select_option(index=0)
        return self.press(who, "生成评估结果")

    def sign(self, who: str) -> Page:
        """Let somebody sign, with the code of the telephone where there is one."""
        self.application(who)
        page = self.choose(who, "签署")
        page.get_by_label("您的密码").fill(PASSWORD)
        if page.get_by_label("验证码").count():
            page.get_by_label("验证码").fill(self.code())
        return self.press(who, "签署")

    def code(self) -> str:
        """What the telephone shows now."""
        return pyotp.TOTP(self.secret).at(self.now)

    def save(self, who: str, label: str) -> bytes:
        """Download what a link or a button gives."""
        page = self.windows[who]
        leading = page.get_by_role("link", name=label, exact=True).or_(
            page.get_by_role("button", name=label, exact=True)
        )
        with page.expect_download() as begun:
            leading.first.click()
        self.downloads[begun.value.suggested_filename] = content = begun.value.path().read_bytes()
        return content


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory, browser):
    """阳城县 with a file of the year before, a judged one, and a survey that is published; its people."""
    with served(tmp_path_factory.mktemp("assessors"), sqlite_template, browser, Chain) as made:
        with made.app.app_context():
            _county(made)
            db.session.commit()
        for who, role, region, name in PEOPLE:
            made.sit_down(who, role, region, name)
        with made.app.app_context():
            db.session.execute(sa.update(User).values(password_hash=passwords.hashed(PASSWORD)))
            db.session.commit()
        yield made


def _county(world: Chain) -> None:
    world.now = at("2026-10-12T09:00")
    before, _provenance = yangcheng.build(seed=2020)
    own = {"by": "wang", "now": world.now}
    older = counties.import_county_file(db.session, {**before, "year": 2020}, source="2020年模拟数据", **own)
    runs.make_run(db.session, county_file=older, scheme_id=SCHEME, level=LEVELS[0], **own)
    document, provenance = yangcheng.build()
    file = counties.import_county_file(
        db.session, document, source="阳城县公开数字", provenance=provenance, **own
    )
    opens = at("2026-10-19T08:00")
    wave = service.create_wave(
        db.session,
        county_file=file,
        title="2026年秋季社会认可度调查（模拟答卷）",
        scheme_id=SCHEME,
        rules=rules.default_rules(),
        opens_at=opens,
        closes_at=at("2026-10-23T20:00"),
        contact="阳城县教育局督导室（模拟）",
        pressure_contact="晋城市教育督导室（模拟）",
        group_sizes=service.counted_lists(file),
        **own,
    )
    settings = settings_of(world.app)
    framing.build_frame(db.session, wave, **own)
    drawing.draw_wave(db.session, wave, seed="2026", code_key=settings.code_key, **own)
    opening.open_wave(db.session, wave, keys=settings.keys, by="wang", now=at("2026-10-19T07:00"))
    for _ in simulation.answer_wave(db.session, wave, now=at("2026-10-21T12:00")):
        pass
    world.now = at("2026-10-23T21:00")
    closing.close_wave(db.session, wave, by="wang", now=world.now)
    world.wave = wave.id
    db.session.commit()
    jobs_of(world.app).perform(MIX_WAVE, {"wave_id": world.wave})
    releasing.release_wave(db.session, service.get_wave(db.session, world.wave), by="zhao", now=world.now)


def test_the_county_applies_judges_itself_and_signs(world):
    world.now = at("2026-11-02T09:00")
    world.window("visitor")
    page = world.go("visitor", "/accounts/sign-in")
    page.get_by_label("登录名").fill("clerk")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    world.press("visitor", "登录")
    page = world.go("clerk", "/assessments/")
    world.go("clerk", "/applications/")
    world.choose("clerk", "提出申请")
    world.choose("clerk", "阳城县")
    page.get_by_label("评估细则").select_option(SCHEME)
    world.press("clerk", "提出申请")
    world.choose("clerk", "判断")
    world.picture("assessor-judgements", page, page.locator("h1"), page.locator("table tr").nth(3))
    world.choose("clerk", "所有学校制定章程，实现学校管理与教学信息化", exact=False)
    page.get_by_label("达到", exact=True).check()
    page.get_by_label("说明").fill("全县学校章程汇编，2026年9月核准")
    page.get_by_label("上传佐证材料").set_input_files(
        {"name": "章程汇编.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_label("材料名称").fill("学校章程汇编")
    form = page.locator("main form").first
    world.picture("assessor-judgement", page, page.locator("h2").first, form, most=860)
    world.press("clerk", "保存判断")
    page = world.judge("clerk")
    world.choose("clerk", "第 2 次")
    world.picture("assessor-run", page, page.locator("h1"), page.locator("ul.cards").first, most=760)
    world.follow("clerk", page.locator("a[href*='/why/']", has_text="缺").first)
    page = world.sign("clerk")
    expect(page.get_by_text("现在由市级复核办理。")).to_be_visible()
    page.get_by_text("已签署，封存值").wait_for()


def test_the_city_asks_for_a_correction_and_the_county_answers_with_a_new_file(world):
    world.now = at("2026-11-04T09:00")
    page = world.go("city", "/applications/")
    world.picture("assessor-list", page, page.locator("h1"), page.locator("table"))
    world.choose("city", "阳城县 · 2026 年")
    page = world.judge("city")
    expect(page.get_by_text("数据、判断、改判和结论都没有变化。")).to_be_visible()
    world.choose("city", "与 2020 年的评估比较")
    expect(page.get_by_role("row").filter(has_text="差异系数").first).to_be_visible()
    world.application("city")
    world.choose("city", "补正")
    world.choose("city", "要求补正")
    page.get_by_label("针对的评估").select_option(index=0)
    page.get_by_label("针对的学校").select_option(label="城关第三小学")
    page.get_by_label("要求补正的内容").fill("城关第三小学登记 2 间音乐教室，现场有 3 间，请核对面积后改正。")
    page.get_by_label("期限").fill("2026-11-10")
    world.press("city", "要求补正")
    world.application("city")
    assert page.get_by_role("link", name="签署", exact=True).count() == 0
    page.get_by_text("补正", exact=False).first.wait_for()

    world.now = at("2026-11-05T09:00")
    page = world.go("clerk", "/counties/140522/import")
    document, _provenance = yangcheng.build()
    school = next(each for each in document["schools"] if each["name"] == "城关第三小学")
    school["music_rooms"] = [*school["music_rooms"], 98]
    corrected = json.dumps(document, ensure_ascii=False).encode()
    page.get_by_label("文件").set_input_files(
        {"name": "yangcheng.json", "mimeType": "application/json", "buffer": corrected}
    )
    world.press("clerk", "上传并检查")
    world.application("clerk")
    world.choose("clerk", "补正")
    world.choose("clerk", "第 1 号")
    page.get_by_label("改正后的县情数据").select_option(index=1)
    page.get_by_label("答复", exact=True).fill("漏报一间 98 平方米的音乐教室，已改正。")
    world.press("clerk", "答复")
    expect(page.get_by_text("第 4 次评估", exact=True).first).to_be_visible()

    page = world.go("city", "/applications/1/corrections")
    world.choose("city", "第 1 号")
    world.picture("assessor-correction", page, page.locator("h1"), page.locator("main form").last)
    world.press("city", "接受答复")
    world.application("city")
    world.picture("assessor-changed", page, page.locator("section[aria-labelledby=changed]"))


def test_the_city_returns_it_and_the_county_hands_it_in_again(world):
    world.now = at("2026-11-06T10:00")
    world.application("city")
    page = world.choose("city", "退回上一级")
    page.get_by_label("理由").fill("请补充布局规划的批复，按改正后的数据重新自评。")
    world.press("city", "退回申请")
    world.go("city", "/applications/1/judgements")

    page = world.go("clerk", "/applications/")
    world.application("clerk")
    world.go("clerk", "/applications/1/judgements/attestation/layout")
    page.get_by_label("达到", exact=True).check()
    page.get_by_label("说明").fill("县政府 2026 年批复调整后的布局规划")
    page.get_by_label("上传佐证材料").set_input_files(
        {"name": "批复.pdf", "mimeType": "application/pdf", "buffer": PDF + b"%2\n"}
    )
    world.press("clerk", "保存判断")
    world.judge("clerk")
    world.choose("clerk", "与前一次比较")
    world.sign("clerk")


def test_two_people_of_the_city_override_a_finding_after_a_visit(world):
    world.now = at("2026-11-09T10:00")
    page = world.go("expert", "/applications/1/visits")
    for place, group, asked, content in (
        ("城关第三小学门口", "家长", 40, 37), ("凤城镇南关村", "其他群众", 20, 18),
    ):  # fmt: skip
        page.get_by_label("走访日期").fill("2026-11-09")
        page.get_by_label("走访地点").fill(place)
        page.get_by_label("访问对象").select_option(label=group)
        page.get_by_label("实地走访人数（人）").fill(str(asked))
        page.get_by_label("满意人数（人）").fill(str(content))
        world.press("expert", "录入走访")
    expect(page.get_by_text("91.7%").first).to_be_visible()
    world.picture("assessor-visits", page, page.locator("h1"), page.locator("table"))
    page = world.judge("city")
    world.choose("city", "提出改判")
    page.locator("summary", has_text="音乐专用教室").click()
    world.follow("city", page.locator("details[open] a", has_text="西岭镇中心小学"))
    page.get_by_label("改判为").select_option(label="达标")
    page.get_by_label("理由").fill("太短")
    world.press("city", "提出改判")
    expect(page.get_by_text("10").first).to_be_visible()
    page.get_by_label("理由").fill("11 月 9 日实测，教学点合用的音乐教室 97 平方米，图纸和照片为证。")
    world.press("city", "提出改判")
    page = world.application("expert")
    world.follow("expert", page.locator("#overrides ~ ul a").first)
    page.get_by_label("决定", exact=True).select_option(label="同意改判")
    page.get_by_label("说明").fill("同意，已到现场。")
    world.picture("assessor-override", page, page.locator("h1"), page.locator("main form"))
    world.press("expert", "决定")
    world.judge("city")
    page = world.application("city")
    world.follow("city", page.locator("#overrides ~ ul a").first)
    assert page.locator("dl .tag").all_text_contents()[:2] == ["未达标", "达标"]
    page = world.sign("city")
    world.picture("assessor-levels", page, page.locator("h1"), page.locator("ol.steps"), most=400)


def test_the_province_and_the_nation_sign_with_a_second_factor(world):
    world.now = at("2026-11-16T09:00")
    world.go("province", "/applications/")
    world.judge("province")
    world.sign("province")

    world.now = at("2026-11-20T09:00")
    world.go("nation", "/accounts/password")
    page = world.choose("nation", "第二验证因素：手机验证码")
    world.secret = "".join((page.locator("main code").first.text_content() or "").split())
    page.get_by_label("验证码").fill(world.code())
    world.press("nation", "启用第二验证因素")
    world.now = at("2026-11-20T09:05")
    world.judge("nation")
    world.application("nation")
    page = world.choose("nation", "签署")
    world.picture("assessor-sign", page, page.locator("h1"), page.locator("main form"))
    page.get_by_label("您的密码").fill(PASSWORD)
    page.get_by_label("验证码").fill("000000")
    world.press("nation", "签署")
    assert page.get_by_text("已签署，封存值").count() == 0
    page = world.sign("nation")
    expect(page.get_by_text("国家认定已签署，没有通过认定。")).to_be_visible()
    steps = page.locator("#steps ~ ol > li").all_text_contents()
    assert [re.match(r"\s*(\S+) (\S+)", each)[2] for each in steps] == ["签署", "退回", *["签署"] * 4]
    world.picture("assessor-steps", page, page.locator("#overrides"), page.locator("#steps ~ ol"))
    world.go("clerk", "/applications/")
    world.application("clerk")


def test_every_report_is_downloaded(world):
    page = world.application("city")
    row = page.locator("#runs ~ div tbody tr", has_text="市级复核").first
    world.follow("city", row.get_by_role("link").first)
    world.choose("city", "重新计算核对")
    page.go_back()
    report = world.save("city", "下载评估报告（Word）")
    rows = [[cell.text for cell in row.cells] for table in _tables(report) for row in table.rows]
    (overridden,) = [row for row in rows if row[0].startswith("西岭镇中心小学 G3")]
    assert overridden[1:4] == ["0间", "未达标", "达标"]
    page.get_by_label("整改报告的期限").fill("2026-12-31")
    assert "请于2026年12月31日前报送整改报告" in _words(world.save("city", "下载反馈意见书（Word）"))
    assert "县域义务教育" in _words(world.save("city", "下载申报表（Word）"))
    book = openpyxl.load_workbook(io.BytesIO(world.save("city", "下载申报表（Excel）")))
    assert len(book.sheetnames) >= 6
    brief = pypdfium2.PdfDocument(world.save("city", "下载一页简报（PDF）"))
    assert len(brief) == 1
    assert "阳城县" in brief[0].get_textpage().get_text_bounded()
    assert json.loads(world.save("city", "下载结论数据（JSON）"))["verdict"] == "not_met"
    world.application("city")
    world.save("city", "核对文件")
    _keep_papers(world)


def _tables(content: bytes) -> list[Table]:
    return docx.Document(io.BytesIO(content)).tables


def _words(content: bytes) -> str:
    paper = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([each.text for each in paper.paragraphs] + cells)


def _keep_papers(world: Chain) -> None:
    """Leave the papers where pictures of the pages are wanted too."""
    if folder := os.environ.get("JUNHENG_SCREENSHOTS"):
        for name, content in world.downloads.items():
            Path(folder, name).write_bytes(content)


def test_the_evidence_pack_is_made_and_holds(world, tmp_path):
    page = world.application("nation")
    world.press("nation", "准备证据包")
    world.picture("assessor-pack", page, page.locator("h1"), page.locator("main form"))
    pack = world.save("nation", "下载证据包")
    _keep_papers(world)
    assert _verify(tmp_path / "pack.zip", pack) == (0, [], "全部核对一致。")


def test_a_changed_byte_of_the_pack_is_named(world, tmp_path):
    pack = next(content for name, content in world.downloads.items() if name.endswith(".zip"))
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name in ("county.json", "run.json", "papers/report.docx", "evidence/1.pdf"):
        altered = {**files, name: files[name].replace(b"1", b"2", 1)}
        with zipfile.ZipFile(path, "w") as archive:
            for each, content in altered.items():
                archive.writestr(each, content)
        ended, wrong, said = _verify(path, path.read_bytes())
        assert (ended, f"✗ 文件与校验值清单：{name}" in wrong) == (1, True), (name, wrong)
        assert said == ALTERED
    middle = len(pack) // 2
    flipped = pack[:middle] + bytes([pack[middle] ^ 1]) + pack[middle + 1 :]
    assert _verify(path, flipped)[0] == 1


def test_a_changed_run_file_or_audit_row_is_named(world, tmp_path):
    path = tmp_path / "run.json"
    kept = next(content for name, content in world.downloads.items() if name.endswith("-run.json"))
    assert _verify(path, kept) == (0, [], "全部核对一致。")
    document = json.loads(kept)
    document["run"]["input"] = document["run"]["input"].replace("城关第三小学", "城关第叁小学", 1)
    ended, wrong, said = _verify(path, canonical(document).encode())
    assert (ended, said) == (1, ALTERED)
    assert "✗ 数据快照的校验值" in wrong
    document = json.loads(kept)
    document["application"]["steps"][1]["reason"] = "同意"
    ended, wrong, said = _verify(path, canonical(document).encode())
    assert (ended, said) == (1, ALTERED)
    assert "✗ 第 2 步的内容或封存值被改动" in wrong
    document = json.loads(kept)
    row = next(each for each in document["audit"] if each["action"] == "override.decided")
    row["actor"] = "city"
    assert _verify(path, canonical(document).encode()) == (1, [f"✗ 第 {row['number']} 条审计记录"], ALTERED)


def test_a_changed_audit_row_of_the_database_is_named(world, tmp_path):
    settings = settings_of(world.app)
    with world.app.app_context():
        row = db.session.scalars(
            sa.select(AuditEntry.number).where(AuditEntry.action == "application.returned")
        ).one()
    with (
        sqlite3.connect(settings.home / "junheng.db") as kept,
        sqlite3.connect(tmp_path / "junheng.db") as copy,
    ):
        kept.backup(copy)
        for (trigger,) in copy.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
        ).fetchall():
            copy.execute(f'DROP TRIGGER "{trigger}"')
    said = _junheng("doctor", home=tmp_path)[1]
    assert "✓ 审计记录：连续完整" in said
    with sqlite3.connect(tmp_path / "junheng.db") as copy:
        copy.execute("UPDATE audit_entry SET actor = 'nobody' WHERE number = ?", (row,))
    ended, said = _junheng("doctor", home=tmp_path)
    assert ended == 1
    assert any(each.startswith(f"✗ 审计记录：第 {row} 条被改动") for each in said), said


def test_pictures_are_written_when_asked_for(world, request):
    keep(world, request)


def test_the_guide_shows_every_picture_that_was_made_and_no_other(world):
    check_shown(world, OURS)


def test_pictures_are_as_wide_as_the_pages_walked_and_quick_to_open(world):
    check_sizes(world, OURS)


@pytest.mark.parametrize("guide", OURS)
def test_everything_the_guide_names_is_on_the_pages_of_its_people(world, guide):
    check_named(world, guide)


def test_nothing_went_wrong_on_the_way(world):
    assert world.problems == []
    assert world.walker.problems == []


def _verify(path: Path, content: bytes) -> tuple[int, list[str], str]:
    """What ``junheng verify`` says of a file: how it ends, the lines of what was altered, and the verdict."""
    path.write_bytes(content)
    ended, said = _junheng("verify", str(path), home=path.parent)
    return ended, [each for each in said if each.startswith("✗")], said[-1]


def _junheng(*words: str, home: Path) -> tuple[int, list[str]]:
    """How a command ends, and its lines."""
    done = subprocess.run(
        [sys.executable, "-m", "survey_app", *words],
        env={**os.environ, "JUNHENG_HOME": str(home), "PYTHONUTF8": "1", "PYTHONPATH": str(DOCS.parent)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()
