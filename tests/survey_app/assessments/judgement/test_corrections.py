"""Requests for correction: asked by a day, answered with a new run or a reason, decided by who asked."""

from datetime import UTC, date, datetime, timedelta

import pytest

from survey_app.assessments.judgement import corrections, summary
from survey_app.assessments.judgement.corrections import UnfitCorrectionError
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.judgement.service import open_corrections
from survey_app.assessments.models import EvaluationRun
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from tests.conftest import NOW
from tests.survey_app.assessments.judgement.applied import apply, newer_file, run
from tests.survey_app.assessments.judgement.test_entering import deeds_of
from tests.survey_app.assessments.judgement.test_holding import file_of

TODAY = date(2026, 11, 22)


def asked(application, *, about=None, **given):
    about = about or About(run_id=run(application, file_of(application), "review").id, finding="R1")
    return corrections.ask(
        db.session,
        application,
        **{
            "level": "review",
            "about": about,
            "text": "请核对教师数",
            "due_on": TODAY,
            "by": "city",
            "now": NOW,
        }
        | given,
    )


def answered(application, correction, *, text="", county_file=None, now=NOW):
    return corrections.answer(
        db.session, application, correction, text=text, county_file=county_file, by="county", now=now
    )


def decided(application, correction, *, accepted, level="review"):
    corrections.decide(
        db.session, application, correction, level=level, accepted=accepted, by="city", now=NOW
    )


def test_a_corrected_figure_makes_a_run_that_supersedes_and_edits_nothing(either_app):
    with either_app.app_context():
        application = apply(level="review")
        correction = asked(application)
        before = db.session.get_one(EvaluationRun, correction.run_id)
        kept = (before.input, before.result, before.county_file_id)
        file = newer_file(year=2025, totals={"schools": {"primary": 3}})
        made = answered(application, correction, county_file=file, text="已改")
        assert made is not None
        assert made.id == correction.corrected_run_id
        assert (made.supersedes_id, made.level, made.county_file_id) == (before.id, "review", file.id)
        assert (before.input, before.result, before.county_file_id) == kept
        assert open_corrections(db.session, application) == [correction], "still to be decided"
        decided(application, correction, accepted=True)
        assert open_corrections(db.session, application) == []
        deeds = [each.action for each in deeds_of("correction.")]
        assert deeds == ["correction.asked", "correction.answered", "correction.decided"]


def test_two_requests_answered_by_one_file_share_its_run_and_later_files_follow_on(app):
    with app.app_context():
        application = apply(level="review")
        first = asked(application)
        second = asked(application, about=About(run_id=first.run_id, finding="G3"))
        third = asked(application, about=About(run_id=first.run_id))
        file = newer_file(year=2025, totals={"schools": {"primary": 3}})
        one, two = (answered(application, each, county_file=file) for each in (first, second))
        assert one is two
        later = newer_file(year=2025, totals={"schools": {"primary": 4}})
        three = answered(application, third, county_file=later)
        assert three is not None
        assert three.supersedes_id == one.id
        assert [first.number, second.number, third.number] == [1, 2, 3]


def test_a_reason_is_an_answer_and_neither_is_none(app):
    with app.app_context():
        application = apply(level="review")
        correction = asked(application)
        with pytest.raises(UnfitCorrectionError):
            answered(application, correction, text="  ")
        assert answered(application, correction, text="数字无误，见附表") is None
        with pytest.raises(ConflictError):
            answered(application, correction, text="再答一次")
        decided(application, correction, accepted=False)
        assert corrections.state_of(correction, on=TODAY) == "refused"
        with pytest.raises(ConflictError):
            decided(application, correction, accepted=True)


def test_only_files_that_came_in_after_the_run_can_answer(app):
    with app.app_context():
        application = apply(level="review")
        correction = asked(application)
        old = file_of(application)
        assert corrections.newer_files(db.session, application, correction) == []
        with pytest.raises(UnfitCorrectionError):
            answered(application, correction, county_file=old)
        elsewhere = file_of(apply(code="140524"))
        with pytest.raises(UnfitCorrectionError):
            answered(application, correction, county_file=elsewhere)
        assert correction.answered_at is None


def test_what_cannot_be_asked_is_refused(either_app):
    with either_app.app_context():
        application = apply(level="review")
        with pytest.raises(UnfitCorrectionError):
            asked(application, due_on=TODAY - timedelta(days=1))
        with pytest.raises(UnfitCorrectionError):
            asked(application, text=" ")
        with pytest.raises(ConflictError):
            asked(application, level="self_evaluation")
        with pytest.raises(ConflictError):
            asked(application, about=About())
        other = apply(level="review", code="140524")
        foreign = asked(other)
        with pytest.raises(ConflictError):
            asked(application, about=About(run_id=foreign.run_id))
        assert asked(application).number == 1
        with pytest.raises(NotFoundError):
            corrections.correction_of(db.session, application, 2)


def test_a_deadline_holds_until_its_day_is_over_in_beijing(app):
    with app.app_context():
        application = apply(level="review")
        correction = asked(application, due_on=TODAY)
        evening, midnight = (
            datetime(2026, 11, 22, 15, 59, tzinfo=UTC),
            datetime(2026, 11, 22, 16, 0, tzinfo=UTC),
        )
        assert corrections.state_of(correction, on=corrections.today(evening)) == "waiting"
        assert corrections.state_of(correction, on=corrections.today(midnight)) == "overdue"
        tomorrow = summary.summary_of(db.session, application, on=corrections.today(midnight))
        assert (tomorrow.open_corrections, tomorrow.overdue) == (1, 1)
        answered(application, correction, text="迟了一天", now=midnight)
        assert corrections.state_of(correction, on=corrections.today(midnight)) == "answered"


def test_who_asked_decides_and_can_take_an_unanswered_request_back(app):
    with app.app_context():
        application = apply(level="review")
        correction = asked(application)
        with pytest.raises(ConflictError):
            decided(application, correction, accepted=True)
        with pytest.raises(ConflictError):
            decided(application, correction, accepted=False, level="evaluation")
        assert open_corrections(db.session, application, level="evaluation") == []
        assert open_corrections(db.session, application, level="review") == [correction]
        decided(application, correction, accepted=False)
        assert corrections.state_of(correction, on=TODAY) == "withdrawn"
        with pytest.raises(ConflictError):
            answered(application, correction, text="晚了")


def test_open_requests_come_first_by_their_day(app):
    with app.app_context():
        application = apply(level="review")
        late = asked(application, due_on=TODAY + timedelta(days=9))
        about = About(run_id=late.run_id)
        soon = asked(application, about=about, due_on=TODAY + timedelta(days=2))
        done = asked(application, about=about)
        decided(application, done, accepted=False)
        listed = corrections.corrections_of(db.session, application, on=TODAY)
        assert [each.correction for each in listed] == [soon, late, done]
        assert [each.state for each in listed] == ["waiting", "waiting", "withdrawn"]
