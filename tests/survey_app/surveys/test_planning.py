import json
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_app.cli import main
from survey_app.errors import RefusedInputError
from survey_app.surveys.planning import make_plan

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "plan.toml").read_text("utf-8"))["plan"]
GROUPS = ["parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public"]


def run(*arguments):
    return CliRunner().invoke(main, ["plan", *arguments])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_plans(case):
    plan = make_plan(case["population"], group_sizes=case.get("sizes"))
    assert plan.size.n == case["sample_size"]
    assert list(plan.quotas.n) == GROUPS
    assert list(plan.quotas.n.values()) == case["quotas"]
    if "notes" in case or "sizes" not in case:
        assert [line.id for line in plan.notes] == case.get("notes", [])


def test_the_steps_lead_from_the_population_to_the_groups():
    steps = make_plan(1_067_905).steps
    assert [(line.id, line.value) for line in steps] == [
        ("population", 1_067_905),
        ("rate", Fraction(15, 10_000)),
        ("exact", Fraction(16_018_575, 10_000)),
        ("rounded", 1602),
        ("parent", 801),
        ("others", 801),
    ]
    assert steps[2].text.zh == "1,067,905 × 1.5‰ = 1,601.8575"
    assert steps[3].text.en == "Rounded up: 1,602 questionnaires"


def test_the_notes_say_who_is_too_few_and_where_the_places_went():
    said = [line.text.zh for line in make_plan(360_000, group_sizes={"principal": 12}).notes]
    assert said[:3] == [
        "校长只有 12 人，全部列入调查。",
        "校长原应 45 份，改为 12 份，余下 33 份分给其他对象。",
        "学生由 45 份增为 52 份，接收 7 份。",
    ]


def test_the_json_has_the_agreed_form_and_order():
    result = run("--population", "360000", "--group-size", "principal=12", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(document)[:4] == ["sample_size", "steps", "notes", "quotas"]
    assert document["sample_size"] == 540
    assert list(document["quotas"].items()) == list(zip(GROUPS, [270, 52, 52, 12, 52, 51, 51], strict=True))
    assert all(set(line) == {"id", "text", "value"} for line in document["steps"] + document["notes"])
    assert {"id": "rate", "value": 0.0015}.items() <= document["steps"][1].items()
    assert document["notes"][1]["value"] == 33


def test_the_words_follow_the_language():
    chinese, english = (run("--population", "360000", "--lang", lang).stdout for lang in ("zh", "en"))
    assert "逢小数进一：540 份" in chinese
    assert "Rounded up: 540 questionnaires" in english
    assert "家长" not in english


@pytest.mark.parametrize("population", ["0", "-5", "many", "1.5", "360,000", "", "３６００００", "9" * 30])
def test_a_population_that_is_no_number_of_people_is_refused(population):
    result = run(f"--population={population}", "--json")
    assert result.exit_code == 1
    (fault,) = json.loads(result.stdout)["faults"]
    assert (fault["where"], fault["value"], fault["rule"]) == (
        "population",
        population,
        "population_not_whole",
    )
    assert population in fault["message"]


def test_every_fault_is_listed_at_once():
    result = run(
        "--population=0", "--scheme=nope", "--group-size=principal=-1", "--group-size=mayor=3", "--json"
    )
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert [fault["rule"] for fault in faults] == [
        "group_size_form",
        "population_not_whole",
        "scheme_unknown",
        "group_unknown",
    ]
    assert "shanxi-2022" in faults[2]["message"]
    assert all(set(fault) == {"where", "value", "rule", "message"} for fault in faults)


def test_a_group_given_twice_is_refused():
    result = run("--population=1", "--group-size=teacher=1", "--group-size=teacher=2")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "teacher" in result.stderr


def test_wrong_usage_is_told_apart():
    assert run().exit_code == 2
    assert run("--population=1", "--nonsense").exit_code == 2


@pytest.mark.parametrize("size", [-1, 1.5, True, "x"])
def test_a_size_that_counts_nobody_is_refused_in_python_too(size):
    with pytest.raises(RefusedInputError) as refused:
        make_plan(1000, group_sizes={"teacher": size})
    assert [fault.rule for fault in refused.value.faults] == ["group_size_form"]
