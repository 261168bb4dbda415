"""Cards that were lost, found or replaced, and codes that changed, while somebody had the page open."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.fieldwork.materials import ledger
from survey_app.fieldwork.models import Batch, Burst
from survey_app.fieldwork.open_entries import points, rotating
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.models import QuotaCell, Wave
from tests.conftest import KEY, NOW
from tests.factories import code_of
from tests.survey_app.respond.field import Phone, full_answers, open_field

ANSWERS = full_answers("public", "parent")


@pytest.fixture
def held(either_app):
    """A wave with the first batch in somebody's hands."""
    return either_app, open_field(either_app)


def write(app, field, *deeds, before_commit=None):
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        batch = first_batch(field)
        for minutes, deed in enumerate(deeds):
            ledger.record(
                db.session,
                wave,
                batch.id,
                deed,
                code_key=KEY,
                by="clerk",
                now=NOW + timedelta(minutes=minutes),
            )
        meanwhile = before_commit() if before_commit else None
        db.session.commit()
        codes = [code_of(each) for each in first_batch(field).invitations]
        return (codes, meanwhile) if before_commit else codes


def first_batch(field):
    db.session.expire_all()
    return db.session.scalars(
        sa.select(Batch).where(Batch.wave_id == field.wave_id).order_by(Batch.position)
    ).first()


def inbox(app, field):
    """Whether each answer that came in is surplus, and where it says its person was drawn."""
    with app.app_context():
        sealed = db.session.scalars(sa.select(SealedAnswer.sealed)).all()
    found = [open_sealed(field.private_key, each) for each in sealed]
    return sorted((each["surplus"], each["psu"]) for each in found)


def counts(app, field):
    with app.app_context():
        cell = db.session.get_one(QuotaCell, first_batch(field).invitations[0].quota_cell_id)
        bursts = db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(Burst.n), 0)))
        return cell.spent, cell.surplus, bursts


def test_who_began_with_a_card_that_is_reported_lost_may_finish(held):
    app, field = held
    phone = Phone(app.test_client()).scan(field.card()).begin()
    write(app, field, "lost")
    assert phone.answer_all(ANSWERS).status_code == 303
    assert inbox(app, field) == [(False, "S1")]
    assert counts(app, field) == (1, 0, 1)


def test_a_page_opened_with_a_card_begins_nothing_once_the_card_is_replaced(held):
    app, field = held
    thief = Phone(app.test_client()).scan(field.card())
    new = write(app, field, "lost", "replaced")
    reply = app.test_client().post("/begin", data=thief.page.form("/begin")["fields"])
    assert reply.status_code == 410
    assert "换发" in reply.get_data(as_text=True)
    assert Phone(app.test_client()).scan(new[0]).begin().answer_all(ANSWERS).status_code == 303
    assert inbox(app, field) == [(False, "S1")]


@pytest.mark.parametrize("first", ["old", "new"])
def test_what_was_begun_with_a_replaced_card_is_thanked_and_takes_nobodys_place(held, first):
    app, field = held
    old = Phone(app.test_client()).scan(field.card()).begin()
    codes = write(app, field, "lost", "replaced")
    new = Phone(app.test_client()).scan(codes[0]).begin()
    for phone in (old, new) if first == "old" else (new, old):
        assert phone.answer_all(ANSWERS).status_code == 303
    assert old.answer_all(ANSWERS).status_code == 303, "sent again, thanked again"
    assert inbox(app, field) == [(False, "S1"), (True, None)]
    assert counts(app, field) == (1, 1, 1)


def test_a_card_that_is_replaced_while_its_answer_comes_in_counts_once(held):
    app, field = held
    old = Phone(app.test_client()).scan(field.card()).begin()
    with ThreadPoolExecutor(1) as elsewhere:

        def answer_meanwhile():
            sent = elsewhere.submit(old.answer_all, ANSWERS)
            # Long enough for the answer to find the card's entry held by whoever replaces the card.
            wait([sent], timeout=0.3)
            return sent

        codes, sent = write(app, field, "lost", "replaced", before_commit=answer_meanwhile)
        assert sent.result().status_code == 303
    assert Phone(app.test_client()).scan(codes[0]).begin().answer_all(ANSWERS).status_code == 303
    assert counts(app, field) == (1, 1, 1)


@pytest.mark.parametrize("deeds", [("lost",), ("lost", "replaced")])
def test_nothing_is_begun_with_a_card_that_is_being_revoked(held, deeds):
    app, field = held
    thief = Phone(app.test_client()).scan(field.card())
    with ThreadPoolExecutor(1) as elsewhere:

        def begin_meanwhile():
            fields = thief.page.form("/begin")["fields"]
            sent = elsewhere.submit(app.test_client().post, "/begin", data=fields)
            # Long enough to find the card held by whoever revokes it.
            wait([sent], timeout=0.3)
            return sent

        codes, sent = write(app, field, *deeds, before_commit=begin_meanwhile)
        assert sent.result().status_code == 410
    if "replaced" in deeds:
        assert Phone(app.test_client()).scan(codes[0]).begin().answer_all(ANSWERS).status_code == 303
        assert counts(app, field) == (1, 0, 1)


@pytest.fixture
def screen(either_app):
    """A village's code on a proctor's screen."""
    field = open_field(either_app)
    with either_app.app_context():
        point = points.make_point(
            db.session,
            db.session.get_one(Wave, field.wave_id),
            kind="class",
            group="public",
            place="上庄村",
            cap=5,
            cell_cap=5,
            rotates_every=30,
            code_key=KEY,
            by="test",
            now=NOW,
        )
        db.session.commit()
        code = points.screen_code(point, KEY, now=NOW)
    return either_app, field, code


def test_a_page_opened_from_a_screen_begins_nothing_later(screen, monkeypatch):
    app, _, code = screen
    opened = [Phone(app.test_client()).scan(code) for _ in range(2)]
    form = opened[0].page.form("/begin")["fields"]
    assert app.test_client().post("/begin", data=form).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOW + rotating.BEGIN_WITHIN + timedelta(seconds=1))
    passed_on = app.test_client().post("/begin", data=opened[1].page.form("/begin")["fields"])
    assert passed_on.status_code == 410
    assert "请重新扫屏幕上现在的码" in passed_on.get_data(as_text=True)
    assert app.test_client().post("/begin", data=form).status_code == 200, "who has begun goes on"


def test_a_page_opened_with_a_code_begins_nothing_once_the_code_is_replaced(screen):
    app, field, code = screen
    opened = [Phone(app.test_client()).scan(code) for _ in range(2)]
    form = opened[0].page.form("/begin")["fields"]
    assert app.test_client().post("/begin", data=form).status_code == 200
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        (point,) = entries.points_of(db.session, wave)
        points.replace_point(db.session, wave, point, code_key=KEY, by="test", now=NOW)
        db.session.commit()
    late = app.test_client().post("/begin", data=opened[1].page.form("/begin")["fields"])
    assert late.status_code == 410
    assert "停用" in late.get_data(as_text=True)
    assert app.test_client().post("/begin", data=form).status_code == 200, "who has begun goes on"
