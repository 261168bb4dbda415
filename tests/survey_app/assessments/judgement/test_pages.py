"""The pages of judging: what they show, to whom, and what they refuse."""

import io
import json

import pytest

from survey_app import clock, evidence, settings_of
from survey_app.assessments.applications.models import Application, ApplicationStep
from survey_app.assessments.judgement.models import Correction, FieldVisit, Judgement, Remark
from survey_app.assessments.models import EvaluationRun
from survey_app.db import db
from tests.conftest import NOW
from tests.page import get, post
from tests.survey_app.assessments.judgement.applied import PDF, apply, enter, newer_file, pdf, run, sign
from tests.survey_app.assessments.judgement.test_holding import file_of

HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def applied(app):
    """An application at self-evaluation; its address."""
    with app.app_context():
        found = apply()
        db.session.commit()
        return f"/applications/{found.id}"


@pytest.fixture
def reviewed(app):
    """An application at the review with a run of it; its address."""
    with app.app_context():
        found = apply(level="review")
        run(found, file_of(found), "review")
        db.session.commit()
        return f"/applications/{found.id}"


def files(*given):
    return {"files": [(io.BytesIO(content), name) for content, name in given]}


def test_everything_asked_stands_in_one_table_and_what_is_missing_first(app, signed_in, applied):
    county = signed_in()
    with app.app_context():
        found = db.session.get_one(Application, int(applied.rpartition("/")[2]))
        enter(app, found, "attestation", "layout", True, handed=[pdf()])
        db.session.commit()
    page = get(county, f"{applied}/judgements").text
    rows = page[page.index("还没有判断的在前") :]
    assert rows.index("G2 城乡学校建设标准") < rows.index("G1 义务教育学校规划布局合理")
    assert rows.index("V3 重点学校或重点班") < rows.index("G1 义务教育学校规划布局合理")
    entered = get(county, f"{applied}/judgements?show=entered").text
    assert "G1 义务教育学校规划布局合理" in entered
    assert "G2 城乡学校建设标准" not in entered
    assert "没有这样的内容" in get(county, f"{applied}/judgements?show=missing").text


def test_a_judgement_is_entered_with_its_evidence_and_shown(app, signed_in, applied):
    county = signed_in()
    address = f"{applied}/judgements/attestation/layout"
    given = {"answer": "true", "note": HOSTILE, "title": f"规划{HOSTILE}"}
    post(county, address, given | files((PDF, "规划.pdf"), (PDF, "纪要.pdf")), to=f"{applied}/judgements")
    page = get(county, address)
    assert HOSTILE in page.text
    assert "<script>alert" not in page.html
    assert "纪要" in page.text
    assert "达到 county 140522 2026-11-22" in get(county, f"{applied}/judgements").text
    with app.app_context():
        judged = db.session.query(Judgement).one()
        assert (judged.value, judged.made_by, len(judged.evidence)) == ("true", "county-140522", 2)
        first = judged.evidence[0].id
    answer = county.get(f"{applied}/evidence/{first}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    kept = post(county, address, {"answer": "false", "note": "改判", "kept": str(first)}, to="/judgements")
    assert kept.status_code == 303
    with app.app_context():
        last = db.session.query(Judgement).order_by(Judgement.id.desc()).first()
        assert [each.id for each in last.evidence] == [first]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "请选择一项"),
        ({"answer": "maybe"}, "请选择一项"),
        ({"answer": "false"}, "请写明理由"),
        ({"answer": "true", "note": "长" * 2001}, "最多 2000 个字，现在有 2001 个字"),
        ({"answer": "true", "title": "a\u0007b"}, "不要有换行或控制字符"),
        ({"answer": "true", "kept": "99999"}, ""),
        ({"answer": "true"} | files((b"<html>", "a.pdf")), "内容与文件名不符"),
        ({"answer": "true"} | files((PDF, "a.pdf"), (b"", "b.pdf")), "“b.pdf”是空文件"),
        ({"answer": "true"} | files((b"MZ", "\u202efdp.exe")), "不是可以上传的文件"),
        ({"answer": "true"} | files(*[(PDF, "a.pdf")] * 9), "一次最多上传 8 份"),
    ],
)
def test_a_judgement_that_cannot_stand_is_refused_beside_its_field(app, signed_in, applied, given, said):
    page = post(signed_in(), f"{applied}/judgements/attestation/layout", given, status=422)
    assert said in page.text
    with app.app_context():
        assert db.session.query(Judgement).count() == 0
        assert not evidence.folder_of(settings_of(app)).exists()


