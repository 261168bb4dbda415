"""Refusals as programs read them: application/problem+json (RFC 9457) with our codes and sentences."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import Response, g, request

from survey_app.errors import RETRY_SECONDS, JunhengError, note_failure, status_of
from survey_app.messages import sentence

MEDIA_TYPE = "application/problem+json"

#: What Accept-Language may ask for -> the interface's language.
_LANGUAGES = {"zh": "zh_CN", "zh-cn": "zh_CN", "en": "en"}


class UnauthenticatedError(JunhengError):
    """No token, or none that is good: which of the two, nobody learns."""

    code = "token_refused"
    status = 401


class NotAcceptableError(JunhengError):
    """The program wants something other than JSON."""

    code = "api_json_only"
    status = 406


class UnsupportedBodyError(JunhengError):
    """The body is not said to be JSON."""

    code = "api_json_body"
    status = 415


class MalformedBodyError(JunhengError):
    """The body is no JSON text."""

    code = "api_malformed"
    status = 400


def choose_language() -> None:
    """Take the language of the answer from Accept-Language, the first of ours that it names."""
    wanted = request.accept_languages.best_match(_LANGUAGES, "zh")
    g.language = _LANGUAGES[wanted or "zh"]


def language() -> str:
    """Zh or en, as the request asks."""
    if "language" not in g:
        choose_language()
    return "en" if g.language == "en" else "zh"


def problem_of(error: Exception) -> Response:
    """The answer for anything that was refused or that failed; nothing of its inside is told."""
    status, code = status_of(error)
    if status in {500, 503}:
        note_failure(error)
    facts = error.facts if isinstance(error, JunhengError) else {}
    response = _problem(status, code, sentence(code, lang=language(), **facts), getattr(error, "faults", ()))
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _problem(status: int, code: str, said: str, faults: Iterable[Any]) -> Response:
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": said,
    }
    found = [fault.document(language()) for fault in faults]
    if found:
        document["faults"] = found
    text = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Response(text, status, content_type=MEDIA_TYPE)
