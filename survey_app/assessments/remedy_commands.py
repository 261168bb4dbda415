"""The command ``remedies``: what schools lack, the cheapest plan or why there is none, mergers."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from evaluation import (
    CountyFile,
    CountyFileError,
    RemedyFileError,
    UnitCosts,
    UnknownSchemeError,
    example_files,
    list_examples,
    load_scheme,
    plan_remedies,
    read_county,
    read_mergers,
    read_unit_costs,
    shortfalls,
    what_if,
)
from evaluation.remedies import WhatIf
from evaluation.scheme import Scheme
from survey_app.assessments.county_files import county_fault, read_county_file
from survey_app.assessments.remedy_lines import Remedies, remedy_lines
from survey_app.counties.workbook.faults import Fault, WorkbookError, shown
from survey_app.printing import print_json, refuse

_INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_INPUT, required=False, metavar="[COUNTY.{json,xlsx}]")
@click.option("--scheme", "scheme_id", required=True, metavar="ID", help="细则 / scheme")
@click.option(
    "--costs",
    type=_INPUT,
    metavar="F.toml",
    help='单价文件（元）：format = "costs/1"，[buy] 下如 backbone = 60000，没有的不补充 / unit costs',
)
@click.option("--mergers", type=_INPUT, metavar="F.toml", help="先设想并校，再算 / merge schools first")
@click.option("--example", type=click.Choice(list_examples()), help="用随带的示例 / use a worked example")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=10,
    show_default=True,
    help="每次求解的时限 / time limit of one solve",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def remedies(
    file: Path | None,
    scheme_id: str,
    costs: Path | None,
    mergers: Path | None,
    example: str | None,
    seconds: float,
    as_json: bool,
    lang: str,
) -> None:
    """怎样补齐短板：各校差多少，怎样补最省 / what schools lack, and the cheapest way to pass."""
    if (file is None) == (example is None) or (example and mergers):
        raise click.UsageError("COUNTY [--mergers F] 或 / or --example ID")
    try:
        scheme = load_scheme(scheme_id)
        given = example_files(example) if example else {}
        county = read_county_file(file) if file else read_county(given["county.json"])
        prices = _unit_costs(costs, scheme)
        merged = _what_if(county, scheme, mergers.read_bytes() if mergers else given.get("mergers.toml"))
        with _quiet_solver():
            found = _remedies(merged.merged.county if merged else county, scheme, prices, merged, seconds)
    except UnknownSchemeError as unknown:
        facts = {"path": "--scheme", "known": unknown.known}
        refuse(
            [Fault(value=unknown.scheme, rule="unknown", family="scheme", facts=facts)],
            as_json=as_json,
            lang=lang,
        )
    except RemedyFileError as refused:
        refuse([_table_fault(fault) for fault in refused.faults], as_json=as_json, lang=lang)
    except CountyFileError as refused:
        refuse([county_fault(fault) for fault in refused.faults], as_json=as_json, lang=lang)
    except WorkbookError as refused:
        refuse(refused.faults, as_json=as_json, lang=lang)
    if as_json:
        print_json(found.document(lang))
    else:
        click.echo("\n".join(remedy_lines(found, lang)))


def _unit_costs(path: Path | None, scheme: Scheme) -> UnitCosts:
    """Return the unit costs in a file; without one nothing can be bought, and moving costs nothing."""
    if path is None:
        return UnitCosts(buy={}, move={}, ownership=("public",))
    return read_unit_costs(path.read_bytes(), scheme)


def _what_if(county: CountyFile, scheme: Scheme, table: bytes | None) -> WhatIf | None:
    return None if table is None else what_if(county, scheme, read_mergers(table))


def _remedies(
    county: CountyFile, scheme: Scheme, costs: UnitCosts, merged: WhatIf | None, seconds: float
) -> Remedies:
    """Return what the county lacks, and its plan."""
    plan = plan_remedies(
        county,
        scheme,
        unit_costs=costs.buy,
        moving_costs=costs.move,
        ownership=costs.ownership,
        seconds=seconds,
    )
    lacking = shortfalls(county, scheme, unit_costs=costs.buy, verdict=plan.before)
    return Remedies(scheme=scheme, county=county, merged=merged, shortfalls=lacking, plan=plan)


@contextmanager
def _quiet_solver() -> Generator[None]:
    """Keep what the solver's own code prints past Python out of the output, which may be JSON."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _table_fault(fault: Any) -> Fault:
    """Return a fault of a table of unit costs or mergers as the application says it."""
    facts = {key: _said(value) for key, value in fault.facts.items()} | {"path": fault.where}
    value = fault.value if not isinstance(fault.value, Fraction) else str(fault.value)
    return Fault(value=shown(value), rule=fault.rule, family="remedies", facts=facts)


def _said(value: Any) -> Any:
    return (
        " → ".join(value) if isinstance(value, tuple) and len(value) > 1 and value[0] == value[-1] else value
    )
