"""The door of a web process: so many requests at work, so many waiting, and a kind word for the rest.

Beyond what a process can do, more requests at once only make each of them slower. A few work, a bounded
number wait, and whoever finds the waiting room full is asked at once to come back in a few seconds, which
the page's script does by itself. An answer that is being sent goes before a page that is being opened:
whoever has answered has given four minutes already. Nobody is told apart by address; a class of 45 phones
is one address.

Whoever waits holds no thread. The server hands each request over in one of a few threads; one that must wait
is written down with the moment it came, and the thread is free to take the next one in. Whoever has done a
request takes the next from those who wait. Thirty threads that wait cost those at work more than their work.
"""

import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any

import structlog
from flask import Flask, render_template
from flask_babel import force_locale

from survey_app.config import settings_of
from survey_app.languages import LANGUAGES, locale_of
from survey_app.messages import sentence
from survey_app.security import HEADERS

#: Most requests that wait in a process: for an answer that is sent, for anything else, and with more to send
#: than is taken in beforehand.
WAITING_ANSWERS = 96
WAITING = 48
WAITING_IN_PERSON = 2

#: Threads that a process needs beside those at work: to take requests in, and for those who wait in person.
PLACES = 3

#: Longest wait inside, in seconds; a database that stands still is told apart from one that is busy.
PATIENCE = 5.0

#: Seconds after which a phone is asked to come back, spread so that not all come back at once.
RETRY_SECONDS = (2, 3, 4, 5)

#: Seconds between two looks for those who have waited too long.
_LOOK = 0.02

#: Seconds after which whoever is at work waits for something itself, a disk or a lock, or computes at length.
#: Two that compute take Python's lock from one another at each statement: one works while it is brisk.
BRISK = 0.003

#: Seconds for which a thread rests that took in a request which must wait, while fewer than so many wait.
_REST = 0.05
_FEW = 48

#: Each so many seconds nobody rests for a moment, so that a long line outside is seen.
_LOOK_OUT = 0.1
_LOOKING_OUT = 0.005

#: Largest body that is taken in before its request has a place, in bytes.
_TAKEN_IN = 64 * 1024

#: Addresses that programs ask; they read no page.
_PROGRAMS = "/api/"

_ANSWERS = {("POST", "/answer"), ("GET", "/thanks")}
_WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}

#: Says a status, headers and a body to whoever asked.
Reply = Callable[[int, list[tuple[str, str]], bytes], None]

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Visit:
    """A request at the door."""

    #: What is known of it, under the names of CGI.
    asked: Mapping[str, Any]
    #: Does it, to the last byte of the reply; raises nothing.
    work: Callable[[], None]
    reply: Reply
    #: Set when its turn has come or it was turned away, where it waits in the thread it came in: what
    #: it sends can be read there alone.
    in_person: threading.Event | None = None
    came: float = field(default_factory=time.monotonic)
    turned_away: bool = False


