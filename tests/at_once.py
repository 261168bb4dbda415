"""Deeds of several people in the same moment, each in a session of its own."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from survey_app import audit
from survey_app.db import db
from survey_app.errors import JunhengError

#: Longest wait for the others, in seconds: more means that one of them never came.
_PATIENCE = 30


def at_once(app: Flask, *deeds: Callable[[], Any], look: Callable[[], Any] | None = None) -> list[str]:
    """Let a thread do each of *deeds* at the same moment; what each was told, in order of the alphabet.

    Whatever they did, the audit trail is whole afterwards.

    Args:
        app: the application.
        deeds: what is done, and committed unless it is refused.
        look: reads beforehand what a page reads before it acts, so that it may be stale. Left out on SQLite,
            where whoever has looked keeps everybody else from looking until they are through.
    """
    told: list[str] = []
    ready = threading.Barrier(len(deeds))

    def person(deed: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                # What was looked at stays known to the session only as long as somebody holds it.
                _seen = look() if look and db.engine.dialect.name != "sqlite" else None
                ready.wait(_PATIENCE)
                deed()
                db.session.commit()
                told.append("done")
            except JunhengError as error:
                told.append(error.code)
            finally:
                db.session.rollback()

    threads = [threading.Thread(target=person, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert audit.first_altered(db.session) is None
    return sorted(told)
