"""What in a text looks as if it named somebody, and the text without it.

The check looks for patterns (`marks.toml`): telephone and identity numbers, accounts, addresses, long
numbers, names after 我叫 or before a title such as 老师, and the names of the county's schools. It does not
understand what it reads: a name without a title, a nickname, a place or a story that everybody knows passes,
and now and then it takes a word for a name.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from survey_app.surveys.bilingual import Text

#: Names of schools shorter than this are words of everyday speech.
_SHORTEST_SCHOOL = 4

_SCHOOL = "school"

#: Full-width digits, letters and signs of numbers, made narrow; the signs of our own taken out.
_NARROW = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()},
    **str.maketrans("＋－＠＿．", "+-@_."),
    **dict.fromkeys((0xE000, 0xE001)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One kind of thing that is left out."""

    id: str
    pattern: re.Pattern[str]
    #: The group of the pattern that is left out; empty for all of it.
    part: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text without what was found in it."""

    text: str
    #: What was found, each kind once, in the order of the file.
    marks: tuple[str, ...]


def marked(text: str, *, schools: Iterable[str] = ()) -> Marked:
    """Leave out of *text* what looks as if it named somebody; *schools* are names to leave out too.

    >>> marked("请找王建国老师，电话１３８ 0013 8000，微信 wjg_1975").text
    '请找〔姓名〕老师，电话〔电话〕，微信 〔账号〕'
    >>> marked("希望高中老师多一些").marks
    ()
    """
    plain = text.translate(_NARROW)
    found: list[str] = []
    for name in sorted({name for name in schools if len(name) >= _SHORTEST_SCHOOL}, key=len, reverse=True):
        if name in plain:
            plain = plain.replace(name, _sign(_SCHOOL))
            found.append(_SCHOOL)
    for mark in marks():
        plain, n = mark.pattern.subn(lambda match, mark=mark: _without(match, mark), plain)
        if n and _sign(mark.id) in plain:
            found.append(mark.id)
    return Marked(
        text=_NAMED.sub(lambda match: f"〔{labels()[match[1]].zh}〕", plain),
        marks=tuple(dict.fromkeys(found)),
    )


@cache
def marks() -> tuple[Mark, ...]:
    """The kinds of things that are looked for, in their order."""
    document = _document()
    surnames = "".join(document["surnames"].split())
    return tuple(
        Mark(
            id=row["id"],
            pattern=re.compile(row["pattern"].replace("{surname}", surnames)),
            part=row.get("part", ""),
            label=Text(zh=row["zh"], en=row["en"]),
        )
        for row in document["marks"]
    )


@cache
def labels() -> Mapping[str, Text]:
    """What the kinds are called, schools among them."""
    return {mark.id: mark.label for mark in marks()} | {_SCHOOL: Text(zh="学校", en="school")}


#: A place that something was left out of, until it gets its words; no reader can have typed it.
_NAMED = re.compile("\ue000([a-z_]+)\ue001")


def _sign(kind: str) -> str:
    return f"\ue000{kind}\ue001"


def _without(match: re.Match[str], mark: Mark) -> str:
    whole = match[0]
    if not mark.part:
        return _sign(mark.id)
    if match.string.startswith(_no_names(), match.start(mark.part)):
        return whole
    begin, end = match.start(mark.part) - match.start(), match.end(mark.part) - match.start()
    return whole[:begin] + _sign(mark.id) + whole[end:]


@cache
def _no_names() -> tuple[str, ...]:
    return tuple(_document()["no_names"])


@cache
def _document() -> Mapping:
    return tomllib.loads((Path(__file__).parent / "marks.toml").read_text(encoding="utf-8"))
