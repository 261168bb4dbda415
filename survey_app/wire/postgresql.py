"""A wire to PostgreSQL, by statements that its library keeps prepared.

The cursors of psycopg look at every statement and every value anew, which costs several times what the
library below them does. That one (`psycopg.pq`) takes statements by the name under which they were prepared.

A transaction is what is sent between two synchronisation points of a pipeline: it needs no BEGIN, and it is
committed with its last statement. So it takes one journey for every answer that something else depends on.
"""

import selectors
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql import psycopg as dialects

from survey_app import db
from survey_app.wire.connection import Asked, T, Wire, Wires
from survey_app.wire.statement import Compiled, Statement

_TEXT, _BINARY = 0, 1

#: Under which the pool keeps with a connection what was prepared on it.
_PREPARED = "prepared"

#: One that needs no file of its own, where the system has it.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


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


def _sent(values: list[Any]) -> tuple[list[bytes | None], list[int]]:
    """*values* as they are sent, and in which formats."""
    sent, formats = [], []
    for value in values:
        write, form = _WRITERS[type(value)]
        sent.append(write(value))
        formats.append(form)
    return sent, formats


class PostgresqlWire(Wire):
    """A connection to PostgreSQL; each statement is prepared when it is first performed."""

    dialect = dialects.dialect(paramstyle="numeric_dollar")

    def __init__(self, home: Wires):
        super().__init__(home)
        self._connection.autocommit = True
        self._library = self._connection.pgconn
        self._reader = Transformer(self._connection)
        self._readable = _Selector()
        self._readable.register(self._library.socket, selectors.EVENT_READ)
        self._left: list[tuple[Compiled, list[Any]]] = []
        #: Kept with the connection, also while it is somebody else's.
        self._prepared: dict[Compiled, bytes] = self._held.info.setdefault(_PREPARED, {})

    def leave(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Send *statement* with the commit, after all that was left before it: one journey less for each."""
        compiled = statement.compiled(self.dialect)
        self._left.append((compiled, compiled.arrange(values)))

    def row_then(self, asked: Asked, read: Callable[[tuple | None], T], done: Asked) -> T:
        """The same in one journey: what was done for nothing is undone with the transaction."""
        first, second = (statement.compiled(self.dialect) for statement, _ in (asked, done))
        try:
            # Nothing can be prepared while an answer is on its way.
            self._name(second)
            self._send(first, first.arrange(asked[1]))
            self._send(second, second.arrange(done[1]))
            self._flush()
            rows = first.read(self._read(self._answer()))
            self._answer()
        except self._refusal as error:
            raise self._failed(error) from error
        try:
            return read(rows[0] if rows else None)
        except BaseException:
            self.rollback()
            raise

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
        return self._read(self._perform(compiled, values))

    def _count(self, compiled: Compiled, values: list[Any]) -> int:
        return self._perform(compiled, values).command_tuples or 0

    def _begin(self) -> None:
        self._library.enter_pipeline_mode()

    def _commit(self) -> None:
        left, self._left = self._left, []
        # Nothing can be prepared while an answer is on its way.
        for compiled, _ in left:
            self._name(compiled)
        for compiled, values in left:
            self._send(compiled, values)
        self._library.pipeline_sync()
        for _ in left:
            self._answer()
        self._end()

    def _rollback(self) -> None:
        self._left.clear()
        # The transaction becomes one that was begun, which may be undone without a warning in the log.
        for words in (b"BEGIN", b"ROLLBACK"):
            self._library.send_query_params(words, None)
        self._library.pipeline_sync()
        self._answer()
        self._answer()
        self._end()

    def _perform(self, compiled: Compiled, values: list[Any]) -> PGresult:
        if not self._in_transaction:
            return self._checked(self._library.exec_prepared(self._name(compiled), *_sent(values)))
        self._send(compiled, values)
        self._flush()
        return self._answer()

    def _name(self, compiled: Compiled) -> bytes:
        """Under which *compiled* is prepared, now if it was not before."""
        name = self._prepared.get(compiled)
        if name is not None:
            return name
        name, text = b"phone_%d" % len(self._prepared), compiled.text.encode()
        if self._in_transaction:
            self._library.send_prepare(name, text)
            self._flush()
            self._answer()
        else:
            self._checked(self._library.prepare(name, text))
        self._prepared[compiled] = name
        return name

    def _send(self, compiled: Compiled, values: list[Any]) -> None:
        self._library.send_query_prepared(self._name(compiled), *_sent(values))

    def _flush(self) -> None:
        self._library.send_flush_request()
        self._library.flush()

    def _answer(self) -> PGresult:
        """What the next statement of the pipeline says."""
        result = self._checked(self._next())
        # The library says by nothing at all that a statement has no more to say.
        self._next()
        return result

    def _end(self) -> None:
        """Wait until the pipeline is through, and everything kept for good."""
        result = self._next()
        if result is None or result.status != ExecStatus.PIPELINE_SYNC:
            self._checked(result)
            raise psycopg.InternalError("the transaction was not committed")
        self._library.exit_pipeline_mode()

    def _next(self) -> PGresult | None:
        # Waited for out here: inside, the library would keep Python's lock meanwhile.
        while self._library.is_busy():
            self._readable.select()
            self._library.consume_input()
        return self._library.get_result()

    def _read(self, result: PGresult) -> list[tuple]:
        self._reader.set_pgresult(result)
        return self._reader.load_rows(0, result.ntuples, tuple)

    def _say(self, words: bytes) -> PGresult:
        return self._checked(self._library.exec_(words))

    def _checked(self, result: PGresult | None) -> PGresult:
        if result is None:
            raise psycopg.OperationalError("no reply")
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
