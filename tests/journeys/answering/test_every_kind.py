"""Every kind of item, on one page and question by question."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from survey_app.db import db
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.authoring.publishing import version_for
from survey_app.surveys.models import WaveForm
from survey_app.surveys.questionnaire_loader import parse_questionnaire
from tests.conftest import NOW
from tests.journeys.answering.phone import at_every_size, begin, choose, go_on, thanked
from tests.journeys.conftest import PHONE
from tests.survey_app.respond.field import Field, Unit, open_field
from tests.survey_app.surveys.forms import KINDS_TEXT

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


def a_phone_with_every_kind(served, open_context, walker, layout: str) -> tuple[Field, Page]:
    """A pupil's phone before the first question of a wave that puts every kind of item."""
    unit = Unit(group="student", psu="S1", cards=1, grade_band="primary", locality="town")
    with served.app.app_context():
        form = parse_questionnaire(KINDS_TEXT.replace("one_page", layout), file="kinds.toml")
        field = open_field(served.app, (unit,))
        used = db.session.get_one(WaveForm, (field.wave_id, "student"))
        used.version_id = version_for(db.session, form, NOW).id
        db.session.commit()
    return field, begin(open_context(PHONE), walker, f"{served.url}/c/{field.card('student').in_address}")


def arrived(served, field: Field) -> dict[str, str]:
    """The answers of the one questionnaire that came in."""
    with served.app.app_context():
        sealed = db.session.scalars(sa.select(SealedAnswer).filter_by(wave_id=field.wave_id)).one()
        return open_sealed(field.private_key, sealed.sealed)["answers"]


def test_every_kind_on_one_page(served, open_context, walker):
    field, page = a_phone_with_every_kind(served, open_context, walker, "one_page")
    activities = page.locator("#card-activities")
    activities.get_by_text("都没有").click()
    activities.get_by_text("体育").click()
    expect(activities.locator("input:checked")).to_have_value("sport")
    activities.get_by_text("音乐").click()
    activities.get_by_text("美术").click()
    page.locator("button.primary").click()
    for missing in ("minutes", "overall"):
        expect(page.locator(f"#card-{missing} .fault")).to_be_visible()
    expect(page.locator("#q-minutes")).to_be_focused()
    page.locator("#q-minutes").fill("三十")
    page.locator("#card-overall").get_by_text("比较同意").click()
    page.locator("button.primary").click()
    page.locator("#faults").wait_for()
    expect(page.locator("#faults")).to_be_focused()
    at_every_size(walker, page, "kinds-faulty")
    page.locator("#faults a[href='#q-minutes']").click()
    expect(page.locator("#q-minutes")).to_be_focused()
    page.locator("#q-minutes").fill("31.5")
    activities.get_by_text("音乐").click()
    page.locator("button.primary").click()
    page.locator("#card-rooms:visible").wait_for()
    assert page.locator("#faults").count() == 0
    for item, level in (("rooms.library", 2), ("rooms.computers", 5), ("fair", 2)):
        page.locator(f"input[name='a.{item}'][value='{level}'] + span").click()
    page.locator("button.primary").click()
    expect(page.locator("#card-rooms .fault")).to_have_count(1)
    missing = page.locator("#card-rooms .row", has=page.locator(".fault"))
    expect(missing.locator("legend")).to_have_text("总是锁着")
    at_every_size(walker, page, "kinds-row")
    missing.get_by_text("很不同意").click()
    page.locator("button.primary").click()
    page.locator("#card-far:visible, #card-low_rooms:visible").first.wait_for()
    at_every_size(walker, page, "kinds-follow-ups")
    page.locator("#card-far").get_by_text("坐车").click()
    page.locator("#q-low_rooms").fill("太吵")
    page.locator("button.primary").click()
    expect(page.locator("[data-review]")).to_contain_text("什么时候开放？")
    page.locator("button.primary").click()
    thanked(page)
    assert walker.problems == []
    assert arrived(served, field) == {
        "activities": "sport art", "minutes": "31.5", "far": "bus", "rooms.library": "2",
        "rooms.computers": "5", "rooms.closed": "1", "fair": "2", "overall": "4", "low_rooms": "太吵",
    }  # fmt: skip


def test_every_kind_question_by_question(served, open_context, walker):
    field, page = a_phone_with_every_kind(served, open_context, walker, "pages")
    activities = page.locator("#card-activities")
    for name in ("体育", "音乐", "美术"):
        activities.get_by_text(name).click()
    go_on(page)
    page.locator("#q-minutes").fill("一点")
    page.locator("button.primary").click()
    page.locator("#faults").wait_for()
    at_every_size(walker, page, "kinds-number")
    page.locator("#faults a[href='#q-minutes']").click()
    expect(page.locator("#q-minutes")).to_be_focused()
    expect(activities).to_be_hidden()
    page.locator("#faults a[href='#q-activities']").click()
    expect(activities).to_be_visible()
    activities.get_by_text("都没有").click()
    go_on(page)
    page.locator("#q-minutes").fill("12")
    page.locator("button.primary").click()
    page.locator("#card-why_not:visible").wait_for()
    at_every_size(walker, page, "kinds-soft")
    page.locator("button.primary").click()
    page.locator("#card-overall:visible").wait_for()
    choose(page)
    page.locator("button.primary").click()
    page.locator("[data-review]").wait_for()
    at_every_size(walker, page, "kinds-review")
    page.get_by_role("button", name="为什么不参加").click()
    expect(page.locator("#card-why_not")).to_be_visible()
    page.locator("#q-why_not").fill("太远")
    page.locator("button.primary").click()
    expect(page.locator("#card-overall input").first).to_be_checked()
    page.locator("button.primary").click()
    thanked(page)
    assert walker.problems == []
    assert arrived(served, field) == {
        "activities": "none", "minutes": "12", "why_not": "太远", "overall": "5",
    }  # fmt: skip
