"""Waves whose answers are in the inbox, put there as the phone pages do."""

import random
from datetime import timedelta

from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.respond import service
from survey_app.respond.ticket import Landing
from survey_app.results.closing import close_wave
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from tests.conftest import KEY, NOW
from tests.survey_app.respond.field import Field, Unit, full_answers, open_field

#: A county of two strata of schools and lists of teachers and residents.
COUNTY = (
    *(
        Unit(group="parent", psu=f"T{n}", stratum="town", cards=12, grade_band="primary", locality="town")
        for n in range(3)
    ),
    *(
        Unit(group="parent", psu=f"R{n}", stratum="rural", cards=6, grade_band="primary", locality="rural")
        for n in range(4)
    ),
    *(
        Unit(group="student", psu=f"T{n}", stratum="town", cards=10, grade_band="primary", locality="town")
        for n in range(2)
    ),
    Unit(group="teacher", cards=20, size=800),
    Unit(group="principal", cards=4, size=12),
    Unit(group="public", cards=20, size=5000),
)


def fill(app, units=COUNTY, *, share: float = 0.8, left_out: int = 0, **options) -> Field:
    """Open a wave and send an answer with every card but the last *left_out* of each group."""
    field = open_field(app, units, **options)
    rng = random.Random(7)
    with app.app_context():
        forms = service.Forms()
        for group, cards in field.cards.items():
            for code in cards[: len(cards) - left_out or None]:
                level = "5" if rng.random() < share else "2"
                send(field, code, full_answers(form_for_group(group), group, level=level), forms=forms)
        db.session.commit()
    return field


def send(field: Field, code, answers, *, forms=None, language: str = "zh_CN") -> None:
    """Send *answers* with one card."""
    forms = forms or service.Forms()
    invitation = entries.find_invitation(db.session, KEY, code.in_address)
    landing = Landing(invitation_id=invitation.id, wave_id=field.wave_id, group=invitation.quota_cell.group)
    ticket = service.begin(db.session, landing, forms, language=language, now=NOW)
    done = service.submit(db.session, ticket, answers, forms, now=NOW + timedelta(minutes=4))
    assert done.outcome == "stored", done


def close(app, field: Field) -> None:
    """Close the wave."""
    with app.app_context():
        close_wave(db.session, surveys.get_wave(db.session, field.wave_id), by="test", now=NOW)
        db.session.commit()
