"""Pages of the room."""

from flask import Blueprint

from survey_app.security import require_login

bp = Blueprint("counties", __name__, url_prefix="/counties")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """Show the room."""
    return ""
