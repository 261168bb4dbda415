"""What the pages of an application start from: the application, and whose turn it is."""

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app.assessments.applications import places, service
from survey_app.assessments.applications.models import Application
from survey_app.db import db
from survey_app.security import authorise

Page = str | Response | tuple[str, int]


def application_of(application_id: int, permission: str = "run.view") -> Application:
    """The application, if it is of the reader's counties; another one looks like none at all."""
    application = places.get_application(db.session, application_id)
    authorise(permission, application.county_code)
    return application


def turn_at(application_id: int, permission: str) -> tuple[Application, str]:
    """The application where it is the reader's turn, held until the end of the request, and the level.

    Raises:
        ConflictError: it is over, or lies at another level.
    """
    application = application_of(application_id, permission)
    level = places.acting_level(current_user.held, application)
    service.hold(db.session, application, level=level)
    return application, level


def back_to(application: Application) -> Response:
    """Lead to the application's page."""
    return redirect(url_for("applications.show", application_id=application.id), 303)
