"""How many tasks of each county are open and overdue, for many counties at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.supervision.ledger.earlier import described_then
from survey_app.supervision.ledger.models import Task, TaskEvent
from survey_app.supervision.ledger.states import ENDED, STEPS
from survey_app.supervision.moments import happened

#: What leads a task to another state, and which of it ends it.
_TURNING = [kind for kind, (_, then) in STEPS.items() if then is not None]
_ENDING = [kind for kind, (_, then) in STEPS.items() if then in ENDED]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTasks:
    """Tasks of a county that have not ended, and those of them whose deadline is past."""

    open: int = 0
    overdue: int = 0


def open_counts(
    session: Session, codes: Sequence[str], *, today: date, before: datetime | None = None
) -> dict[str, OpenTasks]:
    """Count the open tasks of each county; counties without any are left out.

    The database counts what holds now. With *before* tasks are read one by one, since a deadline that was
    changed after that instant is the one that it was.
    """
    if before is not None:
        return _open_before(session, codes, today, before)
    rows = session.execute(
        _open(
            codes,
            None,
            Task.county_code,
            sa.func.count(),
            sa.func.count(sa.case((Task.deadline < today, Task.id))),
        ).group_by(Task.county_code)
    )
    return {code: OpenTasks(open=count, overdue=late) for code, count, late in rows}


def _open_before(
    session: Session, codes: Sequence[str], today: date, before: datetime
) -> dict[str, OpenTasks]:
    was = described_then(session, codes, before=before)
    counted: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for code, number, deadline in session.execute(
        _open(codes, before, Task.county_code, Task.number, Task.deadline)
    ):
        if (told := was.get((code, number))) is not None:
            deadline = date.fromisoformat(told["deadline"]) if told["deadline"] else None
        counted[code] += 1
        late[code] += deadline is not None and deadline < today
    return {code: OpenTasks(open=count, overdue=late[code]) for code, count in counted.items()}


def turned(codes: Sequence[str], before: datetime | None, *columns: Any) -> sa.Select:
    """*columns* of the tasks of counties and of the event that led each last to another state.

    With *before* of those that there were just before that instant, and as they then stood; the event is
    missing where a task stands as it was made.
    """
    last = (
        sa.select(TaskEvent.task_id, sa.func.max(TaskEvent.id).label("event_id"))
        .join(Task, TaskEvent.task_id == Task.id)
        .where(
            Task.county_code.in_(codes),
            TaskEvent.kind.in_(_TURNING),
            *happened(TaskEvent.made_at, before=before),
        )
        .group_by(TaskEvent.task_id)
        .subquery()
    )
    return (
        sa.select(*columns)
        .select_from(Task)
        .outerjoin(last, last.c.task_id == Task.id)
        .outerjoin(TaskEvent, TaskEvent.id == last.c.event_id)
        .where(Task.county_code.in_(codes), *happened(Task.made_at, before=before))
    )


def _open(codes: Sequence[str], before: datetime | None, *columns: Any) -> sa.Select:
    not_ended = sa.or_(TaskEvent.kind.is_(None), TaskEvent.kind.not_in(_ENDING))
    return turned(codes, before, *columns).where(not_ended)
