"""Questionnaires from their files, strictly: what is not understood is refused, all of it at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from survey_app.surveys.faults import Fault, QuestionnaireError
from survey_app.surveys.groups import FORMS, GROUPS, TOPICS
from survey_app.surveys.questionnaire import (
    DONT_KNOW,
    ITEM_KEYS,
    KINDS,
    LEVELS,
    TEXT_LIMIT,
    Condition,
    Item,
    Option,
    Questionnaire,
    Scale,
    Section,
    Variant,
)
from survey_app.surveys.strict_table import StrictTable

FOLDER = Path(__file__).parent / "questionnaires"

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_INDICATOR = re.compile(r"(?:[GQR][1-9]\d?|[1-9]\d?(?:\.[1-9]\d?)?)\Z")
_LONGEST_TEXT = 10_000


@cache
def load_form(form: str) -> Questionnaire:
    """Return the questionnaire *form* (``public``, ``staff`` or ``student``) as shipped; read once."""
    if form not in FORMS:
        raise KeyError(form)
    return load_questionnaire(FOLDER / f"{form}.toml")


def load_questionnaire(path: Path) -> Questionnaire:
    """Read the questionnaire file at *path*.

    Raises:
        QuestionnaireError: with every fault of the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path.name, error) from error
    return parse_questionnaire(text, file=path.name)


def parse_questionnaire(text: str, *, file: str = "questionnaire.toml") -> Questionnaire:
    """Read a questionnaire from TOML *text*; *file* names it in faults."""
    return _parsed(text, tomllib.loads, file)


@lru_cache(maxsize=64)
def from_content(text: str) -> Questionnaire:
    """Read a questionnaire from its canonical form (`Questionnaire.content`), identically; cached."""
    return _parsed(text, json.loads, "content")


def _parsed(text: str, parse: Callable[[str], Any], file: str) -> Questionnaire:
    try:
        document = parse(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, error) from error
    faults: list[Fault] = []
    questionnaire = _read(StrictTable(document, file=file, faults=faults))
    if faults:
        raise QuestionnaireError(faults)
    return questionnaire


def _unreadable(file: str, error: Exception) -> QuestionnaireError:
    return QuestionnaireError(
        [Fault(file=file, place="", item="", key="", rule="not_readable", value=str(error))]
    )


def _read(table: StrictTable) -> Questionnaire:
    form = _known(table, "form", FORMS, rule="unknown_form")
    groups = table.strings("groups")
    answering = tuple(group.id for group in GROUPS.values() if group.form == form)
    for group in groups:
        if form and group not in answering:
            table.fault("groups", "unknown_group", value=group, known=answering)
    title, intro = table.text("title"), table.text("intro")
    scales = _scales(table)
    reader = _ItemReader(groups=groups, scales={scale.id: scale for scale in scales})
    sections = _sections(table, reader)
    table.finish()
    for group in groups:
        overall = [item for item in reader.seen.values() if item.overall and group in item.groups]
        if len(overall) != 1 or overall[0].when:
            table.fault(group, "overall_count", value=sum(not item.when for item in overall))
    return Questionnaire(form=form, groups=groups, title=title, intro=intro, scales=scales, sections=sections)


def _scales(table: StrictTable) -> tuple[Scale, ...]:
    listed = table.child("scales")
    if not table.has("scales"):
        table.fault("scales", "missing_key")
    scales = []
    for name in sorted(listed.values):
        inner = listed.member(listed.values[name], place=f"scale {name}")
        _check_id(inner, name)
        options = _options(inner)
        codes, wanted = {option.code for option in options}, {*LEVELS, DONT_KNOW}
        if codes != wanted:
            found = ", ".join(sorted(codes, reverse=True))
            inner.fault("options", "scale_codes", value=found, known=(*LEVELS, DONT_KNOW))
        inner.finish()
        scales.append(Scale(id=name, options=options))
    return tuple(scales)


def _sections(table: StrictTable, reader: _ItemReader) -> tuple[Section, ...]:
    sections, ids = [], set()
    for number, member in enumerate(table.children("sections"), start=1):
        inner = table.member(member, place=_place("section", member, number))
        section_id = inner.string("id")
        _check_id(inner, section_id, ids)
        title = inner.text("title")
        items = tuple(
            reader.read(inner.member(row, place=_place("item", row, position), item=_id_of(row)))
            for position, row in enumerate(inner.children("items"), start=1)
        )
        inner.finish()
        sections.append(Section(id=section_id, title=title, items=items))
    return tuple(sections)


def _options(table: StrictTable) -> tuple[Option, ...]:
    options: list[Option] = []
    for number, row in enumerate(table.children("options"), start=1):
        inner = table.member(row, place=f"option {number}")
        code = inner.string("code")
        if code and not re.fullmatch(r"[a-z0-9_]{1,20}", code):
            inner.fault("code", "bad_code", value=code)
        if code and code in {option.code for option in options}:
            inner.fault("code", "duplicate_option", value=code)
        options.append(Option(code=code, text=inner.words(more=("code",))))
    return tuple(options)


