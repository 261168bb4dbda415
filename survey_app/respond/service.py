"""Beginning and submitting a questionnaire: the two deeds of the public side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.errors import ConflictError, GoneError, JunhengError, NotFoundError
from survey_app.fieldwork import codes, entries, glances, spending
from survey_app.fieldwork.codes import MistypedCodeError
from survey_app.fieldwork.models import Entry, EntryPoint
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.fieldwork.open_entries import rotating
from survey_app.respond import inbox, paging
from survey_app.respond.ticket import Landing, Ticket, TicketError, duration_band, issue, open_landing
from survey_app.surveys.answers import Checked, Problem, check_answers
from survey_app.surveys.groups import form_for_group
from survey_app.surveys.models import QuestionnaireVersion, Wave, WaveForm
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import from_content
from survey_app.wire.connection import Link


class Forms:
    """The questionnaires of an installation, each read from the database once and kept by its version."""

    def __init__(self) -> None:
        self._by_version: dict[int, Questionnaire] = {}
        self._by_wave: dict[tuple[int, str], int] = {}
        self._laid_out: dict[tuple[int, str], LaidOut] = {}

    def version_of(self, session: Session, wave_id: int, group: str) -> int:
        """The version that *group* answers in the wave (frozen when it opened, hence kept)."""
        key = wave_id, form_for_group(group)
        if key not in self._by_wave:
            version = session.scalar(
                sa.select(WaveForm.version_id).where(WaveForm.wave_id == key[0], WaveForm.form == key[1])
            )
            if version is None:
                raise NotFoundError
            self._by_wave[key] = version
        return self._by_wave[key]

    def at_hand(self, version_id: int) -> Questionnaire | None:
        """The questionnaire of this version, if it was asked for before."""
        return self._by_version.get(version_id)

    def get(self, session: Session, version_id: int) -> Questionnaire:
        """The questionnaire of this version."""
        if version_id not in self._by_version:
            version = session.get(QuestionnaireVersion, version_id)
            if version is None:
                raise NotFoundError
            self._by_version[version_id] = from_content(version.content)
        return self._by_version[version_id]

    def put_to(self, session: Session, version_id: int, group: str) -> Questionnaire:
        """The questionnaire of this version, which is put to *group*.

        Raises:
            TicketError: it is put to others.
        """
        questionnaire = self.get(session, version_id)
        if group not in questionnaire.groups:
            raise TicketError
        return questionnaire

    def laid_out(self, session: Session, version_id: int, group: str) -> "LaidOut":
        """The first page of a version as *group* sees it who has not answered anything."""
        key = version_id, group
        if key not in self._laid_out:
            questionnaire = self.put_to(session, version_id, group)
            turned = paging.start(questionnaire, group)
            self._laid_out[key] = LaidOut(
                version_id=version_id,
                questionnaire=questionnaire,
                turned=turned,
                page=paging.lay_out(questionnaire, group, turned),
            )
        return self._laid_out[key]

    def laid_out_at_hand(self, wave_id: int, group: str) -> "LaidOut | None":
        """The first page of what *group* answers in the wave, if it was laid out before."""
        version_id = self._by_wave.get((wave_id, form_for_group(group)))
        return self._laid_out.get((version_id, group)) if version_id is not None else None


class Keys:
    """The public keys of the waves in the field, each read from the database once: a wave has only one."""

    def __init__(self) -> None:
        self._by_wave: dict[int, bytes] = {}

    def of(self, link: Link, wave_id: int) -> bytes | None:
        """The key to which the wave's answers are sealed; None where it takes none."""
        key = self._by_wave.get(wave_id)
        if key is None:
            wave = glances.wave_by_id(link, wave_id)
            key = wave.public_key if wave is not None else None
            if key is not None:
                self._by_wave[wave_id] = key
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """A version and its first page as one group sees it, laid out once."""

    version_id: int
    questionnaire: Questionnaire
    turned: paging.Turn
    page: paging.Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of an answer that was sent.

    ``stored``: it is in the inbox. ``again``: it was there already, sent twice. ``used``: another answer
    had been sent with the same card. ``refused``: nothing was stored, for *problems*.
    """

    outcome: Literal["stored", "again", "used", "refused"]
    problems: tuple[Problem, ...] = ()


def open_card(link: Link, code_key: bytes, code_text: str, *, now: datetime) -> Landing | None:
    """Open a card; None where no card has this code. Nothing is spent or written.

    Raises:
        MistypedCodeError: a typed code that cannot be one.
        GoneError: the card was replaced, or its wave takes no answers now.
        ConflictError: a questionnaire was already sent with it.
    """
    card = glances.card_by_code(link, code_key, code_text)
    if card is None:
        return None
    entries.require_usable(card, now)
    return Landing(
        invitation_id=card.id,
        wave_id=card.wave.id,
        group=card.origin.group,
        generation=card.generation,
        origin=card.origin,
    )


def arrive(session: Session, code_key: bytes, code_text: str, *, now: datetime) -> Landing:
    """Open a card, or the code of an open entry. Nothing is spent, reserved or written.

    Raises:
        MistypedCodeError: a typed code that cannot be one.
        NotFoundError: nothing has this code.
        GoneError: the card or code was replaced, or its wave takes no answers now.
        ConflictError: a questionnaire was already sent with this card.
    """
    no_card: JunhengError = NotFoundError("code_unknown")
    try:
        landing = open_card(session, code_key, code_text, now=now)
    except MistypedCodeError as mistyped:
        landing, no_card = None, mistyped
    return landing or _arrive_openly(session, code_key, code_text, no_card, now)


def arrive_by_address(session: Session, code_key: bytes, code_text: str, *, now: datetime) -> Landing:
    """Open what an address names, as `arrive`; nobody typed it, so a faulty one is a broken link."""
    try:
        return arrive(session, code_key, code_text, now=now)
    except MistypedCodeError as error:
        raise MistypedCodeError("link_broken") from error


def arrive_openly(session: Session, code_key: bytes, code_text: str, *, now: datetime) -> Landing:
    """The same of an address of which it is known that no card has its code."""
    no_card: JunhengError = NotFoundError("code_unknown")
    if not codes.is_code(code_text):
        no_card = MistypedCodeError("link_broken")
    return _arrive_openly(session, code_key, code_text, no_card, now)


def _arrive_openly(
    session: Session, code_key: bytes, code_text: str, no_card: JunhengError, now: datetime
) -> Landing:
    """Open the code of an open entry; what is no code at all is refused for the reason it is no card's."""
    try:
        point = open_entries.find_point(session, code_key, code_text, now=now)
    except MistypedCodeError:
        raise no_card from None
    except NotFoundError:
        if rotating.read_address(code_text) is None:
            entries.refuse_retired(session, code_key, code_text)
        raise
    if point.revoked_at is not None:
        raise GoneError("entry_revoked", contact=point.wave.contact)
    entries.require_open(point.wave, now)
    return open_landing(
        wave_id=point.wave_id,
        group=point.quota_cell.group,
        point_id=point.id,
        generation=point.generation,
        until=now + rotating.BEGIN_WITHIN if point.rotates_every else None,
    )


