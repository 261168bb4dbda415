"""The papers made of a verdict: the Word report, the workbook and the picture in print."""

import io
import zipfile
from fractions import Fraction

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from python_calamine import CalamineWorkbook

from evaluation.remedies.shortfalls import shortfalls
from survey_app.assessments import charts
from survey_app.assessments.report import Facts, write_report
from survey_app.assessments.report.gongwen import LINE
from survey_app.assessments.workbook import write_workbook
from survey_app.counties.yangcheng import build
from tests.evaluation.situations import county, judged
from tests.factories import small_county
from tests.survey_app.assessments.test_overview import view_of


@pytest.fixture(scope="module")
def yangcheng():
    return view_of(build()[0])


@pytest.fixture(scope="module")
def report(yangcheng):
    return write_report(yangcheng, Facts(subtitle="（县级自评　第1次评估）"))


@pytest.fixture(scope="module")
def paper(report):
    return Document(io.BytesIO(report))


def test_the_page_is_that_of_official_papers(paper):
    section = paper.sections[0]
    sizes = [section.page_width, section.page_height]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(each.mm) for each in sizes] == [210, 297]
    assert [round(each.mm) for each in margins] == [37, 35, 28, 26]
    grid = paper.element.body.sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:linePitch")) == str(round(LINE.pt * 20))
    assert Mm(1) < LINE


