import io

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.db import db
from survey_app.surveys.authoring.xlsform_export import write_xlsform
from survey_app.surveys.models import QuestionnaireDraft, QuestionnairePublication
from survey_app.surveys.questionnaire_loader import parse_questionnaire, source_of
from tests.conftest import NOW
from tests.factories import make_regions
from tests.page import get, post

from ..forms import EVERY_KIND

SOURCE = source_of("student")


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def clerk(app, signed_in):
    with app.app_context():
        make_regions()
        db.session.commit()
    return signed_in()


def start(client, **changed):
    fields = {"title": "学生卷草稿", "region": "140522", "start": "built-in:student"} | changed
    answer = post(client, "/questionnaires/new", fields, to="/questionnaires/drafts/")
    return int(answer.location.rsplit("/", 1)[1])


def act(client, draft, deed, given, **asked):
    """Fill in one of the forms of the draft's page."""
    fields = get(client, f"/questionnaires/drafts/{draft}").form(f"/{deed}")["fields"]
    return post(client, f"/questionnaires/drafts/{draft}/{deed}", {**dict(fields), **given}, **asked)


def publish(client, draft, given, **asked):
    return act(client, draft, "publish", given, **asked)


def discard(client, draft, **asked):
    return act(client, draft, "discard", {"title": "学生卷草稿"}, **asked)


def saved(app, draft):
    with app.app_context():
        return db.session.get_one(QuestionnaireDraft, draft).source


def test_the_list_says_what_to_do_first(clerk):
    page = get(clerk, "/questionnaires/")
    assert "还没有草稿。可以从内置问卷开始改" in page.text
    assert "还没有发布的版本" in page.text
    assert ("/questionnaires/preview/built-in:student", "预览") in page.links


def test_a_draft_begins_with_a_questionnaire_that_is_there(app, clerk):
    draft = start(clerk)
    assert saved(app, draft) == SOURCE
    page = get(clerk, f"/questionnaires/drafts/{draft}")
    assert "没有问题：2 个部分，16 题。" in page.text
    assert "发布新版本" in page.text
    assert "学生卷草稿" in get(clerk, "/questionnaires/").text


def test_faults_stand_beside_their_lines_and_nothing_can_be_published(app, clerk):
    draft = start(clerk)
    broken = SOURCE.replace('topic = "fairness"', 'topic = "weather"', 1).replace(
        'kind = "single"', 'kind = "tick"'
    )
    post(
        clerk,
        f"/questionnaires/drafts/{draft}/text",
        {"title": "改", "source": broken, "revision": "1"},
        to="/drafts/",
    )
    page = get(clerk, f"/questionnaires/drafts/{draft}")
    assert "有 2 处问题，还不能发布" in page.text
    line = broken[: broken.index('topic = "weather"')].count("\n") + 1
    assert f'<td class="n">{line}</td>' in page.html
    assert "不认识的主题“weather”" in page.text
    assert "发布新版本" not in page.text
    refused = post(
        clerk, f"/questionnaires/drafts/{draft}/publish", {"remark": "试", "revision": "2"}, status=422
    )
    assert "有 2 处问题" in refused.text
    get(clerk, f"/questionnaires/preview/draft:{draft}", status=409)


def test_whoever_comes_second_keeps_what_they_wrote(app, clerk):
    draft = start(clerk)
    first = {"title": "甲", "source": SOURCE + "# 甲\n", "revision": "1"}
    post(clerk, f"/questionnaires/drafts/{draft}/text", first, to="/drafts/")
    second = {"title": "乙", "source": SOURCE + "# 乙\n", "revision": "1"}
    page = post(clerk, f"/questionnaires/drafts/{draft}/text", second, status=409)
    assert "在您打开之后保存过这份草稿" in page.text
    assert "# 乙" in page.html
    assert saved(app, draft).endswith("# 甲\n")


