"""Two clerks at one task in the same moment: nothing is lost, and nobody meets an error."""

import json

import pytest
import sqlalchemy as sa

from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.supervision.ledger import tasks
from survey_app.supervision.ledger.models import Task
from survey_app.supervision.listing import service as listing
from tests.at_once import at_once
from tests.conftest import NOW
from tests.factories import make_regions
from tests.survey_app.supervision.ledger.test_tasks import proof


def the_task() -> Task:
    return tasks.get_task(db.session, "140522", 1)


def look():
    """As a page does before it acts: the task, its money and what happened to it."""
    task = the_task()
    return task, list(task.budgets), list(task.events)


@pytest.fixture
def ledger(either_app):
    """A ledger of one task with money for 2026, handed in."""
    with either_app.app_context():
        make_regions()
        draft = tasks.Draft(title="建设功能室", department="教育局", budgets={2026: 100})
        tasks.add_tasks(db.session, "140522", [draft], by="clerk", now=NOW)
        db.session.commit()
    return either_app


def take(kind, by, **given):
    tasks.take_step(db.session, the_task(), kind, text="已办", by=by, now=NOW, **given)


def change(by, budgets, department="教育局"):
    given = {"helpers": (), "deadline": None, "measure": "", "by": by, "now": NOW}
    tasks.change(db.session, the_task(), department=department, budgets=budgets, **given)


def test_a_task_is_closed_once(ledger):
    with ledger.app_context():
        take("begun", "clerk")
        take("handed_in", "clerk", evidence=[proof(db.session)])
        db.session.commit()
    told = at_once(ledger, lambda: take("accepted", "a"), lambda: take("accepted", "b"), look=look)
    assert told == ["done", "task_step"]
    with ledger.app_context():
        assert [each.kind for each in the_task().events] == ["begun", "handed_in", "accepted"]


@pytest.mark.parametrize("budgets", [({2026: 100, 2027: 5}, {2026: 100, 2027: 6}), ({}, {2026: 7})])
def test_two_changes_follow_each_other(ledger, budgets):
    deeds = [lambda by=by, given=given: change(by, given) for by, given in zip("ab", budgets, strict=True)]
    assert at_once(ledger, *deeds, look=look) == ["done", "done"]
    with ledger.app_context():
        rows = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "task.changed").order_by(AuditEntry.number)
        )
        first, second = [json.loads(each.details) for each in rows]
        assert second["was"] == first["is"]
        assert {str(each.year): each.yuan for each in the_task().budgets} == second["is"]["budgets"]


def test_a_county_is_listed_and_lifted_once(ledger):
    def put():
        listing.put_under(db.session, "140522", reason="进展慢", facts={}, by="a", now=NOW)

    def lift():
        listing.lift(db.session, "140522", reason="已整改", by="b", now=NOW)

    assert at_once(ledger, put, put) == ["done", "listing_stands"]
    assert at_once(ledger, lift, lift, look=lambda: listing.standing(db.session, "140522")) == [
        "done",
        "listing_none",
    ]
