"""A questionnaire as an XLSForm workbook, which ODK, Kobo and others read too.

What XLSForm has no word for (topics, indicators, wordings for one group …) stands on a sheet of its own, from
which the import takes it back; other programs leave that sheet alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from survey_app.surveys.authoring.xlsform_words import constraint, relevant
from survey_app.surveys.questionnaire import TEXT_LIMITS, Item, Questionnaire, Section
from survey_app.surveys.questionnaire_document import document

#: The sheet with what XLSForm cannot say.
OWN_SHEET = "junheng"

#: Names of the languages as XLSForm writes them in headers.
LANGUAGES = {"zh": "中文 (zh)", "en": "English (en)"}

#: Keys of an item that XLSForm has no word for.
UNSAID = (
    *("topic", "indicators", "reversed", "overall", "groups", "variants", "anchored", "unit", "decimals"),
    "row_order",
)

#: Appearance of a long text.
MULTILINE = "multiline"

_LABELS = tuple(f"label::{name}" for name in LANGUAGES.values())
_HINTS = tuple(f"hint::{name}" for name in LANGUAGES.values())
_SURVEY = (
    "type",
    "name",
    *_LABELS,
    *_HINTS,
    "required",
    "relevant",
    "constraint",
    "appearance",
    "parameters",
)
_CHOICES = ("list_name", "name", *_LABELS)
_SETTINGS = ("form_title", "form_id", "version", "default_language")
_OWN = ("what", "name", "key", "value")


def write_xlsform(questionnaire: Questionnaire) -> bytes:
    """Give *questionnaire* as the bytes of an .xlsx file."""
    import xlsxwriter

    sheets = {
        "survey": (_SURVEY, list(_survey(questionnaire))),
        "choices": (_CHOICES, list(_choices(questionnaire))),
        "settings": (_SETTINGS, [_settings(questionnaire)]),
        OWN_SHEET: (_OWN, list(_own(questionnaire))),
    }
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
                sheet.set_column(column, column, 32 if "::" in title or title == "value" else 18)
            for number, row in enumerate(rows, start=1):
                for column, title in enumerate(header):
                    if row.get(title):
                        sheet.write_string(number, column, row[title])
    return stream.getvalue()


def _survey(questionnaire: Questionnaire) -> Iterator[dict[str, str]]:
    for section in questionnaire.sections:
        yield {
            "type": "begin group",
            "name": section.id,
            **_words("label", section.title),
            "relevant": relevant(questionnaire, section.when),
            "appearance": "field-list",
        }
        for item in section.items:
            yield from _rows_of(questionnaire, section, item)
        yield {"type": "end group"}


def _rows_of(questionnaire: Questionnaire, section: Section, item: Item) -> Iterator[dict[str, str]]:
    common = {
        "name": item.id,
        **_words("label", item.text),
        **(_words("hint", item.hint) if item.hint else {}),
        "relevant": relevant(questionnaire, item.when[len(section.when) :]),
    }
    demanded = {"required": "yes" if item.required else ""}
    if item.rows:
        yield {"type": "begin group", **common, "appearance": "table-list"}
        for row in item.rows:
            yield {
                "type": f"select_one {_list_of(item)}",
                "name": row.id,
                **_words("label", row.text),
                **demanded,
            }
        yield {"type": "end group"}
        return
    yield {
        "type": _type_of(item),
        **common,
        **demanded,
        "constraint": constraint(item),
        "appearance": MULTILINE if item.kind == "text" else "",
        "parameters": "randomize=true" if item.option_order == "random" else "",
    }


def _type_of(item: Item) -> str:
    if item.options:
        return f"{'select_multiple' if item.kind == 'multiple' else 'select_one'} {_list_of(item)}"
    if item.kind in TEXT_LIMITS:
        return "text"
    return "decimal" if item.decimals else "integer"


def _list_of(item: Item) -> str:
    return item.scale or f"{item.id}_options"


def _choices(questionnaire: Questionnaire) -> Iterator[dict[str, str]]:
    lists = {scale.id: scale.options for scale in questionnaire.scales}
    lists |= {_list_of(item): item.options for item in questionnaire.items if item.options or item.rows}
    lists |= {_list_of(item): item.rows[0].options for item in questionnaire.items if item.rows}
    for name, options in lists.items():
        for option in options:
            yield {"list_name": name, "name": option.code, **_words("label", option.text)}


def _settings(questionnaire: Questionnaire) -> dict[str, str]:
    return {
        "form_title": questionnaire.title.zh,
        "form_id": questionnaire.form,
        "version": questionnaire.digest[:12],
        "default_language": LANGUAGES["zh"],
    }


def _own(questionnaire: Questionnaire) -> Iterator[dict[str, str]]:
    whole = document(questionnaire)
    for key in ("form", "groups", "title", "intro", "layout"):
        yield from _note("form", "", key, whole.get(key))
    yield from _note("form", "", "scales", list(whole["scales"]))
    for name, scale in whole["scales"].items():
        yield from _options_notes(name, scale["options"])
    for section in whole["sections"]:
        for key in ("intro", "item_order"):
            yield from _note("section", section["id"], key, section.get(key))
        for item in section["items"]:
            yield from _item_notes(item)


def _item_notes(item: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for key in UNSAID:
        yield from _note("item", item["id"], key, item.get(key))
    if item.get("required") == "soft":
        yield from _note("item", item["id"], "required", "soft")
    yield from _options_notes(f"{item['id']}_options", item.get("options", []))
    for row in item.get("rows", []):
        for key in ("topic", "indicators", "reversed", "anchored"):
            yield from _note("row", f"{item['id']}.{row['id']}", key, row.get(key))


def _options_notes(name: str, options: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for option in options:
        for key in ("anchored", "alone"):
            yield from _note("option", f"{name}/{option['code']}", key, option.get(key))


def _note(what: str, name: str, key: str, value: Any) -> Iterator[dict[str, str]]:
    if value not in (None, "", []):
        yield {"what": what, "name": name, "key": key, "value": json.dumps(value, ensure_ascii=False)}


def _words(kind: str, text: Any) -> dict[str, str]:
    return {f"{kind}::{name}": getattr(text, language) for language, name in LANGUAGES.items()}
