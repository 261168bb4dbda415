"""A questionnaire: sections of items, whom each item is put to, and when.

An answer is a flat mapping *key -> text*. The key of an item is its id; each row of a matrix has a key of its
own, ``item.row``. The text is

- for ``single``, ``scale`` and a matrix row the code of the chosen option,
- for ``multiple`` the chosen codes in the order of the file, a space between them,
- for ``number`` plain decimal digits without needless zeros (``-3``, ``0.5``, ``12``),
- for ``text`` and ``short_text`` the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from survey_app.canonical import canonical, digest
from survey_app.surveys.bilingual import Text
from survey_app.surveys.ordering import shuffled

#: Codes of a scale's levels, best first, with their value; 不了解 is no level.
LEVELS: Mapping[str, int] = MappingProxyType({"5": 5, "4": 4, "3": 3, "2": 2, "1": 1})

#: Code of 不了解 on every scale; among other options too it stays last and goes with nothing else.
DONT_KNOW = "dk"

#: A rating from here up is positive: the top two of the five levels.
POSITIVE_FROM = 4

#: Longest answer to a text item, in characters, unless the item says otherwise.
TEXT_LIMITS: Mapping[str, int] = MappingProxyType({"text": 1000, "short_text": 100})

#: Ways to put a questionnaire: a section a page, or everything on one.
LAYOUTS = ("pages", "one_page")

#: Ways to order items, options and rows.
ORDERS = ("fixed", "random")

#: How much an item is asked for; ``soft`` asks once whether it was left out on purpose.
DEMANDS = ("required", "soft", "optional")

#: A number as people write it; longer ones are none.
_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})", re.ASCII)


def number_in(text: str) -> Decimal | None:
    """The number that somebody wrote, full-width digits among them; None where it is none.

    >>> number_in(" １２．５ "), number_in("1e3"), number_in("dk")
    (Decimal('12.5'), None, None)
    """
    if len(text) > 100:
        return None
    plain = unicodedata.normalize("NFKC", text).strip()
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How items of one kind are written in a file and answered."""

    #: Whether an answer is demanded unless the item says otherwise.
    required: bool
    #: Whether the answer is one or some of the item's options, so that a condition can name them.
    has_options: bool
    #: Whether a condition can compare the answer with a number.
    is_number: bool = False
    #: Keys an item of this kind may have beside those of every item.
    keys: frozenset[str]


#: Every kind of item by its name in the files.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "scale": Kind(
            required=True,
            has_options=True,
            is_number=True,
            keys=frozenset({"scale", "topic", "indicators", "reversed", "overall"}),
        ),
        "single": Kind(
            required=True,
            has_options=True,
            keys=frozenset({"options", "option_order", "topic", "indicators"}),
        ),
        "multiple": Kind(
            required=True,
            has_options=True,
            keys=frozenset({"options", "option_order", "most", "topic", "indicators"}),
        ),
        "matrix": Kind(
            required=True,
            has_options=False,
            keys=frozenset({"scale", "options", "rows", "row_order", "topic", "indicators"}),
        ),
        "number": Kind(
            required=True,
            has_options=False,
            is_number=True,
            keys=frozenset({"min", "max", "decimals", "unit"}),
        ),
        "short_text": Kind(required=False, has_options=False, keys=frozenset({"max_length"})),
        "text": Kind(required=False, has_options=False, keys=frozenset({"max_length"})),
    }
)

