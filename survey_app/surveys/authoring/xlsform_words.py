"""Conditions and limits as XLSForm writes them, both ways; what cannot be read back is None."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from survey_app.surveys.questionnaire import Condition, Item, Questionnaire

_VARIABLE = r"\$\{\s*([A-Za-z_][\w.\-]*)\s*\}"
_TEXT = r"""(?:'([^']*)'|"([^"]*)")"""
_NUMBER = r"'?(-?\d+(?:\.\d+)?)'?"
_EQUAL = re.compile(rf"{_VARIABLE}\s*=\s*{_TEXT}")
_SELECTED = re.compile(rf"selected\(\s*{_VARIABLE}\s*,\s*{_TEXT}\s*\)")
_ANSWERED = re.compile(rf"{_VARIABLE}\s*!=\s*(?:''|\"\")")
_UNEQUAL = re.compile(rf"{_VARIABLE}\s*!=\s*{_TEXT}")
_BOUND = re.compile(rf"{_VARIABLE}\s*(>=|<=|=)\s*{_NUMBER}")
_LIMITS = {
    "min": re.compile(rf"\.\s*>=\s*{_NUMBER}"),
    "max": re.compile(rf"\.\s*<=\s*{_NUMBER}"),
    "max_length": re.compile(r"string-length\(\s*\.\s*\)\s*<=\s*(\d+)"),
    "most": re.compile(r"count-selected\(\s*\.\s*\)\s*<=\s*(\d+)"),
    "alone": re.compile(
        rf"not\(\s*selected\(\s*\.\s*,\s*{_TEXT}\s*\)\s+and\s+count-selected\(\s*\.\s*\)\s*>\s*1\s*\)"
    ),
}


def relevant(questionnaire: Questionnaire, conditions: tuple[Condition, ...]) -> str:
    """Write *conditions* as an expression that is true when all of them hold."""
    return " and ".join(_clauses(questionnaire.part(each.item), each) for each in conditions)


def _clauses(operand: Item, condition: Condition) -> str:
    variable = f"${{{condition.item}}}"
    several = operand.kind == "multiple"
    clauses = []
    if condition.codes:
        given = [
            f"selected({variable}, '{c}')" if several else f"{variable} = '{c}'" for c in condition.codes
        ]
        clauses.append(given[0] if len(given) == 1 else f"({' or '.join(given)})")
    if not condition.codes:
        clauses.append(f"{variable} != ''")
    clauses += [
        f"not(selected({variable}, '{c}'))" if several else f"{variable} != '{c}'"
        for c in condition.not_codes
    ]
    for sign, bound in ((">=", condition.at_least), ("<=", condition.at_most)):
        if bound is not None:
            clauses.append(f"{variable} {sign} {bound:f}")
    return " and ".join(clauses)


def read_relevant(expression: str) -> list[dict[str, Any]] | None:
    """Read conditions out of *expression*, as in a file; None where they say more than conditions can."""
    found: dict[str, dict[str, Any]] = {}
    for clause in split(expression, "and"):
        read = _read_clause(clause)
        if read is None:
            return None
        item, key, value = read
        row = found.setdefault(item, {"item": item})
        if key == "in" and "in" in row:
            return None
        if isinstance(value, list):
            row[key] = row.get(key, []) + value
        elif value:
            row[key] = value
    return [row for row in found.values() if len(row) > 1]


