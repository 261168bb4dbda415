"""Where counties stand: what their runs say, however many there are, in the same number of statements."""

import json
from fractions import Fraction

import pytest
import sqlalchemy as sa

from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.assessments.run_summary import summary_of
from survey_app.clock import day_of
from survey_app.db import db
from survey_app.supervision.ledger.counts import OpenTasks, open_counts
from survey_app.supervision.ledger.states import ENDED, overdue, state_of
from survey_app.supervision.ledger.tasks import tasks_within
from survey_app.supervision.province import standings as module
from survey_app.supervision.province.standings import standings
from tests.conftest import NOW
from tests.province import BEFORE, DIVISIONS, SCHEME, YEAR, make_province, places

TODAY = day_of(NOW)

#: Two counties of each state, and the six of 晋城市.
CODES = sorted(
    {
        each.code
        for state in {place.state for place in places()}
        for each in [place for place in places() if place.state == state][:2]
    }
    | {each.code for each in DIVISIONS if each.city == "晋城市"}
)


@pytest.fixture
def province(app):
    with app.app_context():
        make_province(only=CODES)
        db.session.commit()
        yield CODES


@pytest.fixture
def either_province(either_app):
    with either_app.app_context():
        make_province(only=CODES)
        db.session.commit()
        yield CODES


def count(function):
    """The statements that *function* sends, and what it gives."""
    sent = []

    def note(*given):
        sent.append(given[2])

    db.session.rollback()
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        return function(), len([each for each in sent if not each.startswith("BEGIN")])
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_as_many_statements_for_all_counties_as_for_one(either_province):
    evaluated = next(each.code for each in places() if each.code in either_province and each.state == "run")
    _one, few = count(lambda: standings(db.session, [evaluated], today=TODAY))
    every, many = count(lambda: standings(db.session, either_province, today=TODAY))
    assert [each.code for each in every] == either_province
    assert many == few <= 9


def test_a_standing_says_what_the_newest_run_says(either_province):
    for each in standings(db.session, either_province, today=TODAY):
        runs = db.session.scalars(
            sa.select(EvaluationRun)
            .where(EvaluationRun.county_code == each.code)
            .order_by(EvaluationRun.number.desc())
        ).all()
        if not runs:
            assert (each.run_id, each.verdict, each.coefficients, each.before) == (None, None, (), None)
            continue
        document = json.loads(runs[0].result)
        assert (each.run_id, each.run_year, each.level) == (runs[0].id, YEAR, runs[0].level)
        assert (each.verdict, each.sections) == (runs[0].verdict, document["sections"])
        by_stage = {
            (key, stage): Fraction(str(value))
            for stage, values in document["difference"].items()
            for key, value in values.items()
            if value is not None
        }
        assert {(one.key, one.stage): one.value for one in each.coefficients} == by_stage
        assert each.worst.ratio == max(one.ratio for one in each.coefficients)
        (rate,) = [one for one in document["findings"] if one["id"] == "recognition.rate"]
        assert each.recognition.rate == Fraction(rate["inputs"]["satisfied"], rate["inputs"]["valid"])
        assert each.recognition.limit == Fraction(17, 20)
        assert each.before.year == BEFORE
        assert (each.verdict == "met") == (
            not any((each.missed, each.undetermined, each.schools_failing, each.schools_unknown))
        )


def test_runs_from_before_summaries_were_kept_say_the_same_without_interval(province):
    kept = standings(db.session, province, today=TODAY)
    db.session.execute(sa.delete(RunSummary))
    found = standings(db.session, province, today=TODAY)
    for old, new in zip(found, kept, strict=True):
        assert (old.verdict, old.coefficients, old.missed, old.schools) == (
            new.verdict,
            new.coefficients,
            new.missed,
            new.schools,
        )
        if new.recognition:
            assert (old.recognition.rate, old.recognition.low) == (new.recognition.rate, None)
    # They are read whole once: then their documents are left alone.
    _again, statements = count(lambda: standings(db.session, province, today=TODAY))
    texts = [each for each in module._OLD.values() if json.loads(each)["verdict"]]
    assert len(texts) >= 8
    assert statements <= 11


def test_another_year_or_scheme_is_looked_at_when_it_is_asked_for(province):
    asked = standings(db.session, province, today=TODAY, scheme_id=SCHEME)
    assert asked == standings(db.session, province, today=TODAY)
    assert {each.run_id for each in standings(db.session, province, today=TODAY, scheme_id="hunan-2023")} == {
        None
    }


def test_a_later_run_of_an_older_year_is_not_the_newest(province):
    (each,) = standings(db.session, ["140522"], today=TODAY)
    old = db.session.get(EvaluationRun, each.before.run_id)
    taken = {
        column.key: getattr(old, column.key)
        for column in sa.inspect(EvaluationRun).column_attrs
        if column.key not in {"id", "number"}
    }
    last = EvaluationRun(**taken, number=99)
    db.session.add(last)
    db.session.flush()
    summary = summary_of(json.loads(last.result))
    db.session.add(RunSummary(run_id=last.id, made_at=NOW, content=json.dumps(summary)))
    (now,) = standings(db.session, ["140522"], today=TODAY)
    assert (now.run_id, now.before.run_id) == (each.run_id, last.id)


def test_tasks_are_counted_as_the_ledger_counts_them(either_province):
    counted = open_counts(db.session, either_province, today=TODAY)
    tasks = tasks_within(db.session, ["14"])
    for code in either_province:
        still = [task for task in tasks if task.county_code == code and state_of(task.events) not in ENDED]
        late = [task for task in still if overdue(task, TODAY)]
        assert counted.get(code, OpenTasks()) == OpenTasks(open=len(still), overdue=len(late))
    assert any(each.overdue for each in counted.values())


def test_the_recognised_and_their_years_come_from_the_schedule(province):
    found = {each.code: each for each in standings(db.session, province, today=TODAY)}
    assert (found["140524"].due, found["140525"].due) == (2029, None)
    signed = [place.code for place in places() if place.code in province and place.state == "recognition"]
    assert [each.code for each in found.values() if each.recognised] == [
        code for code in sorted(signed) if found[code].verdict == "met"
    ]
