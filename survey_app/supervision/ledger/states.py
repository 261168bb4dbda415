"""Where a task stands: derived from what happened to it, never stored."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from survey_app.clock import day_of
from survey_app.errors import ConflictError
from survey_app.supervision.ledger.models import Task, TaskEvent


class TaskState(StrEnum):
    """What is the case with a task."""

    PLANNED = "planned"
    RUNNING = "running"
    HANDED_IN = "handed_in"
    DONE = "done"
    CANCELLED = "cancelled"


#: What happened → the states from which it can, and the one it leads to; None where it changes nothing.
STEPS: dict[str, tuple[set[TaskState], TaskState | None]] = {
    "begun": ({TaskState.PLANNED}, TaskState.RUNNING),
    "progress": ({TaskState.RUNNING}, None),
    "changed": ({TaskState.PLANNED, TaskState.RUNNING}, None),
    "handed_in": ({TaskState.PLANNED, TaskState.RUNNING}, TaskState.HANDED_IN),
    "accepted": ({TaskState.HANDED_IN}, TaskState.DONE),
    "rejected": ({TaskState.HANDED_IN}, TaskState.RUNNING),
    "cancelled": ({TaskState.PLANNED, TaskState.RUNNING, TaskState.HANDED_IN}, TaskState.CANCELLED),
    "reopened": ({TaskState.DONE, TaskState.CANCELLED}, TaskState.RUNNING),
}

#: Ended, one way or the other.
ENDED = {TaskState.DONE, TaskState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """After how many days without a word a task is stuck, and how many before its deadline it is due soon."""

    stuck_days: int
    soon_days: int


@cache
def warnings() -> Warnings:
    """Give the ledger's limits in days."""
    text = (files("survey_app.supervision.ledger") / "ledger.toml").read_text(encoding="utf-8")
    return Warnings(**tomllib.loads(text))


def state_of(events: Sequence[TaskEvent]) -> TaskState:
    """Give the state that *events*, in order, lead to."""
    state = TaskState.PLANNED
    for event in events:
        state = STEPS[event.kind][1] or state
    return state


def after(events: Sequence[TaskEvent], kind: str) -> TaskState:
    """Give the state after one more event.

    Raises:
        ConflictError: it cannot happen in the state the task is in.
    """
    now = state_of(events)
    allowed, then = STEPS[kind]
    if now not in allowed:
        raise ConflictError("task_step", state=now.value, step=kind)
    return then or now


def percent_of(events: Sequence[TaskEvent]) -> int:
    """Give how much is done by the last word about it, in percent."""
    if state_of(events) is TaskState.DONE:
        return 100
    return next((each.percent for each in reversed(events) if each.percent is not None), 0)


def overdue(task: Task, today: date) -> bool:
    """Whether a task should have been finished before *today* and is not."""
    return task.deadline is not None and task.deadline < today and state_of(task.events) not in ENDED


def due_soon(task: Task, today: date) -> bool:
    """Whether a task is to be finished within the next days."""
    if task.deadline is None or state_of(task.events) in ENDED:
        return False
    return today <= task.deadline <= today + timedelta(days=warnings().soon_days)


def stuck(task: Task, today: date) -> bool:
    """Whether nothing was said about an open task for a quarter; one that was handed in waits for others."""
    if state_of(task.events) not in {TaskState.PLANNED, TaskState.RUNNING}:
        return False
    last = max([task.made_at, *(each.made_at for each in task.events)])
    return (today - day_of(last)).days > warnings().stuck_days
