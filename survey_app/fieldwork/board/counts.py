"""What the board counts: cards, spent codes, open entries and when they came. Never an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.fieldwork.models import Batch, Burst, CodeGuess, Entry, EntryPoint, Invitation, PointBurst
from survey_app.surveys.models import QuotaCell, Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Handful:
    """The cards of one batch, or the places of one open entry, and the questionnaires that came of them."""

    #: Number of the batch or of the entry point.
    id: int
    group: str
    #: As it is printed: the school, the class, the place of the poster.
    place: str
    school_code: str | None
    #: drawn, class or poster.
    way: str
    #: Valid cards; for an open entry its cap, None without one.
    cards: int | None
    spent: int
    #: Most questionnaires within one bucket of ten minutes.
    most_at_once: int


def cells_of(session: Session, wave: Wave) -> list[dict[str, Any]]:
    """The quota cells with what is wanted and came in, by mode; in their order."""
    by_phone = dict(_counted_entries(session, wave, Entry.state == "spent", Entry.mode == "phone"))
    cells = session.execute(
        sa.select(
            QuotaCell.id,
            QuotaCell.group,
            QuotaCell.grade_band,
            QuotaCell.locality,
            QuotaCell.way,
            QuotaCell.target,
            QuotaCell.cap,
            QuotaCell.spent,
            QuotaCell.reserved,
            QuotaCell.surplus,
        )
        .where(QuotaCell.wave_id == wave.id)
        .order_by(QuotaCell.id)
    )
    return [{**cell, "by_phone": by_phone.get(cell["id"], 0)} for cell in cells.mappings()]


def begun_by_cell(session: Session, wave: Wave) -> Mapping[int, int]:
    """Questionnaires begun and not sent, by quota cell; not those begun with a card replaced since."""
    parted = sa.and_(Entry.kind == "personal", Entry.invitation_id.is_(None))
    return dict(_counted_entries(session, wave, Entry.state == "begun", ~parted))


def cards_by_batch(session: Session, wave: Wave) -> Mapping[int, Mapping[int, int]]:
    """Valid cards: batch -> quota cell -> n."""
    rows = session.execute(
        sa.select(Invitation.batch_id, Invitation.quota_cell_id, sa.func.count())
        .where(Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None))
        .group_by(Invitation.batch_id, Invitation.quota_cell_id)
    )
    found: dict[int, dict[int, int]] = {}
    for batch, cell, n in rows:
        found.setdefault(batch, {})[cell] = n
    return found


def batches_of(session: Session, wave: Wave, cards: Mapping[int, Mapping[int, int]]) -> list[Handful]:
    """The batches of cards, in the order of their sheets."""
    came = {
        batch: (n, most)
        for batch, n, most in session.execute(
            sa.select(Burst.batch_id, sa.func.sum(Burst.n), sa.func.max(Burst.n))
            .join(Batch, Batch.id == Burst.batch_id)
            .where(Batch.wave_id == wave.id)
            .group_by(Burst.batch_id)
        )
    }
    rows = session.execute(
        sa.select(Batch.id, Batch.group, Batch.place, Batch.school_code)
        .where(Batch.wave_id == wave.id)
        .order_by(Batch.position, Batch.id)
    )
    return [
        Handful(
            **row,
            way="drawn",
            cards=sum(cards.get(row["id"], {}).values()),
            spent=int(came.get(row["id"], (0, 0))[0]),
            most_at_once=came.get(row["id"], (0, 0))[1],
        )
        for row in rows.mappings()
    ]


def points_of(session: Session, wave: Wave) -> list[Handful]:
    """The open entries, in the order in which they were made."""
    most = dict(
        session.execute(
            sa.select(PointBurst.entry_point_id, sa.func.max(PointBurst.n))
            .join(EntryPoint, EntryPoint.id == PointBurst.entry_point_id)
            .where(EntryPoint.wave_id == wave.id)
            .group_by(PointBurst.entry_point_id)
        ).all()
    )
    rows = session.execute(
        sa.select(
            EntryPoint.id,
            QuotaCell.group,
            EntryPoint.place,
            EntryPoint.school_code,
            EntryPoint.kind.label("way"),
            EntryPoint.cap.label("cards"),
            EntryPoint.spent,
        )
        .join(QuotaCell, QuotaCell.id == EntryPoint.quota_cell_id)
        .where(EntryPoint.wave_id == wave.id)
        .order_by(EntryPoint.id)
    )
    return [Handful(**row, most_at_once=most.get(row["id"], 0)) for row in rows.mappings()]


def arrivals(session: Session, wave: Wave) -> list[tuple[str, datetime, int]]:
    """Group, begin of a bucket of ten minutes, drawn people's questionnaires that came in it."""
    rows = session.execute(
        sa.select(Batch.group, Burst.bucket, sa.func.sum(Burst.n))
        .join(Batch, Batch.id == Burst.batch_id)
        .where(Batch.wave_id == wave.id)
        .group_by(Batch.group, Burst.bucket)
        .order_by(Burst.bucket)
    )
    return [(group, bucket, int(n)) for group, bucket, n in rows]


def most_guesses(session: Session, wave: Wave) -> tuple[datetime, int] | None:
    """The ten minutes with the most codes that nobody has, since the wave opened; None if there were none."""
    row = session.execute(
        sa.select(CodeGuess.bucket, CodeGuess.n)
        .where(CodeGuess.bucket >= (wave.opened_at or wave.opens_at))
        .order_by(CodeGuess.n.desc())
        .limit(1)
    ).one_or_none()
    return (row.bucket, row.n) if row else None


def _counted_entries(session: Session, wave: Wave, *only: sa.ColumnElement[bool]) -> list[tuple[int, int]]:
    rows = session.execute(
        sa.select(Entry.quota_cell_id, sa.func.count())
        .where(Entry.wave_id == wave.id, *only)
        .group_by(Entry.quota_cell_id)
    )
    return [(cell, n) for cell, n in rows]
