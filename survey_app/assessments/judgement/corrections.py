"""Requests for correction (补正): a level asks by a day, the county answers, the level decides.

A corrected figure is a new county file and a new run that takes the place of the one that was asked
about; the old ones stay as they are.
"""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.assessments.applications.models import Application
from survey_app.assessments.applications.service import make_level_run
from survey_app.assessments.judgement.models import Correction
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.judgement.turn import hold, take_turn
from survey_app.assessments.models import EvaluationRun
from survey_app.clock import BEIJING
from survey_app.counties import service as counties
from survey_app.counties.models import CountyFile
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.surveys.models import Wave


class UnfitCorrectionError(JunhengError):
    """A request or an answer that cannot stand; the code says why."""

    code = "correction_answer"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a request stands on a day."""

    correction: Correction
    #: waiting, overdue, answered, accepted, refused or withdrawn.
    state: str


def ask(
    session: Session,
    application: Application,
    *,
    level: str,
    about: About,
    text: str,
    due_on: date,
    by: str,
    now: datetime,
) -> Correction:
    """Ask the county to correct something, or to say why not, by a day (the whole day, Beijing time).

    Raises:
        ConflictError: the application is over, or lies at another level; no run of it was named.
        UnfitCorrectionError: the day is over already, or nothing is asked.
    """
    take_turn(session, application, level=level)
    if about.run_id not in [run.id for run in runs_of(session, application)]:
        raise ConflictError("correction_without_run")
    if due_on < today(now):
        raise UnfitCorrectionError("correction_day_over")
    if not text.strip():
        raise UnfitCorrectionError("correction_text")
    last = session.scalar(
        sa.select(sa.func.max(Correction.number)).where(Correction.application_id == application.id)
    )
    correction = Correction(
        application_id=application.id,
        number=(last or 0) + 1,
        level=level,
        run_id=about.run_id,
        finding=about.finding,
        school_code=about.school_code,
        stage=about.stage,
        text=text.strip(),
        due_on=due_on,
        made_at=now,
        made_by=by,
    )
    session.add(correction)
    session.flush()
    _record(session, "correction.asked", application, correction, by=by, now=now, due_on=due_on.isoformat())
    return correction


def answer(
    session: Session,
    application: Application,
    correction: Correction,
    *,
    text: str,
    county_file: CountyFile | None,
    by: str,
    now: datetime,
) -> EvaluationRun | None:
    """Let the county answer: with a reason, or with a newer file, of which a new run is made at once.

    The run is made at the level that asked and supersedes the newest run that came of the one asked about.

    Returns:
        The corrected run; None where only a reason was given.

    Raises:
        ConflictError: it was answered or decided before, or the application is over.
        UnfitCorrectionError: neither reason nor file; a file that is not newer than the one judged; or a file
            while the application lies at another level than the one that asked.
    """
    there = hold(session, application)
    session.refresh(correction, with_for_update=True)
    if correction.answered_at is not None or correction.decided_at is not None:
        raise ConflictError("correction_answered")
    if county_file is None and not text.strip():
        raise UnfitCorrectionError
    if county_file is not None:
        if there != correction.level:
            raise UnfitCorrectionError("correction_elsewhere")
        correction.county_file_id = county_file.id
        run = _corrected_run(session, application, correction, county_file, by=by, now=now)
        correction.corrected_run_id = run.id
    correction.answer, correction.answered_at, correction.answered_by = text.strip(), now, by
    session.flush()
    run_id = correction.corrected_run_id
    _record(session, "correction.answered", application, correction, by=by, now=now, run=run_id)
    return None if run_id is None else session.get_one(EvaluationRun, run_id)


def decide(
    session: Session,
    application: Application,
    correction: Correction,
    *,
    level: str,
    accepted: bool,
    by: str,
    now: datetime,
) -> None:
    """Let the level that asked accept an answer or not; without an answer, refusing takes the request back.

    Raises:
        ConflictError: another level asked.
        ConflictError: it was decided before, there is nothing to accept, or the application is over.
    """
    if correction.level != level:
        raise ConflictError("of_another_level")
    hold(session, application)
    session.refresh(correction, with_for_update=True)
    if correction.decided_at is not None:
        raise ConflictError("correction_decided")
    if accepted and correction.answered_at is None:
        raise ConflictError("correction_unanswered")
    correction.accepted, correction.decided_at, correction.decided_by = accepted, now, by
    session.flush()
    state = state_of(correction, on=today(now))
    _record(session, "correction.decided", application, correction, by=by, now=now, state=state)


def corrections_of(session: Session, application: Application, *, on: date) -> list[Standing]:
    """Every request with its state on a day: the open ones by deadline, then the others, newest first."""
    found = [
        Standing(correction=each, state=state_of(each, on=on))
        for each in session.scalars(sa.select(Correction).where(Correction.application_id == application.id))
    ]
    open_ = [each for each in found if each.correction.decided_at is None]
    closed = [each for each in found if each.correction.decided_at is not None]
    return [
        *sorted(open_, key=lambda each: (each.correction.due_on, each.correction.number)),
        *sorted(closed, key=lambda each: -each.correction.number),
    ]


def state_of(correction: Correction, *, on: date) -> str:
    """Where a request stands on the day *on* (Beijing): a deadline holds until its day is over."""
    if correction.decided_at is not None:
        if correction.answered_at is None:
            return "withdrawn"
        return "accepted" if correction.accepted else "refused"
    if correction.answered_at is not None:
        return "answered"
    return "overdue" if correction.due_on < on else "waiting"


def correction_of(session: Session, application: Application, number: int) -> Correction:
    """The request of this application with this number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalar(
        sa.select(Correction).where(Correction.application_id == application.id, Correction.number == number)
    )
    if found is None:
        raise NotFoundError
    return found


