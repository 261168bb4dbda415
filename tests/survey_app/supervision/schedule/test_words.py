"""Reasons are whole sentences in both languages."""

import re
from datetime import date

import pytest
from flask_babel import force_locale

from survey_app.supervision.schedule import words
from survey_app.supervision.schedule.pace import STATES, Reason

NEWEST = {"year": 2025, "number": 2}

FACTS = {
    "behind": {"due": 2024, "years": 2},
    "other_year": {"year": 2028, "document": "No. 62"},
    "no_run": {},
    "not_met": NEWEST,
    "undetermined": NEWEST,
    "no_survey": NEWEST,
    "no_application": {},
    "listed": {"since": date(2026, 9, 1)},
    "slow_step": {"level": "evaluation", "days": 93},
}


@pytest.mark.parametrize("key", FACTS)
def test_a_reason_is_said_whole(app, key):
    with app.test_request_context():
        with force_locale("zh_CN"):
            chinese = words.said(Reason(key=key, facts=FACTS[key]))
        with force_locale("en"):
            english = words.said(Reason(key=key, facts=FACTS[key]))
    assert chinese.endswith("。")
    assert english.endswith(".")
    assert "{" not in chinese + english
    assert not re.search("[\u4e00-\u9fff]", english)


def test_every_state_has_words_and_a_colour():
    assert set(words.STATES) == set(words.COLOURS) == set(STATES)
