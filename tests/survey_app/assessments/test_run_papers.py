"""Papers of a stored run: what people did in the report, the feedback letter, the brief on one page."""

import io
import json
from datetime import date

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from evaluation.remedies.shortfalls import shortfalls
from survey_app.assessments.applications import places
from survey_app.assessments.judgement import corrections, visiting
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.judging import judge_text
from survey_app.assessments.overview import overview_of
from survey_app.assessments.report import Facts, brief, write_report
from survey_app.assessments.report.gongwen import LONGEST, SHOWN, Paper
from survey_app.assessments.report.letter import Letter, write_letter
from survey_app.assessments.report.tables import Column
from survey_app.assessments.standing import Interval, standing_of
from survey_app.assessments.years import YearBefore, year_before
from survey_app.canonical import canonical
from survey_app.db import db
from survey_app.results.models import WaveIntegrity
from tests.conftest import NOW
from tests.evaluation.situations import changed, county, hunan_county, judged
from tests.factories import make_county_file, make_user, make_wave, small_county
from tests.page import get
from tests.survey_app.assessments.judged import judge, judge_small, judge_yangcheng
from tests.survey_app.assessments.judgement import applied

DUE = date(2030, 5, 20)


def text_of(content: bytes) -> str:
    """Everything written in a Word file, tables too, in its order."""
    body = Document(io.BytesIO(content)).element.body
    return "\n".join(
        "".join(each.text or "" for each in paragraph.iter(qn("w:t"))) for paragraph in body.iter(qn("w:p"))
    )


def page_of(content: bytes) -> str:
    """The text of a PDF that has one page."""
    pdf = pypdfium2.PdfDocument(content)
    assert len(pdf) == 1
    return "".join(pdf[0].get_textpage().get_text_range().split())


def view_of(document, scheme="shanxi-2022"):
    found = judge_text(canonical(document), scheme).document()
    return overview_of(
        json.loads(canonical(found)), {each["code"]: each["name"] for each in document["schools"]}
    )


@pytest.fixture
def reviewed(app):
    """Ids of an application and its run: the city judged, visited, asked for a correction and signed."""
    with app.app_context():
        application = applied.apply(level="review")
        applied.enter(app, application, "attestation", "layout", True, level="review", by="city")
        visiting.add_visit(
            db.session,
            application,
            level="review",
            visited_on=NOW.date(),
            place="城关",
            school_code=None,
            group="parent",
            interviewed=40,
            satisfied=37,
            by="city",
            now=NOW,
        )
        run = applied.run(application, make_county_file_of(application), "review")
        corrections.ask(
            db.session,
            application,
            level="review",
            about=About(run_id=run.id),
            text="请核对第8学校的运动场面积",
            due_on=DUE,
            by="city",
            now=NOW,
        )
        applied.sign(application, "review", run)
        db.session.commit()
        return application.id, run.id


def make_county_file_of(application):
    return places.runs_of(db.session, application)[0].county_file


def test_the_report_says_what_people_did_and_by_which_seals(reviewed, signed_in, app):
    _application, run = reviewed
    city = signed_in("city", "140500")
    with app.app_context():
        make_user("city", "140500", login="city").name = "赵敏"
        db.session.commit()
    text = text_of(city.get(f"/assessments/{run}/report.docx").data)
    judged_ = text.split("、评估人员的判断")[1].split("、申请办理经过")[0]
    assert "达到\n市级复核\n赵敏（city）" in judged_
    path = text.split("、申请办理经过")[1]
    assert f"封存值（SHA-256）：{'0' * 64}。" in path
    assert "县级自评\n签署" in path
    assert "请核对第8学校的运动场面积\n市级复核\n2030-05-20\n等县里答复\n—" in path
    visits = text.split("社会认可度调查情况（表Ⅵ）")[1]
    assert "实地走访满意度\n—\n40\n37\n92.5%" in visits


def test_the_letter_of_a_signed_run_says_problems_corrections_and_the_day(reviewed, signed_in):
    application, run = reviewed
    city = signed_in("city", "140500")
    url = f"/assessments/{run}/letter.docx"
    assert url in [each for each, _ in get(city, f"/applications/{application}").links]
    text = text_of(city.get(f"{url}?due=2030-06-30").data)
    assert "市级复核的反馈意见" in text
    assert "签署）" in text
    assert "（1）请核对第8学校的运动场面积（第1号补正要求，2030年5月20日前答复）。" in text
    assert "请于2030年6月30日前报送整改报告" in text
    assert "（评估单位名称，盖章）\n年　　月　　日" in text
    assert "请于　　　　年　　月　　日前报送" in text_of(city.get(f"{url}?due=soon").data)


