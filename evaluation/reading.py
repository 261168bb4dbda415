"""Read a county file: exact numbers in, and every fault named with its path before anything is judged."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from evaluation.county import ATTACHED_STAGES, OWN_STAGES, CountyFile
from evaluation.errors import CountyFileError, Fault

#: No figure of a county comes near this; beyond it a slip of the pen is certain.
LARGEST = 10**15

#: A county file is nowhere nested deeper.
DEEPEST = 12

#: What pydantic calls a broken rule → what we call it, and the name of its fact.
RULES: dict[str, tuple[str, str | None]] = {
    "missing": ("required", None),
    "extra_forbidden": ("unknown_key", None),
    "literal_error": ("choice", "expected"),
    "greater_than_equal": ("minimum", "ge"),
    "less_than_equal": ("maximum", "le"),
    "string_pattern_mismatch": ("pattern", "pattern"),
}

#: Any other complaint of pydantic is about a type; this names the type that was expected.
TYPES = {
    "int": "integer",
    "decimal": "number",
    "is": "number",
    "bool": "boolean",
    "string": "text",
    "list": "list",
    "dict": "object",
    "model": "object",
}


def read_county(source: str | bytes | Mapping[str, Any]) -> CountyFile:
    """Return the county file in *source*: JSON text, its UTF-8 bytes, or the parsed document.

    Numbers are kept as written (a float counts as the decimal it prints as).

    Raises:
        CountyFileError: with every fault.
    """
    faults: list[Fault] = []
    parsed = _parse(source, faults) if isinstance(source, str | bytes) else source
    if isinstance(source, str | bytes) and faults and parsed is None:
        raise CountyFileError(faults)
    document = _normalise(parsed, (), faults)
    county = None
    try:
        county = CountyFile.model_validate(document)
    except ValidationError as error:
        faults += [_fault(item) for item in error.errors(include_url=False)]
    if isinstance(document, dict):
        faults += _school_faults(document.get("schools"))
    if faults or county is None:
        raise CountyFileError(_one_each(faults))
    return county


def _one_each(faults: list[Fault]) -> list[Fault]:
    """Keep the first fault of every place."""
    first: dict[tuple[str, str], Fault] = {}
    places = set()
    for fault in faults:
        if fault.where not in places or fault.rule.startswith(("duplicate", "merge")):
            first.setdefault((fault.where, fault.rule), fault)
        places.add(fault.where)
    return list(first.values())


class _Doubled(dict[str, Any]):
    """An object whose text has keys more than once; the last of each stands."""

    keys_doubled: tuple[str, ...] = ()


def _object(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of *items*, which remembers the keys it was given twice."""
    if len(table := dict(items)) == len(items):
        return table
    doubled = _Doubled(table)
    doubled.keys_doubled = tuple(key for key, times in Counter(key for key, _ in items).items() if times > 1)
    return doubled


def _parse(text: str | bytes, faults: list[Fault]) -> Any:
    """Parse JSON without losing a digit or a doubled key; None and a fault when it cannot be."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text.removeprefix("\ufeff"), parse_float=Decimal, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        faults.append(Fault(where="", value=None, rule="encoding", facts={"position": error.start}))
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno}
        faults.append(Fault(where="", value=None, rule="malformed", facts=facts))
    except (ValueError, RecursionError, InvalidOperation):
        faults.append(Fault(where="", value=None, rule="malformed", facts={"line": 1, "column": 1}))
    return None


def _normalise(node: Any, steps: tuple[int | str, ...], faults: list[Fault]) -> Any:
    """Return *node* with every number exact; note nulls, broken text and numbers that are none."""
    if type(node) is str:
        return node if node.isascii() else _sound(node, steps, faults)
    if type(node) is int and -LARGEST <= node <= LARGEST:
        return node
    if isinstance(node, Mapping | list | tuple) and len(steps) > DEEPEST:
        faults.append(Fault(where=_path(steps), value=None, rule="type", facts={"expected": "text"}))
        return None
    if isinstance(node, _Doubled):
        for key in node.keys_doubled:
            where = _path((*steps, _sound(key, steps, [])))
            faults.append(Fault(where=where, value=key, rule="duplicate_key"))
    if isinstance(node, Mapping):
        return {
            (name := str(key)): _normalise(item, (*steps, _sound(name, steps, faults)), faults)
            for key, item in node.items()
        }
    if isinstance(node, list | tuple):
        return [_normalise(item, (*steps, place), faults) for place, item in enumerate(node)]
    if node is None:
        faults.append(Fault(where=_path(steps), value=None, rule="null"))
    if isinstance(node, str):
        return _sound(node, steps, faults)
    if isinstance(node, float):
        node = Decimal(repr(node))
    if isinstance(node, Decimal | int) and not isinstance(node, bool):
        rule = _number_fault(node)
        if rule:
            shown = str(node) if isinstance(node, Decimal) else f"{node:.3e}" if node < 10**300 else "1e300"
            faults.append(Fault(where=_path(steps), value=shown, rule=rule, facts={"largest": LARGEST}))
            return Decimal(0)
    return node


def _sound(text: str, steps: tuple[int | str, ...], faults: list[Fault]) -> str:
    """Return *text* that can be written as UTF-8; half of a surrogate pair cannot."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        faults.append(Fault(where=_path(steps), value=None, rule="encoding", facts={"position": error.start}))
        return text.encode(errors="replace").decode()
    return text


