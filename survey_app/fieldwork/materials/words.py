"""The words of what is printed, as a county may choose them."""

import string
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from survey_app.canonical import digest
from survey_app.formatting import deadline
from survey_app.surveys.models import Wave

_FILE = Path(__file__).with_name("words.toml")

#: The wording that is proposed.
STANDARD = "standard"

#: What the words may name between braces.
_NAMES = {"county", "title", "opens", "closes", "contact", "pressure_contact", "address", "renewed"}


class WordsError(Exception):
    """The file of words is not as it must be; *said* names the place and what is known."""

    code = "words"

    def __init__(self, said: str):
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to parents, with gaps to fill."""

    #: How staff choose it.
    label: str
    title: str
    greeting: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading and the steps under it."""

    heading: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What the cover sheet of a batch says."""

    title: str
    lead: str
    handing: tuple[str, ...]
    left_over_heading: str
    left_over: str
    lost: str
    renewed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proctor:
    """The page for whoever lets people answer."""

    title: str
    lead: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What a poster and a class sheet say."""

    invitation: str
    lines: tuple[str, ...]
    class_invitation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything of the file; `digest` changes when a word of it does."""

    letters: dict[str, Letter]
    cover: Cover
    proctor: Proctor
    poster: Poster
    digest: str


@cache
def words() -> Words:
    """The words that come with the product."""
    return read_words(_FILE.read_text("utf-8"))


def read_words(text: str) -> Words:
    """Read a file of words.

    Raises:
        WordsError: a key that is unknown or missing, or a gap that nothing fills.
    """
    document = tomllib.loads(text)
    _exactly(document, {"letter", "cover", "proctor", "poster"}, "")
    if STANDARD not in document["letter"]:
        raise WordsError(f"letter.{STANDARD} is missing")
    return Words(
        letters={name: _made(Letter, given, f"letter.{name}") for name, given in document["letter"].items()},
        cover=_made(Cover, document["cover"], "cover"),
        proctor=_made(
            Proctor,
            document["proctor"]
            | {
                "parts": [_made(Part, each, "proctor.parts") for each in document["proctor"].get("parts", [])]
            },
            "proctor",
        ),
        poster=_made(Poster, document["poster"], "poster"),
        digest=digest(text),
    )


def facts_of(wave: Wave, public_url: str) -> dict[str, str]:
    """What fills the gaps for *wave*."""
    return {
        "county": wave.county.name,
        "title": wave.title,
        "opens": deadline(wave.opens_at),
        "closes": deadline(wave.closes_at),
        "contact": wave.contact,
        "pressure_contact": wave.pressure_contact,
        "address": shown_address(public_url),
    }


def shown_address(public_url: str) -> str:
    """Where a code is typed, as short as a person can type it.

    >>> shown_address("https://example.gov.cn")
    'example.gov.cn/code'
    """
    return f"{public_url.partition('://')[2]}/code"


def _made(kind: Any, given: dict[str, Any], where: str) -> Any:
    _exactly(given, {field.name for field in fields(kind)}, where)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    for value in values.values():
        for text in value if isinstance(value, tuple) else (value,):
            _check_gaps(text, where)
    return kind(**values)


def _exactly(given: dict[str, Any], known: set[str], where: str) -> None:
    wrong = set(given) ^ known
    if wrong:
        raise WordsError(f"{where}: {', '.join(sorted(wrong))}; known: {', '.join(sorted(known))}")


def _check_gaps(text: object, where: str) -> None:
    if not isinstance(text, str):
        return
    named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    if named - _NAMES:
        raise WordsError(f"{where}: {{{', '.join(sorted(named - _NAMES))}}} in “{text[:40]}”")
