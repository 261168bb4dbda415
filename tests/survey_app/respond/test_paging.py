import pytest

from survey_app.respond.paging import BACK, SEND, STAY, TO, lay_out, review, start, turn
from survey_app.respond.ticket import Carried
from survey_app.surveys.answers import check_answers
from survey_app.surveys.questionnaire_loader import load_form
from tests.survey_app.respond.field import full_answers
from tests.survey_app.surveys.forms import EVERY_KIND

STUDENT = load_form("student")
PUBLIC = load_form("public")


def sent(**values):
    return {item: [value] for item, value in values.items()}


def walk(questionnaire, group, answers):
    """Answer page after page; give the pages seen and the last turn."""
    turned, seen = start(questionnaire, group), []
    for _ in range(20):
        page = lay_out(questionnaire, group, turned)
        seen.append(page)
        carried = Carried(nonce="n", page=turned.page, answers=turned.carried_answers, offered=page.offered)
        here = {
            each.item.id: [answers[each.item.id]]
            for each in page.questions
            if each.shown and each.item.id in answers
        }
        turned = turn(questionnaire, group, carried, here)
        if turned.complete:
            return seen, turned
    raise AssertionError("never complete")


@pytest.mark.parametrize(
    ("form", "group"),
    [("public", "parent"), ("public", "deputy"), ("student", "student"), ("staff", "teacher")],
)
def test_walking_through_brings_every_answer_to_the_end(form, group):
    answers = full_answers(form, group)
    seen, turned = walk(load_form(form), group, answers)
    assert turned.answers == answers
    assert seen[-1].last
    assert not any(page.last for page in seen if page.number < seen[-1].number)
    numbers = [each.number for page in seen for each in page.questions if each.shown]
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))
    assert [page.done for page in seen] == sorted(page.done for page in seen)


def test_a_page_that_is_not_finished_stays_and_keeps_what_was_sent():
    carried = Carried(nonce="n", page=1, answers={"after_school": "no"})
    turned = turn(PUBLIC, "parent", carried, sent(enrolment="5"))
    assert (turned.page, turned.complete) == (1, False)
    assert ("equal_chance", "missing") in [(each.item, each.code) for each in turned.problems]
    assert turned.answers == {"after_school": "no", "enrolment": "5"}


def test_going_back_checks_nothing_and_loses_nothing():
    carried = Carried(nonce="n", page=1, answers={"after_school": "no"})
    turned = turn(PUBLIC, "parent", carried, sent(enrolment="5"), go=BACK)
    assert (turned.page, turned.problems) == (0, ())
    assert turned.answers == {"after_school": "no", "enrolment": "5"}


def test_going_back_from_the_first_page_stays_there():
    assert turn(PUBLIC, "parent", Carried(nonce="n"), {}, go=BACK).page == 0


def test_a_question_that_follows_from_the_same_page_is_put_without_reproach():
    lessons = [section.id for section in STUDENT.sections_for("student")].index("lessons")
    answers = full_answers("student", "student")
    later = {"after_school_quality"}
    here = {item.id for item in STUDENT.sections_for("student")[lessons].items}
    earlier = {item: value for item, value in answers.items() if item not in here}
    carried = Carried(nonce="n", page=lessons, answers=earlier)
    first = lay_out(STUDENT, "student", turn(STUDENT, "student", carried, {}))
    hidden = next(each for each in first.questions if each.item.id == "after_school_quality")
    assert not hidden.shown
    assert hidden.when == (("after_school", ("yes",)),)
    half = {item: [answers[item]] for item in here & set(answers) - later}
    turned = turn(STUDENT, "student", carried, half)
    assert (turned.page, turned.problems, turned.follow_ups) == (lessons, (), ("after_school_quality",))
    page = lay_out(STUDENT, "student", turned)
    assert page.offered == ("after_school_quality",)
    again = turn(STUDENT, "student", carried.at(lessons, turned.carried_answers, page.offered), half)
    assert [each.code for each in again.problems] == ["missing"]


def test_an_earlier_page_whose_answer_is_missing_is_shown_first():
    carried = Carried(nonce="n", page=2, answers={})
    turned = turn(PUBLIC, "parent", carried, {})
    assert turned.page == 0


@pytest.mark.parametrize("page", [-3, 99])
def test_a_page_that_does_not_exist_is_no_accident(page):
    assert 0 <= turn(PUBLIC, "parent", Carried(nonce="n", page=page), {}).page < 6


def at(page, **answers):
    return Carried(nonce="n", page=page, answers=answers)


def last_page(questionnaire, group):
    return len(questionnaire.sections_for(group)) - 1


