"""Pages and papers of every scheme, whatever its items, indicators and sections are called."""

import io
import json

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from evaluation import list_schemes
from survey_app import clock
from survey_app.assessments.judging import judge_text
from survey_app.assessments.overview import overview_of
from survey_app.assessments.scores import score_sheet
from survey_app.assessments.words import FORMULAS, INPUTS, UNITS
from survey_app.assessments.workbook import write_workbook
from survey_app.canonical import canonical
from tests.conftest import NOW
from tests.evaluation.situations import GROUNDS, changed, hunan_county
from tests.factories import make_county_file
from tests.page import get
from tests.survey_app.assessments.judged import judge

#: What is changed in a county that meets everything: nothing, figures that fall short, figures that lack.
CHANGES = {
    "met": {},
    "short": {"P1.multimedia_rooms": 2, "P2.music_rooms": [], "recognition.questionnaires.satisfied": 10},
    "unknown": {"P1.equipment_value": "absent", "J1.class_sizes": "absent", "recognition": "absent"},
}


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def text_of(paper: Document) -> str:
    """Everything a paper says, tables included."""
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([each.text for each in paper.paragraphs] + cells)


def view_of(document, scheme):
    judged = judge_text(canonical(document), scheme).document()
    return overview_of(
        json.loads(canonical(judged)), {each["code"]: each["name"] for each in document["schools"]}
    )


def test_every_scheme_is_tried():
    assert {scheme.partition("@")[0] for scheme in GROUNDS} == set(list_schemes())


@pytest.mark.parametrize("scheme", GROUNDS)
@pytest.mark.parametrize("change", CHANGES)
def test_page_and_papers_of_every_scheme(app, signed_in, scheme, change):
    document = changed(GROUNDS[scheme](), CHANGES[change])
    with app.app_context():
        run = judge(make_county_file(document), scheme_id=scheme)
        run_id, findings = run.id, json.loads(run.result)["findings"]
    client = signed_in()
    for lang in ("zh", "en"):
        page = get(client, f"/assessments/{run_id}?lang={lang}")
        assert not [id_ for id_ in ("R.school", "R.composite", ".mean") if id_ in page.text]
    kinds = {(each["formula"], each["outcome"]): place for place, each in enumerate(findings)}
    for place in kinds.values():
        assert findings[place]["label"] in get(client, f"/assessments/{run_id}/why/{place}?lang=zh").text
    report = Document(io.BytesIO(client.get(f"/assessments/{run_id}/report.docx").data))
    headings = [each.text for each in report.paragraphs if each.style.name == "Heading 1"]
    assert headings[-1].endswith("、说明")
    assert "R.school" not in text_of(report)
    form = client.get(f"/assessments/{run_id}/form.docx")
    assert len(Document(io.BytesIO(form.data)).tables) == 7


@pytest.mark.parametrize("scheme", GROUNDS)
@pytest.mark.parametrize("change", CHANGES)
def test_every_formula_unit_and_input_has_words(scheme, change):
    document = changed(GROUNDS[scheme](), CHANGES[change])
    own = {"monitoring", "composite_difference", "scored", "total", "did_not_happen"}
    view = view_of(document, scheme)
    known = {*INPUTS, *(indicator["id"] for indicator in view.scheme["indicators"])}
    for each in view.findings:
        assert each["formula"] in FORMULAS
        assert each["unit"] in {*UNITS, "percent", "number"}
        assert each["formula"] in own or set(each["inputs"]) <= known, each["id"]


def scored(changes):
    document = hunan_county()
    document["scores"] |= {key: value for key, value in changes.items() if value is not None}
    for key in [key for key, value in changes.items() if value is None]:
        del document["scores"][key]
    return document


@pytest.mark.parametrize(
    ("changes", "total", "band"),
    [
        ({}, "100", "优秀"),
        ({"29.3": 4.5, "32.2": 3, "32.3": 4}, "95.5", "优秀"),
        ({"29.3": 2.5}, "97.5", "不评等次"),
        ({"27.1": None}, "≥ 99", "优秀"),
        ({"8.1": 1, "27.2": None, "29.3": 4, "32.2": 3, "32.3": 4}, "≥ 90", "等次未定"),
    ],
)
def test_the_score_sheet_says_points_total_and_band(changes, total, band):
    sheet = score_sheet(view_of(scored(changes), "hunan-2023"))
    assert (sheet.total.points, sheet.band_words) == (total, band)
    assert len(sheet.items) == 10


def test_points_that_rounding_would_lift_to_the_share_keep_their_digits():
    sheet = score_sheet(view_of(scored({"29.3": 2.9999}), "hunan-2023"))
    item = next(each for each in sheet.items if each.id == "29")
    assert (item.points, item.needed, item.outcome) == ("7.9999", "8", "not_met")


def test_the_score_sheet_stands_on_page_report_and_workbook(app, signed_in):
    document = scored({"29.3": 2.5})
    with app.app_context():
        run_id = judge(make_county_file(document), scheme_id="hunan-2023").id
    client = signed_in()
    page = get(client, f"/assessments/{run_id}").text
    assert "计分表" in page
    assert "97.5 / 100 分 等次：不评等次" in page
    report = text_of(Document(io.BytesIO(client.get(f"/assessments/{run_id}/report.docx").data)))
    assert "等次：不评等次。" in report
    assert "29 课程开齐开足，教学秩序规范" in report
    content = write_workbook(view_of(document, "hunan-2023"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("计分表").to_python()
    points = {row[0]: row[2] for row in rows}
    assert (points["29"], points["total"]) == (7.5, 97.5)
    assert rows[-1][3] == "不评等次"


def test_a_county_mean_that_is_judged_is_told_from_one_that_is_only_shown(app, signed_in):
    texts = {}
    for scheme, code in (("hunan-2023", "140522"), ("shanxi-2022", "140524")):
        document = changed(GROUNDS[scheme](), {"P1.multimedia_rooms": 2})
        with app.app_context():
            run_id = judge(make_county_file(document, code=code), scheme_id=scheme).id
        report = signed_in("county", code).get(f"/assessments/{run_id}/report.docx").data
        texts[scheme] = text_of(Document(io.BytesIO(report)))
    assert "县均值也须达到各项标准" in texts["hunan-2023"]
    assert "县均值只列示，不单独判定" in texts["shanxi-2022"]


def test_a_composite_coefficient_is_shown_where_the_document_asks_for_it(app, signed_in):
    document = GROUNDS["haicheng-2023"]()
    with app.app_context():
        run_id = judge(make_county_file(document), scheme_id="haicheng-2023").id
    client = signed_in()
    assert "综合差异系数" in get(client, f"/assessments/{run_id}").text
    report = text_of(Document(io.BytesIO(client.get(f"/assessments/{run_id}/report.docx").data)))
    assert "综合差异系数" in report
