"""A period that is over stands as it ended: by what was known then, whatever happened since."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from evaluation import load_schedule
from survey_app.assessments.applications.models import Application, ApplicationStep
from survey_app.assessments.judgement.models import Correction, FieldVisit
from survey_app.assessments.models import EvaluationRun
from survey_app.clock import day_of
from survey_app.db import db
from survey_app.supervision.dispatch import service
from survey_app.supervision.dispatch.content import quarter_content, year_content
from survey_app.supervision.dispatch.money import money_by_year
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.ledger import tasks
from survey_app.supervision.ledger.models import Task
from survey_app.supervision.listing import service as listing
from survey_app.supervision.province.standings import standings
from survey_app.supervision.schedule import service as schedule
from survey_app.supervision.schedule.models import RecordedRecognition
from tests.province import DIVISIONS, PROVINCE, SCHEME, make_province, places
from tests.survey_app.supervision.dispatch.test_doings import SEAL, another_run

#: The quarter in which the simulated province was made, and the year it is in.
QUARTER, WHOLE = Period(2026, 4), Period(2026)

#: The last instant of both.
LAST = QUARTER.ends - timedelta(microseconds=1)

#: A county with an application under way, and one that has none and is due.
COUNTY = next(each.code for each in places() if each.state == "review")
OTHER = next(each.code for each in places() if each.state == "run" and each.due == 2027)


@pytest.fixture
def province(either_app):
    with either_app.app_context():
        make_province(only=[COUNTY, OTHER])
        before(LAST - timedelta(days=3))
        db.session.commit()
        yield


def newest(code):
    own = sa.select(EvaluationRun).where(EvaluationRun.county_code == code)
    return db.session.scalars(own.order_by(EvaluationRun.id.desc()).limit(1)).one()


def application():
    return db.session.scalars(sa.select(Application).where(Application.county_code == COUNTY)).one()


def before(moment):
    """What stands at the end of the quarter, and can turn after it."""
    by = {"made_at": moment, "made_by": "t"}
    own = {"application_id": application().id, "level": "review"}
    asked = {"number": 1, "run_id": newest(COUNTY).id, "text": "请核对", "due_on": day_of(moment)}
    db.session.add(Correction(**own, **asked, **by))
    told = {"place": "城关镇", "group": "parent", "interviewed": 20, "satisfied": 19}
    db.session.add(FieldVisit(**own, visited_on=moment.date(), **told, **by))
    if listing.standing(db.session, COUNTY) is None:
        listing.put_under(db.session, COUNTY, reason="进展慢", facts={}, by="t", now=moment)
    add_task(OTHER, moment, deadline=day_of(moment), title="补足专用教室")
    schedule.record_recognition(
        db.session, OTHER, on=day_of(moment), document="国教督〔2026〕9号", by="t", now=moment
    )


def add_task(code, moment, *, deadline, title):
    draft = tasks.Draft(
        origin="manual", title=title, department="教育局", deadline=deadline, budgets={2026: 10_000}
    )
    return tasks.add_tasks(db.session, code, [draft], run=None, by="t", now=moment)[0]


def change_task(code, moment):
    task = db.session.scalars(
        sa.select(Task).where(Task.county_code == code).order_by(Task.number.desc()).limit(1)
    ).one()
    for deadline, yuan in ((date(2027, 9, 1), 77_000), (date(2028, 9, 1), 5)):
        tasks.change(
            db.session,
            task,
            department="财政局",
            helpers=(),
            deadline=deadline,
            budgets={2026: yuan, 2029: yuan},
            measure="",
            by="t",
            now=moment,
        )
    tasks.take_step(db.session, task, "cancelled", text="并入另一项", by="t", now=moment)


def judge(moment):
    for code in (COUNTY, OTHER):
        run = newest(code)
        verdict = "met" if run.verdict != "met" else "not_met"
        db.session.add(another_run(run, number=95, verdict=verdict, made_at=moment))


def sign(moment):
    run, by = newest(COUNTY), {"made_at": moment, "made_by": "t", "made_by_name": "某人"}
    step = {"level": "review", "action": "signed", "run_id": run.id, "seal": SEAL}
    db.session.add(ApplicationStep(application_id=application().id, number=95, **step, **by))


def withdraw(moment):
    own = application()
    own.withdrawn_at, own.withdrawn_by, own.withdraw_reason = moment, "t", "来年再报"


def answer(moment):
    own = db.session.scalars(sa.select(Correction)).one()
    own.answered_at, own.answered_by = moment, "t"


def take_visit_back(moment):
    own = db.session.scalars(sa.select(FieldVisit)).one()
    own.withdrawn_at = moment


def keep_another_schedule(moment):
    whole = load_schedule(SCHEME)
    fewer = [each for each in whole.counties if each.county != name_of(COUNTY)]
    changed = whole.model_copy(update={"counties": fewer})
    schedule.keep(db.session, PROVINCE, changed, by="t", now=moment)


def name_of(code):
    return next(each.county for each in DIVISIONS if each.code == code)


#: What can happen to a county of a report, by name.
LATER = {
    "run": judge,
    "signed": sign,
    "withdrawn": withdraw,
    "answered": answer,
    "visit taken back": take_visit_back,
    "lifted": lambda moment: listing.lift(db.session, COUNTY, reason="已赶上", by="t", now=moment),
    "listed": lambda moment: listing.put_under(
        db.session, OTHER, reason="进展慢", facts={}, by="t", now=moment
    ),
    "recognised": lambda moment: schedule.record_recognition(
        db.session, COUNTY, on=day_of(LAST), document="国教督〔2026〕8号", by="t", now=moment
    ),
    "recognition taken back": lambda moment: schedule.withdraw_recognition(
        db.session, OTHER, reason="登错了", by="t", now=moment
    ),
    "task": lambda moment: add_task(COUNTY, moment, deadline=date(2020, 1, 1), title="另一项"),
    "task changed": lambda moment: change_task(OTHER, moment),
    "schedule": keep_another_schedule,
}


def said(now):
    """Both reports as they are made at an instant, without what tells that the period is over."""
    found = []
    for compose, period in ((quarter_content, QUARTER), (year_content, WHOLE)):
        found.append(compose(db.session, PROVINCE, period, now=now) | {"over": None})
    return found


def test_an_ended_period_says_what_was_said_at_its_last_instant_whatever_came_later(province):
    then = said(LAST)
    assert {COUNTY, OTHER} < {each["code"] for each in then[0]["counties"]}
    assert said(QUARTER.ends) == then
    for moment, (name, happen) in enumerate(LATER.items()):
        happen(QUARTER.ends + timedelta(days=moment))
        db.session.flush()
        assert said(QUARTER.ends + timedelta(days=100)) == then, name


@pytest.mark.parametrize("name", LATER)
def test_the_same_within_the_period_shows_in_it(app, name):
    with app.app_context():
        make_province(only=[COUNTY, OTHER])
        before(LAST - timedelta(days=3))
        then = said(QUARTER.ends)
        LATER[name](LAST)
        db.session.flush()
        assert said(QUARTER.ends) != then


def test_making_an_ended_quarter_on_two_days_is_making_it_once(province):
    first = service.make(db.session, PROVINCE, QUARTER, by="t", now=QUARTER.ends)
    judge(QUARTER.ends + timedelta(days=1))
    again = service.make(db.session, PROVINCE, QUARTER, by="t", now=QUARTER.ends + timedelta(days=40))
    assert again.id == first.id
    content = service.content_of(first)
    assert (content["form"], content["over"], content["as_of"]) == (2, True, "2026-12-31")
    running = service.make(db.session, PROVINCE, QUARTER.after, by="t", now=QUARTER.ends + timedelta(days=40))
    assert service.content_of(running)["over"] is False
    assert service.content_of(running)["earlier"] == {"as_of": "2026-12-31", "totals": content["totals"]}


def test_a_task_due_on_the_last_day_is_not_overdue_at_its_end(app):
    with app.app_context():
        make_province(only=[OTHER])
        (plain,) = standings(db.session, [OTHER], today=QUARTER.last, before=QUARTER.ends)
        for days, more in ((0, 0), (1, 1)):
            add_task(OTHER, LAST, deadline=QUARTER.last - timedelta(days=days), title=f"第{days}项")
            (found,) = standings(db.session, [OTHER], today=QUARTER.last, before=QUARTER.ends)
            assert found.tasks_overdue == plain.tasks_overdue + more


def test_a_county_that_came_with_no_schedule_goes_by_the_first_one(app):
    with app.app_context():
        make_province(only=[COUNTY, OTHER])
        content = quarter_content(db.session, PROVINCE, Period(2026, 3), now=QUARTER.begins)
        assert content["schedule"]["version"] == 1
        assert content["schedule"]["kept_on"] > content["as_of"]
        keep_another_schedule(LAST)
        assert quarter_content(db.session, PROVINCE, Period(2026, 3), now=LAST) == content


def test_money_is_what_it_was(province):
    then = money_by_year(db.session, [COUNTY, OTHER])
    change_task(OTHER, QUARTER.ends)
    assert money_by_year(db.session, [COUNTY, OTHER], before=QUARTER.ends) == then
    assert money_by_year(db.session, [COUNTY, OTHER]) != then
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecordedRecognition)) == 1
