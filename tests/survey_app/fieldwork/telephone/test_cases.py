from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from survey_app import audit
from survey_app.db import db
from survey_app.errors import ConflictError, GoneError
from survey_app.fieldwork import entries, telephone
from survey_app.fieldwork.models import CallBack, Contact, Invitation, PhoneCase
from survey_app.fieldwork.telephone import board, calling, cases, giving
from survey_app.fieldwork.telephone.rules import call_rules
from tests.conftest import KEY, NOW
from tests.factories import make_contacts
from tests.survey_app.fieldwork.telephone.phoning import (
    COUNTY,
    cases_of,
    interviewer,
    phone_wave,
    take_up,
)

RULES = call_rules()


@pytest.fixture
def wave(either_app):
    """Three people who can be called, on both databases."""
    with either_app.app_context():
        yield phone_wave(either_app)


@pytest.fixture
def wave_here(app):
    """The same on SQLite alone, where the database is not the question."""
    with app.app_context():
        yield phone_wave(app)


def answer_online(case):
    entry = entries.begin(db.session, case.invitation, now=NOW)
    entries.burn(db.session, entry.id, nonce_hash=b"1" * 32, now=NOW)
    db.session.expire_all()


def details():
    return db.session.scalars(sa.select(audit.AuditEntry.details)).all()


# ---- making and giving


def test_everybody_with_a_number_gets_one_case(wave_here):
    assert len(cases_of(wave_here)) == 3
    assert giving.make_cases(db.session, wave_here, groups=["public"], starts=None, by="boss", now=NOW) == 0


def test_who_has_answered_or_whose_card_was_revoked_gets_none(either_app):
    with either_app.app_context():
        wave = phone_wave(either_app, made=False)
        first, second = db.session.scalars(
            sa.select(Invitation)
            .where(Invitation.wave_id == wave.id, Invitation.batch.has(group="public"))
            .order_by(Invitation.id)
            .limit(2)
        )
        first.revoked_at = NOW
        entry = entries.begin(db.session, second, now=NOW)
        entries.burn(db.session, entry.id, nonce_hash=b"1" * 32, now=NOW)
        assert giving.callable_people(db.session, wave, ["public", "parent"]) == {"public": 1, "parent": 0}
        assert giving.make_cases(db.session, wave, groups=["public"], starts=None, by="boss", now=NOW) == 1


def test_pupils_are_not_called_even_if_somebody_keeps_their_number(wave_here):
    make_contacts(wave_here, "student")
    assert giving.make_cases(db.session, wave_here, groups=["student"], starts=None, by="boss", now=NOW) == 0


def test_a_wave_that_is_over_gets_no_cases(wave_here):
    wave_here.closes_at = NOW - timedelta(minutes=1)
    with pytest.raises(ConflictError) as refused:
        giving.make_cases(db.session, wave_here, groups=["public"], starts=None, by="boss", now=NOW)
    assert refused.value.code == "telephone_not_open"


def test_nobody_is_called_before_the_day_that_was_set(app):
    with app.app_context():
        wave = phone_wave(app, made=False)
        later = NOW + timedelta(days=1)
        giving.make_cases(db.session, wave, groups=["public"], starts=later, by="boss", now=NOW)
        caller = interviewer()
        assert take_up(caller) is None
        assert take_up(caller, later) is not None


def test_cases_are_dealt_evenly_to_those_who_have_fewest(wave):
    one, two = interviewer("one"), interviewer("two")
    giving.assign(db.session, wave, to=one, n=1, groups=["public"], by="boss", now=NOW)
    given = giving.assign_evenly(db.session, wave, to=[one, two], groups=["public"], by="boss", now=NOW)
    assert given == 2
    assert Counter(case.assigned_to for case in cases_of(wave)) in (
        {one.id: 1, two.id: 2},
        {one.id: 2, two.id: 1},
    )
    assert giving.assign_evenly(db.session, wave, to=[one, two], groups=["public"], by="boss", now=NOW) == 0


