"""What counties and the levels above them did in a period, read in a fixed number of statements."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.assessments.applications.models import Application, ApplicationStep, Override
from survey_app.assessments.judgement.models import Correction, FieldVisit
from survey_app.assessments.models import EvaluationRun
from survey_app.clock import day_of
from survey_app.counties.models import CountyFile
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.ledger.models import Task, TaskEvent
from survey_app.supervision.listing.models import Listing
from survey_app.supervision.moments import held
from survey_app.supervision.schedule.models import RecordedRecognition
from survey_app.surveys.models import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """One thing that happened in a county."""

    on: date
    #: What it was; `words` says it with *facts*.
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWork:
    """What became of a county's tasks in a period."""

    made: int = 0
    handed_in: int = 0
    accepted: int = 0
    rejected: int = 0


def doings(session: Session, codes: Collection[str], period: Period) -> dict[str, list[Doing]]:
    """Give what happened in each county within *period*, in its order; counties without are left out."""
    found: dict[str, list[tuple[datetime, int, Doing]]] = {}
    for read in _READERS:
        for code, moment, kind, facts in read(session, list(codes), period):
            doing = Doing(on=day_of(moment), kind=kind, facts=facts)
            own = found.setdefault(code, [])
            own.append((moment, len(own), doing))
    return {
        code: [doing for *_, doing in sorted(own, key=lambda each: each[:2])] for code, own in found.items()
    }


def _in_time(found: tuple[datetime, int, Doing]) -> tuple[datetime, int]:
    return found[:2]


def verdicts_before(session: Session, codes: Collection[str], moment: datetime) -> dict[str, str]:
    """The verdict of each county's last run before *moment*, by the newest statistical year."""
    rows = session.execute(
        sa.select(EvaluationRun.county_code, EvaluationRun.verdict)
        .join(CountyFile, EvaluationRun.county_file_id == CountyFile.id)
        .where(EvaluationRun.county_code.in_(list(codes)), EvaluationRun.made_at < moment)
        .order_by(CountyFile.year, EvaluationRun.number)
    )
    return {row.county_code: row.verdict for row in rows}


def task_work(session: Session, codes: Collection[str], period: Period) -> dict[str, TaskWork]:
    """What became of each county's tasks within *period*; counties where nothing did are left out."""
    counts: dict[str, dict[str, int]] = {}
    made = session.execute(
        sa.select(Task.county_code, sa.func.count())
        .where(Task.county_code.in_(list(codes)), *_within(Task.made_at, period))
        .group_by(Task.county_code)
    )
    for code, count in made:
        counts.setdefault(code, {})["made"] = count
    moved = session.execute(
        sa.select(Task.county_code, TaskEvent.kind, sa.func.count())
        .join(TaskEvent, TaskEvent.task_id == Task.id)
        .where(
            Task.county_code.in_(list(codes)),
            TaskEvent.kind.in_(["handed_in", "accepted", "rejected"]),
            *_within(TaskEvent.made_at, period),
        )
        .group_by(Task.county_code, TaskEvent.kind)
    )
    for code, kind, count in moved:
        counts.setdefault(code, {})[kind] = count
    return {code: TaskWork(**each) for code, each in counts.items()}


def unanswered(
    session: Session, codes: Collection[str], *, today: date, before: datetime | None = None
) -> dict[str, int]:
    """How many requests for correction each county has left unanswered past their day.

    With *before* as it was just before that instant.
    """
    rows = session.execute(
        sa.select(Application.county_code, sa.func.count().label("n"))
        .join(Correction, Correction.application_id == Application.id)
        .where(
            Application.county_code.in_(list(codes)),
            *held(Application.opened_at, Application.withdrawn_at, before=before),
            *held(Correction.made_at, Correction.answered_at, before=before),
            Correction.due_on < today,
        )
        .group_by(Application.county_code)
    )
    return {row.county_code: row.n for row in rows}


#: What a reader yields: county, instant, kind of doing, facts.
_Found = Iterable[tuple[str, datetime, str, Mapping[str, Any]]]


def _within(column: Any, period: Period) -> tuple[Any, Any]:
    return column >= period.begins, column < period.ends


def _runs(session: Session, codes: list[str], period: Period) -> _Found:
    rows = session.execute(
        sa.select(
            EvaluationRun.county_code,
            EvaluationRun.made_at,
            EvaluationRun.number,
            EvaluationRun.level,
            EvaluationRun.verdict,
            CountyFile.year,
        )
        .join(CountyFile, EvaluationRun.county_file_id == CountyFile.id)
        .where(EvaluationRun.county_code.in_(codes), *_within(EvaluationRun.made_at, period))
        .order_by(EvaluationRun.id)
    )
    for row in rows:
        facts = {"number": row.number, "level": row.level, "verdict": row.verdict, "year": row.year}
        yield row.county_code, row.made_at, "run", facts


