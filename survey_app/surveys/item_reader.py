"""Items of a questionnaire from their tables, strictly."""

from __future__ import annotations

import re
from typing import Any

from survey_app.surveys.bilingual import Text
from survey_app.surveys.condition_reader import read_conditions
from survey_app.surveys.groups import GROUPS, INDICATORS, TOPICS
from survey_app.surveys.questionnaire import (
    ITEM_KEYS,
    KINDS,
    ORDERS,
    TEXT_LIMITS,
    Condition,
    Item,
    Option,
    Scale,
    Variant,
)
from survey_app.surveys.strict_table import ALL_NAMES, StrictTable

#: Two underscores are kept for the archive, where they stand between a matrix and its row.
_ID = re.compile(r"(?!.*__)[a-z][a-z0-9_]{0,39}\Z")
_INDICATOR = re.compile(r"([GQR])?([1-9]\d?)(?:\.[1-9]\d?)?\Z")
_LONGEST_TEXT = 10_000
_MOST_DECIMALS = 6


class ItemReader:
    """Reads items in file order; what it has seen decides whether a condition may name it."""

    def __init__(self, *, groups: tuple[str, ...], scales: dict[str, Scale]):
        self.groups, self.scales = groups, scales
        self.seen: dict[str, Item] = {}
        #: Key of each answer seen so far -> its item, or the row of a matrix.
        self.parts: dict[str, Item] = {}
        #: Keys of the section that is read, where it is shuffled, and its own conditions.
        self.beside: dict[str, Item] | None = None
        self.inherited: tuple[Condition, ...] = ()

    def begin_section(self, when: tuple[Condition, ...], *, shuffled: bool) -> None:
        """The items that follow stand in a section with these conditions."""
        self.beside, self.inherited = {} if shuffled else None, when

    def conditions(self, table: StrictTable, groups: tuple[str, ...]) -> tuple[Condition, ...]:
        """The conditions under ``when``, each over an answer seen before."""
        return read_conditions(table, groups, self.parts)

    def read(self, table: StrictTable) -> Item:
        """Read one item; faults are noted in the table."""
        item_id = table.string("id")
        check_id(table, item_id, set(self.seen))
        kind_name = known_word(table, "kind", tuple(KINDS), rule="unknown_kind")
        _check_keys(table, kind_name)
        groups = self._groups(table)
        own = self.conditions(table, groups)
        required, soft = _demand(table, kind_name)
        scale = self._scale(table, kind_name)
        topic, indicators = _topic(table, kind_name), _indicators(table)
        common: dict[str, Any] = {
            "groups": groups,
            "when": (*self.inherited, *own),
            "required": required,
            "topic": topic,
            "indicators": indicators,
            "scale": scale,
            "options": self._options(table, kind_name, scale),
        }
        item = Item(
            id=item_id,
            kind=kind_name,
            text=_wording(table, "text", groups),
            hint=_wording(table, "hint", groups) if table.has("hint") else None,
            variants=_variants(table, groups),
            soft=soft,
            anchored=table.flag("anchored"),
            reversed=table.flag("reversed"),
            overall=table.flag("overall"),
            option_order=table.one_of("option_order", ORDERS),
            most=_most(table, common["options"]) if kind_name == "multiple" else 0,
            rows=_rows(table, item_id, common) if kind_name == "matrix" else (),
            row_order=table.one_of("row_order", ORDERS),
            max_length=_max_length(table, kind_name),
            **_bounds(table, kind_name),
            **common,
        )
        self._check_order(table, item, own)
        self._remember(item)
        return item

    def _remember(self, item: Item) -> None:
        if not item.id:
            return
        self.seen.setdefault(item.id, item)
        for part in item.parts:
            self.parts.setdefault(part.id, part)
            if self.beside is not None:
                self.beside.setdefault(part.id, item)

    def _check_order(self, table: StrictTable, item: Item, own: tuple[Condition, ...]) -> None:
        """Note conditions on an item that, shuffled, may come after this one."""
        for condition in own:
            operand = (self.beside or {}).get(condition.item)
            if operand is not None and not (operand.anchored and item.anchored):
                table.fault("when", "condition_within_random", value=condition.item)
        if item.option_order == "random":
            _check_anchors(table, item)

    def _groups(self, table: StrictTable) -> tuple[str, ...]:
        if not table.has("groups"):
            return self.groups
        chosen = table.strings("groups")
        for group in chosen:
            if group not in self.groups:
                table.fault("groups", "unknown_group", value=group, known=self.groups)
        return tuple(group for group in self.groups if group in chosen)

    def _scale(self, table: StrictTable, kind: str) -> str:
        if kind == "matrix":
            if table.has("scale") == table.has("options"):
                table.fault("scale", "scale_or_options")
            if not table.has("scale"):
                return ""
        elif kind != "scale":
            return ""
        return known_word(table, "scale", tuple(self.scales), rule="unknown_scale")

    def _options(self, table: StrictTable, kind: str, scale: str) -> tuple[Option, ...]:
        if scale:
            return self.scales[scale].options
        if kind not in {"single", "multiple"} and not (kind == "matrix" and table.has("options")):
            return ()
        options = read_options(table, multiple=kind == "multiple")
        if len(options) == 1:
            table.fault("options", "too_few_options", value=len(options))
        return options


