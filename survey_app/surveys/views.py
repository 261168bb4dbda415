"""Pages of the room."""

from flask import Blueprint

from survey_app.security import require_login

bp = Blueprint("surveys", __name__, url_prefix="/surveys")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """Show the room."""
    return ""
