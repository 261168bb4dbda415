"""Commands of the room: the empty workbook, and county files between JSON and workbook."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from survey_app.counties.workbook.faults import Fault, WorkbookError, shown
from survey_app.printing import refuse

_OUTPUT = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_OUTPUT, metavar="F.xlsx")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
def template(file: Path, as_json: bool) -> None:
    """空白填报工作簿 / write an empty county workbook."""
    from survey_app.counties.workbook.writer import write_template

    if file.suffix.lower() != ".xlsx":
        refuse([_about("not_xlsx", file)], as_json=as_json)
    if file.exists():
        refuse([_about("exists", file)], as_json=as_json)
    _writing(lambda: write_template(file), file, as_json=as_json)
    _done(file, as_json=as_json)


@click.command()
@click.argument("source", type=_INPUT, metavar="COUNTY.json")
@click.argument("target", type=_OUTPUT, metavar="F.xlsx")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
def convert(source: Path, target: Path, as_json: bool) -> None:
    """县情文件与工作簿互换 / turn a county file into a workbook, or a workbook into a county file."""
    from survey_app.counties.workbook.reader import read_workbook
    from survey_app.counties.workbook.writer import write_workbook

    _check(source, {".json", ".xlsx"}, as_json=as_json)
    _check(target, {".json", ".xlsx"}, as_json=as_json)
    if source.resolve() == target.resolve():
        refuse([_about("same_file", target)], as_json=as_json)
    try:
        document = read_workbook(source) if source.suffix.lower() == ".xlsx" else read_json(source)
        if target.suffix.lower() == ".xlsx":
            _writing(lambda: write_workbook(document, target), target, as_json=as_json)
        else:
            text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
            _writing(lambda: target.write_text(text, encoding="utf-8"), target, as_json=as_json)
    except WorkbookError as refused:
        refuse(refused.faults, as_json=as_json)
    _done(target, as_json=as_json)


def read_json(path: Path) -> dict[str, Any]:
    """Return the county file in a JSON file, checked as every county file is.

    Raises:
        WorkbookError: with every fault; places are paths such as ``schools[3].pupils.primary``.
    """
    from evaluation.errors import CountyFileError
    from evaluation.reading import read_county

    content = path.read_bytes()
    try:
        read_county(content)
    except CountyFileError as refused:
        raise WorkbookError(
            Fault(
                value=shown(fault.value),
                rule=fault.rule,
                family="county",
                facts=dict(fault.facts) | {"path": fault.where},
            )
            for fault in refused.faults
        ) from refused
    return json.loads(content.decode("utf-8-sig"))


def _check(path: Path, suffixes: set[str], *, as_json: bool) -> None:
    if path.suffix.lower() not in suffixes:
        refuse([_about("unknown_kind", path)], as_json=as_json)


def _writing(write: Callable[[], object], path: Path, *, as_json: bool) -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        write()
    except (OSError, FileCreateError):
        refuse([_about("unwritable", path)], as_json=as_json)


def _about(rule: str, path: Path) -> Fault:
    return Fault(value=str(path), rule=rule, facts={"path": str(path)})


def _done(path: Path, *, as_json: bool) -> None:
    click.echo(json.dumps({"file": str(path)}, ensure_ascii=False) if as_json else f"已写入 {path}")
