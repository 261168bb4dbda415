"""Cases (电话个案): whose turn it is, taken up one at a time, and where each stands."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from survey_app.accounts.models import User
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.models import CallAttempt, CallBack, Contact, Entry, Invitation, PhoneCase
from survey_app.fieldwork.telephone.rules import (
    Attempt,
    CallRules,
    Place,
    Standing,
    in_order,
    may_call,
)
from survey_app.surveys.models import Wave


def spent() -> sa.ColumnElement[bool]:
    """Whether the invited person has answered, in whatever mode, as part of a query over cases."""
    return (
        sa.exists()
        .where(Entry.invitation_id == PhoneCase.invitation_id, Entry.state == "spent")
        .correlate(PhoneCase)
    )


def is_open() -> sa.ColumnElement[bool]:
    """Whether a case is still to be worked: not finished, withdrawn or answered."""
    return sa.and_(PhoneCase.finished_at.is_(None), PhoneCase.withdrawn.is_(False), ~spent())


def in_hand(session: Session, user_id: int) -> PhoneCase | None:
    """The case that the interviewer has taken up and not ended."""
    return session.scalars(
        sa.select(PhoneCase)
        .where(PhoneCase.assigned_to == user_id, PhoneCase.taken_up_at.is_not(None))
        .order_by(PhoneCase.taken_up_at)
        .limit(1)
    ).one_or_none()


def take_up_next(
    session: Session, user_id: int, scopes: Iterable[str], rules: CallRules, *, now: datetime
) -> PhoneCase | None:
    """Take up the case that the rules put first: the one in hand, else one's own or the pool's.

    Taking up is one conditional statement, so that no two interviewers ever call the same person; and one
    interviewer takes up one case at a time, however often the button is pressed. None where
    nobody is to be called now.
    """
    session.execute(sa.select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    held = in_hand(session, user_id)
    if held is not None and not (held.withdrawn or held.finished_at or _is_spent(session, held)):
        return held
    if held is not None:
        release(session, held)
    for case_id in in_order(queue(session, user_id, scopes, rules, now=now)):
        if _take_up(session, case_id, user_id, now):
            return get_case(session, case_id)
    return None


def queue(
    session: Session, user_id: int, scopes: Iterable[str], rules: CallRules, *, now: datetime
) -> dict[int, Place]:
    """The interviewer's own cases and the pool's that may be called now, with their places."""
    if rules.slot_at(now) is None:
        return {}
    rows = session.execute(
        sa.select(PhoneCase.id, PhoneCase.not_before)
        .join(Wave, Wave.id == PhoneCase.wave_id)
        .join(Invitation, Invitation.id == PhoneCase.invitation_id)
        .join(Contact, Contact.id == PhoneCase.contact_id)
        .where(
            within(Wave.county_code, scopes),
            _in_field(now),
            is_open(),
            PhoneCase.referred.is_(False),
            PhoneCase.taken_up_at.is_(None),
            sa.or_(PhoneCase.assigned_to.is_(None), PhoneCase.assigned_to == user_id),
            Invitation.revoked_at.is_(None),
            Contact.sealed.is_not(None),
        )
    ).all()
    standings = _standings(session, {row.id: row.not_before for row in rows})
    places = {case: may_call(rules, standing, now) for case, standing in standings.items()}
    return {case: place for case, place in places.items() if place is not None}


def own_cases(session: Session, user_id: int) -> list[PhoneCase]:
    """The interviewer's open cases, in order."""
    return list(
        session.scalars(
            sa.select(PhoneCase)
            .join(PhoneCase.invitation)
            .join(Invitation.batch)
            .where(PhoneCase.assigned_to == user_id, is_open())
            .options(contains_eager(PhoneCase.invitation).contains_eager(Invitation.batch))
            .order_by(PhoneCase.id)
        )
    )


def appointments_of(session: Session, of: Iterable[PhoneCase]) -> list[tuple[CallBack, PhoneCase]]:
    """The times set for these cases, the earliest first."""
    by_id = {case.id: case for case in of}
    found = session.scalars(
        sa.select(CallBack)
        .where(CallBack.case_id.in_(list(by_id)), CallBack.settled_at.is_(None))
        .order_by(CallBack.at, CallBack.id)
    )
    return [(each, by_id[each.case_id]) for each in found]


