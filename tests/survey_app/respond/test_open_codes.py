"""Codes that many use, from the first look to the thank-you page, and what a crowd does to their caps."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from survey_app import clock
from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.fieldwork.models import Entry, EntryPoint, PointBurst
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.models import QuotaCell, Wave
from tests.conftest import KEY, NOW
from tests.statements import listening
from tests.survey_app.respond.field import Phone, full_answers, open_field

ANSWERS = full_answers("public", "public")


@pytest.fixture
def opened(either_app):
    """A wave in the field with a village's code for two and a poster, on both databases."""
    field = open_field(either_app)
    with either_app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        made = {}
        for kind, cap in (("class", 2), ("poster", None)):
            point = open_entries.make_point(
                db.session,
                wave,
                kind=kind,
                group="public",
                place="上庄村",
                cap=cap,
                cell_cap=3,
                code_key=KEY,
                by="test",
                now=NOW,
            )
            made[kind] = open_entries.code_of(point, KEY)
        db.session.commit()
    return either_app, field, made


def counts(app, counted=EntryPoint):
    """Reserved, spent and surplus over all open entries, or all cells of theirs."""
    with app.app_context():
        columns = (counted.reserved, counted.spent, counted.surplus)
        query = sa.select(*map(sa.func.sum, columns))
        if counted is QuotaCell:
            query = query.where(QuotaCell.way != "drawn")
        return tuple(db.session.execute(query).one())


def at(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_looking_takes_no_place_and_says_who_asks(opened):
    app, _, made = opened
    for _ in range(3):
        page = Phone(app.test_client()).scan(made["class"]).page
    app.test_client().head(f"/c/{made['class'].in_address}")
    assert "上庄村" in page.text
    assert "由督导部门组织" in page.text
    assert counts(app) == counts(app, QuotaCell) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["class", "poster"])
def test_an_answer_says_how_its_person_came_and_is_counted(opened, kind):
    app, field, made = opened
    phone = Phone(app.test_client()).scan(made[kind]).begin()
    assert counts(app) == counts(app, QuotaCell) == (1, 0, 0)
    assert phone.answer_all(ANSWERS).status_code == 303
    assert counts(app) == counts(app, QuotaCell) == (0, 1, 0)
    with app.app_context():
        sealed = db.session.scalars(sa.select(SealedAnswer)).one().sealed
    payload = open_sealed(field.private_key, sealed)
    assert (payload["way"], payload["group"], payload["psu"], payload["surplus"]) == (
        kind, "public", None, False,
    )  # fmt: skip


def test_begin_pressed_twice_is_one_questionnaire(opened):
    app, _, made = opened
    phone = Phone(app.test_client()).scan(made["class"])
    data = phone.page.form("/begin")["fields"]
    forms = [app.test_client().post("/begin", data=data) for _ in range(2)]
    assert [each.status_code for each in forms] == [200, 200]
    assert counts(app) == (1, 0, 0)


def test_who_comes_too_late_is_told_so_before_the_first_question(opened):
    app, _, made = opened
    waiting = Phone(app.test_client()).scan(made["class"])
    for _ in range(2):
        Phone(app.test_client()).scan(made["class"]).begin()
    page = Phone(app.test_client()).scan(made["class"]).page
    assert "名额已满" in page.text
    assert "data-begin" not in page.html
    waiting.begin()
    assert waiting.page.status == 410
    assert waiting.page.h1 == "名额已满"
    assert counts(app) == counts(app, QuotaCell) == (2, 0, 0)


def test_a_place_that_was_not_used_goes_to_the_next_and_the_late_one_is_thanked(opened, monkeypatch):
    app, _, made = opened
    slow = [Phone(app.test_client()).scan(made["class"]).begin() for _ in range(2)]
    at(monkeypatch, NOW + entries.RESERVATION)
    quick = [Phone(app.test_client()).scan(made["class"]).begin() for _ in range(2)]
    assert [each.answer_all(ANSWERS).status_code for each in quick + slow[:1]] == [303] * 3
    assert counts(app) == counts(app, QuotaCell) == (0, 2, 1)
    assert slow[0].answer_all(ANSWERS).status_code == 303, "sent again, thanked again"
    assert counts(app) == (0, 2, 1)


def test_a_code_out_of_use_and_one_of_a_closed_wave_say_so(opened, monkeypatch):
    app, _, made = opened
    before = Phone(app.test_client()).scan(made["class"])
    with app.app_context():
        point = db.session.scalars(sa.select(EntryPoint).where(EntryPoint.kind == "class")).one()
        open_entries.revoke_point(db.session, point.wave, point, by="test", now=NOW)
        db.session.commit()
    gone = app.test_client().get(f"/c/{made['class'].in_address}")
    assert gone.status_code == 410
    assert "这个码已经停用" in gone.text
    assert before.begin().page.h1 == "这个码已经停用"
    at(monkeypatch, NOW + timedelta(days=9))
    over = app.test_client().get(f"/c/{made['poster'].in_address}")
    assert (over.status_code, "已经结束" in over.text) == (410, True)


