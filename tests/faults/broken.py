"""The application with one thing broken on purpose: each suite must see the breakage it is there to find."""

import os
import queue
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app import db as database
from survey_app import prepared, serving, settings_of
from survey_app.db import db
from survey_app.errors import GoneError
from survey_app.fieldwork import entries, places
from survey_app.fieldwork.models import EntryPoint
from survey_app.jobs import start_worker
from survey_app.respond import service
from survey_app.surveys.models import QuotaCell
from survey_app.wire.connection import Wire


def application() -> Flask:
    """The application of one web process, with the breakage that the environment names."""
    return BREAKAGES[os.environ["BREAKAGE"]]()


def thanks_before_commit() -> Flask:
    """Answers are thanked for, then stored by and by."""
    keep, waiting = service.store, queue.SimpleQueue()

    def promise(_link, ticket, answers, *, now):
        waiting.put((ticket, answers, now))
        return service.Submitted(outcome="stored")

    service.store, service.store_at_once = promise, _never_at_once
    app = serving.application()

    def store() -> None:
        while True:
            ticket, answers, now = waiting.get()
            with app.app_context():
                keep(db.session, ticket, answers, now=now)
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
        # Long enough for others to be let in beside who has looked, one each few milliseconds.
        time.sleep(0.2)
        return begin(session, landing, forms, language=language, now=now)

    def take(session, cell_id, point_id, count):
        places.claim(session, QuotaCell, cell_id, **{count: 1})
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

    shedding.before = lambda _door, run: run
    return serving.application()


def full_disk_untold() -> Flask:
    """Whoever finds no room for an answer says nothing of it."""
    store, commits = service.store, {each: each.commit for each in (Session, Wire)}

    def hopeful(link, ticket, answers, *, now):
        try:
            return store(link, ticket, answers, now=now)
        except DBAPIError:
            link.rollback()
            return service.Submitted(outcome="stored")

    def quietly(link):
        try:
            commits[Session if isinstance(link, Session) else Wire](link)
        except DBAPIError:
            link.rollback()

    service.store, service.store_at_once = hopeful, _never_at_once
    Session.commit = Wire.commit = quietly
    return serving.application()


def uploads_as_far_as_they_fit() -> Flask:
    """What does not fit the disk is left out, and the rest is read as if it were all."""

    def write_what_fits(path, content):
        with path.open("wb") as file, suppress(OSError):
            file.write(content)

    Path.write_bytes = write_what_fits
    return serving.application()


def half_a_file() -> Flask:
    """A made file has its name before it is whole, and is ready however much of it fitted."""

    def store(folder, key, content, suffix):
        path = folder / f"{key}{suffix}"
        with suppress(OSError), path.open("wb", buffering=0) as file:
            file.write(content)
        return path.name, len(content)

    prepared._store = store
    app = serving.application()
    start_worker(app, settings_of(app))
    return app


def one_card_two_answers() -> Flask:
    """A card is known by the phone that holds it: each phone may send once."""
    burn = entries.burn

    def by_phone(session, entry_id, *, nonce_hash, mode="web", now):
        burned = burn(session, entry_id, nonce_hash=nonce_hash, mode=mode, now=now)
        return replace(burned, outcome="stored") if burned.outcome == "used" else burned

    entries.burn = by_phone
    return serving.application()


def few_for_each_address() -> Flask:
    """An address may ask thirty times a minute, as if nobody ever shared one."""
    app = serving.application()
    inside = app.wsgi_app
    asked: Counter[tuple[str, int]] = Counter()

    def limited(environ, start_response):
        minute = environ["REMOTE_ADDR"], int(time.monotonic() // 60)
        asked[minute] += 1
        answer = inside if asked[minute] <= 30 else Response(status=429)
        return answer(environ, start_response)

    app.wsgi_app = limited
    return app


def never_reconnects() -> Flask:
    """Connections are made while the database is there, and never again once one was lost."""
    connect, lost = psycopg.connect, threading.Event()

    def while_it_was_there(*arguments, **named):
        if lost.is_set():
            raise psycopg.OperationalError("the connection was lost")
        try:
            return connect(*arguments, **named)
        except psycopg.OperationalError:
            lost.set()
            raise

    psycopg.connect = psycopg.Connection.connect = while_it_was_there
    return serving.application()


def not_waiting_for_the_log() -> Flask:
    """PostgreSQL tells that it has committed what stands in its memory alone."""
    options = database.engine_options

    def hasty(settings):
        given = options(settings)
        given["connect_args"]["options"] = "-c synchronous_commit=off"
        return given

    database.engine_options = hasty
    return serving.application()


def one_after_another() -> Flask:
    """Whoever works keeps everybody else out for a while."""
    app, turn = serving.application(), threading.Lock()
    inside = app.wsgi_app

    def slowly(environ, start_response):
        with turn:
            time.sleep(0.02)
        return inside(environ, start_response)

    app.wsgi_app = slowly
    return app


def in_a_circle() -> Flask:
    """Submits take an open code before its cell, while begins take the cell first."""

    def the_other_way_round(link, cell_id, point_id, **by):
        if point_id is not None:
            places.add(link, EntryPoint, point_id, **by)
        places.add(link, QuotaCell, cell_id, **by)

    places._change_both = the_other_way_round
    return serving.application()


def _never_at_once(*_given: object, **_named: object) -> bool:
    return False


BREAKAGES = {
    each.__name__: each
    for each in (
        thanks_before_commit,
        no_nonce,
        no_burn,
        check_then_act,
        not_synchronous,
        no_door,
        full_disk_untold,
        uploads_as_far_as_they_fit,
        half_a_file,
        one_card_two_answers,
        few_for_each_address,
        never_reconnects,
        not_waiting_for_the_log,
        one_after_another,
        in_a_circle,
    )
}
