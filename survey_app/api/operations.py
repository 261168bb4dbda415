"""The room's blueprint, and what every operation of it has in common."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from survey_app.api.bodies import PARSER
from survey_app.api.door import require_scope, require_token
from survey_app.api.problems import language
from survey_app.canonical import digest

PREFIX = "/api/v1"

bp = Blueprint("api", __name__, url_prefix=PREFIX)
bp.before_request(require_token)
bp.ARGUMENTS_PARSER = PARSER

#: How every operation may refuse.
_ALWAYS = (400, 401, 403, 406, 503)


def needs(scope: str | None, *statuses: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only tokens with *scope* in (None: any token); it may refuse with *statuses* besides."""

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            if scope is not None:
                require_scope(scope)
            return view(*arguments, **named)

        guarded.scope = scope  # ty: ignore[missing-attribute]
        security = [{"token": [scope] if scope else []}]
        documented = bp.doc(operationId=guarded.__name__, security=security)(guarded)
        for status in (*_ALWAYS, *statuses):
            documented = bp.alt_response(status, HTTPStatus(status).name)(documented)
        return documented

    return decorator


def with_body(schema: str, description: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe a body that the operation reads by itself, by the name of its schema."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return bp.doc(requestBody={"required": True, "description": description, "content": content})


def document(content: Any, status: int = 200, *, location: str = "") -> Response:
    """A document as it is (text) or as JSON, with its digest as ETag; 304 where the program has it."""
    text = content if isinstance(content, str) else written(content)
    response = Response(text.encode("utf-8"), status, content_type="application/json")
    if status == 200 and request.method in {"GET", "HEAD"}:
        etag = digest(text)
        response.set_etag(etag)
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Authorization, Accept-Language"
        if request.if_none_match.contains_weak(etag):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Type"]
    if location:
        response.headers["Location"] = location
    response.headers["Content-Language"] = "en" if language() == "en" else "zh-CN"
    return response


def written(content: Any) -> str:
    """*content* as JSON text; exact numbers as the command line prints them."""
    return json.dumps(content, ensure_ascii=False, default=_number)


def page_of(rows: Sequence[Any], asked: dict[str, int]) -> dict[str, Any]:
    """The rows of the page that was asked for, and which page follows."""
    page, limit = asked["page"], asked["limit"]
    first = (page - 1) * limit
    return {
        "items": rows[first : first + limit],
        "page": page,
        "next_page": page + 1 if len(rows) > first + limit else None,
    }


def _number(value: Any) -> float:
    if isinstance(value, Fraction | Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} in a document")
