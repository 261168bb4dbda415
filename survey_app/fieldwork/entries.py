"""Questionnaires begun: a code begins one, a place is reserved before the first question, one answer counts.

Every step is a single conditional statement, so that it holds for any number of phones at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app.db import INSERT, Instant
from survey_app.errors import ConflictError, GoneError, NotFoundError
from survey_app.fieldwork import codes, glances, places
from survey_app.fieldwork.models import (
    Burst,
    CodeGuess,
    Entry,
    EntryPoint,
    Invitation,
    PhoneCase,
    PointBurst,
    RetiredCode,
)
from survey_app.formatting import instant
from survey_app.surveys.models import QuotaCell, Wave, WaveState, takes_answers_at
from survey_app.wire.connection import Link, leave, row
from survey_app.wire.statement import Statement

#: How long an open entry keeps its place after Begin.
RESERVATION = timedelta(minutes=45)

#: Length of the buckets in which bursts are counted.
_BUCKET_SECONDS = 600

#: What a card that can be used says of its entry; the rest has defaults.
_OF_CARD = (
    sa.select(Invitation.wave_id, Invitation.quota_cell_id, Invitation.id, sa.literal("personal"))
    .join(Wave, Wave.id == Invitation.wave_id)
    .where(
        Invitation.id == sa.bindparam("card"),
        Invitation.generation == sa.bindparam("generation"),
        Invitation.revoked_at.is_(None),
        takes_answers_at(sa.bindparam("now", type_=Instant)),
    )
    # Whoever is about to replace the card is waited for: what is begun later would not be let go of.
    .with_for_update(read=True, of=Invitation)
)
_BEGIN = Statement(
    {
        dialect: insert(Entry)
        .from_select(["wave_id", "quota_cell_id", "invitation_id", "kind"], _OF_CARD)
        .on_conflict_do_nothing(index_elements=["invitation_id"])
        .returning(Entry.id)
        for dialect, insert in INSERT.items()
    }
)

#: Spends an entry that nobody spent.
_SPEND = Statement(
    sa.update(Entry)
    .where(Entry.id == sa.bindparam("wanted"), Entry.state == "begun")
    .values(
        state="spent",
        nonce_hash=sa.bindparam("nonce_hash"),
        mode=sa.bindparam("mode"),
        reserved_until=None,
    )
)
#: Nobody calls a person whose answer came in online; nothing says when it came.
_WITHDRAW = Statement(
    sa.update(PhoneCase)
    .where(PhoneCase.id == sa.bindparam("wanted"), PhoneCase.finished_at.is_(None))
    .values(withdrawn=True)
)
_MARK_SURPLUS = Statement(sa.update(Entry).where(Entry.id == sa.bindparam("wanted")).values(surplus=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Burned:
    """What became of an entry when an answer came in."""

    #: "stored": the answer is to be stored now; "again": it was stored before, with the same nonce;
    #: "used": another answer was stored before.
    outcome: Literal["stored", "again", "used"]
    origin: glances.Origin
    #: The place had been given away in the meantime: stored, but outside the cell's count.
    surplus: bool
    #: The wave's answers are sealed to this key.
    public_key: bytes | None


def find_invitation(session: Session, code_key: bytes, code_text: str) -> Invitation:
    """The invitation with this code, given as the address carries it or as it was typed.

    Raises:
        MistypedCodeError: a typed code that cannot be one; no question to the database.
        NotFoundError: no card has this code.
        GoneError: the card that had it was replaced by one with another code.
    """
    column, wanted = _hash_of(code_key, code_text)
    found = session.scalars(
        sa.select(Invitation)
        .where(getattr(Invitation, column) == wanted)
        .options(
            joinedload(Invitation.wave).joinedload(Wave.county),
            joinedload(Invitation.quota_cell),
            joinedload(Invitation.batch),
        )
    ).one_or_none()
    if found is None:
        refuse_retired(session, code_key, code_text)
        raise NotFoundError("code_unknown")
    return found


def refuse_retired(session: Session, code_key: bytes, code_text: str) -> None:
    """Say that a card was replaced, if its code was once that of an invitation.

    Raises:
        MistypedCodeError: a typed code that cannot be one; no question to the database.
        GoneError: it was.
    """
    column, wanted = _hash_of(code_key, code_text)
    contact = session.scalar(
        sa.select(Wave.contact)
        .join(Invitation, Invitation.wave_id == Wave.id)
        .join(RetiredCode, RetiredCode.invitation_id == Invitation.id)
        .where(getattr(RetiredCode, column) == wanted)
    )
    if contact is not None:
        raise GoneError("code_replaced", contact=contact)


def _hash_of(code_key: bytes, code_text: str) -> tuple[str, bytes]:
    """The column in which a code's hash is looked for, and the hash."""
    token = codes.read_token(code_text)
    if token is not None:
        return "token_hash", codes.token_hash(code_key, token)
    return "typed_hash", codes.typed_hash(code_key, codes.read_typed(code_text))


