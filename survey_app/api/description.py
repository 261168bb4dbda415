"""The OpenAPI description of the room, made once of what the operations say about themselves."""

import json
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import marshmallow as ma
from flask import Blueprint, Flask, Response, current_app
from flask_smorest import Api

from survey_app.api.operations import PREFIX, bp, document
from survey_app.api.problems import MEDIA_TYPE, choose_language
from survey_app.api.scopes import SCOPES

description = Blueprint("api_description", __name__, url_prefix=PREFIX)

_HERE = Path(__file__).parent

#: Keys that the documents which are given as they are stored have in any case.
_DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Verdict": (
        "The verdict's document, as `junheng evaluate --json` prints it, with the scheme's words.",
        {
            "scheme": {"type": "object"},
            "county": {"type": "object"},
            "verdict": {"enum": ["met", "not_met", "undetermined"]},
            "reasons": {"type": "array", "items": {"type": "string"}},
            "sections": {"type": "object"},
            "findings": {"type": "array", "items": {"type": "object"}},
            "difference": {"type": "object"},
            "consistency": {"type": "array"},
        },
    ),
    "Plan": (
        "The sample plan, as `junheng plan --json` prints it.",
        {
            "sample_size": {"type": "integer"},
            "steps": {"type": "array", "items": {"type": "object"}},
            "notes": {"type": "array", "items": {"type": "object"}},
            "quotas": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    ),
    "Scheme": (
        "A scheme item by item, as `junheng schemes ID --json` prints it.",
        {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "document": {"type": "string"},
            "digest": {"type": "string"},
            "items": {"type": "array", "items": {"type": "object"}},
        },
    ),
    "Progress": (
        "The counts of a survey in the field.",
        {
            "at": {"type": "string", "format": "date-time"},
            "total": {"type": "object"},
            "groups": {"type": "array", "items": {"type": "object"}},
            "schools": {"type": "array", "items": {"type": "object"}},
            "alerts": {"type": "array", "items": {"type": "object"}},
        },
    ),
    "Rates": (
        "One table of published rates: shares from 0 to 1, null where withheld.",
        {
            "wave": {},
            "scheme": {},
            "rules": {"type": "string"},
            "table": {"type": "string"},
            "title": {"type": "string"},
            "rows": {"type": "array", "items": {"type": "object"}},
        },
    ),
}


class FaultSchema(ma.Schema):
    """One thing wrong with what was sent."""

    where = ma.fields.String(required=True)
    value = ma.fields.String(required=True)
    rule = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class ProblemSchema(ma.Schema):
    """Why a request was refused (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    detail = ma.fields.String(required=True)
    faults = ma.fields.List(ma.fields.Nested(FaultSchema))


class Description(Api):
    """The description alone: the application's errors and addresses are none of its business."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    spec: Any

    def __init__(self, app: Flask):
        super().__init__()
        self._app, self.config = app, {}
        self._init_spec(title="均衡 Junheng", version="1", openapi_version="3.1.0")

    def _register_doc_blueprint(self) -> None:
        pass

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        schema = {"$ref": "#/components/schemas/Problem"}
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["content"] = {MEDIA_TYPE: {"schema": schema}}
            self.spec.components.response(status.name, response, lazy=True)


@description.get("/openapi.json")
def openapi() -> Response:
    """The description of every operation; open to everybody."""
    choose_language()
    return document(_text())


@cache
def _text() -> str:
    return json.dumps(describe(current_app), ensure_ascii=False)


def describe(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the operations that are registered with *app*."""
    described = Description(app)
    components = described.spec.components
    components.schema("Problem", schema=ProblemSchema)
    for name, (words, properties) in _DOCUMENTS.items():
        properties = {"description": words, "properties": properties, "required": list(properties)}
        components.schema(name, {"type": "object", **properties})
    for name, schema in _county_file().items():
        components.schema(name, schema)
    token = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "jh_…",
        "description": "Scopes: " + ", ".join(SCOPES),
    }
    components.security_scheme("token", token)
    bp.register_views_in_doc(described, app, described.spec, name=bp.name, parameters=None)
    return described.spec.to_dict()


def _county_file() -> dict[str, dict[str, Any]]:
    """The schema of county files, its parts as components of their own."""
    text = (_HERE / "county.schema.json").read_text("utf-8")
    schema = json.loads(text.replace("#/$defs/", "#/components/schemas/county."))
    parts = schema.pop("$defs")
    del schema["$schema"]
    return {"CountyFile": schema} | {f"county.{name}": part for name, part in parts.items()}
