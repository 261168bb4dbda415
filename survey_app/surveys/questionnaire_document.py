"""A questionnaire written with the keys of its file, leaving out what is so by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from survey_app.surveys.bilingual import Text
from survey_app.surveys.questionnaire import KINDS, Condition, Item, Option, Questionnaire, Section


def document(questionnaire: Questionnaire) -> dict[str, Any]:
    """Give *questionnaire* as the tables and lists of its file; numbers with decimals are texts."""
    written = {
        "form": questionnaire.form,
        "groups": list(questionnaire.groups),
        "title": _words(questionnaire.title),
        "intro": _words(questionnaire.intro),
        "scales": {scale.id: {"options": options_document(scale.options)} for scale in questionnaire.scales},
        "sections": [_section(section, questionnaire.groups) for section in questionnaire.sections],
    }
    if questionnaire.layout != "pages":
        written["layout"] = questionnaire.layout
    return written


def _section(section: Section, groups: tuple[str, ...]) -> dict[str, Any]:
    optional = {
        "intro": section.intro and _words(section.intro),
        "when": [_condition(each) for each in section.when],
        "item_order": _order(section.item_order),
    }
    return {
        "id": section.id,
        "title": _words(section.title),
        "items": [_item(item, groups, inherited=len(section.when)) for item in section.items],
        **_given(optional),
    }


def _item(item: Item, all_groups: tuple[str, ...], *, inherited: int) -> dict[str, Any]:
    optional = {
        "hint": item.hint and _words(item.hint),
        "variants": {variant.group: _words(variant.text) for variant in item.variants},
        "groups": list(item.groups) if item.groups != all_groups else None,
        "when": [_condition(each) for each in item.when[inherited:]],
        "anchored": item.anchored,
        "topic": item.topic,
        "indicators": list(item.indicators),
        "scale": item.scale,
        "reversed": item.reversed,
        "overall": item.overall,
        "options": [] if item.scale else options_document(item.options),
        "option_order": _order(item.option_order),
        "most": item.most,
        "rows": [_row(row, item) for row in item.rows],
        "row_order": _order(item.row_order),
        "min": _number(item.low),
        "max": _number(item.high),
        "decimals": item.decimals,
        "unit": item.unit and _words(item.unit),
        "max_length": item.max_length,
    }
    written = {"id": item.id, "kind": item.kind, "text": _words(item.text), **_given(optional)}
    if item.soft:
        written["required"] = "soft"
    elif item.required != KINDS[item.kind].required:
        written["required"] = item.required
    return written


def _row(row: Item, matrix: Item) -> dict[str, Any]:
    optional = {
        "anchored": row.anchored,
        "reversed": row.reversed,
        "topic": row.topic if row.topic != matrix.topic else "",
        "indicators": list(row.indicators) if row.indicators != matrix.indicators else [],
    }
    return {"id": row.id.removeprefix(f"{matrix.id}."), **_words(row.text), **_given(optional)}


def _condition(condition: Condition) -> dict[str, Any]:
    optional = {
        "in": list(condition.codes),
        "not_in": list(condition.not_codes),
        "at_least": _number(condition.at_least),
        "at_most": _number(condition.at_most),
    }
    return {"item": condition.item, **_given(optional)}


def options_document(options: Iterable[Option]) -> list[dict[str, Any]]:
    """Give options as the rows of a file."""
    return [
        {
            "code": option.code,
            **_words(option.text),
            **_given({"anchored": option.anchored, "alone": option.alone}),
        }
        for option in options
    ]


def _given(optional: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in optional.items() if value}


def _order(order: str) -> str:
    return "" if order == "fixed" else order


def _number(number: Decimal | None) -> str:
    """The digits of *number*; empty where there is none."""
    return "" if number is None else f"{number:f}"


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
