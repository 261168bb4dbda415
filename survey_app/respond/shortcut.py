"""The three pages that every phone asks for, answered before Flask where nothing about them is unusual.

A card that is opened, the page it leads to and the thank-you page say the same to everybody but for a ticket.
Half of what they cost was a request's surroundings, of which they use nothing. What is unusual goes on to
Flask and its views, which know every case: a code that many use, a page not drawn yet, staff who are signed
in, an address with more in it than ours. So does every refusal. Both give the same reply, to the last header.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from flask import Flask
from werkzeug.http import parse_cookie
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from survey_app import clock, languages, security
from survey_app.config import settings_of
from survey_app.db import db, reading
from survey_app.respond import service
from survey_app.respond.kept_pages import KeptPages, takes_gzip
from survey_app.respond.ticket import Landing

#: Under which the thank-you page is kept.
THANKS = ("thanks",)

#: A code or a ticket in an address.
_PART = re.compile(r"[A-Za-z0-9_-]+")

#: What may stand after our addresses, and the language it asks for.
_QUERIES = {"": None, **{f"lang={each}": each for each in languages.LANGUAGES}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request in which nothing is unusual so far."""

    path: str
    #: The language that the address names; None where it names none.
    named: str | None
    #: The language of the reply, and whether its letters are large.
    language: str
    large: bool
    zipped: bool

    @classmethod
    def read(cls, environ: Mapping[str, Any]) -> Self | None:
        """The request of *environ*; None where Flask must look at it."""
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] != "GET" or environ.get("SCRIPT_NAME") or query not in _QUERIES:
            return None
        given = environ.get("HTTP_COOKIE")
        cookies = parse_cookie(given) if given else {}
        if not cookies.keys() <= {"lang", "size"}:
            return None
        named = _QUERIES[query]
        return cls(
            path=environ["PATH_INFO"],
            named=named,
            language=languages.asked_for(named or cookies.get("lang")),
            large=cookies.get("size") == "large",
            zipped=takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
        )


class Shortcut:
    """A WSGI application before *app*'s own."""

    def __init__(self, app: Flask, pages: KeptPages):
        self._app = app
        self._flask = app.wsgi_app
        self._pages = pages
        self._settings = settings_of(app)
        self._headers = security.headers(self._settings)
        #: Wave, group, language and size of letters of the pages that were asked for before.
        self._drawn: set[tuple[int, str, str, bool]] = set()
        with app.app_context():
            self._engine = db.engine

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """The reply, or that of Flask."""
        try:
            reply = self._reply(environ) or self._flask
        except Exception as error:  # noqa: BLE001  Flask says what is the matter, without looking again
            with self._app.request_context(environ):
                reply = self._app.finalize_request(self._app.handle_user_exception(error))
        return reply(environ, start_response)

    def _reply(self, environ: Mapping[str, Any]) -> Response | None:
        if not security.is_known(self._settings, environ.get("HTTP_HOST", "")):
            return None
        asked = Asked.read(environ)
        if asked is None:
            return None
        place, _, rest = asked.path[1:].partition("/")
        reply = None
        if place == "c" and _PART.fullmatch(rest):
            reply = self._open(rest)
        elif place == "start" and _PART.fullmatch(rest):
            reply = self._start(rest, asked)
        elif asked.path == "/thanks":
            reply = self._kept(THANKS, asked)
        if reply is not None:
            reply.headers.extend(self._headers)
            languages.remember(reply, asked.named)
        return reply

    def _open(self, token: str) -> Response:
        """Take the code out of the address."""
        with reading(self._engine) as session:
            landing = service.arrive_by_address(session, self._settings.code_key, token, now=clock.now())
        reply = redirect(f"/start/{landing.seal(self._settings.ticket_key)}", 303)
        reply.headers["Vary"] = "Cookie"
        return reply

    def _start(self, ticket: str, asked: Asked) -> Response | None:
        """What a personal card leads to; Flask draws it for whoever comes first."""
        landing = Landing.open(self._settings.ticket_key, ticket)
        page = landing.wave_id, landing.group, asked.language, asked.large
        if landing.point_id is not None or page not in self._drawn:
            self._drawn.add(page)
            return None
        with reading(self._engine) as session:
            wave = service.landing_wave(session, landing, now=clock.now())
        return self._kept(start_page(landing, wave), asked, ticket=ticket)

    def _kept(self, key: tuple[Hashable, ...], asked: Asked, **values: str) -> Response | None:
        template = self._pages.kept((*key, asked.language, asked.large))
        return template.reply(zipped=asked.zipped, **values) if template else None


def start_page(landing: Landing, wave: Any, *, place: str | None = None, full: bool = False) -> tuple:
    """Under which the page is kept that a card, or an open entry at *place*, leads to."""
    said = (wave.id, wave.title, wave.county.name, wave.closes_at, wave.contact, wave.pressure_contact)
    return "start", landing.group, *said, place, full, landing.point_id is not None
