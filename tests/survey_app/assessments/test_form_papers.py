"""The national form in Word and Excel: what is read back from it is what was filled in."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from evaluation.forms import fill
from evaluation.loader import load_form
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.papers import SIMULATED
from survey_app.assessments.report.form import state_of, write_form
from survey_app.assessments.report.form_workbook import write_form_workbook
from survey_app.cli import main
from survey_app.db import db
from tests.evaluation.situations import GOLDEN, changed, county, judged, small
from tests.factories import make_county_file
from tests.page import get
from tests.survey_app.assessments.judged import judge, judge_small, judge_yangcheng

#: 84.95 % of the valid questionnaires are satisfied; one junior value is 4.495 where 5.8 is asked.
TRAPS = {
    "recognition.questionnaires": {"distributed": 2100, "valid": 2000, "satisfied": 1699},
    "P1.teaching_area": 1178.8,
    "P2.equipment_value": "absent",
}


def filled(document=None):
    return fill(load_form("national"), judged(document or changed(county(), TRAPS)))


@pytest.fixture(scope="module")
def book():
    return CalamineWorkbook.from_filelike(io.BytesIO(write_form_workbook(filled())))


@pytest.fixture(scope="module")
def paper():
    return Document(io.BytesIO(write_form(filled(), origins=("县情数据：甲。",))))


def rows_of(table) -> list[list[str]]:
    """The texts of a table of a paper, row by row, a merged cell once."""
    return [
        ["".join(each.text or "" for each in cell.iter(qn("w:t"))) for cell in row.tc_lst]
        for row in table._tbl.tr_lst
    ]


def test_a_sheet_for_every_table(book):
    assert book.sheet_names == ["表Ⅰ", "表Ⅱ-1", "表Ⅱ-2", "表Ⅲ", "表Ⅳ", "表Ⅴ", "表Ⅵ", "填报情况"]


def test_figures_are_exact_numbers_and_unknown_ones_are_words(book):
    schools = book.get_sheet_by_name("表Ⅱ-2").to_python()
    heads, first, second = schools[3], schools[4], schools[5]
    place = {head: number for number, head in enumerate(heads) if head}
    assert first[:3] == [1.0, "P1", "P1学校"]
    assert first[place["教学及辅助用房（平方米）"]] == 4.495
    assert second[place["教学仪器设备值（元）"]] == "缺"
    recognition = book.get_sheet_by_name("表Ⅵ").to_python()
    assert recognition[4][:5] == ["计", 2100.0, 2000.0, 1699.0, 84.95]


def test_numbers_are_shown_with_the_forms_decimals():
    with zipfile.ZipFile(io.BytesIO(write_form_workbook(filled()))) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert {"0.000", "0.00", "0.0", "@"} <= set(re.findall(r'formatCode="([^"]+)"', styles))


def test_a_rate_that_only_looks_met_is_noted(book, paper):
    sentence = "计“问卷调查 综合满意度（%）”印为85.0，精确值为84.95，按精确值判定为未达标。"
    cells = [cell for row in book.get_sheet_by_name("表Ⅵ").to_python() for cell in row]
    assert f"注：{sentence}" in cells
    assert any(sentence in each.text for each in paper.paragraphs)


def test_the_paper_has_the_seven_tables_with_repeated_heads_and_whole_rows(paper):
    assert len(paper.tables) == 7
    for table in paper.tables:
        rows = table._tbl.tr_lst
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        heads = [row for row in rows if row.trPr.find(qn("w:tblHeader")) is not None]
        assert heads == list(rows[: len(heads)])
        assert len(heads) in (1, 2)


def test_what_was_filled_in_is_read_back(paper):
    for table, was in zip(paper.tables, filled().tables, strict=True):
        rows = rows_of(table)[-len(was.rows) :]
        assert rows == [[cell.text for cell in row] for row in was.rows]


def test_the_wide_table_lies_on_pages_of_its_own(paper):
    lying = [section.orientation == WD_ORIENT.LANDSCAPE for section in paper.sections]
    assert lying == [False, True, False]
    page = paper.sections[1]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (297, 210)
    assert (round(page.left_margin.mm), round(page.right_margin.mm)) == (35, 37)
    text = page.page_width - page.left_margin - page.right_margin
    widths = [column.w for column in paper.tables[2]._tbl.tblGrid.gridCol_lst]
    assert sum(widths) == pytest.approx(text, rel=0.001)


def test_groups_of_columns_have_one_heading(paper):
    first, second = rows_of(paper.tables[1])[:2]
    assert first == ["指标", "小学", "初中"]
    assert second[1:4] == ["学校数（所）", "达标学校数（所）", "达标比例（%）"]


def test_failing_and_unknown_cells_are_tinted_and_only_these(paper):
    fills = []
    for row in paper.tables[2]._tbl.tr_lst[2:]:
        shades = [cell.tcPr.find(qn("w:shd")) for cell in row.tc_lst]
        fills.append([None if each is None else each.get(qn("w:fill")) for each in shades])
    place = [column.id for column in filled().table("schools").table.columns].index
    assert fills[0][place("R4")] == "FBEAEA"
    assert fills[1][place("R6")] == "FFF4DC"
    assert fills[0][place("R1")] is None


def test_the_footer_names_the_scheme_on_lying_pages_too(paper):
    for section in paper.sections:
        text = "\n".join(each.text for each in section.footer.paragraphs)
        assert filled().scheme_digest in text


def test_what_is_missing_is_listed_at_the_end(paper):
    text = "\n".join(each.text for each in paper.paragraphs).split("填报情况")[1]
    assert "表Ⅰ：“数值”9格。" in text
    assert "P2学校 小学“生均 教学仪器设备值（元）”" in text
    assert "县情数据：甲。" in text
    assert "县（市、区）人民政府（盖章）" in text


def test_nothing_missing_is_said_too():
    full = filled()
    complete = type(full)(**{name: getattr(full, name) for name in full.__slots__} | {"tables": ()})
    assert state_of(complete) == ["各格均已填满。"]


def test_the_same_form_is_the_same_bytes():
    assert write_form(filled()) == write_form(filled())
    assert write_form_workbook(filled()) == write_form_workbook(filled())


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "http://example.com", "0012"])
def test_no_name_or_code_becomes_a_formula_a_link_or_a_number(name):
    document = changed(county(), {"P1.name": name})
    document["schools"][1]["code"] = "0012"
    content = write_form_workbook(filled(document))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(each) for each in archive.namelist() if each.startswith("xl/worksheets/")]
    assert not [each for each in sheets if b"<f>" in each or b"hyperlink" in each]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("表Ⅱ-2").to_python()
    assert (rows[4][2], rows[5][1]) == (name, "0012")


def run(*arguments: str):
    return CliRunner().invoke(main, ["evaluate", str(GOLDEN / "small.json"), *arguments])


def test_the_command_writes_both_kinds(tmp_path: Path):
    paths = [tmp_path / "form.docx", tmp_path / "form.XLSX"]
    given = [part for path in paths for part in ("--form", str(path))]
    done = run("--scheme", "shanxi-2022", *given)
    assert done.exit_code == 0
    assert len(Document(str(paths[0])).tables) == 7
    assert len(CalamineWorkbook.from_path(str(paths[1])).sheet_names) == 8


def test_a_form_of_another_kind_or_in_no_folder_is_refused(tmp_path: Path):
    assert run("--scheme", "shanxi-2022", "--form", str(tmp_path / "form.pdf")).exit_code == 2
    done = run("--scheme", "shanxi-2022", "--form", str(tmp_path / "none" / "form.docx"))
    assert done.exit_code == 1
    assert "不能写入" in done.stderr


def test_a_run_gives_its_form_again_identically(app, signed_in):
    with app.app_context():
        run_id = judge_small().id
    client = signed_in()
    links = dict(reversed(pair) for pair in get(client, f"/assessments/{run_id}").links)
    for words in ("下载申报表（Word）", "下载申报表（Excel）"):
        first, again = client.get(links[words]), client.get(links[words])
        assert first.status_code == 200
        assert first.data == again.data
        assert "junheng-140522-1-form." in first.headers["Content-Disposition"]
    assert client.get(f"/assessments/{run_id}/form.pdf").status_code == 404
    assert signed_in("county", "140524").get(f"/assessments/{run_id}/form.docx").status_code == 404


def test_simulated_figures_are_announced_on_the_form(app, signed_in):
    with app.app_context():
        run_id = judge_yangcheng().id
    client = signed_in()
    paper = Document(io.BytesIO(client.get(f"/assessments/{run_id}/form.docx").data))
    assert SIMULATED in [each.text for each in paper.paragraphs]
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/assessments/{run_id}/form.xlsx").data))
    assert all(
        SIMULATED in sheets.get_sheet_by_name(name).to_python()[1][0] for name in sheets.sheet_names[:7]
    )


def test_a_run_whose_scheme_or_program_is_another_now_gives_no_form(app, signed_in):
    with app.app_context():
        file = make_county_file()
        first, second = judge(file).id, judge(file).id
        db.session.get_one(EvaluationRun, first).scheme_digest = "0" * 64
        run = db.session.get_one(EvaluationRun, second)
        run.result = json.dumps(json.loads(run.result) | {"verdict": "met"})
        db.session.commit()
    page = get(signed_in(), f"/assessments/{first}")
    assert "下载申报表" not in page.text
    assert "细则已经更新" in get(signed_in(), f"/assessments/{first}/form.docx", status=409).text
    assert "评估程序已经更新" in get(signed_in(), f"/assessments/{second}/form.docx", status=409).text


def test_the_small_county_leaves_no_cell_without_a_source():
    assert filled(small()).empty == ()
