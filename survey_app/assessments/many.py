"""The command line's way through a folder of county files: progress, table, faults, exit status."""

import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from evaluation import Outcome, Scheme, UnknownSchemeError, load_scheme
from survey_app.assessments.county_table import Judged, county_files, judge_files, write_table
from survey_app.counties.workbook.faults import Fault
from survey_app.messages import sentence
from survey_app.printing import placed, print_json, refuse

KINDS = (".csv", ".xlsx", ".parquet")


def evaluate_folder(folder: Path, scheme_id: str, *, out: Path | None, as_json: bool, lang: str) -> None:
    """Judge every county file below *folder* and write one table; ends with status 1 if any was refused.

    Raises:
        click.UsageError: there is nowhere to write to, or the file is of another kind.
    """
    if out is None and not as_json:
        raise click.UsageError("--many 需要 --out F.{csv,xlsx,parquet} 或 --json / needs --out or --json")
    if out is not None and out.suffix.lower() not in KINDS:
        raise click.UsageError(f"{out} 不是 .csv、.xlsx 或 .parquet / is none of {', '.join(KINDS)}")
    try:
        scheme = load_scheme(scheme_id)
    except UnknownSchemeError as unknown:
        facts = {"path": "--scheme", "known": unknown.known}
        refuse(
            [Fault(value=unknown.scheme, rule="unknown", family="scheme", facts=facts)],
            as_json=as_json,
            lang=lang,
        )
    paths = [path for path in county_files(folder) if out is None or path.resolve() != out.resolve()]
    if not paths:
        refuse(
            [Fault(value=str(folder), rule="no_county_files", facts={"path": str(folder)})],
            as_json=as_json,
            lang=lang,
        )
    if out is not None and (rule := _hindrance(out)):
        refuse([_about(rule, out)], as_json=as_json, lang=lang)
    files = judge_files(paths, folder, scheme.id)
    label = sentence("evaluate_progress", lang=lang)
    with click.progressbar(files, length=len(paths), label=label, file=sys.stderr) as bar:
        judged = list(bar)
    if out is not None:
        try:
            write_table(judged, scheme, out, lang)
        except OSError:
            refuse(
                [Fault(value=str(out), rule="unwritable", facts={"path": str(out)})],
                as_json=as_json,
                lang=lang,
            )
    if as_json:
        print_json(_document(judged, scheme, lang))
    else:
        click.echo(_counted(judged, lang))
        click.echo(sentence("evaluate_written", lang=lang, path=out))
    refused = [each for each in judged if each.faults]
    for each in refused if not as_json else ():
        for fault in each.faults:
            click.echo(f"{each.file}: {placed(fault, lang)}", err=True)
    if refused:
        raise SystemExit(1)


def _hindrance(out: Path) -> str | None:
    """Return what would keep the table from being written, before anything is judged for it."""
    if not out.parent.is_dir() or out.is_dir():
        return "unwritable"
    if out.suffix.lower() == ".parquet" and find_spec("duckdb") is None:
        return "no_parquet"
    return None


def _document(judged: list[Judged], scheme: Scheme, lang: str) -> dict[str, Any]:
    """Return all files as one JSON document; a fault also names its file."""
    return {
        "scheme": {"id": scheme.id, "digest": scheme.digest},
        "counties": [each.document(lang) for each in judged if each.row],
        "faults": [{"file": each.file} | fault.document(lang) for each in judged for fault in each.faults],
    }


def _counted(judged: list[Judged], lang: str) -> str:
    outcomes = Counter(each.row.outcome for each in judged if each.row)
    counts = {outcome.value: outcomes[outcome] for outcome in Outcome}
    refused = sum(bool(each.faults) for each in judged)
    return sentence("evaluate_counted", lang=lang, all=len(judged), refused=refused, **counts)


def _about(rule: str, path: Path) -> Fault:
    return Fault(value=str(path), rule=rule, facts={"path": str(path)})
