"""Bringing a database from one revision to another without losing a row."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

#: In a checkout the migrations stand beside the package, in the wheel inside it.
_HERE = Path(__file__).resolve().parent
MIGRATIONS = next(
    path for path in (_HERE / "migrations", _HERE.parent / "migrations") if (path / "versions").is_dir()
)


class BrokenReferencesError(Exception):
    """A revision would have left rows that refer to nothing; it was rolled back."""

    code = "broken_references"

    def __init__(self, tables: list[str]):
        super().__init__(f"rows of {', '.join(tables)} refer to nothing")
        self.tables = tables


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database of *engine* up to *revision*, in one transaction."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Take the database of *engine* back to *revision* (``base`` empties it)."""
    _run(engine, command.downgrade, revision)


def current(engine: sa.Engine) -> str | None:
    """The revision of the database; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _run(engine: sa.Engine, deed: Callable[[Config, str], Any], revision: str) -> None:
    config = Config(attributes={})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        sqlite = engine.dialect.name == "sqlite"
        _check_references(connection, on=False)
        try:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(7697)"))
                deed(config, revision)
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all() if sqlite else []
                if broken:
                    raise BrokenReferencesError(sorted({row[0] for row in broken}))
        finally:
            _check_references(connection, on=True)


def _check_references(connection: sa.Connection, *, on: bool) -> None:
    """Switch SQLite's foreign keys; only possible outside a transaction, so below SQLAlchemy."""
    if connection.dialect.name != "sqlite":
        return
    raw: sqlite3.Connection = connection.connection.dbapi_connection  # ty: ignore[invalid-assignment]
    raw.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
