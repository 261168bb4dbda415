"""Cases (电话个案): made for invited people, given to interviewers, taken up one at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from survey_app import audit
from survey_app.accounts.models import Appointment, User
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork import drawing
from survey_app.fieldwork.models import Batch, CallAttempt, CallBack, Contact, Entry, Invitation, PhoneCase
from survey_app.fieldwork.telephone.rules import (
    Attempt,
    CallRules,
    Place,
    Standing,
    call_rules,
    in_order,
    may_call,
)
from survey_app.surveys.models import QuotaCell, Wave


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


def interviewers_of(session: Session, county_code: str, *, now: datetime) -> list[User]:
    """Who may call for the county now, by name."""
    found = session.scalars(
        sa.select(User)
        .join(Appointment)
        .where(Appointment.role == "interviewer", Appointment.region_code == county_code, User.active)
        .order_by(User.name, User.id)
    )
    return [user for user in found.unique() if user.may_sign_in(now)]


def make_cases(
    session: Session,
    wave: Wave,
    *,
    groups: Collection[str],
    starts: datetime | None,
    by: str,
    now: datetime,
) -> int:
    """Make a case for everybody of *groups* who was invited, has a contact and has not answered.

    Args:
        session: where they are stored.
        wave: one that takes answers.
        groups: respondent groups; one that may not be called gets none.
        starts: nobody is called before this instant.
        by: whose deed it is.
        now: when.

    Returns:
        How many were made; people who have one already get no second.

    Raises:
        ConflictError: the wave is not in the field.
    """
    _require_field(wave, now)
    groups = set(groups) & set(call_rules().groups)
    known = _contacts(session, wave, groups)
    made = 0
    for invitation in session.scalars(_without_case(wave, groups)):
        contact = known.get((invitation.batch_id, invitation.serial))
        if contact is not None:
            session.add(
                PhoneCase(wave_id=wave.id, invitation_id=invitation.id, contact_id=contact, not_before=starts)
            )
            made += 1
    session.flush()
    if made:
        details = {"wave": wave.id, "groups": sorted(groups), "made": made}
        audit.record(
            session, "telephone.cases_made", by=by, now=now, region=wave.county_code, details=details
        )
    return made


def callable_people(session: Session, wave: Wave, groups: Iterable[str]) -> dict[str, int]:
    """How many invited people of each group have a contact, no answer and no case yet."""
    counted = dict.fromkeys(groups, 0)
    known = _contacts(session, wave, counted)
    for invitation in session.scalars(_without_case(wave, counted).options(joinedload(Invitation.batch))):
        counted[invitation.batch.group] += (invitation.batch_id, invitation.serial) in known
    return counted


def assign_evenly(
    session: Session, wave: Wave, *, to: Sequence[User], groups: Collection[str], by: str, now: datetime
) -> int:
    """Deal the pool's cases to interviewers so that their open cases become as equal as they can."""
    open_cases = (
        sa.select(PhoneCase.assigned_to, sa.func.count())
        .where(PhoneCase.wave_id == wave.id, is_open(), PhoneCase.assigned_to.is_not(None))
        .group_by(PhoneCase.assigned_to)
    )
    known = dict(session.execute(open_cases).all())
    load = {user.id: known.get(user.id, 0) for user in to}
    if not load:
        raise ConflictError("no_interviewers")
    dealt: dict[int, list[int]] = {user_id: [] for user_id in load}
    for case_id in session.scalars(_pool(wave, groups)):
        user_id = min(load, key=lambda each: (load[each], each))
        load[user_id] += 1
        dealt[user_id].append(case_id)
    done = sum(_give(session, ids, user_id, now) for user_id, ids in dealt.items())
    return _note_assigned(session, wave, "evenly", done, by=by, now=now)


def assign(
    session: Session, wave: Wave, *, to: User, n: int | None, groups: Collection[str], by: str, now: datetime
) -> int:
    """Give *n* cases of the pool to one interviewer; fewer where there are fewer."""
    ids = list(session.scalars(_pool(wave, groups).limit(n)))
    return _note_assigned(session, wave, to.login, _give(session, ids, to.id, now), by=by, now=now)


