from collections import Counter

import pytest

from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.telephone import back_checks, calling
from survey_app.fieldwork.telephone.rules import call_rules
from tests.conftest import NOW
from tests.survey_app.fieldwork.telephone.phoning import interviewer, phone_wave, take_up

RULES = call_rules()


@pytest.fixture
def wave(app):
    """Eight interviews, six by one interviewer and two by another."""
    with app.app_context():
        yield interviewed(app)


@pytest.fixture
def either_wave(either_app):
    """The same on both databases."""
    with either_app.app_context():
        yield interviewed(either_app)


def interviewed(app):
    wave = phone_wave(app, people=8)
    for login, n in (("one", 6), ("two", 2)):
        user = interviewer(login)
        for _ in range(n):
            calling.record_call(db.session, take_up(user), "complete", by=login, now=NOW)
    return wave


def draw(wave, seed="2026"):
    return back_checks.draw(db.session, wave, RULES, seed=seed, by="boss", now=NOW)


@pytest.mark.parametrize(("interviews", "n"), [(0, 0), (3, 3), (8, 5), (50, 5), (51, 6), (600, 60)])
def test_a_share_is_drawn_but_no_fewer_than_the_rules_say(interviews, n):
    assert back_checks.wanted(RULES, interviews) == n


def test_the_same_seed_draws_the_same_interviews_and_only_once(wave):
    assert draw(wave) == 5
    chosen = [check.case_id for check, _by in back_checks.checks_of(db.session, wave)]
    finished = back_checks.interviews_of(db.session, wave)
    assert sorted(chosen) == sorted(back_checks.drawn_first("2026", finished)[:5])
    with pytest.raises(ConflictError) as refused:
        draw(wave, "another")
    assert refused.value.facts == {"n": 5}


def test_without_interviews_there_is_nothing_to_draw(app):
    with app.app_context():
        with pytest.raises(ConflictError) as refused:
            draw(phone_wave(app))
        assert refused.value.code == "no_interviews"


def test_a_denial_is_an_alarm_and_brings_in_the_interviewers_other_interviews(either_wave):
    draw(either_wave)
    checks = back_checks.checks_of(db.session, either_wave)
    by = Counter(login for _check, login in checks)
    check = next(check for check, login in checks if login == "one")
    more = back_checks.record_finding(db.session, check, "denied", by="boss", now=NOW)
    assert more == 6 - by["one"]
    assert back_checks.denied(db.session, either_wave) == 1
    assert Counter(login for _check, login in back_checks.checks_of(db.session, either_wave))["one"] == 6


def test_a_finding_is_never_changed_but_who_was_not_reached_is_tried_again(wave):
    draw(wave)
    check = back_checks.checks_of(db.session, wave)[0][0]
    back_checks.record_finding(db.session, check, "not_reached", by="boss", now=NOW)
    back_checks.record_finding(db.session, check, "confirmed", by="boss", now=NOW)
    with pytest.raises(ConflictError):
        back_checks.record_finding(db.session, check, "denied", by="boss", now=NOW)


def test_a_case_that_was_not_drawn_is_not_checked(wave):
    with pytest.raises(NotFoundError):
        back_checks.check_of(db.session, back_checks.interviews_of(db.session, wave)[0])
