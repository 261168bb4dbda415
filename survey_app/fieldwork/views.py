"""Pages of the room."""

from flask import Blueprint

from survey_app.security import require_login

bp = Blueprint("fieldwork", __name__, url_prefix="/fieldwork")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """Show the room."""
    return ""
