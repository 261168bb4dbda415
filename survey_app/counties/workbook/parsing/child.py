"""The process that parses an uploaded workbook: limited memory and time, nothing to lose.

Run as ``python -m parsing.child LIMITS FILE SHEET…`` (the module ``sheets`` starts it so), with limits
such as ``{"memory": bytes, "seconds": of processor time}``. It answers on standard output with one JSON
object: ``{"sheets": {name: {"rows": …, "merged": …}}}`` with the named sheets that are there, or
``{"refused": {"rule": …, "facts": …}}``. Cells are JSON values; an odd one is ``{"odd": what, "text": …}``.
"""

import datetime
import json
import sys
from pathlib import Path
from typing import Any

from . import archive
from .addresses import cell_name


def main(arguments: list[str]) -> None:
    """Parse a file within limits and print the cells of the sheets that are named."""
    limits, path, *names = arguments
    _limit(**json.loads(limits))
    try:
        answer: dict[str, Any] = {"sheets": read_sheets(Path(path), names)}
    except archive.RefusedArchiveError as refused:
        answer = {"refused": {"rule": refused.rule, "facts": refused.facts}}
    json.dump(answer, sys.stdout)


def read_sheets(path: Path, names: list[str]) -> dict[str, Any]:
    """Return the rows and merged ranges of the named sheets that the workbook has."""
    from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

    shapes = archive.survey(path)
    sheets = {}
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                if name in names and name in shapes:
                    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    sheets[name] = {"rows": _rows(rows, shapes[name]), "merged": shapes[name].merged}
    except (CalamineError, XmlError, ZipError) as error:
        raise archive.RefusedArchiveError("damaged_part") from error
    return sheets


def _rows(rows: list[list[Any]], shape: archive.SheetShape) -> list[list[Any]]:
    plain = [[_cell(value) for value in row] for row in rows]
    if shape.errors or shape.unsolved:
        for number, row in enumerate(plain):
            for column in range(len(row)):
                name = cell_name(number, column)
                if name in shape.errors:
                    row[column] = {"odd": "error", "text": shape.errors[name]}
                elif name in shape.unsolved:
                    row[column] = {"odd": "formula", "text": shape.unsolved[name]}
    return plain


def _cell(value: Any) -> Any:
    if value == "":
        return None
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return {"odd": "date", "text": str(value)}
    return value


def _limit(memory: int | None = None, seconds: int | None = None) -> None:
    """Bound this process; where the system knows no such limits the parent's clock is the bound."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        if most is not None:
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
