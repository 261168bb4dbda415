"""What a plan can show stands beside it, on the command line and as values."""

import json
import math
from fractions import Fraction

import pytest
from click.testing import CliRunner

from evaluation.loader import list_schemes, load_scheme
from sampling import size_to_tell
from survey_app.cli import main
from survey_app.surveys.expectations import expect, read_wishes
from survey_app.surveys.planning import make_plan

BALANCED = [
    *("--locality", "urban=151233", "--locality", "town=118901", "--locality", "rural=89866"),
    *("--band", "primary", "--band", "junior"),
]


def run(*arguments):
    return CliRunner().invoke(main, ["plan", "--population", "360000", *arguments])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_half_widths_grow_with_the_design_effect():
    found = document()["precision"]
    assert (found["rate"], found["level"]) == (0.85, 0.95)
    points = [(one["design_effect"], round(one["half_width"] * 100, 1)) for one in found["half_widths"]]
    assert points == [(1, 3.0), (2, 4.3), (4, 6.0)]


def test_invitations_are_the_least_that_are_enough_and_never_more_than_there_are():
    found = document("--response-rate", "0.9", "--group-size", "principal=46")["invitations"]
    assert found["response_rate"] == 0.9
    assert found["groups"]["parent"] == 300
    assert found["groups"]["student"] == 50
    assert found["groups"]["principal"] == 46
    assert found["total"] == sum(found["groups"].values()) == 300 + 5 * 50 + 46


def test_the_rates_that_can_be_told_stand_beside_what_they_take():
    found = document("--design-effect", "1", "--design-effect", "4")["power"]
    assert (found["from"], found["power"]) == (0.85, 0.8)
    told = {(one["rate"], one["design_effect"]): one for one in found["rates"]}
    assert sorted(told) == [(rate, effect) for rate in (0.86, 0.88, 0.9) for effect in (1, 4)]
    assert [told[0.9, effect]["n"] for effect in (1, 4)] == [363, 1446]
    assert told[0.88, 4]["n"] > 540
    assert told[0.88, 4]["power_of_plan"] < told[0.88, 1]["power_of_plan"] < 0.8
    assert told[0.9, 1]["power_of_plan"] > 0.8


def test_a_plan_is_balanced_by_band_and_locality_when_asked():
    made = document(*BALANCED)["balance"]
    margins = {(one["kind"], one["name"]): one["n"] for one in made["margins"]}
    assert [margins["locality", name] for name in ("urban", "town", "rural")] == [227, 178, 135]
    assert margins["band", "primary"] == margins["band", "junior"] == 180
    assert margins["group", "parent"] == 270
    assert sum(cell["n"] for cell in made["cells"]) == 540
    assert made["notes"] == []
    assert all(abs(one["slack"]) < 1 for one in made["margins"])


def test_a_full_cell_is_noted_in_the_reader_s_language():
    arguments = [*BALANCED, "--cell-size", "teacher/junior/rural=3"]
    (note,) = document(*arguments)["balance"]["notes"]
    assert (note["id"], note["value"]) == ("cell_full.teacher.junior.rural", 3)
    assert "教师·初中·乡村只有 3 人" in run(*arguments).stdout
    assert "only 3 people" in run(*arguments, "--lang", "en").stdout


def test_slack_beyond_rounding_is_noted_with_its_side():
    cells = [
        f"{group}/junior/{place}=0"
        for group in ("parent", "student", "teacher")
        for place in ("urban", "rural")
    ]
    arguments = ["--locality", "urban=1", "--locality", "rural=1", *BALANCED[6:]]
    notes = document(*arguments, *(part for cell in cells for part in ("--cell-size", cell)))["balance"][
        "notes"
    ]
    texts = {note["id"]: note["text"] for note in notes}
    assert "少 180 份" in texts["band_off.junior"]
    assert "多 180 份" in texts["band_off.primary"]


def test_without_a_wish_there_is_no_balance():
    assert document()["balance"] is None


def test_the_sentences_follow_the_language():
    chinese, english = run(*BALANCED).stdout, run(*BALANCED, "--lang", "en").stdout
    assert "设计效应 4 为 ±6.0 个百分点" in chinese
    assert "共邀请 636 人" in chinese
    assert "design effect 4: ±6.0 points" in english
    assert "误差" not in english


@pytest.mark.parametrize("scheme_id", [id_ for id_ in list_schemes() if load_scheme(id_).sample])
@pytest.mark.parametrize("population", [1, 700, 1_067_905])
def test_every_scheme_with_a_sample_has_expectations(scheme_id, population):
    wishes, faults = read_wishes()
    expected = expect(make_plan(population, scheme_id=scheme_id), wishes)
    assert not faults
    assert expected.rate == Fraction(85, 100)
    assert all(0 <= one.half_width < 1 for one in expected.half_widths)


def test_a_plan_that_asks_nobody_promises_nothing():
    nobody = dict.fromkeys(make_plan(1).quotas.n, 0)
    expected = expect(make_plan(1, group_sizes=nobody), read_wishes()[0])
    assert (expected.half_widths, expected.told, sum(expected.invitations.values())) == ((), (), 0)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (["--design-effect", "0"], "design_effect_form"),
        (["--design-effect", "-1"], "design_effect_form"),
        (["--design-effect", "many"], "design_effect_form"),
        (["--response-rate", "0"], "response_rate_form"),
        (["--response-rate", "1.2"], "response_rate_form"),
        (["--response-rate", "85%"], "response_rate_form"),
        (["--band", "nursery"], "band_unknown"),
        (["--band", "primary", "--band", "primary"], "named_twice"),
        (["--locality", "urban"], "locality_form"),
        (["--locality", "urban=-4"], "locality_form"),
        (["--locality", "moon=4"], "locality_unknown"),
        (["--locality", "urban=4", "--locality", "urban=5"], "named_twice"),
        (["--locality", "urban=0"], "locality_empty"),
        (["--cell-size", "teacher/junior=3"], "cell_unknown"),
        (["--band", "junior", "--cell-size", "mayor/junior/=3"], "cell_unknown"),
        (["--band", "junior", "--cell-size", "public/junior/=3"], "cell_unknown"),
        (["--band", "junior", "--cell-size", "teacher/junior//=3"], "cell_unknown"),
        (["--band", "junior", "--cell-size", "teacher/junior/=x"], "cell_size_form"),
    ],
)
def test_each_fault_is_named(arguments, rule):
    result = run(*arguments, "--json")
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert [fault["rule"] for fault in faults] == [rule]
    assert faults[0]["value"] in faults[0]["message"]


def test_all_faults_are_listed_at_once():
    result = run("--band", "nursery", "--design-effect", "0", "--group-size", "mayor=1", "--json")
    rules = [fault["rule"] for fault in json.loads(result.stdout)["faults"]]
    assert rules == ["design_effect_form", "band_unknown", "group_unknown"]


@pytest.mark.parametrize("true_rate", [0.80, 0.86, 0.88, 0.90, 0.95])
@pytest.mark.parametrize(("level", "power"), [(0.95, 0.8), (0.9, 0.9)])
def test_the_size_to_tell_agrees_with_statsmodels(true_rate, level, power):
    from statsmodels.stats.power import normal_sample_size_one_tail

    expected = normal_sample_size_one_tail(
        abs(true_rate - 0.85),
        power,
        (1 - level) / 2,
        std_null=math.sqrt(0.85 * 0.15),
        std_alternative=math.sqrt(true_rate * (1 - true_rate)),
    )
    assert size_to_tell(true_rate, from_rate=0.85, level=level, power=power).base == pytest.approx(expected)
