from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from survey_app.counties.workbook.faults import WorkbookError
from survey_app.surveys.authoring.toml_text import toml_of
from survey_app.surveys.authoring.xlsform_export import write_xlsform
from survey_app.surveys.authoring.xlsform_import import LOSSES, import_xlsform
from survey_app.surveys.authoring.xlsform_words import (
    constraint,
    read_constraint,
    read_relevant,
    relevant,
    split,
)
from survey_app.surveys.faults import QuestionnaireError
from survey_app.surveys.questionnaire import Condition
from survey_app.surveys.questionnaire_loader import load_form, parse_questionnaire

from ..forms import EVERY_KIND, SMALL


def book(path: Path, **sheets: list[list[object]]) -> Path:
    """Write a workbook, sheet by sheet."""
    with xlsxwriter.Workbook(str(path)) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
                for column, value in enumerate(row):
                    if value == "=1/0":
                        sheet.write_formula(number, column, "=1/0", None, "#DIV/0!")
    return path


@pytest.mark.parametrize("form", [EVERY_KIND, SMALL, load_form("public"), load_form("staff")])
def test_what_is_exported_is_imported_again_without_a_loss(form, tmp_path):
    path = tmp_path / "form.xlsx"
    path.write_bytes(write_xlsform(form))
    imported = import_xlsform(path)
    assert imported.losses == ()
    assert parse_questionnaire(toml_of(imported.document)) == form


FOREIGN = {
    "survey": [
        [
            "type",
            "name",
            "label::中文 (zh)",
            "label::English (en)",
            "required",
            "relevant",
            "constraint",
            "appearance",
        ],
        ["start", "start"],
        ["text", "name", "称呼", "Name"],
        ["begin group", "g", "部分", "Part"],
        ["select_one yn", "uses", "用吗？", "Do you?", "yes"],
        ["select_one agree", "good", "好吗？", "Good?", "yes", "${uses} = 'yes'"],
        ["integer", "age", "几年？", "Years?", "", "${uses} = 'yes' and ${good} != '1'", ". >= 1 and . <= 9"],
        ["decimal", "cost", "多少？", "How much?", "", "${age} * 2 > 5", ". > 0"],
        ["geopoint", "where", "在哪？", "Where?"],
        ["select_multiple yn", "both", "选", "Choose", "", "", "regex(., 'x')", "columns"],
        ["end group"],
    ],
    "choices": [
        ["list_name", "name", "label::中文 (zh)", "label::English (en)"],
        ["yn", "yes", "是", "Yes"],
        ["yn", "no", "否", "No"],
        *(["agree", code, f"第{code}", f"Level {code}"] for code in (5, 4, 3, 2, 1, "dk")),
    ],
    "settings": [["form_title", "form_id"], ["外来表", "foreign"]],
}


def test_what_cannot_be_carried_over_is_listed_and_the_rest_kept(tmp_path):
    imported = import_xlsform(book(tmp_path / "f.xlsx", **FOREIGN), form="student")
    lost = {(loss.rule, loss.name, loss.value) for loss in imported.losses}
    assert {
        ("type", "start", "start"),
        ("type", "where", "geopoint"),
        ("relevant", "cost", "${age} * 2 > 5"),
        ("constraint", "cost", ". > 0"),
        ("constraint", "both", "regex(., 'x')"),
        ("key", "both", "appearance columns"),
        ("scale", "good", "agree"),
        ("loose", "name", "questions"),
    } <= lost
    assert all(
        "{" not in loss.message(lang).replace("${", "") for loss in imported.losses for lang in ("zh", "en")
    )
    items = {item["id"]: item for section in imported.document["sections"] for item in section["items"]}
    assert list(items) == ["uses", "good", "age", "cost", "both", "name"]
    assert items["age"]["when"] == [
        {"item": "uses", "in": ["yes"]},
        {"item": "good", "not_in": ["1"]},
    ]
    assert (items["age"]["min"], items["age"]["max"]) == ("1", "9")
    with pytest.raises(QuestionnaireError) as refused:
        parse_questionnaire(toml_of(imported.document))
    assert {fault.rule for fault in refused.value.faults} == {"overall_count", "missing_translation"}


def test_words_without_a_language_are_chinese_and_foreign_languages_are_listed(tmp_path):
    sheets = {
        "survey": [["type", "name", "label", "label::Français (fr)"], ["text", "q", "问", "Q"]],
        "settings": [["form_title"], ["表"]],
    }
    imported = import_xlsform(book(tmp_path / "f.xlsx", **sheets))
    (section,) = imported.document["sections"]
    assert section["items"][0]["text"] == {"zh": "问", "en": ""}
    assert ("language", "Français (fr)") in {(loss.rule, loss.name) for loss in imported.losses}


