"""Reading a table of a data file strictly: every key is asked for, and every fault is kept.

The getters always return a value of the right type, so that reading goes on after a fault and all
faults of a file are found in one pass. Whoever reads raises at the end if any fault was noted.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from survey_app.surveys.bilingual import LANGUAGES, PLACEHOLDERS, Text
from survey_app.surveys.faults import Fault

_Value = TypeVar("_Value")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
_ALLOWED_PLACEHOLDERS = tuple("{" + name + "}" for name in PLACEHOLDERS)
_TYPE_WORDS: dict[type, str] = {
    str: "string",
    bool: "true/false",
    int: "integer",
    list: "list",
    dict: "table",
}


class StrictTable:
    """One table (a mapping) of a file, at a named place."""

    def __init__(self, table: Any, *, file: str, faults: list[Fault], place: str = "", item: str = ""):
        self.file, self.faults, self.place, self.item = file, faults, place, item
        self.asked: set[str] = set()
        self.values: dict[str, Any] = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            self.fault("", "wrong_type", value=type(table).__name__, known=("table",))

    def fault(self, key: str, rule: str, *, value: object = "", known: tuple[str, ...] = ()) -> None:
        """Note that *rule* is broken at *key* of this table."""
        self.faults.append(
            Fault(
                file=self.file,
                place=self.place,
                item=self.item,
                key=key,
                rule=rule,
                value=str(value)[:80],
                known=known,
            )
        )

    def has(self, key: str) -> bool:
        """Whether the file gives this key (asking for it makes it a known key)."""
        self.asked.add(key)
        return key in self.values

    def _take(self, key: str, wanted: type[_Value], default: _Value, *, required: bool) -> _Value:
        if not self.has(key):
            if required:
                self.fault(key, "missing_key")
            return default
        value = self.values[key]
        if type(value) is not wanted:
            self.fault(key, "wrong_type", value=type(value).__name__, known=(_TYPE_WORDS[wanted],))
            return default
        return value

    def string(self, key: str, *, required: bool = True) -> str:
        """A string that is not blank; empty when it is missing."""
        value = self._take(key, str, "", required=required)
        if key in self.values and type(self.values[key]) is str and not value.strip():
            self.fault(key, "empty")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false when it is missing."""
        return self._take(key, bool, False, required=False)

    def whole(self, key: str, *, default: int, low: int, high: int) -> int:
        """An integer from *low* to *high*."""
        value = self._take(key, int, default, required=False)
        if not low <= value <= high:
            self.fault(key, "out_of_range", value=value, known=(f"{low}–{high}",))
        return value

    def strings(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of different strings."""
        values = self._take(key, list, [], required=required)
        if key in self.values and isinstance(self.values[key], list) and not values:
            self.fault(key, "empty")
        strings: list[str] = []
        for value in values:
            if not isinstance(value, str):
                self.fault(key, "wrong_type", value=type(value).__name__, known=("string",))
            elif value in strings:
                self.fault(key, "duplicate_value", value=value)
            else:
                strings.append(value)
        return tuple(strings)

    def text(self, key: str) -> Text:
        """A table of words in every language, each of them present and not blank."""
        self.asked.add(key)
        if key not in self.values:
            self.fault(key, "missing_key")
            return Text(zh="", en="")
        return self.child(key).words(prefix=key)

    def words(self, *, prefix: str = "", more: tuple[str, ...] = ()) -> Text:
        """This table itself as words: ``zh`` and ``en``, beside the keys *more*."""
        found = {language: self._word(language, prefix) for language in LANGUAGES}
        self.asked.update(more)
        self.finish(prefix=prefix)
        return Text(**found)

    def _word(self, language: str, prefix: str) -> str:
        self.asked.add(language)
        key = f"{prefix}.{language}" if prefix else language
        value = self.values.get(language, "")
        if not isinstance(value, str):
            self.fault(key, "wrong_type", value=type(value).__name__, known=("string",))
            return ""
        if not value.strip():
            self.fault(key, "missing_translation")
        for found in _PLACEHOLDER.findall(value):
            if found not in _ALLOWED_PLACEHOLDERS:
                self.fault(key, "unknown_placeholder", value=found, known=_ALLOWED_PLACEHOLDERS)
        return value

    def child(self, key: str) -> StrictTable:
        """The table under *key*, at the same place."""
        return self._at(self._take(key, dict, {}, required=False), self.place, self.item)

    def children(self, key: str, *, required: bool = True) -> list[Any]:
        """The list under *key*; its members are still to be read with :meth:`member`."""
        values = self._take(key, list, [], required=required)
        if not values and (required and key in self.values):
            self.fault(key, "empty")
        return values

    def member(self, table: Any, *, place: str, item: str | None = None) -> StrictTable:
        """A table inside this one, at a place of its own."""
        within = f"{self.place}, {place}" if self.place else place
        return self._at(table, within, self.item if item is None else item)

    def _at(self, table: Any, place: str, item: str) -> StrictTable:
        return StrictTable(table, file=self.file, faults=self.faults, place=place, item=item)

    def finish(self, *, prefix: str = "") -> None:
        """Note every key that nobody asked for."""
        for key in self.values:
            if key not in self.asked:
                dotted = f"{prefix}.{key}" if prefix else str(key)
                self.fault(dotted, "unknown_key", known=tuple(sorted(self.asked)))
