"""The same deed by two people in the same moment: one does it, the other is told so."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from survey_app import audit, settings_of
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import JunhengError
from survey_app.fieldwork import opening
from survey_app.fieldwork.draws import drawing, replacing
from survey_app.fieldwork.frames import contacts, framing
from survey_app.fieldwork.materials import ledger
from survey_app.fieldwork.models import (
    Batch,
    EntryPoint,
    Handover,
    Invitation,
    Replacement,
    SeedCommitment,
    StoredDraw,
    StoredFrame,
)
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.fieldwork.telephone import giving
from survey_app.results import closing
from survey_app.surveys.models import Wave
from tests.at_once import at_once
from tests.conftest import KEY, NOW
from tests.factories import draw_wave, make_contacts, make_wave
from tests.survey_app.fieldwork.open_entries.test_points import make
from tests.survey_app.fieldwork.test_frames import parents, take

DEED: dict[str, Any] = {"by": "test", "now": NOW}


def the_wave() -> Wave:
    return db.session.scalars(sa.select(Wave)).one()


def count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def said(action: str) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == action))


@pytest.fixture
def planned(either_app):
    """A wave whose frame is not made."""
    with either_app.app_context():
        make_wave()
        db.session.commit()
    return either_app


@pytest.fixture
def drawn(either_app):
    """A wave that is drawn and not opened."""
    with either_app.app_context():
        draw_wave(make_wave())
        db.session.commit()
    return either_app


def look_at_sample():
    """As a page does before it acts: everything that hangs on the draw."""
    models = (Wave, StoredFrame, StoredDraw, Replacement, Invitation, Batch, Handover, EntryPoint)
    return [db.session.scalars(sa.select(model)).all() for model in models]


@pytest.mark.parametrize("again", range(3))
def test_a_sample_is_drawn_once(planned, again):
    def draw():
        wave = the_wave()
        framing.build_frame(db.session, wave, **DEED)
        drawing.draw_wave(db.session, wave, seed=f"seed {again}", code_key=KEY, **DEED)

    assert at_once(planned, *[draw] * 4) == ["already_drawn"] * 3 + ["done"]
    with planned.app_context():
        assert [count(model) for model in (StoredFrame, StoredDraw)] == [1, 1]


def test_one_seed_is_committed_to(planned):
    def commit(seed):
        drawing.commit_seed(db.session, the_wave(), seed=seed, **DEED)

    told = at_once(planned, lambda: commit("a"), lambda: commit("b"), look=look_at_sample)
    assert told == ["already_committed", "done"]
    with planned.app_context():
        assert count(SeedCommitment) == 1


def test_a_frame_is_confirmed_once(planned):
    with planned.app_context():
        take(the_wave(), parents(S001=295))
        db.session.commit()

    def confirm(remark):
        framing.confirm_frame(db.session, the_wave(), remark=remark, **DEED)

    told = at_once(planned, lambda: confirm("甲"), lambda: confirm("乙"), look=look_at_sample)
    assert told == ["done", "nothing_to_confirm"]
    with planned.app_context():
        assert said("frame.confirmed") == 1


def test_lists_that_come_in_together_become_two_versions(planned):
    told = at_once(
        planned,
        lambda: take(the_wave(), parents(S001=295)),
        lambda: take(the_wave(), parents(S001=296)),
        look=look_at_sample,
    )
    assert told == ["done", "done"]
    with planned.app_context():
        assert [each.number for each in framing.frames_of(db.session, the_wave())] == [2, 1]


def test_a_wave_is_opened_once(drawn):
    keys = settings_of(drawn).keys

    def open_():
        opening.open_wave(db.session, the_wave(), keys=keys, **DEED)

    assert at_once(drawn, open_, open_, look=look_at_sample) == ["already_open", "done"]
    with drawn.app_context():
        assert said("wave.opened") == 1


def test_a_school_is_replaced_once(drawn):
    with drawn.app_context():
        found = replacing.read_draw(db.session, the_wave())
        left = replacing.reserve_left(found)
        psu = next(
            unit.id
            for stratum in found.group("parent").strata
            for unit in stratum.drawn
            if left["parent", stratum.name]
        )

    def replace(remark):
        replacing.replace_school(
            db.session,
            the_wave(),
            group="parent",
            psu=psu,
            reason="closed",
            remark=remark,
            code_key=KEY,
            **DEED,
        )

    told = at_once(drawn, lambda: replace("甲"), lambda: replace("乙"), look=look_at_sample)
    assert told == ["done", "not_found"]
    with drawn.app_context():
        assert count(Replacement) == said("sample.replaced") == 1


def test_two_people_of_one_list_get_two_of_the_reserve(drawn):
    with drawn.app_context():
        found = drawing.recipients(db.session, drawing.draw_of(db.session, the_wave()))
        of_school = next(each for each in found if each.group == "teacher")
        cards = [
            (each.batch, each.serial)
            for each in found
            if (each.group, each.unit) == ("teacher", of_school.unit)
        ][:2]

    def replace(card):
        batch, serial = card
        replacing.replace_person(
            db.session,
            the_wave(),
            batch=batch,
            serial=serial,
            reason="left",
            remark="调离",
            code_key=KEY,
            **DEED,
        )

    told = at_once(drawn, *[lambda card=card: replace(card) for card in cards], look=look_at_sample)
    assert told == ["done"] * len(cards)
    told = at_once(drawn, *[lambda: replace(cards[0])] * 2, look=look_at_sample)
    assert told == ["not_found"] * 2
    with drawn.app_context():
        put_in = db.session.scalars(sa.select(Replacement.replaced_by)).all()
        assert len(put_in) == len(set(put_in)) == len(cards)


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        (("handed", "handed"), ["batch_not_handed", "done"]),
        (("lost", "lost"), ["batch_not_lost", "done"]),
        (("lost", "found"), ["batch_not_found", "done"]),
    ],
)
def test_a_batch_goes_one_way(drawn, deeds, told):
    with drawn.app_context():
        number = db.session.scalars(sa.select(Batch.id).order_by(Batch.position)).first()

    def write(deed, receiver):
        ledger.record(db.session, the_wave(), number, deed, code_key=KEY, receiver=receiver, **DEED)

    found = at_once(
        drawn,
        *[lambda deed=deed, who=who: write(deed, who) for deed, who in zip(deeds, "甲乙", strict=True)],
        look=look_at_sample,
    )
    assert found in (told, ["done", "done"] if deeds == ("lost", "found") else told)
    with drawn.app_context():
        lines = db.session.scalars(sa.select(Handover).order_by(Handover.id)).all()
        assert len(lines) == found.count("done")
        ledger.standing(db.session, the_wave(), number)


def test_a_lost_batch_gets_new_codes_once(drawn):
    with drawn.app_context():
        number = db.session.scalars(sa.select(Batch.id).order_by(Batch.position)).first()
        ledger.record(db.session, the_wave(), number, "lost", code_key=KEY, **DEED)
        db.session.commit()

    def replace():
        later = DEED | {"now": NOW + timedelta(minutes=1)}
        ledger.record(db.session, the_wave(), number, "replaced", code_key=KEY, **later)

    assert at_once(drawn, replace, replace, look=look_at_sample) == ["batch_not_replaced", "done"]
    with drawn.app_context():
        of_batch = sa.select(Invitation.generation).where(Invitation.batch_id == number)
        assert set(db.session.scalars(of_batch)) == {2}


def test_a_code_for_many_is_taken_out_of_use_once(drawn):
    with drawn.app_context():
        make(the_wave())
        db.session.commit()

    def revoke():
        point = db.session.scalars(sa.select(EntryPoint)).one()
        open_entries.revoke_point(db.session, the_wave(), point, **DEED)

    assert at_once(drawn, revoke, revoke, look=look_at_sample) == ["done", "entry_revoked_before"]


def test_two_classes_of_one_school_share_its_cap(drawn):
    def add(place):
        make(the_wave(), place=place)

    assert at_once(drawn, lambda: add("一班"), lambda: add("二班"), look=look_at_sample) == ["done", "done"]
    with drawn.app_context():
        points = db.session.scalars(sa.select(EntryPoint).order_by(EntryPoint.number)).all()
        assert [each.number for each in points] == [1, 2]
        assert len({each.quota_cell_id for each in points}) == 1


@pytest.fixture
def meanwhile(drawn):
    """Lets somebody do a deed while another's is not committed; what they were told, or what it gave."""
    with drawn.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time")

    def do(first, second):
        def elsewhere():
            with drawn.app_context():
                try:
                    given = second()
                    db.session.commit()
                except JunhengError as refused:
                    return refused.code
                return given

        with drawn.app_context(), ThreadPoolExecutor(1) as others:
            first()
            done = others.submit(elsewhere)
            # Long enough to find what it needs held by the first.
            wait([done], timeout=0.3)
            db.session.commit()
            return done.result(30)

    return do


