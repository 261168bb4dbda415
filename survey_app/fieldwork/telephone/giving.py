"""Cases made for invited people who have not answered, given to interviewers and taken back from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.accounts.models import Appointment, User
from survey_app.db import INSERT
from survey_app.errors import ConflictError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.models import Batch, Contact, Entry, Invitation, PhoneCase
from survey_app.fieldwork.telephone.cases import is_open
from survey_app.fieldwork.telephone.rules import CallRules, call_rules
from survey_app.surveys.models import QuotaCell, Wave


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
    # Whoever is about to give somebody up is waited for, so that nobody calls them afterwards.
    missing = _without_case(wave, groups).with_for_update(read=True, of=Invitation)
    wanted = [
        {"wave_id": wave.id, "invitation_id": invitation.id, "contact_id": contact, "not_before": starts}
        for invitation in session.scalars(missing)
        if (contact := known.get((invitation.batch_id, invitation.serial))) is not None
    ]
    made = _insert_missing(session, wanted)
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


def _insert_missing(session: Session, wanted: Sequence[Mapping[str, Any]]) -> int:
    """Make the cases that nobody else has just made; how many."""
    if not wanted:
        return 0
    insert = INSERT[session.get_bind().dialect.name](PhoneCase)
    missing = insert.on_conflict_do_nothing(index_elements=["invitation_id"]).returning(PhoneCase.id)
    return len(session.scalars(missing, wanted).all())


def _require_field(wave: Wave, now: datetime) -> None:
    if not wave.takes_answers(now):
        raise ConflictError("telephone_not_open")


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
