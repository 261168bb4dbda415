"""What people did about a run: the application's path with its seals, judgements, requests for correction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from survey_app.assessments.applications import places
from survey_app.assessments.applications.models import ApplicationStep
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.corrections import Standing, corrections_of
from survey_app.assessments.judgement.service import VISITS
from survey_app.assessments.judgement.words import title_of
from survey_app.assessments.judging import scheme_now
from survey_app.assessments.models import EvaluationRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The path of the application that a run was made for."""

    year: int
    number: int
    steps: tuple[ApplicationStep, ...]
    #: Run id → the run's number within the county.
    numbers: Mapping[int, int]
    corrections: tuple[Standing, ...]
    #: The signature of this very run; None where nobody signed it.
    signed: ApplicationStep | None


def passage_of(session: Session, run: EvaluationRun, *, on: date) -> Passage | None:
    """Give the path of a run's application as it stands; None for a run that was made for none.

    Args:
        session: where to read.
        run: the run.
        on: the day it is in Beijing, for deadlines that are over.
    """
    application = run.application
    if application is None:
        return None
    return Passage(
        year=application.year,
        number=application.number,
        steps=tuple(application.steps),
        numbers={each.id: each.number for each in places.runs_of(session, application)},
        corrections=tuple(corrections_of(session, application, on=on)),
        signed=next(
            (
                step
                for step in reversed(application.steps)
                if step.run_id == run.id and step.action == "signed"
            ),
            None,
        ),
    )


def judged_by_people(run: EvaluationRun) -> tuple[Mapping[str, Any], ...]:
    """The judgements that stand in a run, with the title of what was judged; visits are told elsewhere."""
    asked = asked_by(run.scheme_id) if scheme_now(run.scheme_id) else {}
    return tuple(
        {
            **each,
            "title": title_of(asked[each["kind"], each["key"]])
            if (each["kind"], each["key"]) in asked
            else each["key"],
        }
        for each in json.loads(run.judgements)
        if each["kind"] != VISITS
    )