def _number_fault(number: Decimal | int) -> str | None:
    """Return the rule a number breaks by itself: finite, of a sane size, and kept by a double."""
    if isinstance(number, Decimal) and not number.is_finite():
        return "not_a_number"
    if (number.copy_abs() if isinstance(number, Decimal) else abs(number)) > LARGEST:
        return "too_large"
    if isinstance(number, Decimal) and Decimal(repr(float(number))) != number:
        return "too_many_digits"
    return None


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _path(steps: tuple[int | str, ...]) -> str:
    """Return ``schools[3].pupils.primary`` for ``("schools", 3, "pupils", "primary")``."""
    where = ""
    for step in steps:
        where = f"{where}[{step}]" if isinstance(step, int) else _join(where, step)
    return where


def _fault(error: Any) -> Fault:
    """Translate one complaint of pydantic."""
    steps, kind, context = error["loc"], error["type"], error.get("ctx", {})
    if steps and steps[-1] == "[key]":
        steps = steps[:-1]
        return Fault(where=_path(steps), value=error["input"], rule="unknown_key", facts=_known(steps[:-1]))
    rule, fact = RULES.get(kind, ("type", None))
    if rule == "unknown_key":
        facts: dict[str, Any] = _known(steps[:-1])
    elif rule == "type":
        facts = {"expected": TYPES.get(kind.split("_")[0], "object")}
    else:
        facts = {rule: _fact(rule, context[fact])} if fact else {}
    value = None if rule == "required" else error["input"]
    return Fault(where=_path(steps), value=value, rule=rule, facts=facts)


def _fact(rule: str, value: Any) -> Any:
    """Return a limit as a number and choices (``'a', 'b' or 'c'``) as a list."""
    if rule == "choice":
        return re.findall(r"'([^']*)'", value)
    return int(value) if isinstance(value, Decimal) else value


def _known(steps: tuple[int | str, ...]) -> dict[str, Any]:
    """Return the keys that may stand at a place of the county file."""
    model: Any = CountyFile
    for step in steps:
        fields = getattr(model, "model_fields", {})
        if step in fields:
            model = next(_inner(fields[step].annotation), None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {"known": tuple(model.model_fields)}
    return {"known": tuple(str(grade) for grade in range(1, 10))}


def _inner(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models inside an annotation such as ``list[School] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _inner(argument)


def _school_faults(schools: Any) -> list[Fault]:
    """Return what the schools' rows contradict in each other, however broken single rows are."""
    if not isinstance(schools, list):
        return []
    rows = {place: row for place, row in enumerate(schools) if isinstance(row, dict)}
    first: dict[str, int] = {}
    faults = []
    for place, row in rows.items():
        code = row.get("code")
        if isinstance(code, str) and first.setdefault(code, place) != place:
            facts = {"first": f"schools[{first[code]}]"}
            where = f"schools[{place}].code"
            faults.append(Fault(where=where, value=code, rule="duplicate_school", facts=facts))
    by_code = {code: rows[place] for code, place in first.items()}
    for place, row in rows.items():
        faults += _stage_faults(f"schools[{place}]", row)
        if row.get("counted") is False:
            faults += _merge_faults(f"schools[{place}].merge_into", row, by_code)
    return faults


def _stage_faults(where: str, row: dict[str, Any]) -> list[Fault]:
    """Return pupils in stages that a school of this kind cannot have."""
    kind, pupils = row.get("kind"), row.get("pupils")
    if not isinstance(kind, str) or kind not in OWN_STAGES or not isinstance(pupils, dict):
        return []
    allowed = (*OWN_STAGES[kind], *ATTACHED_STAGES[kind])
    return [
        Fault(
            where=f"{where}.pupils.{stage}",
            value=count,
            rule="stage_of_kind",
            facts={"kind": kind, "stages": allowed},
        )
        for stage, count in pupils.items()
        if stage in ("kindergarten", "primary", "junior", "senior")
        and stage not in allowed
        and isinstance(count, int | Decimal)
        and count
    ]


def _merge_faults(where: str, row: dict[str, Any], by_code: dict[str, dict[str, Any]]) -> list[Fault]:
    """Return what is wrong with where an uncounted school goes: the chain must end at a counted one."""
    target = row.get("merge_into")
    if target is None:
        return [Fault(where=where, value=None, rule="merge_missing", facts={"code": row.get("code")})]
    if target == row.get("code"):
        return [Fault(where=where, value=target, rule="merge_itself")]
    chain = [row.get("code")]
    while isinstance(target, str):
        if target not in by_code:
            rule = "merge_unknown" if len(chain) == 1 else None
            return [Fault(where=where, value=target, rule=rule)] if rule else []
        if target in chain:
            facts = {"chain": (*chain, target)}
            return [Fault(where=where, value=row.get("merge_into"), rule="merge_cycle", facts=facts)]
        chain.append(target)
        next_row = by_code[target]
        if next_row.get("kind") in ("special", "vocational"):
            facts = {"kind": next_row["kind"]}
            return [Fault(where=where, value=target, rule="merge_excluded", facts=facts)]
        target = next_row.get("merge_into") if next_row.get("counted") is False else None
    return []