def test_a_file_beyond_all_bounds_is_refused(app, signed_in, applied):
    county = signed_in()
    given = {"answer": "true"} | files((bytes(40 * 1024 * 1024), "a.pdf"))
    assert "太大" in post(county, f"{applied}/judgements/attestation/layout", given, status=413).text


def test_points_are_entered_and_taken_back_with_a_reason(app, signed_in):
    with app.app_context():
        found = apply(scheme="hunan-2023")
        db.session.commit()
        applied = f"/applications/{found.id}"
    county, address = signed_in(), f"{applied}/judgements/points/27.2"
    for wrong, said in (
        ("3.5", "0 到 3 之间"),
        ("x", "0 到 3 之间"),
        ("", "0 到 3 之间"),
        ("1.234", "两位小数"),
        ("1e99999", "0 到 3 之间"),
        ("NaN", "0 到 3 之间"),
    ):
        assert said in post(county, address, {"points": wrong}, status=422).text
    post(county, address, {"points": "2.5"}, to="/judgements")
    assert "2.5 分" in get(county, f"{applied}/judgements").text
    assert "请写明原因" in post(county, f"{address}/take-back", {"reason": ""}, status=422).text
    post(county, f"{address}/take-back", {"reason": "重评"}, to="/judgements")
    page = get(county, address)
    assert "已撤回判断" in page.text
    assert "现在采用 没有判断" in page.text


def test_who_is_not_at_turn_reads_and_cannot_enter(app, signed_in, applied):
    city = signed_in("city", "140500")
    address = f"{applied}/judgements/attestation/layout"
    page = get(city, address)
    assert "申请现在在县级自评" in page.text
    assert not [form for form in page.forms if "take-back" in (form["action"] or "")]
    assert "files" not in page.html
    assert "现在不在您这一级" in post(city, address, {"answer": "true"}, status=409).text
    post(city, f"{applied}/visits", visit(), status=409)
    with app.app_context():
        assert db.session.query(Judgement).count() == 0


def test_another_countys_application_looks_like_none(app, signed_in, applied):
    with app.app_context():
        other = apply(code="140524")
        judged = enter(app, other, "attestation", "layout", True, handed=[pdf()])
        file_id = judged.evidence[0].id
        db.session.commit()
        foreign = f"/applications/{other.id}"
    county = signed_in()
    missing = get(county, "/applications/99999/judgements", status=404).same_for_all
    for path in ("judgements", "visits", "remarks", "corrections", f"evidence/{file_id}"):
        assert get(county, f"{foreign}/{path}", status=404).same_for_all == missing
    assert county.get(f"{applied}/evidence/{file_id}").status_code == 404, "under an application of one's own"
    post(county, f"{applied}/evidence/{file_id}/withdraw", {"reason": "x"}, status=404)
    for path in ("attestation/none", "points/layout", "veto/layout"):
        get(county, f"{applied}/judgements/{path}", status=404)


def test_withdrawn_evidence_is_gone_and_says_why(app, signed_in, applied):
    county = signed_in()
    address = f"{applied}/judgements/attestation/layout"
    post(county, address, {"answer": "true"} | files((PDF, "规划.pdf")), to="/judgements")
    withdraw = next(href for href, text in get(county, address).links if text == "撤回")
    assert "撤回“规划”" in get(county, withdraw).h1
    post(county, withdraw, {"reason": ""}, status=422)
    post(county, withdraw, {"reason": "含个人信息"}, to="/judgements")
    assert "含个人信息" in get(county, address).text
    get(county, withdraw.removesuffix("/withdraw"), status=410)


