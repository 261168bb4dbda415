"""The room as the application registers it: operations, their description, the pages of tokens."""

from flask import Flask

from survey_app.api import county_views, judging_views, run_views, supervision_views, token_views, wave_views
from survey_app.api.description import description
from survey_app.api.operations import bp
from survey_app.api.problems import problem_of
from survey_app.errors import answer_otherwise
from survey_app.security import csrf

#: Modules that add their operations to the blueprint.
OPERATIONS = (county_views, judging_views, wave_views, run_views, supervision_views)


def init_app(app: Flask) -> None:
    """Register the room. No cookie is looked at below its address, so none can be used to forge a request."""
    csrf.exempt(bp)
    app.json.ensure_ascii = False  # ty: ignore[missing-attribute]  names stay readable
    app.register_blueprint(bp)
    app.register_blueprint(description)
    app.register_blueprint(token_views.bp)
    answer_otherwise(app, "/api/", problem_of)
