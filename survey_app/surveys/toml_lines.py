"""On which line of a TOML file each key and each member of a list stands; the standard parser does not say.

The text is scanned once and only for places: it must have been accepted by ``tomllib`` before.
"""

from __future__ import annotations

import re
import tomllib

#: Keys and list positions from the top of the file, as in ``("sections", 0, "items", 2, "text", "en")``.
Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_STRINGS = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL
)


def lines_of(text: str) -> dict[Path, int]:
    r"""Give the line, counted from 1, on which each key or list member of *text* begins.

    >>> lines_of('a = 1\n[[b]]\nc = [\n  2,\n]')[("b", 0, "c", 0)]
    4
    """
    return _Scanner(text).scan()


class _Scanner:
    """One pass over a file that is known to be TOML."""

    def __init__(self, text: str):
        self.text, self.at = text.replace("\r\n", "\n"), 0
        self.lines: dict[Path, int] = {}
        self.arrays: dict[Path, int] = {}
        self.line, self.counted = 1, 0

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> Path:
        twice = self.text.startswith("[[", self.at)
        self.at += 2 if twice else 1
        line = self._line()
        path = self._resolved(self._key(), line)
        if twice:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = (*path, self.arrays[path])
        self.lines.setdefault(path, line)
        self._skip(_SPACE)
        self.at += 2 if twice else 1
        return path

    def _resolved(self, keys: Path, line: int) -> Path:
        """The path of a header: every list of tables on the way stands for its last member."""
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if path in self.arrays and number < len(keys):
                path = (*path, self.arrays[path])
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._skip(_SPACE)
        self.at += 1
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> Path:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                start = self.at
                self._skip(_STRINGS)
                keys.append(tomllib.loads(f"k = {self.text[start : self.at]}")["k"])
            else:
                start = self.at
                self._skip(_BARE_KEY)
                keys.append(self.text[start : self.at])
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self._skip(_STRINGS)
        elif opening in "[{":
            self._members(path, "]" if opening == "[" else "}")
        else:
            self._skip(_SCALAR)

    def _members(self, path: Path, closing: str) -> None:
        self.at += 1
        number = 0
        while not self.text.startswith(closing, self._skip(_BLANK)):
            if closing == "]":
                self.lines.setdefault((*path, number), self._line())
                self._value((*path, number))
            else:
                self._pair(path)
            number += 1
            if self.text.startswith(",", self._skip(_BLANK)):
                self.at += 1
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return self.at

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line
