"""The public pages."""

from flask import Blueprint, Flask

bp = Blueprint("respond", __name__)


@bp.get("/code")
def type_code() -> str:
    """Type a code."""
    return ""


def init_app(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(bp)
