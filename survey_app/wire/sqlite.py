"""A wire to SQLite, by the connection that the application makes of its driver's."""

from typing import Any

from sqlalchemy.dialects import sqlite

from survey_app.wire.connection import Wire
from survey_app.wire.statement import Compiled


class SqliteWire(Wire):
    """A connection to SQLite; who writes waits for their turn."""

    dialect = sqlite.dialect(paramstyle="qmark")

    def _rows(self, compiled: Compiled, values: list[Any]) -> list[tuple]:
        if not compiled.writes or self._in_transaction:
            return self._connection.execute(compiled.text, values).fetchall()
        self._connection.begin()
        found = self._connection.execute(compiled.text, values).fetchall()
        self._connection.commit()
        return found

    def _count(self, compiled: Compiled, values: list[Any]) -> int:
        if self._in_transaction:
            return self._connection.execute(compiled.text, values).rowcount
        self._connection.begin()
        touched = self._connection.execute(compiled.text, values).rowcount
        self._connection.commit()
        return touched

    def _begin(self) -> None:
        self._connection.begin()

    def _commit(self) -> None:
        self._connection.commit()

    def _rollback(self) -> None:
        self._connection.rollback()
