"""Where applications lie on their way through the levels, read from their steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from survey_app.assessments.applications.models import LEVELS, Application, ApplicationStep
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import level_for
from survey_app.db import within
from survey_app.errors import NotFoundError
from survey_app.security import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStanding:
    """Where one level of an application stands."""

    level: str
    #: ``signed``, ``here`` (it is its turn), ``waiting`` (not reached), ``returned`` (it was sent back from
    #: here and has not come again) or ``stopped`` (withdrawn before it was its turn).
    state: str
    #: The step that holds: the signature, or the return.
    step: ApplicationStep | None


def get_application(session: Session, application_id: int) -> Application:
    """Give an application.

    Raises:
        NotFoundError: there is none with this number.
    """
    found = session.get(Application, application_id)
    if found is None:
        raise NotFoundError
    return found


def applications_of(session: Session, scopes: Iterable[str]) -> list[Application]:
    """The applications of counties whose codes begin with one of *scopes*, the newest first."""
    return list(
        session.scalars(
            sa.select(Application)
            .where(within(Application.county_code, scopes))
            .order_by(Application.opened_at.desc(), Application.id.desc())
            .options(joinedload(Application.county), selectinload(Application.steps))
        )
    )


def newest_verdicts(session: Session, applications: Iterable[Application]) -> dict[int, str]:
    """What the newest run of each application concludes, by the application's id; read at once for all."""
    rows = session.execute(
        sa.select(EvaluationRun.application_id, EvaluationRun.verdict)
        .where(EvaluationRun.application_id.in_([each.id for each in applications]))
        .order_by(EvaluationRun.number)
    )
    return {number: verdict for number, verdict in rows if number is not None}


def current_level(application: Application, *, before: datetime | None = None) -> str | None:
    """The level where an application lies; None once it is signed by all, or withdrawn.

    Each signature passes it one level up, each return one down. With *before* it is told as it lay just
    before that instant, at which it must have been open.
    """
    if _happened(application.withdrawn_at, before):
        return None
    at = sum(1 if step.action == "signed" else -1 for step in _steps(application, before))
    return LEVELS[at] if at < len(LEVELS) else None


def state_of(session: Session, application: Application) -> str:
    """Where an application stands: ``under_way``, ``withdrawn``, ``recognised`` or ``not_recognised``."""
    return states_of(session, [application])[application.id]


def states_of(session: Session, applications: Iterable[Application]) -> dict[int, str]:
    """Where each application stands, as `state_of` says, by its id; one statement for all of them."""
    found, signed = {}, {}
    for each in applications:
        if each.withdrawn_at is not None:
            found[each.id] = "withdrawn"
        elif current_level(each) is not None:
            found[each.id] = "under_way"
        else:
            signed[each.id] = each.steps[-1].run_id
    if signed:
        rows = session.execute(
            sa.select(EvaluationRun.id, EvaluationRun.verdict).where(EvaluationRun.id.in_(signed.values()))
        )
        verdicts = {row.id: row.verdict for row in rows}
        for id_, run_id in signed.items():
            found[id_] = "recognised" if verdicts[run_id] == "met" else "not_recognised"
    return found


def since(application: Application, *, before: datetime | None = None) -> datetime:
    """Since when an application lies where it lies; with *before*, where it lay just before that instant."""
    if application.withdrawn_at is not None and _happened(application.withdrawn_at, before):
        return application.withdrawn_at
    steps = _steps(application, before)
    return steps[-1].made_at if steps else application.opened_at


def _steps(application: Application, before: datetime | None) -> Sequence[ApplicationStep]:
    return [step for step in application.steps if _happened(step.made_at, before)]


def _happened(moment: datetime | None, before: datetime | None) -> bool:
    return moment is not None and (before is None or moment < before)


def standings(application: Application) -> list[LevelStanding]:
    """Where each level stands, in the order a county passes them."""
    there = current_level(application)
    reached = LEVELS.index(there) if there else len(LEVELS)
    if application.withdrawn_at is not None:
        reached = sum(1 if step.action == "signed" else -1 for step in application.steps)
    found = []
    for place, level in enumerate(LEVELS):
        step = next((each for each in reversed(application.steps) if each.level == level), None)
        if place < reached:
            state = "signed"
        elif level == there:
            state = "here"
        elif step is not None and step.action == "returned":
            state = "returned"
        else:
            state = "stopped" if application.withdrawn_at is not None else "waiting"
        found.append(LevelStanding(level=level, state=state, step=step))
    return found


def acting_level(held: Iterable[Held], application: Application) -> str:
    """The level at which somebody holding *held* acts on an application."""
    return level_for(held, application.county_code)


def is_turn_of(held: Iterable[Held], application: Application) -> bool:
    """Whether the application lies at the level of somebody holding *held*."""
    there = current_level(application)
    return there is not None and acting_level(held, application) == there


def in_turn(applications: Iterable[Application], held: Sequence[Held]) -> list[Application]:
    """First what waits for somebody holding *held*, what waited longest on top; then the rest as it came."""
    found = list(applications)
    mine = [each for each in found if is_turn_of(held, each)]
    return sorted(mine, key=since) + [each for each in found if each not in mine]


def runs_of(session: Session, application: Application, level: str | None = None) -> list[EvaluationRun]:
    """The runs made for an application, or at one level of it, the newest first."""
    wanted = [EvaluationRun.application_id == application.id]
    if level is not None:
        wanted.append(EvaluationRun.level == level)
    return list(
        session.scalars(sa.select(EvaluationRun).where(*wanted).order_by(EvaluationRun.number.desc()))
    )


def signed_run(session: Session, application: Application, level: str) -> EvaluationRun | None:
    """The run that a level signed last; None where it has not signed, or was returned to since."""
    standing = next(each for each in standings(application) if each.level == level)
    if standing.state != "signed":
        return None
    step = next(
        each for each in reversed(application.steps) if each.level == level and each.action == "signed"
    )
    return session.get_one(EvaluationRun, step.run_id)