def _steps(session: Session, codes: list[str], period: Period) -> _Found:
    rows = session.execute(
        sa.select(
            Application.county_code,
            ApplicationStep.made_at,
            ApplicationStep.level,
            ApplicationStep.action,
            ApplicationStep.reason,
        )
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(Application.county_code.in_(codes), *_within(ApplicationStep.made_at, period))
        .order_by(ApplicationStep.id)
    )
    for row in rows:
        facts = {"level": row.level} | ({"reason": row.reason} if row.action == "returned" else {})
        yield row.county_code, row.made_at, row.action, facts


def _applications(session: Session, codes: list[str], period: Period) -> _Found:
    for code, moment, year in session.execute(
        sa.select(Application.county_code, Application.opened_at, Application.year).where(
            Application.county_code.in_(codes), *_within(Application.opened_at, period)
        )
    ):
        yield code, moment, "applied", {"year": year}
    for code, moment, year, reason in session.execute(
        sa.select(
            Application.county_code,
            Application.withdrawn_at,
            Application.year,
            Application.withdraw_reason,
        ).where(Application.county_code.in_(codes), *_within(Application.withdrawn_at, period))
    ):
        yield code, moment, "withdrawn", {"year": year, "reason": reason}


def _overrides(session: Session, codes: list[str], period: Period) -> _Found:
    rows = session.execute(
        sa.select(Application.county_code, Override.decided_at, Override.finding, Override.level)
        .join(Override, Override.application_id == Application.id)
        .where(
            Application.county_code.in_(codes),
            Override.accepted.is_(True),
            *_within(Override.decided_at, period),
        )
        .order_by(Override.id)
    )
    for row in rows:
        yield row.county_code, row.decided_at, "override", {"item": row.finding, "level": row.level}


def _visits(session: Session, codes: list[str], period: Period) -> _Found:
    rows = session.execute(
        sa.select(
            Application.county_code,
            FieldVisit.made_at,
            FieldVisit.level,
            FieldVisit.place,
            FieldVisit.interviewed,
            FieldVisit.satisfied,
        )
        .join(FieldVisit, FieldVisit.application_id == Application.id)
        .where(
            Application.county_code.in_(codes),
            *_within(FieldVisit.made_at, period),
            *held(FieldVisit.made_at, FieldVisit.withdrawn_at, before=period.ends),
        )
        .order_by(FieldVisit.id)
    )
    for row in rows:
        facts = {
            "level": row.level,
            "place": row.place,
            "interviewed": row.interviewed,
            "satisfied": row.satisfied,
        }
        yield row.county_code, row.made_at, "visit", facts


def _corrections(session: Session, codes: list[str], period: Period) -> _Found:
    for column, kind in ((Correction.made_at, "correction"), (Correction.answered_at, "answered")):
        rows = session.execute(
            sa.select(Application.county_code, column, Correction.number, Correction.due_on)
            .join(Correction, Correction.application_id == Application.id)
            .where(Application.county_code.in_(codes), *_within(column, period))
            .order_by(Correction.id)
        )
        for code, moment, number, due_on in rows:
            yield code, moment, kind, {"number": number, "due_on": due_on.isoformat()}


def _listings(session: Session, codes: list[str], period: Period) -> _Found:
    for column, reason, kind in (
        (Listing.listed_at, Listing.reason, "listed"),
        (Listing.lifted_at, Listing.lift_reason, "lifted"),
    ):
        rows = session.execute(
            sa.select(Listing.county_code, column, reason).where(
                Listing.county_code.in_(codes), *_within(column, period)
            )
        )
        for code, moment, why in rows:
            yield code, moment, kind, {"reason": why}


def _recognitions(session: Session, codes: list[str], period: Period) -> _Found:
    rows = session.execute(
        sa.select(
            RecordedRecognition.county_code,
            RecordedRecognition.recorded_at,
            RecordedRecognition.recognised_on,
            RecordedRecognition.document,
        ).where(
            RecordedRecognition.county_code.in_(codes),
            *_within(RecordedRecognition.recorded_at, period),
            *held(RecordedRecognition.recorded_at, RecordedRecognition.withdrawn_at, before=period.ends),
        )
    )
    for row in rows:
        facts = {"on": row.recognised_on.isoformat(), "document": row.document}
        yield row.county_code, row.recorded_at, "recognised", facts


def _waves(session: Session, codes: list[str], period: Period) -> _Found:
    for column, kind in ((Wave.opened_at, "survey_opened"), (Wave.released_at, "survey_released")):
        rows = session.execute(
            sa.select(Wave.county_code, column, Wave.title).where(
                Wave.county_code.in_(codes), Wave.verifies_wave_id.is_(None), *_within(column, period)
            )
        )
        for code, moment, title in rows:
            yield code, moment, kind, {"title": title}


_READERS: tuple[Callable[[Session, list[str], Period], _Found], ...] = (
    _waves,
    _runs,
    _applications,
    _steps,
    _overrides,
    _visits,
    _corrections,
    _listings,
    _recognitions,
)
