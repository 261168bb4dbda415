"""The five requests of every phone, answered before Flask where nothing about them is unusual.

A card that is opened, the page it leads to, the first questions and the thank-you page say the same to
everybody but for a ticket; an answer without a fault is stored and thanked for. Much of what they cost was a
request's surroundings, of which they use nothing. What is unusual goes on to Flask and its views, which know
every case: an open entry, a page not drawn yet, an answer with a fault, staff who are
signed in, an address with more in it than ours. So does every refusal. Nothing has been written by then, or
only that a questionnaire was begun, which is the same twice. Both give the same reply, to the last header.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Self
from urllib.parse import parse_qsl

from flask import Flask
from markupsafe import escape
from werkzeug.http import parse_cookie
from werkzeug.utils import redirect

from survey_app import clock, languages, security
from survey_app.config import settings_of
from survey_app.db import db, reading
from survey_app.fieldwork import codes
from survey_app.fieldwork.glances import WaveGlance
from survey_app.respond import paging, service
from survey_app.respond.kept_pages import HEADERS, KeptPages, Template, takes_gzip
from survey_app.respond.ticket import Carried, Landing, Ticket, open_pair
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.wire.connection import Wires

#: For how long what a card leads to may tell of its wave as it was.
A_MOMENT = timedelta(seconds=1)

#: Under which the thank-you page is kept.
THANKS = ("thanks",)

#: Name of a field -> its values, as a form sends them.
Form = Mapping[str, Sequence[str]]

#: What Flask writes into a redirect, around the address that stands in it twice.
_ELSEWHERE = redirect("/x", 303).get_data().split(b"/x")

#: A form field of an item is named by this and the item's id.
FIELD = "a."

#: How forms are sent, and the longest of which a copy is kept for Flask.
_FORM = "application/x-www-form-urlencoded"
_LONGEST = 64 * 1024

#: A code or a ticket in an address.
_PART = re.compile(r"[A-Za-z0-9_-]+")

#: What may stand after our addresses, and the language it asks for.
_QUERIES = {"": None, **{f"lang={each}": each for each in languages.LANGUAGES}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request in which nothing is unusual so far."""

    method: str
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
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "POST"} or environ.get("SCRIPT_NAME") or query not in _QUERIES:
            return None
        given = environ.get("HTTP_COOKIE")
        cookies = parse_cookie(given) if given else {}
        if not cookies.keys() <= {"lang", "size"}:
            return None
        named = _QUERIES[query]
        return cls(
            method=method,
            path=environ["PATH_INFO"],
            named=named,
            language=languages.asked_for(named or cookies.get("lang")),
            large=cookies.get("size") == "large",
            zipped=takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that is put together already."""

    status: str
    headers: Iterable[tuple[str, str]]
    body: bytes


class Shortcut:
    """A WSGI application before *app*'s own."""

    def __init__(self, app: Flask, pages: KeptPages, forms: service.Forms):
        self._app = app
        self._flask = app.wsgi_app
        self._pages = pages
        self._forms = forms
        self._keys = service.Keys()
        self._settings = settings_of(app)
        self._headers = security.headers(self._settings)
        #: The waves whose cards were opened last, and when they were looked at.
        self._waves: dict[int, tuple[datetime, WaveGlance]] = {}
        #: Wave, group, language and size of letters of the pages that were asked for before.
        self._drawn: set[tuple[int, str, str, bool]] = set()
        with app.app_context():
            self._wires = Wires(db.engine)

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """The reply, or that of Flask."""
        try:
            reply = self._reply(environ)
        except Exception as error:  # noqa: BLE001  Flask says what is the matter, without looking again
            with self._app.request_context(environ):
                said = self._app.finalize_request(self._app.handle_user_exception(error))
            return said(environ, start_response)
        if reply is None:
            return self._flask(environ, start_response)
        length = ("Content-Length", str(len(reply.body)))
        start_response(reply.status, [*reply.headers, length, *self._headers])
        return [reply.body]

    def _reply(self, environ: Mapping[str, Any]) -> Reply | None:
        if not security.is_known(self._settings, environ.get("HTTP_HOST", "")):
            return None
        asked = Asked.read(environ)
        if asked is None:
            return None
        return self._sent(environ, asked) if asked.method == "POST" else self._page(asked)

    def _page(self, asked: Asked) -> Reply | None:
        place, _, rest = asked.path[1:].partition("/")
        if place == "c" and _PART.fullmatch(rest):
            return self._open(rest, asked)
        if place == "start" and _PART.fullmatch(rest):
            return self._start(rest, asked)
        return self._kept(THANKS, asked) if asked.path == "/thanks" else None

    def _sent(self, environ: Mapping[str, Any], asked: Asked) -> Reply | None:
        deed = {"/begin": self._begin, "/answer": self._answer}.get(asked.path)
        if deed is None or asked.named or environ.get("CONTENT_TYPE") != _FORM:
            return None
        body = environ["wsgi.input"]
        if not isinstance(body, BytesIO) or len(body.getbuffer()) > _LONGEST:
            return None
        form = read_form(body.getvalue())
        return None if form is None or "size" in form else deed(form, asked)

    def _open(self, token: str, asked: Asked) -> Reply:
        """Take the code out of the address."""
        key, now = self._settings.code_key, clock.now()
        landing = None
        if codes.is_code(token):
            with self._wires.one_by_one() as wire:
                landing = service.open_card(wire, key, token, now=now)
        if landing is None:
            with reading(self._wires.engine) as session:
                landing = service.arrive_openly(session, key, token, now=now)
        return _elsewhere(f"/start/{landing.seal(self._settings.ticket_key)}", asked)

    def _start(self, ticket: str, asked: Asked) -> Reply | None:
        """What a personal card leads to; Flask draws it for whoever comes first."""
        landing = Landing.open(self._settings.ticket_key, ticket)
        page = landing.wave_id, landing.group, asked.language, asked.large
        if landing.point_id is not None or page not in self._drawn:
            self._drawn.add(page)
            return None
        wave = self._wave(landing, clock.now())
        return self._kept(start_page(landing, wave), asked, ticket=ticket)

    def _wave(self, landing: Landing, now: datetime) -> WaveGlance:
        """The wave that asks, as it was a moment ago: whoever begins is told how it is now."""
        looked, wave = self._waves.get(landing.wave_id, (now, None))
        if wave is None or not timedelta() <= now - looked < A_MOMENT or not wave.takes_answers(now):
            with self._wires.one_by_one() as wire:
                wave = service.landing_wave(wire, landing, now=now)
            self._waves[landing.wave_id] = now, wave
        return wave

    def _begin(self, form: Form, asked: Asked) -> Reply | None:
        """Begin with a personal card; Flask draws the first questions for whoever comes first."""
        landing = Landing.open(self._settings.ticket_key, first(form, "ticket"))
        laid_out = self._forms.laid_out_at_hand(landing.wave_id, landing.group)
        if landing.point_id is not None or laid_out is None or laid_out.questionnaire.is_shuffled:
            return None
        language, now = first(form, "lang", ""), clock.now()
        wave = self._wave(landing, now)
        with self._wires.one_by_one() as wire:
            ticket = service.begin_card(wire, landing, wave, laid_out.version_id, language=language, now=now)
        turned, page = laid_out.turned, laid_out.page
        shape = question_page(ticket, page, turned)
        template = self._pages.kept((*shape, ticket.language, asked.large)) if shape else None
        if template is None:
            return None
        slots = question_slots(self._settings.ticket_key, ticket, turned, page)
        return _filled(template, asked, **slots)

    def _answer(self, form: Form, asked: Asked) -> Reply | None:
        """Take an answer that is complete and without fault."""
        ticket, carried = open_pair(self._settings.ticket_key, first(form, "ticket"), first(form, "carried"))
        questionnaire = self._forms.at_hand(ticket.version_id)
        if ticket.mode != "web" or questionnaire is None or ticket.group not in questionnaire.groups:
            return None
        if not paging.may_complete(questionnaire, ticket.group, carried):
            return None
        turned = turn(questionnaire, ticket, carried, form, go=first(form, "go", paging.NEXT))
        if turned.checked is None or not turned.complete:
            return None
        if not self._store(ticket, turned.checked.answers, clock.now()):
            return None
        return _elsewhere(f"/thanks?lang={ticket.language}", asked)

    def _store(self, ticket: Ticket, answers: Mapping[str, str], now: datetime) -> bool:
        """Store an answer, or know that it was stored before; False where another had been sent."""
        with self._wires.one_by_one() as wire:
            if service.store_at_once(wire, ticket, answers, self._keys, now=now):
                return True
        with self._wires.together() as wire:
            submitted = service.store(wire, ticket, answers, now=now)
            if submitted.outcome == "used":
                return False
            wire.commit()
        return True

    def _kept(self, key: tuple[Hashable, ...], asked: Asked, **values: str) -> Reply | None:
        template = self._pages.kept((*key, asked.language, asked.large))
        return _filled(template, asked, **values) if template else None


def _filled(template: Template, asked: Asked, **values: str) -> Reply:
    body = template.body(zipped=asked.zipped, **values)
    return Reply("200 OK", (*HEADERS[asked.zipped], *languages.remembering(asked.named)), body)


def _elsewhere(address: str, asked: Asked) -> Reply:
    """A redirect as Flask says it, whose every reply may depend on a cookie."""
    said = (("Content-Type", "text/html; charset=utf-8"), ("Location", address), ("Vary", "Cookie"))
    body = str(escape(address)).encode().join(_ELSEWHERE)
    return Reply("303 SEE OTHER", (*said, *languages.remembering(asked.named)), body)


def read_form(body: bytes) -> Form | None:
    """The fields of a form as it is sent, in order; None where Flask must look at it."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def first(form: Form, name: str, otherwise: str | None = None) -> Any:
    """The first value of a field."""
    return form[name][0] if name in form else otherwise


def turn(
    questionnaire: Questionnaire, ticket: Ticket, carried: Carried, form: Form, *, go: str
) -> paging.Turn:
    """Where a form that was sent leads to whose button asks for *go*."""
    sent = {name.removeprefix(FIELD): values for name, values in form.items() if name.startswith(FIELD)}
    offered = first(form, "offered", "").split()
    return paging.turn(questionnaire, ticket.group, carried, sent, go=go, offered=offered)


def question_page(ticket: Ticket, page: paging.Page, turned: paging.Turn) -> tuple | None:
    """What decides how a page of questions looks; None where answers or faults stand on it."""
    questions = page.questions
    if turned.problems or any(each.given for each in questions):
        return None
    put = tuple((each.item.id, each.number, each.shown) for each in questions)
    at = (page.number, page.first, page.last, page.done, page.total, turned.focus, turned.follow_ups)
    return "questions", ticket.version_id, ticket.group, ticket.county, ticket.school, *at, put


def question_slots(
    key: bytes, ticket: Ticket, turned: paging.Turn, page: paging.Page | None
) -> dict[str, str]:
    """What stands in the slots of a page of questions, or of the review that has none."""
    carried = Carried(nonce=ticket.nonce).at(
        turned.page, turned.carried_answers, page.offered if page else ()
    )
    return {"sealed_ticket": ticket.seal(key), "carried": carried.seal(key), "draft": ticket.draft_key(key)}


def start_page(landing: Landing, wave: Any, *, place: str | None = None, full: bool = False) -> tuple:
    """Under which the page is kept that a card, or an open entry at *place*, leads to."""
    said = (wave.id, wave.title, wave.county.name, wave.closes_at, wave.contact, wave.pressure_contact)
    return "start", landing.group, *said, place, full, landing.point_id is not None
