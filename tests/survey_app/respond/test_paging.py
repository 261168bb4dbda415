import pytest

from survey_app.respond.paging import BACK, lay_out, start, turn
from survey_app.respond.ticket import Carried
from survey_app.surveys.questionnaire_loader import load_form
from tests.survey_app.respond.field import full_answers

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
