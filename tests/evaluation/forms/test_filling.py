"""The national form filled in: values worked by hand, rounding that never decides, and what is unknown."""

from fractions import Fraction

import pytest

from evaluation.findings import Outcome
from evaluation.forms import FilledCell, FilledForm, fill, printed
from evaluation.forms.sources import exact_root
from evaluation.loader import load_form
from tests.evaluation.situations import changed, county, judged, small

FORM = load_form("national")


def filled(document=None, scheme="shanxi-2022") -> FilledForm:
    """The national form for a county file."""
    return fill(FORM, judged(document or county(), scheme))


def cell(form: FilledForm, table: str, row: str, column: str) -> FilledCell:
    """The cell of the first row whose name contains *row*."""
    found = form.table(table)
    place = next(n for n, name in enumerate(found.row_names()) if row in name)
    return found.rows[place][[each.id for each in found.table.columns].index(column)]


def texts(form: FilledForm, table: str, row: str) -> list[str]:
    """The printed cells of the first row whose name contains *row*."""
    found = form.table(table)
    place = next(n for n, name in enumerate(found.row_names()) if row in name)
    return [each.text for each in found.rows[place]]


def test_it_has_the_seven_tables_of_the_form():
    assert [each.table.name for each in filled().tables] == [
        "表Ⅰ",
        "表Ⅱ-1",
        "表Ⅱ-2",
        "表Ⅲ",
        "表Ⅳ",
        "表Ⅴ",
        "表Ⅵ",
    ]


def test_fifteen_items_of_guarantee_and_nine_of_quality_are_there():
    for table, count in (("guarantee", 15), ("quality", 9)):
        numbers = [cells[0].text for cells in filled().table(table).rows if cells[0].state != "continued"]
        assert numbers == [str(n) for n in range(1, count + 1)]


def test_basics_are_counted_and_residents_stand_in_ten_thousands():
    form = filled(changed(county(), {"county.resident_population": 153657, "county.villages": 12}))
    assert texts(form, "basics", "常住人口") == ["", "常住人口", "万人", "15.37"]
    assert cell(form, "basics", "常住人口", "value").value == Fraction("15.3657")
    assert texts(form, "basics", "行政村")[3] == "12"
    assert [texts(form, "basics", name)[3] for name in ("学校数 小学", "学校数 初级中学", "教学点")] == [
        "2",
        "2",
        "0",
    ]
    assert [
        texts(form, "basics", name)[3] for name in ("小学教学班数", "小学在校学生数", "小学专任教师数")
    ] == [
        "12",
        "480",
        "40",
    ]


def test_uncounted_schools_are_no_schools_but_their_pupils_are_pupils():
    form = filled(changed(county(), {"P2.counted": False, "P2.merge_into": "P1"}))
    assert cell(form, "basics", "学校数 小学", "value").value == 1
    assert cell(form, "basics", "小学在校学生数", "value").value == 480
    assert [cells[1].text for cells in form.table("schools").rows] == ["P1", "J1", "J2"]


def test_a_schools_values_have_two_decimals_half_up_from_the_exact_value():
    form = filled(changed(county(), {"P1.teaching_area": 1178.8}))
    found = cell(form, "schools", "P1学校 小学", "R4")
    assert (found.value, found.text, found.outcome) == (Fraction("4.495"), "4.50", Outcome.NOT_MET)
    assert cell(form, "schools", "P1学校 小学", "R1").text == "7.50"
    note = form.table("schools").notes[-1]
    assert "P1学校 小学" in note
    assert "印为4.50，精确值为4.495，按精确值判定为未达标" in note


def test_shares_of_schools_have_one_decimal():
    document = changed(county(), {"P1.multimedia_rooms": 1})
    row = texts(filled(document), "reached", "网络多媒体教室")
    assert row[1:] == ["2", "1", "50.0", "2", "2", "100.0"]
    assert texts(filled(document), "reached", "学校规则")[1:4] == ["2", "1", "50.0"]


@pytest.mark.parametrize(
    ("share", "text", "outcome"),
    [
        ("0.4995", "0.500", Outcome.MET),
        ("0.49949", "0.499", Outcome.MET),
        ("0.5", "0.500", Outcome.MET),
        ("0.50004", "0.500", Outcome.NOT_MET),
    ],
)
def test_coefficients_have_three_decimals_rounded_from_the_exact_root(share, text, outcome):
    """Two schools of 240 pupils with mean × (1 ± c) differ by exactly c."""
    values = [float(720000 * (1 + Fraction(share))), float(720000 * (1 - Fraction(share)))]
    document = changed(county(), {"P1.equipment_value": values[0], "P2.equipment_value": values[1]})
    form = filled(document)
    found = cell(form, "differences", "教学仪器设备值", "primary_difference")
    assert (found.value, found.text, found.outcome) == (Fraction(share), text, outcome)
    assert cell(form, "differences", "教学仪器设备值", "primary_mean").text == "3000.00"
    assert bool(form.table("differences").notes[1:]) == (outcome is Outcome.NOT_MET)