def test_what_is_taken_back_is_anybodys_again_but_not_the_call_under_way(wave):
    caller = interviewer()
    giving.assign(db.session, wave, to=caller, n=3, groups=["public"], by="boss", now=NOW)
    held = take_up(caller)
    assert giving.take_back(db.session, wave, user=caller, n=None, rules=RULES, by="boss", now=NOW) == 2
    db.session.expire_all()
    assert [case.id for case in cases_of(wave) if case.assigned_to == caller.id] == [held.id]
    later = NOW + RULES.holding + timedelta(minutes=1)
    assert giving.take_back(db.session, wave, user=caller, n=None, rules=RULES, by="boss", now=later) == 1


# ---- one case, one interviewer


def test_an_interviewer_gets_the_case_in_hand_again_and_nobody_else_does(wave):
    one, two = interviewer("one"), interviewer("two")
    held = take_up(one)
    assert take_up(one).id == held.id
    assert take_up(two).id != held.id


def test_any_number_of_interviewers_at_once_never_get_the_same_person(either_app):
    with either_app.app_context():
        wave = phone_wave(either_app, people=4)
        callers = [interviewer(f"c{number}").id for number in range(8)]
        wave_id = wave.id
        db.session.commit()

    def next_case(user_id):
        with either_app.app_context():
            case = cases.take_up_next(db.session, user_id, [COUNTY], RULES, now=NOW)
            found = case.id if case else None
            db.session.commit()
            return found

    with ThreadPoolExecutor(8) as pool:
        given = [case for case in pool.map(next_case, callers) if case is not None]
    assert len(given) == len(set(given)) == 4
    with either_app.app_context():
        assert (
            db.session.scalar(
                sa.select(sa.func.count(PhoneCase.taken_up_at)).where(PhoneCase.wave_id == wave_id)
            )
            == 4
        )


def test_another_county_sees_nothing_of_it(wave_here):
    caller = interviewer()
    assert cases.take_up_next(db.session, caller.id, ["140524"], RULES, now=NOW) is None


def test_at_night_nobody_is_called(wave_here):
    assert take_up(interviewer(), NOW + timedelta(hours=4)) is None


def test_whose_name_was_erased_or_card_revoked_is_not_called(wave):
    first, second, third = cases_of(wave)
    db.session.get_one(Contact, first.contact_id).sealed = None
    second.invitation.revoked_at = NOW
    assert take_up(interviewer()).id == third.id
    assert board.by_state(board.lines(db.session, wave, RULES))["unreachable"] == 2


# ---- outcomes and appointments


def test_calls_are_counted_and_lead_where_the_rules_say(wave):
    caller = interviewer()
    case = take_up(caller)
    calling.record_call(db.session, case, "no_answer", by="caller", now=NOW)
    assert (case.attempts, case.outcome, case.taken_up_at) == (1, "no_answer", None)
    assert case.not_before > NOW
    assert [(each.number, each.outcome) for each in calling.attempts_of(db.session, case)] == [
        (1, "no_answer")
    ]
    assert take_up(caller).id != case.id


def test_an_agreed_time_brings_the_case_back_first_and_is_kept_by_the_call(wave_here):
    caller = interviewer()
    case = take_up(caller)
    at = NOW + timedelta(hours=1)
    calling.record_call(db.session, case, "appointment", by="caller", now=NOW, again_at=at, agreed=True)
    other = take_up(caller)
    assert other.id != case.id
    calling.record_call(db.session, other, "busy", by="caller", now=NOW)
    assert take_up(caller, at - timedelta(minutes=4)).id == case.id
    calling.record_call(db.session, case, "refused_hard", by="caller", now=at)
    settled = db.session.scalars(sa.select(CallBack)).one()
    assert (settled.kept, settled.hard) == (True, True)
    assert case.finished_at == at


