"""Who comes in: the token of a request, and nothing else; cookies are not looked at."""

from flask import current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from survey_app import clock
from survey_app.accounts.signed_in import Nobody
from survey_app.api import tokens
from survey_app.api.problems import (
    NotAcceptableError,
    UnauthenticatedError,
    UnsupportedBodyError,
    choose_language,
)
from survey_app.api.scopes import SCOPES
from survey_app.config import settings_of
from survey_app.counties.uploads import LARGEST
from survey_app.db import db, perform_alone
from survey_app.errors import ForbiddenError
from survey_app.security import regions_for

#: A body is no larger than a county file may be.
MOST_BYTES = LARGEST[".json"]

_JSON = ("application/json", "application/problem+json")


def require_token() -> None:
    """Let the owner of a good token in (a ``before_request`` of the room).

    Raises:
        UnauthenticatedError: there is no token, or none that is good.
        NotAcceptableError: the program wants no JSON.
        UnsupportedBodyError: the body is something else.
    """
    choose_language()
    request.max_content_length = MOST_BYTES
    g._login_user = Nobody()  # noqa: SLF001  where Flask-Login looks before it looks at cookies
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer":
        key, now = settings_of(current_app).session_key, clock.now()
        found = tokens.find_holder(db.session, secret.strip(), key=key, now=now)
    # A request that computes for long, or notes the day, must not hold the lock of a writer.
    db.session.rollback()
    if found is None:
        raise UnauthenticatedError
    holder, unnoted = found
    g._login_user = holder  # noqa: SLF001
    if unnoted:
        _note_use(unnoted)
    if request.accept_mimetypes and not request.accept_mimetypes.best_match(_JSON):
        raise NotAcceptableError
    if request.method == "POST" and request.mimetype != "application/json":
        raise UnsupportedBodyError


def require_scope(scope: str) -> None:
    """Refuse whose token was not made for *scope*, or whose owner lacks its permission everywhere.

    Raises:
        ForbiddenError: so it is; the same whatever is asked for.
    """
    if scope not in current_user.scopes:
        raise ForbiddenError("token_scope_missing", scope=scope)
    if not regions_for(SCOPES[scope]):
        raise ForbiddenError


def _note_use(token_id: int) -> None:
    """Note the day; while the database is busy the next request does it."""
    try:
        perform_alone(db.session, tokens.used(token_id, now=clock.now()))
    except OperationalError:
        current_app.logger.warning("use of token %d not noted", token_id)
