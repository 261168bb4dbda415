"""The schedule's pages: look at it, keep it, follow the pace, record what was recognised elsewhere."""

import csv
import io
from hashlib import sha256

import pytest

from evaluation.loader import SCHEDULES
from survey_app import clock
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.supervision.schedule import service
from survey_app.supervision.schedule.models import RecordedRecognition
from tests.conftest import NOW
from tests.page import get, post

FILES = {path.name: path.read_bytes() for path in (SCHEDULES / "shanxi-2022").iterdir()}

NAMED = {"title": "规划", "document": "晋〔2026〕1号", "issuer": "省督导委", "issued": "2026-01-01"}


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def sealed_in(page):
    return page.form("/import/keep")["fields"]["looked_at"]


def keep(client):
    """Look at Shanxi's schedule and keep it."""
    looked = post(client, "/schedule/import/stored", {"stored": "shanxi-2022"}, status=200)
    post(client, "/schedule/import/keep", {"looked_at": sealed_in(looked)}, to="/schedule/140000/")
    return looked


def upload(client, *files, status=200, **given):
    sent = [(io.BytesIO(content), name) for name, content in files]
    return post(
        client, "/schedule/import/upload", {"province": "140000", "files": sent, **given}, status=status
    )


def versions(app):
    with app.app_context():
        return [(each.version, each.document) for each in service.versions(db.session, "140000")]


def test_the_stored_schedule_is_looked_at_with_its_contradictions_then_kept_once(app, signed_in):
    client = signed_in("province", "140000")
    assert "山西省还没有时间表" in get(client, "/schedule/", follow=True).text
    assert versions(app) == []
    looked = keep(client)
    assert "文件有 9 处自相矛盾" in looked.text
    for said in (
        "表头：晋城市 晋城市：表头6个，表中列出5个",
        "表头：运城市 运城市：表头13个，表中列出12个",
        "表头：2023 年 2023年：表头1个，表中列出0个",
        "表头：2028 年 2028年：表头17个，表中列出16个",
        "合计 各市表头合计117个，各年份表头合计117个，表中列出115个",
        "其他文件：陵川县 陵川县：表中为2029年，陵政办发〔2021〕62号（二、总体目标）为2028年",
        "正文 二（三）、三（二） 正文说",
    ):
        assert said in looked.text
    keep(client)
    assert versions(app) == [(1, "晋政教督办〔2022〕1号")]
    with app.app_context():
        (entry,) = db.session.query(AuditEntry).filter_by(action="schedule.kept")
        assert entry.region_code == "140000"