def everything(questionnaire, form, group):
    """Full answers as they are carried to the last page, and that page's own as sent."""
    answers = full_answers(form, group)
    here = {item.id for item in questionnaire.sections_for(group)[-1].items}
    earlier = {key: value for key, value in answers.items() if key not in here}
    return earlier, {key: [value] for key, value in answers.items() if key in here}


def test_nothing_left_out_goes_straight_to_sending_even_without_a_comment():
    earlier, here = everything(PUBLIC, "public", "parent")
    turned = turn(PUBLIC, "parent", at(last_page(PUBLIC, "parent"), **earlier), here)
    assert (turned.complete, turned.review) == (True, False)
    assert turned.checked == check_answers(PUBLIC, "parent", turned.answers)


#: Answers to every kind of item but what may be left out.
KINDS = {
    "activities": ["sport", "music"],
    "minutes": ["12"],
    "rooms.library": ["4"],
    "rooms.computers": ["4"],
    "rooms.closed": ["2"],
    "fair": ["2"],
    "overall": ["5"],
}
RATING = ("rooms", "when_open", "fair")


def test_what_was_left_out_is_listed_before_sending_and_can_be_gone_to():
    turned = turn(EVERY_KIND, "student", at(0), KINDS, offered=RATING)
    assert (turned.review, turned.complete) == (True, False)
    shown = review(EVERY_KIND, "student", turned)
    assert [(each.item.id, each.number) for each in shown.left] == [("when_open", 4)]
    number = next(
        each.number
        for each in lay_out(
            EVERY_KIND, "student", turn(EVERY_KIND, "student", at(0), KINDS, go=STAY), seed="1"
        ).questions
        if each.item.id == "when_open"
    )
    assert [each.number for each in review(EVERY_KIND, "student", turned, seed="1").left] == [number]
    carried = at(turned.page, **turned.carried_answers)
    assert turn(EVERY_KIND, "student", carried, {}, go=SEND).complete
    to = turn(EVERY_KIND, "student", carried, {}, go=f"{TO}when_open")
    assert (to.page, to.focus, to.answers) == (0, "when_open", turned.answers)
    assert turn(EVERY_KIND, "student", carried, {}, go=f"{TO}nothing").page == 0
    assert turn(EVERY_KIND, "student", carried, {}, go=BACK).page == 0


def test_sending_is_for_the_review_alone():
    turned = turn(EVERY_KIND, "student", at(0), KINDS, go=SEND, offered=RATING)
    assert (turned.complete, turned.page) == (False, 0)


def test_a_review_that_somebody_forged_is_checked_like_a_page():
    turned = turn(EVERY_KIND, "student", at(1), {}, go=SEND)
    assert not turned.complete
    assert turned.problems


def test_everything_on_one_page_keeps_its_sections_and_several_choices():
    turned = turn(EVERY_KIND, "student", at(0), KINDS, go=STAY)
    page = lay_out(EVERY_KIND, "student", turned, seed="17")
    assert (page.whole, page.first, page.last) == (True, True, True)
    assert [part.section.id for part in page.parts] == ["life", "rating", "end"]
    by_id = {each.item.id: each for each in page.questions}
    assert by_id["activities"].given == {"activities": ("sport", "music")}
    assert by_id["rooms"].given["rooms.closed"] == ("2",)
    assert turned.carried_answers["activities"] == ["sport", "music"]


def test_questions_that_follow_on_the_same_page_are_put_once():
    without = {key: value for key, value in KINDS.items() if not key.startswith(("rooms", "fair"))}
    first = turn(EVERY_KIND, "student", at(0), without)
    assert (first.problems, first.follow_ups) == ((), RATING)
    page = lay_out(EVERY_KIND, "student", first)
    again = turn(EVERY_KIND, "student", at(0).at(0, first.carried_answers, page.offered), without)
    assert again.follow_ups == ()
    assert {each.item for each in again.problems} == {
        "rooms.library",
        "rooms.computers",
        "rooms.closed",
        "fair",
    }


def test_absurd_values_are_carried_short():
    turned = turn(EVERY_KIND, "student", at(0), {"activities": ["x" * 9000] * 300}, go=STAY)
    assert {len(each) for each in turned.carried_answers["activities"]} == {4000}
    assert len(turned.carried_answers["activities"]) == 100


def test_a_span_of_numbers_is_told_to_scripts():
    first = lay_out(EVERY_KIND, "student", start(EVERY_KIND, "student"))
    told = {each.item.id: each.when for part in first.parts for each in part.questions}
    assert told["far"] == (("minutes", ("30..",)),)
    assert ("minutes", ("..60.5",)) in told["why_not"]
