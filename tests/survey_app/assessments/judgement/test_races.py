"""Two people at one visit or one piece of evidence in the same moment: one acts, the other is told."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from survey_app.assessments.applications.models import Application
from survey_app.assessments.judgement import entering, visiting
from survey_app.assessments.judgement.models import FieldVisit
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.evidence import Evidence
from tests.at_once import at_once
from tests.conftest import NOW
from tests.survey_app.assessments.judgement import applied

OWN = "self_evaluation"
LATER: dict[str, Any] = {"now": NOW + timedelta(minutes=1)}


def one(model: type) -> Any:
    return db.session.scalars(sa.select(model)).one()


def look():
    """As a page does before it acts."""
    return [db.session.scalars(sa.select(model)).all() for model in (Application, FieldVisit, Evidence)]


def said(action):
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == action))


@pytest.fixture
def judged(either_app):
    """A judgement that rests on one piece of evidence, and a visit, both of the county."""
    with either_app.app_context():
        application = applied.apply()
        applied.enter(either_app, application, "attestation", "layout", True, handed=[applied.pdf()])
        visiting.add_visit(
            db.session,
            application,
            level=OWN,
            visited_on=date(2026, 1, 1),
            place="阳城",
            school_code=None,
            group="parent",
            interviewed=10,
            satisfied=9,
            by="county",
            now=NOW,
        )
        db.session.commit()
    return either_app


def withdraw_visit(by):
    given = {"level": OWN, "reason": f"{by} 的原因", "by": by, **LATER}
    visiting.withdraw_visit(db.session, one(Application), one(FieldVisit), **given)


def withdraw_evidence(by):
    given = {"level": OWN, "reason": f"{by} 的原因", "by": by, **LATER}
    entering.withdraw_evidence(db.session, one(Application), one(Evidence), **given)


@pytest.mark.parametrize(
    ("deed", "model", "action", "code"),
    [
        (withdraw_visit, FieldVisit, "visit.withdrawn", "visit_withdrawn"),
        (withdraw_evidence, Evidence, "evidence.withdrawn", "evidence_withdrawn_before"),
    ],
)
def test_what_is_withdrawn_keeps_the_first_reason(judged, deed, model, action, code):
    told = at_once(judged, lambda: deed("first"), lambda: deed("second"), look=look)
    assert told == sorted(["done", code])
    with judged.app_context():
        kept = one(model)
        assert kept.withdraw_reason == f"{kept.withdrawn_by} 的原因"
        assert said(action) == 1
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)).one()
        assert entry.actor == kept.withdrawn_by


def test_nothing_new_rests_on_evidence_that_was_just_withdrawn(judged):
    with judged.app_context():
        _seen = look() if db.engine.dialect.name != "sqlite" else None
        with judged.app_context():
            withdraw_evidence("first")
            db.session.commit()
        with pytest.raises(ConflictError, match="evidence_withdrawn_before"):
            applied.enter(
                judged, one(Application), "attestation", "layout", True, note="再次", kept=[one(Evidence)]
            )
