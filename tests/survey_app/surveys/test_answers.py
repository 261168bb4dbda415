import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.surveys.answers import PROBLEM_CODES, READERS, check_answers
from survey_app.surveys.questionnaire import KINDS
from survey_app.surveys.questionnaire_loader import load_form

from .forms import SMALL

GOOD = {"service": "yes", "q1": "4", "q2": "dk", "q3": "1", "q4": "5", "overall": "3"}


def problems(raw, **more):
    return [(problem.item, problem.code) for problem in check_answers(SMALL, "parent", raw, **more).problems]


def test_good_answers_are_kept_in_the_order_of_the_form():
    shuffled = dict(reversed([*GOOD.items(), ("comment", " 好\r\n的 ")]))
    checked = check_answers(SMALL, "parent", shuffled)
    assert checked.complete
    assert [*GOOD.items(), ("comment", "好\n的")] == list(checked.answers.items())


def test_a_list_of_one_counts_as_its_value_and_blanks_as_nothing():
    raw = {key: [value, "  "] for key, value in GOOD.items()} | {"comment": ""}
    assert check_answers(SMALL, "parent", raw).answers == GOOD


def test_every_required_item_that_applies_is_missed():
    assert [(name, "missing") for name in ("service", "q1", "q2", "q3", "overall")] == problems({})
    assert problems({k: v for k, v in GOOD.items() if k != "q4"}) == [("q4", "missing")]


def test_a_group_is_not_asked_what_is_put_to_others():
    checked = check_answers(SMALL, "deputy", {"q1": "4", "q2": "2", "q3": "4", "overall": "4"})
    assert checked.complete
    foreign = check_answers(SMALL, "deputy", {"q1": "4", "q2": "2", "q3": "4", "overall": "4", "q4": "4"})
    assert [(p.item, p.code) for p in foreign.problems] == [("q4", "unknown_item")]


def test_answers_to_items_that_are_not_asked_are_dropped_whatever_they_are():
    checked = check_answers(SMALL, "parent", GOOD | {"service": "no", "q4": "\ud800"})
    assert checked.complete
    assert checked.dropped == ("q4",)
    assert "q4" not in checked.answers


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"q1": "6"}, ("q1", "unknown_option")),
        ({"q1": "4 "}, ("q1", "unknown_option")),
        ({"q1": ["4", "5"]}, ("q1", "two_values")),
        ({"q1": ["4", "4"]}, ("q1", "two_values")),
        ({"q1": 4}, ("q1", "unknown_option")),
        ({"q1": {"a": "b"}}, ("q1", "unknown_option")),
        ({"q1": [["4"]]}, ("q1", "unknown_option")),
        ({"comment": "长" * 21}, ("comment", "too_long")),
        ({"comment": "长" * 1_000_000}, ("comment", "too_long")),
        ({"comment": "a\x00b"}, ("comment", "control_characters")),
        ({"comment": "a\ud83d"}, ("comment", "control_characters")),
        ({"comment": ["a", "b"]}, ("comment", "two_values")),
        ({"comment": [7]}, ("comment", "control_characters")),
        ({"q9": "4"}, ("q9", "unknown_item")),
        ({"\ud800\n": "4"}, ("\\ud800\\n", "unknown_item")),
    ],
)
def test_bad_answers_are_named_beside_the_item_and_not_kept(changed, expected):
    checked = check_answers(SMALL, "parent", GOOD | changed)
    assert [expected] == [(problem.item, problem.code) for problem in checked.problems]
    assert not set(changed) & set(checked.answers)
    assert checked.problem(expected[0]).code == expected[1]


def test_a_text_that_is_too_long_says_by_how_much():
    problem = check_answers(SMALL, "parent", GOOD | {"comment": "长" * 33}).problem("comment")
    assert problem.facts == {"limit": 20, "length": 33}


def test_a_text_of_exactly_the_limit_passes():
    assert check_answers(SMALL, "parent", GOOD | {"comment": "长" * 20}).answers["comment"] == "长" * 20


def test_page_by_page_only_pages_so_far_are_demanded():
    assert problems({"service": "no", "q1": "4"}, through="first") == [("q2", "missing")]
    assert problems({"service": "no", "q1": "4", "q2": "4"}, through="second") == [
        ("q3", "missing"),
        ("overall", "missing"),
    ]


def test_every_kind_can_be_read():
    assert set(KINDS) == {*READERS, "matrix"}


PUBLIC = load_form("public")
junk = st.one_of(st.text(), st.lists(st.text(), max_size=3), st.none(), st.integers(), st.binary(max_size=3))


@settings(max_examples=150, deadline=None)
@given(
    raw=st.dictionaries(
        st.one_of(st.sampled_from([item.id for item in PUBLIC.items]), st.text(max_size=5)), junk, max_size=12
    )
)
def test_nothing_sent_breaks_the_check_and_all_that_is_kept_can_be_stored(raw):
    checked = check_answers(PUBLIC, "parent", raw)
    assert {problem.code for problem in checked.problems} <= set(PROBLEM_CODES)
    json.dumps([dict(checked.answers), [p.item for p in checked.problems]], ensure_ascii=False).encode(
        "utf-8"
    )
    again = check_answers(PUBLIC, "parent", checked.answers)
    assert checked.answers == again.answers
    assert {"missing"} >= {problem.code for problem in again.problems}
