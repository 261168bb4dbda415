"""Names of files and folders that every system takes, made from names that people gave."""

import unicodedata
from collections.abc import Iterable

#: Characters that Windows refuses; the slashes would also lead out of the folder.
_FORBIDDEN = set('<>:"/\\|?*')

#: Categories of characters that nobody sees, or that are no characters.
_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}

#: Names of devices, which Windows refuses with any ending.
_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{port}{n}" for port in ("COM", "LPT") for n in range(10)}

#: Longest part of a path, in letters and in bytes as file systems count them.
_LETTERS, _BYTES = 60, 180


def safe(text: str) -> str:
    """*text* as one part of a path: no path of its own, nothing that a system refuses, never empty.

    >>> safe("第一小学/南校区"), safe("../con."), safe("  CON  "), safe("")
    ('第一小学_南校区', '_con', '_CON', '_')
    """
    shown = "".join(_fit(letter) for letter in unicodedata.normalize("NFC", text))
    cut = shown.strip(" .")[:_LETTERS]
    while len(cut.encode("utf-8")) > _BYTES:
        cut = cut[:-1]
    name = cut.strip(" .")
    return f"_{name}" if not name or name.partition(".")[0].strip().upper() in _DEVICES else name


def different(names: Iterable[str]) -> list[str]:
    """*names* in their order, with a number behind those that are, but for case, like an earlier one.

    >>> different(["A", "a", "b"])
    ['A', 'a（2）', 'b']
    """
    taken: set[str] = set()
    given = []
    for name in names:
        number, shown = 1, name
        while shown.casefold() in taken:
            number += 1
            shown = f"{name}（{number}）"
        taken.add(shown.casefold())
        given.append(shown)
    return given


def _fit(letter: str) -> str:
    unseen = unicodedata.category(letter) in _UNSEEN
    return "_" if letter in _FORBIDDEN or unseen else letter
