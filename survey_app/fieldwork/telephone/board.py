"""The supervisor's board: how far the calls are, by state and by interviewer. Never an answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.accounts.models import User
from survey_app.fieldwork.models import Batch, CallAttempt, CallBack, Contact, Invitation, PhoneCase
from survey_app.fieldwork.telephone.cases import spent
from survey_app.fieldwork.telephone.rules import CallRules
from survey_app.surveys.models import Wave

#: Where a case can stand, in the order of the board.
STATES = (
    "in_hand",
    "agreed",
    "fresh",
    "again",
    "referred",
    "unreachable",
    "complete",
    "online",
    "refused",
    "ended",
    "withdrawn",
)

#: States in which somebody still has to do something.
OPEN = frozenset({"in_hand", "agreed", "fresh", "again", "referred", "unreachable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case as lists show it; no name and no number."""

    case_id: int
    group: str
    place: str
    serial: int
    state: str
    outcome: str
    attempts: int
    assigned_to: int | None
    #: When it is to be called again, and whether that was agreed.
    again_at: datetime | None
    hard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one interviewer has before them and behind them."""

    user: User
    open: int
    done: int
    interviews: int
    calls: int
    #: Cases finished, per call: calls of finished cases by the number of these cases.
    calls_per_case: Fraction | None
    #: Refusals in the interviews and refusals together.
    refused: Fraction | None
    #: Agreed times that passed more than the rules' minutes ago.
    overdue: int


def lines(session: Session, wave: Wave, rules: CallRules) -> list[Line]:
    """All cases of *wave*, in their order."""
    appointments = {
        row.case_id: (row.at, row.hard)
        for row in session.execute(
            sa.select(CallBack.case_id, CallBack.at, CallBack.hard)
            .join(PhoneCase, PhoneCase.id == CallBack.case_id)
            .where(PhoneCase.wave_id == wave.id, CallBack.settled_at.is_(None))
        )
    }
    rows = session.execute(
        sa.select(
            PhoneCase,
            Batch.group,
            Batch.place,
            Invitation.serial,
            Invitation.revoked_at,
            Contact.sealed.is_(None).label("erased"),
            spent().label("answered"),
        )
        .join(Invitation, Invitation.id == PhoneCase.invitation_id)
        .join(Batch, Batch.id == Invitation.batch_id)
        .outerjoin(Contact, Contact.id == PhoneCase.contact_id)
        .where(PhoneCase.wave_id == wave.id)
        .order_by(PhoneCase.id)
    )
    found = []
    for row in rows:
        case: PhoneCase = row.PhoneCase
        at, hard = appointments.get(case.id, (case.not_before, False))
        lost = row.erased or row.revoked_at is not None
        state = _state(case, rules, answered=row.answered, lost=lost, agreed=hard)
        found.append(
            Line(
                case_id=case.id,
                group=row.group,
                place=row.place,
                serial=row.serial,
                state=state,
                outcome=case.outcome,
                attempts=case.attempts,
                assigned_to=case.assigned_to,
                again_at=at if state in OPEN else None,
                hard=hard,
            )
        )
    return found


def by_state(found: Sequence[Line]) -> dict[str, int]:
    """How many cases stand in each state, in the board's order."""
    n = Counter(line.state for line in found)
    return {state: n[state] for state in STATES}


def work_of(
    session: Session,
    wave: Wave,
    found: Sequence[Line],
    users: Sequence[User],
    rules: CallRules,
    now: datetime,
) -> list[Work]:
    """The interviewers with their work in *wave*, by name."""
    calls: dict[str, Counter[str]] = {}
    for row in session.execute(
        sa.select(CallAttempt.by, CallAttempt.outcome, sa.func.count().label("n"))
        .join(PhoneCase, PhoneCase.id == CallAttempt.case_id)
        .where(PhoneCase.wave_id == wave.id)
        .group_by(CallAttempt.by, CallAttempt.outcome)
    ):
        calls.setdefault(row.by, Counter())[row.outcome] += row.n
    refusing = {each.id for each in rules.outcomes.values() if each.disposition == "refusal"}
    made = []
    for user in users:
        mine = [line for line in found if line.assigned_to == user.id]
        done = [line for line in mine if line.state not in OPEN]
        outcomes = calls.get(user.login, Counter())
        interviews, refusals = outcomes["complete"], sum(outcomes[each] for each in refusing)
        made.append(
            Work(
                user=user,
                open=len(mine) - len(done),
                done=len(done),
                interviews=interviews,
                calls=outcomes.total(),
                calls_per_case=Fraction(sum(line.attempts for line in done), len(done)) if done else None,
                refused=Fraction(refusals, interviews + refusals) if interviews + refusals else None,
                overdue=sum(is_overdue(line, rules, now=now) for line in mine),
            )
        )
    return made


def due(found: Sequence[Line]) -> list[Line]:
    """Cases with an agreed time, the earliest first."""
    agreed = [line for line in found if line.state == "agreed" and line.again_at is not None]
    return sorted(agreed, key=lambda line: (line.again_at, line.case_id))


def cases_waiting(session: Session, waves: Sequence[Wave]) -> dict[int, int]:
    """How many cases of each wave are not ended."""
    rows = session.execute(
        sa.select(PhoneCase.wave_id, sa.func.count())
        .where(
            PhoneCase.wave_id.in_([wave.id for wave in waves]),
            PhoneCase.finished_at.is_(None),
            PhoneCase.withdrawn.is_(False),
            ~spent(),
        )
        .group_by(PhoneCase.wave_id)
    )
    return dict(rows.all())


def _state(case: PhoneCase, rules: CallRules, *, answered: bool, lost: bool, agreed: bool) -> str:
    if case.outcome == "complete":
        return "complete"
    if answered or (case.withdrawn and case.finished_at is None):
        return "online"
    if case.withdrawn:
        return "withdrawn"
    if case.finished_at is not None:
        refused = case.outcome and rules.outcomes[case.outcome].disposition == "refusal"
        return "refused" if refused else "ended"
    waiting = (
        ("in_hand", case.taken_up_at is not None),
        ("unreachable", lost),
        ("referred", case.referred),
        ("agreed", agreed),
        ("again", case.attempts > 0),
    )
    return next((state for state, holds in waiting if holds), "fresh")


def is_overdue(line: Line, rules: CallRules, *, now: datetime) -> bool:
    """Whether an agreed time went by without a call."""
    return (
        line.state == "agreed"
        and line.hard
        and line.again_at is not None
        and line.again_at + rules.before < now
    )
