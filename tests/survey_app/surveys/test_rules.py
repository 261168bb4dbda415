import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.surveys import rates, rules
from survey_app.surveys.faults import RuleSetError
from survey_app.surveys.questionnaire import LEVELS
from survey_app.surveys.questionnaire_loader import load_form
from survey_app.surveys.rules import Marks, RuleSet, default_rules, index_value, is_satisfied, is_valid

from .forms import SMALL

CASES = tomllib.loads(
    (Path(__file__).parents[2] / "cases" / "satisfaction.toml").read_text(encoding="utf-8")
)["cases"]


def declared(**changed):
    numbers = {"satisfied_from", "dont_know_below"}
    return replace(default_rules(), **{k: Fraction(v) if k in numbers else v for k, v in changed.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    answers, chosen = case["answers"], declared(**case.get("rules", {}))

    validity = is_valid(SMALL, "parent", answers, chosen)

    assert (case["valid"], case.get("reason", "")) == (validity.valid, validity.reason)
    assert tuple(case.get("missing", ())) == validity.missing
    assert case.get("satisfied") is is_satisfied(SMALL, "parent", answers, chosen)
    index = index_value(SMALL, "parent", answers)
    assert case.get("index") == (None if index is None else str(index))


def test_validity_keeps_its_counts():
    answers = {"service": "yes", "q1": "dk", "q2": "1", "q3": "dk", "q4": "5", "overall": "5"}
    validity = is_valid(SMALL, "parent", answers, default_rules())
    assert (validity.dont_know, validity.scale_items) == (2, 5)


def test_marks_turn_reversed_items_and_leave_out_dont_know():
    answers = {"service": "yes", "q1": "4", "q2": "2", "q3": "dk", "q4": "3", "overall": "5"}
    assert {
        "fairness": Marks(positive=1, rated=1),
        "burden": Marks(positive=1, rated=2),
    } == rules.topic_marks(SMALL, "parent", answers)
    assert {
        "G13": Marks(positive=1, rated=1),
        "Q8": Marks(positive=1, rated=2),
        "30.8": Marks(positive=1, rated=1),
    } == rules.indicator_marks(SMALL, "parent", answers)


def test_marks_without_a_rating_have_no_share():
    assert Marks().share is None
    assert Fraction(2, 3) == Marks(positive=2, rated=3).share


def test_rules_travel_as_text():
    chosen = declared(satisfaction="overall", dont_know_below="1/3", source="晋政教督办〔2022〕1号")
    assert chosen == RuleSet.from_content(chosen.content)
    assert chosen.content == RuleSet.from_content(chosen.content).content
    assert chosen.digest != default_rules().digest


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{", {("", "not_readable")}),
        ("[]", {("", "wrong_type")}),
        (
            '{"validity": "complete", "dont_know_below": "half", "colour": "red"}',
            {
                ("dont_know_below", "wrong_type"),
                ("colour", "unknown_key"),
                ("satisfaction", "missing_key"),
                ("satisfied_from", "missing_key"),
                ("dont_know", "missing_key"),
                ("weighting", "missing_key"),
                ("source", "missing_key"),
            },
        ),
    ],
)
def test_malformed_rules_are_refused_with_every_fault(text, faults):
    with pytest.raises(RuleSetError) as refused:
        RuleSet.from_content(text)
    assert faults == {(fault.key, fault.rule) for fault in refused.value.faults}


def test_unknown_names_and_impossible_numbers_are_refused_together():
    with pytest.raises(RuleSetError) as refused:
        declared(validity="lenient", satisfied_from="6", weighting="by_feel", dont_know_below="0")
    assert {"validity", "weighting", "satisfied_from", "dont_know_below"} == {
        fault.key for fault in refused.value.faults
    }
    assert all(fault.message("zh") and fault.message("en") for fault in refused.value.faults)


def test_every_named_rule_has_its_words_and_every_word_its_rule():
    words = tomllib.loads((Path(rules.__file__).parent / "rules.toml").read_text(encoding="utf-8"))
    assert set(rules.VALIDITY) == set(words["validity"])
    assert set(rules.SATISFACTION) == set(words["satisfaction"])
    assert set(rules.DONT_KNOW_VALUE) == set(words["dont_know"])
    assert set(rules.WEIGHTINGS) == set(rates.WEIGHTING) == set(words["weighting"])
    assert set(rates.ALTERNATIVES) == set(words["alternatives"])


def test_description_says_numbers_and_source():
    ours = default_rules().described()
    assert "少于所答评价题的 50%" in ours.zh
    assert "不低于 4 分" in ours.zh
    assert "默认规则" in ours.zh
    theirs = declared(satisfied_from="3.5", dont_know_below="1/3", source="省{督}办 1 号").described()
    assert "不低于 3.5 分" in theirs.zh
    assert "fewer than 1/3" in theirs.en
    assert "规则依据：省{督}办 1 号。" in theirs.zh
    assert ours.zh.count("\n") == ours.en.count("\n") == 5


PUBLIC = load_form("public")
RATED = [item for item in PUBLIC.items_for("parent") if item.kind == "scale"]
ratings = st.fixed_dictionaries(
    {item.id: st.sampled_from([*LEVELS, "dk"]) for item in RATED}
    | {"after_school": st.sampled_from(["yes", "no"])}
)
names = st.sampled_from([item.id for item in RATED])
every_rule = st.builds(
    declared,
    satisfaction=st.sampled_from(list(rules.SATISFACTION)),
    dont_know=st.sampled_from(list(rules.DONT_KNOW_VALUE)),
    satisfied_from=st.sampled_from(["3", "3.5", "4", "4.5"]),
)


@settings(max_examples=150, deadline=None)
@given(answers=ratings, name=names, chosen=every_rule)
def test_a_better_rating_never_lowers_satisfaction(answers, name, chosen):
    item = PUBLIC.item(name)
    level = item.rating(answers[name])
    if level is None or level == 5:
        return
    better = next(code for code in LEVELS if item.rating(code) == level + 1)

    before = is_satisfied(PUBLIC, "parent", answers, chosen)
    after = is_satisfied(PUBLIC, "parent", answers | {name: better}, chosen)

    assert not (before is True and after is not True)


@settings(max_examples=100, deadline=None)
@given(answers=ratings, name=names)
def test_dont_know_is_as_if_not_rated_in_the_mean_of_the_others(answers, name):
    unknown = answers | {name: "dk"}
    unanswered = {key: value for key, value in answers.items() if key != name}
    assert index_value(PUBLIC, "parent", unanswered) == index_value(PUBLIC, "parent", unknown)
    assert is_satisfied(PUBLIC, "parent", unanswered, default_rules()) is is_satisfied(
        PUBLIC, "parent", unknown, default_rules()
    )


@settings(max_examples=50, deadline=None)
@given(answers=ratings, order=st.randoms(use_true_random=False), chosen=every_rule)
def test_order_never_matters(answers, order, chosen):
    shuffled = list(answers.items())
    order.shuffle(shuffled)
    last_page_first = replace(PUBLIC, sections=(PUBLIC.sections[0], *reversed(PUBLIC.sections[1:])))

    expected = rates.judge(PUBLIC, "parent", answers, chosen)

    for questionnaire, given_answers in ((PUBLIC, dict(shuffled)), (last_page_first, answers)):
        found = rates.judge(questionnaire, "parent", given_answers, chosen)
        assert (expected.validity.valid, expected.satisfied) == (found.validity.valid, found.satisfied)
        assert sorted(expected.ratings.levels) == sorted(found.ratings.levels)
