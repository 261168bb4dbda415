"""Where an application lies, who acts on it at which level, and the runs made for it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.assessments import runs
from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.models import EvaluationRun
from survey_app.counties.models import CountyFile
from survey_app.errors import ConflictError, NotFoundError
from survey_app.security import Held
from survey_app.surveys.models import Wave


def get_application(session: Session, application_id: int) -> Application:
    """Give the application with this number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Application, application_id)
    if found is None:
        raise NotFoundError
    return found


def current_level(application: Application) -> str | None:
    """The level where an application lies: above the last signature, below the last return.

    None once it is withdrawn, or the highest level has signed.
    """
    if application.withdrawn_at is not None:
        return None
    if not application.steps:
        return LEVELS[0]
    last = application.steps[-1]
    place = LEVELS.index(last.level) + (1 if last.action == "signed" else -1)
    return LEVELS[max(place, 0)] if place < len(LEVELS) else None


def acting_level(held: Iterable[Held], application: Application) -> str:
    """The level at which somebody holding *held* acts on an application."""
    return runs.level_for(held, application.county_code)


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
    """Judge a county file for an application, with the judgements that hold at *level* in it.

    Args:
        session: where the run is stored; the caller commits.
        application: what it is made for; its scheme judges.
        county_file: the figures.
        wave: the survey whose released figures are taken, if any.
        level: whose run it is.
        by: login of who makes it.
        now: the present instant.
        supersedes: the run of the same application whose place it takes.

    Raises:
        ConflictError: the file, the wave or the superseded run belongs to something else.
        RefusedInputError: the scheme does not know a key of the file.
    """
    if county_file.county_code != application.county_code:
        raise ConflictError
    if supersedes is not None and supersedes.application_id != application.id:
        raise ConflictError
    return runs.make_run(
        session,
        county_file=county_file,
        scheme_id=application.scheme_id,
        wave=wave,
        level=level,
        application=application,
        supersedes=supersedes,
        by=by,
        now=now,
    )
