"""Calling: a number is opened and noted, a call recorded with its outcome, an appointment made or kept."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.accounts.models import User
from survey_app.errors import ConflictError, GoneError
from survey_app.fieldwork import codes
from survey_app.fieldwork.frames import contacts
from survey_app.fieldwork.frames.contacts import Person
from survey_app.fieldwork.models import CallAttempt, CallBack, Contact, PhoneCase
from survey_app.fieldwork.telephone.cases import hold, is_answered, release, spent, standing_of
from survey_app.fieldwork.telephone.rules import CallRules, Standing, after, call_rules, counted
from survey_app.surveys.models import Wave

#: The outcome that follows from an answer.
COMPLETE = "complete"

#: What a supervisor can decide about a case.
DECISIONS = ("again", "refused", "withdrawn", "returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A call as it was recorded, and where the case stands now."""

    attempt: CallAttempt
    standing: Standing


def open_contact(
    session: Session, case: PhoneCase, personal_key: bytes, *, by: str, now: datetime, checking: bool = False
) -> Person:
    """Whom a case is about. That it was opened is noted in the trail, without the number.

    Args:
        session: where contacts are stored.
        case: the case.
        personal_key: opens contacts.
        by: who looks.
        now: when.
        checking: a supervisor looks, who may also check a finished interview.

    Raises:
        GoneError: name and number have been erased.
        ConflictError: the person has answered, so that nobody needs to call.
    """
    if not checking and is_answered(session, case):
        raise ConflictError("case_answered")
    contact = session.get(Contact, case.contact_id) if case.contact_id is not None else None
    if contact is None or contact.sealed is None:
        raise GoneError("contact_erased")
    person = contacts.open_sealed(personal_key, contact.sealed)
    _note(session, case, "telephone.number_opened", by=by, now=now)
    return person


def open_number(
    session: Session, case: PhoneCase, personal_key: bytes, rules: CallRules, *, by: str, now: datetime
) -> Person:
    """Whom the interviewer calls now.

    Raises:
        GoneError: name and number have been erased.
        ConflictError: the person has answered, or nobody is called at this hour.
    """
    if rules.slot_at(now) is None:
        raise ConflictError("call_hours", hours=rules.hours_on(now))
    return open_contact(session, case, personal_key, by=by, now=now)


def open_code(session: Session, case: PhoneCase, code_key: bytes, *, by: str, now: datetime) -> str:
    """The typable code of the person's own card, to be read out to them; that it was opened is noted.

    Raises:
        GoneError: the card was replaced and has no code now.
        ConflictError: the person has answered.
    """
    if is_answered(session, case):
        raise ConflictError("case_answered")
    invitation = case.invitation
    if invitation.revoked_at is not None:
        raise GoneError("code_replaced", contact=invitation.wave.contact)
    code = codes.derive(
        code_key,
        wave_id=invitation.wave_id,
        batch_id=invitation.batch_id,
        serial=invitation.serial,
        generation=invitation.generation,
    )
    _note(session, case, "telephone.code_read", by=by, now=now)
    return code.typed


def record_call(
    session: Session,
    case: PhoneCase,
    outcome: str,
    *,
    by: str,
    now: datetime,
    again_at: datetime | None = None,
    agreed: bool = False,
    remark: str = "",
    rules: CallRules | None = None,
) -> Recorded:
    """Record a call and what came of it, and put the case out of hand.

    Raises:
        ConflictError: the case is finished.
        UnfitTimeError: the outcome needs a time to call again, or the one given cannot be kept.
    """
    hold(session, case)
    rules = rules or call_rules()
    before = standing_of(session, case)
    moved = after(
        rules,
        before,
        outcome,
        now=now,
        again_at=again_at,
        agreed=agreed,
        closes=case.invitation.wave.closes_at,
    )
    attempt = CallAttempt(
        case_id=case.id,
        number=len(moved.attempts),
        at=now,
        by=by,
        outcome=outcome,
        remark=remark.strip()[:500],
    )
    session.add(attempt)
    _settle(session, case, kept=rules.outcomes[outcome].reached, now=now)
    if moved.hard or moved.soft:
        at = moved.hard or moved.soft
        session.add(CallBack(case_id=case.id, at=at, hard=moved.hard is not None, made_by=by))
    case.attempts = len(moved.attempts)
    case.outcome = outcome
    case.not_before = moved.not_before
    case.referred = moved.referred
    case.finished_at = now if moved.finished else None
    release(session, case)
    return Recorded(attempt=attempt, standing=moved)


