import re
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Dispositions
from survey_app.clock import BEIJING
from survey_app.fieldwork.telephone.rules import (
    Attempt,
    Standing,
    UnfitTimeError,
    after,
    call_rules,
    counted,
    in_order,
    may_call,
    next_time,
)
from survey_app.surveys.groups import GROUPS

RULES = call_rules()
CHOSEN = sorted(each.id for each in RULES.outcomes.values() if each.chosen)


def beijing(day, hour, minute=0):
    """An instant of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BEIJING).astimezone(UTC)


MONDAY_TEN = beijing(23, 10)


# ---- the table


def test_every_outcome_counts_as_one_of_the_standard_dispositions():
    known = {field.name for field in fields(Dispositions)}
    assert {each.disposition for each in RULES.outcomes.values()} <= known
    assert set(RULES.precedence) == known - {"partial"}


@pytest.mark.parametrize("outcome", RULES.outcomes.values(), ids=lambda each: each.id)
def test_an_outcome_leads_somewhere_and_carries_its_code(outcome):
    assert outcome.then in {"finished", "again", "supervisor", "appointment"}
    assert (outcome.then == "again") == bool(outcome.pause)
    first = {"1": {"complete"}, "2": {"refusal", "non_contact", "other"}, "4": {"not_eligible"}}
    known = first.get(outcome.code[0], {"unknown_household", "unknown_other"})
    assert outcome.disposition in known
    assert re.fullmatch(r"[1-4]\.\d{1,3}", outcome.code)
    assert outcome.label.zh
    assert outcome.label.en


def test_pupils_are_never_called():
    assert set(RULES.groups) == set(GROUPS) - {"student"}


# ---- single steps


@pytest.mark.parametrize(
    ("instant", "slot"),
    [
        (beijing(23, 8, 59), None),
        (beijing(23, 9), "morning"),
        (beijing(23, 12), None),
        (beijing(23, 14), "afternoon"),
        (beijing(23, 17, 30), "evening"),
        (beijing(23, 20, 29), "evening"),
        (beijing(23, 20, 30), None),
        (beijing(22, 9, 30), None),
        (beijing(22, 20), None),
    ],
)
def test_people_are_called_at_these_times_of_day_in_beijing(instant, slot):
    found = RULES.slot_at(instant)
    assert (found.id if found else None) == slot


def test_where_nobody_answers_the_next_call_is_at_another_time_of_day():
    moved = after(RULES, Standing(), "no_answer", now=MONDAY_TEN)
    assert moved.not_before == beijing(23, 14)


def test_a_second_call_in_vain_is_the_last_of_the_day():
    once = after(RULES, Standing(), "no_answer", now=MONDAY_TEN)
    assert after(RULES, once, "no_answer", now=beijing(23, 14)).not_before == beijing(24, 9)


def test_a_busy_line_is_tried_again_after_half_an_hour():
    assert after(RULES, Standing(), "busy", now=MONDAY_TEN).not_before == beijing(23, 10, 30)
    assert after(RULES, Standing(), "busy", now=beijing(23, 11, 45)).not_before == beijing(23, 14)


def test_a_refusal_waits_for_the_supervisor_or_ends_the_case():
    soft = after(RULES, Standing(), "refused_soft", now=MONDAY_TEN)
    assert (soft.referred, soft.finished) == (True, False)
    assert after(RULES, Standing(), "refused_hard", now=MONDAY_TEN).finished


def test_after_the_last_call_the_case_ends():
    standing = Standing(attempts=tuple(Attempt(at=MONDAY_TEN, outcome="busy") for _ in range(RULES.most - 1)))
    assert after(RULES, standing, "no_answer", now=MONDAY_TEN + timedelta(days=3)).finished


def test_who_asked_to_be_called_again_is_even_after_the_last_call():
    standing = Standing(attempts=tuple(Attempt(at=MONDAY_TEN, outcome="busy") for _ in range(RULES.most - 1)))
    at = beijing(26, 10)
    moved = after(RULES, standing, "appointment", now=beijing(25, 10), again_at=at, agreed=True)
    assert may_call(RULES, moved, at).why == "hard"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (None, "call_time_missing"),
        (beijing(23, 9), "call_time_out"),
        (beijing(27, 18, 1), "call_time_out"),
        (beijing(24, 13), "call_time_hours"),
        (beijing(24, 21), "call_time_hours"),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused_with_the_reason(at, code):
    with pytest.raises(UnfitTimeError) as refused:
        after(
            RULES,
            Standing(),
            "appointment",
            now=MONDAY_TEN,
            again_at=at,
            agreed=True,
            closes=beijing(27, 18),
        )
    assert refused.value.code == code


def test_agreed_times_come_first_then_guesses_then_who_was_not_called_yet():
    called = (Attempt(at=beijing(20, 10), outcome="busy"),)
    queue = {
        1: Standing(attempts=called, not_before=beijing(20, 11)),
        2: Standing(),
        3: Standing(attempts=called, soft=beijing(23, 9)),
        4: Standing(attempts=called, hard=beijing(23, 9, 30)),
        5: Standing(attempts=called, hard=beijing(23, 9, 10)),
        6: Standing(attempts=(Attempt(at=beijing(20, 15), outcome="busy"),), not_before=beijing(20, 16)),
    }
    places = {case: may_call(RULES, standing, MONDAY_TEN) for case, standing in queue.items()}
    assert in_order(places) == [5, 4, 3, 2, 6, 1]


def test_the_strongest_outcome_stands():
    found = counted(
        RULES, {1: ["refused_soft", "no_answer"], 2: ["no_answer"], 3: ["not_there", "no_answer"], 4: []}
    )
    assert found == Counter(refusal=1, unknown_household=1, non_contact=1)


# ---- laws: any course of calls, in which somebody calls only when the rules allow it


@st.composite
def courses(draw):
    """Minutes that pass before each next look, and what would come of a call then."""
    steps = st.tuples(
        st.integers(0, 3 * 24 * 60), st.sampled_from(CHOSEN), st.integers(1, 6000), st.booleans()
    )
    return draw(st.lists(steps, max_size=40))


def walk(course):
    """Each call that the rules allowed: (standing before, instant, place); and how the case ended up."""
    standing, now = Standing(), MONDAY_TEN
    for minutes, outcome, ahead, agreed in course:
        now += timedelta(minutes=minutes)
        place = may_call(RULES, standing, now)
        if place is None:
            continue
        yield standing, now, place
        wants = RULES.outcomes[outcome].then == "appointment"
        again_at = now + timedelta(minutes=ahead)
        while wants and RULES.slot_at(again_at) is None:
            again_at += timedelta(minutes=10)
        standing = after(
            RULES, standing, outcome, now=now, again_at=again_at if wants else None, agreed=agreed
        )
        if standing.referred:
            standing = Standing(attempts=standing.attempts)


@given(courses())
@settings(max_examples=60)
def test_nobody_is_called_outside_the_hours(course):
    assert all(RULES.slot_at(now) is not None for _before, now, _place in walk(course))


@given(courses())
@settings(max_examples=60)
def test_nobody_is_called_more_often_than_the_rules_allow(course):
    for before, _now, place in walk(course):
        most = RULES.on_request if place.why == "hard" else RULES.most
        assert len(before.attempts) < most


@given(courses())
@settings(max_examples=60)
def test_nobody_is_called_more_often_a_day_unless_they_agreed(course):
    for before, now, place in walk(course):
        today = now.astimezone(BEIJING).date()
        earlier = sum(each.at.astimezone(BEIJING).date() == today for each in before.attempts)
        assert place.why == "hard" or earlier < RULES.a_day


@given(courses())
@settings(max_examples=60)
def test_the_pause_after_a_call_in_vain_is_kept(course):
    for before, now, place in walk(course):
        if before.attempts and place.why == "again":
            last = before.attempts[-1]
            if RULES.outcomes[last.outcome].then == "again":
                assert now - last.at >= RULES.outcomes[last.outcome].pause


@given(courses())
@settings(max_examples=60)
def test_two_calls_in_vain_in_a_row_differ_in_time_of_day_or_day(course):
    for before, now, place in walk(course):
        if before.attempts and place.why == "again" and RULES.outcomes[before.attempts[-1].outcome].elsewhen:
            last = before.attempts[-1].at
            other_day = last.astimezone(BEIJING).date() != now.astimezone(BEIJING).date()
            assert other_day or RULES.slot_at(last) != RULES.slot_at(now)


def instants(first, last):
    """Any minute between two days of November."""
    return st.integers(0, (last - first) * 24 * 60).map(
        lambda minutes: beijing(first, 0) + timedelta(minutes=minutes)
    )


STANDINGS = st.builds(
    Standing,
    attempts=st.lists(
        st.builds(
            Attempt,
            at=instants(16, 23),
            outcome=st.sampled_from(CHOSEN),
        ),
        max_size=7,
    ).map(lambda calls: tuple(sorted(calls, key=lambda each: each.at))),
    not_before=st.none() | st.just(beijing(24, 9)),
    hard=st.none() | instants(20, 26),
    soft=st.none() | st.just(beijing(23, 15)),
)


@given(
    st.lists(STANDINGS, max_size=12),
    instants(23, 26),
)
@settings(max_examples=100)
def test_an_agreed_time_that_is_due_is_never_passed_over(standings, now):
    places = {
        case: place
        for case, standing in enumerate(standings)
        if (place := may_call(RULES, standing, now)) is not None
    }
    due = [
        standing.hard
        for standing in standings
        if standing.hard is not None and standing.hard - RULES.before <= now and RULES.slot_at(now)
    ]
    if due:
        first = standings[in_order(places)[0]]
        assert first.hard == min(due)


@given(STANDINGS.filter(lambda standing: standing.attempts), st.sampled_from(CHOSEN))
def test_the_next_permitted_time_lies_within_the_hours_and_after_the_pause(standing, outcome):
    last = standing.attempts[-1]
    standing = Standing(attempts=(*standing.attempts[:-1], Attempt(at=last.at, outcome=outcome)))
    found = next_time(RULES, standing, now=last.at)
    assert RULES.slot_at(found) is not None
    assert found >= last.at + RULES.outcomes[outcome].pause


def test_the_rules_are_data():
    source = (Path(__file__).parents[4] / "survey_app/fieldwork/telephone/rules.py").read_text("utf-8")
    assert not re.search(r"no_answer|busy|refused|parent|\b20:30", source)
