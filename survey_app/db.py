"""The database: engine, session and the base of every room's models."""

import threading
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import event, exc, orm
from sqlalchemy.dialects import postgresql, sqlite

from survey_app.config import Settings

#: Whether the transaction about to begin will write. Reading requests begin without taking
#: SQLite's one write lock; everything else takes it at once, so that two writers queue
#: instead of losing one another's work.
_writing: ContextVar[bool] = ContextVar("writing", default=True)

#: Seconds for which a writer waits for SQLite's one write lock before the request is answered 503.
_LOCK_SECONDS = 10.0

#: Seconds for a connection of the pool, and for PostgreSQL to accept one.
_POOL_SECONDS = 5.0
_CONNECT_SECONDS = 3

#: A PostgreSQL connection that rested longer is tried before it is used; one in use proves itself.
RESTED_SECONDS = 5.0

_READING_METHODS = {"GET", "HEAD", "OPTIONS"}

#: How a single statement goes without BEGIN and ROLLBACK.
_ON_ITS_OWN = {"sqlite": {"on_its_own": True}, "postgresql": {"isolation_level": "AUTOCOMMIT"}}

#: What inserts a row, or leaves alone or changes the one that stands there, by the dialect's name.
INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

#: Releases of SQLite free of the WAL-reset bug; others keep the rollback journal.
_WAL_SAFE = ((3, 51, 3), {(3, 50, 7), (3, 44, 6)})


class Base(orm.DeclarativeBase):
    """Constraints get predictable names, so that migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        }
    )


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, stored in UTC; naive datetimes are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instant without time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give the instant back aware, whatever the database kept."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy()


def within(column: Any, scopes: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether the region code in *column* begins with one of *scopes*; never, where there are none."""
    return sa.or_(sa.false(), *(column.startswith(scope, autoescape=True) for scope in scopes))


def engine_options(settings: Settings) -> dict[str, Any]:
    """Options of `sqlalchemy.create_engine` for the configured database.

    Values stay out of error messages, and so out of logs: they may be hashes of codes or sealed answers.
    """
    common = {
        "url": settings.database_url,
        "hide_parameters": True,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": _POOL_SECONDS,
        # The one used last has its pages and prepared statements at hand.
        "pool_use_lifo": True,
    }
    if not settings.is_sqlite:
        return {**common, "connect_args": {"connect_timeout": _CONNECT_SECONDS}}
    return {
        **common,
        "module": sqlite_driver(),
        "connect_args": {"isolation_level": None, "timeout": _LOCK_SECONDS, "factory": _in_turn()},
    }


def init_app(app: Flask, settings: Settings) -> None:
    """Connect *app* to its database and say how each connection behaves."""
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(settings)}
    db.init_app(app)
    # The extension would start an event loop after every request to close sessions that we never open.
    app.teardown_appcontext_funcs = [
        each for each in app.teardown_appcontext_funcs if not iscoroutinefunction(each)
    ]
    with app.app_context():
        prepare_engine(db.engine)
    app.before_request(_note_method)
    app.teardown_request(_forget_method)


def look_up(session: orm.Session, statement: sa.Executable, parameters: Mapping[str, Any]) -> sa.Row | None:
    """The one row of *statement*, if there is one, as *session* sees it.

    In a request that only reads and has read nothing yet it is looked up on its own, without the session and
    its transaction: one statement sees one state of the database anyway, and the two cost more than the row.
    """
    if _writing.get() or session.in_transaction():
        session.flush()
        return session.connection().execute(statement, parameters).one_or_none()
    with each_alone(session.get_bind().engine) as connection:
        return connection.execute(statement, parameters).one_or_none()


def perform_alone(session: orm.Session, statement: sa.Executable) -> None:
    """Perform one writing statement by itself, outside the session, whose transaction must be over.

    A request that only reads may note something in this way without holding the lock of a writer.
    """
    with each_alone(session.get_bind().engine) as connection:
        connection.execute(statement)


