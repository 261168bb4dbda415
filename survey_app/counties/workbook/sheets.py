"""The cells of an uploaded workbook, parsed in a child process that may fail without harm."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_app.counties.workbook.cells import Cell, Odd
from survey_app.counties.workbook.faults import Fault, WorkbookError
from survey_app.counties.workbook.parsing import archive

#: How long the child may take by the clock, in seconds.
PATIENCE = 60

_HERE = Path(__file__).resolve().parent
_MODULE = "parsing.child"
#: Address space in bytes and processor time in seconds that the child allows itself.
_LIMITS = {"memory": 1536 * archive.MEGABYTE, "seconds": 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet's cells, from A1 on, and its merged ranges."""

    rows: Sequence[Sequence[Cell]]
    merged: Sequence[str]

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell by its numbers; outside the used part there is nothing."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return self.rows[row][column]


def parse(path: str | os.PathLike[str], names: Iterable[str]) -> Mapping[str, Grid]:
    """Return the grids of the named sheets that the workbook has.

    Raises:
        WorkbookError: with the one fault for which the file was not read further.
    """
    file = Path(path).resolve()
    try:
        archive.inspect(file)
    except archive.RefusedArchiveError as refused:
        raise _refusal(refused.rule, refused.facts) from refused
    answer = _ask_child(file, list(names))
    if "refused" in answer:
        raise _refusal(answer["refused"]["rule"], answer["refused"]["facts"])
    return {
        name: Grid(rows=[[_cell(cell) for cell in row] for row in sheet["rows"]], merged=sheet["merged"])
        for name, sheet in answer["sheets"].items()
    }


def _ask_child(file: Path, names: list[str]) -> dict[str, Any]:
    """Run the child without the application's environment, which holds its secrets."""
    command = [
        sys.executable,
        "-P",
        "-s",
        "-X",
        "utf8",
        "-m",
        _MODULE,
        json.dumps(_LIMITS),
        str(file),
        *names,
    ]
    environment = {"PYTHONPATH": str(_HERE), "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module, the file as an argument
            command, capture_output=True, env=environment, timeout=PATIENCE, check=False, cwd=_HERE
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal("parsing_took_too_long", {"seconds": PATIENCE}) from error
    try:
        if done.returncode != 0:
            raise ValueError(done.returncode)
        return json.loads(done.stdout)
    except ValueError as error:
        raise _refusal("parsing_failed", {"status": done.returncode}) from error


def _refusal(rule: str, facts: Mapping[str, Any]) -> WorkbookError:
    return WorkbookError(
        [Fault(rule=rule, facts=dict(facts), value=str(facts.get("name") or facts.get("cell") or ""))]
    )


def _cell(cell: Any) -> Cell:
    return Odd(cell["odd"], cell["text"]) if isinstance(cell, dict) else cell
