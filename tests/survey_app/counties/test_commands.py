"""The commands template and convert, as a shell sees them."""

import json

import pytest
from click.testing import CliRunner

from survey_app.cli import main
from survey_app.counties import yangcheng


@pytest.fixture
def junheng():
    def run(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def small_json(tmp_path, small):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(small, ensure_ascii=False), encoding="utf-8")
    return path


def test_template_writes_a_workbook(junheng, tmp_path):
    done = junheng("template", tmp_path / "county.xlsx")
    assert done.exit_code == 0
    assert "county.xlsx" in done.stdout
    assert (tmp_path / "county.xlsx").read_bytes().startswith(b"PK")


def test_template_never_overwrites_what_someone_filled_in(junheng, tmp_path):
    book = tmp_path / "county.xlsx"
    book.write_bytes(b"filled in")
    refused = junheng("template", book)
    assert refused.exit_code == 1
    assert "已存在" in refused.stderr
    assert book.read_bytes() == b"filled in"


@pytest.mark.parametrize("name", ["small", "yangcheng"])
def test_convert_there_and_back_is_identical(name, junheng, tmp_path, small):
    document = small if name == "small" else yangcheng.build()[0]
    first, book, second = tmp_path / "a.json", tmp_path / "a.xlsx", tmp_path / "b.json"
    first.write_text(json.dumps(document), encoding="utf-8-sig")
    assert junheng("convert", first, book).exit_code == 0
    assert junheng("convert", book, second, "--json").exit_code == 0
    back = json.loads(second.read_text(encoding="utf-8"))
    assert json.dumps(back, sort_keys=True) == json.dumps(document, sort_keys=True)


def test_a_workbook_with_faults_is_refused_with_every_fault_and_nothing_is_written(junheng, tmp_path, edited):
    book = edited.put("学校", "Q4", -5).put("班级", "A4", "S999").save(tmp_path / "county.xlsx")
    refused = junheng("convert", book, tmp_path / "county.json", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout) == {
        "faults": [
            {
                "where": "学校!Q4",
                "value": "-5",
                "rule": "negative",
                "message": "“在校生：小学”不能是负数，现在是 -5。",
            },
            {
                "where": "班级!A4",
                "value": "S999",
                "rule": "unknown_school",
                "message": "“学校”表中没有代码“S999”。请核对代码，或先在“学校”表中补上这所学校。",
            },
        ]
    }
    assert not (tmp_path / "county.json").exists()


def test_without_json_every_fault_is_one_line_on_standard_error(junheng, tmp_path, edited):
    book = edited.put("学校", "Q4", -5).put("班级", "A4", "S999").save(tmp_path / "county.xlsx")
    refused = junheng("convert", book, tmp_path / "county.json")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert [line.partition("：")[0] for line in refused.stderr.splitlines()] == ["学校!Q4", "班级!A4"]


def test_a_county_file_with_faults_is_refused_by_path(junheng, tmp_path, small):
    path = tmp_path / "county.json"
    spoilt = small | {"year": "2021", "towns": 3}
    path.write_text(json.dumps(spoilt), encoding="utf-8")
    refused = junheng("convert", path, tmp_path / "county.xlsx", "--json")
    assert refused.exit_code == 1
    faults = {fault["where"]: fault for fault in json.loads(refused.stdout)["faults"]}
    assert (faults["year"]["rule"], faults["towns"]["rule"]) == ("type", "unknown_key")
    assert not (tmp_path / "county.xlsx").exists()


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"", "malformed"), (b"{", "malformed"), ('{"县": 1}'.encode("gb18030"), "encoding"), (b"[]", "type")],
)
def test_what_is_no_county_file_is_refused(content, rule, junheng, tmp_path):
    path = tmp_path / "county.json"
    path.write_bytes(content)
    refused = junheng("convert", path, tmp_path / "county.xlsx", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["faults"][0]["rule"] == rule


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        ("small.json", "county.ods", "unknown_kind"),
        ("small.json", "small.json", "same_file"),
        ("small.json", "no/such/folder/county.xlsx", "unwritable"),
    ],
)
def test_a_target_that_cannot_be_written_is_named(source, target, rule, junheng, tmp_path, small_json):
    before = small_json.read_bytes()
    refused = junheng("convert", tmp_path / source, tmp_path / target, "--json")
    assert refused.exit_code == 1
    assert [fault["rule"] for fault in json.loads(refused.stdout)["faults"]] == [rule]
    assert small_json.read_bytes() == before


@pytest.mark.parametrize("arguments", [["convert"], ["convert", "missing.json", "a.xlsx"], ["template"]])
def test_wrong_usage_exits_with_two(arguments, junheng):
    assert junheng(*arguments).exit_code == 2
