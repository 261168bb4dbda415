"""Questionnaires from their files, strictly: what is not understood is refused, all of it at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from survey_app.surveys.faults import Fault, QuestionnaireError
from survey_app.surveys.groups import FORMS, GROUPS, LONGEST
from survey_app.surveys.item_reader import ItemReader, check_id, id_of, known_word, place_of, read_options
from survey_app.surveys.questionnaire import DONT_KNOW, LAYOUTS, LEVELS, ORDERS, Questionnaire, Scale, Section
from survey_app.surveys.strict_table import Path as Place
from survey_app.surveys.strict_table import Reading, StrictTable
from survey_app.surveys.toml_lines import lines_of

FOLDER = Path(__file__).parent / "questionnaires"

#: Largest file that is read, in characters: many times what the longest form needs, and in any script less
#: than a form on a page may send.
LARGEST = 200_000

#: What is asked of new questionnaires only: one that was published stays readable when this changes.
_OF_NEW_ONES = frozenset({"too_wordy", "unknown_indicator"})

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@cache
def load_form(form: str) -> Questionnaire:
    """Return the questionnaire *form* (``public``, ``staff`` or ``student``) as shipped; read once."""
    if form not in FORMS:
        raise KeyError(form)
    return load_questionnaire(FOLDER / f"{form}.toml")


def source_of(form: str) -> str:
    """The file of the questionnaire *form* as shipped."""
    if form not in FORMS:
        raise KeyError(form)
    return (FOLDER / f"{form}.toml").read_text(encoding="utf-8")


def load_questionnaire(path: Path) -> Questionnaire:
    """Read the questionnaire file at *path*.

    Raises:
        QuestionnaireError: with every fault of the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        not_text = Fault(file=path.name, place="", item="", key="", rule="not_text")
        raise QuestionnaireError([not_text]) from error
    except OSError as error:
        raise _unreadable(path.name, error) from error
    return parse_questionnaire(text, file=path.name)


def parse_questionnaire(text: str, *, file: str = "questionnaire.toml") -> Questionnaire:
    """Read a questionnaire from TOML *text*; *file* names it in faults.

    Raises:
        QuestionnaireError: with every fault, each with its line.
    """
    if len(text) > LARGEST:
        large = Fault(
            file=file,
            place="",
            item="",
            key="",
            rule="file_too_large",
            value=str(len(text)),
            known=(str(LARGEST),),
        )
        raise QuestionnaireError([large])
    document = _decoded(text, lambda source: tomllib.loads(source, parse_float=Decimal), file)
    lines: dict[Place, int] = {}

    def line_of(path: Place) -> int:
        """The line of *path*, or of the nearest table around it."""
        if not lines:
            try:
                lines.update(lines_of(text))
            except RecursionError:
                # Tables within tables without end: the faults stand, without their lines.
                lines[()] = 0
        return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)

    reading = Reading(file=file, line_of=line_of, longest=LONGEST)
    questionnaire = _read(StrictTable(document, reading))
    if reading.faults:
        raise QuestionnaireError(sorted(reading.faults, key=lambda fault: fault.line))
    return questionnaire


@lru_cache(maxsize=64)
def from_content(text: str) -> Questionnaire:
    """Read a questionnaire from its canonical form (`Questionnaire.content`), identically; cached."""
    reading = Reading(file="content")
    questionnaire = _read(StrictTable(_decoded(text, json.loads, "content"), reading))
    faults = [fault for fault in reading.faults if fault.rule not in _OF_NEW_ONES]
    if faults:
        raise QuestionnaireError(faults)
    return questionnaire


def _decoded(text: str, parse: Callable[[str], Any], file: str) -> Any:
    try:
        return parse(text)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise _unreadable(file, error, text) from error


def _unreadable(file: str, error: Exception, text: str = "") -> QuestionnaireError:
    found = _AT_LINE.search(str(error))
    last = len(text.splitlines()) if "end of document" in str(error) else 0
    return QuestionnaireError(
        [
            Fault(
                file=file,
                place="",
                item="",
                key="",
                rule="not_readable",
                value="",
                line=int(found[1]) if found else last,
            )
        ]
    )


def _read(table: StrictTable) -> Questionnaire:
    form = known_word(table, "form", FORMS, rule="unknown_form")
    groups = table.strings("groups")
    answering = tuple(group.id for group in GROUPS.values() if group.form == form)
    for group in groups:
        if form and group not in answering:
            table.fault("groups", "unknown_group", value=group, known=answering)
    title, intro = table.text("title", what="title"), table.text("intro", what="intro")
    layout = table.one_of("layout", LAYOUTS)
    scales = _scales(table)
    reader = ItemReader(groups=groups, scales={scale.id: scale for scale in scales})
    sections = _sections(table, reader)
    table.finish()
    for group in groups:
        overall = [item for item in reader.seen.values() if item.overall and group in item.groups]
        if len(overall) != 1 or overall[0].when:
            table.fault(group, "overall_count", value=sum(not item.when for item in overall))
    return Questionnaire(
        form=form, groups=groups, title=title, intro=intro, scales=scales, sections=sections, layout=layout
    )


def _scales(table: StrictTable) -> tuple[Scale, ...]:
    listed = table.child("scales")
    if not table.has("scales"):
        table.fault("scales", "missing_key")
    scales = []
    for name in sorted(listed.values):
        inner = listed.member(listed.values[name], name, place=f"scale {name}")
        check_id(inner, name)
        options = read_options(inner)
        codes, wanted = {option.code for option in options}, {*LEVELS, DONT_KNOW}
        if codes != wanted:
            found = ", ".join(sorted(codes, reverse=True))
            inner.fault("options", "scale_codes", value=found, known=(*LEVELS, DONT_KNOW))
        inner.finish()
        scales.append(Scale(id=name, options=options))
    return tuple(scales)


def _sections(table: StrictTable, reader: ItemReader) -> tuple[Section, ...]:
    sections, ids = [], set()
    for number, row in enumerate(table.children("sections"), start=1):
        inner = table.member(row, "sections", number - 1, place=place_of("section", row, number))
        section_id = inner.string("id")
        check_id(inner, section_id, ids)
        title = inner.text("title", what="section")
        intro = inner.text("intro", what="hint") if inner.has("intro") else None
        order = inner.one_of("item_order", ORDERS)
        when = reader.conditions(inner, reader.groups)
        reader.begin_section(when, shuffled=order == "random")
        items = tuple(
            reader.read(
                inner.member(
                    row, "items", position - 1, place=place_of("item", row, position), item=id_of(row)
                )
            )
            for position, row in enumerate(inner.children("items"), start=1)
        )
        inner.finish()
        sections.append(
            Section(id=section_id, title=title, items=items, intro=intro, when=when, item_order=order)
        )
    return tuple(sections)
