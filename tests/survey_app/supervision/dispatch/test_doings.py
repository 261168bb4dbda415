"""What a period's report takes up: all that was done in it, nothing before or after, and all can be said."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from survey_app.assessments.applications.models import Application, ApplicationStep, Override
from survey_app.assessments.judgement.models import Correction, FieldVisit
from survey_app.assessments.models import EvaluationRun
from survey_app.clock import BEIJING, day_of
from survey_app.db import db
from survey_app.supervision.dispatch import words
from survey_app.supervision.dispatch.doings import doings, task_work, unanswered, verdicts_before
from survey_app.supervision.dispatch.nexts import next_steps
from survey_app.supervision.dispatch.periods import Period, offered, quarter_of
from survey_app.supervision.ledger.models import Task, TaskEvent
from survey_app.supervision.listing import service as listing
from survey_app.supervision.schedule import service as schedule
from tests.conftest import NOW
from tests.factories import make_wave
from tests.province import make_province, places

#: Long after everything that the simulated province did.
PERIOD = Period(2031, 2)

COUNTY = next(each.code for each in places() if each.state == "review")
OTHER = next(each.code for each in places() if each.state == "run")

#: The seal of a step that nobody checks here.
SEAL = "0" * 64


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31)))
def test_quarters_and_years_cover_time_without_gap(day):
    noon = datetime.combine(day, time(12), BEIJING)
    for period in (quarter_of(day), Period(day.year)):
        assert period.begins <= noon < period.ends
        assert period.ends == period.after.begins
        assert period.after.before == period


def test_the_first_period_offered_is_the_present_quarter():
    found = offered(date(2027, 2, 3))
    assert found[:3] == [Period(2027, 1), Period(2026, 4), Period(2026, 3)]
    assert found[-2:] == [Period(2027), Period(2026)]


@pytest.fixture
def province(either_app):
    with either_app.app_context():
        make_province(only=[COUNTY, OTHER])
        db.session.commit()
        yield


def newest_run() -> EvaluationRun:
    """The county's last run."""
    own = sa.select(EvaluationRun).where(EvaluationRun.county_code == COUNTY)
    return db.session.scalars(own.order_by(EvaluationRun.number.desc()).limit(1)).one()


def another_run(run: EvaluationRun, **change: Any) -> EvaluationRun:
    """A run like *run*, outside its application."""
    own = {each.name: getattr(run, each.name) for each in EvaluationRun.__table__.columns}
    return EvaluationRun(**own | {"id": None, "application_id": None} | change)


def act(moment: datetime) -> None:
    """Let everything happen in one county that a report can tell of."""
    application = db.session.scalars(sa.select(Application).where(Application.county_code == COUNTY)).one()
    run = newest_run()
    own = {"application_id": application.id, "level": "review"}
    by = {"made_at": moment, "made_by": "t"}
    db.session.add(another_run(run, number=90, made_at=moment))
    for number, action in ((90, "signed"), (91, "returned")):
        reason = "缺少佐证" if action == "returned" else ""
        step = {"number": number, "action": action, "reason": reason, "run_id": run.id}
        db.session.add(ApplicationStep(**own, **step, seal=SEAL, made_by_name="某人", **by))
    db.session.add(
        Override(
            **own,
            run_id=run.id,
            finding="G1",
            computed_outcome="not_met",
            computed_value="null",
            outcome="met",
            reason="规划已批",
            proposed_at=moment,
            proposed_by="a",
            decided_at=moment,
            decided_by="b",
            accepted=True,
        )
    )
    told = {"place": "城关镇", "group": "parent", "interviewed": 20, "satisfied": 19}
    db.session.add(FieldVisit(**own, visited_on=moment.date(), **told, **by))
    asked = {"number": 1, "run_id": run.id, "text": "请核对", "due_on": day_of(moment) + timedelta(days=10)}
    db.session.add(Correction(**own, **asked, answered_at=moment, answered_by="c", **by))
    another = Application(
        county_code=COUNTY,
        year=2031,
        number=1,
        scheme_id=run.scheme_id,
        opened_at=moment,
        opened_by="t",
        withdrawn_at=moment,
        withdrawn_by="t",
        withdraw_reason="来年再报",
    )
    db.session.add(another)
    if listing.standing(db.session, COUNTY) is None:
        listing.put_under(db.session, COUNTY, reason="进展慢", facts={}, by="t", now=moment)
    listing.lift(db.session, COUNTY, reason="已赶上", by="t", now=moment)
    listing.put_under(db.session, COUNTY, reason="又慢了", facts={}, by="t", now=moment)
    schedule.record_recognition(
        db.session, COUNTY, on=day_of(moment), document="国教督〔2031〕1号", by="t", now=moment
    )
    file = run.county_file
    wave = make_wave(county_file=file)
    wave.opened_at = wave.released_at = moment
    task = Task(
        county_code=COUNTY,
        number=90,
        origin="manual",
        run_id=run.id,
        scheme_id=run.scheme_id,
        finding="",
        title="补足专用教室",
        measure="",
        department="教育局",
        deadline=day_of(moment),
        **by,
    )
    task.events = [
        TaskEvent(kind=kind, text="", percent=None, **by)
        for kind in ("begun", "handed_in", "rejected", "handed_in", "accepted")
    ]
    db.session.add(task)
    db.session.flush()


