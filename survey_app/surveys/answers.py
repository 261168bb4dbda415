"""Check what someone sent against the questionnaire: what may be stored, what is wrong beside which item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from survey_app.surveys.questionnaire import Item, Questionnaire

#: Control characters other than tab and line feed, and halves of surrogate pairs.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

#: Every code a problem can have; a page has a sentence for each.
PROBLEM_CODES = ("missing", "unknown_option", "two_values", "too_long", "control_characters", "unknown_item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with what was sent for one item. It never repeats what the respondent wrote."""

    #: Id of the item, or the made-printable name of one the questionnaire does not have.
    item: str
    #: One of :data:`PROBLEM_CODES`.
    code: str
    #: Numbers for the sentence: ``limit`` and ``length`` of a text that is too long.
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What may be stored, what is wrong, and what was left out because it was not asked."""

    #: Item id → option code, or text; in the questionnaire's order, without empty ones.
    answers: Mapping[str, str]
    #: In the questionnaire's order, unknown items last.
    problems: tuple[Problem, ...]
    #: Items answered although their condition is not met.
    dropped: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether this may be submitted."""
        return not self.problems

    def problem(self, item_id: str) -> Problem | None:
        """The problem to show beside this item, if there is one."""
        return next((problem for problem in self.problems if problem.item == item_id), None)


def check_answers(
    questionnaire: Questionnaire,
    group: str,
    raw: Mapping[str, object],
    *,
    through: str | None = None,
) -> Checked:
    """Check what someone of *group* sent.

    Args:
        questionnaire: the form that was answered.
        group: respondent group; one the form is not for is a KeyError.
        raw: item id → value or list of values, as a form or a JSON body gives them; blank is unanswered.
        through: id of a section: items after it need no answer yet (page by page without JavaScript).
    """
    answers: dict[str, str] = {}
    problems: list[Problem] = []
    dropped: list[str] = []
    required = _required_until(questionnaire, through)
    items = questionnaire.items_for(group)
    for item in items:
        values = _values(raw.get(item.id))
        if not item.is_asked(answers):
            dropped.extend([item.id] if values else [])
            continue
        value, problem = _read(item, values, required=item.required and item.id in required)
        if problem is not None:
            problems.append(problem)
        elif value:
            answers[item.id] = value
    known = {item.id for item in items}
    problems.extend(Problem(item=_printable(key), code="unknown_item") for key in raw if key not in known)
    return Checked(answers=MappingProxyType(answers), problems=tuple(problems), dropped=tuple(dropped))


def _required_until(questionnaire: Questionnaire, through: str | None) -> frozenset[str]:
    sections = questionnaire.sections
    if through is not None:
        position = [section.id for section in sections].index(through)
        sections = sections[: position + 1]
    return frozenset(item.id for section in sections for item in section.items)


def _values(sent: object) -> list[object]:
    """What was sent for an item, without blanks; anything that is no text stays, to be refused."""
    listed = sent if isinstance(sent, list | tuple) else [] if sent is None else [sent]
    return [value for value in listed if not isinstance(value, str) or value.strip()]


def _read(item: Item, values: list[object], *, required: bool) -> tuple[str, Problem | None]:
    if not values:
        return "", Problem(item=item.id, code="missing") if required else None
    if len(values) > 1:
        return "", Problem(item=item.id, code="two_values")
    return READERS[item.kind](item, values[0])


def read_choice(item: Item, value: object) -> tuple[str, Problem | None]:
    """The code of one of the item's options."""
    if not isinstance(value, str) or item.option(value) is None:
        return "", Problem(item=item.id, code="unknown_option")
    return value, None


def read_text(item: Item, value: object) -> tuple[str, Problem | None]:
    """Text without surrounding blanks, line ends as line feeds, within the item's limit."""
    if not isinstance(value, str):
        return "", Problem(item=item.id, code="control_characters")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > item.max_length:
        facts = MappingProxyType({"limit": item.max_length, "length": len(text)})
        return "", Problem(item=item.id, code="too_long", facts=facts)
    if _UNPRINTABLE.search(text):
        return "", Problem(item=item.id, code="control_characters")
    return text, None


#: How the value of each kind of item is read.
READERS: Mapping[str, Callable[[Item, object], tuple[str, Problem | None]]] = MappingProxyType(
    {"scale": read_choice, "single": read_choice, "text": read_text}
)


def _printable(key: object) -> str:
    """A foreign key as short plain ASCII, safe in a page and in a log."""
    return ascii(key)[1:-1][:64]
