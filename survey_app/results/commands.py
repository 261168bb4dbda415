"""Commands of the room: write released answers for analysis, and estimate from answers."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from sampling import ArgumentError, ColumnError, Estimate, LonelyUnitError, Roles, SamplingError
from sampling.engine import Columns, Database, Files, Source, scan_source
from sampling.errors import EngineError
from sampling.intervals import METHODS
from sampling.moments import LONELY
from survey_app.counties.workbook.faults import Fault, shown
from survey_app.errors import JunhengError
from survey_app.formatting import ABSENT, number
from survey_app.messages import sentence
from survey_app.printing import print_json, refuse
from survey_app.results.answer_files import AnswerFileError, read_csv
from survey_app.surveys.groups import GROUPS

_LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")

#: Digits of an estimate in the printed table.
_DIGITS = 4


@click.command()
@click.argument("source", metavar="FILE|URL")
@click.argument("more", nargs=-1, metavar="[COL]...")
@click.option(
    "--value", "values", multiple=True, required=True, metavar="COL", help="要估计的列，可重复 / may repeat"
)
@click.option("--weight", metavar="COL", help="权数 / weights")
@click.option("--stratum", metavar="COL", help="层 / strata")
@click.option("--psu", metavar="COL", help="初级抽样单元 / primary sampling units, nested in strata")
@click.option("--ssu", metavar="COL", help="二级抽样单元 / second-stage units, nested in PSUs")
@click.option("--fpc", metavar="COL", help="该层总体的初级单元数 / the stratum's PSUs in the population")
@click.option("--fpc2", metavar="COL", help="该初级单元的二级单元数 / the PSU's second-stage units")
@click.option(
    "--lonely",
    type=click.Choice(LONELY),
    default="fail",
    show_default=True,
    help="层内只有一个单元时怎么办，结果页用 adjust / strata of one unit; the results page uses adjust",
)
@click.option(
    "--county",
    metavar="COL",
    help="层所在的县，用于分批扫描 / counties, which hold whole strata: scan in parts",
)
@click.option("--by", multiple=True, metavar="COL...", help="分组的列 / columns that form domains")
@click.option(
    "--method", type=click.Choice(list(METHODS)), help="区间方法 / interval; default logit for 0/1, else mean"
)
@click.option("--level", type=float, default=0.95, show_default=True, help="置信水平 / level of the interval")
@click.option("--engine", metavar="ENGINE", help="numpy, duckdb, sqlite, postgresql, spark")
@click.option(
    "--table", default="answers", show_default=True, help="数据库中的答卷表 / table of answers in a database"
)
@click.option(
    "--design", metavar="FILE|TABLE", help="设计表：各层的单元数 / design table: units of each stratum"
)
@click.option("--spark-master", default="local[2]", show_default=True, help="Spark 主节点 / Spark's master")
@_JSON
@_LANG
def estimate(
    source: str,
    more: tuple[str, ...],
    values: tuple[str, ...],
    by: tuple[str, ...],
    method: str | None,
    level: float,
    engine: str | None,
    table: str,
    design: str | None,
    spark_master: str,
    as_json: bool,
    lang: str,
    **columns: Any,
) -> None:
    """由答卷估计比例或均值及其区间 / estimate rates or means with intervals from answers.

    \b
    junheng estimate answers.csv --value satisfied --weight w --stratum h --psu school --by group
    junheng estimate answers.parquet --value satisfied --by county group --engine duckdb
    """  # noqa: D301  \b is meant: it keeps the lines as they are
    if more and not by:
        raise click.UsageError(f"多余的参数 / unexpected: {' '.join(more)}")
    try:
        roles = Roles(
            items=tuple(dict.fromkeys(values)),
            by=tuple(dict.fromkeys([*by, *more])),
            proportions=method not in (None, "mean"),
            **columns,
        )
        origin = _origin(source, roles, table=table, design=design)
        found = scan_source(origin, roles, engine=engine or _default(origin), master=spark_master)
        rows = found.estimates(method=method, level=level)
    except AnswerFileError as refused:
        refuse([refused.fault], as_json=as_json, lang=lang)
    except SamplingError as refused:
        refuse([_fault(refused, columns.get("stratum"))], as_json=as_json, lang=lang)
    if as_json:
        print_json([_document(row) for row in rows])
    else:
        click.echo("\n".join(_lines(rows, lang)))


def _origin(source: str, roles: Roles, *, table: str, design: str | None) -> Source:
    """Return where the answers lie: a database, a Parquet file with its design table, or a CSV file read in.

    Raises:
        AnswerFileError: No such file, or a file of another kind.
    """
    if "://" in source:
        return Database(url=source, answers=table, design=design or "design")
    path = Path(source)
    if not path.is_file():
        raise AnswerFileError("no_file", path=path)
    if path.suffix.lower() == ".parquet":
        beside = path.with_suffix(".design.parquet") if design is None else Path(design)
        if design is not None and not beside.is_file():
            raise AnswerFileError("no_file", path=beside)
        return Files(answers=path, design=beside if beside.is_file() else None)
    if path.suffix.lower() != ".csv":
        raise AnswerFileError("kind", path=path)
    if design is not None:
        raise click.UsageError("--design 只用于 Parquet 和数据库 / is for Parquet files and databases")
    labels = [
        name for name in (*roles.by, roles.county, roles.stratum, roles.psu, roles.ssu) if name is not None
    ]
    numbers = [name for name in (*roles.items, roles.weight) if name is not None]
    counts = [name for name in (roles.fpc, roles.fpc2) if name is not None]
    return Columns(answers=read_csv(path, numbers=numbers, labels=labels, counts=counts))


def _default(origin: Source) -> str:
    """Return the engine for a source: a database scans for itself."""
    if not isinstance(origin, Database):
        return "numpy"
    return "sqlite" if origin.url.startswith("sqlite") else "postgresql"


def _fault(refused: SamplingError, stratum: str | None) -> Fault:
    """Return a refusal as a fault with its place."""
    if isinstance(refused, ColumnError):
        facts = {"column": refused.column, "row": refused.row}
        where = refused.column if refused.row is None else f"{refused.column}[{refused.row}]"
        facts |= {
            "path": where,
            "known": refused.value,
            "row": ABSENT if refused.row is None else refused.row,
        }
        return Fault(
            rule=f"column_{refused.rule}", family="estimate", value=shown(refused.value), facts=facts
        )
    if isinstance(refused, LonelyUnitError):
        column = stratum if refused.column in ("psu", "ssu") and stratum is not None else refused.column
        facts = {"column": column, "row": refused.row, "path": f"{column}[{refused.row}]"}
        facts["stratum"] = ABSENT if refused.stratum is None else refused.stratum
        rule = f"lonely_{refused.stage}"
        return Fault(rule=rule, family="estimate", value=shown(refused.stratum), facts=facts)
    if isinstance(refused, EngineError):
        facts = {"engine": refused.engine, "path": "--engine", "known": refused.value}
        return Fault(
            rule=f"engine_{refused.rule}", family="estimate", value=shown(refused.value), facts=facts
        )
    if isinstance(refused, ArgumentError):
        return Fault(
            rule=f"argument_{refused.name}",
            family="estimate",
            value=shown(refused.value),
            facts={"path": f"--{refused.name}"},
        )
    raise refused


#: What a row holds, in its order.
_FIELDS = tuple(field.name for field in fields(Estimate))


def _document(row: Estimate) -> dict[str, Any]:
    """Return an estimate as a plain mapping; `asdict` would copy every part of hundreds of thousands."""
    return {name: getattr(row, name) for name in _FIELDS}


def _lines(rows: Sequence[Estimate], lang: str) -> list[str]:
    """Return estimates as a table to be read, numbers to the right."""
    by = list(rows[0].by) if rows else []
    names = ("value", *by, "n", "psus", "df", "estimate", "se", "lower", "upper", "deff", "method")
    heads = [name if name in by else sentence(f"estimate_head_{name}", lang=lang) for name in names]
    table = [heads, *(_cells(row, by) for row in rows)]
    widths = [max(_columns(line[place]) for line in table) for place in range(len(heads))]
    left = {0, *range(1, 1 + len(by)), len(heads) - 1}
    said = [
        "  ".join(_padded(cell, widths[i], left=i in left) for i, cell in enumerate(line)).rstrip()
        for line in table
    ]
    level = number(rows[0].level * 100, None) if rows else ""
    return [*said, sentence("estimate_level", lang=lang, level=level)]


def _cells(row: Estimate, by: Sequence[str]) -> list[str]:
    figures = (row.estimate, row.se, row.lower, row.upper)
    return [
        row.value,
        *(str(row.by[name]) for name in by),
        *(number(count) for count in (row.n, row.psus, row.df)),
        *(number(figure, _DIGITS) for figure in figures),
        number(row.deff, 2),
        row.method,
    ]


def _columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes; Chinese characters take two."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _columns(text))
    return text + space if left else space + text


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="F.parquet")
@click.option(
    "--wave",
    "waves",
    type=int,
    multiple=True,
    metavar="N",
    help="调查编号，可重复；默认全部已发布的 / may repeat",
)
@_JSON
@_LANG
def archive(file: Path, waves: tuple[int, ...], as_json: bool, lang: str) -> None:
    """已发布的答卷写成 Parquet / write released answers as Parquet, their design table beside them."""
    from survey_app import clock, create_app
    from survey_app.db import db
    from survey_app.results.archiving import archive_waves, design_file, note_archive, write_archive

    if file.suffix.lower() != ".parquet":
        refuse([_about("kind", file)], as_json=as_json, lang=lang)
    with create_app().app_context():
        try:
            made = archive_waves(db.session, waves)
            note_archive(db.session, made, by="junheng archive", now=clock.now())
            write_archive(made, file)
            db.session.commit()
        except JunhengError as refused:
            facts = refused.facts | {"path": f"--wave {refused.facts.get('wave', '')}".strip()}
            rule = refused.code.removeprefix("archive_")
            refuse([Fault(rule=rule, family="archive", facts=facts)], as_json=as_json, lang=lang)
        except FileExistsError as refused:
            refuse([_about("exists", Path(refused.filename))], as_json=as_json, lang=lang)
        except EngineError as refused:
            refuse([_about("extra_missing", file, value=refused.value)], as_json=as_json, lang=lang)
        except OSError:
            refuse([_about("unwritable", file)], as_json=as_json, lang=lang)
    facts = {
        "answers": str(file),
        "design": str(design_file(file)),
        "rows": len(made.answers),
        "waves": len(made.waves),
        "strata": len(made.design),
    }
    hidden = [{"wave": wave, "group": group} for wave, group in made.withheld]
    if as_json:
        print_json(facts | {"withheld": hidden})
        return
    click.echo(sentence("archive_written", lang=lang, **facts))
    if hidden:
        names = [f"{GROUPS[group].label.in_language(lang)} ({wave})" for wave, group in made.withheld]
        click.echo(sentence("archive_withheld", lang=lang, groups="、".join(names)))


def _about(rule: str, path: Path, value: str = "") -> Fault:
    return Fault(rule=rule, family="archive", value=value or str(path), facts={"path": str(path)})
