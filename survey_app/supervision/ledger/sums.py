"""What a ledger adds up to: money by year, tasks by state, department and indicator, what is late."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from survey_app.supervision.ledger import states
from survey_app.supervision.ledger.gaps import wan
from survey_app.supervision.ledger.models import Task
from survey_app.supervision.ledger.states import TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year's money in 万元, and what of it belongs to tasks that are done."""

    year: int
    wan: Decimal
    done_wan: Decimal
    tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger in figures; cancelled tasks count nowhere but among the cancelled."""

    tasks: int
    states: dict[str, int]
    overdue: int
    due_soon: int
    stuck: int
    years: tuple[Year, ...]
    #: Department → open tasks, overdue ones, 万元; the one with most open tasks first.
    departments: tuple[tuple[str, int, int, Decimal], ...]
    #: Item → open tasks.
    items: tuple[tuple[str, int], ...]

    @property
    def wan(self) -> Decimal:
        """All money in 万元."""
        return sum((each.wan for each in self.years), Decimal(0))

    @property
    def open(self) -> int:
        """Tasks that are neither done nor cancelled."""
        return sum(self.states[each] for each in ("planned", "running", "handed_in"))


def sums_of(tasks: Sequence[Task], *, today: date) -> Ledger:
    """Add up *tasks* as they stand *today*."""
    found = [(task, states.state_of(task.events)) for task in tasks]
    counted = [(task, state) for task, state in found if state is not TaskState.CANCELLED]
    waiting = [task for task, state in counted if state is not TaskState.DONE]
    return Ledger(
        tasks=len(tasks),
        states={state.value: sum(each is state for _, each in found) for state in TaskState},
        overdue=sum(states.overdue(task, today) for task in waiting),
        due_soon=sum(states.due_soon(task, today) for task in waiting),
        stuck=sum(states.stuck(task, today) for task in waiting),
        years=tuple(_years(counted)),
        departments=tuple(_departments(waiting, today)),
        items=tuple(
            Counter(task.finding.partition(".")[0] for task in waiting if task.finding).most_common()
        ),
    )


def _years(counted: Iterable[tuple[Task, TaskState]]) -> Iterable[Year]:
    found: dict[int, list[tuple[int, TaskState]]] = {}
    for task, state in counted:
        for budget in task.budgets:
            found.setdefault(budget.year, []).append((budget.yuan, state))
    for year, amounts in sorted(found.items()):
        yield Year(
            year=year,
            wan=wan(sum(yuan for yuan, _ in amounts)),
            done_wan=wan(sum(yuan for yuan, state in amounts if state is TaskState.DONE)),
            tasks=len(amounts),
        )


def _departments(waiting: Sequence[Task], today: date) -> Iterable[tuple[str, int, int, Decimal]]:
    names = Counter(task.department for task in waiting)
    for name, count in names.most_common():
        own = [task for task in waiting if task.department == name]
        money = sum(budget.yuan for task in own for budget in task.budgets)
        yield name, count, sum(states.overdue(task, today) for task in own), wan(money)
