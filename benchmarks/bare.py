"""The least a server can do for the same promise: as many requests, as many durable commits, nothing else.

Five routes with the names and methods of the questionnaire's. Two of them store a row and commit it, one in a
table of entries and one of the size of a sealed answer; no page is drawn, nothing is checked or encrypted.
"""

import os
import threading

from flask import Flask, Response, redirect, request

_SIZE = 4144
_PAGE = (
    '<form><input type="hidden" name="ticket" value="t"><input type="hidden" name="carried" value="c"></form>'
)

_TABLES = (
    "CREATE TABLE IF NOT EXISTS begun (id INTEGER PRIMARY KEY {serial}, number INTEGER)",
    "CREATE TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY {serial}, sealed {bytes})",
)


def application() -> Flask:
    """The application of one web process."""
    url = os.environ["JUNHENG_DATABASE_URL"]
    connect = _postgresql if url.startswith("postgresql") else _sqlite
    app = Flask("bare")
    kept = threading.local()

    def store(statement: str, value: object) -> None:
        if not hasattr(kept, "connection"):
            kept.connection, kept.mark = connect(url)
        kept.connection.execute(statement.format(kept.mark), (value,))

    @app.get("/c/<_code>")
    def open_card(_code: str) -> Response:
        return redirect("/start/x", 303)

    @app.get("/start/<_ticket>")
    def start(_ticket: str) -> str:
        return _PAGE

    @app.post("/begin")
    def begin() -> str:
        store("INSERT INTO begun (number) VALUES ({})", len(request.form))
        return _PAGE

    @app.post("/answer")
    def answer() -> Response:
        store("INSERT INTO sent (sealed) VALUES ({})", bytes(_SIZE))
        return redirect("/thanks", 303)

    @app.get("/thanks")
    def thanks() -> str:
        return "<p>谢谢</p>"

    return app


def prepare(url: str) -> None:
    """Make the two tables."""
    connection, _ = _postgresql(url) if url.startswith("postgresql") else _sqlite(url)
    sqlite = not url.startswith("postgresql")
    for table in _TABLES:
        serial = "" if sqlite else "GENERATED ALWAYS AS IDENTITY"
        connection.execute(table.format(serial=serial, bytes="BLOB" if sqlite else "BYTEA"))
    connection.close()


def _sqlite(url: str) -> tuple:
    from pysqlite3 import dbapi2

    path = url.removeprefix("sqlite:///") + ".bare"
    connection = dbapi2.connect(path, isolation_level=None, timeout=30.0)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection, "?"


def _postgresql(url: str) -> tuple:
    import psycopg

    return psycopg.connect(url, autocommit=True), "%s"