def test_a_typed_code_of_many_leads_there_as_well(opened):
    app, _, made = opened
    client = app.test_client()
    fields = Phone(client)._read(client.get("/code")).form("/code")["fields"]
    found = client.post("/code", data={**fields, "code": made["class"].typed.lower()})
    assert (found.status_code, found.location.startswith("/start/")) == (303, True)


def test_a_page_that_is_loaded_again_is_there_until_it_was_sent(opened):
    app, _, made = opened
    phone = Phone(app.test_client()).scan(made["class"]).begin()
    address = f"/q/{phone.hidden()['ticket']}"
    again = Phone(app.test_client())
    again.page = again._read(app.test_client().get(address))
    assert again.page.h1 == phone.page.h1
    assert again.answer_all(ANSWERS).status_code == 303
    sent = app.test_client().get(address)
    assert sent.status_code == 409
    assert "已经收到，谢谢" in sent.text


def test_a_crowd_gets_as_many_places_as_there_are_and_leaves_none_behind(opened):
    app, _, made = opened

    def come(_number):
        client = app.test_client()
        start = client.get(client.get(f"/c/{made['poster'].in_address}").location)
        if "data-begin" not in start.text:
            return "told"
        phone = Phone(client)
        phone.page = phone._read(start)
        return phone.begin().page.status

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(come, range(12)))
    assert outcomes.count(200) == 3
    assert set(outcomes) <= {200, 410, "told"}
    assert counts(app) == counts(app, QuotaCell) == (3, 0, 0)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 3


def test_a_look_takes_three_statements_and_an_answer_six(opened):
    app, _, made = opened
    phone = Phone(app.test_client()).scan(made["class"]).begin()
    while "data-last" not in phone.page.html:
        phone.press(ANSWERS)
    with listening(app) as heard:
        address = app.test_client().get(f"/c/{made['class'].in_address}").location
        assert heard.take()[0] <= 3
        app.test_client().get(address)
        assert heard.take()[0] <= 3
        assert phone.press(ANSWERS).status_code == 303
        assert heard.take()[0] <= 6


def test_a_code_on_the_screen_opens_while_it_is_shown_and_says_when_it_is_over(opened, monkeypatch):
    app, field, _ = opened
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        point = open_entries.make_point(
            db.session,
            wave,
            kind="class",
            group="public",
            place="一班",
            cap=9,
            cell_cap=None,
            rotates_every=60,
            code_key=KEY,
            by="test",
            now=NOW,
        )
        shown = open_entries.screen_code(point, KEY, now=NOW)
        db.session.commit()
    client = app.test_client()
    assert client.get(f"/c/{shown.in_address}").location.startswith("/start/")
    for seconds, status, words in ((180, 410, "重新扫屏幕上现在的码"), (9000, 404, "没有这个访问码")):
        at(monkeypatch, NOW + timedelta(seconds=seconds))
        over = client.get(f"/c/{shown.in_address}")
        assert (over.status_code, words in over.text) == (status, True)


@pytest.mark.parametrize("held", [QuotaCell, EntryPoint, PointBurst], ids=lambda model: model.__tablename__)
def test_who_submits_takes_rows_in_the_order_of_who_begins(opened, held):
    app, _field, codes = opened
    rows = [QuotaCell, EntryPoint, PointBurst]
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time")
        Phone(app.test_client()).scan(codes["class"]).begin().answer_all(ANSWERS)
        phone = Phone(app.test_client()).scan(codes["class"]).begin()
        db.session.execute(sa.select(held).with_for_update())
        with ThreadPoolExecutor(1) as elsewhere:
            sent = elsewhere.submit(phone.answer_all, ANSWERS)
            wait([sent], timeout=0.5)
            assert not sent.done()
            free = [model for model in rows if nobody_holds(model)]
            db.session.rollback()
            assert sent.result(30).status_code == 303
    # What comes later is free; what comes before is held by the answer that waits.
    assert free == rows[rows.index(held) + 1 :]


def nobody_holds(model):
    """Whether no row of *model* is changed or held by anybody."""
    with orm.Session(db.engine) as session:
        rows = session.execute(sa.select(model)).all()
        return len(session.execute(sa.select(model).with_for_update(skip_locked=True)).all()) == len(rows)
