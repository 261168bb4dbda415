"""Single cells, both ways: a value of the county file and what stands in the grid for it.

What the grid cannot hold as it is has two escapes, so that nothing is lost on the way to a workbook
and back. Text that a cell would change or that a reader would refuse (empty, surrounded by blanks,
with invisible characters) is written as a JSON string in quotation marks. A number that comes back
otherwise than it was written (96.0 as 96, or a seventeenth digit) leaves its literal in the row's
hidden note; the note counts only while the cell still shows that number.
"""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.counties.workbook.shape import NONE_WORD, NUMBERS, Column

#: The most characters a cell holds.
LONGEST_TEXT = 32_767
#: No figure of a county comes near this.
LARGEST = 10**15

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_FLAG_WORDS = {"是": True, "否": False}


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell whose content is no plain value: a date, an error, a formula without a result."""

    #: ``date``, ``error`` or ``formula``.
    what: str
    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | bool | int | float | Odd | None

_ODD_RULES = {"date": "is_date", "error": "error_cell", "formula": "formula_without_value"}


class BadCellError(Exception):
    """A cell breaks a rule; the reader adds the place."""

    def __init__(self, rule: str, **facts: Any):
        super().__init__(rule)
        self.rule, self.facts = rule, facts


def is_blank(cell: Cell) -> bool:
    """Say whether nothing that means anything stands in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def to_cell(value: Any, column: Column) -> str | int | float:
    """Return what is written for *value*."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.kind in NUMBERS:
        return value
    if column.choices:
        word = column.words.get(value)
        if word is not None:
            return word
        return _quoted(value) if value in column.choices or not _is_plain(value, column) else value
    return value if _is_plain(value, column) else _quoted(value)


def note_of(value: Any) -> str | None:
    """Return the literal of a number that the grid gives back otherwise, else None.

    >>> note_of(96.5), note_of(96.0), note_of(520000)
    (None, '96.0', None)
    """
    literal = json.dumps(value)
    return None if literal == json.dumps(_plain_number(_stored(value))) else literal


def from_cell(cell: Cell, column: Column, *, literal: str | None = None) -> Any:
    """Return the value of the county file that a filled cell means.

    Raises:
        BadCellError: naming the rule the cell breaks.
    """
    if isinstance(cell, Odd):
        raise BadCellError(_ODD_RULES[cell.what])
    if column.kind in NUMBERS:
        return _number(cell, column, literal)
    if column.kind == "flag":
        return _flag(cell)
    text = _text(cell, column)
    if column.kind == "choice" and text not in column.choices:
        raise BadCellError("unknown_choice", choices="、".join(column.choices))
    return text if _is_quoted(cell) else column.choices.get(text, text)


def says_none(cell: Cell) -> bool:
    """Say whether the cell is the word for "there are none"."""
    return isinstance(cell, str) and cell.strip() == NONE_WORD


def _number(cell: Cell, column: Column, literal: str | None) -> int | float:
    if isinstance(cell, bool) or cell is None:
        raise BadCellError("not_a_number")
    number = _from_text(cell) if isinstance(cell, str) else _from_grid(cell, literal)
    if not math.isfinite(number):
        raise BadCellError("not_a_number")
    lowest = column.minimum if column.minimum is not None else -math.inf if column.kind == "integer" else 0
    if number < 0 <= lowest:
        raise BadCellError("negative")
    if abs(number) > LARGEST:
        raise BadCellError("too_large", largest=LARGEST)
    if column.kind in ("count", "integer") and number != int(number):
        raise BadCellError("not_an_integer")
    if column.maximum is None and number < lowest:
        raise BadCellError("too_small", minimum=_short(lowest))
    if number < lowest or (column.maximum is not None and number > column.maximum):
        raise BadCellError("out_of_range", minimum=_short(lowest), maximum=_short(column.maximum))
    return number


def _from_grid(cell: Any, literal: str | None) -> int | float:
    """Return the number of a numeric cell, with the digits of its note while the note still fits."""
    if literal is not None:
        try:
            exact = json.loads(literal)
            if isinstance(exact, int | float) and not isinstance(exact, bool) and _stored(exact) == cell:
                return exact
        except (ValueError, OverflowError):
            pass
    return _plain_number(cell)


def _from_text(cell: str) -> int | float:
    """Return a number that was typed as text, if there is only one way to read it."""
    text = cell.strip()
    if _DECIMAL.fullmatch(text) and len(text) < 40:
        return float(text) if "." in text else int(text)
    if _DECIMAL.fullmatch(unicodedata.normalize("NFKC", text)):
        raise BadCellError("fullwidth_digits", suggestion=unicodedata.normalize("NFKC", text))
    _refuse_invisible(text)
    raise BadCellError("not_a_number")


def _stored(value: float) -> float:
    """Return the number that a cell keeps: sixteen significant digits."""
    return float(f"{value:.16G}")


def _plain_number(value: float) -> int | float:
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) <= LARGEST else value


def _short(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"


def _flag(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    word = _FLAG_WORDS.get(cell.strip()) if isinstance(cell, str) else None
    if word is None:
        raise BadCellError("unknown_choice", choices="、".join(_FLAG_WORDS))
    return word


def _text(cell: Cell, column: Column) -> str:
    if not isinstance(cell, str):
        raise BadCellError("id_is_number" if column.kind in ("code", "key") else "text_is_number")
    if _is_quoted(cell):
        return json.loads(cell)
    text = cell.strip()
    if len(text) > LONGEST_TEXT:
        raise BadCellError("text_too_long", longest=LONGEST_TEXT)
    _refuse_invisible(text)
    if column.kind == "code" and _fullwidth(text):
        raise BadCellError("fullwidth_characters", suggestion=unicodedata.normalize("NFKC", text))
    return text


def _refuse_invisible(text: str) -> None:
    for place, character in enumerate(text, start=1):
        if _is_invisible(character):
            raise BadCellError("invisible_character", character=f"U+{ord(character):04X}", place=place)


def _is_invisible(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def _fullwidth(text: str) -> bool:
    """Say whether letters or digits stand in their full-width form, which only looks the same."""
    return any(0xFF10 <= ord(character) <= 0xFF5A for character in text)


def _is_plain(text: str, column: Column) -> bool:
    """Say whether a cell gives *text* back as it is."""
    return (
        text != ""
        and text == text.strip()
        and not (text.startswith('"') and text.endswith('"'))
        and not any(_is_invisible(character) for character in text)
        and not (column.kind == "code" and _fullwidth(text))
    )


def _quoted(text: str) -> str:
    return json.dumps(text)


def _is_quoted(cell: Any) -> bool:
    if not (isinstance(cell, str) and len(cell) > 1 and cell.startswith('"') and cell.endswith('"')):
        return False
    try:
        return isinstance(json.loads(cell), str)
    except ValueError:
        return False


def read_note(cell: Cell) -> Mapping[str, Any]:
    """Return a row's hidden note; one that cannot be read says nothing."""
    if not isinstance(cell, str) or not cell.startswith("{"):
        return {}
    try:
        note = json.loads(cell)
    except (ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}
