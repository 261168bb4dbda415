"""Every fault of a workbook is named with sheet, cell, value and rule, all of them at once."""

import pytest

from survey_app.counties.workbook import read_workbook

pytestmark = pytest.mark.usefixtures("in_process")

#: Sheet, cell, what is put there, the rule that is broken.
CELLS = {
    "a word for a number": ("学校", "Q4", "很多", "not_a_number"),
    "a number with its unit": ("学校", "Q4", "265人", "not_a_number"),
    "thousands separated": ("学校", "AB4", "762,244", "not_a_number"),
    "not a number": ("学校", "Q4", b"><v>NaN</v>", "not_a_number"),
    "truth for a number": ("学校", "Q4", b't="b"><v>1</v>', "not_a_number"),
    "negative": ("学校", "Q4", -1, "negative"),
    "negative as text": ("学校", "X4", "-3.5", "negative"),
    "half a pupil": ("学校", "Q4", 265.5, "not_an_integer"),
    "beyond all numbers": ("学校", "AB4", 1e308, "too_large"),
    "beyond all counts": ("学校", "Q4", 1e308, "too_large"),
    "full-width digits": ("学校", "Q4", "２６５", "fullwidth_digits"),
    "zero-width in a number": ("学校", "Q4", "26\u200b5", "invisible_character"),
    "zero-width in a code": ("学校", "A4", "S001\u200b", "invisible_character"),
    "byte-order mark in a name": ("学校", "B4", "\ufeff第1学校", "invisible_character"),
    "full-width code": ("学校", "A4", "Ｓ００１", "fullwidth_characters"),
    "code stored as a number": ("学校", "A4", 2114000123, "id_is_number"),
    "county code stored as a number": ("县", "B4", 140999, "id_is_number"),
    "item number stored as a number": ("评分", "A4", 27.2, "id_is_number"),
    "name stored as a number": ("学校", "B4", 1, "text_is_number"),
    "unknown kind": ("学校", "C4", "大学", "unknown_choice"),
    "english kind": ("学校", "C4", "primary", "unknown_choice"),
    "unknown yes": ("学校", "F4", "Y", "unknown_choice"),
    "share above one": ("学校", "O4", 36.5, "out_of_range"),
    "level above four": ("县级指标", "N4", 5, "out_of_range"),
    "no population": ("县", "B7", 0, "too_small"),
    "a date": ("学校", "J4", b's="%d"><v>43832</v>', "is_date"),
    "an error value": ("学校", "Q4", b't="e"><v>#N/A</v>', "error_cell"),
    "an error from a formula": ("学校", "Q4", b't="e"><f>1/0</f><v>#DIV/0!</v>', "error_cell"),
    "a formula never calculated": ("学校", "Q4", b"><f>SUM(A1:A3)</f>", "formula_without_value"),
    "a formula with an empty result": ("学校", "Q4", b"><f>A9</f><v></v>", "formula_without_value"),
    "a required cell left out": ("学校", "C4", None, "missing"),
    "a blank county name": ("县", "B5", "  ", "missing"),
    "an unknown school": ("班级", "A4", "S999", "unknown_school"),
    "another school's name": ("班级", "B4", "第2学校", "name_differs"),
    "a school twice": ("学校", "A5", "S001", "duplicate"),
    "a stage twice": ("教师", "A5", "S001", "duplicate"),
    "none beside classes": ("班级", "D4", "无", "none_and_values"),
    "a changed item": ("县级指标", "A4", "特殊教育经费", "unknown_row"),
    "an item twice": ("县级指标", "A5", "特殊教育年度公用经费", "duplicate"),
    "a text too long": ("学校", "G4", "长" * 32_768, "text_too_long"),
    "a header lost": ("学校", "C3", None, "header_missing"),
    "a header changed": ("学校", "C3", "类型", "header_changed"),
    "a header twice": ("学校", "C3", "学校代码 *", "duplicate_header"),
    "a column added": ("年级人数", "N3", "备注", "unknown_header"),
    "a form's header changed": ("县", "B3", "数值", "header_changed"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_spoilt_cell_is_named_with_its_value_and_rule(case, edited, faults_of):
    sheet, cell, value, rule = CELLS[case]
    if isinstance(value, bytes) and b"%d" in value:
        value %= date_style(edited)
    faults = faults_of(edited.put(sheet, cell, value))
    found = {(fault.sheet, fault.cell): fault for fault in faults}
    at = {"a stage twice": "C5", "none beside classes": "D5"}.get(case, cell)
    assert found[sheet, at].rule == rule
    if at == cell and isinstance(value, str | int | float):
        assert found[sheet, at].value.rstrip("…") in str(value)


def date_style(book):
    """Number of a cell format that shows dates, added to the workbook."""
    styles = "xl/styles.xml"
    text = book.parts[styles].decode()
    count = int(text.partition('<cellXfs count="')[2].partition('"')[0])
    book.replace(styles, f'<cellXfs count="{count}">', f'<cellXfs count="{count + 1}">')
    book.replace(styles, "</cellXfs>", '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs>')
    return count


def test_all_faults_are_found_at_once_in_the_order_of_the_workbook(edited, faults_of):
    edited.put("县", "B4", 140999).put("学校", "Q4", -5).put("学校", "C5", "大学").put("班级", "A4", "S999")
    edited.put("公布数据", "F4", "R1").put("公布数据", "H4", "五")
    assert [(fault.where, fault.rule) for fault in faults_of(edited)] == [
        ("县!B4", "id_is_number"),
        ("学校!Q4", "negative"),
        ("学校!C5", "unknown_choice"),
        ("班级!A4", "unknown_school"),
        ("公布数据!H4", "not_a_number"),
    ]


@pytest.mark.parametrize(
    ("cell", "value", "key", "read"),
    [
        ("Q4", " 265 ", "pupils", {"primary": 265}),
        ("Q4", "0265", "pupils", {"primary": 265}),
        ("Q4", b"><f>200+65</f><v>265</v>", "pupils", {"primary": 265}),
        ("Q4", 265.0, "pupils", {"primary": 265}),
        ("B4", "\u3000第1学校 ", "name", "第1学校"),
        ("A4", "S001 ", "code", "S001"),
        ("G4", "=1+1", "township", "=1+1"),
        ("G4", "００七乡", "township", "００七乡"),
        ("F4", b't="b"><v>0</v>', "boarding", False),
        ("C4", " 小学", "kind", "primary"),
    ],
)
def test_what_has_only_one_meaning_is_read(cell, value, key, read, edited, tmp_path, small):
    document = read_workbook(edited.put("学校", cell, value).save(tmp_path / "county.xlsx"))
    assert document["schools"][0] == small["schools"][0] | {key: read}


def test_leading_zeros_of_a_code_stay(edited, tmp_path):
    edited.put("学校", "A17", "0014")
    for sheet in ("班级", "年级人数", "教师", "音美教室"):
        text = edited.parts[edited.sheets[sheet]]
        assert b"S014" not in text
    strings = edited.parts["xl/sharedStrings.xml"]
    edited.parts["xl/sharedStrings.xml"] = strings.replace(b"<t>S014</t>", b"<t>0014</t>")
    document = read_workbook(edited.save(tmp_path / "county.xlsx"))
    assert document["schools"][13]["code"] == "0014"
    assert document["schools"][13]["class_sizes"] == {"primary": [40], "junior": [20]}


def test_a_note_no_longer_counts_when_its_number_was_changed(edited, tmp_path):
    document = read_workbook(edited.put("音美教室", "D4", 97).save(tmp_path / "county.xlsx"))
    assert document["schools"][0]["music_rooms"] == [97]
    assert isinstance(document["schools"][0]["music_rooms"][0], int)


def test_a_broken_note_says_nothing(edited, tmp_path, small):
    edited.put("音美教室", "E4", '{"": "1e400"}').put("音美教室", "E5", "{").put(
        "学校", "AH4", '{"name": {}}'
    )
    assert read_workbook(edited.save(tmp_path / "county.xlsx")) == small


def test_a_moved_column_is_named_with_where_it_went(edited, faults_of):
    edited.put("学校", "C3", "城乡分类 *").put("学校", "D3", "学校类别 *")
    moved = {(fault.cell, fault.rule, fault.facts["found"]) for fault in faults_of(edited)}
    assert moved == {("C3", "header_moved", "D3"), ("D3", "header_moved", "C3")}


def test_merged_cells_are_named_by_their_range(edited, faults_of):
    edited.replace(
        "学校", "</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="G4:G9"/></mergeCells>'
    )
    (fault,) = faults_of(edited)
    assert (fault.where, fault.rule) == ("学校!G4:G9", "merged_cells")


def test_a_missing_sheet_is_named_and_its_absence_brings_no_other_fault(edited, faults_of):
    edited.replace("xl/workbook.xml", 'name="学校"', 'name="学校2"')
    assert [(fault.where, fault.rule) for fault in faults_of(edited)] == [("学校", "missing_sheet")]


def test_a_sheet_of_one_s_own_is_left_alone(edited, tmp_path, small):
    edited.replace("xl/workbook.xml", 'name="说明"', 'name="我的草稿"')
    assert read_workbook(edited.save(tmp_path / "county.xlsx")) == small


@pytest.mark.parametrize(
    ("cell", "value", "where", "rule"),
    [
        ("L16", "S777", "学校!L16", "merge_unknown"),
        ("L16", None, "学校!L16", "merge_missing"),
        ("L16", "S013", "学校!L16", "merge_itself"),
        ("R4", 12, "学校!R4", "stage_of_kind"),
    ],
)
def test_what_only_the_whole_file_shows_is_led_back_to_its_cell(cell, value, where, rule, edited, faults_of):
    (fault,) = faults_of(edited.put("学校", cell, value))
    assert (fault.where, fault.rule, fault.family) == (where, rule, "county")


def test_a_county_code_that_is_no_code(edited, faults_of):
    (fault,) = faults_of(edited.put("县", "B4", "14099"))
    assert (fault.where, fault.rule, fault.value) == ("县!B4", "pattern", "14099")


def test_the_template_asks_for_the_county_and_nothing_else(tmp_path, faults_of):
    from survey_app.counties.workbook import write_template

    path = tmp_path / "template.xlsx"
    write_template(path)
    assert [fault.where for fault in faults_of(path)] == ["县!B4", "县!B5", "县!B6"]
