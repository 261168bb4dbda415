"""Whether the steps of an application in the database are as they were sealed."""

import json

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.assessments.applications.models import Application, ApplicationStep
from survey_app.assessments.applications.sealing import Broken, first_broken, step_facts
from survey_app.assessments.models import EvaluationRun
from survey_app.audit import AuditEntry
from survey_app.canonical import digest

_DEEDS = ("application.signed", "application.returned")


def broken_step(session: Session, application: Application) -> Broken | None:
    """The first step of an application that is missing or altered, or whose run is.

    The chain of seals cannot tell of its last steps that they are gone; the audit trail does.
    """
    steps = application.steps
    runs = _runs(session, steps)
    sealed = []
    for step in steps:
        run = runs.get(step.run_id)
        if run is None or not _is_whole(run, step, application):
            return Broken(number=step.number, rule="run")
        sealed.append({**step_facts(step, run), "seal": step.seal})
    return first_broken(sealed) or _first_untold(session, application)


def judgements_whole(session: Session, run: EvaluationRun) -> bool | None:
    """Whether a run's judgements are those it was made with; None where it was made for no application."""
    rows = session.scalars(
        sa.select(AuditEntry.details).where(
            AuditEntry.region_code == run.county_code, AuditEntry.action == "run.made"
        )
    )
    told = next((each for each in map(json.loads, rows) if each.get("run") == run.number), {})
    return None if "judgements_digest" not in told else told["judgements_digest"] == digest(run.judgements)


def _runs(session: Session, steps: list[ApplicationStep]) -> dict[int, EvaluationRun]:
    cited = {step.run_id for step in steps}
    return {
        run.id: run for run in session.scalars(sa.select(EvaluationRun).where(EvaluationRun.id.in_(cited)))
    }


def _is_whole(run: EvaluationRun, step: ApplicationStep, application: Application) -> bool:
    """Whether a run is what its digests say, and of the application and level that signed it."""
    return (
        digest(run.input) == run.input_digest
        and digest(run.result) == run.result_digest
        and (run.application_id, run.county_code) == (application.id, application.county_code)
        and (step.action != "signed" or run.level == step.level)
    )


def _first_untold(session: Session, application: Application) -> Broken | None:
    """The first step whose seal is not the one in the audit trail, or that the trail alone knows."""
    rows = session.scalars(
        sa.select(AuditEntry.details).where(
            AuditEntry.region_code == application.county_code, AuditEntry.action.in_(_DEEDS)
        )
    )
    told = {
        details["step"]: details["seal"]
        for details in map(json.loads, rows)
        if details["application"] == application.id
    }
    seals = {step.number: step.seal for step in application.steps}
    for number in sorted({*told, *seals}):
        if told.get(number) != seals.get(number):
            return Broken(number=number, rule="trail")
    return None
