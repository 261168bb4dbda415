"""The sheets of an XLSForm workbook as rows of texts, read in a process that may fail without harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey_app.counties.workbook.parsing.addresses import cell_name
from survey_app.counties.workbook.sheets import Grid, parse
from survey_app.surveys.authoring.xlsform_export import OWN_SHEET
from survey_app.surveys.faults import Fault, QuestionnaireError
from survey_app.surveys.groups import GROUPS

#: Sheets that are read.
_SHEETS = ("survey", "choices", "settings", OWN_SHEET)

#: Most rows of a sheet: far more than a questionnaire has.
MOST_ROWS = 5000


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return type(value) is int


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_words(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"zh", "en"} and all(map(_is_text, value.values()))


def _are_variants(value: object) -> bool:
    return isinstance(value, dict) and all(
        group in GROUPS and _are_words(words) for group, words in value.items()
    )


#: What and key of each note that we write -> whether a value can be one.
_FITS: Mapping[tuple[str, str], Callable[[object], bool]] = MappingProxyType(
    {
        **{("form", key): _is_text for key in ("form", "layout")},
        **{("form", key): _are_texts for key in ("groups", "scales")},
        **{("form", key): _are_words for key in ("title", "intro")},
        ("section", "intro"): _are_words,
        ("section", "item_order"): _is_text,
        **{("item", key): _is_text for key in ("topic", "row_order", "required")},
        **{("item", key): _is_flag for key in ("reversed", "overall", "anchored")},
        **{("item", key): _are_texts for key in ("indicators", "groups")},
        ("item", "unit"): _are_words,
        ("item", "variants"): _are_variants,
        ("item", "decimals"): _is_whole,
        ("row", "topic"): _is_text,
        ("row", "indicators"): _are_texts,
        **{("row", key): _is_flag for key in ("reversed", "anchored")},
        **{("option", key): _is_flag for key in ("anchored", "alone")},
    }
)


class OwnNotes:
    """What our own sheet says of the form, its sections, items, rows and options."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], dict[str, Any]] = {}

    def add(self, what: str, name: str, key: str, value: Any) -> None:
        """Note one value."""
        self._values.setdefault((what, name), {})[key] = value

    def of(self, what: str, name: str) -> dict[str, Any]:
        """Everything noted of one thing."""
        return dict(self._values.get((what, name), {}))


def read_cells(path: Path) -> tuple[dict[str, Any], OwnNotes]:
    """Give the sheets as pyxform takes them, and what our own sheet says.

    Raises:
        WorkbookError: it cannot be read safely: no workbook, too large, damaged.
        QuestionnaireError: a sheet is missing, or cells hold what is no text.
    """
    grids = parse(path, _SHEETS)
    faults: list[Fault] = []
    if "survey" not in grids:
        faults.append(_fault(path, "survey", "missing_sheet", "survey"))
    rows = {name: _rows(path, name, grid, faults) for name, grid in grids.items()}
    notes = OwnNotes()
    for number, row in enumerate(rows.pop(OWN_SHEET, []), start=2):
        try:
            value = json.loads(row["value"])
            if not _FITS[row["what"], row["key"]](value):
                raise ValueError(row["value"])
            notes.add(row["what"], row.get("name", ""), row["key"], value)
        except (KeyError, ValueError, RecursionError) as error:
            faults.append(_fault(path, f"{OWN_SHEET}!A{number}", "bad_own_note", str(error)))
    if faults:
        raise QuestionnaireError(faults)
    headers = {f"{name}_header": [dict.fromkeys(_header(grids[name]))] for name in rows}
    return {**rows, **headers, "sheet_names": list(rows), "fallback_form_name": "data"}, notes


def _rows(path: Path, name: str, grid: Grid, faults: list[Fault]) -> list[dict[str, str]]:
    """The rows under the header, without blank cells and blank rows."""
    if len(grid.rows) > MOST_ROWS:
        faults.append(_fault(path, name, "too_many_rows", str(len(grid.rows)), (str(MOST_ROWS),)))
        return []
    header = _header(grid)
    rows = []
    for number, cells in enumerate(grid.rows[1:], start=1):
        row: dict[str, str] = {}
        for column, (title, cell) in enumerate(zip(header, cells, strict=False)):
            text = _text(cell)
            if text is None:
                faults.append(_fault(path, f"{name}!{cell_name(number, column)}", "odd_cell", str(cell)))
            elif title and text:
                row[title] = text
        if row:
            rows.append(row)
    return rows


def _header(grid: Grid) -> Sequence[str]:
    return [(_text(cell) or "").strip() for cell in grid.rows[0]] if grid.rows else []


def _text(cell: object) -> str | None:
    """What stands in a cell as text, numbers without a needless point; None for what is no text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, int | float):
        return str(cell)
    return cell.strip() if isinstance(cell, str) else None


def _fault(path: Path, place: str, rule: str, value: str, known: tuple[str, ...] = ()) -> Fault:
    return Fault(file=path.name, place=place, item="", key="", rule=rule, value=value[:120], known=known)
