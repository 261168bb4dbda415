"""Whose turn it is: judgements are entered at the level where the application lies, by that level alone."""

from sqlalchemy.orm import Session

from survey_app.assessments.applications.models import Application
from survey_app.assessments.applications.places import current_level
from survey_app.errors import ConflictError


def take_turn(session: Session, application: Application, *, level: str) -> None:
    """Hold the application until the end of the transaction; refuse whoever's turn it is not.

    Nobody can sign or return it meanwhile.

    Raises:
        ConflictError: the application is over, or lies at another level than *level*.
    """
    there = hold(session, application)
    if there != level:
        raise ConflictError("application_elsewhere", there=there, own=level)


def hold(session: Session, application: Application) -> str:
    """Hold the application until the end of the transaction; give the level where it lies.

    Raises:
        ConflictError: it is finished or withdrawn.
    """
    session.refresh(application, with_for_update=True)
    there = current_level(application)
    if there is None:
        raise ConflictError("application_over")
    return there
