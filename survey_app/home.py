"""The first page after signing in, and what every page of the staff needs."""

from flask import Blueprint, Flask, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from survey_app import security
from survey_app.languages import remember
from survey_app.navigation import PATH, Place

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> Response | str:
    """Lead staff to the first place that is theirs and everybody else to the two doors."""
    if not current_user.is_authenticated:
        return render_template("home.html")
    first = next(iter(_places()), None)
    return redirect(url_for(first.endpoint if first else "accounts.own_password"))


def note(sentence: str) -> None:
    """Say *sentence* on the next page (it stays there until that page is left)."""
    flash(sentence)


def init_app(app: Flask) -> None:
    """Register the page and give every template its surroundings."""
    app.register_blueprint(bp)
    app.context_processor(_surroundings)
    app.after_request(_remember_language)


def _places() -> list[Place]:
    """The entries of the top bar that the signed-in user has."""
    return [
        place
        for place in PATH
        if security.regions_for(place.permission) or security.schools_for(place.permission)
    ]


def _surroundings() -> dict[str, object]:
    signed_in = current_user.is_authenticated
    return {
        "locale": "en" if str(get_locale()) == "en" else "zh_CN",
        "places": _places() if signed_in else [],
        "notes": get_flashed_messages,
        "csrf": _csrf_field,
    }


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _remember_language(response: Response) -> Response:
    remember(response, request.args.get("lang"))
    return response
