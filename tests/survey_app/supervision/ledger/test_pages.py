"""The ledger's pages: gaps and plans become tasks, the county reports, the level above decides."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from survey_app import clock
from survey_app.assessments.models import EvaluationRun
from survey_app.db import db
from survey_app.prepared import make
from survey_app.supervision.ledger import tasks
from survey_app.supervision.ledger.models import MergerTrial, Task
from tests.conftest import NOW
from tests.factories import make_county_file
from tests.page import get, post
from tests.survey_app.assessments.judged import judge_yangcheng

LEDGER = "/ledger/140522/"

#: The smallest file that is a PDF.
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def run(app):
    with app.app_context():
        return judge_yangcheng().id


def numbers(app):
    with app.app_context():
        return [task.number for task in db.session.query(Task).order_by(Task.number)]


def test_an_empty_ledger_says_where_to_begin(signed_in, run):
    shown = get(signed_in("county", "140522"), LEDGER)
    assert "从最近一次评估发现的差距开始最快" in shown.text
    assert [text for href, text in shown.links if href.endswith(f"/from-run/{run}")]


def test_gaps_become_tasks_once(app, signed_in, run):
    client = signed_in("county", "140522")
    page = f"{LEDGER}from-run/{run}"
    assert "城关第一小学" in get(client, page).text
    chosen = ["G1||", "R7|YC-X01|primary"]
    given = {"gaps": chosen, "deadline": "2027-06-30", "department": "县教育局"}
    assert post(client, page, given).status_code == 303
    again = post(client, page, given)
    assert again.status_code == 303
    assert len(numbers(app)) == 2
    shown = get(client, LEDGER)
    assert "另有 2 处差距已经有没办完的任务" in shown.text
    assert "2027-06-30" in shown.text
    assert post(client, page, {"department": "县教育局"}).status == 422


def test_the_plan_of_yangcheng_brings_its_money(signed_in, run):
    client = signed_in("county", "140522")
    assert "1,260 一致" in get(client, f"{LEDGER}from-plan").text
    assert post(client, f"{LEDGER}from-plan", {"plan": "yangcheng-2021"}).status_code == 303
    shown = get(client, LEDGER)
    assert "5,757 万元" in shown.text
    assert "2023 年 1,260" in shown.text
    late = get(client, f"{LEDGER}?late=1&department=县教育局&item=G3")
    assert "任务 5 项" in late.text


def test_the_county_hands_in_and_the_city_decides(app, signed_in, run):
    county, city = signed_in("county", "140522"), signed_in("city", "140500")
    post(
        county,
        f"{LEDGER}new",
        {"title": "建设音乐教室", "department": "教育局", "budgets": "2026 120.5", "finding": "G3"},
    )
    task = f"{LEDGER}tasks/1"
    assert "2026 年 120.5 万元" in get(county, task).text
    bare = post(county, f"{task}/report", {"step": "handed_in", "text": "已建成"})
    assert bare.status == 422
    assert "还没有佐证文件" in bare.text
    proof = (io.BytesIO(PDF), "验收单.pdf")
    handed = {"step": "handed_in", "text": "已建成", "evidence": proof}
    assert post(county, f"{task}/report", handed).status_code == 303
    assert post(county, f"{task}/decide", {"step": "accepted"}).status == 403
    assert post(city, f"{task}/report", {"step": "begun"}).status == 403
    assert post(city, f"{task}/decide", {"step": "rejected", "text": "面积不足"}).status_code == 303
    shown = get(county, task)
    assert "面积不足" in shown.text
    (link,) = [href for href, text in shown.links if text == "验收单"]
    given = county.get(link)
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.data == PDF
    assert post(county, f"{task}/report", {"step": "handed_in", "text": "已扩建"}).status_code == 303
    assert post(city, f"{task}/decide", {"step": "accepted"}).status_code == 303
    assert "已完成" in get(county, task).text


def test_a_step_of_the_other_side_is_no_choice(signed_in, run, app):
    county = signed_in("county", "140522")
    post(county, f"{LEDGER}new", {"title": "招聘", "department": "人社局"})
    refused = post(county, f"{LEDGER}tasks/1/report", {"step": "accepted", "text": "好"})
    assert refused.status == 422
    with app.app_context():
        assert db.session.query(Task).one().events == []


@pytest.mark.parametrize(
    "line", ["明年 5", "2026", "2026 -1", "2026 1e999", "2026 0.00001", "1 1", "2026 1\n2026 2"]
)
def test_money_that_cannot_be_read_is_named(signed_in, run, app, line):
    client = signed_in("county", "140522")
    refused = post(client, f"{LEDGER}new", {"title": "招聘", "department": "人社局", "budgets": line})
    assert refused.status == 422
    assert "看不懂" in refused.text
    assert numbers(app) == []


def test_a_change_shows_on_the_task(signed_in, run):
    client = signed_in("county", "140522")
    post(client, f"{LEDGER}new", {"title": "招聘", "department": "人社局"})
    changed = {
        "department": "编办",
        "helpers": "教育局，财政局",
        "budgets": "2027：30",
        "deadline": "2027-08-31",
    }
    assert post(client, f"{LEDGER}tasks/1/change", changed).status_code == 303
    shown = get(client, f"{LEDGER}tasks/1")
    assert "编办" in shown.text
    assert "教育局、财政局" in shown.text
    assert "2027 年 30 万元" in shown.text


def test_the_workbook_has_every_task_its_sum_and_no_formula(app, signed_in, run):
    client = signed_in("county", "140522")
    post(client, f"{LEDGER}new", {"title": "=HYPERLINK(1)", "department": "+人社局", "budgets": "2026 0.5"})
    post(client, f"{LEDGER}from-plan", {"plan": "yangcheng-2021"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{LEDGER}ledger.xlsx").data))
    rows = book.get_sheet_by_name("工作台账").to_python()
    assert rows[2][3] == "'=HYPERLINK(1)"
    assert rows[-1][0].startswith("合计")
    assert rows[-1][11] == 5757.5
    assert len(rows) == 2 + 32 + 1


def test_mergers_are_tried_beside_the_real_state(app, signed_in, run):
    client = signed_in("county", "140522")
    with app.app_context():
        schools = db.session.get_one(EvaluationRun, run).county_file.schools
        codes = [each.code for each in schools if each.kind == "primary"]
    given = {"title": "两校合并", "run": run, f"into-{codes[1]}": codes[0]}
    assert post(client, f"{LEDGER}mergers", given).status_code == 303
    with app.app_context():
        trial = db.session.query(MergerTrial).one().id
    shown = get(signed_in("city", "140500"), f"{LEDGER}mergers/{trial}")
    assert "不再是单独的学校" in shown.text
    assert "这是设想" in shown.text
    assert post(client, f"{LEDGER}mergers", {"title": "空", "run": run}).status == 422
    circle = {"title": "互并", "run": run, f"into-{codes[1]}": codes[0], f"into-{codes[0]}": codes[1]}
    assert post(client, f"{LEDGER}mergers", circle).status == 422


def test_a_plan_of_remedies_becomes_tasks(app, signed_in, run):
    client = signed_in("county", "140522")
    prices = (io.BytesIO(b'format = "costs/1"\n[buy]\nmultimedia_rooms = 35000\n'), "prices.toml")
    asked = post(client, f"{LEDGER}remedies", {"run": run, "costs": prices})
    assert asked.status_code == 303
    with app.app_context():
        make(db.session, app, 1, now=clock.now)
    shown = get(client, f"{LEDGER}remedies/1")
    assert shown.status == 200
    assert "补短板方案" in shown.text
    wrong = (io.BytesIO(b'format = "costs/1"\n[buy]\nnonsense = 1\n'), "prices.toml")
    refused = post(client, f"{LEDGER}remedies", {"run": run, "costs": wrong})
    assert refused.status == 422
    assert "nonsense" in refused.text


def test_supervisors_see_their_counties_side_by_side(app, signed_in, run):
    with app.app_context():
        draft = tasks.Draft(title="建设", department="教育局")
        tasks.add_tasks(db.session, "140522", [draft], by="test", now=NOW)
        db.session.commit()
        late = tasks.Draft(title="补教师", department="人社局", deadline=NOW.date() - timedelta(days=1))
        tasks.add_tasks(db.session, "140524", [late], by="test", now=NOW)
        make_county_file(code="140524")
        db.session.commit()
    province = signed_in("province", "140000")
    shown = get(province, "/ledger/").text
    assert "阳城县" in shown
    assert "陵川县" in shown
    assert "2 县（共 2 县）" in shown
    assert "涉及 1 县" in shown
    for query in ("late=1", "late=1&city=晋城市"):
        late_ones = get(province, f"/ledger/?{query}").text
        assert "阳城县" not in late_ones
        assert "陵川县" in late_ones
    nowhere = get(province, "/ledger/?city=太原市").text
    assert "没有符合条件的县" in nowhere
    assert "阳城县" not in get(signed_in("city", "140100"), "/ledger/").text