def test_the_page_counts_and_shows_both_years_of_a_contradiction(signed_in):
    client = signed_in("province", "140000")
    keep(client)
    page = get(client, "/schedule/140000/")
    assert "已过年份没有通过 要处理 22 个" in page.text
    assert "2026年：表头" not in page.text
    lingchuan = get(client, "/schedule/140524/")
    assert "规划年份 2029；另有 2028 年 陵政办发〔2021〕62号" in lingchuan.text
    assert {"/schedule/140500/", "/listing/140524/", "/province/140524/"} <= {
        href for href, _ in lingchuan.links
    }
    with_both = client.get("/schedule/140524/schedule.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(with_both))
    assert (row["规划年份"], row["其他年份"]) == ("2029", "2028 陵政办发〔2021〕62号")
    rows = list(
        csv.DictReader(io.StringIO(client.get("/schedule/140000/schedule.csv").data.decode("utf-8-sig")))
    )
    assert len(rows) == 117
    assert {row["县（市、区）"]: row["进度"] for row in rows}["泽州县"] == "没有列入年份"


def test_a_city_sees_its_own_pace_and_whoever_is_elsewhere_nothing(signed_in):
    keep(signed_in("province", "140000"))
    city = signed_in("city", "140500")
    page = get(city, "/schedule/", follow=True)
    assert page.h1 == "认定时间表 · 晋城市"
    assert "/schedule/import" not in page.html
    rows = list(
        csv.DictReader(io.StringIO(city.get("/schedule/140500/schedule.csv").data.decode("utf-8-sig")))
    )
    assert {row["市"] for row in rows} == {"晋城市"}
    for hidden in ("140000", "140100", "149900", "000000", "abc"):
        assert city.get(f"/schedule/{hidden}/").status_code == 404
    assert city.get("/schedule/import").status_code == 403
    assert signed_in("province", "430000").get("/schedule/140000/").status_code == 404


def test_the_nation_chooses_among_provinces(signed_in):
    nation = signed_in("nation", "000000")
    assert "还没有时间表" in get(nation, "/schedule/").text
    keep(nation)
    listed = get(nation, "/schedule/")
    assert "/schedule/140000/" in [href for href, _text in listed.links]
    assert nation.get("/schedule/000000/").status_code == 404


def test_what_was_kept_has_the_digest_that_is_shown(signed_in):
    client = signed_in("province", "140000")
    keep(client)
    page = get(client, "/schedule/140000/versions/1")
    given = client.get("/schedule/140000/versions/1.json")
    assert sha256(given.data).hexdigest() in page.text
    assert given.get_json()["schedule"]["head"]["id"] == "shanxi-2022"
    assert client.get("/schedule/140000/versions/2").status_code == 404


def test_a_preview_belongs_to_whoever_looked_and_cannot_be_changed(app, signed_in):
    client = signed_in("province", "140000")
    looked = post(client, "/schedule/import/stored", {"stored": "shanxi-2022"}, status=200)
    sealed = sealed_in(looked)
    other = signed_in("nation", "000000")
    for who, given in ((client, sealed[:-2]), (client, ""), (other, sealed)):
        assert "预览已经失效" in post(who, "/schedule/import/keep", {"looked_at": given}, status=409).text
    assert versions(app) == []
    hunan = signed_in("province", "430000")
    assert post(hunan, "/schedule/import/stored", {"stored": "shanxi-2022"}, status=422)


def test_the_files_of_a_folder_give_what_the_stored_schedule_gives(app, signed_in):
    client = signed_in("province", "140000")
    looked = upload(client, *FILES.items())
    assert "文件有 9 处自相矛盾" in looked.text
    post(client, "/schedule/import/keep", {"looked_at": sealed_in(looked)}, to="/schedule/140000/")
    assert versions(app) == [(1, "晋政教督办〔2022〕1号")]


def test_a_list_needs_the_documents_names_and_states_no_heads(app, signed_in):
    client = signed_in("province", "140000")
    content = (
        "市,县（市、区）,规划年份\n晋城市,阳城县,2025\n晋城市,陵川县,2029\n阳泉市,阳泉市城区,2026\n".encode(
            "gb18030"
        )
    )
    bare = upload(client, ("表.csv", content), status=422)
    assert "请写明文号" in bare.text
    assert "请写明发文日期" in bare.text
    looked = upload(client, ("表.csv", content), **NAMED)
    assert "列出 3 个县" in looked.text
    assert "表头6个" not in looked.text
    assert "晋城市泽州县没有列入任何年份" in looked.text
    assert "阳泉市阳泉市城区" not in looked.text
    post(client, "/schedule/import/keep", {"looked_at": sealed_in(looked)}, to="/schedule/140000/")
    keep(client)
    assert [number for number, _document in versions(app)] == [2, 1]
    assert "已被新版本代替" in get(client, "/schedule/140000/versions/1").text


def test_every_fault_of_every_file_is_named_with_its_place_and_nothing_is_kept(app, signed_in):
    client = signed_in("province", "140000")
    head = FILES["schedule.toml"].decode()
    head = head.replace("issued   = 2022-07-01", 'issued   = "soon"').replace('clause   = "附件1"', "", 1)
    head = head.replace("year     = 2024", "year     = 2024\ncolour   = 1", 1)
    counties = (
        FILES["counties.csv"]
        .decode()
        .replace("迎泽区,2025", "迎泽区,2025\n太原市,迎泽区,2025\n太远市,甲县,2040\n太原市,,明年")
    )
    divisions = FILES["divisions.csv"].decode().replace("140105", "940105", 1)
    refused = upload(
        client,
        ("schedule.toml", head.encode()),
        ("counties.csv", counties.encode()),
        ("divisions.csv", divisions.encode()),
        status=422,
    )
    for said in (
        "schedule.toml!issued",
        "schedule.toml!clause",
        "schedule.toml!years.1.colour",
        "counties.csv!B3",
        "counties.csv!A4",
        "counties.csv!B5",
        "counties.csv!C5",
        "divisions.csv!B2",
        "没有叫“太远市”的市",
        "与 B2 重复",
    ):
        assert said in refused.text, said
    assert versions(app) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "请上传一份时间表"),
        ([("a.csv", b"x"), ("b.csv", b"y")], "认不出是哪一种"),
        ([("a.pdf", b"%PDF")], "不是 .xlsx 或 .csv 文件"),
        ([("a.xlsx", b"no zip")], "不是 .xlsx 工作簿"),
        ([("a.csv", b"\xff\xff\xff" * 9)], "无法识别"),
        ([("a.csv", "市,县（市、区）,规划年份\n".encode())], "没有填写"),
        ([("a.csv", "省,县,年\n晋城市,阳城县,2025\n".encode())], "表头应是"),
        ([("schedule.toml", b"a = [" * 5000), ("a.csv", FILES["counties.csv"])], "不是有效的 TOML"),
        ([("schedule.toml", b"\xff"), ("a.csv", FILES["counties.csv"])], "文字编码不是 UTF-8"),
        (
            [("schedule.toml", b"a = 1\nb = ]"), ("a.csv", FILES["counties.csv"])],
            "读到第 2 行第 5 列就读不下去了",
        ),
        (
            [("schedule.toml", b"a = " + b"9" * 5000), ("a.csv", FILES["counties.csv"])],
            "读到第 1 行第 5005 列",
        ),
        ([("a.csv", b"city,county,year\n" + b"x" * 3_000_000)], "超过 2048 kB"),
    ],
    ids=[
        "none",
        "two",
        "pdf",
        "no-zip",
        "letters",
        "empty",
        "headers",
        "nested",
        "not-utf8",
        "syntax",
        "digits",
        "large",
    ],
)
def test_what_is_no_schedule_is_refused_in_words(app, signed_in, files, said):
    refused = upload(signed_in("province", "140000"), *files, status=422, **NAMED)
    assert said in refused.text
    assert versions(app) == []


