"""Anything at all is sent to the public pages: never a failure, always a page with a kind sentence.

Two lookers-in: one makes requests byte by byte and knows our forms (bodies, encodings, headers, tickets bent
or of another wave); the other is schemathesis, from a small description of the same pages.
"""

import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from survey_app import clock
from survey_app.db import db
from survey_app.respond.models import SealedAnswer
from survey_app.respond.ticket import Carried, Landing, Ticket, Typing, issue
from survey_app.results.closing import close_wave
from survey_app.surveys import service as surveys
from survey_app.surveys.models import QuotaCell, WaveForm
from tests.conftest import KEY, NOW
from tests.lengths import runs
from tests.survey_app.respond.field import Phone, full_answers, open_field

CALM = {
    "deadline": None,
    "database": None,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
                              HealthCheck.data_too_large, HealthCheck.filter_too_much],
}  # fmt: skip

PAGES = ("/code", "/begin", "/answer", "/thanks", "/declined", "/forgotten", "/privacy", "/privacy/pupils")
WITH_TICKET = ("/c/", "/start/", "/q/")
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "get", "PROPFIND")

#: What breaks programs that believe what they are told.
ODD = (
    "", " ", "\x00", "\ud800", "\udfff\ud800", "\ufeff", "\u202e", "𠀀" * 40, "'; DROP TABLE entry --",
    "../../etc/passwd", "<script>alert(1)</script>",
    "{{7*7}}", "%s%n", "-1", "1e309", "NaN", "9" * 400, "5", "dk", "长" * 1001,
    "\r\nSet-Cookie: a=b", "null", "[]", "true",
)  # fmt: skip

COOKIES = ("lang=en", "size=large", "lang=\x7f; size=;;==", "session=.x.y", "junheng=" + "A" * 4000)

CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "b" * 300,
    'multipart/form-data; boundary="\x01"',
    "application/json",
    "text/plain",
    "",
    "/",
    "a" * 5000,
)


def raw(text: str) -> bytes:
    """Text as bytes, halves of surrogate pairs too."""
    return text.encode("utf-8", "surrogatepass")


words = st.one_of(st.sampled_from(ODD), st.text(st.characters(codec=None), max_size=40))
chunks = st.one_of(st.binary(max_size=300), words.map(raw))


@st.composite
def bent(draw, text: str) -> str:
    """A ticket that somebody has been at."""
    how = draw(st.sampled_from(["as it is", "cut", "flipped", "doubled", "prefixed", "other"]))
    at = draw(st.integers(0, max(0, len(text) - 1)))
    return {
        "as it is": text,
        "cut": text[:at],
        "flipped": text[:at] + ("A" if text[at : at + 1] != "A" else "B") + text[at + 1 :],
        "doubled": text * 2,
        "prefixed": draw(words) + text,
        "other": draw(words),
    }[how]


