"""Read a table of unit costs or mergers from TOML: strictly, exactly, with every fault at once."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from evaluation.county import Record
from evaluation.errors import Fault, RemedyFileError
from evaluation.reading import TYPES

#: What pydantic calls a broken limit → the name of its fact, and what we call it.
LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "minimum"),
    "less_than_equal": ("le", "maximum"),
    "too_short": ("min_length", "empty"),
}

Table = TypeVar("Table", bound=Record)


def read_table(source: str | bytes | Mapping[str, Any], model: type[Table]) -> Table:
    """Return the table in *source*: TOML text, its UTF-8 bytes, or the parsed document.

    Raises:
        RemedyFileError: with every fault.
    """
    document = _parse(source) if isinstance(source, str | bytes) else source
    try:
        return model.model_validate(_exact(document))
    except ValidationError as error:
        raise RemedyFileError([_fault(each, model) for each in error.errors(include_url=False)]) from error


def _parse(source: str | bytes) -> Mapping[str, Any]:
    text = ""
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        return tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise RemedyFileError(
            [Fault(where="", value=None, rule="encoding", facts={"position": error.start})]
        ) from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        # Numbers too long to be read are no errors of the syntax; neither is nesting without end.
        found = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = found.groups() if found else (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
        facts = {"line": int(line), "column": int(column)}
        raise RemedyFileError([Fault(where="", value=None, rule="malformed", facts=facts)]) from error


def _exact(node: Any) -> Any:
    """Return *node* with the decimals that floats print as."""
    if isinstance(node, Mapping):
        return {key: _exact(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_exact(value) for value in node]
    return Decimal(repr(node)) if isinstance(node, float) else node


def _fault(error: Any, model: type[BaseModel]) -> Fault:
    """Translate one complaint of pydantic."""
    steps, kind, context = error["loc"], error["type"], error.get("ctx", {})
    where = path(*steps)
    if kind == "extra_forbidden":
        facts = {"known": _known(model, steps[:-1])}
        return Fault(where=where, value=steps[-1], rule="unknown_key", facts=facts)
    if kind == "missing":
        return Fault(where=where, value=None, rule="required")
    rule, facts = _rule(kind, context)
    return Fault(where=where, value=error["input"], rule=rule, facts=facts)


def _rule(kind: str, context: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the rule that was broken, and its facts."""
    if kind == "literal_error":
        return "choice", {"choice": tuple(re.findall(r"'([^']*)'", context["expected"]))}
    if kind in LIMITS:
        fact, rule = LIMITS[kind]
        limit = context[fact]
        return rule, {rule: int(limit) if limit == int(limit) else limit}
    return "type", {"expected": TYPES.get(kind.split("_")[0], "number" if "finite" in kind else "object")}


def path(*steps: int | str) -> str:
    """Return ``mergers[0].into[1].share`` for ``("mergers", 0, "into", 1, "share")``.

    >>> path("mergers", 0, "into", 1, "share")
    'mergers[0].into[1].share'
    """
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _known(model: Any, steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the keys that may stand at a place of the table."""
    for step in steps:
        fields = getattr(model, "model_fields", {})
        if step in fields:
            model = _inner(fields[step].annotation)
    return tuple(getattr(model, "model_fields", ()))


def _inner(annotation: Any) -> Any:
    """Return the model inside an annotation such as ``list[Merger] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _inner(each)) is not None), None)