def newer_files(session: Session, application: Application, correction: Correction) -> list[CountyFile]:
    """The county's files that came in after the one that was judged, the newest first."""
    judged = session.get_one(EvaluationRun, correction.run_id).county_file_id
    files = counties.files_of(session, [application.county_code])
    return sorted((each for each in files if each.id > judged), key=lambda each: -each.id)


def runs_of(session: Session, application: Application) -> list[EvaluationRun]:
    """The runs made for an application, the newest first."""
    return list(
        session.scalars(
            sa.select(EvaluationRun)
            .where(EvaluationRun.application_id == application.id)
            .order_by(EvaluationRun.number.desc())
        )
    )


def today(now: datetime) -> date:
    """The day it is in Beijing."""
    return now.astimezone(BEIJING).date()


def _corrected_run(
    session: Session,
    application: Application,
    correction: Correction,
    county_file: CountyFile,
    *,
    by: str,
    now: datetime,
) -> EvaluationRun:
    """The run of the corrected file; two requests that one file answers share it."""
    if county_file.id not in [each.id for each in newer_files(session, application, correction)]:
        raise UnfitCorrectionError("correction_file_not_newer")
    latest = _successor(session, application, session.get_one(EvaluationRun, correction.run_id))
    if latest.county_file_id == county_file.id:
        return latest
    return make_level_run(
        session,
        application,
        county_file=county_file,
        wave=session.get(Wave, latest.wave_id) if latest.wave_id else None,
        level=correction.level,
        by=by,
        now=now,
        supersedes=latest,
    )


def _successor(session: Session, application: Application, run: EvaluationRun) -> EvaluationRun:
    """The newest run that took the place of *run*, be it by way of others; *run* itself where none did."""
    after = {each.supersedes_id: each for each in reversed(runs_of(session, application))}
    while run.id in after:
        run = after[run.id]
    return run


def _record(
    session: Session,
    action: str,
    application: Application,
    correction: Correction,
    *,
    by: str,
    now: datetime,
    **more: object,
) -> None:
    details = {"application": application.id, "correction": correction.number, "level": correction.level}
    audit.record(session, action, by=by, now=now, region=application.county_code, details={**details, **more})