class Doors:
    """An application with tickets of every kind, good ones and those of what is no more."""

    def __init__(self, app):
        self.app = app
        self.field = open_field(app)
        with app.app_context():
            cell = db.session.scalars(sa.select(QuotaCell)).first()
            wave = surveys.get_wave(db.session, self.field.wave_id)
            versions = {
                row.form: row.version_id
                for row in db.session.scalars(sa.select(WaveForm).where(WaveForm.wave_id == wave.id))
            }
            group = cell.group
        phone = Phone(app.test_client()).scan(self.field.card()).begin()
        begun = Ticket.open(KEY, phone.hidden()["ticket"])
        lost = issue(entry_id=10**9, wave_id=begun.wave_id, group=group, version_id=begun.version_id,
                     county="阳城县", language="en", now=NOW)  # fmt: skip
        self.tickets = {
            "begun": begun,
            "lost": lost,
            "of another form": replace(begun, version_id=versions["student"]),
            "of no version": replace(begun, version_id=10**6),
            "of another group": replace(begun, group="teacher"),
            "of no wave": replace(begun, wave_id=10**6, entry_id=10**6),
        }
        landing = Landing(invitation_id=1, wave_id=begun.wave_id, group=group)
        self.sealed = {
            "typing": Typing().seal(KEY),
            "landing": landing.seal(KEY),
            "landing of nobody": replace(landing, invitation_id=10**6).seal(KEY),
            "landing of no point": replace(landing, invitation_id=None, point_id=10**6).seal(KEY),
            "landing of no wave": replace(landing, wave_id=10**6).seal(KEY),
            **{name: ticket.seal(KEY) for name, ticket in self.tickets.items()},
        }
        self.items = list(full_answers("public", "parent"))

    def ticket(self, draw) -> str:
        return draw(bent(draw(st.sampled_from(list(self.sealed.values())))))

    def carried(self, draw, ticket: Ticket) -> str:
        carried = Carried(
            nonce=ticket.nonce if draw(st.booleans()) else "another",
            page=draw(st.sampled_from([0, 1, 3, -1, 10**9])),
            answers=draw(st.dictionaries(st.sampled_from([*self.items, "nobody's"]), words, max_size=3)),
        )
        return draw(bent(carried.seal(KEY)))

    def fields(self, draw) -> list[tuple[str, str]]:
        """A form that is nearly one of ours."""
        name = draw(st.sampled_from(list(self.tickets)))
        good = draw(st.booleans())
        ticket = self.sealed[name] if good else self.ticket(draw)
        found = [("ticket", ticket), ("carried", self.carried(draw, self.tickets[name]))]
        names = st.one_of(
            st.sampled_from([f"a.{item}" for item in self.items]),
            st.sampled_from(["a.", "code", "lang", "size", "go", "review", "ticket", "carried"]),
            words,
        )
        found += draw(st.lists(st.tuples(names, words), max_size=6))
        return draw(st.permutations(found))

    def body(self, draw) -> tuple[bytes, str]:
        """A body and what it says it is."""
        said = draw(st.sampled_from(CONTENT_TYPES))
        fields = self.fields(draw)
        how = draw(st.sampled_from(["form", "form", "form", "multipart", "json", "anything", "large"]))
        if how == "form":
            return urlencode([(raw(key), raw(value)) for key, value in fields]).encode(), draw(
                st.sampled_from([CONTENT_TYPES[0], CONTENT_TYPES[0], said])
            )
        if how == "multipart":
            parts = b"".join(
                b'--x\r\nContent-Disposition: form-data; name="' + raw(key) + b'"' + draw(chunks)[:9]
                + b"\r\n\r\n" + raw(value) + b"\r\n"
                for key, value in fields
            )  # fmt: skip
            return parts + draw(st.sampled_from([b"--x--", b"--x", b""])), "multipart/form-data; boundary=x"
        if how == "json":
            return json.dumps(dict(fields)).encode(), "application/json"
        if how == "large":
            size = draw(st.sampled_from([300_000, 1_000_000, 5_000_000]))
            return b"ticket=x&a.comment=" + b"x" * size, CONTENT_TYPES[0]
        return draw(chunks), said

    def path(self, draw) -> str:
        if draw(st.booleans()):
            return draw(st.sampled_from(PAGES))
        before = draw(st.sampled_from(WITH_TICKET))
        return before + raw(draw(st.one_of(st.just(self.ticket(draw)), words))).decode("latin-1")

    def request(self, draw) -> dict:
        """One request, as a server would hand it over."""
        data, said = self.body(draw)
        lang = draw(st.sampled_from(["", "zh_CN", "en", "zh", "fr", "en-US,*;q=0", "\x00", "x" * 3000]))
        extra = draw(st.lists(st.tuples(words, words), max_size=2))
        query = urlencode([("lang", lang), *((raw(key), raw(value)) for key, value in extra)])
        cookie = draw(st.one_of(st.sampled_from(COOKIES), st.binary(max_size=40).map(_latin)))
        overrides = {
            "PATH_INFO": self.path(draw),
            "QUERY_STRING": draw(st.sampled_from([query, query, _latin(draw(chunks)).replace(" ", "+")])),
            "HTTP_COOKIE": cookie,
            "HTTP_ACCEPT_LANGUAGE": draw(st.sampled_from(["zh-CN", "en", "*", ";;q=x", "en;q=1e9", ""])),
            "CONTENT_TYPE": said,
            "CONTENT_LENGTH": draw(
                st.sampled_from([str(len(data))] * 5 + ["0", "-1", "x", str(len(data) + 9)])
            ),
        }
        return {"method": draw(st.sampled_from(METHODS)), "data": data, "environ_overrides": overrides}


