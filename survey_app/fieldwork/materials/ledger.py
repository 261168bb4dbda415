"""The hand-over ledger (交接台账): where each batch of cards is, and what may be done with it next.

Lines are only added. Where a batch stands follows from its lines alone; a deed that does not fit is refused.
A lost batch is revoked: its unused codes lead to a page that says so. It is then either found again or
replaced with new codes; a replaced code never comes back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.fieldwork import codes, entries
from survey_app.fieldwork.models import Batch, Entry, Handover, Invitation, RetiredCode
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState

#: Deeds of the ledger, with the states of the wave in which each is possible.
DEEDS: dict[str, set[WaveState]] = {
    "printed": {WaveState.DRAWN, WaveState.OPEN},
    "handed": {WaveState.DRAWN, WaveState.OPEN},
    "returned": set(WaveState) - {WaveState.DRAFT},
    "lost": {WaveState.DRAWN, WaveState.OPEN},
    "found": {WaveState.DRAWN, WaveState.OPEN},
    "replaced": {WaveState.DRAWN, WaveState.OPEN},
}

#: What people do with a batch, in the order of the page. Printing is written down by itself.
BY_HAND = ("handed", "returned", "lost", "found", "replaced")


class LedgerLineError(JunhengError):
    """A line that says too little, or speaks of cards that are not there."""

    code = "ledger_line"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the cards of a batch are, after the lines of its ledger."""

    #: office: all are at the county office; out: some or all were handed over; lost.
    state: str
    #: Cards at the county office, and with each receiver (largest part of the whole batch, unused or not).
    at_office: int
    holders: tuple[tuple[str, int], ...]
    #: How often the present codes were printed, and how often the batch was given new ones.
    printings: int
    replacements: int
    #: When the batch was lost, while it is.
    lost_at: datetime | None

    @property
    def possible(self) -> tuple[str, ...]:
        """What may be done next."""
        if self.state == "lost":
            return ("found", "replaced")
        handed = ("handed",) if self.at_office else ()
        returned = ("returned",) if self.holders else ()
        return (*handed, *returned, "lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A batch with its counts and its lines, the oldest first."""

    batch: Batch
    #: Cards of the batch, those whose codes may still be used, and those with which an answer came.
    cards: int
    valid: int
    spent: int
    lines: tuple[Handover, ...]
    where: Whereabouts


def whereabouts(cards: int, lines: Iterable[Handover]) -> Whereabouts:
    """Where a batch of *cards* is after *lines*, in their order."""
    at_office, holders, printings, replacements, lost_at = cards, {}, 0, 0, None
    for line in lines:
        match line.deed:
            case "printed":
                printings += 1
            case "handed":
                at_office -= line.cards
                holders[line.receiver] = holders.get(line.receiver, 0) + line.cards
            case "returned":
                at_office += line.cards
                holders[line.receiver] = holders.get(line.receiver, 0) - line.cards
            case "lost":
                lost_at = line.at
            case "found" | "replaced":
                at_office, holders, lost_at = cards, {}, None
                if line.deed == "replaced":
                    printings, replacements = 0, replacements + 1
    held = tuple((receiver, n) for receiver, n in holders.items() if n)
    state = "lost" if lost_at else "out" if held else "office"
    return Whereabouts(
        state=state,
        at_office=0 if lost_at else at_office,
        holders=() if lost_at else held,
        printings=printings,
        replacements=replacements,
        lost_at=lost_at,
    )


def standings(session: Session, wave: Wave, *, school: str | None = None) -> list[Standing]:
    """The batches of *wave* in the order of their sheets; only those of *school*, if one is given."""
    batches = sa.select(Batch).where(Batch.wave_id == wave.id).order_by(Batch.position)
    if school is not None:
        batches = batches.where(Batch.school_code == school)
    counts = _counts(session, wave)
    lines = _lines(session, wave)
    return [_standing(batch, counts, lines) for batch in session.scalars(batches)]


def standing(session: Session, wave: Wave, batch_id: int) -> Standing:
    """One batch of *wave*.

    Raises:
        NotFoundError: the wave has no such batch.
    """
    batch = session.get(Batch, batch_id)
    if batch is None or batch.wave_id != wave.id:
        raise NotFoundError
    return _standing(batch, _counts(session, wave, batch_id), _lines(session, wave, batch_id))


def record(
    session: Session,
    wave: Wave,
    batch_id: int,
    deed: str,
    *,
    code_key: bytes,
    cards: int | None = None,
    receiver: str = "",
    remark: str = "",
    by: str,
    now: datetime,
) -> Handover:
    """Write a line into the ledger of a batch, and do to its codes what the deed says.

    Args:
        session: where to write; the caller commits.
        wave: whose batch it is.
        batch_id: the batch.
        deed: one of `BY_HAND`.
        code_key: makes the codes of a replaced batch.
        cards: how many came back; every other deed concerns all cards that are there.
        receiver: who received them, or who brought them back.
        remark: in words, why or how.
        by: who writes it down.
        now: when.

    Raises:
        NotFoundError: the wave has no such batch.
        ConflictError: the wave or the batch is not in a state for it.
        LedgerLineError: no receiver, or a number of cards that the receiver does not have.
    """
    surveys.lock_wave(session, wave)
    found = standing(session, wave, batch_id)
    if wave.state not in DEEDS[deed]:
        raise ConflictError("cards_over")
    if deed not in found.where.possible:
        raise ConflictError(f"batch_not_{deed}")
    n = _cards(found, deed, cards, receiver)
    changed = _CHANGES.get(deed, _nothing)(session, found, code_key, now)
    line = Handover(batch_id=batch_id, deed=deed, cards=n, receiver=receiver, remark=remark, at=now, by=by)
    session.add(line)
    session.flush()
    details = {"wave": wave.id, "batch": found.batch.position + 1, "cards": n, "codes": changed}
    audit.record(session, f"batch.{deed}", by=by, now=now, region=wave.county_code, details=details)
    return line


def note_printing(
    session: Session, wave: Wave, batches: Mapping[int, int], *, key: str, by: str, now: datetime
) -> None:
    """Write down that cards left the system to be printed; *batches* maps each batch to its cards.

    Raises:
        ConflictError: the wave takes no answers any more.
    """
    surveys.lock_wave(session, wave)
    if wave.state not in DEEDS["printed"]:
        raise ConflictError("cards_over")
    session.add_all(
        Handover(batch_id=batch_id, deed="printed", cards=cards, at=now, by=by)
        for batch_id, cards in batches.items()
    )
    session.flush()
    details = {"wave": wave.id, "batches": len(batches), "cards": sum(batches.values()), "file": key}
    audit.record(session, "cards.printed", by=by, now=now, region=wave.county_code, details=details)


def _cards(found: Standing, deed: str, cards: int | None, receiver: str) -> int:
    """How many cards a deed concerns."""
    if deed == "handed":
        if not receiver:
            raise LedgerLineError("receiver_missing")
        return found.where.at_office
    if deed != "returned":
        return found.cards
    held = dict(found.where.holders).get(receiver, 0)
    if cards is None or not 1 <= cards <= held:
        raise LedgerLineError("returned_cards", receiver=receiver or "—", held=held, found=cards or 0)
    return cards


def _nothing(_session: Session, _found: Standing, _code_key: bytes, _now: datetime) -> int:
    return 0


def _revoke(session: Session, found: Standing, _code_key: bytes, now: datetime) -> int:
    """Revoke the unused codes of a batch; how many. What was answered with the others stays."""
    answered = sa.exists().where(Entry.invitation_id == Invitation.id, Entry.state == "spent")
    return _update(
        session,
        sa.update(Invitation)
        .where(Invitation.batch_id == found.batch.id, Invitation.revoked_at.is_(None), ~answered)
        .values(revoked_at=now),
    )


def _restore(session: Session, found: Standing, _code_key: bytes, _now: datetime) -> int:
    """Make valid again what was revoked when the batch was lost, and nothing that was revoked otherwise."""
    return _update(
        session,
        sa.update(Invitation)
        .where(Invitation.batch_id == found.batch.id, Invitation.revoked_at == found.where.lost_at)
        .values(revoked_at=None),
    )


def _replace(session: Session, found: Standing, code_key: bytes, _now: datetime) -> int:
    """Give every card of the batch a new code and keep the hashes of the old ones; how many.

    Cards with which an answer came are printed again too, else a missing card would say who has answered;
    their new code says that it was used.
    """
    members = session.scalars(
        sa.select(Invitation).where(
            Invitation.batch_id == found.batch.id,
            sa.or_(Invitation.revoked_at.is_(None), Invitation.revoked_at == found.where.lost_at),
        )
    ).all()
    for one in members:
        session.add(
            RetiredCode(
                invitation_id=one.id,
                generation=one.generation,
                token_hash=one.token_hash,
                typed_hash=one.typed_hash,
            )
        )
        code = codes.derive(
            code_key,
            wave_id=one.wave_id,
            batch_id=one.batch_id,
            serial=one.serial,
            generation=one.generation + 1,
        )
        one.generation += 1
        one.token_hash = codes.token_hash(code_key, code.token)
        one.typed_hash = codes.typed_hash(code_key, code.typed)
        one.revoked_at = None
    session.flush()
    entries.let_go(session, [one.id for one in members])
    return len(members)


#: What a deed does to the codes of a batch.
_CHANGES = {"lost": _revoke, "found": _restore, "replaced": _replace}


def _update(session: Session, statement: sa.Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()
    return result.rowcount  # ty: ignore[missing-attribute]


def _counts(session: Session, wave: Wave, batch_id: int | None = None) -> dict[int, Any]:
    """Cards, valid ones and used ones by batch."""
    used = sa.and_(Entry.invitation_id == Invitation.id, Entry.state == "spent")
    counted = (
        sa.select(
            Invitation.batch_id,
            sa.func.count(Invitation.id).label("cards"),
            sa.func.sum(sa.case((Invitation.revoked_at.is_(None), 1), else_=0)).label("valid"),
            sa.func.count(Entry.id).label("spent"),
        )
        .outerjoin(Entry, used)
        .where(Invitation.wave_id == wave.id)
        .group_by(Invitation.batch_id)
    )
    if batch_id is not None:
        counted = counted.where(Invitation.batch_id == batch_id)
    return {row.batch_id: row for row in session.execute(counted)}


def _lines(session: Session, wave: Wave, batch_id: int | None = None) -> dict[int, list[Handover]]:
    wanted = (
        sa.select(Handover)
        .join(Batch, Batch.id == Handover.batch_id)
        .where(Batch.wave_id == wave.id)
        .order_by(Handover.id)
    )
    if batch_id is not None:
        wanted = wanted.where(Batch.id == batch_id)
    found: dict[int, list[Handover]] = defaultdict(list)
    for line in session.scalars(wanted):
        found[line.batch_id].append(line)
    return found


def _standing(batch: Batch, counts: Mapping[int, Any], lines: Mapping[int, Sequence[Handover]]) -> Standing:
    row, written = counts.get(batch.id), tuple(lines.get(batch.id, ()))
    cards = row.cards if row else 0
    return Standing(
        batch=batch,
        cards=cards,
        valid=row.valid if row else 0,
        spent=row.spent if row else 0,
        lines=written,
        where=whereabouts(cards, written),
    )
