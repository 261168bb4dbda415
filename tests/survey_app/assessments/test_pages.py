"""The room's pages: what they show, to whom, and what they refuse."""

import json

import pytest

from survey_app import clock
from survey_app.assessments.models import EvaluationRun
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import make_county_file, make_regions
from tests.page import get, post
from tests.survey_app.assessments.judged import judge, judge_small, judge_yangcheng, released_wave


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def yangcheng(app):
    with app.app_context():
        return judge_yangcheng().id


@pytest.fixture
def small(app):
    with app.app_context():
        return judge_small().id


def test_without_runs_the_list_says_what_to_do(app, signed_in):
    with app.app_context():
        make_regions()
        db.session.commit()
    assert "还没有评估" in get(signed_in(), "/assessments/").text


def test_the_list_shows_the_readers_counties_newest_first(app, signed_in, small):
    with app.app_context():
        judge(make_county_file(code="140524"))
    city = get(signed_in("city", "140500"), "/assessments/")
    assert city.text.index("陵川县") < city.text.index("阳城县")
    assert "未达标" in city.text
    assert "陵川县" not in get(signed_in("county", "140522"), "/assessments/").text


def test_a_new_evaluation_leads_from_the_county_to_the_verdict(app, signed_in):
    with app.app_context():
        file_id = make_county_file().id
        db.session.commit()
    client = signed_in()
    assert ("/assessments/new?county=140522", "阳城县") in get(client, "/assessments/new").links
    form = get(client, "/assessments/new?county=140522").form("/assessments/new")
    assert {"county_file", "scheme", "wave"} <= set(form["fields"])
    post(
        client,
        "/assessments/new?county=140522",
        {"county_file": file_id, "scheme": "shanxi-2022", "wave": 0},
        to="/assessments/1",
    )
    with app.app_context():
        run = db.session.get_one(EvaluationRun, 1)
        assert (run.made_by, run.made_at, run.level) == ("county-140522", NOW, "self_evaluation")


@pytest.mark.parametrize(
    "wrong", [{"county_file": "999"}, {"scheme": "nope"}, {"wave": "7"}, {"county_file": "x"}, {"scheme": ""}]
)
def test_a_choice_that_is_not_offered_makes_no_run(app, signed_in, wrong):
    with app.app_context():
        file_id = make_county_file().id
        make_county_file(code="430603")
        db.session.commit()
    data = {"county_file": file_id, "scheme": "shanxi-2022", "wave": 0} | wrong
    page = post(signed_in(), "/assessments/new?county=140522", data, status=422)
    assert "请先改正以下问题" in page.text
    with app.app_context():
        assert db.session.query(EvaluationRun).count() == 0


def test_a_county_without_figures_is_told_to_import_them(app, signed_in):
    with app.app_context():
        make_regions()
        db.session.commit()
    assert "请先导入县情数据" in get(signed_in(), "/assessments/new?county=140522", status=409).text
    assert "请先导入县情数据" in get(signed_in(), "/assessments/new").text


def test_another_countys_file_cannot_be_judged(app, signed_in):
    with app.app_context():
        file_id = make_county_file(code="140524").id
        db.session.commit()
    get(signed_in(), "/assessments/new?county=140524", status=404)
    data = {"county_file": file_id, "scheme": "shanxi-2022", "wave": 0}
    post(signed_in(), "/assessments/new?county=140524", data, status=404)


def test_the_verdict_names_the_county_its_document_and_its_reasons(signed_in, yangcheng):
    page = get(signed_in(), f"/assessments/{yangcheng}")
    assert page.h1 == "阳城县 2021 年评估 未达标"
    assert "依据 晋政教督办〔2022〕1号" in page.text
    reasons = page.text.split("判定理由")[2].split("资源配置")[0]
    assert "R7 每百名学生拥有网络多媒体教室数 · 13 所学校" in reasons
    assert "G1 义务教育学校规划布局合理" in reasons
    assert "G3 每12个班级配备音乐、美术专用教室1间以上 · 15 所学校" in reasons


def test_the_cards_count_schools_and_items(signed_in, yangcheng):
    text = get(signed_in(), f"/assessments/{yangcheng}").text
    assert "0 / 65 校" in text
    assert "13 所未达标，52 所缺数据" in text
    assert "4 / 15 项 G1、G3未达标；9 项缺数据" in text


def test_missing_figures_are_named_and_what_is_only_stated_is_shown_apart(signed_in, yangcheng):
    text = get(signed_in(), f"/assessments/{yangcheng}").text
    assert "无法判定 自述达标 缺：特殊教育公用经费" in text
    assert "只有自述、没有数据的内容" in text


def test_contradictions_and_simulated_figures_are_said(signed_in, yangcheng):
    text = get(signed_in(), f"/assessments/{yangcheng}").text
    assert "公布值10.7，而初中高于规定学历教师数804÷在校生6849得11.74" in text
    for remark in (
        "36万人”是取整的数",
        "没有公布校际差异系数",
        "没有说明是哪一次调查",
        "没有说是否向农村初中倾斜",
    ):
        assert remark in text.split("数据中的矛盾")[2].split("数据和规则的来历")[0]
    assert "这份数据里有模拟的数字" in text
    assert "哪些是公布的，哪些是模拟的" in text


