"""Two clerks at one survey or one draft in the same moment: one acts, the other is told of it."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from survey_app import settings_of
from survey_app.audit import AuditEntry
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.fieldwork import opening
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.surveys import service, settling
from survey_app.surveys.authoring import drafts, publishing
from survey_app.surveys.details import details_as_written
from survey_app.surveys.models import (
    QuestionnaireDraft,
    QuestionnairePublication,
    QuestionnaireVersion,
    Wave,
)
from survey_app.surveys.questionnaire_loader import source_of
from survey_app.surveys.rules import RuleSet
from survey_app.surveys.wave_plans import PlanInput
from tests.at_once import at_once
from tests.conftest import KEY, NOW
from tests.factories import COUNTY_LISTS, make_county_file, make_regions, make_wave
from tests.survey_app.surveys.test_settling import DETAILS, rules_by_name, settle_plan, settle_rules

DEED: dict[str, Any] = {"by": "clerk", "now": NOW}


def only(model: type) -> Any:
    return db.session.scalars(sa.select(model)).one()


def said(action):
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == action))


@pytest.fixture
def begun(either_app):
    """A wave whose first two steps are done."""
    with either_app.app_context():
        wave = settling.begin_wave(db.session, DETAILS, county_file=make_county_file(), **DEED)
        settle_rules(wave)
        db.session.commit()
    return either_app


def look_at_wave():
    """As a page does before it saves: the wave with all that is shown of it."""
    wave = only(Wave)
    return wave, wave.county_file, list(wave.forms)


def test_what_one_clerk_changes_the_other_does_not_overwrite(begun):
    with begun.app_context():
        seen = details_as_written(only(Wave))

    def rename(title):
        wave = only(Wave)
        settling.change_details(
            db.session,
            wave,
            replace(DETAILS, title=title),
            county_file=wave.county_file,
            seen=seen,
            agreed=False,
            **DEED,
        )

    told = at_once(begun, lambda: rename("甲"), lambda: rename("乙"), look=look_at_wave)
    assert told == ["changed_meanwhile", "done"]


def test_rules_are_settled_over_what_was_seen(begun):
    with begun.app_context():
        seen = settling.rules_as_written(db.session, only(Wave))

    def settle(**rules):
        settle_rules(only(Wave), RuleSet(**{**rules_by_name(), **rules}), seen=seen)

    told = at_once(
        begun,
        lambda: settle(satisfaction="overall"),
        lambda: settle(dont_know="as_middle"),
        look=look_at_wave,
    )
    assert told == ["changed_meanwhile", "done"]
    with begun.app_context():
        assert said("wave.rules_settled") == 2


def test_a_plan_is_settled_over_what_was_seen(begun):
    with begun.app_context():
        seen = settling.plan_as_written(only(Wave))

    def settle(public):
        settle_plan(only(Wave), PlanInput(group_sizes={**COUNTY_LISTS, "public": public}), seen=seen)

    told = at_once(begun, lambda: settle(4000), lambda: settle(5000), look=look_at_wave)
    assert told == ["changed_meanwhile", "done"]
    with begun.app_context():
        assert said("wave.planned") == 1


@pytest.fixture
def drafted(either_app):
    """A draft in its first revision."""
    with either_app.app_context():
        make_regions()
        drafts.start_draft(
            db.session,
            db.session.get_one(Region, "140522"),
            form="student",
            title="学生卷",
            source=source_of("student"),
            **DEED,
        )
        db.session.commit()
    return either_app


def look_at_draft():
    return only(QuestionnaireDraft)


def save(revision=1, title="新名称"):
    draft = drafts.get_draft(db.session, 1)
    drafts.save_draft(db.session, draft, title=title, source=source_of("student"), revision=revision, **DEED)


def publish(revision=1):
    draft = drafts.get_draft(db.session, 1)
    publishing.publish(db.session, draft, revision=revision, remark="第一版", **DEED)


def discard(revision=1):
    drafts.discard_draft(db.session, drafts.get_draft(db.session, 1), revision=revision, **DEED)


def test_two_savings_of_a_draft_do_not_overwrite_each_other(drafted):
    told = at_once(drafted, lambda: save(title="甲"), lambda: save(title="乙"), look=look_at_draft)
    assert told == ["done", "draft_changed"]


@pytest.mark.parametrize(("deed", "made"), [(publish, 1), (discard, 0)])
def test_what_was_just_saved_is_neither_published_unread_nor_deleted(drafted, deed, made):
    told = at_once(drafted, deed, save, look=look_at_draft)
    assert told in (["done", "draft_changed"], ["done", "done"], ["done", "not_found"])
    with drafted.app_context():
        published = db.session.scalars(sa.select(QuestionnairePublication)).all()
        left = db.session.scalars(sa.select(QuestionnaireDraft)).all()
        if "draft_changed" in told:
            assert (published, [each.title for each in left]) == ([], ["新名称"])
        elif made:
            assert [each.title for each in published] == ["学生卷"]
        else:
            assert left == []


def test_a_draft_is_deleted_once(drafted):
    assert at_once(drafted, discard, discard, look=look_at_draft) == ["done", "not_found"]
    with drafted.app_context():
        assert said("questionnaire.draft_discarded") == 1


def test_two_who_publish_the_same_make_one_version(drafted):
    assert at_once(drafted, publish, publish, look=look_at_draft) == ["done", "draft_refused"]
    with drafted.app_context():
        assert only(QuestionnairePublication).number == 1


@pytest.mark.parametrize("again", range(3))
def test_surveys_that_open_in_the_same_moment_share_the_built_in_questionnaires(either_app, again):
    with either_app.app_context():
        for code in ("140522", "140524"):
            wave = make_wave(county_file=make_county_file(code=code))
            framing.build_frame(db.session, wave, **DEED)
            drawing.draw_wave(db.session, wave, seed=f"seed {again}", code_key=KEY, **DEED)
        db.session.commit()
        numbers = db.session.scalars(sa.select(Wave.id)).all()
    keys = settings_of(either_app).keys

    def open_(number):
        opening.open_wave(db.session, service.get_wave(db.session, number), keys=keys, **DEED)

    told = at_once(either_app, *[lambda number=number: open_(number) for number in numbers])
    assert told == ["done", "done"]
    with either_app.app_context():
        digests = db.session.scalars(sa.select(QuestionnaireVersion.digest)).all()
        assert len(digests) == len(set(digests)) > 0