def _read_clause(clause: str) -> tuple[str, str, Any] | None:
    """The item, the key and the value of a clause; an empty value where it asks for an answer only."""
    alternatives = split(clause, "or")
    equal = [_EQUAL.fullmatch(each) or _SELECTED.fullmatch(each) for each in alternatives]
    if all(equal):
        items = {each[1] for each in equal if each}
        codes = [each[2] or each[3] or "" for each in equal if each]
        return (items.pop(), "in", codes) if len(items) == 1 and all(codes) else None
    if len(alternatives) > 1:
        return None
    if answered := _ANSWERED.fullmatch(clause):
        return answered[1], "", ""
    if unequal := _UNEQUAL.fullmatch(clause):
        return unequal[1], "not_in", [unequal[2] or unequal[3]]
    inner = clause[4:-1].strip() if clause.startswith("not(") and _closes(clause[3:]) else ""
    if refused := _SELECTED.fullmatch(inner) or _EQUAL.fullmatch(inner):
        return refused[1], "not_in", [refused[2] or refused[3]]
    if bound := _BOUND.fullmatch(clause):
        key = {">=": "at_least", "<=": "at_most"}.get(bound[2])
        return (bound[1], key, bound[3]) if key else None
    return None


def constraint(item: Item) -> str:
    """Write what limits an answer to *item*; empty where nothing does."""
    clauses = []
    if item.low is not None:
        clauses.append(f". >= {item.low:f}")
    if item.high is not None:
        clauses.append(f". <= {item.high:f}")
    if item.max_length:
        clauses.append(f"string-length(.) <= {item.max_length}")
    if item.most:
        clauses.append(f"count-selected(.) <= {item.most}")
    if item.kind == "multiple":
        clauses += [
            f"not(selected(., '{option.code}') and count-selected(.) > 1)"
            for option in item.options
            if option.excludes
        ]
    return " and ".join(clauses)


def read_constraint(expression: str) -> tuple[dict[str, Any], list[str]]:
    """Read limits out of *expression*: key -> value (``alone``: codes), and the clauses left over."""
    limits: dict[str, Any] = {}
    rest = []
    for clause in split(expression, "and"):
        for key, pattern in _LIMITS.items():
            if found := pattern.fullmatch(clause):
                if key == "alone":
                    limits.setdefault(key, []).append(found[1] or found[2])
                else:
                    limits[key] = found[1] if key in {"min", "max"} else int(found[1])
                break
        else:
            rest.append(clause)
    return limits, rest


def split(expression: str, word: str) -> list[str]:
    """Split at *word* where it stands outside brackets and texts; brackets around a piece are taken off.

    >>> split("(${a} = '1' or ${b} = 'x and y') and ${c} >= 2", "and")
    ["${a} = '1' or ${b} = 'x and y'", '${c} >= 2']
    """
    pieces, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(expression):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            depth += (character == "(") - (character == ")")
            ends = expression.startswith(f" {word} ", at)
            if ends and depth == 0:
                pieces.append(expression[start:at])
                start = at + len(word) + 2
    pieces.append(expression[start:])
    return [_bare(each) for each in pieces if each.strip()]


def _bare(piece: str) -> str:
    piece = piece.strip()
    while piece.startswith("(") and _closes(piece):
        piece = piece[1:-1].strip()
    return piece


def _closes(piece: str) -> bool:
    """Whether the bracket that opens *piece* is closed by its last character."""
    depth = 0
    for at, character in enumerate(piece):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(piece) - 1
    return False


def plain_number(text: str) -> str:
    """A number without needless digits, as the canonical form writes it."""
    return f"{Decimal(text):f}"


def languages(labels: Any) -> dict[str, str]:
    """The Chinese and the English of a label; one without a language counts as Chinese."""
    if isinstance(labels, str):
        return {"zh": labels, "en": ""}
    found = {"zh": "", "en": ""}
    for name, words in (labels or {}).items():
        if language := language_of(name):
            found[language] = words
    return found


def language_of(name: str) -> str:
    """``zh`` or ``en`` for the name of a language as XLSForm writes it; empty for another language.

    >>> [language_of(name) for name in ("中文 (zh)", "English (en)", "default", "Bengali (bn)")]
    ['zh', 'en', 'zh', '']
    """
    lower = name.lower()
    if "中" in lower or "汉" in lower or lower == "default" or re.search(r"\bzh\b|chinese", lower):
        return "zh"
    return "en" if re.search(r"\ben\b|english", lower) else ""
