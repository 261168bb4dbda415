"""Check what someone sent against the questionnaire: what may be stored, what is wrong beside which item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from survey_app.surveys.questionnaire import Item, Questionnaire, number_in

#: Control characters other than tab and line feed, and halves of surrogate pairs.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

#: Every code a problem can have; a page has a sentence for each.
PROBLEM_CODES = (
    "missing",
    "unknown_option",
    "two_values",
    "too_many_choices",
    "exclusive_choice",
    "not_a_number",
    "not_whole",
    "too_many_decimals",
    "number_low",
    "number_high",
    "too_long",
    "control_characters",
    "unknown_item",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with what was sent under one key. It never repeats what the respondent wrote."""

    #: Key of the answer (id of the item; of a matrix ``item.row``), or the made-printable name of a key the
    #: questionnaire does not have.
    item: str
    #: One of :data:`PROBLEM_CODES`.
    code: str
    #: What the sentence says: ``limit`` and ``length`` of a text, ``limit`` of a number or of choices,
    #: ``decimals``.
    facts: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What may be stored, what is wrong, and what was left out because it was not asked."""

    #: Key of each answer -> its text as it is stored; in the questionnaire's order, without empty ones.
    answers: Mapping[str, str]
    #: In the questionnaire's order, at most one a key, unknown keys last.
    problems: tuple[Problem, ...]
    #: Keys answered although the item's condition is not met.
    dropped: tuple[str, ...]
    #: Items that may be left out and were, about which a person is asked once whether that was meant.
    left_out: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether this may be submitted."""
        return not self.problems

    def problem(self, key: str) -> Problem | None:
        """The problem to show beside this item or row, if there is one."""
        return next((problem for problem in self.problems if problem.item == key), None)


def check_answers(
    questionnaire: Questionnaire,
    group: str,
    raw: Mapping[str, object],
    *,
    through: str | None = None,
) -> Checked:
    """Check what someone of *group* sent.

    What comes out as `Checked.answers` is taken again as it is.

    Args:
        questionnaire: the form that was answered.
        group: respondent group; one the form is not for is a KeyError.
        raw: key -> value or list of values, as a form or a JSON body gives them; blank is unanswered. Several
            choices come as a list or as one text with spaces between the codes.
        through: id of a section: items after it need no answer yet (page by page without JavaScript).
    """
    answers: dict[str, str] = {}
    problems: list[Problem] = []
    dropped: list[str] = []
    left_out: list[str] = []
    reached = questionnaire.reached(through)
    for item in questionnaire.items_for(group):
        if not item.is_asked(answers):
            dropped.extend(part.id for part in item.parts if _values(raw.get(part.id)))
            continue
        is_reached = item.id in reached
        found = _read_parts(item, raw, answers, required=item.required and is_reached)
        problems.extend(found)
        if item.soft and is_reached and not found and any(part.id not in answers for part in item.parts):
            left_out.append(item.id)
    known = questionnaire.keys_for(group)
    problems.extend(Problem(item=_printable(key), code="unknown_item") for key in raw if key not in known)
    return Checked(
        answers=MappingProxyType(answers),
        problems=tuple(problems),
        dropped=tuple(dropped),
        left_out=tuple(left_out),
    )


def as_texts(
    questionnaire: Questionnaire, group: str, raw: Mapping[str, str | Sequence[str]]
) -> dict[str, str]:
    """Write what was sent, unchecked, with one text a key: as it is carried from page to page.

    Several values of a multiple item become one text. Several values of another item are left out, since
    none of them is the answer; so are keys that *group* is not asked.
    """
    texts = {}
    for key in questionnaire.keys_for(group):
        value = raw.get(key)
        if isinstance(value, str):
            texts[key] = value
        elif value and (questionnaire.part(key).kind == "multiple" or len(value) == 1):
            texts[key] = " ".join(value)
    return texts


def _values(sent: object) -> list[object]:
    """What was sent for an item, without blanks; anything that is no text stays, to be refused."""
    if isinstance(sent, str):
        return [sent] if sent.strip() else []
    listed = sent if isinstance(sent, list | tuple) else [] if sent is None else [sent]
    return [value for value in listed if not isinstance(value, str) or value.strip()]


