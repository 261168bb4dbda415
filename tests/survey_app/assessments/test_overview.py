"""A verdict's document laid out: order, worst first, reasons with their schools, missing figures."""

import json

import pytest

from survey_app.assessments.judging import judge_text
from survey_app.assessments.overview import missing_words, overview_of
from survey_app.assessments.words import FORMULAS, INPUTS, UNITS
from survey_app.canonical import canonical
from survey_app.counties.yangcheng import build
from tests.factories import small_county


@pytest.fixture(scope="module")
def small():
    return view_of(small_county())


@pytest.fixture(scope="module")
def yangcheng():
    return view_of(build()[0])


def view_of(document):
    judged = judge_text(canonical(document), "shanxi-2022").document()
    return overview_of(
        json.loads(canonical(judged)), {each["code"]: each["name"] for each in document["schools"]}
    )


def test_sections_keep_the_order_of_the_document(small):
    order = "eligibility vetoes resources guarantee quality recognition"
    assert [each.id for each in small.sections] == order.split()


def test_cards_begin_with_what_is_judged(small):
    assert small.cards[0].id == "resources"
    assert {each.id for each in small.cards} == {each.id for each in small.sections}


def test_items_are_counted_as_the_document_has_them(small):
    assert [(each.id, each.met, each.total) for each in small.sections] == [
        ("eligibility", 5, 5),
        ("vetoes", 6, 6),
        ("resources", 12, 13),
        ("guarantee", 14, 15),
        ("quality", 8, 9),
        ("recognition", 1, 1),
    ]


def test_failing_schools_come_first_and_their_low_cells_are_marked(small):
    worst = small.heat[0]
    assert (worst.name, worst.stage) == ("第8学校", "junior")
    states = {cell.finding["id"]: (cell.ratio, cell.state) for cell in worst.cells}
    assert states["R5"] == ("0.96", "below")
    assert states["R1"][1] == "fine"
    assert small.failing_schools == 1


def test_cells_under_the_floor_and_without_figures_differ(yangcheng):
    cells = {cell.finding["id"]: cell for cell in yangcheng.heat[0].cells}
    assert cells["R7"].state == "below_floor"
    assert (cells["R3"].state, cells["R3"].ratio) == ("missing", "—")


def test_a_reason_names_the_schools_it_decides(small, yangcheng):
    assert [(each.finding["id"], len(each.schools)) for each in small.reasons] == [
        ("R5", 1),
        ("R6", 1),
        ("G3", 7),
    ]
    assert [(each.finding["id"], len(each.schools)) for each in yangcheng.reasons] == [
        ("R7", 13),
        ("G1", 0),
        ("G3", 30),
    ]


def test_schools_that_pass_despite_a_low_indicator_are_no_reason(yangcheng):
    failing = {row.rule["school"] for row in yangcheng.heat if row.rule["outcome"] == "not_met"}
    low = {
        row.rule["school"] for row in yangcheng.heat for cell in row.cells if cell.state.startswith("below")
    }
    assert failing < low
    assert {each["school"] for each in yangcheng.reasons[0].schools} == failing


def test_what_is_only_stated_is_listed_once_per_item(yangcheng):
    stated = "G6 G7 G8 G9 G11 G12 G13 G14 G15 Q1 Q2 Q4 Q7 Q9 recognition"
    assert [item.id for item in yangcheng.stated] == stated.split()


def test_duties_that_exemptions_leave_are_grouped(yangcheng):
    found = yangcheng.follow_ups
    assert {each.exemption for each in found} == {"2016年及之前规划并建成的学校"}
    assert {each.years for each in found} == {3}
    assert all(each["outcome"] == "met" for group in found for each in group.findings)


def test_a_missing_kind_of_figure_is_named_once_with_its_schools():
    places = [f"schools[S{n}].teachers.primary.trained" for n in range(3)] + [
        "figures.special_education.funds"
    ]
    assert missing_words(places, "zh") == ["小学完成培训教师数（3 处）", "特殊教育公用经费"]


def test_a_county_without_junior_schools_has_one_panel():
    document = small_county()
    schools = [each for each in document["schools"] if "junior" not in each["pupils"]]
    view = view_of({**document, "schools": schools})
    assert [each.title for each in view.panels({"primary": "小学", "junior": "初中"})] == ["小学"]


def test_every_formula_unit_and_input_has_words(small, yangcheng):
    for view in (small, yangcheng):
        for each in view.findings:
            assert each["formula"] in FORMULAS
            assert each["unit"] in {*UNITS, "percent", "number"}
            known = {*INPUTS, *(indicator["id"] for indicator in view.scheme["indicators"])}
            own = each["formula"] in {"monitoring", "composite_difference"}
            assert own or set(each["inputs"]) <= known, each["id"]