def get_case(session: Session, case_id: int) -> PhoneCase:
    """The case with its wave, invitation and group.

    Raises:
        NotFoundError: there is none with this number.
    """
    if not 0 < case_id < 2**31:
        raise NotFoundError
    case = session.scalars(
        sa.select(PhoneCase)
        .join(PhoneCase.invitation)
        .join(Invitation.batch)
        .join(Invitation.wave)
        .where(PhoneCase.id == case_id)
        .options(
            contains_eager(PhoneCase.invitation).contains_eager(Invitation.batch),
            contains_eager(PhoneCase.invitation).contains_eager(Invitation.wave).joinedload(Wave.county),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if case is None:
        raise NotFoundError
    return case


def hold(session: Session, case: PhoneCase) -> None:
    """Keep everybody else from changing *case* until the transaction ends, and see it as it is now."""
    session.flush()
    session.refresh(case, with_for_update={"of": PhoneCase})


def require_own(case: PhoneCase, user_id: int) -> None:
    """Refuse unless the case was given to this interviewer.

    Raises:
        NotFoundError: it is somebody else's, or nobody's: it looks like one that does not exist.
    """
    if case.assigned_to != user_id:
        raise NotFoundError


def require_in_hand(case: PhoneCase) -> None:
    """Refuse unless the case is being called.

    Raises:
        ConflictError: it was put out of hand, by its outcome or by the supervisor.
    """
    if case.taken_up_at is None:
        raise ConflictError("case_not_in_hand")


def is_answered(session: Session, case: PhoneCase) -> bool:
    """Whether the person has answered in the meantime."""
    return case.withdrawn or _is_spent(session, case)


def release(session: Session, case: PhoneCase) -> None:
    """Put the case out of the interviewer's hand; it stays with them."""
    case.taken_up_at = None
    session.flush()


def standing_of(session: Session, case: PhoneCase) -> Standing:
    """Where one case stands."""
    standing = _standings(session, {case.id: case.not_before})[case.id]
    done = case.finished_at is not None or case.withdrawn
    return Standing(
        attempts=standing.attempts,
        not_before=case.not_before,
        hard=standing.hard,
        soft=standing.soft,
        finished=done,
        referred=case.referred,
    )


def _take_up(session: Session, case_id: int, user_id: int, now: datetime) -> bool:
    taken = session.execute(
        sa.update(PhoneCase)
        .where(
            PhoneCase.id == case_id,
            PhoneCase.taken_up_at.is_(None),
            sa.or_(PhoneCase.assigned_to.is_(None), PhoneCase.assigned_to == user_id),
            is_open(),
            PhoneCase.referred.is_(False),
        )
        .values(
            taken_up_at=now,
            assigned_to=user_id,
            assigned_at=sa.func.coalesce(PhoneCase.assigned_at, sa.literal(now, PhoneCase.assigned_at.type)),
        )
        .execution_options(synchronize_session=False)
    )
    return taken.rowcount == 1  # ty: ignore[missing-attribute]


def _standings(session: Session, not_before: dict[int, datetime | None]) -> dict[int, Standing]:
    attempts: dict[int, list[Attempt]] = {}
    for row in session.execute(
        sa.select(CallAttempt.case_id, CallAttempt.at, CallAttempt.outcome)
        .where(CallAttempt.case_id.in_(list(not_before)))
        .order_by(CallAttempt.number)
    ):
        attempts.setdefault(row.case_id, []).append(Attempt(at=row.at, outcome=row.outcome))
    agreed: dict[tuple[int, bool], datetime] = {
        (row.case_id, row.hard): row.at
        for row in session.execute(
            sa.select(CallBack.case_id, CallBack.hard, CallBack.at)
            .where(CallBack.case_id.in_(list(not_before)), CallBack.settled_at.is_(None))
            .order_by(CallBack.at.desc())
        )
    }
    return {
        case: Standing(
            attempts=tuple(attempts.get(case, ())),
            not_before=start,
            hard=agreed.get((case, True)),
            soft=agreed.get((case, False)),
        )
        for case, start in not_before.items()
    }


def _is_spent(session: Session, case: PhoneCase) -> bool:
    wanted = sa.exists().where(Entry.invitation_id == case.invitation_id, Entry.state == "spent")
    return bool(session.scalar(sa.select(wanted)))


def _in_field(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a wave takes answers, as `Wave.takes_answers` says it."""
    return sa.and_(
        Wave.opened_at.is_not(None),
        Wave.closed_at.is_(None),
        Wave.aborted_at.is_(None),
        Wave.opens_at <= now,
        Wave.closes_at >= now,
    )