def _read_parts(
    item: Item, raw: Mapping[str, object], answers: dict[str, str], *, required: bool
) -> list[Problem]:
    """Add the texts of an item's parts to *answers*; what is wrong with the others."""
    problems: list[Problem] = []
    for part in item.parts:
        value, problem = _read(part, _values(raw.get(part.id)), required=required)
        if problem is not None:
            problems.append(problem)
        elif value:
            answers[part.id] = value
    return problems


def _read(item: Item, values: list[object], *, required: bool) -> tuple[str, Problem | None]:
    if not values:
        return "", Problem(item=item.id, code="missing") if required else None
    if item.kind == "multiple":
        return read_choices(item, values)
    if len(values) > 1:
        return "", Problem(item=item.id, code="two_values")
    return READERS[item.kind](item, values[0])


def read_choice(item: Item, value: object) -> tuple[str, Problem | None]:
    """The code of one of the item's options."""
    if not isinstance(value, str) or item.option(value) is None:
        return "", Problem(item=item.id, code="unknown_option")
    return value, None


def read_choices(item: Item, value: object) -> tuple[str, Problem | None]:
    """The codes of some of the item's options, each once, in the order of the file."""
    codes: set[str] = set()
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, str) or any(item.option(code) is None for code in each.split()):
            return "", Problem(item=item.id, code="unknown_option")
        codes |= set(each.split())
    chosen = [option for option in item.options if option.code in codes]
    if len(chosen) > 1 and any(option.excludes for option in chosen):
        return "", Problem(item=item.id, code="exclusive_choice")
    if item.most and len(chosen) > item.most:
        facts = MappingProxyType({"limit": item.most, "length": len(chosen)})
        return "", Problem(item=item.id, code="too_many_choices", facts=facts)
    return " ".join(option.code for option in chosen), None


def read_number(item: Item, value: object) -> tuple[str, Problem | None]:
    """A number within the item's bounds, in plain digits; full-width digits count as digits."""
    number = number_in(value) if isinstance(value, str) else None
    if number is None:
        return "", Problem(item=item.id, code="not_a_number")
    digits = f"{number:f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    if digits == "-0":
        digits = "0"
    if len(digits.partition(".")[2]) > item.decimals:
        code = "too_many_decimals" if item.decimals else "not_whole"
        facts = MappingProxyType({"decimals": item.decimals} if item.decimals else {})
        return "", Problem(item=item.id, code=code, facts=facts)
    for code, bound, outside in (
        ("number_low", item.low, item.low is not None and number < item.low),
        ("number_high", item.high, item.high is not None and number > item.high),
    ):
        if outside:
            return "", Problem(item=item.id, code=code, facts=MappingProxyType({"limit": f"{bound:f}"}))
    return digits, None


def read_text(item: Item, value: object) -> tuple[str, Problem | None]:
    """Text without surrounding blanks, line ends as line feeds, within the item's limit."""
    if not isinstance(value, str):
        return "", Problem(item=item.id, code="control_characters")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if item.kind == "short_text":
        text = text.replace("\n", " ")
    if len(text) > item.max_length:
        facts = MappingProxyType({"limit": item.max_length, "length": len(text)})
        return "", Problem(item=item.id, code="too_long", facts=facts)
    if _UNPRINTABLE.search(text):
        return "", Problem(item=item.id, code="control_characters")
    return text, None


#: How the value of each kind of part is read; a matrix is read row by row.
READERS: Mapping[str, Callable[[Item, object], tuple[str, Problem | None]]] = MappingProxyType(
    {
        "scale": read_choice,
        "single": read_choice,
        "multiple": read_choices,
        "number": read_number,
        "short_text": read_text,
        "text": read_text,
    }
)


def _printable(key: object) -> str:
    """A foreign key as short plain ASCII, safe in a page and in a log."""
    return ascii(key)[1:-1][:64]
