"""Tasks of a county's ledger: entered, told on, handed in, accepted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from survey_app import audit
from survey_app.assessments.models import EvaluationRun
from survey_app.canonical import canonical
from survey_app.counties.models import Region
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError
from survey_app.evidence import Evidence
from survey_app.supervision.ledger import states
from survey_app.supervision.ledger.models import Task, TaskBudget, TaskEvent

#: Steps that say nothing without words.
_WITH_WORDS = {"handed_in", "rejected", "cancelled", "reopened"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new task says."""

    title: str
    department: str
    measure: str = ""
    helpers: Sequence[str] = ()
    phase: str = ""
    deadline: date | None = None
    #: Year → yuan.
    budgets: Mapping[int, int] = field(default_factory=dict)
    #: finding, remedy, exemption, template or manual.
    origin: str = "manual"
    scheme_id: str = ""
    finding: str = ""
    school_code: str | None = None
    stage: str | None = None
    #: What was missing when it was made: ``value``, ``threshold``, ``unit``, ``sentence``.
    gap: Mapping[str, Any] = field(default_factory=dict)


def add_tasks(
    session: Session,
    county_code: str,
    drafts: Iterable[Draft],
    *,
    by: str,
    now: datetime,
    run: EvaluationRun | None = None,
) -> list[Task]:
    """Enter tasks into the county's ledger, numbered on from its last one.

    A gap that has an open task already gets no second one: that task is left out.
    """
    session.execute(sa.select(Region.code).where(Region.code == county_code).with_for_update())
    last = session.scalar(sa.select(sa.func.max(Task.number)).where(Task.county_code == county_code)) or 0
    open_gaps = {
        gap_of(task)
        for task in tasks_of(session, county_code)
        if task.finding and states.state_of(task.events) not in states.ENDED
    }
    added: list[Task] = []
    for draft in drafts:
        task = _task(county_code, draft, number=last + len(added) + 1, run=run, by=by, now=now)
        if task.origin in {"finding", "exemption"} and gap_of(task) in open_gaps:
            continue
        open_gaps.add(gap_of(task))
        added.append(task)
    session.add_all(added)
    session.flush()
    for task in added:
        _record(session, task, "task.added", by=by, now=now, origin=task.origin, title=task.title)
    return added


def gap_of(task: Task) -> tuple[Any, ...]:
    """What a task is about: its indicator in a school and stage, and why it was entered."""
    return (task.origin, task.scheme_id, task.finding, task.school_code, task.stage)


def take_step(
    session: Session,
    task: Task,
    kind: str,
    *,
    text: str,
    by: str,
    now: datetime,
    percent: int | None = None,
    evidence: Sequence[Evidence] = (),
) -> TaskEvent:
    """Note that something happened to a task.

    Raises:
        ConflictError: it cannot happen in the task's state; it lacks words, percent or proof.
    """
    _hold(session, task)
    states.after(task.events, kind)
    text = text.strip()
    if kind in _WITH_WORDS and not text:
        raise ConflictError("task_words", step=kind)
    if kind == "progress" and percent is None:
        raise ConflictError("task_percent")
    if kind == "handed_in" and not (evidence or _proofs(task)):
        raise ConflictError("task_proof", number=task.number)
    event = TaskEvent(
        kind=kind, percent=percent if kind == "progress" else None, text=text, made_at=now, made_by=by
    )
    event.evidence = list(evidence)
    task.events.append(event)
    session.flush()
    _record(session, task, "task.step", by=by, now=now, step=kind, percent=event.percent)
    return event


def change(
    session: Session,
    task: Task,
    *,
    department: str,
    helpers: Sequence[str],
    deadline: date | None,
    budgets: Mapping[int, int],
    measure: str,
    by: str,
    now: datetime,
) -> None:
    """Change who does a task, until when and for how much; what it was is kept in the trail.

    Raises:
        ConflictError: the task has ended, or waits to be accepted.
    """
    _hold(session, task)
    was = _described(task)
    states.after(task.events, "changed")
    task.department, task.helpers, task.deadline = department, "\n".join(helpers), deadline
    task.measure = measure
    task.budgets = [TaskBudget(year=year, yuan=yuan) for year, yuan in sorted(budgets.items()) if yuan]
    session.flush()
    if _described(task) != was:
        take_step(session, task, "changed", text="", by=by, now=now)
        _record(session, task, "task.changed", by=by, now=now, was=was, **{"is": _described(task)})


def get_task(session: Session, county_code: str, number: int) -> Task:
    """Give a task by its number in the county.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalars(
        sa.select(Task).where(Task.county_code == county_code, Task.number == number)
    ).first()
    if found is None:
        raise NotFoundError
    return found


def tasks_of(session: Session, county_code: str) -> list[Task]:
    """Give a county's tasks by number, with their money and what happened."""
    return list(
        session.scalars(
            sa.select(Task)
            .where(Task.county_code == county_code)
            .order_by(Task.number)
            .options(selectinload(Task.budgets), selectinload(Task.events))
        )
    )


def tasks_within(session: Session, scopes: Sequence[str]) -> list[Task]:
    """Give the tasks of all counties whose codes begin with one of *scopes*, by county and number."""
    return list(
        session.scalars(
            sa.select(Task)
            .where(within(Task.county_code, scopes))
            .order_by(Task.county_code, Task.number)
            .options(selectinload(Task.budgets), selectinload(Task.events))
        )
    )


def _hold(session: Session, task: Task) -> None:
    """Hold the task until the end of the transaction, as it is now, with its money and what happened."""
    session.refresh(task, with_for_update=True)


def _task(
    county_code: str, draft: Draft, *, number: int, run: EvaluationRun | None, by: str, now: datetime
) -> Task:
    return Task(
        county_code=county_code,
        number=number,
        origin=draft.origin,
        run_id=run.id if run else None,
        scheme_id=draft.scheme_id,
        finding=draft.finding,
        school_code=draft.school_code,
        stage=draft.stage,
        title=draft.title[:200],
        measure=draft.measure,
        department=draft.department,
        helpers="\n".join(draft.helpers),
        phase=draft.phase,
        deadline=draft.deadline,
        gap=canonical(dict(draft.gap)),
        made_at=now,
        made_by=by,
        budgets=[TaskBudget(year=year, yuan=yuan) for year, yuan in sorted(draft.budgets.items()) if yuan],
    )


def _proofs(task: Task) -> list[Evidence]:
    return [each for event in task.events for each in event.evidence if each.withdrawn_at is None]


def _described(task: Task) -> dict[str, Any]:
    return {
        "department": task.department,
        "helpers": task.helpers,
        "deadline": task.deadline.isoformat() if task.deadline else None,
        "budgets": {str(each.year): each.yuan for each in task.budgets},
        "measure": task.measure,
    }


def _record(session: Session, task: Task, action: str, *, by: str, now: datetime, **details: Any) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        region=task.county_code,
        details={"task": task.number, **details},
    )
