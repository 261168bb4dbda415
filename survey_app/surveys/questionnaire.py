"""A questionnaire: sections of items, whom each item is put to, and its canonical written form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from survey_app.canonical import canonical, digest
from survey_app.surveys.bilingual import Text

#: Codes of a scale's levels, best first, with their value; 不了解 is no level.
LEVELS: Mapping[str, int] = MappingProxyType({"5": 5, "4": 4, "3": 3, "2": 2, "1": 1})

#: Code of 不了解 on every scale.
DONT_KNOW = "dk"

#: A rating from here up is positive: the top two of the five levels.
POSITIVE_FROM = 4

#: Longest answer to a text item, in characters, unless the item says otherwise.
TEXT_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How items of one kind are written in a file and answered."""

    #: Whether an answer is demanded unless the item says otherwise.
    required: bool
    #: Whether the answer is one of the item's options.
    has_options: bool
    #: Keys an item of this kind may have beside those of every item.
    keys: frozenset[str]


#: Every kind of item by its name in the files.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "scale": Kind(
            required=True,
            has_options=True,
            keys=frozenset({"scale", "topic", "indicators", "reversed", "overall"}),
        ),
        "single": Kind(required=True, has_options=True, keys=frozenset({"options", "topic", "indicators"})),
        "text": Kind(required=False, has_options=False, keys=frozenset({"max_length"})),
    }
)

#: Keys any item may have.
ITEM_KEYS = frozenset({"id", "kind", "text", "hint", "variants", "groups", "when", "required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One possible answer, stored by its code."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Five named levels and 不了解, shared by items of one form."""

    id: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Ask only if an earlier item was answered with one of these codes."""

    item: str
    codes: tuple[str, ...]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether *answers* meet the condition; an item that was not answered never does."""
        return answers.get(self.item) in self.codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How an item is worded for one group."""

    group: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. A scale item's options are those of its scale."""

    id: str
    kind: str
    text: Text
    hint: Text | None
    variants: tuple[Variant, ...]
    #: Whom it is put to: all groups of the form, or some of them.
    groups: tuple[str, ...]
    #: All of these must hold, else the item is not asked.
    when: tuple[Condition, ...]
    required: bool
    #: Empty unless the item is about one of the survey's topics.
    topic: str
    #: Codes of the evaluation indicators it informs, e.g. ``G13``, ``Q8``, ``30.8``.
    indicators: tuple[str, ...]
    #: Name of the scale; empty for other kinds.
    scale: str
    #: A high level is bad news: 5 counts as 1.
    reversed: bool
    #: The one item about everything taken together.
    overall: bool
    options: tuple[Option, ...]
    #: Longest text in characters; 0 for other kinds.
    max_length: int

    def wording(self, group: str) -> Text:
        """The question as *group* is asked it."""
        return next((variant.text for variant in self.variants if variant.group == group), self.text)

    def is_asked(self, answers: Mapping[str, str]) -> bool:
        """Whether its conditions hold; *answers* must be those of asked items only."""
        return all(condition.holds(answers) for condition in self.when)

    def option(self, code: str) -> Option | None:
        """The option with this code, or None."""
        return next((option for option in self.options if option.code == code), None)

    def rating(self, code: str) -> int | None:
        """The level behind *code*, 5 best, a reversed item turned; None for 不了解."""
        level = LEVELS.get(code)
        return 6 - level if level is not None and self.reversed else level


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A page of items under one title."""

    id: str
    title: Text
    items: tuple[Item, ...]

    def items_for(self, group: str) -> tuple[Item, ...]:
        """The items put to *group*, conditional ones among them."""
        return tuple(item for item in self.items if group in item.groups)


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """One form, as loaded; :attr:`content` is what a version freezes."""

    #: ``public`` (社会卷), ``staff`` (校长教师卷) or ``student`` (学生卷).
    form: str
    groups: tuple[str, ...]
    title: Text
    intro: Text
    scales: tuple[Scale, ...]
    sections: tuple[Section, ...]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in order."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _by_group(self) -> dict[str, tuple[Item, ...]]:
        return {group: tuple(i for i in self.items if group in i.groups) for group in self.groups}

    def item(self, item_id: str) -> Item:
        """The item with this id; an unknown one is a KeyError."""
        return self._by_id[item_id]

    def items_for(self, group: str) -> tuple[Item, ...]:
        """All items put to *group*, conditional ones among them; an unknown group is a KeyError."""
        return self._by_group[group]

    def sections_for(self, group: str) -> tuple[Section, ...]:
        """The pages that hold at least one item for *group*."""
        return tuple(section for section in self.sections if section.items_for(group))

    def asked(self, group: str, answers: Mapping[str, str]) -> tuple[Item, ...]:
        """The items that someone of *group* who gave *answers* was asked.

        An item whose condition rests on an item that was itself not asked is not asked either.
        """
        live: dict[str, str] = {}
        asked: list[Item] = []
        for item in self.items_for(group):
            if item.is_asked(live):
                asked.append(item)
                if item.id in answers:
                    live[item.id] = answers[item.id]
        return tuple(asked)

    @cached_property
    def content(self) -> str:
        """The canonical written form: the same questionnaire always gives the same text."""
        return canonical(_document(self))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of :attr:`content`, 64 hexadecimal digits."""
        return digest(self.content)


def _document(questionnaire: Questionnaire) -> dict[str, Any]:
    """Write *questionnaire* with the keys of its file, leaving out what is so by default."""
    return {
        "form": questionnaire.form,
        "groups": list(questionnaire.groups),
        "title": _words(questionnaire.title),
        "intro": _words(questionnaire.intro),
        "scales": {scale.id: {"options": _options(scale.options)} for scale in questionnaire.scales},
        "sections": [
            {
                "id": section.id,
                "title": _words(section.title),
                "items": [_item_document(item, questionnaire.groups) for item in section.items],
            }
            for section in questionnaire.sections
        ],
    }


def _item_document(item: Item, all_groups: tuple[str, ...]) -> dict[str, Any]:
    kind = KINDS[item.kind]
    optional = {
        "hint": item.hint and _words(item.hint),
        "variants": {variant.group: _words(variant.text) for variant in item.variants},
        "groups": list(item.groups) if item.groups != all_groups else None,
        "when": [{"item": c.item, "in": list(c.codes)} for c in item.when],
        "topic": item.topic,
        "indicators": list(item.indicators),
        "scale": item.scale,
        "reversed": item.reversed,
        "overall": item.overall,
        "options": [] if item.scale else _options(item.options),
        "max_length": item.max_length,
    }
    written = {key: value for key, value in optional.items() if value}
    if item.required != kind.required:
        written["required"] = item.required
    return {"id": item.id, "kind": item.kind, "text": _words(item.text), **written}


def _options(options: Iterable[Option]) -> list[dict[str, str]]:
    return [{"code": option.code, **_words(option.text)} for option in options]


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
