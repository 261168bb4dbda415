"""The store for databases: SQLite and PostgreSQL by their address, or columns put into SQLite in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from sampling.columns import Levels, Table
from sampling.engine.stores import Part, Rows, by_column, kind_of
from sampling.errors import EngineError

if TYPE_CHECKING:
    import sqlalchemy as sa


class DatabaseStore:
    """Tables of a database that SQLAlchemy can reach; nothing is written to it."""

    row_order = None

    def __init__(self, engine: sa.Engine, *, answers: str = "answers", design: str | None = None):
        self._engine, self._has_design = engine, design is not None
        self.tables = (answers, design or "design")
        self.dialect = engine.dialect.name

    @classmethod
    def at(cls, url: str, *, answers: str = "answers", design: str = "design") -> DatabaseStore:
        """Open the database at *url*; the design table is used if there is one.

        Raises:
            EngineError: No such database, or no such table in it.
        """
        import sqlalchemy as sa
        from sqlalchemy.exc import SQLAlchemyError

        try:
            address = sa.make_url(url)
            if address.get_backend_name() == "sqlite":
                address = _reading(address)
            engine = sa.create_engine(address)
            inspector = sa.inspect(engine)
            tables = [*inspector.get_table_names(), *inspector.get_view_names()]
        except (SQLAlchemyError, ImportError) as error:
            raise EngineError("sql", rule="unreadable", value=url.rpartition("@")[2]) from error
        if answers not in tables:
            engine.dispose()
            raise EngineError(engine.dialect.name, rule="no_table", value=answers)
        return cls(engine, answers=answers, design=design if design in tables else None)

    @classmethod
    def in_memory(cls, answers: Table, design: Table | None = None) -> DatabaseStore:
        """Put columns into a SQLite database of our own, in memory."""
        import sqlalchemy as sa

        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        with engine.begin() as connection:
            _fill(connection, "answers", answers)
            if design is not None:
                _fill(connection, "design", design)
        return cls(engine, design=None if design is None else "design")

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def kinds(self, table: str) -> Mapping[str, str]:
        """Column → kind of numbers."""
        import sqlalchemy as sa

        if table == "design" and not self._has_design:
            return {}
        columns = sa.inspect(self._engine).get_columns(self.tables[table == "design"])
        any_kind = self.dialect == "sqlite"
        return {each["name"]: "any" if any_kind else kind_of(str(each["type"])) for each in columns}

    def prepared(self, statement: Any) -> Any:
        """Return the statement as it is: SQLAlchemy keeps its text."""
        return statement

    def run(self, statement: Any, part: Part | None = None) -> Rows:
        """Return the columns of a statement's result."""
        with self._engine.connect() as connection:
            found = connection.execute(statement)
            return by_column(list(found.keys()), found.all())

    def parts(self, counties: Mapping[Any, int]) -> list[Part | None]:
        """Return [None]: a database finds room by itself."""
        return [None]

    def columns(self, names: Sequence[str], labels: Sequence[str], table: str = "answers") -> Table:
        """Return columns for the scan in memory."""
        import sqlalchemy as sa

        source = sa.table(self.tables[table == "design"], *(sa.column(name) for name in names))
        return self.run(sa.select(*source.c))


def _reading(address: sa.URL) -> sa.URL:
    """The address of a SQLite file that is only read; a missing file is not made."""
    if not address.database or not Path(address.database).is_file():
        raise EngineError("sqlite", rule="unreadable", value=address.database)
    path = f"file:{quote(str(Path(address.database).resolve()))}"
    return address.set(database=path, query={"mode": "ro", "uri": "true"})


def _fill(connection: sa.Connection, name: str, table: Table) -> None:
    import sqlalchemy as sa

    entries = {
        key: (column.entries() if isinstance(column, Levels) else np.asarray(column)).tolist()
        for key, column in table.items()
    }
    kinds = {
        key: sa.Text() if any(isinstance(entry, str) for entry in column) else sa.Double()
        for key, column in entries.items()
    }
    target = sa.Table(name, sa.MetaData(), *(sa.Column(key, kind) for key, kind in kinds.items()))
    target.create(connection)
    rows = [dict(zip(entries, row, strict=True)) for row in zip(*entries.values(), strict=True)]
    if rows:
        connection.execute(target.insert(), rows)