def _check_keys(table: StrictTable, kind: str) -> None:
    allowed = ITEM_KEYS | (KINDS[kind].keys if kind else frozenset().union(*(k.keys for k in KINDS.values())))
    every = ITEM_KEYS.union(*(other.keys for other in KINDS.values()))
    for key in table.values:
        if key not in every:
            table.fault(key, "unknown_key", known=tuple(sorted(allowed)))
        elif key not in allowed:
            table.fault(key, "key_not_for_kind", value=kind, known=tuple(sorted(allowed)))


def _demand(table: StrictTable, kind: str) -> tuple[bool, bool]:
    """Whether the item is required, and whether leaving it out is asked about."""
    if table.has("required") and table.values["required"] == "soft":
        return False, True
    default = bool(kind and KINDS[kind].required)
    return table.flag("required") if table.has("required") else default, False


def _wording(table: StrictTable, key: str, groups: tuple[str, ...]) -> Text:
    """A text put to *groups*; it may name the school where all of them have one."""
    text = table.text(key, what=key, names=ALL_NAMES)
    _check_school(table, key, text, groups)
    return text


def _check_school(table: StrictTable, key: str, text: Text, groups: tuple[str, ...]) -> None:
    without = tuple(group for group in groups if group in GROUPS and not GROUPS[group].in_school)
    if without and ("{school}" in text.zh or "{school}" in text.en):
        table.fault(key, "placeholder_without_school", value="{school}", known=without)


def _variants(table: StrictTable, groups: tuple[str, ...]) -> tuple[Variant, ...]:
    listed = table.child("variants")
    variants = []
    for group in sorted(listed.values):
        key = f"variants.{group}"
        if group not in groups:
            table.fault(key, "unknown_group", value=group, known=groups)
        words = listed.child(group).words(what="text", prefix=key, names=ALL_NAMES, within=table)
        _check_school(table, key, words, (group,))
        variants.append(Variant(group=group, text=words))
    return tuple(variants)


def read_options(table: StrictTable, *, multiple: bool = False) -> tuple[Option, ...]:
    """The options under ``options``, each with a code of its own."""
    options: list[Option] = []
    for number, row in enumerate(table.children("options"), start=1):
        inner = table.member(row, "options", number - 1, place=f"option {number}")
        code = inner.string("code")
        if code and not re.fullmatch(r"[a-z0-9_]{1,20}", code):
            inner.fault("code", "bad_code", value=code)
        if code and code in {option.code for option in options}:
            inner.fault("code", "duplicate_option", value=code)
        anchored, alone = inner.flag("anchored"), inner.flag("alone")
        if alone and not multiple:
            inner.fault("alone", "alone_not_multiple")
        text = inner.words(what="option", more=("code", "anchored", "alone"))
        options.append(Option(code=code, text=text, anchored=anchored, alone=alone))
    return tuple(options)


def _check_anchors(table: StrictTable, item: Item) -> None:
    """Note options that are to stay last and stand before one that is shuffled."""
    moving = [place for place, option in enumerate(item.options) if not option.stays]
    for place, option in enumerate(item.options):
        later = [item.options[each].code for each in moving if each > place]
        if option.stays and later:
            table.fault("options", "anchored_not_last", value=option.code, known=tuple(later))