def take_back(
    session: Session, wave: Wave, *, user: User, n: int | None, rules: CallRules, by: str, now: datetime
) -> int:
    """Put an interviewer's open cases back into the pool, but for the one that is being called."""
    stale = now - rules.holding
    chosen = (
        sa.select(PhoneCase.id)
        .where(
            PhoneCase.wave_id == wave.id,
            PhoneCase.assigned_to == user.id,
            is_open(),
            sa.or_(PhoneCase.taken_up_at.is_(None), PhoneCase.taken_up_at < stale),
        )
        .order_by(PhoneCase.id.desc())
        .limit(n)
    )
    ids = list(session.scalars(chosen))
    done = session.execute(
        sa.update(PhoneCase)
        .where(
            PhoneCase.id.in_(ids),
            PhoneCase.assigned_to == user.id,
            sa.or_(PhoneCase.taken_up_at.is_(None), PhoneCase.taken_up_at < stale),
        )
        .values(assigned_to=None, assigned_at=None, taken_up_at=None)
        .execution_options(synchronize_session=False)
    ).rowcount  # ty: ignore[missing-attribute]
    details = {"wave": wave.id, "from": user.login, "cases": done}
    if done:
        audit.record(
            session, "telephone.cases_taken_back", by=by, now=now, region=wave.county_code, details=details
        )
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A case that may be called now, and where it stands in the queue."""

    case_id: int
    place: Place


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

    Taking up is one conditional statement, so that no two interviewers ever call the same person. None where
    nobody is to be called now.
    """
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


def _require_field(wave: Wave, now: datetime) -> None:
    if not wave.takes_answers(now):
        raise ConflictError("telephone_not_open")


def _in_field(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a wave takes answers, as `Wave.takes_answers` says it."""
    return sa.and_(
        Wave.opened_at.is_not(None),
        Wave.closed_at.is_(None),
        Wave.aborted_at.is_(None),
        Wave.opens_at <= now,
        Wave.closes_at >= now,
    )


def _without_case(wave: Wave, groups: Collection[str]) -> sa.Select:
    answered = sa.exists().where(Entry.invitation_id == Invitation.id, Entry.state == "spent")
    has_case = sa.exists().where(PhoneCase.invitation_id == Invitation.id)
    return (
        sa.select(Invitation)
        .join(Batch, Batch.id == Invitation.batch_id)
        .where(
            Invitation.wave_id == wave.id,
            Invitation.revoked_at.is_(None),
            Batch.group.in_(list(groups)),
            ~answered,
            ~has_case,
        )
        .order_by(Invitation.id)
    )


def _contacts(session: Session, wave: Wave, groups: Collection[str]) -> dict[tuple[int, int], int]:
    """The contact of each invited person that has one: (batch, serial) -> contact."""
    draw = drawing.draw_of(session, wave)
    if draw is None:
        return {}
    listed = {
        (row.group, row.unit, row.number): row.id
        for row in session.execute(
            sa.select(Contact.id, Contact.group, Contact.unit, Contact.number).where(
                Contact.wave_id == wave.id, Contact.group.in_(list(groups)), Contact.sealed.is_not(None)
            )
        )
    }
    if not listed:
        return {}
    batches = dict(session.execute(sa.select(Batch.position, Batch.id).where(Batch.wave_id == wave.id)).all())
    return {
        (batches[each.batch], each.serial): contact
        for each in drawing.recipients(session, draw)
        if not each.given_up and (contact := listed.get((each.group, each.unit, each.number))) is not None
    }


def _pool(wave: Wave, groups: Collection[str]) -> sa.Select:
    return (
        sa.select(PhoneCase.id)
        .join(Invitation, Invitation.id == PhoneCase.invitation_id)
        .join(QuotaCell, QuotaCell.id == Invitation.quota_cell_id)
        .where(
            PhoneCase.wave_id == wave.id,
            PhoneCase.assigned_to.is_(None),
            is_open(),
            QuotaCell.group.in_(list(groups)),
        )
        .order_by(PhoneCase.id)
    )


def _give(session: Session, ids: Sequence[int], user_id: int, now: datetime) -> int:
    """Assign those of the cases that are still in the pool."""
    if not ids:
        return 0
    return session.execute(
        sa.update(PhoneCase)
        .where(PhoneCase.id.in_(ids), PhoneCase.assigned_to.is_(None))
        .values(assigned_to=user_id, assigned_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount  # ty: ignore[missing-attribute]


def _note_assigned(session: Session, wave: Wave, to: str, n: int, *, by: str, now: datetime) -> int:
    if n:
        details = {"wave": wave.id, "to": to, "cases": n}
        audit.record(
            session, "telephone.cases_assigned", by=by, now=now, region=wave.county_code, details=details
        )
    return n
