"""Applications: opened by the county, judged level by level, signed or returned, and never rewritten."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from survey_app import audit
from survey_app.assessments.applications.models import LEVELS, Application, ApplicationStep
from survey_app.assessments.applications.overriding import accepted_overrides, undecided
from survey_app.assessments.applications.places import current_level, runs_of, since, states_of
from survey_app.assessments.applications.sealing import ORIGIN, seal_of, step_facts
from survey_app.assessments.judgement.service import open_corrections, with_judgements
from survey_app.assessments.judging import scheme_now
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import make_run, with_recognition
from survey_app.canonical import canonical, digest
from survey_app.counties.models import CountyFile, Region
from survey_app.errors import ConflictError, JunhengError
from survey_app.surveys.models import Wave

#: What a run has to know of a judgement before it is signed.
_JUDGED = ("kind", "key", "value", "level", "note", "evidence")

#: Longest reason, in characters; the columns hold no more.
LONGEST_REASON = 2000


class UnfitReasonError(JunhengError):
    """A reason is missing."""

    code = "reason_missing"
    status = 422


def open_application(
    session: Session, *, county_code: str, year: int, scheme_id: str, by: str, now: datetime
) -> Application:
    """Let a county ask to be recognised in a year, under a scheme.

    Raises:
        ConflictError: the scheme is not installed, or an application for the year is under way or recognised.
    """
    if scheme_now(scheme_id) is None:
        raise ConflictError("application_scheme", scheme=scheme_id)
    session.execute(sa.select(Region.code).where(Region.code == county_code).with_for_update())
    others = session.scalars(
        sa.select(Application)
        .where(Application.county_code == county_code, Application.year == year)
        .order_by(Application.number)
        .options(selectinload(Application.steps))
    ).all()
    if {"under_way", "recognised"} & set(states_of(session, others).values()):
        raise ConflictError("application_under_way", year=year)
    application = Application(
        county_code=county_code,
        year=year,
        number=1 + max((other.number for other in others), default=0),
        scheme_id=scheme_id,
        opened_at=now,
        opened_by=by,
    )
    session.add(application)
    session.flush()
    _record(session, "application.opened", application, by=by, now=now, year=year, scheme=scheme_id)
    return application


def make_level_run(
    session: Session,
    application: Application,
    *,
    county_file: CountyFile,
    wave: Wave | None,
    level: str,
    by: str,
    now: datetime,
    supersedes: EvaluationRun | None = None,
) -> EvaluationRun:
    """Judge an application at a level: the county's figures, a survey, what people judged and set otherwise.

    It takes the place of the level's own newest run, unless *supersedes* names another one.

    Raises:
        ConflictError: the application is over or lies at another level; the file or the wave is another
            county's, or the wave is not released.
        RefusedInputError: the scheme does not know a key of the file.
    """
    hold(session, application, level=level)
    if county_file.county_code != application.county_code:
        raise ConflictError("file_of_another_county")
    document = with_recognition(session, county_file, application.scheme_id, wave)
    document, judgements = with_judgements(session, application, level=level, document=document)
    before = supersedes or next(iter(runs_of(session, application, level)), None)
    return make_run(
        session,
        county_file=county_file,
        scheme_id=application.scheme_id,
        wave=wave,
        level=level,
        by=by,
        now=now,
        application=application,
        document=document,
        judgements=judgements,
        overrides=accepted_overrides(session, application, level=level),
        supersedes=before,
    )


def run_to_sign(session: Session, application: Application, *, level: str) -> EvaluationRun:
    """The run that a level would sign now.

    Raises:
        ConflictError: there is none since the application came here, requests for correction are open, or an
            override or a judgement is not decided or not yet counted in.
    """
    found = runs_of(session, application, level)
    if not found or found[0].made_at < since(application):
        raise ConflictError("sign_without_run")
    if asked_back := open_corrections(session, application, level=level):
        raise ConflictError("sign_open_corrections", count=len(asked_back))
    if waiting := undecided(session, application, level=level):
        raise ConflictError("sign_undecided_overrides", count=len(waiting))
    if entered_since(session, application, found[0]):
        raise ConflictError("sign_overrides_not_in", run=found[0].number)
    if judged_since(session, application, found[0]):
        raise ConflictError("sign_judgements_not_in", run=found[0].number)
    return found[0]


def judged_since(session: Session, application: Application, run: EvaluationRun) -> bool:
    """Whether people judge otherwise now than the run knows: entered, took back or withdrew something."""
    _document, judgements = with_judgements(session, application, level=run.level, document={})
    kept, now = json.loads(run.judgements), json.loads(canonical(judgements))
    return [[each[name] for name in _JUDGED] for each in kept] != [
        [each[name] for name in _JUDGED] for each in now
    ]


def entered_since(session: Session, application: Application, run: EvaluationRun) -> bool:
    """Whether an override was accepted at the run's level that the run could not know."""
    accepted = accepted_overrides(session, application, level=run.level)
    return any(datetime.fromisoformat(each["decided_at"]) > run.made_at for each in accepted)


