"""The application with one thing broken on purpose: each suite must see the breakage it is there to find."""

import os
import queue
import threading
import time
from dataclasses import replace

import sqlalchemy as sa
from flask import Flask

from survey_app import db as database
from survey_app import serving
from survey_app.db import db
from survey_app.errors import GoneError
from survey_app.fieldwork import entries, places
from survey_app.respond import service
from survey_app.surveys.models import QuotaCell


def application() -> Flask:
    """The application of one web process, with the breakage that the environment names."""
    return BREAKAGES[os.environ["BREAKAGE"]]()


def thanks_before_commit() -> Flask:
    """Answers are thanked for, then stored by and by."""
    submit, waiting = service.submit, queue.SimpleQueue()

    def promise(_session, ticket, answers, forms, *, now):
        waiting.put((ticket, answers, forms, now))
        return service.Submitted(outcome="stored")

    service.submit = promise
    app = serving.application()

    def store() -> None:
        while True:
            ticket, answers, forms, now = waiting.get()
            with app.app_context():
                submit(db.session, ticket, answers, forms, now=now)
                db.session.commit()
            time.sleep(0.05)

    threading.Thread(target=store, daemon=True).start()
    return app


def no_nonce() -> Flask:
    """Whoever sends the same answer again is told that the card was used by somebody."""
    burn = entries.burn

    def forgetful(session, entry_id, *, nonce_hash, mode="web", now):
        burned = burn(session, entry_id, nonce_hash=nonce_hash, mode=mode, now=now)
        return replace(burned, outcome="used") if burned.outcome == "again" else burned

    entries.burn = forgetful
    return serving.application()


def no_burn() -> Flask:
    """Every answer is stored, whatever was stored before."""
    burn = entries.burn

    def generous(session, entry_id, *, nonce_hash, mode="web", now):
        return replace(burn(session, entry_id, nonce_hash=nonce_hash, mode=mode, now=now), outcome="stored")

    entries.burn = generous
    return serving.application()


def check_then_act() -> Flask:
    """A quota is looked at first and taken from afterwards."""
    begin = service.begin

    def look_first(session, landing, forms, *, language, now):
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            free = connection.scalar(
                sa.select(QuotaCell.cap - QuotaCell.reserved - QuotaCell.spent).where(QuotaCell.cap > 0)
            )
        if free <= 0:
            raise GoneError("quota_full", contact="")
        time.sleep(0.02)
        return begin(session, landing, forms, language=language, now=now)

    def take(session, cell_id, point_id, count):
        room = QuotaCell.spent + QuotaCell.reserved < QuotaCell.cap
        places.change(session, QuotaCell, cell_id, room, **{count: 1})
        return True

    service.begin, places.take = look_first, take
    return serving.application()


def not_synchronous() -> Flask:
    """SQLite tells that it has written what the operating system has only heard of."""
    prepare = database._prepare_connection

    def hasty(connection, record):
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    database._prepare_connection = hasty
    return serving.application()


def no_door() -> Flask:
    """Nobody is turned away; everybody waits."""
    from survey_app import shedding

    shedding.put_up = lambda app, *, at_once: None
    return serving.application()


BREAKAGES = {
    each.__name__: each
    for each in (thanks_before_commit, no_nonce, no_burn, check_then_act, not_synchronous, no_door)
}
