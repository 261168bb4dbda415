"""The scan of answers that lie in a file or a database, by whichever engine can hold them.

There is one formulation of the scan, a SQLAlchemy Core statement over the engine's input: a table of answers
(`county, stratum, psu, group, weight` and a numeric column for each item; null is missing) and a table of
strata (`stratum, psus`, `population_psus` where it is known). SQLite and PostgreSQL run it by their address,
DuckDB and Spark as text over Parquet; `sampling.scan` does the same in memory. What comes out are moments,
and all inference runs on those.

This package alone of `sampling` speaks SQL; SQLAlchemy, DuckDB and Spark are imported where they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sampling.columns import Floats, Table
from sampling.engine.checks import check_names, check_strata, column_facts, measure_of
from sampling.engine.database import DatabaseStore
from sampling.engine.statement import GIVEN, Measure, Setting, statement
from sampling.engine.stores import DuckDBStore, SparkStore, Store, spark_session
from sampling.errors import ColumnError, EngineError
from sampling.moment_table import FIELDS, MomentTable, Roles, gathered
from sampling.moments import Moments
from sampling.scan import scan

#: Items in one statement: databases bound the number of columns.
_ITEMS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Answers in memory, name → column, and their design table."""

    answers: Table
    design: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Answers in a Parquet file, and their design table in another."""

    answers: Path
    design: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Answers in a table of a database, and their design table if it has one of that name."""

    url: str
    answers: str = "answers"
    design: str = "design"


Source = Columns | Files | Database

#: The engines, and what each can scan.
ENGINES: dict[str, tuple[type[Any], ...]] = {
    "numpy": (Columns, Files, Database),
    "duckdb": (Columns, Files),
    "sqlite": (Columns, Database),
    "postgresql": (Database,),
    "spark": (Files,),
}


def scan_source(
    source: Source,
    roles: Roles,
    *,
    engine: str = "numpy",
    master: str = "local[2]",
    threads: int | None = None,
) -> MomentTable:
    """Return the moments of every item in every domain, scanned by the engine named.

    Args:
        source: Where the answers lie.
        roles: Which column plays which role.
        engine: One of `ENGINES`.
        master: Spark's master.
        threads: How many threads numpy and DuckDB use; by default one for each processor.

    Raises:
        ColumnError: A column cannot be used; names column, row and rule.
        LonelyUnitError: A variance cannot be estimated and *roles.lonely* does not say what to do.
        EngineError: An unknown or missing engine, or one that cannot scan this source or design.
    """
    if engine not in ENGINES:
        raise EngineError(engine, rule="unknown", value=tuple(ENGINES))
    if not isinstance(source, ENGINES[engine]):
        raise EngineError(engine, rule="wrong_source", value=type(source).__name__.lower())
    if engine == "numpy":
        answers, strata = load(source, roles, threads=threads)
        return scan(answers, roles, strata=strata, threads=threads)
    store = _open(source, engine, master, threads)
    try:
        return scan_store(store, roles)
    finally:
        store.close()


def _open(source: Source, engine: str, master: str, threads: int | None) -> Any:
    """Return the store for a source; it is the caller's to close."""
    if isinstance(source, Database):
        store = DatabaseStore.at(source.url, answers=source.answers, design=source.design)
        if engine not in ("numpy", store.dialect):
            store.close()
            raise EngineError(engine, rule="wrong_source", value=store.dialect)
        return store
    if engine == "spark" and isinstance(source, Files):
        return SparkStore(spark_session(master), source.answers, source.design)
    if engine == "sqlite" and isinstance(source, Columns):
        return DatabaseStore.in_memory(source.answers, source.design)
    return DuckDBStore(source.answers, source.design, threads=threads)


def load(source: Source, roles: Roles, *, threads: int | None = None) -> tuple[Table, Table | None]:
    """Read the columns that the roles name, and the design table if there is one, for the scan in memory.

    Raises:
        ColumnError: A column is not there.
        EngineError: A file or a database that cannot be read.
    """
    if isinstance(source, Columns):
        return source.answers, source.design
    store = _open(source, "numpy", "", threads)
    try:
        kinds, design = store.kinds("answers"), tuple(store.kinds("design"))
        check_names(roles, Setting(design=design), kinds)
        labels = [name for name in (*roles.by, roles.county, roles.stratum, roles.psu, roles.ssu) if name]
        names = [name for name in roles.columns if name in kinds]
        strata = store.columns(design, (), "design") if design and roles.stratum else None
        return store.columns(names, labels), strata
    finally:
        store.close()


def scan_store(store: Store, roles: Roles) -> MomentTable:
    """Return the moments of every item in every domain of a store's answers.

    Raises:
        ColumnError: A column cannot be used; names column, row and rule.
        LonelyUnitError: A variance cannot be estimated and *roles.lonely* does not say what to do.
        EngineError: The design has a second stage, or the store cannot be read.
    """
    if roles.fpc2 is not None or (roles.ssu is not None and roles.fpc is not None):
        raise EngineError(store.dialect, rule="two_stages", value=roles.ssu or roles.fpc2)
    kinds = store.kinds("answers")
    design = tuple(store.kinds("design") or ()) if roles.stratum is not None else ()
    setting = Setting(tables=store.tables, design=design)
    check_names(roles, setting, kinds)
    facts = column_facts(store, roles, kinds)
    setting = replace(setting, zeros=facts["least"] == 0)
    measures = [
        measure_of(store, name, kinds[name], facts, i, proportions=roles.proportions)
        for i, name in enumerate(roles.items)
    ]
    counties = check_strata(store, roles, setting)
    parts = store.parts(counties) if roles.county else [None]
    setting = replace(setting, parted=parts != [None])
    domains: tuple[tuple[Any, ...], ...] = ()
    given: list[dict[str, Floats]] = []
    for start in range(0, len(measures), _ITEMS):
        domains, sums = _run(store, roles, measures[start : start + _ITEMS], setting, parts)
        given.append(sums)
    sums = {name: np.concatenate([each[name] for each in given]) for name in GIVEN}
    sums |= {"x": sums["w"], "wyx": sums["y"], "wxx": sums["w"]}
    return MomentTable(
        items=roles.items,
        binary=tuple(each.binary for each in measures),
        shifts=tuple(each.shift for each in measures),
        by=roles.by,
        domains=domains,
        county=roles.county,
        sums=Moments(**{name: sums[name] for name in FIELDS}),
    )


def _run(
    store: Store,
    roles: Roles,
    measures: Sequence[Measure],
    setting: Setting,
    parts: Sequence[tuple[Any, Any] | None],
) -> tuple[tuple[tuple[Any, ...], ...], dict[str, Floats]]:
    """Run one statement on every part; return the domains, sorted, and the moments, items × domains."""
    query = store.prepared(statement(roles, measures, setting))
    keys: list[tuple[Any, ...]] = []
    found: list[dict[str, Floats]] = []
    for part in parts:
        rows = store.run(query, part)
        if len(rows["excess"]) and max(rows["excess"]) > 0:
            raise ColumnError("psus", rule="below_sample")
        by = [rows[f"by{i}"].tolist() for i in range(len(roles.by))]
        keys += zip(*by, strict=True) if by else [()] * len(rows["excess"])
        found.append(
            {
                name: np.stack(
                    [np.asarray(rows[f"{name}{i}"], dtype=np.float64) for i in range(len(measures))]
                )
                for name in GIVEN
            }
        )
    sums = {name: np.concatenate([each[name] for each in found], axis=1) for name in GIVEN}
    return gathered(keys, len(roles.by), sums)