def test_the_mean_is_the_countys_ratio():
    document = changed(county(), {"P1.pupils.primary": 480, "P1.class_sizes.primary": [40] * 12})
    mean = cell(filled(document), "differences", "高于规定学历", "primary_mean")
    assert (mean.value, mean.text) == (Fraction(36 * 100, 720), "5.00")


def test_a_rate_printed_as_the_limit_is_not_met_and_says_so():
    tally = {"distributed": 2100, "valid": 2000, "satisfied": 1699}
    form = filled(changed(county(), {"recognition.questionnaires": tally}))
    found = cell(form, "recognition", "计", "rate")
    assert (found.value, found.text, found.outcome) == (Fraction("84.95"), "85.0", Outcome.NOT_MET)
    assert "印为85.0，精确值为84.95，按精确值判定为未达标" in form.table("recognition").notes[-1]


def test_a_figure_of_the_county_carries_the_judgement_of_its_item():
    rotation = {"eligible": 10000, "rotated": 995, "rotated_backbone": 199}
    form = filled(changed(county(), {"figures.rotation": rotation}))
    share = cell(form, "guarantee", "交流轮岗比例", "value")
    assert (share.value, share.text, share.outcome) == (Fraction("9.95"), "10.0", Outcome.NOT_MET)
    assert cell(form, "guarantee", "骨干教师比例", "value").outcome is Outcome.MET
    assert len(form.table("guarantee").notes) == 2


def test_a_monitored_difference_just_under_the_limit_prints_as_the_limit_and_is_met():
    document = changed(county(), {"figures.monitoring.0.difference": 0.1499})
    found = cell(filled(document), "quality", "语文：校际差异率", "value")
    assert (found.text, found.outcome, found.rounded_over) == ("0.150", Outcome.MET, True)


@pytest.mark.parametrize(
    ("change", "table", "row", "column"),
    [
        ({"P1.equipment_value": "absent"}, "schools", "P1学校", "R6"),
        ({"P1.equipment_value": "absent"}, "reached", "仪器设备", "primary_share"),
        ({"P1.equipment_value": "absent"}, "differences", "仪器设备", "primary_mean"),
        ({"P1.equipment_value": "absent"}, "differences", "仪器设备", "primary_difference"),
        ({"P1.teachers.primary.trained": "absent"}, "guarantee", "9 完成率", "value"),
        ({"P1.music_rooms": "absent"}, "guarantee", "音乐专用教室达标", "value"),
        ({"figures.pay.teacher_mean": "absent"}, "guarantee", "8 教师平均工资", "value"),
        ({"figures.monitoring.0": "absent"}, "quality", "语文：水平", "value"),
        ({"recognition.questionnaires.satisfied": "absent"}, "recognition", "计", "rate"),
    ],
)
def test_what_is_missing_is_printed_so_and_never_counted_as_nought(change, table, row, column):
    form = filled(changed(county(), change))
    found = cell(form, table, row, column)
    assert (found.text, found.value, found.state) == ("缺", None, "unknown")
    assert found.missing
    places = [(each.table, each.row) for each in form.unknown]
    assert any(name == form.table(table).table.name and row in words for name, words in places)


def test_other_figures_stay_when_one_is_missing():
    form = filled(changed(county(), {"P1.equipment_value": "absent"}))
    assert cell(form, "reached", "仪器设备", "primary_all").text == "2"
    assert cell(form, "schools", "P2学校", "R6").text == "3000.00"
    assert cell(form, "differences", "仪器设备", "junior_mean").text == "3000.00"


def test_an_item_that_cannot_be_judged_says_so():
    form = filled(changed(county(), {"attestations.layout": "absent"}))
    found = cell(form, "guarantee", "规划布局", "outcome")
    assert (found.text, found.state, found.missing) == ("无法判定", "unknown", ("attestations.layout",))


def test_nobody_concerned_is_neither_unknown_nor_nought():
    document = changed(
        county(), {"figures.migrant_children": {"eligible": 0, "in_public": 0, "in_purchased_private": 0}}
    )
    found = cell(filled(document), "guarantee", "就读比例", "value")
    assert (found.text, found.value, found.state) == ("—", None, "nothing")
    without = {**county(), "schools": [each for each in county()["schools"] if each["code"][0] == "P"]}
    assert cell(filled(without), "differences", "学历", "junior_difference").text == "—"


def test_the_example_county_has_a_source_for_every_cell():
    form = filled(small())
    assert form.empty == ()
    assert cell(form, "guarantee", "应配备的学校", "value").text == "13"
    assert cell(form, "guarantee", "音乐专用教室达标", "value").text == "9"
    assert texts(form, "recognition", "计") == ["计", "600", "560", "512", "91.4", "60", "55", "91.7"]
    assert texts(form, "recognition", "家长")[5:] == ["缺", "缺", "缺"]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("0.005", 2, "0.01"),
        ("0.0049999", 2, "0.00"),
        ("-0.004", 2, "0.00"),
        ("-2.5", 0, "-3"),
        ("99.95", 1, "100.0"),
    ],
)
def test_printing_rounds_half_up(value, digits, text):
    assert printed(Fraction(value), digits) == text


def test_an_irrational_root_has_fifty_digits():
    root = exact_root(Fraction(1, 2))
    assert abs(root**2 - Fraction(1, 2)) < Fraction(1, 10**50)
