"""What changed from one questionnaire to another, item by item, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from survey_app.surveys.bilingual import Text
from survey_app.surveys.questionnaire import Item, Questionnaire
from survey_app.surveys.questionnaire_document import document, options_document

#: What can have happened to an item.
CHANGES = ("added", "removed", "moved", "reworded", "options", "settings")

#: Keys of an item's document that are its words, and those that are its answers.
_WORDS = {"text", "hint", "variants", "unit"}
_ANSWERS = {"options", "scale", "rows", "min", "max", "decimals", "most", "max_length", "kind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference."""

    #: One of :data:`CHANGES`.
    what: str
    #: Id of the item; of a section or setting of the whole, its key.
    item: str
    #: The key that differs (``text``, ``options``, ``when`` …); empty for added, removed and moved items.
    key: str
    #: As it was and as it is, in both languages; empty where there was, or is, nothing.
    before: Text
    after: Text


def compare(old: Questionnaire, new: Questionnaire) -> tuple[Change, ...]:
    """Everything in which *new* differs from *old*; nothing exactly if both have the same digest.

    Items are known by their ids: one that was given another id counts as removed and added.
    """
    changes = [*_of_the_whole(document(old), document(new))]
    before, after = _items(old), _items(new)
    scales = ({scale.id: scale for scale in old.scales}, {scale.id: scale for scale in new.scales})
    for item_id in [*after, *(each for each in before if each not in after)]:
        changes += _of_item(before.get(item_id), after.get(item_id), old, new)
    for name in sorted({*scales[0], *scales[1]}):
        changes += _difference(
            "options", f"scale {name}", "options", *(_scale(each.get(name)) for each in scales)
        )
    moved = _moved(list(before), list(after))
    changes += [_only("moved", new.item(each), after=True) for each in moved]
    return tuple(changes)


def _items(questionnaire: Questionnaire) -> dict[str, dict[str, Any]]:
    """Item id -> its document, with its section."""
    return {
        item["id"]: {**item, "section": section["id"]}
        for section in document(questionnaire)["sections"]
        for item in section["items"]
    }


def _of_the_whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in ("title", "intro", "groups", "layout"):
        what = "reworded" if key in {"title", "intro"} else "settings"
        yield from _difference(what, "", key, _said(old.get(key)), _said(new.get(key)))
    sections = [{each["id"]: each for each in whole["sections"]} for whole in (old, new)]
    for section_id in dict.fromkeys([*sections[1], *sections[0]]):
        pair = [each.get(section_id, {}) for each in sections]
        for key in ("title", "intro", "when", "item_order"):
            what = "reworded" if key in {"title", "intro"} else "settings"
            yield from _difference(
                what, f"section {section_id}", key, *(_said(each.get(key)) for each in pair)
            )
    if list(sections[0]) != list(sections[1]) and set(sections[0]) == set(sections[1]):
        yield from _difference("moved", "", "sections", *(_said(list(each)) for each in sections))


def _of_item(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, before: Questionnaire, after: Questionnaire
) -> Iterator[Change]:
    if old is None and new is not None:
        yield _only("added", after.item(new["id"]), after=True)
    elif new is None and old is not None:
        yield _only("removed", before.item(old["id"]), after=False)
    elif old is not None and new is not None:
        for key in dict.fromkeys([*old, *new]):
            what = "reworded" if key in _WORDS else "options" if key in _ANSWERS else "settings"
            yield from _difference(what, new["id"], key, _said(old.get(key)), _said(new.get(key)))


def _only(what: str, item: Item, *, after: bool) -> Change:
    nothing = Text(zh="", en="")
    return Change(
        what=what,
        item=item.id,
        key="",
        before=nothing if after else item.text,
        after=item.text if after else nothing,
    )


def _moved(old: list[str], new: list[str]) -> list[str]:
    """The fewest items whose moving explains the new order, of those in both."""
    kept_old = [each for each in old if each in new]
    kept_new = [each for each in new if each in old]
    blocks = SequenceMatcher(None, kept_old, kept_new, autojunk=False).get_matching_blocks()
    still = {kept_new[block.b + offset] for block in blocks for offset in range(block.size)}
    return [each for each in kept_new if each not in still]


def _difference(what: str, item: str, key: str, before: Text, after: Text) -> Iterator[Change]:
    if before != after:
        yield Change(what=what, item=item, key=key, before=before, after=after)


def _scale(scale: Any) -> Text:
    return _said(options_document(scale.options)) if scale else Text(zh="", en="")


def _said(value: Any) -> Text:
    """A value of a document in words: both languages of a text, a list line by line."""
    return Text(zh=_line(value, "zh"), en=_line(value, "en"))


def _line(value: Any, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_line(each, language) for each in value)
    if isinstance(value, dict):
        if set(value) == {"zh", "en"}:
            return value[language]
        head = [str(value[key]) for key in ("code", "id", "item") if key in value]
        words = [value[language]] if language in value else []
        rest = [
            f"{key}: {_inline(each, language)}"
            for key, each in value.items()
            if key not in {"zh", "en", "code", "id", "item"}
        ]
        return " · ".join([*head, *words, *rest])
    return str(value)


def _inline(value: Any, language: str) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else _line(value, language)
