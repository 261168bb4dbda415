"""What is answered before Flask: the same as Flask says, and nothing where anything is unusual."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.db import db
from survey_app.fieldwork.models import Entry, Invitation
from survey_app.respond import inbox, service
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.respond.shortcut import _FORM, A_MOMENT, Shortcut
from survey_app.surveys.models import Wave
from survey_app.wire.connection import Wire
from tests.conftest import NOW
from tests.statements import listening
from tests.survey_app.respond.field import Phone, full_answers, open_field

PARENT = full_answers("public", "parent")
GZIP = {"Accept-Encoding": "gzip, br"}


class Both:
    """An application asked with the shortcut and past it, and whether Flask was needed."""

    def __init__(self, app):
        self.app = app
        self.shortcut: Shortcut = app.wsgi_app
        self.flask = self.shortcut._flask
        self.asked_flask = 0
        self.shortcut._flask = self._through

    def _through(self, environ, start_response):
        self.asked_flask += 1
        return self.flask(environ, start_response)

    def ask(self, path, *, cookies=(), **given):
        """Both replies, and whether the first came without Flask."""
        replies = []
        self.asked_flask = 0
        for application in (self.shortcut, self.flask):
            self.app.wsgi_app = application
            client = self.app.test_client()
            for name, value in cookies:
                client.set_cookie(name, value)
            replies.append(client.open(path, **given))
        self.app.wsgi_app = self.shortcut
        return *replies, not self.asked_flask


def said(reply, *, but=()):
    """Everything a reply says, without what is random in it."""
    headers = {(name, value) for name, value in reply.headers if name not in {"Set-Cookie", *but}}
    cookies = {value.partition("Expires=")[0] for value in reply.headers.getlist("Set-Cookie")}
    return reply.status_code, headers, cookies


@pytest.mark.parametrize("cookies", [(), [("lang", "en")], [("size", "large"), ("lang", "en")]])
@pytest.mark.parametrize("headers", [{}, GZIP])
def test_the_thank_you_page_is_the_same_to_the_last_header(app, cookies, headers):
    both = Both(app)
    for path in ("/thanks", "/thanks?lang=zh_CN", "/thanks?lang=en"):
        both.ask(path, cookies=cookies, headers=headers)
        ours, flasks, alone = both.ask(path, cookies=cookies, headers=headers)
        assert alone
        assert said(ours) == said(flasks)
        assert ours.data == flasks.data


@pytest.mark.parametrize("cookies", [(), [("lang", "en")], [("size", "large")]])
def test_a_card_is_opened_and_shown_the_same(either_app, cookies):
    field = open_field(either_app)
    both = Both(either_app)
    ours, flasks, alone = both.ask(f"/c/{field.card().in_address}", cookies=cookies)
    assert alone
    # Both tickets are random but of one length.
    assert said(ours, but={"Location"}) == said(flasks, but={"Location"})
    assert len(ours.location) == len(flasks.location)
    for headers in ({}, GZIP):
        both.ask(ours.location, cookies=cookies, headers=headers)
        page, flasks_page, alone = both.ask(ours.location, cookies=cookies, headers=headers)
        assert alone
        assert said(page) == said(flasks_page)
        assert page.data == flasks_page.data


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/thanks?size=large", {}),
        ("/thanks?lang=en&x=1", {}),
        ("/thanks?lang=fr", {}),
        ("/thanks/", {}),
        ("/c/", {}),
        ("/c/a/b", {}),
        ("/privacy", {}),
        ("/", {}),
        ("/thanks", {"method": "POST"}),
        ("/thanks", {"method": "HEAD"}),
        ("/thanks", {"base_url": "http://elsewhere"}),
        ("/thanks", {"base_url": "http://localhost/below"}),
        ("/thanks", {"cookies": [("junheng", "x")]}),
        ("/c/é", {}),
        ("/start/", {}),
        ("/start/é", {}),
    ],
)
def test_what_is_unusual_is_left_to_flask(app, path, given):
    both = Both(app)
    both.ask("/thanks")
    ours, flasks, alone = both.ask(path, **given)
    assert not alone
    assert said(ours) == said(flasks)


@pytest.mark.parametrize("path", ["/c/0000", "/c/AAAAAAAAAAAAAAAAAAAAAA", "/start/a", "/start/a?lang=en"])
def test_what_is_refused_is_refused_in_the_same_words(app, path):
    ours, flasks, alone = Both(app).ask(path)
    assert alone
    assert said(ours) == said(flasks)
    assert ours.data == flasks.data


def test_a_card_that_is_over_is_refused_in_the_same_words(app, monkeypatch):
    field = open_field(app)
    both = Both(app)
    address = f"/c/{field.card().in_address}"
    start, _, _ = both.ask(address)
    both.ask(start.location)
    with app.app_context():
        db.session.execute(sa.update(Invitation).values(revoked_at=NOW))
        db.session.commit()
    ours, flasks, alone = both.ask(address)
    assert (ours.status_code, ours.data, alone) == (410, flasks.data, True)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=999))
    ours, flasks, alone = both.ask(start.location)
    assert (ours.status_code, ours.data, alone) == (410, flasks.data, True)


def test_a_database_that_is_away_is_told_at_once_as_by_flask(app, monkeypatch):
    tries = []

    def away(*_given, **_named):
        tries.append(1)
        raise OperationalError("SELECT", None, OSError())

    monkeypatch.setattr(service, "open_card", away)
    both = Both(app)
    ours, flasks, alone = both.ask("/c/AAAAAAAAAAAAAAAAAAAAAA")
    assert alone
    assert len(tries) == 2
    assert ours.status_code == 503
    assert (said(ours), ours.data) == (said(flasks), flasks.data)


def test_a_shortcut_only_reads(app):
    field = open_field(app)
    client = app.test_client()
    start = client.get(f"/c/{field.card().in_address}").location
    for _ in range(2):
        client.get(start)
    with listening(app) as heard:
        assert client.get(client.get(f"/c/{field.card().in_address}").location).status_code == 200
    # The card; how its wave stands was looked at a moment ago.
    assert [each.split()[0] for each in heard.statements] == ["SELECT"]
    assert not heard.transactions


def test_a_wave_is_as_it_was_a_moment_ago_until_somebody_begins(app, monkeypatch):
    now = NOW
    monkeypatch.setattr(clock, "now", lambda: now)
    field = open_field(app)
    client = app.test_client()
    phone = Phone(client).scan(field.card())
    start = client.get(f"/c/{field.card().in_address}").location
    assert client.get(start).status_code == 200
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        wave.closed_at = NOW
        db.session.commit()
    assert client.get(start).status_code == 200
    assert client.post("/begin", data=phone.page.form("/begin")["fields"]).status_code == 410
    now = NOW + A_MOMENT
    assert client.get(start).status_code == 410
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        wave.closed_at = None
        db.session.commit()
    assert client.get(start).status_code == 200
    # What was over by the clock is looked at again: it may have been given more time.
    now = NOW + A_MOMENT * 1.5
    with app.app_context():
        closes_at = db.session.get_one(Wave, field.wave_id).closes_at
        db.session.execute(sa.update(Wave).values(closes_at=closes_at + timedelta(days=9)))
        db.session.commit()
    assert client.get(start).status_code == 200
    now = closes_at + timedelta(days=1)
    assert client.get(start).status_code == 200


def without_tickets(page):
    """A page of questions without what is random in it, which is of one length each time."""
    found = re.findall(r'name="(ticket|carried)" value="([^"]+)"', page.text)
    assert len(found) == 2
    return re.sub(r'value="[^"]{60,}"', "", page.text), [(name, len(value)) for name, value in found]


@pytest.mark.parametrize("cookies", [[], [("lang", "en"), ("size", "large")]])
def test_a_questionnaire_is_begun_the_same(either_app, cookies):
    field = open_field(either_app)
    both = Both(either_app)
    landed = Phone(either_app.test_client()).scan(field.card()).page
    form = landed.form("/begin")["fields"]
    for headers in ({}, GZIP):
        both.ask("/begin", method="POST", data=form, cookies=cookies)
        ours, flasks, alone = both.ask("/begin", method="POST", data=form, cookies=cookies, headers=headers)
        assert alone
        assert said(ours) == said(flasks)
        assert len(ours.data) == len(flasks.data)
        if not headers:
            assert without_tickets(ours) == without_tickets(flasks)
    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 1


def last_page(app, field, number=0):
    """The last page of a card as somebody fills it in."""
    phone = Phone(app.test_client()).scan(field.card("parent", number)).begin()
    while "data-last" not in phone.page.html:
        phone.press(PARENT)
    return {f"a.{item}": PARENT[item] for item in phone.asked() if item in PARENT} | phone.hidden()


@pytest.mark.parametrize("cookies", [[], [("lang", "en")]])
def test_an_answer_is_taken_once_and_thanked_for_the_same(either_app, cookies):
    field = open_field(either_app)
    both = Both(either_app)
    form = last_page(either_app, field)
    ours, flasks, alone = both.ask("/answer", method="POST", data=form, cookies=cookies)
    assert (ours.status_code, alone) == (303, True)
    assert (said(ours), ours.data) == (said(flasks), flasks.data)
    with either_app.app_context():
        (stored,) = db.session.scalars(sa.select(SealedAnswer)).all()
        assert open_sealed(field.private_key, stored.sealed)["answers"] == PARENT
    # Past the shortcut first, then again: the same the other way round.
    form = last_page(either_app, field, 1)
    either_app.wsgi_app = both.flask
    first = either_app.test_client().post("/answer", data=form)
    ours, flasks, alone = both.ask("/answer", method="POST", data=form, cookies=cookies)
    assert alone
    assert said(ours) == said(flasks) == said(first)
    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"go": "back"},
        {"go": "stay"},
        {"size": "large"},
        {"a.s1": "99"},
        {"a.s1": ["1", "2"]},
        {"a.s1": ""},
        {"a.comment": "x" * 70_000},
    ],
)
def test_an_answer_with_anything_unusual_is_flasks(app, change):
    both = Both(app)
    form = last_page(app, open_field(app))
    item = next(name for name in form if name.startswith("a."))
    change = {(item if name == "a.s1" else name): value for name, value in change.items()}
    ours, flasks, alone = both.ask("/answer", method="POST", data={**form, **change})
    assert not alone
    assert said(ours, but={"Content-Length"}) == said(flasks, but={"Content-Length"})
    with app.app_context():
        assert not db.session.scalars(sa.select(SealedAnswer)).all() or "a.comment" in change


def test_an_answer_of_a_card_is_one_statement_where_the_database_has_such(either_app):
    field = open_field(either_app)
    forms = [last_page(either_app, field, number) for number in range(2)]
    client = either_app.test_client()
    # What the wave's answers are sealed to is looked up once.
    client.post("/answer", data=forms[0])
    with listening(either_app) as heard:
        assert client.post("/answer", data=forms[1]).status_code == 303
    assert heard.transactions == 1
    with either_app.app_context():
        least = 1 if db.engine.dialect.name == "postgresql" else 5
    assert len(heard.statements) == least


def test_a_card_that_was_sent_from_elsewhere_is_told_by_flask(either_app):
    app = either_app
    field = open_field(app)
    both = Both(app)
    first, second = last_page(app, field), last_page(app, field)
    both.ask("/answer", method="POST", data=first)
    ours, flasks, alone = both.ask("/answer", method="POST", data=second)
    assert (ours.status_code, alone) == (409, False)
    assert (said(ours), ours.data) == (said(flasks), flasks.data)


@pytest.mark.parametrize("path", ["/begin", "/answer"])
@pytest.mark.parametrize(
    "given", [{"data": {"ticket": "x"}}, {"data": {}}, {"data": b"%ff=%ff&&", "content_type": _FORM}]
)
def test_a_form_that_is_not_ours_is_refused_in_the_same_words(app, path, given):
    ours, flasks, _ = Both(app).ask(path, method="POST", **given)
    assert ours.status_code == 400
    assert (said(ours), ours.data) == (said(flasks), flasks.data)


def test_a_disk_that_is_full_is_told_as_by_flask_and_nothing_stored(either_app, monkeypatch):
    app = either_app
    form = last_page(app, open_field(app))

    def full(*_given):
        raise OperationalError("COMMIT", None, OSError())

    for each in (Session, Wire):
        monkeypatch.setattr(each, "commit", full)
    monkeypatch.setattr(inbox, "perform", full)
    ours, flasks, alone = Both(app).ask("/answer", method="POST", data=form)
    assert (ours.status_code, alone) == (503, True)
    assert (said(ours), ours.data) == (said(flasks), flasks.data)
    monkeypatch.undo()
    with app.app_context():
        assert not db.session.scalars(sa.select(SealedAnswer)).all()
        assert not db.session.scalar(sa.select(sa.func.count()).where(Entry.state == "spent"))
