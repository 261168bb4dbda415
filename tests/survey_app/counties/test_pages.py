import hashlib
import io
import json

import pytest

from survey_app.counties import service, uploads, yangcheng
from survey_app.counties.models import CountyFile
from survey_app.counties.workbook import read_workbook, workbook_bytes
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import make_county_file, small_county
from tests.page import Page, get


@pytest.fixture
def yangcheng_file(app):
    """The demo county, imported."""
    document, provenance = yangcheng.build()
    with app.app_context():
        file = service.import_county_file(
            db.session, document, source="规划", by="yangcheng", now=NOW, provenance=provenance
        )
        db.session.commit()
        return file.digest


@pytest.fixture
def small_file(app):
    with app.app_context():
        make_county_file()
        db.session.commit()


def small(**county):
    document = json.loads(json.dumps(small_county()))
    document["county"] = {**document["county"], "code": "140522", "name": "阳城县", **county}
    return document


def upload(client, content, name="county.json", code="140522"):
    """Send *content* through the import page's form."""
    form = get(client, f"/counties/{code}/import").forms[-1]
    data = {"csrf_token": form["fields"]["csrf_token"], "file": (io.BytesIO(content), name)}
    return client.post(f"/counties/{code}/import", data=data, content_type="multipart/form-data")


def stored(app):
    with app.app_context():
        return [(each.year, each.version, each.source) for each in service.files_of(db.session, [""])]


def page_of(response, status):
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return Page(status, response.get_data(as_text=True)).check()


def test_somebody_of_one_county_goes_straight_to_it(signed_in):
    client = signed_in("county", "140522")
    assert client.get("/counties/").location == "/counties/140522"
    page = get(client, "/counties/140522")
    assert page.h1 == "阳城县"
    assert "还没有这个县的数据" in page.text
    assert ("/counties/140522/import", "导入县情数据") in page.links


def test_a_city_sees_a_list_of_its_counties_and_nothing_beside(app, signed_in, small_file):
    with app.app_context():
        make_county_file(code="430603")
        db.session.commit()
    page = get(signed_in("city", "140500"), "/counties/")
    assert "阳城县" in page.text
    assert "云溪区" not in page.text
    assert "还没有县情数据" in get(signed_in("city", "140100"), "/counties/").text


def test_the_overview_shows_the_published_figures_beside_the_schools_sums(signed_in, yangcheng_file):
    page = get(signed_in("county", "140522"), "/counties/140522")
    assert page.h1.startswith("阳城县 2021 年县情")
    assert "含模拟数据" in page.h1
    for figure in ("360,000", "13,566", "6,849", "1,433", "1,095", "784", "小学 44 · 初中 21 · 特殊教育 1"):
        assert figure in page.text
    assert page.text.count("一致") >= 4
    assert "不一致" not in page.text
    assert "36万人”是取整的数" in page.text
    assert yangcheng_file[:12] in page.text


def test_a_published_total_that_the_schools_do_not_add_up_to_is_marked(app, signed_in):
    document = small()
    document["totals"] = {"pupils": {"primary": 1, "junior": 1}}
    with app.app_context():
        service.import_county_file(db.session, document, source="x", by="test", now=NOW)
        db.session.commit()
    assert "不一致" in get(signed_in("county", "140522"), "/counties/140522").text


def test_the_schools_are_a_table_with_a_row_each(signed_in, yangcheng_file):
    page = get(signed_in("province", "140000"), "/counties/140522/schools")
    assert page.html.count('<th scope="row">') == 66
    assert "城关第一小学" in page.text
    assert "2,018,917" in page.text
    assert "不代表真实学校" in page.text


def test_real_data_is_not_called_simulated(signed_in, small_file):
    client = signed_in("county", "140522")
    for url in ("/counties/140522", "/counties/140522/schools"):
        assert "模拟" not in get(client, url).text
    assert "上报" in get(client, "/counties/140522").text


@pytest.mark.parametrize("code", ["140500", "140599", "14052", "1405220", "x", "140522%00", "１４０５２２"])
def test_only_counties_have_a_page(signed_in, small_file, code):
    client = signed_in("nation", "000000")
    missing = get(client, "/counties/999999", status=404)
    assert get(client, f"/counties/{code}", status=404).same_for_all == missing.same_for_all


def test_the_workbook_and_the_json_hold_what_was_imported(app, signed_in, yangcheng_file, tmp_path):
    client = signed_in("auditor", "140500")
    answer = client.get("/counties/140522/county.json")
    assert hashlib.sha256(answer.data).hexdigest() == yangcheng_file
    assert "attachment; filename=county-140522-2021-v1.json" in answer.headers["Content-Disposition"]
    workbook = client.get("/counties/140522/county.xlsx")
    (tmp_path / "back.xlsx").write_bytes(workbook.data)
    with app.app_context():
        file = service.latest_county_file(db.session, "140522")
        assert read_workbook(tmp_path / "back.xlsx") == json.loads(file.content)


def test_the_template_is_a_workbook(signed_in):
    answer = signed_in("county", "140522").get("/counties/template.xlsx")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


