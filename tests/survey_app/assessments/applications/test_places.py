"""Where applications lie: read for a whole list in a fixed number of statements."""

import json
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from survey_app.assessments.applications import places
from survey_app.assessments.applications.models import LEVELS, Application, ApplicationStep
from survey_app.assessments.models import EvaluationRun
from survey_app.db import db
from survey_app.security import Held
from tests.conftest import NOW
from tests.factories import make_county_file, sign_in
from tests.page import get
from tests.survey_app.api.place import call, token_for
from tests.survey_app.assessments.judged import judge


def applied(year: int, steps: int = 0, *, run: Any = None, **given: Any) -> Application:
    """An application that so many levels have signed."""
    application = Application(
        county_code="140522",
        year=year,
        number=1,
        scheme_id="shanxi-2022",
        opened_at=NOW,
        opened_by="county",
        **given,
    )
    application.steps = [
        ApplicationStep(
            number=number,
            level=level,
            action="signed",
            run_id=run.id,
            seal="0" * 64,
            made_at=NOW,
            made_by="test",
            made_by_name="test",
        )
        for number, level in enumerate(LEVELS[:steps], start=1)
    ]
    db.session.add(application)
    return application


@pytest.fixture
def made(app):
    """A run that the nation can have signed."""
    with app.app_context():
        run = judge(make_county_file())
        assert run.verdict == "not_met"
        yield run


@contextmanager
def statements(engine, told: list[str]):
    """Note every statement that is sent meanwhile."""

    def note(_connection, _cursor, statement, *_rest):
        told.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_the_state_of_many_is_the_state_of_each(made):
    db.session.execute(sa.text("UPDATE evaluation_run SET verdict = 'met'"))
    db.session.refresh(made)
    found = [
        applied(2021),
        applied(2022, 2, run=made),
        applied(2023, 3, run=made, withdrawn_at=NOW),
        applied(2024, 4, run=made),
    ]
    db.session.flush()
    expected = ["under_way", "under_way", "withdrawn", "recognised"]
    states = places.states_of(db.session, found)
    assert [states[each.id] for each in found] == expected
    assert [places.state_of(db.session, each) for each in found] == expected
    assert places.states_of(db.session, []) == {}


def test_a_recognition_that_the_nation_refused_is_none(made):
    application = applied(2024, 4, run=made)
    db.session.flush()
    assert places.state_of(db.session, application) == "not_recognised"


def test_what_waits_for_the_reader_comes_first_and_the_longest_waiting_on_top(made):
    later, own, elsewhere, withdrawn, longest = (
        applied(2021),
        applied(2022, 1, run=made),
        applied(2023),
        applied(2024, 1, run=made, withdrawn_at=NOW),
        applied(2025, 1, run=made),
    )
    longest.steps[0].made_at = NOW - timedelta(days=9)
    db.session.flush()
    city = [Held("city", "140500")]
    listed = [later, own, elsewhere, withdrawn, longest]
    assert places.in_turn(listed, city) == [longest, own, later, elsewhere, withdrawn]
    assert [places.is_turn_of(city, each) for each in listed] == [False, True, False, False, True]


def test_a_list_costs_the_same_for_one_application_and_for_twelve(app):
    secret, client = token_for(app), sign_in(app, "county", "140522")
    # The first use of a token in a day is noted.
    call(app, "/applications", secret)
    counts: dict[int, tuple[int, int]] = {}
    with app.app_context():
        judge(make_county_file())
    for first, end in ((2012, 2013), (2013, 2024)):
        with app.app_context():
            run = db.session.query(EvaluationRun).one()
            for year in range(first, end):
                applied(year, 4, run=run)
            db.session.commit()
            engine = db.engine
        page, answer = [], []
        with statements(engine, page):
            shown = get(client, "/applications/")
        with statements(engine, answer):
            rows = json.loads(call(app, "/applications", secret).data)["items"]
        assert len(rows) == end - 2012
        assert shown.text.count("2013 年") == (end > 2013)
        assert not [each for each in page + answer if "evaluation_run.input" in each]
        counts[end] = (len(page), len(answer))
    assert counts[2024] == counts[2013]