@pytest.mark.parametrize(
    ("style", "font", "size"),
    [
        ("Title", "方正小标宋简体", 22),
        ("Body Text", "仿宋_GB2312", 16),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
    ],
)
def test_fonts_are_named_and_no_theme_font_overrides_them(paper, style, font, size):
    fonts = paper.styles[style].element.rPr.find(qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == font
    assert not [name for name in fonts.attrib if "Theme" in name]
    assert paper.styles[style].font.size == Pt(size)


def test_the_parts_come_in_their_order_and_are_counted(paper):
    headings = [each.text for each in paper.paragraphs if each.style.name == "Heading 1"]
    numerals, names = zip(*(each.split("、", 1) for each in headings), strict=True)
    assert numerals == tuple("一二三四五六七八九十")[: len(names)]
    wanted = [
        "结论",
        "判定理由",
        "资源配置",
        "政府保障程度",
        "教育质量",
        "申报条件与不予认定事项",
        "社会认可度",
        "差距与补足",
        "数据中的矛盾",
        "说明",
    ]
    assert [each for each in names if each in wanted] == wanted


def test_tables_repeat_their_head_never_split_a_row_and_have_captions_above(paper):
    assert len(paper.tables) >= 7
    for table in paper.tables:
        rows = table._tbl.tr_lst
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None
        before = table._tbl.getprevious()
        assert "".join(each.text or "" for each in before.iter(qn("w:t"))).startswith("表")


def test_the_pictures_are_described_and_their_captions_stand_below(paper):
    shares, differences = (each.get("descr") for each in paper.element.body.iter(qn("wp:docPr")))
    assert "初中多媒体33.3%" in shares
    assert "小学学历0.179" in differences
    texts = [each.text for each in paper.paragraphs]
    assert "图1　各项指标达到标准的学校比例" in texts
    assert "图2　校际差异系数" in texts


def test_the_footer_numbers_pages_and_names_the_scheme(paper, yangcheng):
    section = paper.sections[0]
    for footer in (section.footer, section.even_page_footer):
        text = "\n".join(each.text for each in footer.paragraphs)
        assert "— 1 —" in text
        assert yangcheng.scheme["digest"] in text


def test_the_verdict_its_reasons_and_contradictions_are_said(paper):
    text = "\n".join(each.text for each in paper.paragraphs)
    assert "阳城县义务教育优质均衡发展的结论为：未达标。" in text
    assert "1. R7 每百名学生拥有网络多媒体教室数：城关第一小学、" in text
    assert "得11.74" in text


def test_what_no_figure_can_show_stands_with_the_contradictions(yangcheng):
    report = write_report(yangcheng, Facts(remarks=("规划没有公布校际差异系数。",)))
    text = "\n".join(each.text for each in Document(io.BytesIO(report)).paragraphs)
    assert "1. 规划没有公布校际差异系数。" in text.split("、数据中的矛盾")[1].split("、说明")[0]


def test_a_report_is_the_same_bytes_again_and_bears_no_time_of_making(report, yangcheng):
    assert write_report(yangcheng, Facts(subtitle="（县级自评　第1次评估）")) == report
    with zipfile.ZipFile(io.BytesIO(report)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_workbook_holds_figures_as_numbers_and_is_the_same_again():
    view = view_of(small_county())
    content = write_workbook(view)
    assert write_workbook(view) == content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["结论", "判定", "学校", "县均值与差异系数", "矛盾"]
    school = book.get_sheet_by_name("学校").to_python()
    assert school[1][4] == pytest.approx(6.606606606606607)
    assert len(book.get_sheet_by_name("判定").to_python()) == 1 + len(view.findings)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.com", "０１"])
def test_no_name_becomes_a_formula_or_a_link(name):
    document = small_county()
    schools = [{**document["schools"][0], "name": name}, *document["schools"][1:]]
    content = write_workbook(view_of({**document, "schools": schools}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(each) for each in archive.namelist() if each.startswith("xl/worksheets/")]
    assert not [each for each in sheets if b"<f>" in each or b"hyperlink" in each]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.get_sheet_by_name("学校").to_python()[1][1] == name


def test_a_bar_reaches_its_limit_exactly_where_the_coefficient_does():
    rows = [("学历", 0.5, "met"), ("多媒体", 0.25, "met"), ("体艺", None, "undetermined")]
    panel = charts.panel("小学", 0.5, rows)
    assert panel.bars[0].length == panel.limit_x
    assert panel.bars[1].length == pytest.approx(panel.limit_x / 2, abs=0.1)
    assert (panel.bars[2].length, panel.bars[2].value) == (0.0, "—")


def test_a_coefficient_beyond_the_limit_stays_inside_the_picture():
    panel = charts.panel("初中", 0.45, [("学历", 1.3, "not_met")])
    assert panel.bars[0].length == charts.WIDTH
    assert panel.limit_x < charts.WIDTH


def test_a_coefficient_just_over_the_limit_is_not_printed_as_the_limit():
    assert charts.panel("小学", 0.5, [("学历", 0.50000003, "not_met")]).bars[0].value == "0.500000"
    assert charts.panel("小学", 0.5, [("学历", 0.50004, "not_met")]).bars[0].value == "0.50004"


def test_the_printed_picture_is_drawn_alike_every_time():
    panels = [charts.panel("小学", 0.5, [("学历", 0.3, "met")])]
    assert charts.picture(panels) == charts.picture(panels)
    assert charts.picture(panels).startswith(b"\x89PNG")


def test_a_share_of_all_fills_the_width_and_one_just_below_is_not_printed_as_all():
    panel = charts.share_panel("小学", [("学历", 1), ("骨干", Fraction(9999, 10000)), ("体艺", None)])
    assert [bar.value for bar in panel.bars] == ["100.0%", "99.99%", "—"]
    assert [bar.length for bar in panel.bars] == [charts.WIDTH, pytest.approx(399.96, abs=0.05), 0.0]
    assert panel.limit == ""
    assert charts.picture([panel]) == charts.picture([panel])


def test_what_schools_lack_is_listed_with_what_all_lack_together():
    verdict = judged(small_county())
    lacking = shortfalls(verdict.county, verdict.scheme, verdict=verdict)
    paper = Document(io.BytesIO(write_report(view_of(small_county()), Facts(shortfalls=lacking))))
    tables = {
        each._tbl.getprevious().xpath("string(.)").partition("　")[2]: [
            [cell.text for cell in row.cells] for row in each.rows
        ]
        for each in paper.tables
    }
    assert tables["全县共差的数量"][1] == ["体育运动场地", "全校共用", "1", "292平方米", "292平方米"]
    assert ["第8学校", "初中", "体育运动场地", "292平方米", "292平方米"] in tables["各校资源配置所差的数量"]
    others = tables["各校其他方面所差的数量"]
    assert ["第5学校", "G3 音乐专用教室（每间不小于96平方米）", "1间"] in others
    text = "\n".join(each.text for each in paper.paragraphs)
    assert "所差数量为全校须增加的数量" in text


def test_what_cannot_be_said_for_want_of_figures_is_no_nought():
    document = build()[0]
    verdict = judged(document)
    lacking = shortfalls(verdict.county, verdict.scheme, verdict=verdict)
    paper = Document(io.BytesIO(write_report(view_of(document), Facts(shortfalls=lacking))))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "算不出（36所缺数据）" in cells
    assert any("处缺少数据，算不出差多少" in each.text for each in paper.paragraphs)


def test_a_county_that_lacks_nothing_says_so():
    verdict = judged(county())
    lacking = shortfalls(verdict.county, verdict.scheme, verdict=verdict)
    paper = Document(io.BytesIO(write_report(view_of(county()), Facts(shortfalls=lacking))))
    text = "\n".join(each.text for each in paper.paragraphs).split("、差距与补足")[1]
    assert text.strip().startswith("没有学校缺少可以计算的")


def test_shares_of_schools_stand_in_a_table_beside_their_picture(paper):
    rows = next(
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in paper.tables
        if table.rows[0].cells[-1].text == "比例"
    )
    assert ["R7 多媒体（每百名学生）", "小学", "2.3", "44", "22", "0", "50.0%"] in rows
    assert ["R3 体艺教师（每百名学生）", "小学", "0.9", "44", "0", "44", "—"] in rows