def entry_of(session: Session, invitation: Invitation) -> Entry | None:
    """The entry of a personal code, if it was ever begun."""
    return session.scalars(sa.select(Entry).where(Entry.invitation_id == invitation.id)).one_or_none()


def points_of(session: Session, wave: Wave) -> list[EntryPoint]:
    """The class and village codes and posters of *wave* with their cells, in order, revoked ones too."""
    return list(
        session.scalars(
            sa.select(EntryPoint)
            .where(EntryPoint.wave_id == wave.id)
            .options(joinedload(EntryPoint.quota_cell, innerjoin=True))
            .order_by(EntryPoint.number)
        )
    )


def begin(session: Session, invitation: Invitation, *, now: datetime) -> Entry:
    """Begin the questionnaire of a personal code; a second Begin finds the first one's entry.

    Raises:
        GoneError: the card was replaced, or the wave takes no answers now.
        ConflictError: a questionnaire was already sent with this code.
    """
    begun = begin_card(session, invitation.id, invitation.generation, now=now)
    return session.get_one(Entry, begun, populate_existing=True)


def begin_card(link: Link, invitation_id: int, generation: int, *, now: datetime) -> int:
    """Begin the questionnaire of a card, as `begin`; gives the entry's number."""
    begun = row(link, _BEGIN, {"card": invitation_id, "generation": generation, "now": now})
    if begun is not None:
        return begun[0]
    card = glances.card_by_id(link, invitation_id)
    if card is None:
        raise NotFoundError("code_unknown")
    if card.generation != generation:
        raise GoneError("code_replaced", contact=card.wave.contact)
    require_usable(card, now)
    if card.entry_id is None:
        # It can be used since a moment ago.
        return begin_card(link, invitation_id, generation, now=now)
    return card.entry_id


def require_usable(card: glances.Card, now: datetime) -> None:
    """Refuse unless a questionnaire can be begun, or gone on with, with *card*.

    Raises:
        GoneError: the card was replaced, or the wave takes no answers now.
        ConflictError: a questionnaire was already sent with it.
    """
    if card.revoked_at is not None:
        raise GoneError("code_replaced", contact=card.wave.contact)
    require_open(card.wave, now)
    if card.spent:
        raise ConflictError("already_used", contact=card.wave.pressure_contact)


def reserve(
    session: Session,
    cell: QuotaCell,
    *,
    kind: Literal["class", "poster"],
    point: EntryPoint | None = None,
    seat_hash: bytes | None = None,
    now: datetime,
) -> Entry:
    """Begin an open questionnaire: hold a place in *cell* and *point* for `RESERVATION`, or refuse at once.

    The same seat (the page that a phone was given) begins one questionnaire: a second Begin finds it again,
    with its place held anew. A place lost in the meantime is sought again; where there is none left the
    person may still finish, and the answer will be surplus.

    Raises:
        GoneError: the wave takes no answers now, the open entry was replaced, or all places are taken.
        ConflictError: this seat's questionnaire was already sent.
    """
    require_open(cell.wave, now)
    if point is not None and point.revoked_at is not None:
        raise GoneError("entry_revoked", contact=cell.wave.contact)
    point_id = point.id if point is not None else None
    entry_id = session.scalar(
        INSERT[session.get_bind().dialect.name](Entry)
        .values(
            wave_id=cell.wave_id,
            quota_cell_id=cell.id,
            kind=kind,
            entry_point_id=point_id,
            seat_hash=seat_hash,
            state="begun",
            surplus=False,
            reserved_until=now + RESERVATION,
        )
        .on_conflict_do_nothing(index_elements=["seat_hash"])
        .returning(Entry.id)
    )
    if entry_id is None:
        return _taken_up(session, cell, point_id, seat_hash, now)
    if not places.take_freed(session, cell.id, point_id, now=now):
        session.execute(sa.delete(Entry).where(Entry.id == entry_id))
        raise GoneError("quota_full", contact=cell.wave.contact)
    return session.get_one(Entry, entry_id, populate_existing=True)


def has_begun(session: Session, seat_hash: bytes) -> bool:
    """Whether a questionnaire was begun from this seat."""
    return bool(session.scalar(sa.select(sa.exists().where(Entry.seat_hash == seat_hash))))