def _latin(content: bytes) -> str:
    return content.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")


def sealed(app) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer))


def is_kind(reply, asked: str = "") -> None:
    """No failure; a page with a heading and a sentence, in the language that was asked for."""
    assert reply.status_code < 500, (reply.status_code, reply.get_data(as_text=True)[:300])
    if reply.request.method == "HEAD" or reply.mimetype != "text/html" or not reply.data:
        return
    page = reply.get_data(as_text=True)
    if 300 <= reply.status_code < 400:
        return
    assert "Traceback" not in page
    assert "<h1" in page, (reply.status_code, page[:300])
    if asked:
        lang = "en" if asked == "en" else "zh-CN"
        assert f'<html lang="{lang}"' in page, (asked, reply.status_code, page[:200])
    said = re.sub(r"<[^>]+>", " ", page[page.index("<h1") :])
    assert len(said.strip()) > 12


@pytest.fixture
def doors(app):
    return Doors(app)


@given(st.data())
@settings(**CALM, max_examples=runs(150, 20_000))
def test_nothing_that_is_sent_makes_a_public_page_fail(doors, data):
    request = doors.request(data.draw)
    is_kind(doors.app.test_client().open(**request))
    assert sealed(doors.app) == 0


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
@given(st.data())
@settings(**CALM, max_examples=runs(40, 4000))
def test_refusals_speak_the_language_that_was_asked_for(doors, lang, data):
    path = doors.path(data.draw)
    method = data.draw(st.sampled_from(["GET", "POST"]))
    body = urlencode([(raw(key), raw(value)) for key, value in doors.fields(data.draw)])
    reply = doors.app.test_client().open(
        method=method,
        data=body,
        environ_overrides={"PATH_INFO": path, "QUERY_STRING": f"lang={lang}"},
        content_type="application/x-www-form-urlencoded",
    )
    # A questionnaire that was begun goes on in the language it was begun in.
    is_kind(reply, lang if reply.status_code in {400, 404, 405, 410} else "")
    assert sealed(doors.app) == 0


@pytest.mark.parametrize("over", ["closed", "past its last day"])
@given(st.data())
@settings(**CALM, max_examples=runs(25, 2000))
def test_a_wave_that_is_over_stores_nothing_whatever_is_sent(doors, over, data):
    if over == "closed" and not getattr(doors, "closed", False):
        with doors.app.app_context():
            close_wave(db.session, surveys.get_wave(db.session, doors.field.wave_id), by="test", now=NOW)
            db.session.commit()
        doors.closed = True
    with pytest.MonkeyPatch.context() as patch:
        if over != "closed":
            patch.setattr(clock, "now", lambda: NOW + timedelta(days=5))
        answers = [(f"a.{item}", value) for item, value in full_answers("public", "parent").items()]
        begun = doors.tickets["begun"]
        last = Carried(nonce=begun.nonce, page=9, answers=dict(answers))
        body = urlencode(
            [("ticket", begun.seal(KEY)), ("carried", last.seal(KEY)), *answers, *_plain(doors, data)]
        )
        reply = doors.app.test_client().post(
            "/answer", data=body, content_type="application/x-www-form-urlencoded"
        )
        is_kind(reply)
        assert reply.status_code in {400, 410, 422, 200}
    assert sealed(doors.app) == 0