def test_evidence_of_a_signed_run_is_kept_and_the_page_names_the_signature(app, signed_in, applied):
    county = signed_in()
    address = f"{applied}/judgements/attestation/layout"
    post(county, address, {"answer": "true"} | files((PDF, "规划.pdf")), to="/judgements")
    withdraw = next(href for href, text in get(county, address).links if text == "撤回")
    with app.app_context():
        found = db.session.get_one(Application, int(applied.rpartition("/")[2]))
        made = run(found, file_of(found), "self_evaluation")
        sign(found, "self_evaluation", made)
        give_back(found)
        db.session.commit()
        run_id = made.id
    said = post(county, withdraw, {"reason": "含个人信息"}, status=409).text
    assert "test 于 2026-11-22 办理时已经封存，不能再撤回" in said
    get(county, withdraw, status=409)
    assert "撤回" not in [text for _href, text in get(county, address).links]
    proof = next(
        href for href, text in get(county, f"/assessments/{run_id}/verification").links if text == "规划"
    )
    assert county.get(proof).get_data() == PDF


def test_a_run_judged_again_shows_what_people_judged_and_names_what_was_altered(app, signed_in, applied):
    county = signed_in()
    with app.app_context():
        found = db.session.get_one(Application, int(applied.rpartition("/")[2]))
        enter(app, found, "attestation", "layout", False, note=f"缺规划{HOSTILE}", handed=[pdf()])
        enter(app, found, "veto", "exam_admission", False)
        db.session.commit()
    post(county, f"{applied}/visits", visit(), to="/visits")
    with app.app_context():
        found = db.session.get_one(Application, int(applied.rpartition("/")[2]))
        made = run(found, file_of(found), "self_evaluation")
        db.session.commit()
        run_id, kept = made.id, made.judgements
        proof = json.loads(kept)[0]["evidence"][0]["digest"]
    address = f"/assessments/{run_id}/verification"
    page = get(county, address)
    assert "不一致" not in page.text
    for said in ("G1 义务教育学校规划布局合理", "没有达到", "没有发生", "走访 20 人，满意 17 人", "布局规划"):
        assert said in page.text
    assert proof[:16] in page.text
    assert "<script>" not in page.html.partition("</head>")[2]
    assert "Judgements by people" in get(county, f"{address}?lang=en").text
    with app.app_context():
        evidence.withdraw(
            db.session, db.session.query(evidence.Evidence).one(), reason="错", by="county", now=NOW
        )
        db.session.commit()
    assert "布局规划 已撤回" in get(county, f"{address}?lang=zh").text
    with app.app_context():
        db.session.get_one(EvaluationRun, run_id).judgements = kept.replace("缺规划", "有规划")
        db.session.commit()
    assert "重新计算核对 不一致" in get(county, address).h1


def give_back(application):
    """Let the city return an application to the county."""
    application.steps.append(
        ApplicationStep(
            number=len(application.steps) + 1,
            level="review",
            action="returned",
            run_id=application.steps[-1].run_id,
            reason="请补充",
            seal="0" * 64,
            made_at=NOW,
            made_by="city",
            made_by_name="city",
        )
    )
    db.session.flush()


def visit(**changed):
    given = {"visited_on": "2026-11-20", "place": "凤城镇", "school": "", "group": "parent"}
    return given | {"interviewed": "20", "satisfied": "17", "note": ""} | changed


def test_visits_are_summed_against_the_standard(app, signed_in, applied):
    county = signed_in()
    post(county, f"{applied}/visits", visit(place=f"城关{HOSTILE}"), to="/visits")
    page = get(county, f"{applied}/visits")
    assert "走访满意度为满意人数与实地走访人数之比，须达到 85%" in page.text
    assert "走访满意度 85.0% 达标" in page.text
    assert "<script>" not in page.html.partition("</head>")[2]
    post(county, f"{applied}/visits", visit(group="public", satisfied="16"), to="/visits")
    assert "未达标" in get(county, f"{applied}/visits").text
    with app.app_context():
        made = db.session.query(FieldVisit).order_by(FieldVisit.id.desc()).first().id
    post(county, f"{applied}/visits/{made}/withdraw", {"reason": "重复录入"}, to="/visits")
    again = get(county, f"{applied}/visits").text
    assert "重复录入" in again
    assert "未达标" not in again


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"satisfied": "21"}, "满意人数 21 多于走访人数 20"),
        ({"interviewed": "0", "satisfied": "0"}, "请填 1 到 100000 的整数"),
        ({"interviewed": "-3"}, "请填 1 到 100000 的整数"),
        ({"interviewed": "9999999999999999999"}, "请填 1 到 100000 的整数"),
        ({"visited_on": "2026-11-23"}, "走访日期还没有到"),
        ({"visited_on": "0026-11-20"}, "年份要在 2000 到 2999 之间"),
        ({"visited_on": "昨天"}, ""),
        ({"place": ""}, "请填写走访地点"),
        ({"group": "cats"}, ""),
        ({"school": "S999"}, ""),
    ],
)
def test_visits_that_cannot_be_are_refused_beside_their_field(app, signed_in, applied, changed, said):
    assert said in post(signed_in(), f"{applied}/visits", visit(**changed), status=422).text
    with app.app_context():
        assert db.session.query(FieldVisit).count() == 0


