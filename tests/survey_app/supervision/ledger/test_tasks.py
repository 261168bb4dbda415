"""Tasks: what can happen to them, what they add up to, and that nothing is told twice."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.evidence import Evidence
from survey_app.supervision.ledger import plans, states, tasks
from survey_app.supervision.ledger.gaps import from_plan, gaps_of
from survey_app.supervision.ledger.models import TaskEvent
from survey_app.supervision.ledger.states import TaskState
from survey_app.supervision.ledger.sums import sums_of
from tests.conftest import NOW
from tests.factories import make_regions
from tests.survey_app.assessments.judged import judge_yangcheng

TODAY = NOW.date()


@pytest.fixture
def session(either_app):
    with either_app.app_context():
        make_regions()
        yield db.session


def add(session, **given):
    draft = tasks.Draft(**({"title": "建设功能室", "department": "教育局"} | given))
    (task,) = tasks.add_tasks(session, "140522", [draft], by="clerk", now=NOW)
    return task


def proof(session, name="a"):
    evidence = Evidence(
        region_code="140522",
        title="验收单",
        stored_name=f"{name}.pdf",
        media_type="application/pdf",
        size=1,
        digest="0" * 64,
        stored_at=NOW,
        stored_by="clerk",
    )
    session.add(evidence)
    session.flush()
    return evidence


def recorded(session, action):
    return session.query(AuditEntry).filter_by(action=action).all()


def step(session, task, kind, **given):
    return tasks.take_step(session, task, kind, **({"text": "已办", "by": "clerk", "now": NOW} | given))


def test_a_task_goes_from_planned_to_done_with_proof(session):
    task = add(session, budgets={2026: 1_600_000}, deadline=TODAY)
    assert states.state_of(task.events) is TaskState.PLANNED
    step(session, task, "begun")
    step(session, task, "progress", percent=40)
    assert states.percent_of(task.events) == 40
    with pytest.raises(ConflictError) as refused:
        step(session, task, "handed_in")
    assert refused.value.code == "task_proof"
    step(session, task, "handed_in", evidence=[proof(session)])
    step(session, task, "rejected", text="少两间", by="province")
    step(session, task, "handed_in", text="补齐了")
    step(session, task, "accepted", by="province")
    assert (states.state_of(task.events), states.percent_of(task.events)) == (TaskState.DONE, 100)
    assert len(recorded(session, "task.step")) == 6


def test_a_withdrawn_file_proves_nothing(session):
    task, evidence = add(session), proof(session)
    step(session, task, "begun", evidence=[evidence])
    evidence.withdrawn_at = NOW
    with pytest.raises(ConflictError):
        step(session, task, "handed_in")


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("accepted", {}, "task_step"),
        ("progress", {"percent": 10}, "task_step"),
        ("cancelled", {"text": "  "}, "task_words"),
        ("reopened", {}, "task_step"),
    ],
)
def test_steps_that_cannot_be_taken_change_nothing(session, kind, given, code):
    task = add(session)
    with pytest.raises(ConflictError) as refused:
        step(session, task, kind, **given)
    assert refused.value.code == code
    assert task.events == []


@given(st.lists(st.sampled_from(sorted(states.STEPS)), max_size=12))
def test_a_state_is_what_the_allowed_steps_lead_to(kinds):
    events, state = [], TaskState.PLANNED
    for kind in kinds:
        allowed, then = states.STEPS[kind]
        if state in allowed:
            events.append(TaskEvent(kind=kind))
            state = then or state
        else:
            with pytest.raises(ConflictError):
                states.after(events, kind)
        assert states.state_of(events) is state


def test_late_soon_and_stuck_are_told_apart(session):
    late = add(session, title="晚", deadline=TODAY - timedelta(days=1))
    soon = add(session, title="近", deadline=TODAY + timedelta(days=30))
    far = add(session, title="远", deadline=TODAY + timedelta(days=31))
    assert [states.overdue(each, TODAY) for each in (late, soon, far)] == [True, False, False]
    assert [states.due_soon(each, TODAY) for each in (late, soon, far)] == [False, True, False]
    later = TODAY + timedelta(days=93)
    assert states.stuck(far, later)
    assert not states.stuck(far, later - timedelta(days=1))
    step(session, far, "begun", now=NOW + timedelta(days=10))
    assert not states.stuck(far, later)
    step(session, late, "cancelled")
    assert not states.overdue(late, TODAY)


def test_numbers_go_on_within_the_county(session):
    add(session)
    add(session)
    (other,) = tasks.add_tasks(
        session, "140524", [tasks.Draft(title="x", department="y")], by="clerk", now=NOW
    )
    assert [task.number for task in tasks.tasks_of(session, "140522")] == [1, 2]
    assert other.number == 1


def test_sums_leave_cancelled_tasks_out(session):
    add(session, budgets={2026: 1_000_000, 2027: 5_000})
    gone = add(session, budgets={2026: 9_990_000})
    step(session, gone, "cancelled")
    ledger = sums_of(tasks.tasks_of(session, "140522"), today=TODAY)
    assert [(each.year, each.wan) for each in ledger.years] == [(2026, Decimal(100)), (2027, Decimal("0.5"))]
    assert (ledger.open, ledger.states["cancelled"]) == (1, 1)


def test_a_change_keeps_what_it_was(session):
    task = add(session, budgets={2026: 10_000})
    changed = {"helpers": ["财政局"], "deadline": date(2026, 6, 30), "measure": "", "by": "clerk", "now": NOW}
    tasks.change(session, task, department="住建局", budgets={2026: 20_000}, **changed)
    (entry,) = recorded(session, "task.changed")
    details = json.loads(entry.details)
    assert (details["was"]["department"], details["is"]["department"]) == ("教育局", "住建局")
    assert details["was"]["budgets"] == {"2026": 10_000}
    assert [each.yuan for each in task.budgets] == [20_000]
    tasks.change(session, task, department="住建局", budgets={2026: 20_000}, **changed)
    assert len([each for each in task.events if each.kind == "changed"]) == 1


def test_the_ledger_of_yangchengs_plan_adds_up_to_what_the_plan_states(session):
    plan = plans.read_plan("yangcheng-2021")
    tasks.add_tasks(session, "140522", from_plan(plan, "yangcheng-2021"), by="clerk", now=NOW)
    ledger = sums_of(tasks.tasks_of(session, "140522"), today=TODAY)
    assert {each.year: each.wan for each in ledger.years} == {
        2021: 1047,
        2022: 1250,
        2023: 1260,
        2024: 1085,
        2025: 1115,
    }
    assert plan.contradictions() == []


def test_a_stated_total_that_differs_is_named():
    plan = plans.read_plan("yangcheng-2021")
    other = plan.model_copy(update={"stated_totals": {"2023": Decimal(1250)}})
    assert other.contradictions() == [(2023, 1250, 1260)]


def test_gaps_name_what_is_lacking_and_who_answers(app):
    with app.app_context():
        run = judge_yangcheng()
        gaps = gaps_of(run, responsibilities=plans.read_plan("haicheng-2023"))
        by_key = {gap.key: gap for gap in gaps}
        layout = by_key["G1||"]
        assert (layout.draft.department, layout.draft.helpers) == ("教育局", ["自然资源局"])
        rooms = next(gap for gap in gaps if gap.draft.finding == "R7" and gap.outcome == "not_met")
        assert "网络多媒体教室" in rooms.sentence
        assert rooms.draft.school_code
        assert not [gap for gap in gaps if gap.draft.finding in {"R.school", "E4"}]
        assert [gap for gap in gaps if gap.draft.origin == "exemption"]
        added = tasks.add_tasks(
            db.session, run.county_code, [gap.draft for gap in gaps], run=run, by="clerk", now=NOW
        )
        again = tasks.add_tasks(
            db.session, run.county_code, [gap.draft for gap in gaps], run=run, by="clerk", now=NOW
        )
        assert len(added) == len(gaps)
        assert again == []


def test_every_plan_is_read_and_an_unknown_one_is_none():
    assert set(plans.list_plans(plans.Responsibilities)) == {"haicheng-2023"}
    assert set(plans.list_plans(plans.Phases)) == {"lingchuan-2021"}
    assert set(plans.list_plans(plans.YearlyTasks)) == {"yangcheng-2021"}
    for name in ("../secrets", "nothing"):
        with pytest.raises(KeyError):
            plans.read_plan(name)
