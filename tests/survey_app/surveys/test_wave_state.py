"""Where a wave stands, and that statements and Python agree on when it takes answers."""

from datetime import timedelta
from itertools import product

import sqlalchemy as sa

from survey_app.db import Instant, db
from survey_app.surveys.models import Wave, WaveState, takes_answers_at
from tests.conftest import NOW
from tests.factories import make_wave

STEPS = ("drawn_at", "opened_at", "closed_at", "mixed_at", "released_at", "aborted_at")
OPENS, CLOSES = NOW + timedelta(days=1), NOW + timedelta(days=3)
A_WINK = timedelta(microseconds=1)
INSTANTS = (OPENS - A_WINK, OPENS, OPENS + timedelta(days=1), CLOSES, CLOSES + A_WINK)


def test_statements_and_python_agree_on_when_a_wave_takes_answers(either_app):
    asked = [takes_answers_at(sa.literal(instant, Instant)) for instant in INSTANTS]
    taking = 0
    with either_app.app_context():
        wave = make_wave()
        wave.opens_at, wave.closes_at = OPENS, CLOSES
        for happened in product((None, NOW), repeat=len(STEPS)):
            for step, instant in zip(STEPS, happened, strict=True):
                setattr(wave, step, instant)
            db.session.flush()
            said = [bool(each) for each in db.session.execute(sa.select(*asked).select_from(Wave)).one()]
            assert said == [wave.takes_answers(instant) for instant in INSTANTS], happened
            taking += sum(said)
    # Opened and nothing after it, drawn or not, at three of the five instants.
    assert taking == 2 * 3


def test_a_wave_stands_where_its_last_step_brought_it(app):
    with app.app_context():
        wave = make_wave()
        wave.drawn_at = None
        assert wave.state is WaveState.DRAFT
        for step in STEPS:
            setattr(wave, step, NOW)
            assert wave.state.value == step.removesuffix("_at").replace("opened", "open")
