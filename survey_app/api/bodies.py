"""What a program sends: JSON read without losing a digit, and every fault named before anything is done."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from marshmallow import validate
from webargs.flaskparser import FlaskParser

from survey_app.api.problems import MalformedBodyError
from survey_app.counties.workbook.faults import shown
from survey_app.errors import RefusedInputError
from survey_app.lines import is_line
from survey_app.messages import sentence

#: Numbers of a request that count or name something.
LARGEST = 10**12

#: Longest number of them, in digits.
_LONGEST = 13

_DIGITS = re.compile("[0-9]{1,13}", re.ASCII)

#: What marshmallow calls a broken rule -> what we call it.
_RULES = {
    "required": "required",
    "null": "null",
    "unknown": "unknown_key",
    "range": "range",
    "choice": "choice",
    "characters": "characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFault:
    """One thing wrong with a request."""

    where: str
    value: str
    rule: str

    def document(self, lang: str) -> dict[str, str]:
        """The fault as it is answered."""
        said = sentence(f"api_{self.rule}", lang=lang, where=self.where, value=self.value)
        return {"where": self.where, "value": self.value, "rule": self.rule, "message": said}


class Strict(ma.Schema):
    """A request in which every key is known; its messages are the names of rules."""

    class Meta(ma.Schema.Meta):
        """Unknown keys are refused."""

        unknown = ma.RAISE

    error_messages = {"unknown": "unknown", "type": "type"}  # noqa: RUF012  read by marshmallow


class Whole(ma.fields.Integer):
    """A whole number between bounds: 3, in a body also 3.0, in an address three; never true or 1e9999."""

    default_error_messages = {  # noqa: RUF012  read by marshmallow
        "invalid": "type",
        "required": "required",
        "null": "null",
        "too_large": "range",
    }

    def __init__(self, least: int, most: int = LARGEST, **given: Any):
        super().__init__(validate=validate.Range(least, most, error="range"), **given)

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and self.context_is_text and _DIGITS.fullmatch(value):
            return int(value)
        if isinstance(value, Decimal) and value.adjusted() < _LONGEST and value == value.to_integral_value():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self.make_error("invalid")

    #: Whether its value comes out of an address.
    context_is_text = False


class WholeInAddress(Whole):
    """A whole number out of an address, in digits."""

    context_is_text = True


class Word(ma.fields.String):
    """A short text."""

    default_error_messages = {  # noqa: RUF012  read by marshmallow
        "invalid": "type",
        "invalid_utf8": "type",
        "required": "required",
        "null": "null",
    }

    def __init__(self, most: int, **given: Any):
        super().__init__(validate=[validate.Length(1, most, error="range"), _line], **given)


def _line(text: str) -> None:
    if not is_line(text):
        raise ma.ValidationError("characters")


class Nested(ma.fields.Nested):
    """An object within."""

    default_error_messages = {  # noqa: RUF012  read by marshmallow
        "type": "type",
        "required": "required",
        "null": "null",
    }


def parsed(content: bytes) -> Any:
    """The JSON document in *content*, its numbers exact.

    Raises:
        MalformedBodyError: it is not UTF-8, no JSON, says a key twice, a number that is none, or nests
            without end.
    """
    try:
        return json.loads(
            content.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        raise MalformedBodyError(line=error.lineno, column=error.colno) from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise MalformedBodyError(line=1, column=1) from error


class Parser(FlaskParser):
    """Reads requests as strictly as their descriptions say."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": ma.RAISE, "query": ma.RAISE}  # noqa: RUF012  read by webargs

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The body, read exactly."""
        return parsed(req.get_data())

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """What stands behind the question mark; nothing may stand there twice."""
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            raise RefusedInputError(
                [InputFault(where=name, value="", rule="twice") for name in twice], "api_refused"
            )
        return super().load_querystring(req, schema)

    def handle_error(
        self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_given: Any
    ) -> NoReturn:
        """Refuse with every fault."""
        faults = []
        for location, messages in error.normalized_messages().items():
            sent = req.args if location == "query" else parsed(req.get_data())
            faults += list(_faults(messages, sent, ()))
        raise RefusedInputError(faults, "api_refused")


PARSER = Parser()


def _faults(messages: Any, sent: Any, path: tuple[str, ...]) -> Iterator[InputFault]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            if key in {"_schema", "value", "key"}:
                yield from _faults(inner, sent, path)
            else:
                there = sent.get(key) if isinstance(sent, Mapping) else None
                yield from _faults(inner, there, (*path, str(key)))
        return
    for rule in list(messages)[:1]:
        yield InputFault(where=".".join(path)[:200], value=shown(sent), rule=_RULES.get(rule, "type"))


def _no_number(_name: str) -> NoReturn:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