#: Keys any item may have.
ITEM_KEYS = frozenset({"id", "kind", "text", "hint", "variants", "groups", "when", "required", "anchored"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One possible answer, stored by its code."""

    code: str
    text: Text
    #: Keeps its place, after those that are shuffled (其他).
    anchored: bool = False
    #: Goes with no other option of a multiple item (以上都没有).
    alone: bool = False

    @property
    def stays(self) -> bool:
        """Whether it keeps its place when options are shuffled."""
        return self.anchored or self.code == DONT_KNOW

    @property
    def excludes(self) -> bool:
        """Whether it goes with no other option."""
        return self.alone or self.code == DONT_KNOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Five named levels and 不了解, shared by items of one form."""

    id: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Ask only if an earlier answer meets all that is stated here; one that was not given never does.

    Of a multiple item, ``in`` wants at least one of the codes chosen and ``not_in`` none of them. The bounds
    compare numbers, and levels of a scale as they are coded; 不了解 lies within no bounds.
    """

    #: Key of the answer.
    item: str
    codes: tuple[str, ...] = ()
    not_codes: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether *answers* meet the condition."""
        given = answers.get(self.item, "").split()
        if not given or (self.codes and not set(given) & set(self.codes)) or set(given) & set(self.not_codes):
            return False
        if self.at_least is None and self.at_most is None:
            return True
        number = number_in(given[0])
        return (
            number is not None
            and (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How an item is worded for one group."""

    group: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question, or one row of a matrix. A scale item's options are those of its scale."""

    #: A row's id is the key of its answer, ``item.row``.
    id: str
    kind: str
    text: Text
    hint: Text | None = None
    variants: tuple[Variant, ...] = ()
    #: Whom it is put to: all groups of the form, or some of them.
    groups: tuple[str, ...]
    #: All of these must hold, else the item is not asked; those of its section come first.
    when: tuple[Condition, ...] = ()
    required: bool
    #: Not required, but whoever leaves it out is asked once whether that was meant.
    soft: bool = False
    #: Keeps its place in a section that is shuffled.
    anchored: bool = False
    #: Empty unless the item is about one of the survey's topics.
    topic: str = ""
    #: Codes of the evaluation indicators it informs, e.g. ``G13``, ``Q8``, ``30.8``.
    indicators: tuple[str, ...] = ()
    #: Name of the scale; empty for other kinds, and for a matrix with options of its own.
    scale: str = ""
    #: A high level is bad news: 5 counts as 1.
    reversed: bool = False
    #: The one item about everything taken together.
    overall: bool = False
    options: tuple[Option, ...] = ()
    option_order: str = "fixed"
    #: Most options that may be chosen; 0 is any number of them.
    most: int = 0
    #: The rows of a matrix, each an item of kind ``scale`` or ``single``.
    rows: tuple[Item, ...] = ()
    row_order: str = "fixed"
    #: Bounds of a number, its decimal places, and what it counts.
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 0
    unit: Text | None = None
    #: Longest text in characters; 0 for other kinds.
    max_length: int = 0

    @property
    def parts(self) -> tuple[Item, ...]:
        """What is answered: the rows of a matrix, else the item itself. The key is the id of the part."""
        return self.rows or (self,)

    def wording(self, group: str) -> Text:
        """The question as *group* is asked it."""
        return next((variant.text for variant in self.variants if variant.group == group), self.text)

    def is_asked(self, answers: Mapping[str, str]) -> bool:
        """Whether its conditions hold; *answers* must be those of asked items only."""
        return not self.when or all(condition.holds(answers) for condition in self.when)

    def option(self, code: str) -> Option | None:
        """The option with this code, or None."""
        for option in self.options:
            if option.code == code:
                return option
        return None

    def options_for(self, seed: str | None) -> tuple[Option, ...]:
        """The options as put to the person whose order *seed* decides; without one, as in the file."""
        if seed is None or self.option_order == "fixed":
            return self.options
        return shuffled(
            self.options, f"{seed}/{self.id}", name=lambda each: each.code, stays=lambda each: each.stays
        )

    def rows_for(self, seed: str | None) -> tuple[Item, ...]:
        """The rows as they are put to the person whose order *seed* decides; without one, as in the file."""
        if seed is None or self.row_order == "fixed":
            return self.rows
        return shuffled(
            self.rows, f"{seed}/{self.id}", name=lambda each: each.id, stays=lambda each: each.anchored
        )

    def rating(self, code: str) -> int | None:
        """The level behind *code*, 5 best, a reversed item turned; None for 不了解."""
        level = LEVELS.get(code)
        return 6 - level if level is not None and self.reversed else level


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A page of items under one title."""

    id: str
    title: Text
    items: tuple[Item, ...]
    #: A sentence before the first item.
    intro: Text | None = None
    #: Conditions of all its items.
    when: tuple[Condition, ...] = ()
    item_order: str = "fixed"

    def items_for(self, group: str, seed: str | None = None) -> tuple[Item, ...]:
        """The items put to *group*, conditional ones among them.

        With a *seed* they come as they are put to the person whose order it decides.
        """
        if seed is None or self.item_order == "fixed":
            items = self.items
        else:
            items = shuffled(
                self.items, f"{seed}/{self.id}", name=lambda each: each.id, stays=lambda each: each.anchored
            )
        return tuple(item for item in items if group in item.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is put to one group at once: a section, or all of them."""

    sections: tuple[Section, ...]
    #: The items put to the group, and the keys of their answers.
    items: tuple[Item, ...]
    keys: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """One form, as loaded; :attr:`content` is what a version freezes."""

    #: ``public`` (社会卷), ``staff`` (校长教师卷) or ``student`` (学生卷).
    form: str
    groups: tuple[str, ...]
    title: Text
    intro: Text
    scales: tuple[Scale, ...]
    sections: tuple[Section, ...]
    #: One of :data:`LAYOUTS`.
    layout: str = "pages"

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in order."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _by_key(self) -> dict[str, Item]:
        return {part.id: part for item in self.items for part in item.parts}

    @cached_property
    def _by_group(self) -> dict[str, tuple[Item, ...]]:
        return {group: tuple(i for i in self.items if group in i.groups) for group in self.groups}

    @cached_property
    def _keys_by_group(self) -> dict[str, Mapping[str, Item]]:
        return {
            group: MappingProxyType({part.id: item for item in items for part in item.parts})
            for group, items in self._by_group.items()
        }

    @cached_property
    def _sheets_by_group(self) -> dict[str, tuple[Sheet, ...]]:
        return {group: self._sheets(group) for group in self.groups}

    def _sheets(self, group: str) -> tuple[Sheet, ...]:
        sections = tuple(section for section in self.sections if section.items_for(group))
        sheets = []
        for each in [sections] if self.layout == "one_page" else [(section,) for section in sections]:
            items = tuple(item for section in each for item in section.items_for(group))
            keys = frozenset(part.id for item in items for part in item.parts)
            sheets.append(Sheet(sections=each, items=items, keys=keys))
        return tuple(sheets)

    @cached_property
    def _reached_by(self) -> dict[str, frozenset[str]]:
        reached: set[str] = set()
        found = {}
        for section in self.sections:
            reached |= {item.id for item in section.items}
            found[section.id] = frozenset(reached)
        return found

    @cached_property
    def _branching(self) -> frozenset[str]:
        return frozenset(group for group, items in self._by_group.items() if any(each.when for each in items))

    @cached_property
    def is_shuffled(self) -> bool:
        """Whether items, options or rows come in an order that differs from person to person."""
        orders = {section.item_order for section in self.sections}
        orders |= {order for item in self.items for order in (item.option_order, item.row_order)}
        return "random" in orders

    def item(self, item_id: str) -> Item:
        """The item with this id; an unknown one is a KeyError."""
        return self._by_id[item_id]

    def part(self, key: str) -> Item:
        """The item, or row of a matrix, whose answer has this key; an unknown one is a KeyError."""
        return self._by_key[key]

    def items_for(self, group: str) -> tuple[Item, ...]:
        """All items put to *group*, conditional ones among them; an unknown group is a KeyError."""
        return self._by_group[group]

    def keys_for(self, group: str) -> Mapping[str, Item]:
        """Key of every answer that *group* can give -> its item (for a row: the matrix)."""
        return self._keys_by_group[group]

    def sections_for(self, group: str) -> tuple[Section, ...]:
        """The sections that hold at least one item for *group*."""
        return tuple(section for sheet in self.sheets_for(group) for section in sheet.sections)

    def sheets_for(self, group: str) -> tuple[Sheet, ...]:
        """What is put to *group* at once, in order: a section each, or everything, as the layout says."""
        return self._sheets_by_group[group]

    def branches(self, group: str) -> bool:
        """Whether what *group* is asked depends on what it answers."""
        return group in self._branching

    def reached(self, through: str | None) -> frozenset[str]:
        """Ids of the items up to the end of the section *through*; of all without one."""
        return self._reached_by[through or self.sections[-1].id]

    def asked(self, group: str, answers: Mapping[str, str]) -> tuple[Item, ...]:
        """The items that someone of *group* who gave *answers* was asked.

        An item whose condition rests on an item that was itself not asked is not asked either.
        """
        if not self.branches(group):
            return self.items_for(group)
        live: dict[str, str] = {}
        asked: list[Item] = []
        for item in self.items_for(group):
            if item.is_asked(live):
                asked.append(item)
                live |= {part.id: answers[part.id] for part in item.parts if part.id in answers}
        return tuple(asked)

    def deciding_codes(self, condition: Condition) -> tuple[str, ...] | None:
        """The codes of which one meets *condition*; None where no list of codes says it.

        So it is with a number, and with a multiple item where codes must *not* be chosen.
        """
        operand = self.part(condition.item)
        if not operand.options or (operand.kind == "multiple" and condition.not_codes):
            return None
        codes = (option.code for option in operand.options)
        return tuple(code for code in codes if condition.holds({condition.item: code}))

    @cached_property
    def content(self) -> str:
        """The canonical written form: the same questionnaire always gives the same text."""
        from survey_app.surveys.questionnaire_document import document

        return canonical(document(self))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of :attr:`content`, 64 hexadecimal digits."""
        return digest(self.content)