def test_the_template_comes_back_filled(app, signed_in):
    from openpyxl import load_workbook

    client = signed_in("province", "140000")
    book = load_workbook(io.BytesIO(client.get("/schedule/template.xlsx").data))
    sheet, heads = book["时间表"], book["表头"]
    assert sheet.max_row == 3 + 117
    for row in range(4, sheet.max_row + 1):
        sheet.cell(row, 3, 2026)
    sheet.delete_rows(120)
    heads.cell(4, 1, "晋城市")
    heads.cell(4, 2, 5)
    heads.cell(5, 1, "2026年")
    heads.cell(5, 2, 117)
    filled = io.BytesIO()
    book.save(filled)
    looked = upload(client, ("填好.xlsx", filled.getvalue()), **NAMED)
    assert "列出 116 个县" in looked.text
    assert "晋城市：表头5个，表中列出6个" in looked.text
    assert "2026年：表头117个，表中列出116个" in looked.text


def test_a_recognition_made_elsewhere_is_recorded_and_taken_back(app, signed_in):
    client = signed_in("province", "140000")
    keep(client)
    form = {"recognised_on": "2025-12-30", "document": "教督函〔2026〕1号"}
    address = "/schedule/140522/recognition"
    assert "还没有到" in post(client, address, form | {"recognised_on": "2027-01-01"}, status=422).text
    post(client, address, form, to="/schedule/140522/")
    assert "已通过 2025-12-30 教督函〔2026〕1号" in get(client, "/schedule/140522/").text
    assert "已经登记 2025-12-30" in post(client, address, form, status=422).text
    row = client.get("/schedule/140522/schedule.csv").data.decode("utf-8-sig").splitlines()[1]
    assert "已通过,2025-12-30" in row
    assert post(client, f"{address}/withdraw", {"reason": "  "}, status=422)
    post(client, f"{address}/withdraw", {"reason": "登记错了县"}, to="/recognition")
    assert "登记错了县" in get(client, address).text
    assert "不需要撤回" in post(client, f"{address}/withdraw", {"reason": "再来"}, status=422).text
    with app.app_context():
        assert service.recognised(db.session, ["140522"]) == {}
        assert db.session.query(RecordedRecognition).count() == 1