@pytest.mark.parametrize(
    ("sheets", "rule"),
    [
        ({"choices": [["list_name"]]}, "missing_sheet"),
        ({"survey": [["type", "name"], ["select_one gone", "q"]]}, "no_xlsform"),
        ({"survey": [["type", "name"], ["begin group", "g"]]}, "no_xlsform"),
        ({"survey": [["a", "b"], ["c", "d"]]}, "no_xlsform"),
        ({"survey": []}, "no_xlsform"),
        ({"survey": [["type", "name", "label"], ["text", "q", "=1/0"]]}, "odd_cell"),
        ({"survey": [["type"], *[["text"]] * 5001]}, "too_many_rows"),
        ({"survey": [["type", "name"], ["text", "q"]], "junheng": [["what"], ["item"]]}, "bad_own_note"),
        (
            {
                "survey": [["type", "name"], ["text", "q"]],
                "junheng": [["what", "name", "key", "value"], ["item", "q", "topic", "{"]],
            },
            "bad_own_note",
        ),
    ],
)
def test_a_workbook_that_is_no_xlsform_is_refused(sheets, rule, tmp_path):
    with pytest.raises(QuestionnaireError) as refused:
        import_xlsform(book(tmp_path / "f.xlsx", **sheets))
    assert rule in {fault.rule for fault in refused.value.faults}


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"form = 1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)]
)
def test_what_is_no_workbook_is_refused(content, tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookError):
        import_xlsform(path)


@pytest.mark.parametrize(
    ("what", "key", "value"),
    [
        ("form", "title", '"only a text"'),
        ("form", "title", '{"zh": 3, "en": "N"}'),
        ("form", "scales", "7"),
        ("form", "groups", '[["x"]]'),
        ("item", "topic", '{"zh": 3}'),
        ("item", "decimals", "true"),
        ("item", "a b\nform", "1"),
        ("item", "variants", '{"nobody": {"zh": "a", "en": "b"}}'),
        ("planet", "topic", '"x"'),
        ("item", "topic", "[" * 5000),
    ],
)
def test_an_odd_value_on_our_own_sheet_is_named_by_its_row(what, key, value, tmp_path):
    sheets = {
        "survey": [["type", "name", "label"], ["begin group", "g", "组"], ["text", "q", "问"], ["end group"]],
        "junheng": [["what", "name", "key", "value"], [what, "q", key, value]],
    }
    with pytest.raises(QuestionnaireError) as refused:
        import_xlsform(book(tmp_path / "form.xlsx", **sheets))
    assert [(fault.rule, fault.place) for fault in refused.value.faults] == [("bad_own_note", "junheng!A2")]


def test_groups_within_groups_without_end_are_refused(tmp_path):
    deep = 1500
    survey = [["type", "name", "label"], *(["begin group", f"g{n}", "组"] for n in range(deep))]
    survey += [["text", "q", "问"], *([["end group"]] * deep)]
    with pytest.raises(QuestionnaireError) as refused:
        import_xlsform(book(tmp_path / "form.xlsx", survey=survey))
    assert [fault.rule for fault in refused.value.faults] == ["no_xlsform"]


CODES = st.lists(st.sampled_from(["5", "4", "3", "2", "1", "dk"]), max_size=3, unique=True).map(tuple)
BOUNDS = st.none() | st.integers(0, 9).map(Decimal)


@given(codes=CODES, not_codes=CODES, low=BOUNDS, high=BOUNDS)
def test_every_condition_is_written_and_read_again(codes, not_codes, low, high):
    if not (codes or not_codes or low is not None or high is not None):
        return
    condition = Condition(item="overall", codes=codes, not_codes=not_codes, at_least=low, at_most=high)
    (read,) = read_relevant(relevant(EVERY_KIND, (condition,)))
    wanted = {"in": list(codes), "not_in": list(not_codes)}
    wanted |= {"at_least": low if low is None else str(low), "at_most": high if high is None else str(high)}
    assert read == {"item": "overall"} | {
        key: value for key, value in wanted.items() if value not in (None, [])
    }


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("selected(${a}, 'x') or selected(${a}, 'y')", [{"item": "a", "in": ["x", "y"]}]),
        ('${a}="x"', [{"item": "a", "in": ["x"]}]),
        ("(not(selected(${a}, 'x')))", [{"item": "a", "not_in": ["x"]}]),
        ("${a} = 'x' or ${b} = 'y'", None),
        ("${a} = 'x' and ${a} = 'y'", None),
        ("${a} > 3", None),
        ("count-selected(${a}) > 2", None),
        ("${a} = 'x' or", None),
        ("'", None),
        ("((((", None),
    ],
)
def test_expressions_are_read_exactly_or_not_at_all(expression, expected):
    assert read_relevant(expression) == expected


@given(st.text("()'\" andor${}=x1.<>!", max_size=30))
def test_any_expression_is_read_or_left(expression):
    read_relevant(expression)
    limits, rest = read_constraint(expression)
    assert len(limits) + len(rest) <= len(split(expression, "and"))


def test_limits_are_written_and_read_again():
    assert read_constraint(constraint(EVERY_KIND.item("minutes"))) == ({"min": "0", "max": "180"}, [])
    assert read_constraint(constraint(EVERY_KIND.item("activities"))) == ({"most": 2, "alone": ["none"]}, [])
    assert read_constraint(constraint(EVERY_KIND.item("low_rooms"))) == ({"max_length": 1000}, [])


def test_every_loss_can_be_said():
    for words in LOSSES.values():
        for language in ("zh", "en"):
            assert "{" not in words.in_language(language).format(name="n", value="v")