def test_comments_name_what_they_are_about(app, signed_in, reviewed):
    assessor = signed_in("assessor", "140500")
    page = get(assessor, f"{reviewed}/remarks?finding=G3")
    chosen = next(form["fields"] for form in page.forms if "finding" in form["fields"])
    assert "text" in chosen
    post(assessor, f"{reviewed}/remarks", {"run": "0", "finding": "G3", "school": "", "text": ""}, status=422)
    given = {"run": "0", "finding": "G3", "school": "S001", "text": f"教室面积{HOSTILE}"}
    post(assessor, f"{reviewed}/remarks", given, to="/remarks")
    page = get(signed_in(), f"{reviewed}/remarks")
    assert f"教室面积{HOSTILE}" in page.text
    assert "市级复核 · assessor 140500" in page.text
    with app.app_context():
        assert db.session.query(Remark).one().finding == "G3"


def test_a_request_goes_to_the_county_and_back(app, signed_in, reviewed):
    city, county = signed_in("city", "140500"), signed_in()
    with app.app_context():
        run_id = db.session.query(EvaluationRun).order_by(EvaluationRun.id.desc()).first().id
    given = {"run": str(run_id), "finding": "R1", "school": "", "text": "请核对", "due_on": "2026-11-21"}
    assert "不能早于今天" in post(city, f"{reviewed}/corrections/new", given, status=422).text
    given["due_on"] = "2026-11-30"
    post(city, f"{reviewed}/corrections/new", given, to="/corrections/1")
    assert "等县里答复" in get(county, f"{reviewed}/corrections").text
    assert "请选择改正后的县情数据" in (
        post(county, f"{reviewed}/corrections/1/answer", {"county_file": "0", "text": ""}, status=422).text
    )
    with app.app_context():
        file = newer_file(totals={"schools": {"primary": 3}}).id
        db.session.commit()
    answer = {"county_file": str(file), "text": "已改"}
    post(county, f"{reviewed}/corrections/1/answer", answer, to="/corrections/1")
    post(county, f"{reviewed}/corrections/1/answer", answer, status=409)
    page = get(city, f"{reviewed}/corrections/1")
    assert "已答复，待处理" in page.text
    assert "取代原来的" in page.text
    post(city, f"{reviewed}/corrections/1/decide", {"decision": "perhaps"}, status=409)
    post(city, f"{reviewed}/corrections/1/decide", {"decision": "accept"}, to="/corrections/1")
    post(city, f"{reviewed}/corrections/1/decide", {"decision": "accept"}, status=409)
    assert "已接受" in get(county, f"{reviewed}/corrections").text
    with app.app_context():
        made = db.session.query(Correction).one()
        assert made.corrected_run_id != made.run_id


def test_a_county_cannot_ask_and_a_city_cannot_answer(app, signed_in, reviewed):
    city, county = signed_in("city", "140500"), signed_in()
    get(county, f"{reviewed}/corrections/new", status=403)
    get(city, f"{reviewed}/corrections/7", status=404)
    post(city, f"{reviewed}/corrections/7/answer", {"text": "x"}, status=403)


def test_pages_speak_english_too(app, signed_in, reviewed):
    client = signed_in("city", "140500")
    client.get("/assessments/?lang=en")
    for path in ("judgements", "judgements/veto/key_schools", "visits", "remarks", "corrections/new"):
        page = get(client, f"{reviewed}/{path}")
        assert page.lang == "en"
