import pytest
import sqlalchemy as sa

from survey_app.audit import AuditEntry
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.surveys import authoring
from survey_app.surveys.authoring import drafts, publishing
from survey_app.surveys.questionnaire_loader import from_content, load_form, source_of
from tests.conftest import NOW
from tests.factories import make_regions

SOURCE = source_of("student")
OTHER = SOURCE.replace("我的学校", "我们的学校")


@pytest.fixture(autouse=True)
def in_app(either_app):
    with either_app.app_context():
        make_regions()
        yield


def start(source=SOURCE, *, region="140522", form="student", title="学生卷，改一处"):
    return drafts.start_draft(
        db.session,
        db.session.get_one(Region, region),
        form=form,
        title=title,
        source=source,
        by="clerk",
        now=NOW,
    )


def save(draft, source, revision, *, title="新名称"):
    drafts.save_draft(db.session, draft, title=title, source=source, revision=revision, by="other", now=NOW)


def publish(draft, remark="改了标题"):
    return publishing.publish(db.session, draft, revision=draft.revision, remark=remark, by="clerk", now=NOW)


def test_a_draft_keeps_its_text_with_all_its_faults():
    draft = start("form = 'student'\r\nx = 1")
    assert draft.source == "form = 'student'\nx = 1"
    questionnaire, faults = drafts.read_source(draft.source, draft.form)
    assert questionnaire is None
    assert {fault.rule for fault in faults} >= {"missing_key", "unknown_key"}
    assert drafts.drafts_of(db.session, ["1405"]) == [(draft, "阳城县")]
    assert drafts.drafts_of(db.session, ["43"]) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"title": " "}, ("title", "bad_title")),
        ({"title": "两\n行"}, ("title", "bad_title")),
        ({"title": "长" * 129}, ("title", "bad_title")),
        ({"form": "village"}, ("form", "unknown_form")),
        ({"source": "#" * 400_001}, ("source", "file_too_large")),
        ({"source": "a\0b"}, ("source", "bad_characters")),
        ({"source": "a\ud800b"}, ("source", "bad_characters")),
    ],
)
def test_what_cannot_be_kept_is_refused(changed, expected):
    with pytest.raises(RefusedInputError) as refused:
        start(**changed)
    assert [(fault.key, fault.rule) for fault in refused.value.faults] == [expected]


def test_two_people_do_not_overwrite_one_another():
    draft = start()
    save(draft, OTHER, 1)
    with pytest.raises(ConflictError, match="draft_changed"):
        save(draft, SOURCE, 1)
    assert (draft.revision, draft.changed_by, draft.title) == (2, "other", "新名称")
    assert draft.source == OTHER


def test_publishing_makes_numbered_versions_that_waves_can_choose():
    draft = start()
    first = publish(draft)
    save(draft, OTHER, 1)
    second = publish(draft)
    assert (first.number, second.number) == (1, 2)
    assert from_content(first.version.content) == load_form("student")
    assert from_content(second.version.content).sections[0].title.zh == "我们的学校"
    offered = authoring.available(db.session, "140522")["student"]
    assert [choice.version_id for choice in offered] == [None, second.version_id, first.version_id]
    deeds = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert list(deeds) == [
        "questionnaire.draft_started",
        "questionnaire.published",
        "questionnaire.draft_saved",
        "questionnaire.published",
    ]


def test_regions_and_forms_are_numbered_apart_and_share_equal_content():
    ours, citys = publish(start()), publish(start(region="140500"))
    staff = publish(start(source_of("staff"), form="staff"))
    assert (ours.number, citys.number, staff.number) == (1, 1, 1)
    assert ours.version_id == citys.version_id


def test_nothing_new_nothing_faulty_and_nothing_of_another_form_is_published():
    draft = start()
    publish(draft)
    with pytest.raises(RefusedInputError) as refused:
        publish(draft)
    assert [fault.rule for fault in refused.value.faults] == ["nothing_new"]
    with pytest.raises(RefusedInputError) as refused:
        publish(start("form = 3"), remark="x" * 501)
    assert {"wrong_type", "bad_remark"} <= {fault.rule for fault in refused.value.faults}
    with pytest.raises(RefusedInputError) as refused:
        publish(start(source_of("staff")))
    assert [fault.rule for fault in refused.value.faults] == ["other_form"]


def test_a_draft_can_be_deleted_and_its_publication_stays():
    draft = start()
    made = publish(draft)
    drafts.discard_draft(db.session, draft, revision=1, by="clerk", now=NOW)
    assert drafts.drafts_of(db.session, [""]) == []
    assert publishing.get_publication(db.session, made.id) is made
