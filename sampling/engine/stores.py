"""Where answers lie that SQL can reach as text: Parquet files read by DuckDB or Spark.

A store answers statements over two tables, `answers` and `design`; see `sampling.engine`, which also has the
store for databases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from socket import create_connection
from typing import Any, Protocol

import numpy as np

from sampling.columns import Levels, Table
from sampling.errors import EngineError

#: First and last county of a part of the answers.
Part = tuple[Any, Any]

#: Columns of a statement's result, each as long as the result.
Rows = Mapping[str, Any]

#: Answers that DuckDB sums at a time: what it keeps for each unit and item must fit in memory.
PART = 750_000


class Store(Protocol):
    """Answers that can be asked by a SQLAlchemy Core statement."""

    #: The engine's name.
    dialect: str
    #: The names of the table of answers and of the design table.
    tables: tuple[str, str]
    #: What orders rows as they lie in the store, where its window functions must be told; else None.
    row_order: str | None

    def kinds(self, table: str) -> Mapping[str, str]:
        """Column → `integer`, `float`, `boolean`, `text`, or `any` where the store does not say."""
        ...

    def prepared(self, statement: Any) -> Any:
        """Return a statement in the form that costs least to run again."""
        ...

    def run(self, statement: Any, part: Part | None = None) -> Rows:
        """Return the columns of a statement's result, of one part of the counties if it is parted."""
        ...

    def parts(self, counties: Mapping[Any, int]) -> list[Part | None]:
        """Return first and last county of the parts to be scanned one by one; [None] for all at once."""
        ...


def kind_of(type_name: str) -> str:
    """Return the kind of numbers that a column type of SQL holds.

    >>> [kind_of(name) for name in ("TINYINT", "bigint", "DECIMAL(5,2)", "double", "BOOLEAN", "VARCHAR(9)")]
    ['integer', 'integer', 'float', 'float', 'boolean', 'text']
    """
    name = type_name.upper()
    for kind, starts in _KINDS.items():
        if name.startswith(starts):
            return kind
    return "text"


