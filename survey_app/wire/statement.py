"""A statement that never changes: written with SQLAlchemy, compiled once for each database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from survey_app.db import Instant

#: Instants that are kept read: those of the waves in the field come again and again.
_INSTANTS = 1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compiled:
    """A statement in the words of one database."""

    text: str
    #: Whether it changes anything.
    writes: bool = True
    #: Name of each value -> what is sent where nothing is given.
    given: Mapping[str, Any] = field(default_factory=dict)
    #: The names in the order of their places.
    places: tuple[str, ...] = ()
    #: How values are written, and columns read, whose type the driver does not know.
    writers: tuple[tuple[str, Callable[[Any], Any]], ...] = ()
    readers: tuple[tuple[int, Callable[[Any], Any]], ...] = ()

    def arrange(self, values: Mapping[str, Any]) -> list[Any]:
        """*values* in the order of their places, as the driver takes them."""
        sent = {**self.given, **values}
        for name, write in self.writers:
            sent[name] = write(sent[name])
        return [sent[name] for name in self.places]

    def read(self, rows: list[tuple]) -> list[tuple]:
        """Rows of the driver as SQLAlchemy would give them."""
        if not self.readers:
            return rows
        read = []
        for each in rows:
            columns = list(each)
            for position, reader in self.readers:
                columns[position] = reader(columns[position])
            read.append(tuple(columns))
        return read


class Statement:
    """A statement of SQLAlchemy that never changes.

    Args:
        core: the statement, or one for each database by its name; a database may have none.
        names: columns for which an INSERT takes values, beside those it states.
    """

    def __init__(self, core: sa.Executable | Mapping[str, sa.Executable], *names: str):
        self._core = core
        self._names = list(names) or None
        self._compiled: dict[str, Compiled] = {}

    def core(self, database: str) -> Any:
        """The statement as SQLAlchemy performs it."""
        return self._core[database] if isinstance(self._core, Mapping) else self._core

    def is_said_by(self, database: str) -> bool:
        """Whether there is one for this database."""
        return not isinstance(self._core, Mapping) or database in self._core

    def compiled(self, dialect: sa.Dialect) -> Compiled:
        """The statement in the words of a database whose *dialect* numbers its places."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self.core(dialect.name), dialect, self._names)
        return found


def _compile(core: Any, dialect: sa.Dialect, names: list[str] | None) -> Compiled:
    compiled = core.compile(dialect=dialect, column_keys=names)
    defaults = {column.key: column.default.arg for column in compiled.insert_prefetch}
    columns = core.exported_columns if core.is_select or compiled.effective_returning else ()
    stated = {name: each.effective_value for each, name in compiled.bind_names.items() if not each.required}
    writers = {
        name: each.type.dialect_impl(dialect).bind_processor(dialect)
        for each, name in compiled.bind_names.items()
    }
    readers = [_reader(each.type, dialect) for each in columns]
    return Compiled(
        text=compiled.string,
        writes=core.is_dml,
        given={**stated, **defaults},
        places=tuple(compiled.positiontup),
        writers=tuple((name, write) for name, write in writers.items() if write is not None),
        readers=tuple((position, read) for position, read in enumerate(readers) if read is not None),
    )


def _reader(kind: sa.types.TypeEngine, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """How a column of this kind is read."""
    read = kind.dialect_impl(dialect).result_processor(dialect, None)
    return lru_cache(maxsize=_INSTANTS)(read) if read is not None and isinstance(kind, Instant) else read