def standing(session: Session, landing: Landing, *, now: datetime) -> open_entries.Standing | None:
    """The open entry that was opened and whether it has room; None for a card.

    Raises:
        NotFoundError: there is none.
        GoneError: it was taken out of use, or the wave takes no answers now.
    """
    if landing.point_id is None:
        return None
    found = open_entries.standing(session, landing.point_id, now=now)
    if found.point.revoked_at is not None:
        raise GoneError("entry_revoked", contact=found.point.wave.contact)
    entries.require_open(found.point.wave, now)
    return found


def landing_wave(link: Link, landing: Landing, *, now: datetime) -> glances.WaveGlance:
    """The wave that asks, with its county, while it takes answers."""
    wave = glances.wave_by_id(link, landing.wave_id)
    if wave is None:
        raise NotFoundError
    entries.require_open(wave, now)
    return wave


def pressure_contact(session: Session, wave_id: int) -> str:
    """Whom to tell that somebody else used one's card."""
    return session.scalar(sa.select(Wave.pressure_contact).where(Wave.id == wave_id)) or ""


def begin(session: Session, landing: Landing, forms: Forms, *, language: str, now: datetime) -> Ticket:
    """Begin the questionnaire of a card or an open entry, or take up again the one begun before.

    Raises:
        NotFoundError: the card or code no longer exists.
        GoneError: it was replaced, the wave takes no answers now, or all places are taken.
        ConflictError: a questionnaire was already sent with the card, or from this seat.
    """
    if landing.point_id is None:
        version_id = forms.version_of(session, landing.wave_id, landing.group)
        wave_of_card = landing_wave(session, landing, now=now)
        return begin_card(session, landing, wave_of_card, version_id, language=language, now=now)
    point = open_entries.standing(session, landing.point_id, now=now).point
    group, wave = point.quota_cell.group, point.wave
    return issue(
        entry_id=_begin_openly(session, landing, point, now).id,
        wave_id=wave.id,
        group=group,
        version_id=forms.version_of(session, wave.id, group),
        county=wave.county.name,
        language=language,
        now=now,
    )