def test_a_refusal_waits_for_the_supervisor_who_gives_it_to_somebody_else(wave_here):
    one, two = interviewer("one"), interviewer("two")
    case = take_up(one)
    calling.record_call(db.session, case, "refused_soft", by="one", now=NOW)
    assert board.by_state(board.lines(db.session, wave_here, RULES))["referred"] == 1
    calling.decide(db.session, case, "again", to=two, by="boss", now=NOW)
    assert (case.assigned_to, case.referred) == (two.id, False)


def test_the_supervisor_does_not_take_a_call_out_of_somebodys_hand(wave_here):
    case = take_up(interviewer())
    with pytest.raises(ConflictError) as refused:
        calling.decide(db.session, case, "withdrawn", by="boss", now=NOW)
    assert refused.value.code == "case_being_called"


# ---- withdrawal


def test_an_answer_online_withdraws_the_case_and_nothing_says_when(wave):
    case = take_up(interviewer())
    answer_online(case)
    assert (case.withdrawn, case.finished_at) == (True, None)
    assert board.by_state(board.lines(db.session, wave, RULES))["online"] == 1


def test_an_interviewer_is_told_and_given_somebody_else(wave_here):
    caller = interviewer()
    case = take_up(caller)
    answer_online(case)
    with pytest.raises(ConflictError) as told:
        calling.open_number(db.session, case, KEY, RULES, by="caller", now=NOW)
    assert told.value.code == "case_answered"
    assert take_up(caller).id != case.id


def test_a_case_made_in_the_very_moment_of_the_answer_is_not_called_either(wave):
    case = cases_of(wave)[0]
    answer_online(case)
    case.withdrawn = False
    db.session.flush()
    assert take_up(interviewer()).id != case.id


# ---- numbers


def test_a_number_is_shown_and_that_it_was_is_noted_without_it(wave_here):
    case = take_up(interviewer())
    person = calling.open_number(db.session, case, KEY, RULES, by="caller", now=NOW)
    assert (person.name[0], person.phone[:3]) == ("王", "138")
    assert any("telephone" in action for action in db.session.scalars(sa.select(audit.AuditEntry.action)))
    assert not any(person.phone in row or person.name in row for row in details())
    assert person.phone not in repr(person)


def test_no_number_is_shown_outside_the_hours_or_after_it_was_erased(wave_here):
    case = take_up(interviewer())
    with pytest.raises(ConflictError) as closed:
        calling.open_number(db.session, case, KEY, RULES, by="caller", now=NOW + timedelta(hours=5))
    assert closed.value.code == "call_hours"
    db.session.get_one(Contact, case.contact_id).sealed = None
    with pytest.raises(GoneError) as erased:
        calling.open_number(db.session, case, KEY, RULES, by="caller", now=NOW)
    assert erased.value.code == "contact_erased"


def test_the_code_that_is_read_out_is_the_persons_own(wave_here):
    case = take_up(interviewer())
    typed = calling.open_code(db.session, case, KEY, by="caller", now=NOW)
    assert entries.find_invitation(db.session, KEY, typed).id == case.invitation_id
    assert not any(typed in row for row in details())


# ---- counting


def test_the_board_and_the_rates_count_calls_not_answers(wave):
    caller = interviewer()
    first = take_up(caller)
    calling.record_call(db.session, first, "refused_hard", by="caller", now=NOW)
    second = take_up(caller)
    calling.record_call(db.session, second, "complete", by="caller", now=NOW)
    third = take_up(caller)
    calling.record_call(db.session, third, "no_answer", by="caller", now=NOW)
    found = board.lines(db.session, wave, RULES)
    work = board.work_of(db.session, wave, found, [caller], RULES, now=NOW)[0]
    assert (work.open, work.done, work.interviews, work.calls) == (1, 2, 1, 3)
    assert (work.refused, work.calls_per_case) == (Fraction(1, 2), 1)
    assert telephone.dispositions(db.session, wave) == Counter(refusal=1, complete=1, unknown_household=1)
    answer_online(third)
    assert telephone.dispositions(db.session, wave) == Counter(refusal=1, complete=1)
