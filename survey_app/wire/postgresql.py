"""A wire to PostgreSQL, by statements that its library keeps prepared.

The cursors of psycopg look at every statement and every value anew, which costs several times what the
library below them does. That one (`psycopg.pq`) takes statements by the name under which they were prepared.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql import psycopg as dialects

from survey_app import db
from survey_app.wire.connection import Wire, Wires
from survey_app.wire.statement import Compiled, Statement, together

_TEXT, _BINARY = 0, 1

#: Under which the pool keeps with a connection what was prepared on it.
_PREPARED = "prepared"


def _text(value: str) -> bytes:
    if "\0" in value:
        # The library would take it for the end of the text.
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()


#: How a value is sent, by its type, and in which format.
_WRITERS: Mapping[type, tuple[Callable[[Any], bytes | None], int]] = MappingProxyType(
    {
        int: (lambda value: str(value).encode(), _TEXT),
        bool: (lambda value: b"t" if value else b"f", _TEXT),
        str: (_text, _TEXT),
        bytes: (lambda value: value, _BINARY),
        datetime: (lambda value: value.isoformat().encode(), _TEXT),
        type(None): (lambda _: None, _TEXT),
    }
)


class PostgresqlWire(Wire):
    """A connection to PostgreSQL; each statement is prepared when it is first performed."""

    dialect = dialects.dialect(paramstyle="numeric_dollar")

    def __init__(self, home: Wires):
        super().__init__(home)
        self._connection.autocommit = True
        self._library = self._connection.pgconn
        self._reader = Transformer(self._connection)
        self._left: list[tuple[Compiled, list[Any]]] = []
        #: Kept with the connection, also while it is somebody else's.
        self._prepared: dict[Compiled, bytes] = self._held.info.setdefault(_PREPARED, {})

    def leave(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Perform *statement* with COMMIT, together with all that is left: one journey less for each."""
        compiled = statement.compiled(self.dialect)
        self._left.append((compiled, compiled.arrange(values)))

    def is_good(self) -> bool:
        """Whether it can be used again; one that rested for long is tried."""
        if time.monotonic() - self.since < db.RESTED_SECONDS:
            return True
        try:
            self._say(b"SELECT 1")
        except self._refusal as error:
            self._failed(error)
            return False
        return True

    def close(self) -> None:
        """Give the connection back to the pool as it came from there."""
        try:
            self._connection.autocommit = False
        except self._refusal as error:
            self._held.invalidate(error)
        else:
            super().close()

    def _rows(self, compiled: Compiled, values: list[Any]) -> list[tuple]:
        result = self._perform(compiled, values)
        self._reader.set_pgresult(result)
        return self._reader.load_rows(0, result.ntuples, tuple)

    def _count(self, compiled: Compiled, values: list[Any]) -> int:
        return self._perform(compiled, values).command_tuples or 0

    def _begin(self) -> None:
        self._say(b"BEGIN")

    def _commit(self) -> None:
        if self._left:
            statements, values = zip(*self._left, strict=True)
            self._left.clear()
            self._perform(together(*statements), list(chain.from_iterable(values)))
        # A transaction in which something was refused is undone by COMMIT, and says so by its tag alone.
        if self._say(b"COMMIT").command_status != b"COMMIT":
            raise psycopg.InternalError("the transaction had failed before its COMMIT")

    def _rollback(self) -> None:
        self._left.clear()
        self._say(b"ROLLBACK")

    def _perform(self, compiled: Compiled, values: list[Any]) -> PGresult:
        name = self._prepared.get(compiled)
        if name is None:
            name = b"phone_%d" % len(self._prepared)
            self._checked(self._library.prepare(name, compiled.text.encode()))
            self._prepared[compiled] = name
        sent, formats = [], []
        for value in values:
            write, form = _WRITERS[type(value)]
            sent.append(write(value))
            formats.append(form)
        return self._checked(self._library.exec_prepared(name, sent, formats))

    def _say(self, words: bytes) -> PGresult:
        return self._checked(self._library.exec_(words))

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
            return result
        state = result.error_field(DiagnosticField.SQLSTATE)
        said = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"no reply").decode("utf-8", "replace")
        if state is None or self._library.status == ConnStatus.BAD:
            raise psycopg.OperationalError(said)
        try:
            raise psycopg.errors.lookup(state.decode())(said)
        except KeyError:
            raise psycopg.DatabaseError(said) from None
