"""The command ``remedies`` as it is typed: with good tables and with bad ones."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_app.cli import main
from tests.evaluation.situations import GOLDEN, changed, county

SMALL = str(GOLDEN / "small.json")
COSTS = """
format = "costs/1"
[buy]
backbone = 50000
sports_ground_area = 500
equipment_value = 1
multimedia_rooms = 30000
"""


def run(*arguments: str):
    return CliRunner().invoke(main, ["remedies", *arguments])


@pytest.fixture
def written(tmp_path: Path):
    def write(name: str, content) -> str:
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_shortfalls_and_plan_are_read(written):
    done = run(SMALL, "--scheme", "shanxi-2022", "--costs", written("costs.toml", COSTS))
    assert done.exit_code == 0
    assert "第8学校·初中，生均体育运动场馆面积：全校还差292平方米才达到10.2" in done.stdout
    assert "第8学校增加292平方米体育运动场地，146,000元。" in done.stdout
    assert "只靠交流教师达不到标准" in done.stdout
    assert "资源配置  未达标 → 达标" in done.stdout


def test_without_costs_the_proof_is_read():
    done = run(SMALL, "--scheme", "shanxi-2022", "--lang", "en")
    assert done.exit_code == 0
    assert "Under these terms no plan makes the resource section pass." in done.stdout
    assert "R5 Sports, R6 Equipment short, at most 1 may be" in done.stdout


def test_json_is_one_document_and_nothing_else(written):
    done = run(SMALL, "--scheme", "shanxi-2022", "--costs", written("costs.toml", COSTS), "--json")
    document = json.loads(done.stdout)
    assert set(document) == {"scheme", "county", "mergers", "shortfalls", "plan"}
    assert document["plan"]["cost"] == 146000
    assert document["plan"]["comparison"]["sections"]["resources"]["after"] == "met"
    assert document["mergers"] is None


def test_moving_is_planned_without_any_costs(written):
    changes = {"P1.teachers.primary.backbone": 1, "P2.teachers.primary.backbone": 5}
    done = run(written("county.json", changed(county(), changes)), "--scheme", "shanxi-2022")
    assert "从P2学校调2名小学县级以上骨干教师到P1学校。" in done.stdout


def test_the_worked_example_says_that_it_is_simulated():
    done = run("--example", "yunxi", "--scheme", "shanxi-2022")
    assert done.exit_code == 0
    assert "云溪区（模拟数据）" in done.stdout
    assert "各校数据和分配比例都是模拟的，不是实际数据。" in done.stdout
    assert "松杨湖中学：初中 → 九年一贯制" in done.stdout
    assert "小学 R5 体育场馆 差异系数  0.644 → 0.114  未达标 → 达标" in done.stdout
    assert "小学、初中所有班级学生数分别不超过45人、50人：缺少8所学校的小学班级人数" in done.stdout


def test_mergers_come_before_the_plan(written):
    table = """
    format = "mergers/1"
    [[mergers]]
    school = "P1"
    into = [{ school = "P2", share = 1 }]
    """
    file = written("county.json", county())
    done = run(file, "--scheme", "shanxi-2022", "--mergers", written("mergers.toml", table), "--json")
    document = json.loads(done.stdout)
    assert document["mergers"]["comparison"]["sections"]["resources"] == {
        "label": "资源配置",
        "before": "met",
        "after": "not_met",
    }
    assert {row["school"] for row in document["shortfalls"]["rows"] if row["to_rule"]} == {"P2"}


@pytest.mark.parametrize(
    ("costs", "where", "said"),
    [
        ("format = ", "", "第 1 行第 10 列无法读取"),
        ('format = "costs/2"', "format", "可用的有：costs/1"),
        ('format = "costs/1"\n[buy]\nbackbone = 0', "buy.backbone", "必须大于 0"),
        ('format = "costs/1"\n[buy]\nbackbone = "dear"', "buy.backbone", "应是数字"),
        ('format = "costs/1"\n[buy]\nindoor_sports_area = 3', "buy.indoor_sports_area", "不能定价"),
        ('format = "costs/1"\n[move]\nteaching_area = 3', "move.teaching_area", "不能定价"),
        ('format = "costs/1"\nbuys = 3', "buys", "format、buy、move、ownership"),
        ('format = "costs/1"\nownership = ["state"]', "ownership[0]", "public、private"),
    ],
)
def test_bad_costs_are_refused_in_words(written, costs, where, said):
    path = written("costs.toml", costs)
    done = run(SMALL, "--scheme", "shanxi-2022", "--costs", path)
    assert done.exit_code == 1
    assert said in done.stderr
    refused = run(SMALL, "--scheme", "shanxi-2022", "--costs", path, "--json")
    assert refused.exit_code == 1
    assert [fault["where"] for fault in json.loads(refused.stdout)["faults"]] == [where]


def test_bad_mergers_are_refused_with_every_fault(written):
    table = """
    format = "mergers/1"
    [[mergers]]
    school = "S001"
    into = [{ school = "S001", share = 0.5 }, { school = "S999", share = 0.25 }]
    [[mergers]]
    school = "S002"
    into = [{ school = "S003", share = 1 }]
    [[mergers]]
    school = "S003"
    into = [{ school = "S002", share = 1 }]
    """
    done = run(SMALL, "--scheme", "shanxi-2022", "--mergers", written("mergers.toml", table))
    assert done.exit_code == 1
    for said in ("不能并入自己", "没有代码为“S999”的学校", "份额合计是 3/4", "S002 → S003 → S002"):
        assert said in done.stderr
    english = run(SMALL, "--scheme", "shanxi-2022", "--mergers", written("m.toml", table), "--lang", "en")
    assert "add up to 3/4" in english.stderr


def test_unknown_schemes_and_broken_counties_are_refused(written):
    assert run(SMALL, "--scheme", "nowhere").exit_code == 1
    done = run(written("county.json", "{"), "--scheme", "shanxi-2022", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["faults"][0]["rule"] == "malformed"


@pytest.mark.parametrize("arguments", [(), (SMALL, "--example", "yunxi")])
def test_a_county_or_an_example_is_needed_not_both(arguments):
    assert run(*arguments, "--scheme", "shanxi-2022").exit_code == 2