def sign(
    session: Session, application: Application, *, run_id: int, level: str, by: str, name: str, now: datetime
) -> ApplicationStep:
    """Sign a level's newest run and pass the application on; the nation's signature ends it.

    Args:
        session: where to write.
        application: what is signed.
        run_id: the run that the signer saw; another one that came in between is not signed unseen.
        level: the level that signs.
        by: who signs.
        name: as the person is called.
        now: when.

    Raises:
        ConflictError: the application is over or lies elsewhere, or its run cannot be signed; the code says
            why.
    """
    hold(session, application, level=level)
    run = run_to_sign(session, application, level=level)
    if run.id != run_id:
        raise ConflictError("sign_newer_run", run=run.number)
    if digest(run.input) != run.input_digest or digest(run.result) != run.result_digest:
        raise ConflictError("sign_altered_run", run=run.number)
    return _step(session, application, run, level=level, action="signed", by=by, name=name, now=now)


def return_(
    session: Session, application: Application, *, level: str, reason: str, by: str, name: str, now: datetime
) -> ApplicationStep:
    """Return an application to the level before, which makes a new run and signs again.

    Raises:
        ConflictError: the application is over or lies elsewhere, or at the first level.
        UnfitReasonError: no reason is given.
    """
    hold(session, application, level=level)
    if level == LEVELS[0]:
        raise ConflictError("return_from_first")
    if not reason.strip():
        raise UnfitReasonError
    own = runs_of(session, application, level)
    looked_at = own[0] if own and own[0].made_at >= since(application) else None
    if looked_at is None:
        looked_at = session.get_one(EvaluationRun, application.steps[-1].run_id)
    return _step(
        session,
        application,
        looked_at,
        level=level,
        action="returned",
        by=by,
        name=name,
        now=now,
        reason=reason.strip()[:LONGEST_REASON],
    )


def withdraw(session: Session, application: Application, *, reason: str, by: str, now: datetime) -> None:
    """Let the county withdraw its application before the nation signed.

    Raises:
        ConflictError: it is over.
        UnfitReasonError: no reason is given.
    """
    hold(session, application, level=None)
    if not reason.strip():
        raise UnfitReasonError
    application.withdrawn_at, application.withdrawn_by = now, by
    application.withdraw_reason = reason.strip()[:500]
    session.flush()
    _record(session, "application.withdrawn", application, by=by, now=now, reason=application.withdraw_reason)


def hold(session: Session, application: Application, *, level: str | None) -> None:
    """Hold the application until the end of the transaction; refuse whoever's turn it is not.

    Raises:
        ConflictError: it is over, or lies at another level than *level*.
    """
    session.refresh(application, with_for_update=True)
    session.expire(application, ["steps"])
    there = current_level(application)
    if there is None:
        raise ConflictError("application_over")
    if level is not None and level != there:
        raise ConflictError("application_not_here", there=there, own=level)


def _step(
    session: Session,
    application: Application,
    run: EvaluationRun,
    *,
    level: str,
    action: str,
    by: str,
    name: str,
    now: datetime,
    reason: str = "",
) -> ApplicationStep:
    before = application.steps[-1].seal if application.steps else ORIGIN
    step = ApplicationStep(
        application_id=application.id,
        number=len(application.steps) + 1,
        level=level,
        action=action,
        run_id=run.id,
        reason=reason,
        made_at=now,
        made_by=by,
        made_by_name=name,
    )
    step.seal = seal_of(step_facts(step, run), before)
    application.steps.append(step)
    session.flush()
    details = {
        "run": run.number,
        "level": level,
        "step": step.number,
        "seal": step.seal,
        "verdict": run.verdict,
    }
    _record(session, f"application.{action}", application, by=by, now=now, **details)
    return step


def _record(
    session: Session, action: str, application: Application, *, by: str, now: datetime, **details: object
) -> None:
    facts = {"application": application.id, **details}
    audit.record(session, action, by=by, now=now, region=application.county_code, details=facts)
