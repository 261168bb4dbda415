"""A questionnaire as a phone shows it, to look at before anybody is asked. Nothing can be sent from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from flask_babel import force_locale

from survey_app.messages import sentence
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.questionnaire import Condition, Item, Questionnaire, Section

_LINKS = re.compile(r"<link[^>]*>\n?")

#: What the pages of this room call the languages of a questionnaire.
LOCALES = {"zh": "zh_CN", "en": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose phone it is: a group, and what decides an order that is shuffled."""

    group: str
    #: None leaves everything in the order of the file.
    order_seed: str | None = None
    county: str = ""
    school: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item as the pages of the public side know it, without an answer."""

    item: Item
    number: int
    #: Its conditions in words; empty for one that everybody is asked.
    reason: str = ""
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[str, Any] = field(default_factory=dict)
    problem: None = None
    value: str = ""
    when: tuple[()] = ()
    shown: bool = True


def render(questionnaire: Questionnaire, reader: Reader, language: str, **frame: object) -> str:
    """Give the page of *questionnaire* for *reader* in *language* (``zh`` or ``en``).

    What stands around the questions is said by *frame*.
    """
    locale = LOCALES[language]
    with force_locale(locale):
        return render_template(
            "surveys/questionnaires/phone.html",
            questionnaire=questionnaire,
            parts=_parts(questionnaire, reader, locale),
            ticket=reader,
            names={"county": reader.county, "school": reader.school},
            locale=locale,
            field="a.",
            sentence=sentence,
            group=GROUPS[reader.group].label.in_language(locale),
            frame=frame,
        )


def as_file(page: str, css: str) -> str:
    """The *page* whole in itself, with its style sheet inside, to be kept and opened anywhere."""
    return _LINKS.sub("", page).replace("</head>", f"<style>\n{css}</style>\n</head>", 1)


def _parts(questionnaire: Questionnaire, reader: Reader, locale: str) -> list[tuple[Section, list[Shown]]]:
    parts, number = [], 0
    names = {"county": reader.county, "school": reader.school}
    for section in questionnaire.sections_for(reader.group):
        shown = []
        for item in section.items_for(reader.group, reader.order_seed):
            number += 1
            reason = "；".join(_said(questionnaire, each, locale, names) for each in item.when)
            shown.append(Shown(item=item, number=number, reason=reason))
        parts.append((section, shown))
    return parts


def _said(questionnaire: Questionnaire, condition: Condition, locale: str, names: Mapping[str, str]) -> str:
    """A condition with the words of the question and of its answers."""
    operand = questionnaire.part(condition.item)
    words = {option.code: option.text.in_language(locale, **names) for option in operand.options}
    asks = [(sign, codes) for sign, codes in (("=", condition.codes), ("≠", condition.not_codes)) if codes]
    parts = [f"{sign} {' / '.join(words.get(code, code) for code in codes)}" for sign, codes in asks]
    bounds = (("≥", condition.at_least), ("≤", condition.at_most))
    parts += [f"{sign} {bound}" for sign, bound in bounds if bound is not None]
    return f"{operand.text.in_language(locale, **names)} {', '.join(parts)}"