def _rows(table: StrictTable, matrix: str, common: dict[str, Any]) -> tuple[Item, ...]:
    rows: list[Item] = []
    taken: set[str] = set()
    for number, row in enumerate(table.children("rows"), start=1):
        inner = table.member(row, "rows", number - 1, place=place_of("row", row, number))
        row_id = inner.string("id")
        check_id(inner, row_id, taken)
        turned = inner.flag("reversed")
        if turned and not common["scale"]:
            inner.fault("reversed", "reversed_without_scale")
        own: dict[str, Any] = {
            "topic": known_word(inner, "topic", tuple(TOPICS), rule="unknown_topic")
            if inner.has("topic")
            else common["topic"],
            "indicators": _indicators(inner) if inner.has("indicators") else common["indicators"],
        }
        anchored = inner.flag("anchored")
        more = ("id", "reversed", "topic", "indicators", "anchored")
        text = inner.words(what="row", more=more, names=ALL_NAMES)
        _check_school(inner, "", text, common["groups"])
        rows.append(
            Item(
                id=f"{matrix}.{row_id}",
                kind="scale" if common["scale"] else "single",
                text=text,
                reversed=turned,
                anchored=anchored,
                **(common | own),
            )
        )
    return tuple(rows)


def _most(table: StrictTable, options: tuple[Option, ...]) -> int:
    most = table.whole("most", default=0, low=1, high=50)
    if most and most > len(options) > 1:
        table.fault("most", "most_of_too_few", value=most, known=(str(len(options)),))
    return most


def _max_length(table: StrictTable, kind: str) -> int:
    if kind not in TEXT_LIMITS:
        return 0
    return table.whole("max_length", default=TEXT_LIMITS[kind], low=1, high=_LONGEST_TEXT)


def _bounds(table: StrictTable, kind: str) -> dict[str, Any]:
    """Bounds, decimals and unit of a number."""
    if kind != "number":
        return {}
    low, high = table.decimal("min"), table.decimal("max")
    decimals = table.whole("decimals", default=0, low=0, high=_MOST_DECIMALS)
    if low is not None and high is not None and low > high:
        table.fault("min", "empty_range", value=low, known=(str(high),))
    for key, bound in (("min", low), ("max", high)):
        if bound is not None and round(bound, max(decimals, 0)) != bound:
            table.fault(key, "finer_than_decimals", value=bound, known=(str(decimals),))
    unit = table.text("unit", what="unit") if table.has("unit") else None
    return {"low": low, "high": high, "decimals": decimals, "unit": unit}


def _topic(table: StrictTable, kind: str) -> str:
    rated = kind == "scale" or (kind == "matrix" and table.has("scale") and not _rows_have_topics(table))
    needed = rated and table.values.get("overall") is not True
    if not table.has("topic") and not needed:
        return ""
    return known_word(table, "topic", tuple(TOPICS), rule="unknown_topic")


def _rows_have_topics(table: StrictTable) -> bool:
    rows = table.values.get("rows")
    return isinstance(rows, list) and bool(rows) and all(isinstance(r, dict) and "topic" in r for r in rows)


def _indicators(table: StrictTable) -> tuple[str, ...]:
    codes = table.strings("indicators", required=False)
    for code in codes:
        found = _INDICATOR.match(code)
        if not found or (found[1] and "." in code):
            table.fault("indicators", "bad_indicator", value=code)
        elif int(found[2]) > INDICATORS[found[1] or "numbered"]:
            table.fault("indicators", "unknown_indicator", value=code, known=_all_indicators())
    return codes


def _all_indicators() -> tuple[str, ...]:
    return tuple(
        f"{letter}1–{letter}{most}" if letter != "numbered" else f"1–{most}"
        for letter, most in INDICATORS.items()
    )


def known_word(table: StrictTable, key: str, known: tuple[str, ...], *, rule: str) -> str:
    """A string out of *known*; empty, with a fault, when it is none of them."""
    value = table.string(key)
    if value in known:
        return value
    if value.strip():
        table.fault(key, rule, value=value, known=known)
    return ""


def check_id(table: StrictTable, value: str, taken: set[str] | None = None) -> None:
    """Note a malformed id or one that is *taken* already; remember it as taken."""
    if value and not _ID.match(value):
        table.fault("id", "bad_id", value=value)
    if taken is not None and value:
        if value in taken:
            table.fault("id", "duplicate_id", value=value)
        taken.add(value)


def id_of(row: Any) -> str:
    """The id a row gives itself, or nothing."""
    value = row.get("id") if isinstance(row, dict) else None
    return value if isinstance(value, str) else ""


def place_of(what: str, row: Any, number: int) -> str:
    """What a row is called in faults: by its id, else by its number."""
    return f"{what} {id_of(row) or number}"