def begin_card(
    link: Link, landing: Landing, wave: glances.WaveGlance, version_id: int, *, language: str, now: datetime
) -> Ticket:
    """Begin the questionnaire of a card of *wave*, as `begin`."""
    return issue(
        entry_id=entries.begin_card(link, landing.invitation_id or 0, landing.generation, now=now),
        wave_id=landing.wave_id,
        group=landing.group,
        version_id=version_id,
        county=wave.county.name,
        language=language,
        invitation_id=landing.invitation_id,
        origin=landing.origin,
        now=now,
    )


def _begin_openly(session: Session, landing: Landing, point: EntryPoint, now: datetime) -> Entry:
    replaced = landing.generation != point.generation
    if (replaced or landing.is_over(now)) and not entries.has_begun(session, landing.seat_hash):
        raise GoneError("entry_revoked" if replaced else "screen_code_over", contact=point.wave.contact)
    kind: Literal["class", "poster"] = "poster" if point.kind == "poster" else "class"
    return entries.reserve(
        session, point.quota_cell, kind=kind, point=point, seat_hash=landing.seat_hash, now=now
    )


def require_unsent(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Refuse unless the questionnaire of *ticket* may still be answered.

    Raises:
        NotFoundError: there is none.
        GoneError: the wave takes no answers now.
        ConflictError: it was sent.
    """
    found = session.execute(
        sa.select(Entry.state, Wave).join(Wave, Wave.id == Entry.wave_id).where(Entry.id == ticket.entry_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    if found.state == "spent":
        raise ConflictError("sent_from_here")
    entries.require_open(found.Wave, now)


def submit(
    session: Session,
    ticket: Ticket,
    raw_answers: Mapping[str, str | Sequence[str]],
    forms: Forms,
    *,
    now: datetime,
    checked: Checked | None = None,
) -> Submitted:
    """Spend the entry, count its cell and seal the answer: one transaction, committed by the caller.

    *checked* is what `check_answers` said of the very same answers, where that is known already.

    Raises:
        GoneError: the wave closed in the meantime.
        NotFoundError: the ticket's entry no longer exists.
    """
    questionnaire = forms.put_to(session, ticket.version_id, ticket.group)
    checked = checked or check_answers(questionnaire, ticket.group, raw_answers)
    if checked.problems:
        return Submitted(outcome="refused", problems=checked.problems)
    return store(session, ticket, checked.answers, now=now)


def store(link: Link, ticket: Ticket, answers: Mapping[str, str], *, now: datetime) -> Submitted:
    """Store *answers*, which were checked to the end of the questionnaire, as `submit`."""
    burned = entries.burn(link, ticket.entry_id, nonce_hash=ticket.nonce_hash, mode=ticket.mode, now=now)
    if burned.outcome != "stored":
        return Submitted(outcome=burned.outcome)
    if burned.public_key is None:
        raise GoneError("wave_not_open", contact="")
    payload = _payload(ticket, burned.origin, answers, surplus=burned.surplus, now=now)
    inbox.put(link, ticket.wave_id, burned.public_key, payload)
    return Submitted(outcome="stored")


def store_at_once(
    link: Link, ticket: Ticket, answers: Mapping[str, str], keys: Keys, *, now: datetime
) -> bool:
    """Store the answer of a card by a single statement, which is a transaction of its own; whether it was.

    It is not where the database has no such statement, for an open entry, on the telephone, and wherever
    anything is unusual: the wave takes no answers any more; the questionnaire was sent before; the card was
    replaced. Nothing was written then, and `store` says what is the matter.
    """
    if ticket.origin is None or ticket.mode != "web" or not inbox.takes_at_once(link):
        return False
    public_key = keys.of(link, ticket.wave_id)
    if public_key is None:
        return False
    spent = spending.values(
        ticket.entry_id,
        invitation_id=ticket.invitation_id,
        wave_id=ticket.wave_id,
        public_key=public_key,
        nonce_hash=ticket.nonce_hash,
        now=now,
    )
    payload = _payload(ticket, glances.Origin._make(ticket.origin), answers, surplus=False, now=now)
    return inbox.put_at_once(link, spent, public_key, payload)


def _payload(
    ticket: Ticket, origin: glances.Origin, answers: Mapping[str, str], *, surplus: bool, now: datetime
) -> dict[str, Any]:
    return {
        **origin._asdict(),
        "version_id": ticket.version_id,
        "language": ticket.language,
        "mode": ticket.mode,
        "duration_band": duration_band(ticket, now),
        "surplus": surplus,
        "answers": dict(answers),
    }
