"""The door of a web process: so many requests at work, so many waiting, and a kind word for the rest.

Beyond what a process can do, more requests at once only make each of them slower. A few work, a bounded
number wait, and whoever finds the waiting room full is asked at once to come back in a few seconds, which
the page's script does by itself. An answer that is being sent goes before a page that is being opened:
whoever has answered has given four minutes already. Nobody is told apart by address; a class of 45 phones
is one address.
"""

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, render_template
from flask_babel import force_locale

from survey_app.languages import LANGUAGES, locale_of
from survey_app.messages import sentence
from survey_app.security import HEADERS

#: Most requests that wait in a process: for an answer that is sent, and for anything else.
WAITING_ANSWERS = 96
WAITING = 48

#: Threads that a process needs beside those at work: for all who wait, and some who are turned away.
PLACES = WAITING_ANSWERS + WAITING + 16

#: Longest wait inside, in seconds; a database that stands still is told apart from one that is busy.
PATIENCE = 5.0

#: Seconds after which a phone is asked to come back, spread so that not all come back at once.
RETRY_SECONDS = (2, 3, 4, 5)

#: Addresses that programs ask; they read no page.
_PROGRAMS = "/api/"

_ANSWERS = {("POST", "/answer"), ("GET", "/thanks")}

Application = Callable[[dict[str, Any], Callable], Iterable[bytes]]


class Door:
    """A WSGI application before another: lets in what can be done and turns the rest away at once."""

    def __init__(
        self,
        application: Application,
        *,
        at_once: int,
        waiting_answers: int = WAITING_ANSWERS,
        waiting: int = WAITING,
        patience: float = PATIENCE,
        pages: Mapping[str, bytes],
    ):
        self._application = application
        self._at_once = at_once
        self._patience = patience
        self._pages = pages
        self._lock = threading.Lock()
        self._working = 0
        #: First those who send an answer, then everybody else; each waits at a lock of its own.
        self._rooms: tuple[deque, deque] = (deque(), deque())
        self._sizes = (waiting_answers, waiting)

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Let the request in, or answer 503 with the seconds after which to come back."""
        room = 0 if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) in _ANSWERS else 1
        if not self._enter(room):
            return self._turn_away(environ, start_response)
        try:
            return self._application(environ, start_response)
        finally:
            self._leave()

    def _enter(self, room: int) -> bool:
        with self._lock:
            if self._working < self._at_once:
                self._working += 1
                return True
            if len(self._rooms[room]) >= self._sizes[room]:
                return False
            turn = threading.Lock()
            turn.acquire()
            self._rooms[room].append(turn)
        if turn.acquire(timeout=self._patience):
            return True
        with self._lock:
            if turn in self._rooms[room]:
                self._rooms[room].remove(turn)
                return False
        return True

    def _leave(self) -> None:
        """Give the place to whoever is next: places are handed over, so nobody slips in between."""
        with self._lock:
            for room in self._rooms:
                if room:
                    room.popleft().release()
                    return
            self._working -= 1

    def _turn_away(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        chosen = f"{environ.get('QUERY_STRING', '')};{environ.get('HTTP_COOKIE', '')}"
        said, kind = LANGUAGES["lang=en" in chosen], "text/html; charset=utf-8"
        if environ.get("PATH_INFO", "").startswith(_PROGRAMS):
            said, kind = _PROGRAMS, "application/problem+json"
        page = self._pages[said]
        headers = {
            **HEADERS,
            "Content-Type": kind,
            "Content-Length": str(len(page)),
            "Cache-Control": "no-store",
            "Retry-After": str(random.choice(RETRY_SECONDS)),  # noqa: S311  spreads load, hides nothing
        }
        start_response("503 Service Unavailable", list(headers.items()))
        return [page]


def put_up(app: Flask, *, at_once: int) -> Door:
    """Put a door before *app* that lets *at_once* requests work at the same time."""
    door = Door(app.wsgi_app, at_once=at_once, pages=busy_pages(app))
    app.wsgi_app = door
    return door


def busy_pages(app: Flask) -> dict[str, bytes]:
    """What is said to whoever is asked to come back, by language and to programs, made before it is used."""
    problem = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "busy",
        "detail": f"{sentence('busy', lang='zh')} {sentence('busy', lang='en')}",
    }
    pages = {_PROGRAMS: json.dumps(problem, ensure_ascii=False).encode("utf-8")}
    for language in LANGUAGES:
        with app.test_request_context(base_url="http://localhost"), force_locale(locale_of(language)):
            pages[language] = render_template("respond/busy.html", locale=language).encode("utf-8")
    return pages
