"""What an application says to its database, through SQLAlchemy and by the driver itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from survey_app.db import db
from survey_app.wire.connection import Wire
from survey_app.wire.postgresql import PostgresqlWire

_ANNOUNCING = ("BEGIN", "COMMIT", "PRAGMA")


class Heard:
    """The statements of an application since last asked, and its transactions."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.transactions = 0

    def take(self) -> tuple[int, int]:
        """Statements and transactions since last asked."""
        taken = len(self.statements), self.transactions
        self.clear()
        return taken

    def clear(self) -> None:
        """Forget what was heard."""
        self.statements, self.transactions = [], 0

    def note(self, statement: str) -> None:
        """Hear a statement."""
        if not statement.startswith(_ANNOUNCING):
            self.statements.append(statement)


@contextmanager
def listening(app) -> Iterator[Heard]:
    """Listen to what *app* says."""
    heard = Heard()

    def note(*told):
        heard.note(told[2])

    def begin(connection):
        # A statement on its own is announced as a transaction, but the database is not asked for one.
        options = connection.get_execution_options()
        if not options.get("on_its_own") and options.get("isolation_level") != "AUTOCOMMIT":
            heard.transactions += 1

    rows, count, left, begin_wire = Wire.rows, Wire.count, PostgresqlWire.leave, Wire.begin

    def hear(wire, statement):
        compiled = statement.compiled(wire.dialect)
        heard.note(compiled.text)
        heard.transactions += compiled.writes and not wire._in_transaction

    def heard_rows(wire, statement, values):
        hear(wire, statement)
        return rows(wire, statement, values)

    def heard_count(wire, statement, values):
        hear(wire, statement)
        return count(wire, statement, values)

    def heard_left(wire, statement, values):
        hear(wire, statement)
        left(wire, statement, values)

    def heard_begin(wire):
        heard.transactions += 1
        begin_wire(wire)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "begin", begin)
    Wire.rows, Wire.count, PostgresqlWire.leave, Wire.begin = heard_rows, heard_count, heard_left, heard_begin
    try:
        yield heard
    finally:
        Wire.rows, Wire.count, PostgresqlWire.leave, Wire.begin = rows, count, left, begin_wire
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "begin", begin)