class Door:
    """Lets in what can be done, keeps a bounded number waiting and turns the rest away at once."""

    def __init__(
        self,
        *,
        at_once: int,
        waiting_answers: int = WAITING_ANSWERS,
        waiting: int = WAITING,
        patience: float = PATIENCE,
        brisk: float = BRISK,
        pages: Mapping[str, bytes],
    ):
        self._at_once = at_once
        self._patience = patience
        self._brisk = brisk
        self._pages = pages
        self._lock = threading.Lock()
        self._working = 0
        #: When a request was begun last.
        self._begun = 0.0
        #: First those who send an answer, then everybody else, then those who wait in person.
        self._rooms: tuple[deque[Visit], ...] = (deque(), deque(), deque())
        self._sizes = (waiting_answers, waiting, WAITING_IN_PERSON)

    def __call__(self, visit: Visit) -> None:
        """Do *visit*, and then whatever waits; or let it wait; or say 503 and when to come back."""
        entered = self._enter(visit)
        if entered is None:
            self._turn_away(visit)
        elif entered:
            self._go_on(visit)
        elif visit.in_person is None:
            following = self._take_over(visit.came)
            if following is None and self._may_rest(visit.came):
                time.sleep(_REST)
                following = self._take_over(time.monotonic())
            self._go_on(following)
        else:
            visit.in_person.wait()
            if not visit.turned_away:
                self._go_on(visit)

    def _go_on(self, following: Visit | None) -> None:
        while following is not None:
            following.work()
            following = self._leave()

    def send_late_ones_away(self, now: float) -> None:
        """Turn away who has waited longer than anybody should."""
        late = []
        with self._lock:
            for room in self._rooms:
                while room and now - room[0].came > self._patience:
                    late.append(room.popleft())
        for visit in late:
            self._turn_away(visit)

    def watch(self) -> None:
        """Look after those who wait as long as the process lives."""
        while True:
            time.sleep(_LOOK)
            self.look_after(time.monotonic())

    def look_after(self, now: float) -> None:
        """Turn away who has waited too long; where those at work stand still, let somebody else begin."""
        self.send_late_ones_away(now)
        following = self._take_over(now)
        if following is not None:
            threading.Thread(target=self._go_on, args=(following,), daemon=True).start()

    def _enter(self, visit: Visit) -> bool | None:
        """Whether there is a place; None where there is not even one to wait."""
        answers = (visit.asked["REQUEST_METHOD"], visit.asked["PATH_INFO"]) in _ANSWERS
        room = 2 if visit.in_person else 0 if answers else 1
        with self._lock:
            if self._has_place(visit.came) and not any(self._rooms):
                self._working += 1
                self._begun = visit.came
                return True
            if len(self._rooms[room]) >= self._sizes[room]:
                return None
            self._rooms[room].append(visit)
            return False

    def _has_place(self, now: float) -> bool:
        """Whether one more may begin: nobody is at work, or all have been at the same for a while."""
        return self._working < self._at_once and (not self._working or now - self._begun >= self._brisk)

    def _may_rest(self, now: float) -> bool:
        return sum(map(len, self._rooms)) < _FEW and now % _LOOK_OUT > _LOOKING_OUT

    def _take_over(self, now: float) -> Visit | None:
        """The next of those who wait, where one more may begin and it is not to work in its own thread."""
        with self._lock:
            if not self._has_place(now) or not any(self._rooms):
                return None
            self._working += 1
        return self._leave()

    def _leave(self) -> Visit | None:
        """Give the place to whoever is next, and say so where it is for this thread to do."""
        with self._lock:
            following = next((room.popleft() for room in self._rooms if room), None)
            if following is None:
                self._working -= 1
                return None
            self._begun = time.monotonic()
        if following.in_person is None:
            return following
        following.in_person.set()
        return None

    def _turn_away(self, visit: Visit) -> None:
        chosen = f"{visit.asked.get('QUERY_STRING', '')};{visit.asked.get('HTTP_COOKIE', '')}"
        said, kind = LANGUAGES["lang=en" in chosen], "text/html; charset=utf-8"
        if visit.asked.get("PATH_INFO", "").startswith(_PROGRAMS):
            said, kind = _PROGRAMS, "application/problem+json"
        page = self._pages[said]
        headers = {
            **HEADERS,
            "Content-Type": kind,
            "Content-Length": str(len(page)),
            "Cache-Control": "no-store",
            "Retry-After": str(random.choice(RETRY_SECONDS)),  # noqa: S311  spreads load, hides nothing
        }
        visit.turned_away = True
        visit.reply(503, list(headers.items()), page)
        if visit.in_person is not None:
            visit.in_person.set()


def before(door: Door, run: Callable[[Any, dict[str, Any]], Any]) -> Callable[[Any, dict[str, Any]], None]:
    """What Granian calls with each request instead of its *run*, which calls the application.

    Granian gives an object that takes the reply, from any thread and at any time, and what was asked. What a
    request sends can be read until the call ends, so a short body is taken in first: neither is a place held
    by somebody whose line is slow.
    """

    def work(reply: Any, asked: dict[str, Any]) -> None:
        try:
            run(reply, asked)
        except BaseException:
            log.exception("request_unanswered")
            # Says nothing where something was said already.
            reply.response_bytes(500, [], b"")

    def receive(reply: Any, asked: dict[str, Any]) -> None:
        person = None
        if asked["REQUEST_METHOD"] not in _WITHOUT_BODY:
            length = asked.get("CONTENT_LENGTH", "")
            if length.isdecimal() and int(length) <= _TAKEN_IN:
                asked["wsgi.input"] = BytesIO(asked["wsgi.input"].read(int(length)))
            else:
                person = threading.Event()
        door(Visit(asked, partial(work, reply, asked), reply.response_bytes, person))

    return receive


def put_up(app: Flask, *, at_once: int, patience: float = PATIENCE) -> Door:
    """A door for *app* that lets *at_once* requests work at the same time, with somebody to watch it."""
    # Where each statement is a journey to another process, somebody else had better work meanwhile.
    brisk = BRISK if settings_of(app).is_sqlite else 0.0
    door = Door(at_once=at_once, patience=patience, brisk=brisk, pages=busy_pages(app))
    threading.Thread(target=door.watch, name="door", daemon=True).start()
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