class _ItemReader:
    """Reads items in file order; what it has seen decides whether a condition may name it."""

    def __init__(self, *, groups: tuple[str, ...], scales: dict[str, Scale]):
        self.groups, self.scales = groups, scales
        self.seen: dict[str, Item] = {}

    def read(self, table: StrictTable) -> Item:
        """Read one item; faults are noted in the table."""
        item_id = table.string("id")
        _check_id(table, item_id, set(self.seen))
        kind_name = _known(table, "kind", tuple(KINDS), rule="unknown_kind")
        self._check_keys(table, kind_name)
        kind = KINDS.get(kind_name)
        groups = self._groups(table)
        scale = (
            _known(table, "scale", tuple(self.scales), rule="unknown_scale") if kind_name == "scale" else ""
        )
        item = Item(
            id=item_id,
            kind=kind_name,
            text=table.text("text"),
            hint=table.text("hint") if table.has("hint") else None,
            variants=self._variants(table, groups),
            groups=groups,
            when=self._conditions(table, groups),
            required=table.flag("required") if table.has("required") else bool(kind and kind.required),
            topic=self._topic(table, kind_name),
            indicators=_indicators(table),
            scale=scale,
            reversed=table.flag("reversed"),
            overall=table.flag("overall"),
            options=self._item_options(table, kind_name, scale),
            max_length=table.whole("max_length", default=TEXT_LIMIT, low=1, high=_LONGEST_TEXT)
            if kind_name == "text"
            else 0,
        )
        if item_id:
            self.seen.setdefault(item_id, item)
        return item

    @staticmethod
    def _check_keys(table: StrictTable, kind: str) -> None:
        allowed = ITEM_KEYS | (
            KINDS[kind].keys if kind else frozenset().union(*(k.keys for k in KINDS.values()))
        )
        every = ITEM_KEYS.union(*(other.keys for other in KINDS.values()))
        for key in table.values:
            if key not in every:
                table.fault(key, "unknown_key", known=tuple(sorted(allowed)))
            elif key not in allowed:
                table.fault(key, "key_not_for_kind", value=kind, known=tuple(sorted(allowed)))

    def _groups(self, table: StrictTable) -> tuple[str, ...]:
        if not table.has("groups"):
            return self.groups
        chosen = table.strings("groups")
        for group in chosen:
            if group not in self.groups:
                table.fault("groups", "unknown_group", value=group, known=self.groups)
        return tuple(group for group in self.groups if group in chosen)

    @staticmethod
    def _variants(table: StrictTable, groups: tuple[str, ...]) -> tuple[Variant, ...]:
        listed = table.child("variants")
        variants = []
        for group in sorted(listed.values):
            if group not in groups:
                table.fault(f"variants.{group}", "unknown_group", value=group, known=groups)
            words = listed.child(group).words(prefix=f"variants.{group}")
            variants.append(Variant(group=group, text=words))
        return tuple(variants)

    def _conditions(self, table: StrictTable, groups: tuple[str, ...]) -> tuple[Condition, ...]:
        if not table.has("when"):
            return ()
        value = table.values["when"]
        rows = value if isinstance(value, list) else [value]
        return tuple(self._condition(table.member(row, place="when"), groups) for row in rows)

    def _condition(self, table: StrictTable, groups: tuple[str, ...]) -> Condition:
        condition = Condition(item=table.string("item"), codes=table.strings("in"))
        table.finish()
        if not condition.item:
            return condition
        operand = self.seen.get(condition.item)
        if operand is None:
            table.fault("item", "condition_not_earlier", value=condition.item, known=tuple(self.seen))
        elif operand.kind and not KINDS[operand.kind].has_options:
            table.fault("item", "condition_without_options", value=condition.item)
        else:
            codes = tuple(option.code for option in operand.options)
            for code in condition.codes:
                if code not in codes:
                    table.fault("in", "condition_unknown_option", value=code, known=codes)
            for group in groups:
                if group not in operand.groups:
                    table.fault("item", "condition_out_of_group", value=group)
        return condition

    @staticmethod
    def _topic(table: StrictTable, kind: str) -> str:
        needed = kind == "scale" and table.values.get("overall") is not True
        if not table.has("topic") and not needed:
            return ""
        return _known(table, "topic", tuple(TOPICS), rule="unknown_topic")

    def _item_options(self, table: StrictTable, kind: str, scale: str) -> tuple[Option, ...]:
        if kind == "single":
            return _options(table)
        return self.scales[scale].options if scale else ()


def _indicators(table: StrictTable) -> tuple[str, ...]:
    codes = table.strings("indicators", required=False)
    for code in codes:
        if not _INDICATOR.match(code):
            table.fault("indicators", "bad_indicator", value=code)
    return codes


def _known(table: StrictTable, key: str, known: tuple[str, ...], *, rule: str) -> str:
    """A string out of *known*; empty, with a fault, when it is none of them."""
    value = table.string(key)
    if value in known:
        return value
    if value.strip():
        table.fault(key, rule, value=value, known=known)
    return ""


def _check_id(table: StrictTable, value: str, taken: set[str] | None = None) -> None:
    """Note a malformed id or one that is *taken* already; remember it as taken."""
    if value and not _ID.match(value):
        table.fault("id", "bad_id", value=value)
    if taken is not None and value:
        if value in taken:
            table.fault("id", "duplicate_id", value=value)
        taken.add(value)


def _id_of(row: Any) -> str:
    value = row.get("id") if isinstance(row, dict) else None
    return value if isinstance(value, str) else ""


def _place(what: str, row: Any, number: int) -> str:
    return f"{what} {_id_of(row) or number}"
