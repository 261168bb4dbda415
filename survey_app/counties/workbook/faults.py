"""What a workbook can be refused for: values that name sheet, cell, value and rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_app.messages import sentence

#: Longest piece of a cell's content that a fault carries along.
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a workbook or a county file."""

    #: Empty where the whole file is meant.
    sheet: str = ""
    #: ``C5``, ``A3:B4``, or empty where the whole sheet is meant.
    cell: str = ""
    #: What stands there, shortened.
    value: str = ""
    #: Code of the rule that is broken.
    rule: str
    #: Whose rule it is: the workbook's or every county file's.
    family: str = "workbook"
    #: What the sentence needs beside the value (limits, choices, the other cell).
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The place in one piece, as spreadsheets write it: ``学校!C5``; a path where there is no cell."""
        return "!".join(part for part in (self.sheet, self.cell) if part) or str(self.facts.get("path", ""))

    @property
    def shown(self) -> str:
        """What stands there, for a table of faults."""
        return self.value

    @property
    def message(self) -> str:
        """What happened and what to do, in the reader's language."""
        return self.say()

    def say(self, lang: str | None = None) -> str:
        """Return the fault's sentence in ``zh`` or ``en``, or in the reader's language."""
        facts = {key: _said(fact) for key, fact in self.facts.items() if key not in ("code", "lang")}
        if self.rule == "type":
            facts["expected"] = sentence(f"expected_{facts['expected']}", lang=lang)
        return sentence(f"{self.family}_{self.rule}", lang=lang, **{"value": self.value, **facts})

    def document(self, lang: str | None = None) -> dict[str, str]:
        """Return the fault as the command line prints it."""
        return {"where": self.where, "value": self.value, "rule": self.rule, "message": self.say(lang)}


def alike(faults: Iterable[Fault]) -> list[tuple[Fault, tuple[Fault, ...]]]:
    """Return each fault once with those that say the same of other places: often one slip caused them all."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.shown, fault.message), []).append(fault)
    return [(first, tuple(others)) for first, *others in groups.values()]


class WorkbookError(Exception):
    """A workbook, or a county file for one, was refused; it carries every fault found."""

    code = "workbook_refused"

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__(
            "; ".join(f"{fault.where} {fault.rule} {fault.value!r}" for fault in self.faults[:5])
        )


def shown(value: object) -> str:
    """Return a cell's content as a fault shows it, on one line and not too long."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = " ".join(("" if value is None else str(value)).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _said(fact: object) -> object:
    return "、".join(map(str, fact)) if isinstance(fact, tuple | list) else fact