def test_what_was_written_for_a_deleted_draft_becomes_a_new_one(app, clerk):
    draft = start(clerk)
    fields = get(clerk, f"/questionnaires/drafts/{draft}").form("/text")["fields"]
    discard(clerk, draft, to="/questionnaires/")
    page = post(
        clerk,
        f"/questionnaires/drafts/{draft}/text",
        {**dict(fields), "title": "我的一份", "source": SOURCE + "# 我写的\n"},
        status=404,
    )
    assert "您写的内容还在下面" in page.text
    offered = dict(page.form("/new")["fields"])
    assert offered["title"] == "我的一份"
    assert '<option selected value="built-in:student">' in page.html
    assert "# 我写的" in page.html
    sent = offered | {"region": "140522", "start": "built-in:student", "source": SOURCE + "# 我写的\n"}
    answer = post(clerk, "/questionnaires/new", sent, to="/questionnaires/drafts/")
    assert saved(app, int(answer.location.rsplit("/", 1)[1])).endswith("# 我写的\n")


def test_a_text_that_no_draft_keeps_is_refused_beside_it(app, clerk):
    fields = {"title": "草稿", "region": "140522", "start": "built-in:student", "source": "\x00"}
    page = post(clerk, "/questionnaires/new", fields, status=422)
    assert "文字里有无法保存的字符。" in page.text
    assert "source" not in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(QuestionnaireDraft)).all() == []


def test_nothing_is_offered_where_nothing_was_written(clerk):
    post(clerk, "/questionnaires/drafts/999/text", {"title": "空", "revision": "1"}, status=404)


def test_a_version_is_published_compared_and_previewed(app, clerk):
    draft = start(clerk)
    changed = SOURCE.replace("在学校里，我觉得安全。", "在学校里，我很安全。")
    post(
        clerk,
        f"/questionnaires/drafts/{draft}/text",
        {"title": "改", "source": changed, "revision": "1"},
        to="/drafts/",
    )
    page = publish(clerk, draft, {}, status=422)
    assert "请用一两句话写明改了什么" in page.text
    answer = publish(clerk, draft, {"remark": "一题更短"}, to="/publications/")
    shown = get(clerk, answer.location)
    assert "第 1 版" in shown.text
    assert "一题更短" in shown.text
    number = answer.location.rsplit("/", 1)[1]
    changes = get(clerk, f"/questionnaires/compare?old=built-in:student&new=publication:{number}")
    assert "共 1 处改动" in changes.text
    assert "在学校里，我觉得安全。" in changes.text
    preview = get(clerk, f"/questionnaires/preview/publication:{number}?lang=en")
    assert "Preview: nothing you answer here is sent or kept." in preview.text
    again = publish(clerk, draft, {"remark": "再来"}, status=422)
    assert "there is nothing to publish" in again.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(QuestionnairePublication)) == 1


def test_every_kind_can_be_previewed_in_an_order_of_ones_own(app, clerk, tmp_path):
    workbook = io.BytesIO(write_xlsform(EVERY_KIND))
    draft = start(clerk, upload=(workbook, "各种.xlsx"))
    assert parse_questionnaire(saved(app, draft)) == EVERY_KIND
    orders = {
        get(clerk, f"/questionnaires/preview/draft:{draft}?order={order}").text.index(
            "Sport" if False else "体育"
        )
        for order in range(1, 9)
    }
    assert len(orders) > 1
    page = get(clerk, f"/questionnaires/preview/draft:{draft}")
    assert "在某学校你参加什么？" in page.text
    assert "可选多项，最多 2 项" in page.text
    assert "填 0 到 180 之间的数" in page.text
    assert page.html.count('type="checkbox"') == 5
    file = clerk.get(f"/questionnaires/file/draft:{draft}.toml")
    assert parse_questionnaire(file.get_data(as_text=True)) == EVERY_KIND
    assert file.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("问卷.docx", b"x", "“问卷.docx”不是问卷文件"),
        ("问卷.toml", "标题".encode("gbk"), "不是 UTF-8"),
        ("问卷.toml", b"x" * (2 * 1024 * 1024 + 1), "2"),
        ("问卷.xlsx", b"PK\x03\x04rubbish", ""),
        ("问卷.xlsx", b"plain", ""),
    ],
)
def test_a_file_that_does_not_fit_is_named_and_nothing_stored(app, clerk, name, content, said):
    fields = {"title": "草稿", "region": "140522", "start": "built-in:student"}
    page = post(clerk, "/questionnaires/new", fields | {"upload": (io.BytesIO(content), name)}, status=422)
    assert said in page.text
    assert "请先改正以下问题" in page.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(QuestionnaireDraft)) == 0


