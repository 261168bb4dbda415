"""A questionnaire out of an XLSForm workbook, with a list of everything that could not be carried over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_app.surveys.authoring.xlsform_cells import OwnNotes, read_cells
from survey_app.surveys.authoring.xlsform_export import MULTILINE
from survey_app.surveys.authoring.xlsform_words import (
    language_of,
    languages,
    plain_number,
    read_constraint,
    read_relevant,
)
from survey_app.surveys.bilingual import Text
from survey_app.surveys.faults import Fault, QuestionnaireError
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.questionnaire import DONT_KNOW, LEVELS

#: XLSForm's types of questions -> our kinds.
KINDS_OF = {
    "select one": "single",
    "select all that apply": "multiple",
    "integer": "number",
    "decimal": "number",
    "text": "short_text",
}

#: What pyxform makes of a table of its own accord.
_GENERATED = ("generated_table_list_label_", "reserved_name_for_field_list_labels_")

#: Keys of a question that are read, or say nothing.
_READ = {"type", "name", "label", "hint", "bind", "control", "parameters", "itemset", "list_name", "choices"}

#: Appearances that are only another look.
_LOOKS = {"", "field-list", "table-list", "list-nolabel", "label", MULTILINE, "minimal", "quick"}

LOSSES = {
    "type": Text(
        zh="“{name}”是 {value} 题，这里没有这种题型，没有导入。",
        en="{name!r} is of type {value}, which does not exist here; it was left out.",
    ),
    "relevant": Text(
        zh="“{name}”的条件“{value}”无法照搬，没有导入；请手工补上。",
        en="The condition of {name!r}, {value!r}, cannot be carried over; please add it by hand.",
    ),
    "constraint": Text(
        zh="“{name}”的限制“{value}”无法照搬，没有导入。",
        en="The constraint of {name!r}, {value!r}, cannot be carried over; it was left out.",
    ),
    "key": Text(zh="“{name}”的“{value}”无法照搬，没有导入。", en="{value!r} of {name!r} was left out."),
    "scale": Text(
        zh="“{name}”的选项是五级量表，但没有主题，按单选导入；要计入满意率，请改为 scale 并写上 topic。",
        en="The answers to {name!r} are a scale of five, but it has no topic: it became a single choice. "
        "To count it, make it a scale and give it a topic.",
    ),
    "loose": Text(
        zh="“{name}”不在任何分组里，放进了新的部分“{value}”。",
        en="{name!r} stands in no group; it was put into a new section {value!r}.",
    ),
    "language": Text(
        zh="语言“{name}”没有导入；这里只有中文和英文。",
        en="The language {name!r} was left out; there are Chinese and English only.",
    ),
    "warning": Text(zh="XLSForm 提示：{value}", en="XLSForm says: {value}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Something of the workbook that the questionnaire does not have."""

    #: Which: a key of :data:`LOSSES`.
    rule: str
    #: Name of the question or group.
    name: str
    value: str = ""

    def message(self, language: str = "zh") -> str:
        """Say in a sentence what was lost."""
        return LOSSES[self.rule].in_language(language).format(name=self.name, value=self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came out of a workbook."""

    #: The questionnaire as the tables of a file; it may still have faults (a missing translation, no overall
    #: item), which the check of the file names.
    document: dict[str, Any]
    losses: tuple[Loss, ...]


def import_xlsform(path: Path, *, form: str = "public") -> Imported:
    """Read the workbook at *path*; where it does not say which form it is, it is *form*.

    Raises:
        WorkbookError: it cannot be read safely: no workbook, too large, damaged.
        QuestionnaireError: it is no XLSForm.
    """
    definition, notes = read_cells(path)
    warnings: list[str] = []
    try:
        survey = _converted(definition, warnings, path.name)
        return _Importer(notes, form).read(survey, warnings)
    except RecursionError as error:
        raise QuestionnaireError([_fault(path.name, "no_xlsform", "groups within groups")]) from error


def _converted(definition: Mapping[str, Any], warnings: list[str], file: str) -> dict[str, Any]:
    try:
        from pyxform.errors import PyXFormError
        from pyxform.xls2json import workbook_to_json
        from pyxform.xls2json_backends import DefinitionData
    except ImportError as error:
        raise QuestionnaireError([_fault(file, "xlsform_extra", "")]) from error
    try:
        return workbook_to_json(DefinitionData(**definition), warnings=warnings)
    except PyXFormError as error:
        raise QuestionnaireError([_fault(file, "no_xlsform", str(error))]) from error


def _fault(file: str, rule: str, value: str) -> Fault:
    return Fault(file=file, place="", item="", key="", rule=rule, value=value[:300])


class _Importer:
    """One workbook while it is turned into a questionnaire."""

    def __init__(self, notes: OwnNotes, form: str):
        self.notes, self.form = notes, form
        self.losses: list[Loss] = []
        self.scales: dict[str, list[dict[str, Any]]] = {}
        self.foreign: set[str] = set()
        self.lists: Mapping[str, Sequence[Mapping[str, Any]]] = {}

    def read(self, survey: Mapping[str, Any], warnings: Sequence[str]) -> Imported:
        """Read the whole; what is not understood is noted."""
        own = self.notes.of("form", "")
        self.lists = survey.get("choices", {})
        for name in own.get("scales", []):
            if name in self.lists:
                self.scales[name] = self._options(name, self.lists[name])
        sections = list(self._sections(survey.get("children", [])))
        title = own.get("title") or {"zh": str(survey.get("title", "")), "en": ""}
        if title["zh"] != survey.get("title"):
            title = title | {"zh": str(survey.get("title", ""))}
        document = {
            "form": own.get("form", self.form),
            "groups": own.get("groups") or _groups_of(own.get("form", self.form)),
            "title": title,
            "intro": own.get("intro") or {"zh": "", "en": ""},
            "scales": {name: {"options": options} for name, options in self.scales.items()},
            "sections": sections,
        }
        if "layout" in own:
            document["layout"] = own["layout"]
        said = [Loss(rule="warning", name="", value=each) for each in warnings]
        return Imported(document=document, losses=(*self.losses, *said))

    def _sections(self, children: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        loose: list[dict[str, Any]] = []
        for child in children:
            if child.get("name") == "meta":
                continue
            if child.get("type") != "group":
                items = list(self._items([child]))
                if items:
                    self._lose("loose", child, "questions")
                loose += items
                continue
            yield self._section(child)
        if loose:
            yield {"id": "questions", "title": {"zh": "问题", "en": "Questions"}, "items": loose}

    def _section(self, group: Mapping[str, Any]) -> dict[str, Any]:
        section_id = _id(group["name"])
        self._lose_rest(group, {*_READ, "children"})
        section = {
            "id": section_id,
            "title": self._words(group, "label"),
            **self.notes.of("section", section_id),
        }
        section |= self._when(group)
        if _is_table(group):
            section["items"] = [self._matrix(group)]
        else:
            section["items"] = list(self._items(group.get("children", [])))
        return section

    def _items(self, children: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        for child in children:
            kind = child.get("type", "")
            if kind == "group" and _is_table(child):
                yield self._matrix(child)
            elif kind == "group":
                self._lose("key", child, "group")
                yield from self._items(child.get("children", []))
            elif kind in KINDS_OF:
                yield self._item(child)
            else:
                self._lose("type", child, str(kind))

    def _item(self, question: Mapping[str, Any]) -> dict[str, Any]:
        item_id, kind = _id(question["name"]), KINDS_OF[question["type"]]
        control = question.get("control", {}).get("appearance", "")
        if kind == "short_text" and control == MULTILINE:
            kind = "text"
        own = self.notes.of("item", item_id)
        item = {"id": item_id, "kind": kind, **self._asked(question)}
        limits, rest = read_constraint(question.get("bind", {}).get("constraint", ""))
        for clause in rest:
            self._lose("constraint", question, clause)
        if kind in {"single", "multiple"}:
            item |= self._answers(question, own, alone=limits.pop("alone", []))
        if kind == "number" and question["type"] == "decimal":
            item["decimals"] = 2
        known = {"number": ("min", "max"), "multiple": ("most",), "text": ("max_length",)}
        for key, value in limits.items():
            if key in known.get("text" if kind == "short_text" else kind, ()):
                item[key] = plain_number(value) if key in {"min", "max"} else value
            else:
                self._lose("constraint", question, key)
        self._lose_rest(question, _READ)
        return item | own

    def _asked(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Words, conditions and demand of a question or a table."""
        asked: dict[str, Any] = {"text": self._words(question, "label")}
        if question.get("hint"):
            asked["hint"] = self._words(question, "hint")
        bind = question.get("bind", {})
        if question.get("type") != "group":
            asked["required"] = str(bind.get("required", "")).lower() in {"yes", "true", "true()"}
        for key in set(bind) - {"required", "relevant", "constraint"}:
            self._lose("key", question, key)
        appearance = question.get("control", {}).get("appearance", "")
        if appearance not in _LOOKS:
            self._lose("key", question, f"appearance {appearance}")
        return asked | self._when(question)

    def _answers(
        self, question: Mapping[str, Any], own: Mapping[str, Any], *, alone: Sequence[str]
    ) -> dict[str, Any]:
        """Options, or the scale, of a question; a scale of five without a topic stays a single choice."""
        name = question.get("itemset") or question.get("list_name") or ""
        parameters = dict(question.get("parameters", {}))
        answers: dict[str, Any] = {}
        if parameters.pop("randomize", "") == "true":
            answers["option_order"] = "random"
        for key in parameters:
            self._lose("key", question, f"parameters {key}")
        choices = self.lists.get(name) or question.get("choices", [])
        rated = "topic" in own or "overall" in own
        if question["type"] == "select one" and self._is_scale(name, choices) and rated:
            return {"kind": "scale", "scale": self._scale(name, choices)}
        if question["type"] == "select one" and self._is_scale(name, choices):
            self._lose("scale", question, name)
        options = self._options(name, choices)
        for option in options:
            if option["code"] in alone and option["code"] != DONT_KNOW:
                option["alone"] = True
        return answers | {"options": options}

    def _matrix(self, group: Mapping[str, Any]) -> dict[str, Any]:
        rows = [each for each in group["children"] if not str(each["name"]).startswith(_GENERATED)]
        label = group.get("label") or next(
            (each.get("label") for each in group["children"] if each["name"].startswith(_GENERATED[0])), ""
        )
        item_id = _id(group["name"])
        own = self.notes.of("item", item_id)
        name = rows[0].get("itemset", "")
        choices = self.lists.get(name, [])
        kept = [self._row(row, item_id) for row in rows]
        item = {"id": item_id, "kind": "matrix", **self._asked({**group, "label": label}), "rows": kept}
        rated = "topic" in own or all("topic" in row for row in kept)
        if self._is_scale(name, choices) and rated:
            item["scale"] = self._scale(name, choices)
        else:
            if self._is_scale(name, choices):
                self._lose("scale", group, name)
            item["options"] = self._options(name, choices)
        item["required"] = all(
            str(row.get("bind", {}).get("required", "")).lower() in {"yes", "true", "true()"} for row in rows
        )
        return item | own

    def _row(self, row: Mapping[str, Any], matrix: str) -> dict[str, Any]:
        bind = row.get("bind", {})
        for key in set(bind) - {"required"}:
            self._lose("key", row, key)
        if row.get("hint"):
            self._lose("key", row, "hint")
        name = str(row["name"]).removeprefix(f"{matrix}.")
        return {
            "id": _id(name),
            **self._words(row, "label"),
            **self.notes.of("row", f"{matrix}.{_id(name)}"),
        }

    def _when(self, node: Mapping[str, Any]) -> dict[str, Any]:
        expression = node.get("bind", {}).get("relevant", "")
        if not expression:
            return {}
        conditions = read_relevant(expression)
        if conditions is None:
            self._lose("relevant", node, expression)
            return {}
        return {"when": [{**each, "item": each["item"].lower()} for each in conditions]} if conditions else {}

    def _is_scale(self, name: str, choices: Sequence[Mapping[str, Any]]) -> bool:
        return name in self.scales or {each["name"] for each in choices} == {*LEVELS, DONT_KNOW}

    def _scale(self, name: str, choices: Sequence[Mapping[str, Any]]) -> str:
        scale = _id(name)
        self.scales.setdefault(scale, self._options(name, choices))
        return scale

    def _options(self, name: str, choices: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "code": str(each["name"]).lower(),
                **self._words(each, "label"),
                **self.notes.of("option", f"{name}/{each['name']}"),
            }
            for each in choices
        ]

    def _words(self, node: Mapping[str, Any], key: str) -> dict[str, str]:
        """The words under *key*; other languages are noted, each once."""
        labels = node.get(key)
        for name in labels if isinstance(labels, Mapping) else ():
            if not language_of(name) and name not in self.foreign:
                self.foreign.add(name)
                self.losses.append(Loss(rule="language", name=name))
        return languages(labels)

    def _lose_rest(self, node: Mapping[str, Any], read: set[str]) -> None:
        for key in sorted(set(node) - read):
            self._lose("key", node, key)

    def _lose(self, rule: str, node: Mapping[str, Any], value: str) -> None:
        self.losses.append(Loss(rule=rule, name=str(node.get("name", "")), value=value))


def _is_table(group: Mapping[str, Any]) -> bool:
    """Whether a group is a matrix: all its questions choose one of the same list."""
    rows = [
        each for each in group.get("children", []) if not str(each.get("name", "")).startswith(_GENERATED)
    ]
    generated = len(rows) < len(group.get("children", []))
    lists = {each.get("itemset") for each in rows}
    return generated and bool(rows) and all(e.get("type") == "select one" for e in rows) and len(lists) == 1


def _groups_of(form: str) -> list[str]:
    return [group.id for group in GROUPS.values() if group.form == form]


def _id(name: str) -> str:
    """A name as our ids are written, as far as that can be done without guessing."""
    return str(name).strip().lower().replace("-", "_")
