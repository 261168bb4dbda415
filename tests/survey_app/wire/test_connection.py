"""Wires: the same values as through SQLAlchemy, all or nothing, and never a connection that failed."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy import exc, orm

from survey_app import db as database
from survey_app.db import Base, Instant, db
from survey_app.fieldwork import entries, glances
from survey_app.fieldwork.models import Entry
from survey_app.wire.connection import _MOST_IDLE, Wires, can, leave, perform, row
from survey_app.wire.statement import Statement
from tests.conftest import KEY, NOW
from tests.survey_app.respond.field import open_field

THINGS = sa.Table(
    "thing_of_a_test",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), unique=True),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("at", Instant),
    sa.Column("yes", sa.Boolean),
    sa.Column("way", sa.String(8), default="drawn"),
)
ADD = Statement(sa.insert(THINGS), "id", "name", "raw", "at", "yes")
ADD_AND_TELL = Statement(sa.insert(THINGS).returning(THINGS.c.id), "id", "name", "raw", "at", "yes")
NONE = Statement(sa.select(*THINGS.c).where(THINGS.c.id == 0))
ALL = Statement(sa.select(*THINGS.c).order_by(THINGS.c.id))
RENAME = Statement(sa.update(THINGS).where(THINGS.c.id == sa.bindparam("wanted")).values(name="另一个"))

SHANGHAI = timezone(timedelta(hours=8))
ROWS = (
    {"id": 1, "name": "阳城 'x' %s $1", "raw": b"\x00\xff\\'", "at": NOW, "yes": True},
    {"id": 2, "name": "", "raw": b"", "at": datetime(1999, 12, 31, 23, 59, 59, 1, SHANGHAI), "yes": False},
    {"id": 3, "name": None, "raw": None, "at": None, "yes": None},
    {
        "id": 2**31 - 1,
        "name": "\t\n😀",
        "raw": bytes(5000),
        "at": datetime(9999, 1, 1, tzinfo=UTC),
        "yes": 1 > 0,
    },
)


@pytest.fixture
def wires(either_app):
    with either_app.app_context():
        engine = db.engine
    THINGS.create(engine)
    return Wires(engine)


def kept(wires) -> list[tuple]:
    """What is stored, as SQLAlchemy reads it."""
    with wires.engine.connect() as connection:
        return [tuple(each) for each in connection.execute(ALL.core(wires.engine.dialect.name))]


def test_values_are_written_and_read_as_through_sqlalchemy(wires):
    with wires.together() as wire:
        assert [perform(wire, ADD, each) for each in ROWS] == [1] * len(ROWS)
        wire.commit()
    with wires.one_by_one() as wire:
        found = wire.rows(ALL, {})
    assert found == kept(wires)
    assert [each[:-1] for each in found] == [tuple(each.values()) for each in ROWS]
    assert {each[-1] for each in found} == {"drawn"}
    assert all(each[3].tzinfo is UTC for each in found if each[3])


def test_a_card_is_the_same_on_a_wire_and_in_a_session(either_app):
    field = open_field(either_app)
    code = field.card().in_address
    with either_app.app_context():
        wires = Wires(db.engine)
        through_session = glances.card_by_code(db.session, KEY, code)
        with wires.one_by_one() as wire:
            assert glances.card_by_code(wire, KEY, code) == through_session
        db.session.rollback()
        with wires.together() as wire:
            begun = entries.begin_card(wire, through_session.id, 1, now=NOW)
            wire.commit()
        on_a_wire = db.session.get_one(Entry, begun)
        assert (on_a_wire.kind, on_a_wire.mode, on_a_wire.state) == ("personal", "web", "begun")
        db.session.rollback()
        spending = entries._SPEND, {"wanted": begun, "nonce_hash": bytes(32), "mode": "web"}
        with wires.together() as wire:
            looked_at = glances.begun_before(wire, begun, lambda entry: entry, spending)
            assert glances.begun_before(wire, begun, lambda entry: entry, spending).state == "spent"
        assert looked_at.state == "begun", "as it was before"
        assert looked_at == glances.begun_before(db.session, begun, lambda entry: entry, spending)
        db.session.rollback()
        with wires.one_by_one() as wire:
            assert row(wire, glances._WAVE_BY_ID, {"wanted": 0}) is None


def test_rows_are_counted_alike_on_a_wire_and_in_a_session(wires):
    with wires.together() as wire, orm.Session(wires.engine) as session:
        for link in (wire, session):
            rest = ROWS if link is session else ROWS[:1]
            assert [perform(link, ADD, each) for each in rest] == [1] * len(rest)
            assert perform(link, RENAME, {"wanted": 1}) == 1
            assert perform(link, RENAME, {"wanted": 9}) == 0
            assert can(link, ADD)
            assert not can(link, Statement({}))
            link.rollback()


def test_what_is_not_committed_is_undone_and_the_next_may_write(wires):
    with suppress(ZeroDivisionError), wires.together() as wire:
        perform(wire, ADD, ROWS[0])
        raise ZeroDivisionError
    with wires.together() as wire:
        perform(wire, ADD, ROWS[1])
    assert kept(wires) == []
    with wires.together() as wire:
        assert perform(wire, RENAME, {"wanted": 1}) == 0
        perform(wire, ADD, ROWS[0])
        assert perform(wire, RENAME, {"wanted": 1}) == 1
        wire.commit()
    assert [each[:2] for each in kept(wires)] == [(1, "另一个")]


def test_a_lone_statement_keeps_what_it_wrote_at_once(wires):
    with wires.one_by_one() as wire:
        perform(wire, ADD, ROWS[0])
        assert [each[0] for each in kept(wires)] == [1]
        assert wire.rows(ADD_AND_TELL, ROWS[1]) == [(2,)]
    assert [each[0] for each in kept(wires)] == [1, 2]
    with wires.one_by_one() as wire, pytest.raises(exc.IntegrityError):
        perform(wire, ADD, ROWS[0])
    with wires.together() as wire:
        perform(wire, ADD, ROWS[2])
        wire.commit()
    assert len(kept(wires)) == 3


def test_what_is_left_to_the_end_is_done_with_the_commit_or_not_at_all(wires):
    with wires.together() as wire:
        perform(wire, ADD, ROWS[0])
        leave(wire, RENAME, {"wanted": 1})
        leave(wire, ADD, ROWS[1])
        leave(wire, ADD, ROWS[2])
        wire.commit()
    assert [each[:2] for each in kept(wires)] == [(1, "另一个"), (2, ""), (3, None)]
    with wires.together() as wire:
        leave(wire, ADD, ROWS[3])
    # Nothing of it is left over for the next.
    with wires.together() as wire:
        leave(wire, ADD, {**ROWS[3], "id": 4})
        wire.commit()
    assert [each[0] for each in kept(wires)] == [1, 2, 3, 4]


def test_what_is_left_is_done_in_the_order_of_leaving(wires):
    with wires.together() as wire:
        leave(wire, ADD, ROWS[0])
        leave(wire, RENAME, {"wanted": 1})
        leave(wire, RENAME, {"wanted": 2})
        leave(wire, ADD, ROWS[1])
        wire.commit()
    assert [each[:2] for each in kept(wires)] == [(1, "另一个"), (2, "")]


def test_what_a_row_does_not_allow_is_not_done(wires):
    def allow(found):
        if found is None or found[0] != 1:
            raise ZeroDivisionError
        return found[0]

    with wires.together() as wire:
        perform(wire, ADD, ROWS[0])
        assert wire.row_then((ALL, {}), allow, (RENAME, {"wanted": 1})) == 1
        leave(wire, ADD, ROWS[1])
        wire.commit()
    assert [each[1] for each in kept(wires)] == ["另一个", ""]
    with wires.together() as wire:
        perform(wire, ADD, {**ROWS[2], "id": 5})
        with pytest.raises(ZeroDivisionError):
            wire.row_then((NONE, {}), allow, (ADD, ROWS[2]))
    assert [each[1] for each in kept(wires)] == ["另一个", ""]
    with wires.together() as wire, pytest.raises(exc.IntegrityError):
        wire.row_then((ALL, {}), allow, (ADD, ROWS[0]))
    with wires.together() as wire:
        perform(wire, ADD, ROWS[2])
        wire.commit()
    assert len(kept(wires)) == 3


def test_what_is_left_and_refused_undoes_everything(wires):
    def write(wire):
        perform(wire, ADD, ROWS[0])
        leave(wire, ADD, ROWS[1])
        leave(wire, ADD, {**ROWS[2], "name": ROWS[0]["name"]})
        wire.commit()

    with wires.together() as wire, pytest.raises(exc.IntegrityError):
        write(wire)
    assert kept(wires) == []


def test_a_refusal_is_said_as_sqlalchemy_does_without_values_and_its_connection_is_not_used_again(wires):
    with wires.together() as wire:
        perform(wire, ADD, ROWS[0])
        wire.commit()
    with wires.together() as failed:
        with pytest.raises(exc.IntegrityError) as refused:
            perform(failed, ADD, {**ROWS[1], "name": ROWS[0]["name"]})
        assert failed.is_broken
    assert "阳城" not in str(refused.value)
    with wires.together() as wire:
        assert wire is not failed
        perform(wire, ADD, ROWS[1])
        wire.commit()
    assert [each[0] for each in kept(wires)] == [1, 2]


def test_a_statement_that_cannot_be_is_the_programs_fault(wires):
    missing = Statement(sa.select(sa.column("x")).select_from(sa.table("no_such_table")))
    with wires.one_by_one() as wire, pytest.raises(exc.DBAPIError):
        wire.rows(missing, {})
    with wires.one_by_one() as wire, pytest.raises(KeyError):
        wire.rows(RENAME, {"other": 1})


def test_a_text_is_never_cut_short(wires):
    with wires.together() as wire:
        try:
            perform(wire, ADD, {**ROWS[0], "name": "a\0b"})
            wire.commit()
        except exc.DataError:
            assert wires.engine.dialect.name == "postgresql"
    assert [each[1] for each in kept(wires)] in ([], ["a\0b"])


def test_a_few_are_kept_at_hand_and_let_go_with_the_pool(wires):
    many = [wires.one_by_one() for _ in range(_MOST_IDLE + 3)]
    for wire in many:
        with wire:
            wire.rows(ALL, {})
    assert wires.engine.pool.checkedout() == _MOST_IDLE
    again = wires.one_by_one()
    assert again in many
    with again:
        assert again.rows(ALL, {}) == []
    wires.engine.dispose()
    assert not wires._idle
    with wires.one_by_one() as wire:
        assert wire.rows(ALL, {}) == []


def cut_off(wires) -> None:
    """End every connection of the database but the one that says so."""
    with wires.engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_a_connection_that_was_cut_is_told_once_and_one_that_rested_is_tried(wires, monkeypatch):
    if wires.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no connections that others cut")
    two = [wires.one_by_one(), wires.one_by_one()]
    for wire in two:
        with wire:
            wire.rows(ALL, {})
    cut_off(wires)
    with wires.one_by_one() as wire, pytest.raises(exc.OperationalError):
        wire.rows(ALL, {})
    # The other one died with it, and nobody meets it.
    with wires.one_by_one() as wire:
        assert wire.rows(ALL, {}) == []
    cut_off(wires)
    monkeypatch.setattr(database, "RESTED_SECONDS", 0.0)
    with wires.together() as wire:
        perform(wire, ADD, ROWS[0])
        wire.commit()
    assert len(kept(wires)) == 1


def test_a_database_that_is_away_is_said_as_sqlalchemy_does(wires, monkeypatch):
    driver = wires.engine.dialect.loaded_dbapi

    def away(*_given, **_named):
        raise driver.OperationalError("no database here")

    wires.engine.dispose()
    monkeypatch.setattr(wires.engine.dialect, "connect", away)
    with pytest.raises(exc.OperationalError):
        wires.one_by_one()


def test_a_writer_that_finds_no_turn_is_a_busy_database(wires, monkeypatch):
    if wires.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite's writers take turns")
    monkeypatch.setattr(database, "_LOCK_SECONDS", 0.05)
    with wires.engine.begin(), pytest.raises(exc.OperationalError, match="locked"):
        wires.together()
    with wires.together() as wire:
        perform(wire, ADD, ROWS[0])
        wire.commit()
    assert len(kept(wires)) == 1


def test_every_statement_of_a_phone_states_all_it_needs():
    """A default that Python would compute anew for each row cannot be compiled once."""
    for table in (Base.metadata.tables["entry"], Base.metadata.tables["sealed_answer"]):
        assert all(column.default is None or column.default.is_scalar for column in table.columns)
