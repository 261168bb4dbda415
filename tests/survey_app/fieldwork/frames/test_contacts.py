"""Names and telephone numbers: encrypted, never shown, erased on their day with a record."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from survey_app import audit, clock
from survey_app.db import db
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import contacts
from survey_app.fieldwork.frames.lists import template
from survey_app.fieldwork.frames.lists.shape import CONTACTS
from survey_app.fieldwork.jobs import ERASE_CONTACTS
from survey_app.fieldwork.models import Contact
from survey_app.jobs import jobs_of
from tests.conftest import KEY, NOW
from tests.factories import draw_wave, make_wave
from tests.page import get, post

UNTIL = date(2026, 12, 10)


def rows(wave, n=3):
    blank = contacts.blank_rows(db.session, wave)
    return [
        row | {"person": f"机密{number}", "phone": f"1380000{number:04d}"}
        for number, row in enumerate(blank[:n])
    ]


def take(wave, filled, erase_on=UNTIL):
    return contacts.import_contacts(
        db.session,
        wave,
        template.delimited(CONTACTS, filled),
        "p.csv",
        erase_on=erase_on,
        personal_key=KEY,
        by="clerk",
        now=NOW,
    )


@pytest.fixture
def wave(app):
    with app.app_context():
        yield draw_wave(make_wave(population=60_000))


def test_what_was_sealed_is_opened_with_the_same_key_only():
    blob = contacts.seal(KEY, name="王芳", phone="13800000000")
    assert "王芳".encode() not in blob
    assert contacts.open_sealed(KEY, blob).phone == "13800000000"
    assert "王芳" not in repr(contacts.open_sealed(KEY, blob))
    for key, spoilt in ((bytes(32), blob), (KEY, blob[:-1]), (KEY, b"")):
        with pytest.raises(contacts.UnreadableContactError):
            contacts.open_sealed(key, spoilt)


def test_the_sheet_to_fill_in_names_everybody_who_was_drawn_and_the_reserve(wave):
    draw = drawing.draw_of(db.session, wave)
    reserve = sum(len(one.reserve) for one in drawing.sample_of(draw).draws)
    assert len(contacts.blank_rows(db.session, wave)) == len(drawing.recipients(db.session, draw)) + reserve


def test_contacts_are_kept_encrypted_and_renewed_in_place(wave):
    kept = take(wave, rows(wave))
    assert (kept.added, kept.renewed) == (3, 0)
    found = db.session.scalars(sa.select(Contact).order_by(Contact.id)).all()
    assert [contacts.open_sealed(KEY, one.sealed).name for one in found] == ["机密0", "机密1", "机密2"]
    kept = take(wave, [rows(wave)[1] | {"person": "另一位"}])
    assert (kept.added, kept.renewed) == (0, 1)
    (entry,) = db.session.scalars(
        sa.select(audit.AuditEntry)
        .filter_by(action="contacts.stored")
        .order_by(audit.AuditEntry.number)
        .limit(1)
    )
    assert "机密" not in entry.details
    assert json.loads(entry.details)["added"] == 3


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2027, 6, 1)])
def test_a_day_of_erasure_has_to_be_near(wave, day):
    with pytest.raises(RefusedInputError) as refused:
        take(wave, rows(wave), erase_on=day)
    assert [fault.rule for fault in refused.value.faults] == ["erase_on_range"]


def test_before_the_draw_nobody_needs_to_be_called(app):
    with app.app_context():
        wave = make_wave()
        with pytest.raises(ConflictError, match="not_drawn"):
            contacts.import_contacts(
                db.session, wave, b"", "p.csv", erase_on=UNTIL, personal_key=KEY, by="clerk", now=NOW
            )


def test_contacts_are_erased_after_their_day_and_not_before(either_app, monkeypatch):
    with either_app.app_context():
        wave = draw_wave(make_wave(population=60_000))
        take(wave, rows(wave))
        db.session.commit()
        # The last instant of the day in Beijing, and the first of the next.
        last = clock.day_after(UNTIL) - timedelta(seconds=1)
        assert contacts.erase_due(db.session, last) == 0
        wave_id = wave.id
        db.session.rollback()
        assert jobs_of(either_app).unfinished() == []
        monkeypatch.setattr(clock, "now", lambda: clock.day_after(UNTIL))
        (work,) = jobs_of(either_app).unfinished()
        assert work[0] == ERASE_CONTACTS
    jobs_of(either_app).perform(work[0], work[2])
    with either_app.app_context():
        assert {one.sealed for one in db.session.scalars(sa.select(Contact))} == {None}
        entry = db.session.scalars(sa.select(audit.AuditEntry).filter_by(action="contacts.erased")).one()
        assert json.loads(entry.details) == {"wave": wave_id, "contacts": 3}
        db.session.rollback()
        assert jobs_of(either_app).unfinished() == []


def test_no_page_shows_a_name_or_a_number(app, signed_in, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        wave = draw_wave(make_wave(population=60_000))
        take(wave, rows(wave))
        address = f"/fieldwork/{wave.id}/contacts"
        db.session.commit()
    staff = signed_in()
    for path in (address, f"{address}?lang=en", address.replace("/contacts", "/sample")):
        text = get(staff, path).text
        assert "机密" not in text
        assert "13800000" not in text
    sheet = staff.get(f"{address}/template.csv").get_data(as_text=True)
    assert "机密" not in sheet
    post(staff, f"{address}/erase", to="/contacts")
    with app.app_context():
        assert {one.sealed for one in db.session.scalars(sa.select(Contact))} == {None}
