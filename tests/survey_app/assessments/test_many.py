"""``junheng evaluate --many`` as it is typed: one table of a folder's county files."""

import csv
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from benchmarks.synthetic import counties
from evaluation import evaluate, load_scheme, read_county, row_of
from survey_app.assessments import county_table
from survey_app.cli import main
from tests.evaluation.situations import small

SCHEME = ["--scheme", "shanxi-2022"]


def run(*arguments: str):
    return CliRunner().invoke(main, ["evaluate", *arguments])


@pytest.fixture
def folder(tmp_path: Path):
    """Two counties, one of them below, and files that are none of the counties'."""
    folder = tmp_path / "files"
    (folder / "below" / ".trash").mkdir(parents=True)
    write(folder / "b.json", small())
    write(folder / "below" / "a.json", next(counties(1, size=0.1)))
    for passed_over in ("below/.trash/x.json", "~$b.xlsx", ".hidden.json", "notes.txt"):
        (folder / passed_over).write_text("{", encoding="utf-8")
    return folder


def write(path: Path, document) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def test_a_csv_file_has_one_row_per_county_under_chinese_heads(folder, tmp_path):
    out = tmp_path / "table.csv"
    done = run("--many", str(folder), *SCHEME, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "共 2 个文件" in done.stdout
    assert out.read_bytes().startswith("\ufeff".encode())
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    verdict = evaluate(read_county(small()), load_scheme("shanxi-2022"))
    assert [row["文件"] for row in rows] == ["b.json", "below/a.json"]
    assert rows[0]["县代码"] == small()["county"]["code"]
    assert rows[0]["结论"] == "未达标"
    assert rows[0]["决定结论的条目"] == ";".join(verdict.reasons)
    assert float(rows[0]["小学 R1 差异系数"]) == verdict.difference["primary"]["R1"]
    assert rows[0]["小学学校数"] == "7"
    assert rows[0]["数据中的矛盾"] == str(len(verdict.consistency))


def test_json_is_one_document_and_nothing_else(folder):
    done = run("--many", str(folder), *SCHEME, "--json")
    printed = json.loads(done.stdout)
    row = row_of(evaluate(read_county(small()), load_scheme("shanxi-2022")))
    assert done.exit_code == 0
    assert printed["scheme"]["id"] == "shanxi-2022"
    assert printed["counties"][0] == {
        "file": "b.json",
        **json.loads(json.dumps(row.document())),
        "faults": [],
    }
    assert printed["faults"] == []


def test_a_workbook_keeps_numbers_numbers_and_codes_text(folder, tmp_path):
    out = tmp_path / "table.xlsx"
    run("--many", str(folder), *SCHEME, "--out", str(out), "--lang", "en")
    heads, first, _ = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    row = dict(zip(heads, first, strict=True))
    assert row["County code"] == small()["county"]["code"]
    assert row["Verdict"] == "Not met"
    assert isinstance(row["Primary R1 difference coefficient"], float)
    assert row["Share of junior schools that pass"] == pytest.approx(5 / 6)


def test_parquet_has_the_columns_own_names(folder, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    out = tmp_path / "table.parquet"
    assert run("--many", str(folder), *SCHEME, "--out", str(out)).exit_code == 0
    table = duckdb.sql(f"SELECT code, verdict, \"passing.junior\" FROM '{out}' ORDER BY file")
    assert table.fetchall()[0] == (small()["county"]["code"], "not_met", pytest.approx(5 / 6))


def test_parquet_without_its_library_is_refused_before_anything_is_judged(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.setattr("survey_app.assessments.many.find_spec", lambda name: None)
    monkeypatch.setattr(county_table, "judge_file", lambda *_: pytest.fail("judged"))
    done = run("--many", str(folder), *SCHEME, "--out", str(tmp_path / "table.parquet"))
    assert done.exit_code == 1
    assert "junheng[fast]" in done.stderr


def test_a_name_never_becomes_a_formula(tmp_path):
    document = small()
    document["county"]["name"] = "=1+1"
    folder = tmp_path / "files"
    folder.mkdir()
    write(folder / "=b.json", document)
    run("--many", str(folder), *SCHEME, "--out", str(tmp_path / "table.csv"))
    run("--many", str(folder), *SCHEME, "--out", str(tmp_path / "table.xlsx"))
    (row,) = csv.DictReader((tmp_path / "table.csv").read_text("utf-8-sig").splitlines())
    assert (row["文件"], row["县（市、区）"]) == ("'=b.json", "'=1+1")
    _, values = CalamineWorkbook.from_path(tmp_path / "table.xlsx").get_sheet_by_index(0).to_python()
    assert values[:3] == ["=b.json", document["county"]["code"], "=1+1"]


@pytest.fixture
def broken(folder):
    """A folder with a file that is none, one with two faults, a broken workbook, an unknown key."""
    (folder / "c.json").write_text("{", encoding="utf-8")
    write(folder / "d.json", small() | {"year": "2024", "schools": []} | {"extra": 1})
    (folder / "e.xlsx").write_text("no workbook", encoding="utf-8")
    write(folder / "f.json", small() | {"vetoes": {"nope": True}})
    return folder


def test_a_file_that_cannot_be_judged_stops_no_other(broken, tmp_path):
    out = tmp_path / "table.csv"
    done = run("--many", str(broken), *SCHEME, "--out", str(out))
    assert done.exit_code == 1
    said = [
        line.partition(":")[0] for line in done.stderr.splitlines() if ".json: " in line or ".xlsx: " in line
    ]
    assert said == ["c.json", "d.json", "d.json", "e.xlsx", "f.json"]
    rows = {row["文件"]: row for row in csv.DictReader(out.read_text("utf-8-sig").splitlines())}
    assert list(rows) == ["b.json", "below/a.json", "c.json", "d.json", "e.xlsx", "f.json"]
    assert rows["b.json"]["结论"] == "未达标"
    assert {rows[file]["结论"] for file in ("c.json", "d.json", "e.xlsx", "f.json")} == {""}
    assert rows["f.json"]["县代码"] == small()["county"]["code"]
    assert "nope" in rows["f.json"]["不能评估的原因"]
    assert "不能评估 4" in done.stdout


def test_json_lists_every_fault_with_its_file(broken):
    done = run("--many", str(broken), *SCHEME, "--json")
    printed = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [each["file"] for each in printed["faults"]] == ["c.json", "d.json", "d.json", "e.xlsx", "f.json"]
    assert {"file", "where", "value", "rule", "message"} == set(printed["faults"][0])
    assert printed["counties"][0]["verdict"] == "not_met"


def test_many_files_are_judged_by_several_processes_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(county_table, "_cores", lambda: 2)
    documents = list(counties(16, size=0.1))
    for place, document in enumerate(documents):
        write(tmp_path / f"{place:02}.json", document)
    scheme = load_scheme("shanxi-2022")
    paths = county_table.county_files(tmp_path)
    judged = list(county_table.judge_files(paths, tmp_path, scheme.id))
    assert [each.file for each in judged] == [path.name for path in paths]
    assert [each.row for each in judged] == [
        row_of(evaluate(read_county(each), scheme)) for each in documents
    ]


def test_every_file_has_the_same_columns_with_a_head_each(broken):
    scheme = load_scheme("hunan-2023")
    paths = county_table.county_files(broken)
    judged = list(county_table.judge_files(paths, broken, scheme.id))
    table = county_table.table(judged, scheme, "zh")
    for lang in ("zh", "en"):
        heads = county_table.heads(scheme, table.columns, lang)
        assert len(set(heads)) == len(table.columns), pd.Series(heads).value_counts().head(2)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--many", "{folder}", "--scheme", "none-1", "--out", "{out}.csv"], 1),
        (["--many", "{empty}", *SCHEME, "--out", "{out}.csv"], 1),
        (["--many", "{folder}", *SCHEME, "--out", "{out}/nowhere/table.csv"], 1),
        (["--many", "{folder}", *SCHEME], 2),
        (["--many", "{folder}", *SCHEME, "--out", "{out}.txt"], 2),
        (["--many", "{out}", *SCHEME, "--out", "{out}.csv"], 2),
        (["{folder}/b.json", "--many", "{folder}", *SCHEME, "--out", "{out}.csv"], 2),
        (["{folder}/b.json", *SCHEME, "--out", "{out}.csv"], 2),
        (["--many", "{folder}", *SCHEME, "--out", "{out}.csv", "--docx", "{out}.docx"], 2),
    ],
)
def test_what_is_refused(folder, tmp_path, arguments, status):
    (tmp_path / "empty").mkdir()
    names = {"folder": folder, "empty": tmp_path / "empty", "out": tmp_path / "out"}
    done = run(*(each.format(**names) for each in arguments))
    assert done.exit_code == status, done.output
    assert done.stderr
    assert not list(tmp_path.glob("out*"))
