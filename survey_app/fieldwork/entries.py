"""Questionnaires begun: a code begins one, a place is reserved before the first question, one answer counts.

Every step is a single conditional statement, so that it holds for any number of phones at once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from survey_app.errors import ConflictError, GoneError, NotFoundError
from survey_app.fieldwork import codes
from survey_app.fieldwork.models import Burst, Entry, Invitation
from survey_app.formatting import instant
from survey_app.surveys.models import QuotaCell, Wave, WaveState

#: How long an open entry keeps its place after Begin.
RESERVATION = timedelta(minutes=45)

#: Length of the buckets in which bursts are counted.
_BUCKET_SECONDS = 600

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The quota cell an answer counts for."""

    id: int
    group: str
    grade_band: str
    locality: str
    #: drawn, class or poster.
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Burned:
    """What became of an entry when an answer came in."""

    #: "stored": the answer is to be stored now; "again": it was stored before, with the same nonce;
    #: "used": another answer was stored before.
    outcome: Literal["stored", "again", "used"]
    quota_cell: Cell
    #: Where the invitation stands in the design; None for open entries.
    stratum: str | None
    #: The school or group of schools; None where the person is the sampling unit.
    psu: str | None
    #: The place had been given away in the meantime: stored, but outside the cell's count.
    surplus: bool


