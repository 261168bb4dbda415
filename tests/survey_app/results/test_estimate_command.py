"""`junheng estimate` from CSV, Parquet and databases: R's numbers, a table, one sentence for a fault."""

import json
import sqlite3

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from survey_app.cli import main
from tests.sampling.reference import GOLDEN, SURVEY, TWO_STAGE

ROW = {"value", "by", "n", "psus", "df", "estimate", "se", "lower", "upper", "deff", "method", "level"}
STRATIFIED = ("--stratum", "stype", "--weight", "pw", "--fpc", "fpc")


def run(*arguments):
    return CliRunner().invoke(main, ["estimate", *map(str, arguments)])


def rows(*arguments):
    said = run(*arguments, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


@pytest.fixture
def survey(tmp_path):
    """R's stratified schools as CSV, with the 0/1 columns the golden numbers are about."""
    frame = pd.read_csv(GOLDEN / "apistrat.csv")
    frame["sw"] = (frame["sch.wide"] == "Yes").astype(int)
    frame["aw"] = (frame["awards"] == "Yes").astype(int)
    frame.to_csv(tmp_path / "schools.csv", index=False, encoding="utf-8-sig")
    return tmp_path / "schools.csv"


@pytest.mark.parametrize("engine", ["numpy", "duckdb", "sqlite"])
def test_rows_are_those_of_r(survey, engine):
    (row, mean) = rows(survey, "--value", "sw", "--value", "api00", *STRATIFIED, "--engine", engine)
    assert set(row) == ROW
    expected = SURVEY["results"]["strat_fpc"]
    interval = expected["sw"]["svyciprop"]["logit"]
    assert (row["value"], row["by"], row["method"], row["level"]) == ("sw", {}, "logit", 0.95)
    assert (row["n"], row["psus"], row["df"]) == (200, 200, 197)
    assert (row["lower"], row["upper"]) == pytest.approx((interval["lo"], interval["hi"]), rel=1e-6)
    assert (mean["estimate"], mean["se"]) == pytest.approx(
        (expected["api00"]["mean"], expected["api00"]["se"]), rel=1e-6
    )
    assert (mean["method"], mean["deff"]) == (
        "mean",
        pytest.approx(expected["api00"]["deff_replace"], rel=1e-6),
    )


@pytest.mark.parametrize("by", [("--by", "stype", "--by", "aw"), ("--by", "stype", "aw")])
def test_domains_by_several_columns(survey, by):
    found = rows(survey, "--value", "sw", *STRATIFIED, *by)
    assert [row["by"] for row in found][:2] == [{"stype": "E", "aw": "0"}, {"stype": "E", "aw": "1"}]


@pytest.mark.parametrize("method", ["logit", "beta", "wilson", "mean"])
def test_every_method_at_another_level(survey, method):
    (row,) = rows(survey, "--value", "sw", *STRATIFIED, "--method", method)
    interval = SURVEY["results"]["strat_fpc"]["sw"]["svyciprop"][method]
    assert (row["lower"], row["upper"]) == pytest.approx((interval["lo"], interval["hi"]), rel=1e-6)
    (wide,) = rows(survey, "--value", "sw", *STRATIFIED, "--method", method, "--level", "0.99")
    assert wide["level"] == 0.99
    assert wide["upper"] - wide["lower"] > row["upper"] - row["lower"]


def test_two_stages_with_populations_at_both(tmp_path):
    reference = TWO_STAGE["clus2"]
    pd.DataFrame(reference["data"]).to_csv(tmp_path / "a.csv", index=False)
    options = ("--psu", "dnum", "--ssu", "snum", "--fpc", "fpc1", "--fpc2", "fpc2")
    (row,) = rows(tmp_path / "a.csv", "--value", "aw", *options)
    expected = reference["results"]["aw"]
    assert (row["estimate"], row["se"], row["df"]) == pytest.approx(
        (expected["mean"], expected["se"], expected["df"]), rel=1e-6
    )
    said = run(tmp_path / "a.csv", "--value", "aw", *options, "--engine", "sqlite")
    assert (said.exit_code, said.stderr.count("\n")) == (1, 1)
    assert "--engine numpy" in said.stderr


def test_parquet_and_a_database_are_the_same_answers(survey, tmp_path):
    expected = rows(survey, "--value", "sw", *STRATIFIED, "--by", "stype")
    frame = pd.read_csv(survey)
    duckdb.from_df(frame).write_parquet(str(tmp_path / "a.parquet"))
    with sqlite3.connect(tmp_path / "a.db") as database:
        frame.to_sql("answers", database, index=False)
    for source in (tmp_path / "a.parquet", f"sqlite:///{tmp_path / 'a.db'}"):
        found = rows(source, "--value", "sw", *STRATIFIED, "--by", "stype")
        for one, other in zip(found, expected, strict=True):
            assert one["by"] == other["by"]
            assert [one[name] for name in ("estimate", "se", "lower", "upper")] == pytest.approx(
                [other[name] for name in ("estimate", "se", "lower", "upper")], rel=1e-9
            )


def test_a_table_to_be_read_in_both_languages(survey):
    chinese = run(survey, "--value", "sw", *STRATIFIED, "--by", "stype").stdout.splitlines()
    assert chinese[0].split() == [
        "变量",
        "stype",
        "答卷",
        "单元",
        "自由度",
        "估计",
        "标准误",
        "下限",
        "上限",
        "设计效应",
        "区间",
    ]
    assert chinese[-1] == "置信水平 95%"
    english = run(survey, "--value", "sw", *STRATIFIED, "--by", "stype", "--lang", "en").stdout.splitlines()
    assert english[0].split()[:3] == ["variable", "stype", "n"]
    assert len(chinese) == len(english) == 5


CSV = "y,w,h,s,N\n1,1,a,1,5\n0,2,a,2,5\n1,1,b,3,9\n1,1,b,4,9\n"
DESIGN = ("--value", "y", "--weight", "w", "--stratum", "h", "--psu", "s", "--fpc", "N")


@pytest.mark.parametrize(
    ("old", "new", "options", "where", "rule", "said"),
    [
        ("0,2,a", "0,-2,a", DESIGN, "w[2]", "column_negative", "“w”列第 2 行是 -2，不能是负数。"),
        ("0,2,a", "0,,a", DESIGN, "w[2]", "column_missing", "“w”列第 2 行是空的。这一列每一行都要填写。"),
        ("b,4,9", "c,4,9", DESIGN, "s[3]", "lonely_1", "“b”层只有一个抽样单元（“s”列第 3 行）"),
        ("b,4,9", "b,4,8", DESIGN, None, "column_varies", "同一层各行应相同"),
        (",9", ",1", DESIGN, "N[3]", "column_below_sample", "“N”列第 3 行是 1，小于样本中的单元数。"),
        ("0,2,a", "gut,2,a", DESIGN, "y[2]", "column_not_a_number", "“y”列第 2 行应是数字，现在是“gut”。"),
        ("0,2,a", "nan,2,a", DESIGN, "y[2]", "column_not_a_number", "“nan”"),
        ("0,2,a", "4,2,a", (*DESIGN, "--method", "beta"), "y[2]", "column_not_binary", "“y”列第 2 行是 4。"),
        ("", "", ("--value", "z"), "z", "column_unknown", "没有“z”这一列。现有的列：y、w、h、s、N。"),
        ("", "", ("--value", "y", "--by", "g"), "g", "column_unknown", "没有“g”这一列。"),
        ("0,2,a,2,5", "0,2,a,2", DESIGN, None, "row_length", "第 2 行（不计表头）有 4 格，表头有 5 格。"),
        ("y,w", "y,y", DESIGN, None, "header_twice", "表头“y”出现了两次"),
        ("", "", (*DESIGN, "--engine", "oracle"), "--engine", "engine_unknown", "没有名为“oracle”的引擎。"),
        ("", "", (*DESIGN, "--engine", "spark"), "--engine", "engine_wrong_source", "引擎 spark 不能读取"),
        (
            "",
            "",
            (*DESIGN, "--level", "95"),
            "--level",
            "argument_level",
            "置信水平应在 0 和 1 之间，现在是 95。",
        ),
        ("", "", (*DESIGN, "--ssu", "s"), "s", "column_needed", "用“s”列时还需要 fpc2。"),
    ],
)
def test_bad_input_gives_one_sentence_naming_column_row_and_rule(
    tmp_path, old, new, options, where, rule, said
):
    path = tmp_path / "a.csv"
    path.write_text(CSV.replace(old, new) if old else CSV, encoding="utf-8")
    plain, document = run(path, *options), run(path, *options, "--json")
    assert (plain.exit_code, document.exit_code, plain.stdout) == (1, 1, "")
    assert said in plain.stderr
    assert plain.stderr.count("\n") == 1
    (fault,) = json.loads(document.stdout)["faults"]
    assert fault["rule"] == rule
    assert where in (None, fault["where"])
    english = run(path, *options, "--lang", "en")
    assert english.stderr.isascii() or not any("一" <= letter <= "鿿" for letter in english.stderr)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty_file"),
        (b"y,w\n", "column_empty"),
        ("满意\n1".encode("gbk"), "not_utf8"),
        (b'y\n"1', "not_csv"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, rule):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    said = run(path, "--value", "y", "--json")
    assert (said.exit_code, json.loads(said.stdout)["faults"][0]["rule"]) == (1, rule)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("none.csv", "no_file"),
        ("none.parquet", "no_file"),
        ("sqlite:///none.db", "engine_unreadable"),
        ("postgresql://u:secret@127.0.0.1:1/x", "engine_unreadable"),
    ],
)
def test_sources_that_are_not_there(tmp_path, monkeypatch, source, rule):
    monkeypatch.chdir(tmp_path)
    said = run(source, "--value", "y", "--json")
    assert (said.exit_code, json.loads(said.stdout)["faults"][0]["rule"]) == (1, rule)
    assert "secret" not in said.output
    assert not list(tmp_path.iterdir())


def test_files_of_another_kind_and_damaged_ones(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    (tmp_path / "a.parquet").write_text(CSV, encoding="utf-8")
    kinds = [
        json.loads(run(tmp_path / name, "--value", "y", "--json").stdout)["faults"][0]["rule"]
        for name in ("a.xlsx", "a.parquet")
    ]
    assert kinds == ["kind", "engine_unreadable"]


def test_wrong_usage_has_a_status_of_its_own(survey):
    assert run(survey).exit_code == 2
    assert run(survey, "--value", "sw", "--method", "wald").exit_code == 2
    assert run(survey, "--value", "sw", "stype").exit_code == 2


def test_empty_cells_are_missing_answers_and_labels_keep_their_zeros(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("y,code\n1,007\n,007\n0,007\n1,08\n1,08\n", encoding="utf-8")
    assert [(row["by"], row["n"]) for row in rows(path, "--value", "y", "--by", "code")] == [
        ({"code": "007"}, 2),
        ({"code": "08"}, 2),
    ]
