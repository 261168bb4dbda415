"""Reading a table of a data file strictly: every key is asked for, and every fault is kept.

The getters always return a value of the right type, so that reading goes on after a fault and all
faults of a file are found in one pass. Whoever reads raises at the end if any fault was noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from survey_app.surveys.bilingual import LANGUAGES, PLACEHOLDERS, Text
from survey_app.surveys.faults import Fault

#: Keys and list positions from the top of the file.
Path = tuple[str | int, ...]

_Value = TypeVar("_Value")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")
_DECIMAL = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_TYPE_WORDS: dict[type, str] = {
    str: "string",
    bool: "true/false",
    int: "integer",
    list: "list",
    dict: "table",
}


def braced(names: tuple[str, ...]) -> tuple[str, ...]:
    """The placeholders of these names as they stand in a text."""
    return tuple("{" + name + "}" for name in names)


@dataclass(slots=True, kw_only=True)
class Reading:
    """One file while it is read."""

    file: str
    #: The line on which a key stands; 0 where that is not known.
    line_of: Callable[[Path], int] = lambda _path: 0
    #: What a text is -> language -> most characters.
    longest: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class StrictTable:
    """One table (a mapping) of a file, at a named place."""

    def __init__(self, table: Any, reading: Reading, *, path: Path = (), place: str = "", item: str = ""):
        self.reading, self.path, self.place, self.item = reading, path, place, item
        self.asked: set[str] = set()
        self.values: dict[str, Any] = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            self.fault("", "wrong_type", value=type(table).__name__, known=("table",))

    def fault(self, key: str, rule: str, *, value: object = "", known: tuple[str, ...] = ()) -> None:
        """Note that *rule* is broken at *key* of this table."""
        self.reading.faults.append(
            Fault(
                file=self.reading.file,
                place=self.place,
                item=self.item,
                key=key,
                rule=rule,
                value=str(value)[:80],
                known=known,
                line=self.reading.line_of((*self.path, *key.split(".")) if key else self.path),
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

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        """One of the *known* words; the first of them when it is missing."""
        value = self._take(key, str, known[0], required=False)
        if value not in known:
            self.fault(key, "unknown_value", value=value, known=known)
            return known[0]
        return value

    def flag(self, key: str) -> bool:
        """True or false; false when it is missing."""
        return self._take(key, bool, False, required=False)

    def whole(self, key: str, *, default: int, low: int, high: int) -> int:
        """An integer from *low* to *high*."""
        value = self._take(key, int, default, required=False)
        if self.has(key) and not low <= value <= high:
            self.fault(key, "out_of_range", value=value, known=(f"{low}–{high}",))
        return value

    def decimal(self, key: str) -> Decimal | None:
        """A number, in a file as such and in the canonical form as text; None when it is missing."""
        if not self.has(key):
            return None
        value = self.values[key]
        number = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
        written = f"{value:f}" if isinstance(value, Decimal) else str(value)
        if not number or not _DECIMAL.fullmatch(written):
            self.fault(key, "not_decimal", value=value)
            return None
        return Decimal(written)

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

    def text(self, key: str, *, what: str, names: tuple[str, ...] = ("county",)) -> Text:
        """A table of words in every language, each of them present and not blank.

        *what* it is says how long it may be; *names* are the placeholders it may leave open.
        """
        self.asked.add(key)
        if key not in self.values:
            self.fault(key, "missing_key")
            return Text(zh="", en="")
        return self.child(key).words(what=what, prefix=key, names=names, within=self)

    def words(
        self,
        *,
        what: str,
        prefix: str = "",
        more: tuple[str, ...] = (),
        names: tuple[str, ...] = ("county",),
        within: StrictTable | None = None,
    ) -> Text:
        """This table itself as words: ``zh`` and ``en``, beside the keys *more*."""
        outer = within or self
        found = {language: self._word(language, what, prefix, names, outer) for language in LANGUAGES}
        self.asked.update(more)
        self.finish(prefix=prefix, within=outer)
        return Text(**found)

    def _word(
        self, language: str, what: str, prefix: str, names: tuple[str, ...], within: StrictTable
    ) -> str:
        self.asked.add(language)
        key = f"{prefix}.{language}" if prefix else language
        value = self.values.get(language, "")
        if not isinstance(value, str):
            within.fault(key, "wrong_type", value=type(value).__name__, known=("string",))
            return ""
        if not value.strip():
            within.fault(key, "missing_translation")
        most = self.reading.longest.get(what, {}).get(language)
        if most is not None and len(value) > most:
            within.fault(key, "too_wordy", value=len(value), known=(str(most),))
        for found in _PLACEHOLDER.findall(value):
            if found not in braced(names):
                within.fault(key, "unknown_placeholder", value=found, known=braced(names))
        return value

    def child(self, key: str) -> StrictTable:
        """The table under *key*, at the same place."""
        value = self._take(key, dict, {}, required=False)
        return StrictTable(value, self.reading, path=(*self.path, key), place=self.place, item=self.item)

    def children(self, key: str, *, required: bool = True) -> list[Any]:
        """The list under *key*; its members are still to be read with :meth:`member`."""
        values = self._take(key, list, [], required=required)
        if not values and (required and key in self.values):
            self.fault(key, "empty")
        return values

    def member(self, table: Any, *at: str | int, place: str, item: str | None = None) -> StrictTable:
        """A table inside this one, *at* these keys and positions, with a place of its own."""
        within = f"{self.place}, {place}" if self.place else place
        return StrictTable(
            table,
            self.reading,
            path=(*self.path, *at),
            place=within,
            item=self.item if item is None else item,
        )

    def finish(self, *, prefix: str = "", within: StrictTable | None = None) -> None:
        """Note every key that nobody asked for."""
        for key in self.values:
            if key not in self.asked:
                dotted = f"{prefix}.{key}" if prefix else str(key)
                (within or self).fault(dotted, "unknown_key", known=tuple(sorted(self.asked)))


#: Names that a text may leave open wherever a person's school is known.
ALL_NAMES = tuple(PLACEHOLDERS)
