"""From a county file as it was given to one that can be stored, or to every fault it has."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from survey_app.counties import regions
from survey_app.counties.workbook.faults import Fault, shown
from survey_app.errors import RefusedInputError

#: Years a county file can be about: before, the statistics had another form.
YEARS = (1990, 2100)

#: Longest code and name of a school or township that lists and cards can show.
LONGEST = {"code": 64, "name": 64, "township": 64, "merge_into": 64, "campus_of": 64}

#: No school has more pupils in a stage.
MOST_PUPILS = 100_000


def checked(source: Mapping[str, Any] | str | bytes, *, expected_code: str | None = None) -> dict[str, Any]:
    """Give the county file in *source* with exact numbers.

    With *expected_code*, the file has to be about that county.

    Raises:
        RefusedInputError: with every fault; each says where, what stands there and which rule it breaks.
    """
    from evaluation.errors import CountyFileError
    from evaluation.reading import read_county

    try:
        read_county(source)
    except CountyFileError as refused:
        raise RefusedInputError(
            [_fault(each.where, each.value, each.rule, **dict(each.facts)) for each in refused.faults]
        ) from refused
    document = _parsed(source) if isinstance(source, str | bytes) else _exact(source)
    county = document["county"]
    faults = [*_text_faults(document, ""), *_size_faults(document), *_region_faults(county)]
    if expected_code not in {None, county["code"]}:
        faults.append(_fault("county.code", county["code"], "other_county", expected=expected_code))
    if faults:
        raise RefusedInputError(faults)
    return document


def plain(value: Any) -> Any:
    """Give *value* as JSON knows it: data classes and mappings as objects, tuples as lists.

    >>> from types import MappingProxyType
    >>> plain({"sizes": MappingProxyType({"deputy": 236}), "years": (2021, 2022)})
    {'sizes': {'deputy': 236}, 'years': [2021, 2022]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _parsed(text: str | bytes) -> dict[str, Any]:
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    return json.loads(text.removeprefix("\ufeff"), parse_float=Decimal)


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _exact(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(each) for each in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def _text_faults(node: Any, where: str) -> Iterator[Fault]:
    """Find texts that no database keeps: control characters and halves of characters."""
    if isinstance(node, dict):
        for key, each in node.items():
            yield from _text_faults(key, where)
            yield from _text_faults(each, f"{where}.{key}" if where else key)
    elif isinstance(node, list):
        for place, each in enumerate(node):
            yield from _text_faults(each, f"{where}[{place}]")
    elif isinstance(node, str) and any(
        character < " " or "\ud800" <= character <= "\udfff" for character in node
    ):
        visible = "".join(each if each.isprintable() else "�" for each in node)
        yield _fault(where, visible, "bad_character")


def _size_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    least, most = YEARS
    if document["year"] < least:
        yield _fault("year", document["year"], "minimum", minimum=least)
    if document["year"] > most:
        yield _fault("year", document["year"], "maximum", maximum=most)
    if len(document["county"]["name"]) > LONGEST["name"]:
        yield _fault("county.name", document["county"]["name"], "text_too_long", longest=LONGEST["name"])
    for place, school in enumerate(document["schools"]):
        for key, longest in LONGEST.items():
            if len(school.get(key, "")) > longest:
                yield _fault(f"schools[{place}].{key}", school[key], "text_too_long", longest=longest)
        for stage, pupils in school["pupils"].items():
            if pupils > MOST_PUPILS:
                yield _fault(f"schools[{place}].pupils.{stage}", pupils, "too_large", largest=MOST_PUPILS)


def _region_faults(county: Mapping[str, Any]) -> Iterator[Fault]:
    if not county["name"].strip():
        yield _fault("county.name", county["name"], "required")
    try:
        regions.county(county["code"], county["name"])
    except regions.UnknownRegionError:
        yield _fault("county.code", county["code"], "unknown_region")
    except regions.NotACountyError as error:
        yield _fault("county.code", county["code"], "not_a_county", region=error.name)


def _fault(path: str, value: Any, rule: str, **facts: Any) -> Fault:
    return Fault(value=shown(value), rule=rule, family="county", facts={**facts, "path": path})