def finish_interview(session: Session, case: PhoneCase, *, by: str, now: datetime) -> None:
    """Record that the questionnaire was read out to its end; to be committed with the answer."""
    hold(session, case)
    if case.finished_at is None:
        record_call(session, case, COMPLETE, by=by, now=now)


def is_over(session: Session, case: PhoneCase) -> bool:
    """Whether the person answered online in the meantime; the case is then let go of."""
    if not is_answered(session, case):
        return False
    case.withdrawn = True
    release(session, case)
    return True


def decide(
    session: Session,
    case: PhoneCase,
    decision: str,
    *,
    to: User | None = None,
    by: str,
    now: datetime,
    remark: str = "",
) -> None:
    """What the supervisor decides about a case.

    ``again``: it is called again, by *to* or by whoever takes it from the pool, even after a refusal.
    ``refused``: the refusal stands. ``withdrawn``: nobody calls. ``returned``: back into the pool.

    Raises:
        ConflictError: it is finished, or an interviewer is calling right now.
    """
    hold(session, case)
    if case.finished_at is not None or is_answered(session, case):
        raise ConflictError("case_finished")
    if case.taken_up_at is not None and now - case.taken_up_at < call_rules().holding:
        raise ConflictError("case_being_called")
    case.taken_up_at = None
    if decision in {"again", "returned"}:
        if case.attempts >= call_rules().most and decision == "again":
            raise ConflictError("case_no_calls_left", most=call_rules().most)
        case.referred = case.referred and decision == "returned"
        case.assigned_to = to.id if to is not None and decision == "again" else None
        case.assigned_at = now if case.assigned_to is not None else None
        if decision == "again":
            case.not_before = None
    else:
        case.referred = False
        case.finished_at = now
        case.withdrawn = decision == "withdrawn"
        _settle(session, case, kept=False, now=now)
    session.flush()
    _note(
        session,
        case,
        "telephone.case_decided",
        by=by,
        now=now,
        decision=decision,
        to=to.login if to is not None else "",
        remark=remark.strip()[:200],
    )


def attempts_of(session: Session, case: PhoneCase) -> list[CallAttempt]:
    """The calls of a case, in order."""
    return list(
        session.scalars(
            sa.select(CallAttempt).where(CallAttempt.case_id == case.id).order_by(CallAttempt.number)
        )
    )


def appointment_of(session: Session, case: PhoneCase) -> CallBack | None:
    """The time at which the case is to be called again, if one was set."""
    return session.scalars(
        sa.select(CallBack)
        .where(CallBack.case_id == case.id, CallBack.settled_at.is_(None))
        .order_by(CallBack.at)
        .limit(1)
    ).one_or_none()


def dispositions(session: Session, wave: Wave) -> Counter[str]:
    """What became of the people of *wave* who were called: field of `sampling.Dispositions` -> people.

    ``complete`` counts the interviews that were read out; who was called but has not answered in any way
    counts by the strongest of their calls' outcomes. Who was not called yet, and who answered online, does
    not count here, so that the counts add up with those of the answers that came in online.
    """
    rows = session.execute(
        sa.select(CallAttempt.case_id, CallAttempt.outcome)
        .join(PhoneCase, PhoneCase.id == CallAttempt.case_id)
        .where(PhoneCase.wave_id == wave.id, sa.or_(PhoneCase.outcome == COMPLETE, ~spent()))
    )
    outcomes: dict[int, list[str]] = {}
    for case_id, outcome in rows:
        outcomes.setdefault(case_id, []).append(outcome)
    return counted(call_rules(), outcomes)


def labels(language: str) -> dict[str, str]:
    """The outcomes in words, by id; no outcome is a case that nobody called yet."""
    return {each.id: each.label.in_language(language) for each in call_rules().outcomes.values()}


def _settle(session: Session, case: PhoneCase, *, kept: bool, now: datetime) -> None:
    """End the case's open call-backs: kept if the person was spoken to, else given up."""
    session.execute(
        sa.update(CallBack)
        .where(CallBack.case_id == case.id, CallBack.settled_at.is_(None))
        .values(settled_at=now, kept=kept)
        .execution_options(synchronize_session=False)
    )


def _note(session: Session, case: PhoneCase, action: str, *, by: str, now: datetime, **facts: str) -> None:
    wave = case.invitation.wave
    details = {"wave": wave.id, "case": case.id, **{name: value for name, value in facts.items() if value}}
    audit.record(session, action, by=by, now=now, region=wave.county_code, details=details)