def test_the_county_gets_no_letter_from_itself(app, signed_in):
    with app.app_context():
        run = judge_small().id
    response = signed_in().get(f"/assessments/{run}/letter.docx")
    assert response.status_code == 409
    assert "反馈意见书由复核、评估或认定的一级出具" in response.text


def test_a_letter_names_what_is_short_with_figures_by_stage():
    document = changed(county(), {"P1.teaching_area": 1178.8, "J1.teaching_area": 1178.8})
    letter = Letter(level="evaluation", run_level="evaluation", step=None, due_on=None)
    text = text_of(write_letter(view_of(document), Facts(), letter))
    assert "生均教学及辅助用房面积（小学，标准≥4.5平方米）：P1学校4.495平方米，共1所学校。" in text
    assert "生均教学及辅助用房面积（初中，标准≥5.8平方米）：J1学校4.50平方米，共1所学校。" in text
    assert "本级尚未签署" in text


def test_a_letter_to_a_county_that_meets_everything_asks_for_no_remedy():
    letter = Letter(level="evaluation", run_level="review", step=None, due_on=DUE)
    text = text_of(write_letter(view_of(county()), Facts(), letter))
    assert "审阅的是市级复核，其结论为：达标。" in text
    assert "没有发现未达标的内容。" in text
    assert "整改报告" not in text
    assert "小学2所学校全部达到标准（4.2）。" in text


def test_the_brief_of_a_run_is_one_page_of_text(app, signed_in):
    with app.app_context():
        run = judge_yangcheng()
        url, digests = f"/assessments/{run.id}/brief.pdf", (run.input_digest, run.result_digest)
    response = signed_in().get(url)
    assert response.mimetype == "application/pdf"
    text = page_of(response.data)
    for said in ("阳城县2021年", "未达标", "只供演示", "0.189", "50.0%", "标准85%", *digests):
        assert said in text, said
    assert signed_in().get(url).data == response.data


@pytest.mark.parametrize(
    ("document", "scheme", "said"),
    [
        (hunan_county(), "hunan-2023", "100/100分"),
        ({**county(), "figures": {}, "attestations": {}, "recognition": {}}, "shanxi-2022", "无法判定"),
    ],
)
def test_every_county_fits_the_page(app, document, scheme, said):
    assert said in page_of(_brief(app, document, scheme))


def test_a_hundred_schools_fit_the_page_beside_an_earlier_year_and_an_interval(app):
    document = county()
    document["schools"] = [
        {
            **each,
            "code": f"S{number}",
            "name": f"第{number}乡镇中心寄宿制学校东校区" * 3,
            "multimedia_rooms": 1,
        }
        for number, each in enumerate(document["schools"] * 25)
    ]
    interval = Interval(estimate=0.86, lower=0.81, upper=0.9, n=300, verdict="not_decidable")
    text = page_of(_brief(app, document, "shanxi-2022", interval=interval, before=_before))
    assert "小学（50校）" in text
    assert "95%区间81.0%—90.0%，区间不能断定" in text
    assert "2023年结论：达标。" in text


def _before(view):
    findings = {
        (each["id"], each["school"], each["stage"]): {**each, "value": 0.25} for each in view.findings
    }
    return YearBefore(
        run_id=1, year=2023, verdict="met", sections=view.document["sections"], _findings=findings
    )


def _brief(app, document, scheme, *, interval=None, before=None):
    with app.app_context():
        run = judge(make_county_file(document, code="140522"), scheme_id=scheme, level="evaluation")
        view = view_of(json.loads(run.input), scheme)
        standing = standing_of(db.session, run)
        if interval is not None:
            standing = type("Standing", (), {"simulated": (), "interval": interval})
        given = before(view) if before else year_before(db.session, run)
        return brief.brief_of_run(run, standing, given)


