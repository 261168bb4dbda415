"""County files as people keep them: JSON files and workbooks, and how their faults are said."""

from pathlib import Path
from typing import Any

from evaluation import CountyFile, UnknownSchemeError, read_county
from survey_app.counties.workbook.faults import Fault, WorkbookError, shown


def read_county_file(path: Path) -> CountyFile:
    """Return the county file in a JSON file or a workbook.

    Raises:
        CountyFileError: a JSON file was refused; every fault has its path.
        WorkbookError: a workbook was refused, every fault with its cell; or a file of another kind.
    """
    if path.suffix.lower() == ".xlsx":
        from survey_app.counties.workbook.reader import read_workbook

        return read_county(read_workbook(path))
    if path.suffix.lower() != ".json":
        raise WorkbookError([Fault(value=str(path), rule="unknown_kind", facts={"path": str(path)})])
    return read_county(path.read_bytes())


def county_fault(fault: Any) -> Fault:
    """Return a fault of a county file as the application says it."""
    facts = dict(fault.facts) | {"path": fault.where}
    return Fault(value=shown(fault.value), rule=fault.rule, family="county", facts=facts)


def unknown_scheme(unknown: UnknownSchemeError) -> Fault:
    """Return that there is no such scheme as the application says it."""
    facts = {"path": "--scheme", "known": unknown.known}
    return Fault(value=unknown.scheme, rule="unknown", family="scheme", facts=facts)
