"""Two people who end, release or read a wave in the same moment: one acts, the other is told."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from survey_app import settings_of
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.respond.models import SealedAnswer
from survey_app.results import closing, mixing
from survey_app.results.models import OpenAnswer, Response
from survey_app.results.open_answers import reading
from survey_app.results.releasing import release_wave
from survey_app.surveys.models import Wave, WaveExtension, WaveState
from tests.at_once import at_once
from tests.conftest import NOW
from tests.survey_app.respond.field import Unit, full_answers
from tests.survey_app.results.filled import close, fill, send

PARENTS = (Unit(group="parent", psu="A", cards=12, grade_band="primary", locality="town"),)
OWN: dict[str, Any] = {"by": "first", "now": NOW}
LATER: dict[str, Any] = {"by": "second", "now": NOW + timedelta(minutes=1)}


def the_wave() -> Wave:
    return db.session.scalars(sa.select(Wave)).one()


def count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def said(action: str) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == action))


@pytest.fixture
def answered(either_app):
    """A wave in the field with an answer of every card but one."""
    return either_app, fill(either_app, PARENTS, left_out=1)


def close_(deed=OWN):
    closing.close_wave(db.session, the_wave(), **deed)


def extend(days, deed=OWN):
    later = the_wave().closes_at + timedelta(days=days)
    closing.extend_wave(db.session, the_wave(), closes_at=later, reason="雨雪停课", **deed)


def abort(deed=OWN):
    closing.abort_wave(db.session, the_wave(), reason="泄题", **deed)


def test_a_wave_is_closed_once(answered):
    app, _field = answered
    assert at_once(app, close_, lambda: close_(LATER), look=the_wave) == ["done", "wave_not_closable"]
    with app.app_context():
        assert said("wave.closed") == 1


def test_a_wave_that_ends_gets_no_later_end(answered):
    app, _field = answered
    told = at_once(app, close_, lambda: extend(2, LATER), look=the_wave)
    assert told in (["done", "done"], ["done", "wave_not_extendable"])
    with app.app_context():
        assert the_wave().state is WaveState.CLOSED
        assert count(WaveExtension) == told.count("done") - 1


def test_of_two_later_ends_the_second_follows_the_first(answered):
    app, _field = answered
    with app.app_context():
        ends = [the_wave().closes_at + timedelta(days=days) for days in (2, 3)]

    def extend_to(end):
        closing.extend_wave(db.session, the_wave(), closes_at=end, reason="雨雪停课", **OWN)

    told = at_once(app, *[lambda end=end: extend_to(end) for end in ends], look=the_wave)
    assert told in (["done", "done"], ["done", "extension_refused"])
    with app.app_context():
        rows = db.session.scalars(sa.select(WaveExtension).order_by(WaveExtension.id)).all()
        assert the_wave().closes_at == rows[-1].closes_now == ends[1]
        assert all(before.closes_now == after.closed_before for before, after in pairwise(rows))


def test_a_wave_is_closed_or_called_off_but_not_both(answered):
    app, _field = answered
    told = at_once(app, close_, lambda: abort(LATER), look=the_wave)
    assert told in (["done", "wave_not_abortable"], ["done", "wave_not_closable"])
    with app.app_context():
        aborted = "wave_not_closable" in told
        assert the_wave().state is (WaveState.ABORTED if aborted else WaveState.CLOSED)
        assert count(SealedAnswer) == (0 if aborted else 11)


@pytest.mark.parametrize("end", [close_, abort])
def test_the_last_answer_comes_in_before_the_end_or_not_at_all(answered, end):
    app, field = answered

    def answer():
        send(field, field.cards["parent"][-1], full_answers("public", "parent", level="5"))

    told = at_once(app, end, answer)
    with app.app_context():
        kept = count(SealedAnswer)
    if end is abort:
        assert (kept, told[0]) == (0, "done")
    else:
        assert kept == 10 + told.count("done")


def mix():
    keys = settings_of(current_app).keys
    for _step in mixing.mix_wave(db.session, the_wave().id, keys=keys, now=LATER["now"]):
        db.session.commit()


def test_two_workers_mix_every_answer_once(answered):
    app, field = answered
    close(app, field)
    told = at_once(app, mix, mix)
    assert told in (["done", "done"], ["done", "private_key_missing"], ["done", "wave_not_closed"])
    with app.app_context():
        assert (count(SealedAnswer), the_wave().state) == (0, WaveState.MIXED)
        assert count(Response) == 11
        assert said("wave.mixed") == 1


@pytest.fixture
def mixed(answered):
    """A wave with its figures."""
    app, field = answered
    close(app, field)
    with app.app_context():
        mix()
        db.session.commit()
    return app


def test_a_wave_is_released_once(mixed):
    def release(deed):
        release_wave(db.session, the_wave(), **deed)

    told = at_once(mixed, lambda: release(OWN), lambda: release(LATER), look=the_wave)
    assert told == ["already_released", "done"]
    with mixed.app_context():
        assert said("wave.released") == 1


def test_a_text_that_is_withdrawn_keeps_the_first_reason(mixed):
    with mixed.app_context():
        release_wave(db.session, the_wave(), **OWN)
        db.session.add(
            OpenAnswer(id=b"n" * 16, wave_id=the_wave().id, item="public.comment", group="", text="某某")
        )
        db.session.commit()

    def withdraw(deed):
        text = db.session.scalars(sa.select(OpenAnswer)).one()
        reading.withdraw(db.session, the_wave(), text, reason=f"{deed['by']} 的原因", **deed)

    def look():
        return the_wave(), db.session.scalars(sa.select(OpenAnswer)).all()

    told = at_once(mixed, lambda: withdraw(OWN), lambda: withdraw(LATER), look=look)
    assert told == ["done", "text_withdrawn_before"]
    with mixed.app_context():
        text = db.session.scalars(sa.select(OpenAnswer)).one()
        assert text.withdraw_reason == f"{text.withdrawn_by} 的原因"
        assert said("wave.text_withdrawn") == 1