def test_the_dot_the_interval_and_the_limit_stand_on_one_scale(app):
    view = view_of(county())
    found = brief._recognition(
        view,
        type(
            "S", (), {"interval": Interval(estimate=0.8, lower=0.42, upper=0.9, n=9, verdict="not_decidable")}
        ),
        None,
    )
    assert found["begin"] == "40%"
    assert found["lower"] < found["limit"] == found["dot"] < found["upper"] < 1


def test_an_earlier_year_stands_beside_the_coefficients():
    document = small_county()
    text = text_of(write_report(view_of(document), Facts(before=_before(view_of(document)))))
    assert "0.250 ↓" in text or "0.250 ↑" in text
    assert "末列为2023年的差异系数" in text


def test_overrides_stand_with_both_values_and_both_people():
    document = changed(county(), {"P1.teaching_area": 1178.8, "P1.equipment_value": 479000})
    first = view_of(document)
    found = next(
        each for each in first.findings if each["formula"] == "school_rule" and each["outcome"] == "not_met"
    )
    kept = {
        "finding": found["id"],
        "school": found["school"],
        "stage": found["stage"],
        "computed_outcome": "not_met",
        "computed_value": found["value"],
        "outcome": "met",
        "reason": "现场核查，数字登记有误",
        "proposed_by": "li",
        "proposed_at": NOW.isoformat(),
        "decided_by": "wang",
        "decided_at": NOW.isoformat(),
        "level": "review",
    }
    told = judge_text(canonical(document), "shanxi-2022", overrides=[kept]).document()
    view = overview_of(json.loads(canonical(told)))
    text = text_of(write_report(view, Facts(people={"li": "李强"}))).split("、两人核定改变的结论")[1]
    assert "按细则计算，总结论为未达标；核定后为达标。" in text
    assert "未达标\n达标\n李强（li） " in text
    assert "\nwang " in text
    assert "理由：现场核查，数字登记有误" in text


def test_a_long_table_stands_whole_in_an_annex():
    paper = Paper(title="甲", author="乙", footer="丙")
    rows = [[f"第{number}行"] for number in range(LONGEST + 1)]
    paper.long_table("很长的表", (Column(heading="行", share=1),), rows)
    paper.long_table("短表", (Column(heading="行", share=1),), rows[:3])
    paper.annexes()
    tables = Document(io.BytesIO(paper.save())).tables
    assert [len(each.rows) - 1 for each in tables] == [SHOWN, 3, LONGEST + 1]
    assert f"共{LONGEST + 1}行，全部列于附件1。" in text_of(paper.save())


def test_schools_come_worst_first():
    document = changed(county(), {"P1.multimedia_rooms": 2, "P2.multimedia_rooms": 1})
    verdict = judged(document)
    lacking = shortfalls(verdict.county, verdict.scheme, verdict=verdict)
    text = text_of(write_report(view_of(document), Facts(shortfalls=lacking)))
    table = text.split("未达标的学校（各指标与标准之比")[1].split("、政府保障程度")[0]
    assert table.index("P2学校") < table.index("P1学校")
    table = text.split("各校资源配置所差的数量")[1]
    assert table.index("P2学校") < table.index("P1学校")


def test_only_supervisors_read_what_the_answers_were_screened_for(app, signed_in):
    with app.app_context():
        wave = make_wave()
        run = judge(wave.county_file)
        run.wave_id = wave.id
        content = {
            "places": {"looked_at": 40, "flagged": 2},
            "findings": [
                {"key": "a", "flagged": True, "place": {"zh": "第8学校"}, "text": {"zh": "答案过于相近。"}}
            ],
            "rates": {
                "with": None,
                "without": {"rate": [4, 5], "satisfied": 80, "valid": 100, "outcome": "not_met"},
            },
        }
        db.session.add(
            WaveIntegrity(wave_id=wave.id, content=canonical(content), digest="d" * 64, computed_at=NOW)
        )
        db.session.commit()
        url = f"/assessments/{run.id}/report.docx"
    text = text_of(signed_in("city", "140500").get(url).data)
    part = text.split("、答卷可信度")[1].split("\n一")[0]
    assert "检验了40个地方，2个有标记。" in part
    assert "第8学校：答案过于相近。（尚未核查）" in part
    assert "社会认可度为80.0%（满意80份，有效100份），未达标，仅供比较。" in part
    assert "答卷可信度" not in text_of(signed_in().get(url).data)