def _plain(doors, data) -> list[tuple[str, bytes]]:
    return [("x" + str(number), raw(data.draw(words))) for number in range(2)]


FORM = "application/x-www-form-urlencoded"


def described() -> dict:
    """The public pages as OpenAPI describes them."""
    text = {"type": "string"}
    query = [
        {"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["zh_CN", "en"]}},
        {"name": "size", "in": "query", "schema": {"type": "string", "enum": ["large", "usual"]}},
    ]
    page = {"responses": {"default": {"description": "a page"}}}

    def form(*names: str) -> dict:
        schema = {
            "type": "object", "properties": dict.fromkeys(names, text), "required": list(names),
            "additionalProperties": text,
        }  # fmt: skip
        return {"post": {**page, "requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}}

    paths = {
        path: {"get": {**page, "parameters": query}} for path in PAGES if path not in ("/begin", "/answer")
    }
    for path in WITH_TICKET:
        own = [{"name": "ticket", "in": "path", "required": True, "schema": {**text, "minLength": 1}}]
        paths[path + "{ticket}"] = {"get": {**page, "parameters": [*own, *query]}}
    paths["/code"] |= form("ticket", "code")
    paths["/begin"] = form("ticket", "lang")
    paths["/answer"] = form("ticket", "carried", "a.enrolment", "a.comment", "go")
    return {"openapi": "3.0.3", "info": {"title": "Public pages", "version": "1"}, "paths": paths}


OPERATIONS = [
    operation.ok() for operation in schemathesis.openapi.from_dict(described()).get_all_operations()
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
@given(st.data())
@settings(**CALM, max_examples=runs(6, 500))
def test_schemathesis_finds_no_failure(doors, operation, data):
    case = data.draw(operation.as_strategy())
    path = case.path.format(**{name: str(value) for name, value in (case.path_parameters or {}).items()})
    body = case.body if isinstance(case.body, dict) else {}
    reply = doors.app.test_client().open(
        method=case.method.upper(),
        environ_overrides={
            "PATH_INFO": raw(path).decode("latin-1"),
            "QUERY_STRING": urlencode({key: raw(str(value)) for key, value in (case.query or {}).items()}),
        },
        data=urlencode([(raw(key), raw(str(value))) for key, value in body.items()]),
        content_type=FORM,
    )
    is_kind(reply)
    assert sealed(doors.app) == 0


@pytest.mark.parametrize("page", [0, 3, -1, 10**9])
def test_tickets_of_what_does_not_belong_together_are_refused(doors, page):
    for name, ticket in doors.tickets.items():
        carried = Carried(nonce=ticket.nonce, page=page).seal(KEY)
        for go in ("", "back"):
            form = {"ticket": ticket.seal(KEY), "carried": carried, "go": go, "a.enrolment": "5"}
            is_kind(doors.app.test_client().post("/answer", data=form))
        reply = doors.app.test_client().get(f"/q/{ticket.seal(KEY)}")
        is_kind(reply)
        assert name == "begun" or reply.status_code >= 400 or name == "of another group", name
    assert sealed(doors.app) == 0


@pytest.mark.parametrize("path", ["/privacy", "/c/x", "/nothing"])
def test_an_address_of_bytes_that_no_browser_sends_is_answered(app, path):
    overrides = {"PATH_INFO": path, "QUERY_STRING": "lang=en&\xc8\xcf"}
    is_kind(app.test_client().open(environ_overrides=overrides), "en")


def test_the_fuzz_sees_a_page_that_fails(doors, monkeypatch):
    """The control: a page that believes what it is told."""
    monkeypatch.setattr("survey_app.respond.shortcut.open_pair", lambda *_: json.loads("{"))
    with pytest.raises((AssertionError, ValueError)):
        is_kind(doors.app.test_client().post("/answer", data={"ticket": "x"}))
