"""Places in quota cells and open entries: held at Begin, counted at submit, taken back when they expire.

Each step is one conditional statement, so that no cap is exceeded by any number of phones at once. Where a
cell and an open entry change together the cell comes first, everywhere, so that nobody waits in a circle.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.fieldwork.models import Entry, EntryPoint
from survey_app.surveys.models import QuotaCell
from survey_app.wire.connection import Link, leave, perform
from survey_app.wire.statement import Statement

Count = Literal["reserved", "spent"]


def take(link: Link, cell_id: int, point_id: int | None, count: Count) -> bool:
    """Raise one of the counts of a cell and an open entry if that leaves both within their caps."""
    if not claim(link, QuotaCell, cell_id, **{count: 1}):
        return False
    if point_id is None or claim(link, EntryPoint, point_id, **{count: 1}):
        return True
    change(link, QuotaCell, cell_id, **{count: -1})
    return False


def take_freed(session: Session, cell_id: int, point_id: int | None, *, now: datetime) -> bool:
    """Hold a place; where there is none, first take back those that expired."""
    return take(session, cell_id, point_id, "reserved") or (
        free_expired(session, cell_id, now) > 0 and take(session, cell_id, point_id, "reserved")
    )


def confirm(link: Link, cell_id: int, point_id: int | None, *, reserved: bool) -> bool:
    """Count an answer: in its own place, else in a free one; False where there is none (surplus)."""
    if reserved:
        _change_both(link, cell_id, point_id, reserved=-1, spent=1)
        return True
    if take(link, cell_id, point_id, "spent"):
        return True
    _change_both(link, cell_id, point_id, surplus=1)
    return False


def free_expired(session: Session, cell_id: int, now: datetime) -> int:
    """Take back the places of a cell that were held and not used in time; how many."""
    expired = session.execute(
        sa.select(Entry.id, Entry.entry_point_id)
        .where(Entry.quota_cell_id == cell_id, Entry.state == "begun", Entry.reserved_until <= now)
        .order_by(Entry.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not expired:
        return 0
    session.execute(
        sa.update(Entry)
        .where(Entry.id.in_([each.id for each in expired]))
        .values(reserved_until=None)
        .execution_options(synchronize_session=False)
    )
    change(session, QuotaCell, cell_id, reserved=-len(expired))
    points = [each.entry_point_id for each in expired if each.entry_point_id is not None]
    for point_id in sorted(set(points)):
        change(session, EntryPoint, point_id, reserved=-points.count(point_id))
    return len(expired)


def change(link: Link, counted: Any, key: int, **by: int) -> bool:
    """Change counts of the cell or open entry *key* in one statement; whether it was there."""
    return perform(link, _changing(counted, tuple(sorted(by))), _values(key, by)) == 1


def claim(link: Link, counted: Any, key: int, **by: int) -> bool:
    """Raise counts of the cell or open entry *key* if it has room for one more; whether it had."""
    return perform(link, _claiming(counted, tuple(sorted(by))), _values(key, by)) == 1


def add(link: Link, counted: Any, key: int, **by: int) -> None:
    """Change counts as `change`, at the latest when the transaction ends."""
    leave(link, _changing(counted, tuple(sorted(by))), _values(key, by))


def _values(key: int, by: Mapping[str, int]) -> dict[str, int]:
    return {"wanted": key, **{f"step_{name}": step for name, step in by.items()}}


@cache
def _changing(counted: Any, names: tuple[str, ...]) -> Statement:
    """The statement that changes these counts, put together once."""
    return Statement(_update(counted, names))


@cache
def _claiming(counted: Any, names: tuple[str, ...]) -> Statement:
    """The same where there is room."""
    room = counted.spent + counted.reserved < counted.cap
    # A class code without a cap of its own is held by its cell's alone.
    room = sa.or_(counted.cap.is_(None), room) if counted is EntryPoint else room
    return Statement(_update(counted, names).where(room))


def _update(counted: Any, names: tuple[str, ...]) -> sa.Update:
    return (
        sa.update(counted.__table__)
        .where(counted.id == sa.bindparam("wanted"))
        .values({name: getattr(counted, name) + sa.bindparam(f"step_{name}") for name in names})
    )


def expired_in(counted: Any, now: datetime) -> sa.ScalarSelect[int]:
    """How many places of a cell or open entry are held beyond their time, as part of a query."""
    whose = Entry.quota_cell_id if counted is QuotaCell else Entry.entry_point_id
    return (
        sa.select(sa.func.count())
        .where(whose == counted.id, Entry.state == "begun", Entry.reserved_until <= now)
        .correlate(counted)
        .scalar_subquery()
    )


def _change_both(link: Link, cell_id: int, point_id: int | None, **by: int) -> None:
    add(link, QuotaCell, cell_id, **by)
    if point_id is not None:
        add(link, EntryPoint, point_id, **by)
