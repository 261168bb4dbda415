"""Signing in and out."""

from flask import Blueprint, Flask

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.get("/sign-in")
def sign_in() -> str:
    """Sign in."""
    return ""


@bp.post("/sign-out")
def sign_out() -> str:
    """Sign out."""
    return ""


def init_app(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(bp)
