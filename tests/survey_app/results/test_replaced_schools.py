"""A wave with a replaced school and a replaced person is mixed and counted like any other."""

import json

import sqlalchemy as sa

from survey_app import simulation
from survey_app.db import db
from survey_app.fieldwork.draws import drawing, replacing
from survey_app.fieldwork.models import DrawnUnit, Invitation
from survey_app.jobs import jobs_of
from survey_app.results import closing
from survey_app.results.jobs import MIX_WAVE
from survey_app.results.models import WaveOutcome
from tests.conftest import KEY, NOW
from tests.factories import make_open_wave

GIVEN = {"remark": "县教育局〔2026〕12号", "code_key": KEY, "by": "clerk", "now": NOW}


def test_answers_of_a_substitute_school_are_mixed_with_those_of_the_others(app):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        left = replacing.reserve_left(replacing.read_draw(db.session, wave))
        units = db.session.scalars(sa.select(DrawnUnit).filter_by(group="parent").order_by(DrawnUnit.id))
        unit = next(one for one in units if left["parent", one.stratum])
        replacing.replace_school(db.session, wave, group="parent", psu=unit.psu, reason="closed", **GIVEN)
        draw = drawing.draw_of(db.session, wave)
        card = next(one for one in drawing.recipients(db.session, draw) if one.group == "teacher")
        replacing.replace_person(
            db.session, wave, batch=card.batch, serial=card.serial, reason="left", **GIVEN
        )
        valid = db.session.scalar(
            sa.select(sa.func.count()).select_from(Invitation).where(Invitation.revoked_at.is_(None))
        )
        answered = sum(1 for _ in simulation.answer_wave(db.session, wave, now=NOW))
        closing.close_wave(db.session, wave, by="test", now=NOW)
        wave_id = wave.id
        db.session.commit()
    jobs_of(app).perform(MIX_WAVE, {"wave_id": wave_id})
    with app.app_context():
        outcome = json.loads(db.session.scalars(sa.select(WaveOutcome)).one().content)
    assert 0 < answered <= valid
    assert outcome["responses"] == answered
