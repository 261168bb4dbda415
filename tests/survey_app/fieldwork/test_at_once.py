"""The same deed by two people in the same moment: one does it, the other is told so."""

import threading

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import StoredDraw, StoredFrame
from survey_app.surveys import service as surveys
from tests.conftest import KEY, NOW
from tests.factories import make_wave


def at_once(app, deed, people=4):
    """Let several threads do *deed* at the same moment; what each of them was told."""
    told = []
    ready = threading.Barrier(people)

    def person():
        with app.app_context():
            ready.wait()
            try:
                deed()
                db.session.commit()
                told.append("done")
            except ConflictError as error:
                told.append(error.code)
            finally:
                db.session.rollback()

    threads = [threading.Thread(target=person) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


@pytest.mark.parametrize("again", range(3))
def test_a_sample_is_drawn_once(either_app, again):
    with either_app.app_context():
        number = make_wave().id
        db.session.commit()

    def draw():
        wave = surveys.get_wave(db.session, number)
        framing.build_frame(db.session, wave, by="test", now=NOW)
        drawing.draw_wave(db.session, wave, seed=f"seed {again}", code_key=KEY, by="test", now=NOW)

    assert at_once(either_app, draw) == ["already_drawn"] * 3 + ["done"]
    with either_app.app_context():
        for model in (StoredFrame, StoredDraw):
            assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 1
