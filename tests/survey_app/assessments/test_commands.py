"""The commands ``evaluate`` and ``schemes`` as they are typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import list_schemes
from survey_app.cli import main
from tests.evaluation.situations import GOLDEN, changed, county, hunan_county, small

SMALL = str(GOLDEN / "small.json")


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def written(tmp_path: Path):
    def write(document) -> str:
        path = tmp_path / "county.json"
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return str(path)

    return write


def test_json_agrees_with_the_reference():
    done = run("evaluate", SMALL, "--scheme", "shanxi-2022", "--json")
    expected = json.loads((GOLDEN / "small.expected.json").read_text(encoding="utf-8"))
    printed = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [unit["outcome"] for unit in printed["units"]] == [unit["outcome"] for unit in expected["units"]]
    for stage, row in expected["difference"].items():
        assert printed["difference"][stage] == pytest.approx(row, rel=1e-9)


def test_people_read_the_verdict_its_reasons_and_the_contradictions():
    done = run("evaluate", SMALL, "--scheme", "shanxi-2022")
    assert done.exit_code == 0
    assert "结论：未达标" in done.stdout
    assert "第8学校·初中" in done.stdout
    assert "1513" in done.stdout
    assert "G3 每12个班级配备音乐、美术专用教室1间以上" in done.stdout


def test_no_reason_is_named_by_a_key(written):
    file = written(changed(small(), {"recognition.questionnaires.satisfied": 100}))
    done = run("evaluate", file, "--scheme", "shanxi-2022")
    assert "社会认可度达到85%以上" in done.stdout
    assert "recognition" not in done.stdout


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "county.docx").write_bytes(b"PK")
    done = run("evaluate", str(tmp_path / "county.docx"), "--scheme", "shanxi-2022")
    assert done.exit_code == 1
    assert "既不是 .json 也不是 .xlsx" in done.stderr


def test_a_value_of_the_wrong_type_is_refused_in_words(written):
    file = written(changed(small(), {"county.resident_population": "many"}))
    done = run("evaluate", file, "--scheme", "shanxi-2022")
    assert "应是整数" in done.stderr


def test_english():
    done = run("evaluate", SMALL, "--scheme", "shanxi-2022", "--json", "--lang", "en")
    reasons = {finding["reason"] for finding in json.loads(done.stdout)["findings"]}
    assert any("required at least" in reason for reason in reasons)


def test_every_fault_is_listed(written):
    file = written(changed(small(), {"S001.pupils.primary": -1, "S002.colour": "red", "year": "absent"}))
    done = run("evaluate", file, "--scheme", "shanxi-2022", "--json")
    faults = json.loads(done.stdout)["faults"]
    assert done.exit_code == 1
    assert [(fault["where"], fault["rule"]) for fault in faults] == [
        ("year", "required"),
        ("schools[0].pupils.primary", "minimum"),
        ("schools[1].colour", "unknown_key"),
    ]
    assert all(set(fault) == {"where", "value", "rule", "message"} for fault in faults)
    assert all(fault["message"] and "—" not in fault["message"] for fault in faults)


def test_faults_are_said_without_json_too(written):
    done = run("evaluate", written({"format": "county/1"}), "--scheme", "shanxi-2022")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 3


def test_keys_unknown_to_the_scheme_are_faults(written):
    file = written(changed(county(), {"vetoes.key_school": False}))
    done = run("evaluate", file, "--scheme", "shanxi-2022", "--json")
    (fault,) = json.loads(done.stdout)["faults"]
    assert done.exit_code == 1
    assert fault["where"] == "vetoes.key_school"
    assert "key_schools" in fault["message"]


def test_a_workbook_is_judged_like_its_county_file(tmp_path):
    from survey_app.counties.workbook.writer import write_workbook

    write_workbook(small(), tmp_path / "county.xlsx")
    done = run("evaluate", str(tmp_path / "county.xlsx"), "--scheme", "shanxi-2022", "--json")
    assert json.loads(done.stdout) == json.loads(
        run("evaluate", SMALL, "--scheme", "shanxi-2022", "--json").stdout
    )


@pytest.mark.parametrize("command", [["evaluate", SMALL, "--scheme", "none-1"], ["schemes", "none-1"]])
def test_an_unknown_scheme_names_the_known_ones(command):
    done = run(*command, "--json")
    (fault,) = json.loads(done.stdout)["faults"]
    assert done.exit_code == 1
    assert "shanxi-2022" in fault["message"]


@pytest.mark.parametrize(
    "arguments", [["evaluate"], ["evaluate", "nowhere.json", "--scheme", "x"], ["evaluate", SMALL]]
)
def test_wrong_usage(arguments):
    assert run(*arguments).exit_code == 2


def test_schemes():
    listed = json.loads(run("schemes", "--json").stdout)
    assert {"id", "title", "document", "extends"} == set(listed[0])
    assert "shanxi-2022" in {scheme["id"] for scheme in listed}
    assert "晋政教督办〔2022〕1号" in run("schemes").stdout
    table = run("schemes", "shanxi-2022").stdout
    assert "小学 ≥ 4.2，初中 ≥ 5.3" in table
    assert "附件2 二（一）1" in table


def test_people_read_the_score_sheet_with_total_and_grade(written):
    document = hunan_county()
    document["scores"] |= {"27.2": 1, "29.3": 3, "30.2": 1.996, "32.2": 2, "33.1": 1, "34.2": 4, "35.3": 2}
    lines = run("evaluate", written(document), "--scheme", "hunan-2023").stdout.splitlines()
    sheet = [line.split() for line in lines[lines.index("计分表") + 1 :]][:11]
    assert sheet[3] == ["27", "8/10", "达标", "所有学校制定章程，依法依规，依章程治校"]
    assert sheet[1][:3] == ["9", "5/5", "达标"]
    assert sheet[10] == ["总分", "85.996/100", "合格"]


def test_a_score_sheet_with_gaps_says_what_is_certain(written):
    document = hunan_county()
    del document["scores"]["32.2"]
    lines = run("evaluate", written(document), "--scheme", "hunan-2023").stdout.splitlines()
    sheet = [line.split() for line in lines[lines.index("计分表") + 1 :]][:11]
    assert sheet[6][:4] == ["32", "≥", "14/20", "无法判定"]
    assert sheet[10] == ["总分", "≥", "94/100", "等次未定"]
    document["scores"]["27.2"] = 0
    refused = run("evaluate", written(document), "--scheme", "hunan-2023").stdout
    assert "≥ 91/100  不评等次" in refused


def test_points_over_the_maximum_are_refused_at_their_place(written):
    document = hunan_county()
    document["scores"]["27.2"] = 3.5
    done = run("evaluate", written(document), "--scheme", "hunan-2023", "--json")
    assert done.exit_code == 1
    (fault,) = json.loads(done.stdout)["faults"]
    assert (fault["where"], fault["rule"], fault["value"]) == ("scores.27.2", "maximum", "3.5")


def table(*arguments: str) -> str:
    done = run("schemes", *arguments)
    assert done.exit_code == 0
    return done.stdout


def test_a_scheme_is_printed_with_everything_it_asks():
    printed = table("shanxi-2022")
    for line in (
        "G4 九年一贯制 ≤ 3000人",
        "G3.music ≥ 73平方米",
        "条件：随迁子女占比超过50%",
        "适用至2025年申报，认定后3年内须达到规定标准",
        "7项中至少6项达标；其余不低于要求的85%",
        "城区、镇区公办学校，不含寄宿制学校",
        "（初中毕业生数 − 三年间转入人数 + 三年间转出人数） ÷ （三年前入学人数 − 三年间死亡人数）",
        "九年一贯制 小学 1 : 初中 1.1",
        "教学点不足50人",
        "常住人口的1.5‰",
        "近三年评估",
        "只列示，不判定",
    ):
        assert line in printed, line


def test_a_scheme_is_printed_under_either_reading():
    body, annex = table("haicheng-2023"), table("haicheng-2023@annex")
    assert "文件称：以上10项指标均要达到要求（三（三））；列出9项" in body
    assert "另一读法 haicheng-2023@annex：" in body
    assert "另一读法 haicheng-2023：" in annex
    assert "原则上；例外凭学校佐证材料 size_exception" in body
    assert "size_exception ·" not in annex
    assert "十二年一贯制 ≤ 2500人" in annex
    assert "责任部门：教育局、财政局、住建局、人社局、编办" in body
    assert "综合差异系数" in body


@pytest.mark.parametrize("scheme", list_schemes())
def test_every_scheme_is_printed_in_english_without_a_chinese_word_of_ours(scheme):
    """What stays Chinese are names of documents, clauses and departments."""
    printed = table(scheme, "--lang", "en")
    for word in ("达标", "不低于", "学校佐证", "责任部门", "读法", "小学", "平方米"):
        assert word not in printed, word


def test_a_scheme_as_json_is_what_is_printed():
    document = json.loads(table("haicheng-2023@annex", "--json"))
    assert (document["id"], document["extends"], document["reading"]) == (
        "haicheng-2023@annex",
        "national-2017",
        "annex",
    )
    by_id = {row["id"]: row for row in document["items"]}
    assert by_id["Q2"]["departments"] == ["教育局", "各镇街", "残联"]
    assert by_id["R.composite"]["standards"] == ["小学 ≤ 0.5，初中 ≤ 0.45"]
    assert document["stated_counts"][0]["listed"] == 9
    exempt = json.loads(table("shanxi-2022", "--json"))["exemptions"][0]
    assert (exempt["valid_until"], exempt["follow_up_years"]) == (2025, 3)


def test_an_unknown_reading_names_the_known_ones():
    done = run("schemes", "haicheng-2023@list", "--json")
    assert done.exit_code == 1
    (fault,) = json.loads(done.stdout)["faults"]
    assert "haicheng-2023@annex" in fault["message"]


def test_a_county_is_judged_under_the_reading_asked_for(written):
    file = written(changed(county(), {"P1.pupils.primary": 2001}))
    outcome = {}
    for scheme in ("haicheng-2023", "haicheng-2023@annex"):
        printed = json.loads(run("evaluate", file, "--scheme", scheme, "--json").stdout)
        assert printed["scheme"]["id"] == scheme
        (found,) = [each for each in printed["findings"] if (each["id"], each["school"]) == ("G4", "P1")]
        outcome[scheme] = found["outcome"]
    assert outcome == {"haicheng-2023": "undetermined", "haicheng-2023@annex": "not_met"}


def test_a_scheme_that_scores_lists_points_and_grades():
    listed = json.loads(run("schemes", "hunan-2023", "--json").stdout)["items"]
    by_id = {each["id"]: each for each in listed}
    assert by_id["9"]["standards"] == ["满分5分，不低于80%"]
    assert [part["asks"] for part in by_id["9"]["parts"]] == [["评分", f"{n}分"] for n in (1, 2, 2)]
    assert by_id["total"]["standards"][1:] == ["合格 ≥ 80", "良好 ≥ 86", "优秀 ≥ 91"]
    assert by_id["R*.mean"]["label"] == "全县平均"
