"""A questionnaire's document as TOML, laid out as people write it: an option a line, an item a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_document import document

#: Characters that a basic string writes in another way.
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

#: Order of an item's keys where it has them; the rest follow.
_FIRST = ("id", "kind", "scale", "topic", "indicators", "reversed", "overall", "required", "groups", "when")

#: Keys whose numbers are kept as text in the canonical form and written as numbers.
_NUMBERS = {"min", "max", "at_least", "at_most"}


def write_toml(questionnaire: Questionnaire) -> str:
    """Write *questionnaire* as a file from which `parse_questionnaire` reads the same one."""
    return toml_of(document(questionnaire))


def toml_of(whole: Mapping[str, Any]) -> str:
    """Write a questionnaire's document, which may have faults, as a file."""
    lines = [_pair(key, whole[key]) for key in ("form", "groups", "layout", "title", "intro") if key in whole]
    if not whole["scales"]:
        lines += ["", "[scales]"]
    for name, scale in whole["scales"].items():
        lines += ["", f"[scales.{name}]", _pair("options", scale["options"])]
    for section in whole["sections"]:
        lines += ["", "[[sections]]"]
        lines += [_pair(key, value) for key, value in section.items() if key != "items"]
        for item in section["items"]:
            keys = [key for key in _FIRST if key in item] + [key for key in item if key not in _FIRST]
            lines += ["", "[[sections.items]]", *(_pair(key, item[key]) for key in keys)]
    return "\n".join(lines) + "\n"


def _pair(key: str, value: Any) -> str:
    if isinstance(value, list) and len(value) > 1 and all(isinstance(each, Mapping) for each in value):
        rows = "".join(f"  {_value(each)},\n" for each in value)
        return f"{key} = [\n{rows}]"
    if isinstance(value, list) and len(value) == 1 and key == "when":
        value = value[0]
    return f"{key} = {_value(value, number=key in _NUMBERS)}"


def _value(value: Any, *, number: bool = False) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or number:
        return str(value)
    if isinstance(value, Mapping):
        pairs = (f"{key} = {_value(each, number=key in _NUMBERS)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return '"' + "".join(_ESCAPES.get(each) or _printed(each) for each in value) + '"'


def _printed(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x20 or ord(character) == 0x7F else character