def let_go(session: Session, invitations: Collection[int]) -> None:
    """Part what was begun with these cards, and not sent, from them: the cards' places are others' now.

    Who has begun may still finish and is thanked; the answer is surplus and keeps nobody else from answering.
    """
    session.execute(
        sa.update(Entry)
        .where(Entry.invitation_id.in_(invitations), Entry.state == "begun")
        .values(invitation_id=None)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def burn(link: Link, entry_id: int, *, nonce_hash: bytes, mode: str = "web", now: datetime) -> Burned:
    """Spend an entry for the answer with this nonce and count its cell; to be committed with the answer.

    *mode* says whether the person answered (web) or an interviewer read the questions out (phone).

    Raises:
        NotFoundError: there is no such entry.
        GoneError: the wave takes no answers any more and this one was not sent before.
    """
    spending = _SPEND, {"wanted": entry_id, "nonce_hash": nonce_hash, "mode": mode}
    entry = glances.begun_before(link, entry_id, partial(_spendable, now=now), spending)
    if entry.state == "spent":
        return _burned(entry, "again" if entry.nonce_hash == nonce_hash else "used", surplus=entry.surplus)
    if entry.kind == "personal" and entry.invitation_id is None:
        places.add(link, QuotaCell, entry.quota_cell_id, surplus=1)
        leave(link, _MARK_SURPLUS, {"wanted": entry_id})
        return _burned(entry, "stored", surplus=True)
    if entry.kind == "personal":
        places.add(link, QuotaCell, entry.quota_cell_id, spent=1)
        _count(link, Burst, {"batch_id": entry.batch_id}, now)
        if entry.case_id is not None and mode == "web":
            leave(link, _WITHDRAW, {"wanted": entry.case_id})
        return _burned(entry, "stored", surplus=False)
    surplus = not places.confirm(
        link, entry.quota_cell_id, entry.entry_point_id, reserved=entry.reserved_until is not None
    )
    if surplus:
        leave(link, _MARK_SURPLUS, {"wanted": entry_id})
    if entry.entry_point_id is not None:
        _count(link, PointBurst, {"entry_point_id": entry.entry_point_id}, now)
    return _burned(entry, "stored", surplus=surplus)


def _spendable(entry: glances.Begun | None, *, now: datetime) -> glances.Begun:
    if entry is None:
        raise NotFoundError
    if entry.state != "spent":
        require_open(entry.wave, now)
    return entry


def count_guess(session: Session, *, now: datetime) -> None:
    """Count a code that nobody has, for the board to watch; who tried it is not noted."""
    _count(session, CodeGuess, {}, now)


def _burned(entry: glances.Begun, outcome: Literal["stored", "again", "used"], *, surplus: bool) -> Burned:
    return Burned(outcome=outcome, origin=entry.origin, surplus=surplus, public_key=entry.wave.public_key)


def require_open(wave: Wave | glances.WaveGlance, now: datetime) -> None:
    """Refuse unless *wave* takes answers at *now*.

    Raises:
        GoneError: not opened yet, before its first or after its last instant, closed, or called off.
    """
    if wave.takes_answers(now):
        return
    if wave.state is WaveState.ABORTED:
        raise GoneError("wave_cancelled", contact=wave.contact)
    if wave.state in {WaveState.DRAFT, WaveState.DRAWN}:
        raise GoneError("wave_not_open", contact=wave.contact)
    if wave.state is WaveState.OPEN and now < wave.opens_at:
        raise GoneError("wave_not_yet", opens=instant(wave.opens_at))
    over = min(wave.closed_at or wave.closes_at, wave.closes_at)
    raise GoneError("wave_over", closed=instant(over))


def _taken_up(
    session: Session, cell: QuotaCell, point_id: int | None, seat_hash: bytes | None, now: datetime
) -> Entry:
    """The entry that was begun from this seat before, its place held anew."""
    entry = session.scalars(
        sa.select(Entry)
        .where(Entry.seat_hash == seat_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if entry.state == "spent":
        raise ConflictError("already_sent")
    if entry.reserved_until is not None or places.take_freed(session, cell.id, point_id, now=now):
        entry.reserved_until = now + RESERVATION
        session.flush()
    return entry


def _count(link: Link, counted: Any, of: Mapping[str, int | None], now: datetime) -> None:
    """Count one in the bucket of *now*, for the batch or open entry named by *of*."""
    leave(link, _counting(counted, *of), {**of, "bucket": bucket_of(now)})


def bucket_of(now: datetime) -> datetime:
    """Start of the bucket in which what happens at *now* is counted."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % _BUCKET_SECONDS, UTC)


@cache
def _counting(counted: Any, *of: str) -> Statement:
    counting = {
        dialect: insert(counted.__table__)
        .values(n=1)
        .on_conflict_do_update(index_elements=[*of, "bucket"], set_={"n": counted.n + 1})
        for dialect, insert in INSERT.items()
    }
    return Statement(counting, *of, "bucket")
