"""What the application refuses, as values with facts; and how a refusal becomes a page."""

import errno
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from flask import Flask, Response, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError  # noqa: A004  the pool's
from werkzeug.exceptions import HTTPException

from survey_app.languages import chosen
from survey_app.messages import sentence

log = structlog.get_logger()

#: After how many seconds a request may be sent again while the database is away.
RETRY_SECONDS = "3"

#: Statuses of the framework that have a sentence of their own.
_WITH_WORDS = {400, 403, 404, 405, 413, 429}


class JunhengError(Exception):
    """Base of everything the application refuses; *facts* fill the sentence of `messages`."""

    code = "refused"
    status = 400

    def __init__(self, code: str | None = None, **facts: Any):
        self.code = code or self.code
        self.facts = facts
        super().__init__(f"{self.code} {facts}" if facts else self.code)


class NotFoundError(JunhengError):
    """No such thing, or not one the reader may know of: both look the same."""

    code = "not_found"
    status = 404


class ForbiddenError(JunhengError):
    """The reader may see the thing but not do this to it."""

    code = "forbidden"
    status = 403


class ConflictError(JunhengError):
    """The thing is not in the state this needs."""

    code = "conflict"
    status = 409


class GoneError(JunhengError):
    """The thing was there and is over."""

    code = "gone"
    status = 410


class RefusedInputError(JunhengError):
    """Input with faults; nothing of it was stored. *faults* are values with where, value, rule."""

    code = "refused_input"
    status = 422

    def __init__(self, faults: Sequence[Any], code: str | None = None, **facts: Any):
        super().__init__(code, count=len(faults), **facts)
        self.faults = list(faults)


def init_app(app: Flask) -> None:
    """Answer every error with a page in the reader's language and no traceback."""
    for kinds, page in (
        ((JunhengError,), _refused),
        ((CSRFError,), _expired_form),
        ((HTTPException,), _http_error),
        ((DataError,), _unfit_value),
        ((OperationalError, InterfaceError, TimeoutError), _database_busy),
        ((OSError,), _no_room),
        ((Exception,), _unexpected),
    ):
        for kind in kinds:
            app.register_error_handler(kind, _said_by(app, page))


def answer_otherwise(app: Flask, prefix: str, answer: Callable[[Exception], Any]) -> None:
    """Have *answer* speak of the errors of all addresses below *prefix*, also of those that do not exist."""
    app.extensions.setdefault("junheng-answers", {})[prefix] = answer


def status_of(error: Exception) -> tuple[int, str]:
    """With which status an error is answered, and the code of its sentence."""
    if isinstance(error, JunhengError):
        return error.status, error.code
    if isinstance(error, HTTPException):
        status = error.code or 500
        return status, f"http_{status}" if status in _WITH_WORDS else "http_other"
    if isinstance(error, DataError):
        return 400, "http_400"
    if isinstance(error, OperationalError | InterfaceError | TimeoutError) or _is_full(error):
        return 503, "unavailable"
    return 500, "unexpected"


def note_failure(error: Exception) -> None:
    """Write what is our fault, and not the sender's, into the log."""
    log.error("request failed", method=request.method, endpoint=request.endpoint, exc_info=error)


def _said_by(app: Flask, page: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def say(error: Exception) -> Any:
        answers = app.extensions.get("junheng-answers", {})
        other = next((each for prefix, each in answers.items() if request.path.startswith(prefix)), page)
        return other(error)

    return say


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _refused(error: JunhengError) -> tuple[str, int]:
    faults = getattr(error, "faults", [])
    page = render_template(
        "errors/refused.html", status=error.status, said=sentence(error.code, **error.facts), faults=faults
    )
    return page, error.status


def _expired_form(_error: CSRFError) -> tuple[str, int]:
    return render_template("errors/refused.html", status=400, said=sentence("form_expired"), faults=[]), 400


def _http_error(error: HTTPException) -> Response | tuple[str, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    code = status_of(error)[1]
    return render_template("errors/refused.html", status=status, said=sentence(code), faults=[]), status


def _unfit_value(error: DataError) -> tuple[str, int]:
    """Refuse what no column can hold: a NUL character, a number beyond all bounds."""
    log.warning("value no column holds", endpoint=request.endpoint, error=type(error.orig).__name__)
    return render_template("errors/refused.html", status=400, said=sentence("http_400"), faults=[]), 400


def _no_room(error: OSError) -> tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Ask to come back where a disk is full or its quota used up; nothing was stored."""
    if not _is_full(error):
        return _unexpected(error)
    log.error("disk full", method=request.method, endpoint=request.endpoint, exc_info=error)
    return _failure_page(503), 503, {"Retry-After": RETRY_SECONDS}


def _database_busy(
    error: OperationalError | InterfaceError | TimeoutError,
) -> tuple[str, int, dict[str, str]]:
    """Ask to come back: the database is locked, full, stopped or starting; nothing was stored."""
    log.error("database unavailable", method=request.method, endpoint=request.endpoint, exc_info=error)
    return _failure_page(503), 503, {"Retry-After": RETRY_SECONDS}


def _unexpected(error: Exception) -> tuple[str, int]:
    log.error("unexpected error", method=request.method, endpoint=request.endpoint, exc_info=error)
    return _failure_page(500), 500


def _failure_page(status: int) -> str:
    """A phone is told that its answers are still there, as by the door; everybody else what was not done."""
    try:
        if status != 503:
            return render_template(
                "errors/refused.html", status=status, said=sentence("unexpected"), faults=[]
            )
        if request.blueprint == "respond":
            return render_template("respond/busy.html", locale=chosen())
        return _page_for_anybody(status, sentence("unavailable"))
    except Exception:  # noqa: BLE001  a page that cannot be drawn must still answer
        return sentence("unexpected")


def _page_for_anybody(status: int, said: str) -> str:
    """A page that does not ask the database who reads it: that would only fail again, after another wait."""
    page = current_app.jinja_env.get_template("errors/failed.html")
    return page.render(status=status, said=said, faults=[], locale=chosen(), notes=tuple)
