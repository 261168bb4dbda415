"""The money of the ledger by year, as it stands or stood."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.supervision.ledger.counts import turned
from survey_app.supervision.ledger.earlier import described_then
from survey_app.supervision.ledger.models import Task, TaskBudget, TaskEvent
from survey_app.supervision.ledger.states import ENDED, STEPS


def money_by_year(
    session: Session, codes: Sequence[str], *, before: datetime | None = None
) -> list[dict[str, int]]:
    """Money of all tasks that were not cancelled, by year in yuan, and how much is in finished ones.

    With *before* as it was just before that instant, also where a task's money was changed since.
    """
    was = described_then(session, codes, before=before) if before else {}
    yuan: Counter[int] = Counter()
    done: Counter[int] = Counter()
    tasks: Counter[int] = Counter()
    kinds = _kinds(session, codes, before)
    for task_id, budgets in _budgets(session, kinds, was).items():
        kind = kinds[task_id][1]
        if kind == "cancelled":
            continue
        for year, amount in budgets.items():
            yuan[year] += amount
            tasks[year] += 1
            if kind is not None and STEPS[kind][1] in ENDED:
                done[year] += amount
    return [
        {"year": year, "yuan": yuan[year], "done_yuan": done[year], "tasks": tasks[year]}
        for year in sorted(yuan)
    ]


#: Task → its county and number, and what led it last to another state.
_Kinds = Mapping[int, tuple[tuple[str, int], str | None]]


def _kinds(session: Session, codes: Sequence[str], before: datetime | None) -> _Kinds:
    rows = session.execute(turned(codes, before, Task.id, Task.county_code, Task.number, TaskEvent.kind))
    return {id_: ((code, number), kind) for id_, code, number, kind in rows}


def _budgets(
    session: Session, kinds: _Kinds, was: Mapping[tuple[str, int], Mapping[str, Any]]
) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    rows = session.execute(
        sa.select(TaskBudget.task_id, TaskBudget.year, TaskBudget.yuan)
        .join(Task, TaskBudget.task_id == Task.id)
        .where(Task.county_code.in_({place[0] for place, _kind in kinds.values()}))
    )
    for task_id, year, amount in rows:
        if task_id in kinds:
            found.setdefault(task_id, {})[year] = amount
    for task_id, (place, _kind) in kinds.items():
        if place in was:
            found[task_id] = {int(year): amount for year, amount in was[place]["budgets"].items()}
    return found