def test_codes_for_many_stay_as_they_are_in_a_wave_that_is_being_closed(drawn, meanwhile):
    with drawn.app_context():
        opening.open_wave(db.session, the_wave(), keys=settings_of(drawn).keys, **DEED)
        make(the_wave())
        db.session.commit()

    def replace():
        point = db.session.scalars(sa.select(EntryPoint)).one()
        open_entries.replace_point(db.session, the_wave(), point, code_key=KEY, **DEED)

    def widen():
        cell = db.session.scalars(sa.select(EntryPoint)).one().quota_cell
        open_entries.change_cap(db.session, the_wave(), cell, cap=50, **DEED)

    def close():
        closing.close_wave(db.session, the_wave(), **DEED)

    assert meanwhile(close, replace) == "entry_too_late"
    with drawn.app_context():
        the_wave().closed_at = None
        db.session.commit()
    assert meanwhile(close, widen) == "entry_too_late"


def test_nobody_is_called_who_is_being_given_up(drawn, meanwhile):
    with drawn.app_context():
        opening.open_wave(db.session, the_wave(), keys=settings_of(drawn).keys, **DEED)
        make_contacts(the_wave(), "teacher", people=3)
        found = drawing.recipients(db.session, drawing.draw_of(db.session, the_wave()))
        card = next(each for each in found if each.group == "teacher")
        db.session.commit()

    def give_up():
        replacing.replace_person(
            db.session,
            the_wave(),
            batch=card.batch,
            serial=card.serial,
            reason="left",
            remark="调离",
            code_key=KEY,
            **DEED,
        )

    def make_cases():
        return giving.make_cases(db.session, the_wave(), groups=["teacher"], starts=None, **DEED)

    assert meanwhile(give_up, make_cases) == 2


def test_whoever_erases_contacts_by_hand_does_not_wait_in_a_circle_with_the_daily_job(drawn, monkeypatch):
    with drawn.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time")
        waves = [the_wave(), draw_wave(make_wave(county_file=the_wave().county_file))]
        for wave in waves:
            for contact in make_contacts(wave):
                contact.erase_on = (NOW - timedelta(days=9)).date()
        second = waves[1].id
        db.session.commit()

    def by_hand():
        with drawn.app_context():
            erased = contacts.erase(db.session, db.session.get_one(Wave, second), **DEED)
            db.session.commit()
            return erased

    record, begun = audit.record, []
    with drawn.app_context(), ThreadPoolExecutor(1) as elsewhere:

        def record_and_let_begin(session, action, **given):
            row = record(session, action, **given)
            if not begun:
                begun.append(elsewhere.submit(by_hand))
                wait(begun, timeout=0.3)
            return row

        monkeypatch.setattr(contacts.audit, "record", record_and_let_begin)
        assert contacts.erase_due(db.session, NOW) == 2
        db.session.commit()
        assert begun[0].result(30) == 0
