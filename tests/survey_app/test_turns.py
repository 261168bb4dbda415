"""Writers of one process wait for one another in turn, and give the turn back however their work ends."""

import threading

import pytest
import sqlalchemy as sa

from survey_app import db as database
from survey_app.db import db


def test_a_turn_is_given_back_after_a_failure_and_after_being_dropped(app):
    with app.app_context():
        for _ in range(20):
            with pytest.raises(sa.exc.OperationalError), db.engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO no_such_table VALUES (1)"))
        connection = db.engine.connect()
        connection.execute(sa.text("SELECT 1"))
        connection.invalidate()
        connection.close()
        with db.engine.begin() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1


def test_a_turn_that_does_not_come_is_a_busy_database(app, monkeypatch):
    monkeypatch.setattr(database, "_LOCK_SECONDS", 0.05)
    with app.app_context():
        engine = db.engine
        found = []

        def write() -> None:
            try:
                with engine.begin():
                    found.append("wrote")
            except sa.exc.OperationalError as error:
                found.append(str(error.orig))

        with engine.begin():
            other = threading.Thread(target=write)
            other.start()
            other.join()
        write()
    assert found == ["database is locked", "wrote"]


def test_many_writers_lose_nothing(app):
    with app.app_context():
        engine = db.engine
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE counted (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO counted VALUES (0)"))

    def add() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                n = connection.scalar(sa.text("SELECT n FROM counted"))
                connection.execute(sa.text("UPDATE counted SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=add) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT n FROM counted")) == 160


def test_a_transaction_that_cannot_be_committed_is_undone_and_gives_its_turn_back(app, monkeypatch):
    """Found with a full disk, where COMMIT fails; here a child without a parent, looked at by COMMIT."""
    monkeypatch.setattr(database, "_LOCK_SECONDS", 0.5)
    with app.app_context():
        engine = db.engine
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE parent (n INTEGER PRIMARY KEY)"))
        reference = "REFERENCES parent DEFERRABLE INITIALLY DEFERRED"
        connection.execute(sa.text(f"CREATE TABLE child (n INTEGER {reference})"))
    for _ in range(2):
        session = sa.orm.Session(engine)
        session.execute(sa.text("INSERT INTO child VALUES (1)"))
        with pytest.raises(sa.exc.IntegrityError):
            session.commit()
        session.close()
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM child")) == 0
