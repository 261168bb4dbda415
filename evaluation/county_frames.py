"""County files from data frames: one row per school, as a province's statistics come in one table."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evaluation.county import CountyFile
from evaluation.errors import CountyFileError, Fault
from evaluation.reading import read_county
from evaluation.school_table import LISTS

if TYPE_CHECKING:
    import pandas as pd

#: What may stand between the numbers of a list that is written in one cell.
_SEPARATORS = re.compile(r"[;；,，、\s]+")


def counties_from_frame(
    schools: "pd.DataFrame", counties: Iterable[Mapping[str, Any]]
) -> Iterator[CountyFile]:
    """Yield county files from a table of schools, county by county, for :func:`evaluate_many`.

    Args:
        schools: one row per school. ``county`` holds the county's six-digit code as text; every other column
            is a path in a school of the county file: ``code``, ``kind``, ``pupils.primary``,
            ``teachers.junior.backbone``, ``teaching_area`` (m²), ``equipment_value`` (元) … and
            ``attestations.KEY``, ``vetoes.KEY`` (true or false). A list (``class_sizes.primary``,
            ``music_rooms``) is a list or text such as ``45;44;43``. An empty cell is unknown.
        counties: the counties' documents without ``schools``, each county once; their order is kept.

    Raises:
        CountyFileError: after the last county, with the faults of all; each ``where`` begins with the
            county's code, and a school is numbered within its county.
    """
    if "county" not in schools:
        raise CountyFileError([Fault(where="county", value=None, rule="required")])
    given = dict(list(schools.groupby("county", sort=False, dropna=False)))
    faults: list[Fault] = []
    for document in counties:
        code = document.get("county", {}).get("code")
        rows = given.pop(code, None)
        records = [] if rows is None else rows.drop(columns="county").to_dict("records")
        try:
            yield read_county({**document, "schools": [_school(each) for each in records]})
        except CountyFileError as refused:
            faults += [replace(each, where=f"{code}: {each.where}") for each in refused.faults]
    faults += [Fault(where=f"{code}: county", value=None, rule="required") for code in given]
    if faults:
        raise CountyFileError(faults)


def _school(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a school's document from a row; empty cells are left out."""
    document: dict[str, Any] = {"pupils": {}}
    for path, cell in record.items():
        value = _value(str(path), cell)
        if value is None:
            continue
        *steps, last = str(path).split(".", 1 if str(path).startswith("attestations.") else -1)
        node = document
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = {"met": value} if steps == ["attestations"] else value
    return document


def _value(path: str, cell: Any) -> Any:
    """Return a cell as a county file has it; None when it is empty."""
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if path in LISTS and isinstance(cell, str):
        return [_number(part) for part in _SEPARATORS.split(cell.strip()) if part]
    if cell is None or cell != cell or str(cell) in ("", "<NA>", "NaT"):
        return None
    return cell


def _number(text: str) -> Any:
    """Return a number that is written in a list; anything else is left for the file's own check."""
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return text