def test_an_uploaded_file_with_faults_becomes_a_draft_with_faults(app, clerk):
    draft = start(clerk, upload=(io.BytesIO("﻿form = 'student'\r\n".encode()), "f.toml"))
    assert saved(app, draft) == "form = 'student'\n"
    assert "还不能发布" in get(clerk, f"/questionnaires/drafts/{draft}").text


def test_a_draft_is_deleted_once_its_title_was_typed(app, clerk):
    draft = start(clerk)
    post(clerk, f"/questionnaires/drafts/{draft}/discard", {"title": "别的"}, to=f"/drafts/{draft}")
    discard(clerk, draft, to="/questionnaires/")
    get(clerk, f"/questionnaires/drafts/{draft}", status=404)


@pytest.mark.parametrize(
    ("deed", "given"), [("publish", {"remark": "没看过的"}), ("discard", {"title": "学生卷草稿"})]
)
def test_what_somebody_saved_in_the_meantime_is_shown_before_it_is_published_or_deleted(
    app, clerk, deed, given
):
    draft = start(clerk)
    seen = get(clerk, f"/questionnaires/drafts/{draft}").form(f"/{deed}")["fields"]
    newer = {"title": "学生卷草稿", "source": SOURCE + "# 新的一行\n", "revision": "1"}
    post(clerk, f"/questionnaires/drafts/{draft}/text", newer, to="/drafts/")
    sent = {**dict(seen), **given}
    post(clerk, f"/questionnaires/drafts/{draft}/{deed}", sent, to=f"/drafts/{draft}")
    page = get(clerk, f"/questionnaires/drafts/{draft}")
    assert "所以什么都没有做" in page.text
    assert "# 新的一行" in page.html
    with app.app_context():
        assert db.session.scalars(sa.select(QuestionnairePublication)).all() == []
    assert act(clerk, draft, deed, given).status_code == 303


def test_regions_below_see_what_was_published_above_and_not_its_drafts(app, clerk, signed_in):
    city = signed_in("city", "140500")
    draft = start(city, region="140500")
    answer = publish(city, draft, {"remark": "市里统一"}, to="/publications/")
    assert "市里统一" in get(clerk, "/questionnaires/").text
    get(clerk, answer.location)
    get(clerk, f"/questionnaires/drafts/{draft}", status=404)
    number = answer.location.rsplit("/", 1)[1]
    assert saved(app, start(clerk, start=f"publication:{number}"))
    outside = signed_in("county", "430603")
    get(outside, answer.location, status=404)
    assert "市里统一" not in get(outside, "/questionnaires/").text
    assessor = signed_in("assessor", "140522")
    get(assessor, "/questionnaires/new", status=403)
    ours = start(clerk)
    assert "保存并检查" not in get(assessor, f"/questionnaires/drafts/{ours}").text
    post(assessor, f"/questionnaires/drafts/{ours}/text", {"source": "x"}, status=403)


@pytest.mark.parametrize(
    "address",
    [
        "/questionnaires/preview/built-in:village",
        "/questionnaires/preview/draft:x",
        "/questionnaires/preview/draft:²",
        "/questionnaires/preview/draft:9999999999999",
        "/questionnaires/preview/publication:1",
        "/questionnaires/preview/built-in:student?group=parent",
        "/questionnaires/file/nothing.toml",
        "/questionnaires/compare",
        "/questionnaires/compare?old=built-in:student&new=draft:7",
    ],
)
def test_addresses_of_nothing_are_not_found(clerk, address):
    get(clerk, address, status=404)
