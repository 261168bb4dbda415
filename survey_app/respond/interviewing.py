"""Reading a questionnaire out on the telephone: begun with consent, sent through the one function for all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.errors import ConflictError
from survey_app.fieldwork.models import Entry, PhoneCase
from survey_app.fieldwork.telephone import calling, cases
from survey_app.respond import service
from survey_app.respond.ticket import Landing, Ticket, TicketError


def begin(session: Session, case: PhoneCase, forms: service.Forms, *, language: str, now: datetime) -> Ticket:
    """Begin the person's questionnaire after they agreed, or take up again the one begun before.

    Raises:
        ConflictError: the person answered online in the meantime.
        GoneError: the card was replaced, or the wave takes no answers now.
    """
    if cases.is_answered(session, case):
        raise ConflictError("case_answered")
    landing = Landing(
        invitation_id=case.invitation_id,
        wave_id=case.wave_id,
        group=case.invitation.batch.group,
        generation=case.invitation.generation,
    )
    return replace(service.begin(session, landing, forms, language=language, now=now), mode="phone")


def of_case(
    session: Session, case: PhoneCase, ticket: Ticket, forms: service.Forms, *, now: datetime
) -> Ticket:
    """The ticket with which this case goes on; where the card was replaced meanwhile, that of the new one.

    Raises:
        TicketError: it belongs to somebody else's questionnaire, or was not begun on the telephone.
        ConflictError: the person answered online in the meantime, with the new card.
        GoneError: the wave takes no answers now.
    """
    entry = session.execute(sa.select(Entry.invitation_id).where(Entry.id == ticket.entry_id)).one_or_none()
    if entry is None or ticket.mode != "phone":
        raise TicketError
    if entry.invitation_id == case.invitation_id:
        return ticket
    if entry.invitation_id or (ticket.wave_id, ticket.group) != (case.wave_id, case.invitation.batch.group):
        raise TicketError
    anew = begin(session, case, forms, language=ticket.language, now=now)
    return replace(ticket, entry_id=anew.entry_id)


def submit(
    session: Session,
    case: PhoneCase,
    ticket: Ticket,
    raw_answers: Mapping[str, str | Sequence[str]],
    forms: service.Forms,
    *,
    by: str,
    now: datetime,
) -> service.Submitted:
    """Send the answers as anybody's are sent, and record the interview; the caller commits both at once.

    Where the person had answered online a moment before, their own answer stands and the case is let go of.

    Raises:
        GoneError: the wave closed in the meantime.
    """
    submitted = service.submit(session, ticket, raw_answers, forms, now=now)
    if submitted.outcome == "stored":
        calling.finish_interview(session, case, by=by, now=now)
    elif submitted.outcome == "used":
        calling.is_over(session, case)
    return submitted
