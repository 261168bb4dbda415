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
        invitation_id=case.invitation_id, wave_id=case.wave_id, group=case.invitation.batch.group
    )
    return replace(service.begin(session, landing, forms, language=language, now=now), mode="phone")


def require_of(session: Session, case: PhoneCase, ticket: Ticket) -> None:
    """Refuse a ticket that is not of this case, or was not begun on the telephone.

    Raises:
        TicketError: it belongs to somebody else's questionnaire.
    """
    owner = session.scalar(sa.select(Entry.invitation_id).where(Entry.id == ticket.entry_id))
    if owner != case.invitation_id or ticket.mode != "phone":
        raise TicketError


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
