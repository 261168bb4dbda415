"""The audit trail: who did what, append-only, each row chained to the one before."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from survey_app.canonical import canonical, digest
from survey_app.db import Base, Instant, within

#: The hash before the first row.
ORIGIN = "0" * 64

#: Serialises writers on PostgreSQL, where two could otherwise chain to the same row.
_LOCK = 0x6A756E


class AuditEntry(Base):
    """One deed. The database itself refuses to change or delete a row."""

    __tablename__ = "audit_entry"

    #: Counted up without gaps; part of what is hashed.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    #: The account's login, or the command or job that acted.
    actor: Mapped[str] = mapped_column(sa.String(64))
    #: What was done, e.g. "wave.opened".
    action: Mapped[str] = mapped_column(sa.String(64), index=True)
    #: The region it concerns; empty where it concerns none.
    region_code: Mapped[str] = mapped_column(sa.String(12), index=True)
    #: Facts in canonical JSON. Never a code, an answer or a password.
    details: Mapped[str] = mapped_column(sa.Text)
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    def expected_hash(self) -> str:
        """SHA-256 over the row's own facts and the hash of the row before."""
        facts = [
            self.number,
            self.at.isoformat(timespec="microseconds"),
            self.actor,
            self.action,
            self.region_code,
            self.details,
            self.previous_hash,
        ]
        return digest(canonical(facts))


def record(
    session: Session,
    action: str,
    *,
    by: str,
    now: datetime,
    region: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append a deed to the trail, inside the caller's transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    last = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).first()
    entry = AuditEntry(
        number=1 if last is None else last.number + 1,
        at=now,
        actor=by,
        action=action,
        region_code=region,
        details=canonical(dict(details or {})),
        previous_hash=ORIGIN if last is None else last.hash,
    )
    entry.hash = entry.expected_hash()
    session.add(entry)
    session.flush()
    return entry


def trail(
    session: Session,
    scopes: Iterable[str],
    *,
    action: str = "",
    actors: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    most: int,
) -> list[AuditEntry]:
    """The newest rows of the regions within *scopes*, at most *most* of them.

    Args:
        session: where to read.
        scopes: leading digits of region codes; rows of no region need the whole country.
        action: the deed, or the beginning of its name ("wave.").
        actors: logins of whoever did it; empty for everybody.
        since: not before this instant.
        until: before this instant.
        before: rows with a smaller number only (the next page).
        most: how many rows to give.
    """
    wanted = [within(AuditEntry.region_code, scopes)]
    if action:
        wanted.append(AuditEntry.action.startswith(action, autoescape=True))
    if actors:
        wanted.append(AuditEntry.actor.in_(actors))
    if since is not None:
        wanted.append(AuditEntry.at >= since)
    if until is not None:
        wanted.append(AuditEntry.at < until)
    if before is not None:
        wanted.append(AuditEntry.number < before)
    newest = sa.select(AuditEntry).where(*wanted).order_by(AuditEntry.number.desc()).limit(most)
    return list(session.scalars(newest))


def length(session: Session) -> int:
    """How many rows the whole trail has."""
    return session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


def first_altered(session: Session) -> int | None:
    """Number of the first row that is altered, missing or out of place; None if the trail is whole."""
    previous = ORIGIN
    rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).yield_per(1000)
    for expected, entry in enumerate(rows, start=1):
        if entry.number != expected:
            return expected
        if entry.previous_hash != previous or entry.hash != entry.expected_hash():
            return entry.number
        previous = entry.hash
    return None