def test_exemptions_name_their_duty(signed_in, yangcheng):
    assert "认定后须补足的学校" in get(signed_in(), f"/assessments/{yangcheng}").text


def test_a_cell_leads_to_its_inputs_formula_and_clause(signed_in, yangcheng):
    client = signed_in()
    links = get(client, f"/assessments/{yangcheng}").links
    cell = next(href for href, text in links if text == "0.73")
    page = get(client, cell)
    assert page.h1.startswith("城关第一小学 · 小学 · 每百名学生拥有网络多媒体教室数")
    for words in (
        "网络多媒体教室（间）",
        "在校生（人）",
        "数量合计 ÷ 在校生 × 100",
        "附件2 二（一）7",
        "≥ 2.3",
    ):
        assert words in page.text


def test_every_finding_has_its_own_explanation(app, signed_in, small):
    client = signed_in()
    with app.app_context():
        findings = json.loads(db.session.get_one(EvaluationRun, small).result)["findings"]
    kinds = {(each["formula"], each["outcome"]): place for place, each in enumerate(findings)}
    for place in kinds.values():
        assert findings[place]["reason"] in get(client, f"/assessments/{small}/why/{place}").text
    get(client, f"/assessments/{small}/why/{len(findings)}", status=404)


def test_official_verdict_and_interval_stand_side_by_side(app, signed_in):
    wave_id = released_wave(app, share=0.9)
    with app.app_context():
        from survey_app.surveys import service as surveys

        wave = surveys.get_wave(db.session, wave_id)
        run_id = judge(wave.county_file, wave=wave).id
    page = get(signed_in(), f"/assessments/{run_id}")
    assert "官方结论" in page.text
    assert "区间结论" in page.text
    assert "95% 区间" in page.text
    assert "其中：家长" in page.text


def test_a_released_result_leads_to_an_evaluation_that_cites_it(app, signed_in):
    wave_id = released_wave(app, share=0.9)
    client = signed_in()
    page = get(client, f"/results/{wave_id}")
    href = next(href for href, words in page.links if words == "用这个结果评估")
    assert f"wave={wave_id}" in href
    chosen = get(client, href).html
    assert f'<option selected value="{wave_id}">' in chosen


def test_a_newer_run_is_pointed_out(app, signed_in):
    with app.app_context():
        file = make_county_file()
        first, second = judge(file).id, judge(file).id
    assert "查看最新的第 2 次评估" in get(signed_in(), f"/assessments/{first}").text
    assert "查看最新的" not in get(signed_in(), f"/assessments/{second}").text


def test_the_page_in_english_is_judged_again_in_english(signed_in, small):
    text = get(signed_in(), f"/assessments/{small}?lang=en").text
    assert "Qualification Backbone PE and arts" in text
    assert "第8学校, junior: " in text


def test_the_result_is_given_as_stored(app, signed_in, small):
    answer = signed_in().get(f"/assessments/{small}/result.json")
    with app.app_context():
        run = db.session.get_one(EvaluationRun, small)
        assert answer.get_data(as_text=True) == run.result
    assert answer.content_type == "application/json"
    assert "junheng-140522-1.json" in answer.headers["Content-Disposition"]


def test_verification_says_whether_the_run_is_whole(app, signed_in, small):
    assert get(signed_in(), f"/assessments/{small}/verification").h1 == "重新计算核对 一致"
    with app.app_context():
        db.session.get_one(EvaluationRun, small).result = "{}"
        db.session.commit()
    assert get(signed_in(), f"/assessments/{small}/verification").h1 == "重新计算核对 不一致"


def test_the_report_is_a_word_file_that_prints_again_identically(signed_in, small):
    client = signed_in()
    first, again = (client.get(f"/assessments/{small}/report.docx") for _ in range(2))
    assert first.status_code == 200
    assert first.data == again.data
    assert first.data.startswith(b"PK")
    assert "junheng-140522-1.docx" in first.headers["Content-Disposition"]


PATHS = ("", "/why/0", "/result.json", "/verification", "/report.docx")


@pytest.mark.parametrize("path", PATHS)
def test_another_countys_run_looks_like_none(signed_in, small, path):
    assert signed_in("county", "140524").get(f"/assessments/{small}{path}").status_code == 404
    assert signed_in("county", "140522").get(f"/assessments/{small + 1}{path}").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_whoever_keeps_accounts_or_the_trail_sees_no_runs(signed_in, small, path):
    assert signed_in("auditor", "140000").get(f"/assessments/{small}{path}").status_code == 403


def test_visitors_are_sent_to_sign_in(client, small):
    assert "/accounts/sign-in" in client.get(f"/assessments/{small}").location