def each_alone(engine: sa.Engine) -> sa.Connection:
    """A connection on which each statement is a transaction of its own: none holds a lock for the next."""
    return engine.connect().execution_options(**_ON_ITS_OWN[engine.dialect.name])


@contextmanager
def reading(engine: sa.Engine) -> Generator[orm.Session]:
    """A session that only reads, for what is answered before Flask."""
    noted = _writing.set(False)
    try:
        with orm.Session(engine) as session:
            yield session
    finally:
        _writing.reset(noted)


def prepare_engine(engine: sa.Engine) -> None:
    """Make *engine*'s SQLite connections durable, checked and honest about transactions."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _try_after_rest)
        return
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["since"] = time.monotonic()


def _try_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection that died while it rested: nobody should meet it in a request."""
    import psycopg

    since = record.info.get("since")
    if since is None or time.monotonic() - since < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise exc.DisconnectionError from error


@cache
def _in_turn() -> type:
    """SQLite connections whose writers queue within the process.

    SQLite itself makes a waiting writer sleep and look again, longer each time and in no order: a few writers
    at once wait ten times as long as the writing takes. Writers of other processes still meet in SQLite.
    """
    driver = sqlite_driver()
    turns = defaultdict(threading.Lock)

    class Connection(driver.Connection):
        """A connection that holds its file's turn from BEGIN IMMEDIATE to COMMIT or ROLLBACK."""

        def __init__(self, database: str, *given: Any, **named: Any):
            super().__init__(database, *given, **named)
            self._turn = turns[database]
            self._holds = False

        def take_turn(self) -> bool:
            """Wait for the turn; whether it came in time."""
            self._holds = self._turn.acquire(timeout=_LOCK_SECONDS)
            return self._holds

        def commit(self) -> None:
            """Commit; what cannot be committed, for want of room perhaps, is undone at once.

            SQLAlchemy gives a connection whose COMMIT failed back to its pool as it is: the next request
            would find the transaction open, and every other one the turn taken.
            """
            try:
                super().commit()
            except BaseException:
                with suppress(driver.Error):
                    self.rollback()
                raise
            self.give_turn()

        def rollback(self) -> None:
            """Undo the transaction."""
            try:
                super().rollback()
            finally:
                self.give_turn()

        def close(self) -> None:
            """Close, which undoes an open transaction."""
            try:
                super().close()
            finally:
                self.give_turn()

        def begin(self) -> None:
            """Begin a transaction that writes, in turn."""
            if not self.take_turn():
                raise driver.OperationalError("database is locked")
            try:
                self.execute("BEGIN IMMEDIATE")
            except BaseException:
                self.give_turn()
                raise

        def give_turn(self) -> None:
            """Let the next writer begin."""
            if self._holds:
                self._holds = False
                self._turn.release()

    return Connection


def sqlite_driver() -> Any:
    """The DB-API module of the SQLite that we bring along, newer than the interpreter's own."""
    from pysqlite3 import dbapi2

    return dbapi2


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite may use write-ahead logging."""
    newest, fixed = _WAL_SAFE
    return version >= newest or version in fixed


def _prepare_connection(connection: Any, _record: Any) -> None:
    journal = "WAL" if wal_is_safe(sqlite_driver().sqlite_version_info) else "DELETE"
    for pragma in (
        f"busy_timeout = {int(1000 * _LOCK_SECONDS)}",
        "foreign_keys = ON",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        "secure_delete = ON",
        # Else INSERT OR REPLACE takes a row's place past the triggers that keep it.
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("on_its_own"):
        return
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    raw: Any = connection.connection.driver_connection
    if not isinstance(raw, _in_turn()):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not raw.take_turn():
        busy = sqlite_driver().OperationalError("database is locked")
        raise exc.OperationalError("BEGIN IMMEDIATE", None, busy)
    else:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            raw.give_turn()
            raise


def _note_method() -> None:
    _writing.set(request.method not in _READING_METHODS)


def _forget_method(_error: BaseException | None) -> None:
    _writing.set(True)
