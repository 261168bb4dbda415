"""The command ``schedules``, and what ``evaluate`` says of how firm a verdict is."""

import json

import pytest
from click.testing import CliRunner

from survey_app.cli import main
from tests.evaluation.situations import GOLDEN

SMALL = str(GOLDEN / "small.json")


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_schedules_are_listed():
    listed = json.loads(run("schedules", "--json").stdout)
    assert [set(each) for each in listed] == [{"id", "title", "document"}]
    assert "晋政教督办〔2022〕1号" in run("schedules").stdout


def test_a_schedule_is_printed_with_its_contradictions():
    lines = run("schedules", "shanxi-2022").stdout.splitlines()
    assert "晋城市：表头 6 个，列出 5 个" in lines
    assert "  2024  乡宁县、吉县" in lines
    assert "规划中的 9 处矛盾" in lines
    assert "  陵川县：表中为2029年，陵政办发〔2021〕62号（二、总体目标）为2028年。" in lines


def test_a_schedule_as_json():
    document = json.loads(run("schedules", "shanxi-2022", "--json", "--lang", "en").stdout)
    assert len(document["counties"]) == 115
    assert {"city": "晋城市", "stated": 6, "named": 5} in [
        {"city": each["name"], "stated": each["stated"], "named": each["named"]}
        for each in document["cities"]
    ]
    assert len(document["contradictions"]) == 9
    assert "stands under no year" in document["contradictions"][5]["message"]


def test_an_unknown_schedule_names_the_known_ones():
    done = run("schedules", "shanxi-2099", "--json")
    (fault,) = json.loads(done.stdout)["faults"]
    assert done.exit_code == 1
    assert "shanxi-2022" in fault["message"]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", ["离标准最近的", "运动场地面积再多292平方米即达标", "37份满意的答卷改为不满意", "另有"]),
        (
            "en",
            ["sports ground area: 292 m² more would meet it", "37 answers not satisfied instead", " more"],
        ),
    ],
)
def test_evaluate_says_what_is_nearest(lang, expected):
    said = run("evaluate", SMALL, "--scheme", "shanxi-2022", "--lang", lang).stdout
    for each in expected:
        assert each in said


def test_evaluate_gives_every_distance_as_json():
    printed = json.loads(run("evaluate", SMALL, "--scheme", "shanxi-2022", "--json").stdout)
    found = printed["sensitivity"]
    assert {"to_pass", "to_fail", "not_met", "findings", "recognition", "scores"} == set(found)
    rule = next(
        each
        for each in found["findings"]
        if each["id"] == "R.school" and each["outcome"] == "not_met" and each["stage"] == "junior"
    )
    assert (rule["away"], rule["nearest"]) == (1, "R5")
    assert rule["changes"][0]["by"] == 292
    (official,) = found["recognition"]["rates"]
    assert (official["turned"], official["removed"]) == (37, 241)