def find_invitation(session: Session, code_key: bytes, code_text: str) -> Invitation:
    """The invitation with this code, given as the address carries it or as it was typed.

    Raises:
        MistypedCodeError: a typed code that cannot be one; no question to the database.
        NotFoundError: no card has this code.
    """
    token = codes.read_token(code_text)
    if token is not None:
        wanted = Invitation.token_hash == codes.token_hash(code_key, token)
    else:
        wanted = Invitation.typed_hash == codes.typed_hash(code_key, codes.read_typed(code_text))
    found = session.scalars(
        sa.select(Invitation)
        .where(wanted)
        .options(
            joinedload(Invitation.wave).joinedload(Wave.county),
            joinedload(Invitation.quota_cell),
            joinedload(Invitation.batch),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("code_unknown")
    return found


def entry_of(session: Session, invitation: Invitation) -> Entry | None:
    """The entry of a personal code, if it was ever begun."""
    return session.scalars(sa.select(Entry).where(Entry.invitation_id == invitation.id)).one_or_none()


def begin(session: Session, invitation: Invitation, *, now: datetime) -> Entry:
    """Begin the questionnaire of a personal code; a second Begin finds the first one's entry.

    Raises:
        GoneError: the card was replaced, or the wave takes no answers now.
        ConflictError: a questionnaire was already sent with this code.
    """
    if invitation.revoked_at is not None:
        raise GoneError("code_replaced", contact=invitation.wave.contact)
    require_open(invitation.wave, now)
    session.execute(
        _INSERT[session.get_bind().dialect.name](Entry)
        .values(
            wave_id=invitation.wave_id,
            quota_cell_id=invitation.quota_cell_id,
            kind="personal",
            invitation_id=invitation.id,
            state="begun",
            surplus=False,
        )
        .on_conflict_do_nothing(index_elements=["invitation_id"])
    )
    entry = session.scalars(
        sa.select(Entry).where(Entry.invitation_id == invitation.id).execution_options(populate_existing=True)
    ).one()
    if entry.state == "spent":
        raise ConflictError("already_used", contact=invitation.wave.pressure_contact)
    return entry


def reserve(session: Session, cell: QuotaCell, *, kind: Literal["class", "poster"], now: datetime) -> Entry:
    """Begin an open questionnaire: hold a place in *cell* for `RESERVATION`, or refuse at once.

    Raises:
        GoneError: the wave takes no answers now, or all places of the cell are taken.
    """
    require_open(cell.wave, now)
    if not _take_place(session, cell.id, "reserved") and not (
        _free_expired(session, cell.id, now) and _take_place(session, cell.id, "reserved")
    ):
        raise GoneError("quota_full")
    entry = Entry(
        wave_id=cell.wave_id,
        quota_cell_id=cell.id,
        kind=kind,
        state="begun",
        reserved_until=now + RESERVATION,
    )
    session.add(entry)
    session.flush()
    return entry


def burn(session: Session, entry_id: int, *, nonce_hash: bytes, mode: str = "web", now: datetime) -> Burned:
    """Spend an entry for the answer with this nonce and count its cell; to be committed with the answer.

    *mode* says whether the person answered (web) or an interviewer read the questions out (phone).

    Raises:
        NotFoundError: there is no such entry.
        GoneError: the wave takes no answers any more and this one was not sent before.
    """
    found = _found(session, entry_id)
    entry, wave = found.Entry, found.Wave
    cell = Cell(
        id=entry.quota_cell_id,
        group=found.group,
        grade_band=found.grade_band,
        locality=found.locality,
        way=found.way,
    )

    def burned(outcome: Literal["stored", "again", "used"], *, surplus: bool) -> Burned:
        return Burned(
            outcome=outcome, quota_cell=cell, stratum=found.stratum, psu=found.psu or None, surplus=surplus
        )

    if entry.state == "spent":
        return burned("again" if entry.nonce_hash == nonce_hash else "used", surplus=entry.surplus)
    require_open(wave, now)
    spent = session.execute(
        sa.update(Entry)
        .where(Entry.id == entry_id, Entry.state == "begun")
        .values(state="spent", nonce_hash=nonce_hash, mode=mode)
        .returning(Entry.reserved_until)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if spent is None:
        kept = _found(session, entry_id).Entry
        return burned("again" if kept.nonce_hash == nonce_hash else "used", surplus=kept.surplus)
    surplus = False
    if entry.kind == "personal":
        _add(session, cell.id, spent=1)
        _count_burst(session, found.batch_id, now)
    else:
        surplus = _confirm(session, entry_id, cell.id, reserved=spent.reserved_until is not None)
    return burned("stored", surplus=surplus)


def require_open(wave: Wave, now: datetime) -> None:
    """Refuse unless *wave* takes answers at *now*.

    Raises:
        GoneError: not opened yet, before its first or after its last instant, or closed.
    """
    if wave.takes_answers(now):
        return
    if wave.state in {WaveState.DRAFT, WaveState.DRAWN}:
        raise GoneError("wave_not_open", contact=wave.contact)
    if wave.state is WaveState.OPEN and now < wave.opens_at:
        raise GoneError("wave_not_yet", opens=instant(wave.opens_at))
    over = min(wave.closed_at or wave.closes_at, wave.closes_at)
    raise GoneError("wave_over", closed=instant(over))


def _found(session: Session, entry_id: int) -> Any:
    """The entry with its wave, cell and invitation; the wave cannot be closed until the transaction ends."""
    found = session.execute(
        sa.select(
            Entry,
            Wave,
            QuotaCell.group,
            QuotaCell.grade_band,
            QuotaCell.locality,
            QuotaCell.way,
            Invitation.stratum,
            Invitation.psu,
            Invitation.batch_id,
        )
        .join(Wave, Wave.id == Entry.wave_id)
        .join(QuotaCell, QuotaCell.id == Entry.quota_cell_id)
        .outerjoin(Invitation, Invitation.id == Entry.invitation_id)
        .where(Entry.id == entry_id)
        .with_for_update(read=True, of=Wave)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def _take_place(session: Session, cell_id: int, count: Literal["reserved", "spent"]) -> bool:
    """Raise one of a cell's counts if that leaves it within its cap."""
    return _add(session, cell_id, QuotaCell.spent + QuotaCell.reserved < QuotaCell.cap, **{count: 1})


def _add(session: Session, cell_id: int, *only_if: sa.ColumnElement[bool], **changes: int) -> bool:
    """Change a cell's counts in one statement; say whether the conditions held."""
    result = session.execute(
        sa.update(QuotaCell)
        .where(QuotaCell.id == cell_id, *only_if)
        .values({name: getattr(QuotaCell, name) + change for name, change in changes.items()})
        .execution_options(synchronize_session=False)
    )
    return result.rowcount == 1  # ty: ignore[missing-attribute]


def _confirm(session: Session, entry_id: int, cell_id: int, *, reserved: bool) -> bool:
    """Turn an open entry's place into a counted one; True if it lost its place and there is no other."""
    surplus = False
    if reserved:
        _add(session, cell_id, reserved=-1, spent=1)
    elif not _take_place(session, cell_id, "spent"):
        surplus = True
        _add(session, cell_id, surplus=1)
    session.execute(
        sa.update(Entry)
        .where(Entry.id == entry_id)
        .values(reserved_until=None, surplus=surplus)
        .execution_options(synchronize_session=False)
    )
    return surplus


def _free_expired(session: Session, cell_id: int, now: datetime) -> int:
    """Take back the places of a cell that were reserved and not used in time; how many."""
    expired = session.scalars(
        sa.select(Entry.id)
        .where(Entry.quota_cell_id == cell_id, Entry.state == "begun", Entry.reserved_until <= now)
        .order_by(Entry.id)
        .with_for_update(skip_locked=True)
    ).all()
    if expired:
        session.execute(
            sa.update(Entry)
            .where(Entry.id.in_(expired))
            .values(reserved_until=None)
            .execution_options(synchronize_session=False)
        )
        _add(session, cell_id, reserved=-len(expired))
    return len(expired)


def _count_burst(session: Session, batch_id: int, now: datetime) -> None:
    seconds = int(now.timestamp())
    bucket = datetime.fromtimestamp(seconds - seconds % _BUCKET_SECONDS, UTC)
    session.execute(
        _INSERT[session.get_bind().dialect.name](Burst)
        .values(batch_id=batch_id, bucket=bucket, n=1)
        .on_conflict_do_update(index_elements=["batch_id", "bucket"], set_={"n": Burst.n + 1})
    )
