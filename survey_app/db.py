"""The database: engine, session and the base of every room's models."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import event, orm

from survey_app.config import Settings

#: Whether the transaction about to begin will write. Reading requests begin without taking
#: SQLite's one write lock; everything else takes it at once, so that two writers queue
#: instead of losing one another's work.
_writing: ContextVar[bool] = ContextVar("writing", default=True)

_READING_METHODS = {"GET", "HEAD", "OPTIONS"}

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
    common = {"url": settings.database_url, "hide_parameters": True, "pool_size": 8, "max_overflow": 8}
    if not settings.is_sqlite:
        return {**common, "pool_pre_ping": True}
    return {
        **common,
        "module": sqlite_driver(),
        "connect_args": {"isolation_level": None, "timeout": 30.0},
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


def prepare_engine(engine: sa.Engine) -> None:
    """Make *engine*'s SQLite connections durable, checked and honest about transactions."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)


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
        "busy_timeout = 30000",
        "foreign_keys = ON",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def _note_method() -> None:
    _writing.set(request.method not in _READING_METHODS)


def _forget_method(_error: BaseException | None) -> None:
    _writing.set(True)
