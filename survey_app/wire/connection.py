"""Wires: connections of the pool without what SQLAlchemy lays around them, and those kept at hand."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc, orm

from survey_app import db
from survey_app.wire.statement import Compiled, Statement

#: What a reader makes of a row.
T = TypeVar("T")

#: A statement and its values.
Asked = tuple[Statement, Mapping[str, Any]]

#: Wires that are kept at hand while nobody uses them; the pool has connections for others besides.
_MOST_IDLE = 4


class Wire(ABC):
    """A connection for one use at a time.

    Whatever the driver refuses is raised as SQLAlchemy says it, and the connection is not used again.
    """

    #: Words for the statements; its places are numbered.
    dialect: ClassVar[sa.Dialect]

    def __init__(self, home: "Wires"):
        self._home = home
        self._refusal = home.engine.dialect.loaded_dbapi.Error
        try:
            self._held = home.engine.raw_connection()
        except self._refusal as error:
            raise self._said(error) from error
        self._connection: Any = self._held.driver_connection
        self._in_transaction = False
        #: When it was used last.
        self.since = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Undo what was not committed, and let the next use it."""
        if self._in_transaction:
            self.rollback()
        self._home.take_back(self)

    @property
    def is_broken(self) -> bool:
        """Whether the driver refused something on it."""
        return not self._held.is_valid

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple]:
        """All rows of *statement*."""
        compiled = statement.compiled(self.dialect)
        try:
            return compiled.read(self._rows(compiled, compiled.arrange(values)))
        except self._refusal as error:
            raise self._failed(error) from error

    def count(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Perform *statement*; how many rows it touched."""
        compiled = statement.compiled(self.dialect)
        try:
            return self._count(compiled, compiled.arrange(values))
        except self._refusal as error:
            raise self._failed(error) from error

    def row_then(self, asked: Asked, read: Callable[[tuple | None], T], done: Asked) -> T:
        """What *read* makes of the one row of *asked*; then *done* is performed, in the same transaction.

        Where *read* raises, nothing is done; the transaction may have been undone.
        """
        found = read(_first(self.rows(*asked)))
        self.count(*done)
        return found

    def leave(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Perform *statement* before the transaction ends, after what was left before it."""
        self.count(statement, values)

    def begin(self) -> None:
        """Begin a transaction that writes; without one each statement is a transaction of its own."""
        try:
            self._begin()
        except self._refusal as error:
            raise self._failed(error) from error
        self._in_transaction = True

    def commit(self) -> None:
        """Keep what was written."""
        try:
            self._commit()
        except self._refusal as error:
            raise self._failed(error) from error
        self._in_transaction = False

    def rollback(self) -> None:
        """Undo what was written."""
        try:
            self._rollback()
        except self._refusal as error:
            self._failed(error)
        self._in_transaction = False

    def is_good(self) -> bool:
        """Whether it can be used again; one that might have died meanwhile is tried."""
        return True

    def close(self) -> None:
        """Give the connection back to the pool."""
        self._held.close()

    def _failed(self, error: Exception) -> BaseException:
        dialect = self._home.engine.dialect
        lost = dialect.is_disconnect(error, self._connection, None)  # ty: ignore[invalid-argument-type]
        self._in_transaction = False
        self._held.invalidate(error)
        if lost:
            # The others have died with it: a pool of new ones takes its place, as SQLAlchemy does.
            self._home.engine.dispose(close=False)
        return self._said(error)

    def _said(self, error: Exception) -> BaseException:
        """What the driver refused as SQLAlchemy says it, without the values."""
        dialect = self._home.engine.dialect
        return exc.DBAPIError.instance(
            None, None, error, self._refusal, hide_parameters=True, dialect=dialect
        )

    @abstractmethod
    def _rows(self, compiled: Compiled, values: list[Any]) -> list[tuple]: ...

    @abstractmethod
    def _count(self, compiled: Compiled, values: list[Any]) -> int: ...

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _commit(self) -> None: ...

    @abstractmethod
    def _rollback(self) -> None: ...


class Wires:
    """The wires of one process; some that nobody uses are kept at hand."""

    def __init__(self, engine: sa.Engine):
        self.engine = engine
        self._idle: list[Wire] = []
        event.listen(engine, "engine_disposed", self._let_go)

    def one_by_one(self) -> Wire:
        """A wire on which each statement is a transaction of its own."""
        return self._take()

    def together(self) -> Wire:
        """A wire in a transaction that writes; what is not committed is undone."""
        wire = self._take()
        wire.begin()
        return wire

    def take_back(self, wire: Wire) -> None:
        """Keep *wire* for the next use, or give its connection back to the pool; a broken one is gone."""
        if wire.is_broken:
            return
        if len(self._idle) >= _MOST_IDLE:
            wire.close()
            return
        wire.since = time.monotonic()
        self._idle.append(wire)

    def _take(self) -> Wire:
        while self._idle:
            try:
                wire = self._idle.pop()
            except IndexError:
                break
            if wire.is_good():
                return wire
        return self._new()

    def _new(self) -> Wire:
        if self.engine.dialect.name == "sqlite":
            from survey_app.wire.sqlite import SqliteWire

            return SqliteWire(self)
        from survey_app.wire.postgresql import PostgresqlWire

        return PostgresqlWire(self)

    def _let_go(self, _engine: sa.Engine) -> None:
        while self._idle:
            self._idle.pop().close()


#: What a statement is performed on.
Link = orm.Session | Wire


def can(link: Link, statement: Statement) -> bool:
    """Whether the database behind *link* has words for *statement*."""
    return statement.is_said_by(link.dialect.name if isinstance(link, Wire) else _database(link))


def row(link: Link, statement: Statement, values: Mapping[str, Any]) -> tuple | None:
    """The one row of *statement*, if there is one."""
    if isinstance(link, Wire):
        return _first(link.rows(statement, values))
    return db.look_up(link, statement.core(_database(link)), values)


def perform(link: Link, statement: Statement, values: Mapping[str, Any]) -> int:
    """Perform a writing statement; how many rows it touched."""
    if isinstance(link, Wire):
        return link.count(statement, values)
    # SQLAlchemy counts what was inserted only where it is asked to.
    counting = {"preserve_rowcount": True}
    core = statement.core(_database(link))
    return link.connection().execute(core, values, execution_options=counting).rowcount


def row_then(link: Link, asked: Asked, read: Callable[[tuple | None], T], done: Asked) -> T:
    """What *read* makes of the one row of *asked*, before *done* is performed, as `Wire.row_then`."""
    if isinstance(link, Wire):
        return link.row_then(asked, read, done)
    found = read(row(link, *asked))
    perform(link, *done)
    return found


def leave(link: Link, statement: Statement, values: Mapping[str, Any]) -> None:
    """Perform a writing statement by the end of the transaction, as `Wire.leave`."""
    if isinstance(link, Wire):
        link.leave(statement, values)
    else:
        perform(link, statement, values)


def _first(rows: list[tuple]) -> tuple | None:
    return rows[0] if rows else None


def _database(session: orm.Session) -> str:
    return session.get_bind().dialect.name
