"""The same deed by two people in the same moment: one does it, the other is told so."""

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import StoredDraw, StoredFrame
from survey_app.surveys import service as surveys
from tests.at_once import at_once
from tests.conftest import KEY, NOW
from tests.factories import make_wave


@pytest.mark.parametrize("again", range(3))
def test_a_sample_is_drawn_once(either_app, again):
    with either_app.app_context():
        number = make_wave().id
        db.session.commit()

    def draw():
        wave = surveys.get_wave(db.session, number)
        framing.build_frame(db.session, wave, by="test", now=NOW)
        drawing.draw_wave(db.session, wave, seed=f"seed {again}", code_key=KEY, by="test", now=NOW)

    assert at_once(either_app, *[draw] * 4) == ["already_drawn"] * 3 + ["done"]
    with either_app.app_context():
        for model in (StoredFrame, StoredDraw):
            assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 1