_KINDS = {
    "boolean": ("BOOL",),
    "float": ("DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC"),
    "integer": (
        *("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "BYTE", "SHORT", "LONG"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    ),
}


class DuckDBStore:
    """Parquet files, or columns in memory, under DuckDB."""

    dialect = "duckdb"
    tables = ("answers", "design")
    row_order = None

    def __init__(
        self, answers: Path | Table, design: Path | Table | None = None, *, threads: int | None = None
    ):
        self._connection = _duckdb().connect(config={"threads": threads} if threads else {})
        self._frames: list[Any] = []
        self._view("answers", answers)
        self._has_design = design is not None
        if design is not None:
            self._view("design", design)

    def _view(self, name: str, source: Path | Table) -> None:
        if isinstance(source, Path):
            try:
                self._connection.read_parquet(str(source)).create_view(name)
            except _duckdb().Error as error:
                raise EngineError("duckdb", rule="unreadable", value=str(source)) from error
        else:
            import pandas as pd

            self._frames.append(pd.DataFrame({key: _plain(column) for key, column in source.items()}))
            self._connection.register(name, self._frames[-1])

    def kinds(self, table: str) -> Mapping[str, str]:
        """Column → kind of numbers."""
        if table == "design" and not self._has_design:
            return {}
        described = self._connection.execute(f"DESCRIBE {table}").fetchall()
        return {row[0]: kind_of(row[1]) for row in described}

    def prepared(self, statement: Any) -> str:
        """Return the statement as text."""
        return str(statement.compile(compile_kwargs={"literal_binds": True}))

    def run(self, statement: Any, part: Part | None = None) -> Rows:
        """Return the columns of a statement's result."""
        text = statement if isinstance(statement, str) else self.prepared(statement)
        values = {} if part is None else dict(zip(("first", "last"), part, strict=True))
        found = self._connection.execute(text, values).fetchnumpy()
        return {name: _unmasked(column) for name, column in found.items()}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def parts(self, counties: Mapping[Any, int]) -> list[Part | None]:
        """Return ranges of counties with about as many answers as fit in memory."""
        if sum(counties.values()) <= PART:
            return [None]
        parts: list[Part | None] = []
        first, rows, last = None, 0, None
        for county in sorted(counties):
            if first is not None and rows + counties[county] > PART:
                parts.append((first, last))
                first, rows = None, 0
            first = county if first is None else first
            rows, last = rows + counties[county], county
        return [*parts, (first, last)]

    def columns(self, names: Sequence[str], labels: Sequence[str], table: str = "answers") -> Table:
        """Return columns for the scan in memory; text among *labels* looked up already."""
        kinds = self.kinds(table)
        texts = [name for name in names if name in labels and kinds[name] == "text"]
        found: dict[str, Any] = {
            name: self._looked_up(place, name, table) for place, name in enumerate(texts)
        }
        if others := [_name(name) for name in names if name not in texts]:
            found |= self._connection.table(table).select(*others).fetchnumpy()
        return found

    def _looked_up(self, place: int, name: str, table: str) -> Levels:
        """Look labels up inside DuckDB: millions of them as Python's own texts would take seconds."""
        column, relation = _name(name), self._connection.table(table)
        entries = sorted(
            row[0] for row in relation.select(column).distinct().fetchall() if row[0] is not None
        )
        if not entries:
            return Levels(index=np.full(relation.shape[0], -1), labels=())
        self._connection.execute(f"CREATE TYPE label{place} AS ENUM (SELECT unnest(?))", [entries])
        code = _duckdb().SQLExpression(f"enum_code(CAST({column} AS label{place}))")
        codes = relation.select(code.alias("code")).fetchnumpy()["code"]
        return Levels(index=np.ma.filled(codes.astype(np.intp), -1), labels=tuple(entries))


def _name(column: str) -> str:
    """A column's name, quoted."""
    return '"' + column.replace('"', '""') + '"'


class SparkStore:
    """Parquet files under Spark, on this machine or on a cluster that reads the same files."""

    dialect = "spark"
    tables = ("answers", "design")
    row_order = "monotonically_increasing_id()"

    def __init__(self, session: Any, answers: Path, design: Path | None = None):
        self._session = session
        self._has_design = design is not None
        for name, path in (("answers", answers), ("design", design)):
            if path is not None:
                if not path.exists():
                    raise EngineError("spark", rule="unreadable", value=str(path))
                session.read.parquet(str(path)).createOrReplaceTempView(name)

    def kinds(self, table: str) -> Mapping[str, str]:
        """Column → kind of numbers."""
        if table == "design" and not self._has_design:
            return {}
        return {name: kind_of(type_name) for name, type_name in self._session.table(table).dtypes}

    def prepared(self, statement: Any) -> str:
        """Return the statement as text."""
        return str(statement.compile(compile_kwargs={"literal_binds": True}))

    def run(self, statement: Any, part: Part | None = None) -> Rows:
        """Return the columns of a statement's result."""
        frame = self._session.sql(statement if isinstance(statement, str) else self.prepared(statement))
        return by_column(frame.columns, frame.collect())

    def parts(self, counties: Mapping[Any, int]) -> list[Part | None]:
        """Return [None]: a cluster shares the work out itself."""
        return [None]

    def close(self) -> None:
        """End the session."""
        self._session.stop()


def spark_session(master: str = "local[2]") -> Any:
    """Return a Spark session that keeps to this machine's own address.

    Args:
        master: `local[N]`, or the address of a standalone cluster such as `spark://127.0.0.1:7077`.

    Raises:
        EngineError: PySpark or Java is missing, or the cluster does not answer.
    """
    try:
        sql = import_module("pyspark.sql")
    except ImportError as error:
        raise EngineError("spark", rule="extra_missing", value="spark") from error
    if master.startswith("spark://"):
        _reach(master)
    builder = sql.SparkSession.builder.appName("junheng").master(master)
    for name, value in _SPARK.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise EngineError("spark", rule="unreachable", value=master) from error


def _reach(master: str) -> None:
    """Ask a cluster's address for a connection: Spark itself gives up only after a minute.

    Raises:
        EngineError: Nobody answers there.
    """
    host, _, port = master.removeprefix("spark://").partition(",")[0].rpartition(":")
    try:
        create_connection((host, int(port)), timeout=_PATIENCE).close()
    except (OSError, ValueError, OverflowError) as error:
        raise EngineError("spark", rule="unreachable", value=master) from error


#: Seconds to wait for a cluster to answer.
_PATIENCE = 5.0

#: One statement at a time, quoted as everywhere else, nothing offered to the network.
_SPARK = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.showConsoleProgress": "false",
}


def by_column(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Rows:
    """Return rows as columns; numbers as floats where all are there."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: _column(values) for name, values in zip(names, columns, strict=True)}


def _column(values: Sequence[Any]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _duckdb() -> Any:
    try:
        return import_module("duckdb")
    except ImportError as error:
        raise EngineError("duckdb", rule="extra_missing", value="fast") from error


def _plain(column: Any) -> Any:
    return column.entries() if isinstance(column, Levels) else np.asarray(column)


def _unmasked(column: Any) -> Any:
    """A column with NaN or None where nothing is."""
    if isinstance(column, np.ma.MaskedArray) and column.mask.any():
        return column.filled(np.nan) if column.dtype.kind == "f" else column.astype(object).filled(None)
    return np.ma.getdata(column)