def test_a_json_file_is_imported_and_a_correction_is_the_next_version(app, signed_in):
    client = signed_in("county", "140522")
    assert upload(client, json.dumps(small()).encode(), "一版.json").location == "/counties/140522"
    assert "第 1 版" in get(client, "/counties/140522").text
    upload(client, b"\xef\xbb\xbf" + json.dumps(small(resident_population=99_000)).encode(), "二版.json")
    page = get(client, "/counties/140522")
    assert "已导入 2025 年第 2 版" in page.text or "第 2 版" in page.text
    assert "99,000" in page.text
    year = small()["year"]
    assert stored(app) == [(year, 2, "二版.json"), (year, 1, "一版.json")]


def test_the_same_file_again_is_said_and_not_stored(app, signed_in):
    client = signed_in("county", "140522")
    upload(client, json.dumps(small()).encode())
    upload(client, json.dumps(small()).encode(), "again.json")
    assert "完全相同，没有另存新版本" in get(client, "/counties/140522").text
    assert len(stored(app)) == 1


def test_a_workbook_is_imported(app, signed_in):
    content = workbook_bytes(small())
    assert upload(signed_in("county", "140522"), content, "文件/阳城.xlsx").location == "/counties/140522"
    assert stored(app) == [(small()["year"], 1, "阳城.xlsx")]


def test_a_workbook_with_faults_is_answered_with_all_of_them_and_stored_not_at_all(app, signed_in):
    document = small()
    document["schools"][0]["kind"] = "castle"
    broken = workbook_bytes(document)
    page = page_of(upload(signed_in("county", "140522"), broken, "broken.xlsx"), 422)
    assert "没有保存任何内容" in page.text
    assert "学校!" in page.text
    assert stored(app) == []


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "", "请选择要上传的文件"),
        (b"PK", "county.doc", "“county.doc”不是 .xlsx 或 .json 文件"),
        (b"{", "county.json", "不是有效的 JSON 文件"),
        (b"not a zip", "county.xlsx", "整个文件"),
        ("{}".encode("utf-16"), "county.json", "UTF-8"),
        (b"[" * 100_000, "county.json", "不是有效的 JSON 文件"),
        (json.dumps(small(code="140524")).encode(), "county.json", "这个页面是140522"),
        (json.dumps(small(name="a\x00b")).encode(), "county.json", "控制字符"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_one_clear_message(app, signed_in, content, name, said):
    page = page_of(upload(signed_in("county", "140522"), content, name), 422)
    assert said in page.text
    assert stored(app) == []


def test_a_file_that_is_too_large_is_not_even_read(app, signed_in, monkeypatch):
    monkeypatch.setitem(uploads.LARGEST, ".json", 10)
    page = page_of(upload(signed_in("county", "140522"), json.dumps(small()).encode()), 422)
    assert "超过" in page.text
    assert stored(app) == []


def test_a_hundred_faults_are_listed_and_the_rest_counted(app, signed_in):
    document = small()
    school = document["schools"][0]
    document["schools"] = [{**school, "code": f"S{n}", "kind": f"castle {n}"} for n in range(130)]
    page = page_of(upload(signed_in("county", "140522"), json.dumps(document).encode()), 422)
    assert page.html.count('<th scope="row">') == 100
    assert "共有 130 处问题" in page.text
    assert "另有 30 种问题" in page.text


def test_faults_that_say_the_same_of_many_places_are_one_line(signed_in):
    document = small()
    school = document["schools"][0]
    document["schools"] = [{**school, "code": f"S{n}", "kind": "castle"} for n in range(130)]
    page = page_of(upload(signed_in("county", "140522"), json.dumps(document).encode()), 422)
    assert page.html.count('<th scope="row">') == 1
    assert "等 130 处" in page.text
    assert "schools[129].kind" in page.text


def test_only_the_county_itself_may_import(signed_in):
    get(signed_in("city", "140500"), "/counties/140522/import", status=403)
    get(signed_in("county", "140524"), "/counties/140522/import", status=404)


def test_stored_texts_are_printed_as_text(app, signed_in):
    document = small()
    document["schools"][0]["name"] = "<script>alert(1)</script>"
    document["schools"][0]["township"] = "'\"><img src=x onerror=alert(1)>"
    client = signed_in("county", "140522")
    assert upload(client, json.dumps(document).encode(), "<b>.json").status_code == 302
    for url in ("/counties/140522", "/counties/140522/schools"):
        html = get(client, url).html
        assert "<script>alert" not in html
        assert "<img" not in html


def test_an_import_holds_no_database_lock_while_the_file_is_read(app, signed_in, monkeypatch):
    """A slow workbook of one county must not keep the phones of another waiting."""
    free = []

    def look(upload):
        with db.engine.connect() as connection, connection.begin():
            free.append(connection.exec_driver_sql("SELECT 1").scalar())
        return uploads.Upload(json.dumps(small()).encode())

    monkeypatch.setattr(uploads, "read", look)
    upload(signed_in("county", "140522"), b"x")
    assert free == [1]
    with app.app_context():
        assert db.session.query(CountyFile).count() == 1
