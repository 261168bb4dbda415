"""How many tasks of each county are open and overdue, counted by the database for many counties at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.supervision.ledger.models import Task, TaskEvent
from survey_app.supervision.ledger.states import ENDED, STEPS

#: What leads a task to another state, and which of it ends it.
_TURNING = [kind for kind, (_, then) in STEPS.items() if then is not None]
_ENDING = [kind for kind, (_, then) in STEPS.items() if then in ENDED]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTasks:
    """Tasks of a county that have not ended, and those of them whose deadline is past."""

    open: int = 0
    overdue: int = 0


def open_counts(session: Session, codes: Sequence[str], *, today: date) -> dict[str, OpenTasks]:
    """Count the open tasks of each county; counties without any are left out."""
    last = (
        sa.select(TaskEvent.task_id, sa.func.max(TaskEvent.id).label("event_id"))
        .join(Task, TaskEvent.task_id == Task.id)
        .where(Task.county_code.in_(codes), TaskEvent.kind.in_(_TURNING))
        .group_by(TaskEvent.task_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(
            Task.county_code,
            sa.func.count(),
            sa.func.count(sa.case((Task.deadline < today, Task.id))),
        )
        .select_from(Task)
        .outerjoin(last, last.c.task_id == Task.id)
        .outerjoin(TaskEvent, TaskEvent.id == last.c.event_id)
        .where(
            Task.county_code.in_(codes),
            sa.or_(TaskEvent.kind.is_(None), TaskEvent.kind.not_in(_ENDING)),
        )
        .group_by(Task.county_code)
    )
    return {code: OpenTasks(open=count, overdue=late) for code, count, late in rows}
