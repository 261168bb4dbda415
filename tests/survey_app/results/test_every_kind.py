"""A questionnaire with every kind of item, from the phone to the archive."""

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.db import db
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.results.archiving import archive_waves
from survey_app.surveys.authoring.publishing import version_for
from survey_app.surveys.models import WaveForm
from tests.conftest import NOW
from tests.survey_app.respond.field import Phone, Unit, full_answers, open_field
from tests.survey_app.results.filled import send
from tests.survey_app.results.test_archiving import released
from tests.survey_app.surveys.forms import EVERY_KIND

ANSWERS = {
    "activities": "sport art",
    "minutes": "31.5",
    "far": "bus",
    "rooms.library": "2",
    "rooms.computers": "5",
    "rooms.closed": "1",
    "when_open.hall": "day",
    "fair": "2",
    "overall": "4",
    "low_rooms": "太吵",
}

UNITS = (
    *(
        Unit(group="student", psu=f"T{n}", stratum="town", cards=10, grade_band="primary", locality="town")
        for n in range(3)
    ),
    Unit(group="public", cards=10, size=5000),
)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def field(app):
    field = open_field(app, UNITS)
    with app.app_context():
        used = db.session.get_one(WaveForm, (field.wave_id, "student"))
        used.version_id = version_for(db.session, EVERY_KIND, NOW).id
        db.session.commit()
    return field


def test_every_kind_is_answered_on_a_phone_without_scripts(app, client, field):
    phone = Phone(client).scan(field.card("student")).begin()
    assert "可选多项，最多 2 项" in phone.page.text
    sent = ANSWERS | {"activities": ["art", "sport"], "minutes": "３１.50"}
    first = {key: value for key, value in sent.items() if key not in {"far", "low_rooms"}}
    assert phone.press(first).status_code == 200
    done = phone.press(sent)
    while done.status_code == 200:
        done = phone.press(sent)
    assert (done.status_code, done.location.partition("?")[0]) == (303, "/thanks")
    with app.app_context():
        sealed = db.session.scalars(sa.select(SealedAnswer)).one()
        assert open_sealed(field.private_key, sealed.sealed)["answers"] == ANSWERS


def test_rows_of_a_matrix_are_counted_and_archived_and_other_kinds_left_out(app, field):
    with app.app_context():
        for card in field.cards["student"]:
            send(field, card, ANSWERS)
        for card in field.cards["public"]:
            send(field, card, full_answers("public", "public"))
        db.session.commit()
    released(app, field)
    with app.app_context():
        archive = archive_waves(db.session)
    assert {"rooms__library", "rooms__computers", "rooms__closed", "fair"} <= set(archive.items)
    row = next(row for row in archive.answers if row["group"] == "student")
    assert not {"activities", "minutes", "far", "low_rooms", "when_open__hall"} & set(row)
    assert (row["rooms__library"], row["rooms__closed"], row["fair"]) == (2, 5, 4)