@pytest.mark.parametrize("moment", [PERIOD.begins, PERIOD.ends - timedelta(microseconds=1)])
def test_all_that_is_done_in_a_period_is_told_and_can_be_said(province, moment):
    assert doings(db.session, [COUNTY, OTHER], PERIOD) == {}
    act(moment)
    found = doings(db.session, [COUNTY, OTHER], PERIOD)
    assert set(found) == {COUNTY}
    assert {each.kind for each in found[COUNTY]} == set(words.DOINGS)
    assert {each.on for each in found[COUNTY]} == {day_of(moment)}
    for each in found[COUNTY]:
        said = words.doing_said({"kind": each.kind, "facts": each.facts})
        assert "{" not in said
    assert "市级复核退回：缺少佐证" in [
        words.doing_said({"kind": each.kind, "facts": each.facts}) for each in found[COUNTY]
    ]
    work = task_work(db.session, [COUNTY, OTHER], PERIOD)
    assert (work[COUNTY].made, work[COUNTY].handed_in, work[COUNTY].accepted, work[COUNTY].rejected) == (
        1,
        2,
        1,
        1,
    )
    for period in (PERIOD.before, PERIOD.after):
        assert doings(db.session, [COUNTY, OTHER], period) == {}
        assert task_work(db.session, [COUNTY, OTHER], period) == {}


def test_an_unanswered_correction_counts_from_the_day_after_its_deadline(province):
    application = db.session.scalars(sa.select(Application).where(Application.county_code == COUNTY)).one()
    run = db.session.scalars(sa.select(EvaluationRun.id).where(EvaluationRun.county_code == COUNTY)).first()
    db.session.add(
        Correction(
            application_id=application.id,
            number=1,
            level="review",
            run_id=run,
            text="请核对",
            due_on=date(2026, 12, 1),
            made_at=NOW,
            made_by="t",
        )
    )
    db.session.flush()
    assert unanswered(db.session, [COUNTY, OTHER], today=date(2026, 12, 1)) == {}
    assert unanswered(db.session, [COUNTY, OTHER], today=date(2026, 12, 2)) == {COUNTY: 1}


def test_the_verdict_before_is_the_last_one_before_the_instant(province):
    last = newest_run()
    for number, verdict in enumerate(("met", "not_met", "undetermined")):
        again = {"number": 90 + number, "verdict": verdict, "made_at": PERIOD.begins + timedelta(days=number)}
        db.session.add(another_run(last, **again))
    db.session.flush()
    before = verdicts_before(db.session, [COUNTY], PERIOD.begins)
    assert before == {COUNTY: last.verdict}
    for days, verdict in ((1, "met"), (2, "not_met"), (3, "undetermined")):
        moment = PERIOD.begins + timedelta(days=days) - timedelta(microseconds=1)
        assert verdicts_before(db.session, [COUNTY], moment) == {COUNTY: verdict}


#: A county for which there is nothing to do.
CALM = {
    "recognised_on": None,
    "unanswered": 0,
    "run": {
        "verdict": "met",
        "missed": 0,
        "schools_failing": 0,
        "undetermined": 0,
        "schools_unknown": 0,
        "recognition": {"rate": "9/10"},
    },
    "tasks": {"open": 0, "overdue": 0},
    "pace": {"level": "review", "level_since": "2026-09-01"},
}


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({}, ["decide"]),
        ({"recognised_on": "2026-01-01", "unanswered": 3}, []),
        ({"unanswered": 2}, ["answer", "decide"]),
        ({"run": None, "pace": {"level": None, "level_since": None}}, ["first_run"]),
        ({"pace": {"level": None, "level_since": None}}, ["apply"]),
        ({"pace": None}, []),
        ({"run": CALM["run"] | {"verdict": "undetermined", "undetermined": 1}}, ["fill_in", "decide"]),
        ({"run": CALM["run"] | {"verdict": "not_met", "missed": 2}}, ["make_good", "plan", "decide"]),
        (
            {
                "run": CALM["run"] | {"verdict": "not_met", "schools_failing": 2},
                "tasks": {"open": 3, "overdue": 1},
            },
            ["make_good", "overdue", "decide"],
        ),
        ({"run": CALM["run"] | {"recognition": {"rate": None}}}, ["survey", "decide"]),
        ({"run": CALM["run"] | {"recognition": None}}, ["decide"]),
    ],
)
def test_what_is_next_follows_from_the_facts(change, keys):
    steps = next_steps(CALM | change)
    assert [each["key"] for each in steps] == keys
    assert all("{" not in words.next_said(each) for each in steps)
