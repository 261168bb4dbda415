"""What can be entered, by whom, and what is refused."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from survey_app import evidence, settings_of
from survey_app.assessments.applications import service
from survey_app.assessments.applications.models import LEVELS
from survey_app.assessments.judgement import entering, summary, visiting
from survey_app.assessments.judgement.asked import asked_by, visit_limit
from survey_app.assessments.judgement.entering import UnfitJudgementError
from survey_app.assessments.judgement.models import FieldVisit, Judgement
from survey_app.assessments.judgement.visiting import UnfitVisitError
from survey_app.assessments.models import EvaluationRun
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from tests.conftest import NOW
from tests.survey_app.assessments.judgement.applied import PDF, apply, enter, pdf, run, sign
from tests.survey_app.assessments.judgement.test_holding import file_of


def test_a_scheme_says_itself_what_people_judge():
    asked = asked_by("shanxi-2022")
    assert [each.kind for each in asked.values()].count("veto") == 6
    assert asked["attestation", "layout"].ids == ("G1",)
    assert not [place for place in asked if place[0] == "points"]
    scored = asked_by("hunan-2023")
    assert scored["points", "32.2"].maximum == 6
    assert ("points", "8.4") not in scored, "points that a survey gives"
    assert asked_by("haicheng-2023")["veto", "exam_admission"].ids == ("G13.admission", "V1")
    assert visit_limit("shanxi-2022") == Decimal("0.85")


@pytest.mark.parametrize(
    ("kind", "key", "value", "note", "code"),
    [
        ("attestation", "layout", False, " ", "judgement_note"),
        ("veto", "key_schools", True, "", "judgement_note"),
        ("attestation", "layout", None, "", "judgement_note"),
        ("attestation", "layout", None, "弄错了", "judgement_nothing_to_take_back"),
        ("points", "27.2", "3.01", "", "judgement_points"),
        ("points", "27.2", "-1", "", "judgement_points"),
        ("points", "27.2", "NaN", "", "judgement_value"),
        ("points", "27.2", "sNaN", "", "judgement_value"),
        ("points", "27.2", "Infinity", "", "judgement_value"),
        ("points", "27.2", "1.005", "", "judgement_places"),
    ],
)
def test_what_cannot_stand_is_refused(app, kind, key, value, note, code):
    with app.app_context():
        application = apply(scheme="hunan-2023") if kind == "points" else apply()
        with pytest.raises(UnfitJudgementError) as refused:
            enter(app, application, kind, key, value, note=note, handed=[pdf()])
        assert refused.value.code == code
        assert db.session.query(Judgement).count() == 0
        assert not evidence.folder_of(settings_of(app)).exists(), "refused before anything is stored"


@pytest.mark.parametrize("level", LEVELS)
def test_only_the_level_whose_turn_it_is_enters(either_app, level):
    with either_app.app_context():
        application = apply(level="review")
        if level == "review":
            assert enter(either_app, application, "attestation", "layout", True, level=level).level == level
            return
        with pytest.raises(ConflictError) as refused:
            enter(either_app, application, "attestation", "layout", True, level=level)
        assert refused.value.code == "application_elsewhere"


def test_an_application_that_is_over_takes_nothing(app):
    with app.app_context():
        application = apply()
        application.withdrawn_at = NOW
        db.session.flush()
        with pytest.raises(ConflictError) as refused:
            enter(app, application, "attestation", "layout", True)
        assert refused.value.code == "application_over"


def test_judgements_are_followed_never_edited_and_each_is_a_deed(either_app):
    with either_app.app_context():
        application = apply()
        first = enter(either_app, application, "attestation", "layout", False, handed=[pdf()])
        twice = enter(either_app, application, "attestation", "layout", False, kept=first.evidence)
        assert twice is first, "sent twice"
        second = enter(either_app, application, "attestation", "layout", True, kept=first.evidence)
        third = enter(either_app, application, "attestation", "layout", None)
        past = entering.history(db.session, application, asked_by("shanxi-2022")["attestation", "layout"])
        assert [each.id for each in past] == [first.id, second.id, third.id]
        assert [each.value for each in past] == ["false", "true", "null"]
        assert [each.id for each in second.evidence] == [each.id for each in first.evidence]
        deeds = [json.loads(each.details) for each in deeds_of("judgement.entered")]
        assert [each["value"] for each in deeds] == [False, True, None]
        assert deeds[0]["evidence"] == [first.evidence[0].digest]


def test_evidence_belongs_to_its_application_and_is_withdrawn_by_who_handed_it_in(either_app):
    with either_app.app_context():
        application, other = apply(), apply(code="140524")
        judged = enter(either_app, application, "attestation", "layout", True, handed=[pdf()])
        found = judged.evidence[0]
        assert entering.evidence_of(db.session, application, found.id) is found
        with pytest.raises(NotFoundError):
            entering.evidence_of(db.session, other, found.id)
        given = {"reason": "传错了", "by": "city", "now": NOW}
        with pytest.raises(ConflictError):
            entering.withdraw_evidence(db.session, application, found, level="review", **given)
        entering.withdraw_evidence(db.session, application, found, level="self_evaluation", **given)
        assert found.withdraw_reason == "传错了"
        assert entering.usable_evidence([judged]) == []


def test_evidence_that_somebody_signed_for_stays_readable_and_is_left_out_by_judging_anew(either_app):
    with either_app.app_context():
        application = apply()
        file = file_of(application)
        own = {"level": "self_evaluation", "by": "county", "now": NOW}
        used, unused = pdf(), pdf("会议纪要.pdf", PDF + b"%")
        judged = enter(either_app, application, "attestation", "layout", True, handed=[used])
        early = enter(either_app, application, "attestation", "posts", True, handed=[unused])
        found, other = judged.evidence[0], early.evidence[0]
        later = NOW + timedelta(minutes=1)
        enter(either_app, application, "attestation", "posts", True, kept=[], note="另有依据", now=later)
        sign(application, "self_evaluation", run(application, file, "self_evaluation"))
        with pytest.raises(ConflictError) as refused:
            entering.withdraw_evidence(db.session, application, found, reason="传错了", **own)
        assert refused.value.code == "evidence_sealed"
        assert refused.value.facts == {"run": 1, "name": "test", "day": "2026-11-22"}
        assert evidence.content_of(settings_of(either_app), found) == PDF
        # What no signed run names is its level's own affair still.
        entering.withdraw_evidence(db.session, application, other, reason="传错了", **own)
        service.return_(
            db.session, application, level="review", reason="请补充", by="city", name="乙", now=later
        )
        with pytest.raises(ConflictError):
            entering.withdraw_evidence(db.session, application, found, reason="传错了", **own)
        enter(either_app, application, "attestation", "layout", True, kept=[], now=later)
        made = run(application, file, "self_evaluation")
        assert all(each["evidence"] == [] for each in json.loads(made.judgements))
        assert "规划" in json.loads(kept_run(application).judgements)[0]["evidence"][0]["title"]


def kept_run(application):
    """The run that the county signed."""
    return db.session.get_one(EvaluationRun, application.steps[0].run_id)


def test_a_run_whose_evidence_was_withdrawn_since_is_not_signed(either_app):
    with either_app.app_context():
        application = apply()
        judged = enter(either_app, application, "attestation", "layout", True, handed=[pdf()])
        made = run(application, file_of(application), "self_evaluation")
        own = {"level": "self_evaluation", "by": "county", "now": NOW}
        assert service.run_to_sign(db.session, application, level="self_evaluation") is made
        entering.withdraw_evidence(db.session, application, judged.evidence[0], reason="传错了", **own)
        with pytest.raises(ConflictError) as refused:
            service.sign(db.session, application, run_id=made.id, name="甲", **own)
        assert refused.value.code == "sign_judgements_not_in"
        again = run(application, file_of(application), "self_evaluation")
        assert service.sign(db.session, application, run_id=again.id, name="甲", **own).number == 1


def test_visits_that_cannot_be_are_refused_and_withdrawn_ones_stay(either_app):
    with either_app.app_context():
        application = apply()
        given = {
            "level": "self_evaluation",
            "visited_on": NOW.date(),
            "place": "凤城镇",
            "school_code": None,
            "group": "parent",
            "interviewed": 20,
            "satisfied": 18,
            "by": "county",
            "now": NOW,
        }
        for wrong in (
            {"satisfied": 21},
            {"interviewed": 0, "satisfied": 0},
            {"satisfied": -1},
            {"group": "nobody"},
            {"visited_on": NOW.date().replace(day=23)},
        ):
            with pytest.raises(UnfitVisitError):
                visiting.add_visit(db.session, application, **given | wrong)
        with pytest.raises(ConflictError):
            visiting.add_visit(db.session, application, **given | {"level": "review"})
        visit = visiting.add_visit(db.session, application, **given)
        out = {"by": "county", "now": NOW}
        with pytest.raises(ConflictError):
            visiting.withdraw_visit(db.session, application, visit, level="review", reason="错", **out)
        with pytest.raises(UnfitVisitError):
            visiting.withdraw_visit(
                db.session, application, visit, level="self_evaluation", reason=" ", **out
            )
        visiting.withdraw_visit(db.session, application, visit, level="self_evaluation", reason="重复", **out)
        assert db.session.query(FieldVisit).one().withdraw_reason == "重复"
        with pytest.raises(ConflictError):
            visiting.withdraw_visit(
                db.session, application, visit, level="self_evaluation", reason="重复", **out
            )
        with pytest.raises(NotFoundError):
            visiting.visit_of(db.session, apply(code="140524"), visit.id)
        assert [each.action for each in deeds_of("visit.")] == ["visit.noted", "visit.withdrawn"]


def test_a_summary_counts_what_is_entered_missing_and_proven(app):
    with app.app_context():
        application = apply()
        empty = summary.summary_of(db.session, application, on=NOW.date())
        assert (empty.asked, empty.entered, empty.visits.share, empty.run) == (17, 0, None, None)
        enter(app, application, "attestation", "layout", True, handed=[pdf()])
        enter(app, application, "veto", "key_schools", False)
        lines = {line.asked.key: line for line in summary.lines_of(db.session, application)}
        assert lines["layout"].state == "entered"
        assert lines["layout"].holds is lines["layout"].said["self_evaluation"]
        counted = summary.summary_of(db.session, application, on=NOW.date())
        missing = [line for line in lines.values() if line.holds is None and line.own is None]
        assert (counted.entered, counted.with_evidence, counted.missing) == (2, 1, len(missing))
        made = run(application, file_of(application), "self_evaluation")
        enter(app, application, "attestation", "posts", True, now=NOW.replace(hour=11))
        since = summary.summary_of(db.session, application, on=NOW.date())
        assert (since.run, since.since) == (made, 1)
        sign(application, "self_evaluation", made)
        above = summary.summary_of(db.session, application, on=NOW.date())
        assert (above.level, above.entered) == ("review", 0)


def deeds_of(action):
    found = db.session.query(AuditEntry).filter(AuditEntry.action.startswith(action))
    return found.order_by(AuditEntry.number).all()
