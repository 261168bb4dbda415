"""The three shipped questionnaires keep what the survey is declared to ask."""

import re

import pytest

from survey_app.surveys.groups import FORMS, GRADE_BANDS, GROUPS, LOCALITIES, TOPICS, form_for_group
from survey_app.surveys.questionnaire_loader import from_content, load_form

FORM_AND_GROUP = [(form, group) for form in FORMS for group in load_form(form).groups]
LEAST_SCALE_ITEMS = {"public": 14, "staff": 14, "student": 9}


def texts(questionnaire):
    yield from (questionnaire.title, questionnaire.intro)
    for section in questionnaire.sections:
        yield section.title
    for item in questionnaire.items:
        yield from (item.text, *(variant.text for variant in item.variants))
        yield from filter(None, [item.hint])
        yield from (option.text for option in item.options)


def test_groups_stand_in_their_order_and_have_one_form():
    assert list(GROUPS) == ["parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public"]
    assert set(GROUPS) == {group for _, group in FORM_AND_GROUP}
    assert all(form == form_for_group(group) for form, group in FORM_AND_GROUP)
    assert (list(GRADE_BANDS), list(LOCALITIES)) == (["primary", "junior"], ["urban", "town", "rural"])
    assert len(TOPICS) == 8


def test_an_unknown_form_or_group_is_a_key_error():
    with pytest.raises(KeyError):
        load_form("../../etc/passwd")
    with pytest.raises(KeyError):
        form_for_group("neighbour")


@pytest.mark.parametrize(("form", "group"), FORM_AND_GROUP)
def test_every_group_is_asked_enough_about_every_topic(form, group):
    questionnaire = load_form(form)
    always = [item for item in questionnaire.items_for(group) if item.kind == "scale" and not item.when]
    topical = [item for item in always if not item.overall]
    assert len(topical) >= LEAST_SCALE_ITEMS[form]
    assert set(TOPICS) == {item.topic for item in topical}
    assert all(item.indicators for item in topical)
    assert sum(item.reversed for item in always) == 2
    assert sum(item.overall for item in always) == 1
    assert [item.id for item in questionnaire.items_for(group) if item.kind == "text"] == ["comment"]
    assert sum(bool(item.when) for item in questionnaire.items_for(group)) >= 1


@pytest.mark.parametrize("form", FORMS)
def test_both_languages_are_complete_and_differ(form):
    for text in texts(load_form(form)):
        assert re.search(r"[一-鿿]", text.zh)
        assert re.search(r"[A-Za-z]", text.en)
        assert not re.search(r"[一-鿿]", text.en)


@pytest.mark.parametrize("form", FORMS)
def test_questions_fit_one_or_two_lines_of_a_phone(form):
    questionnaire = load_form(form)
    longest = 20 if form == "student" else 30
    for item in questionnaire.items:
        for group in item.groups:
            assert len(item.wording(group).in_language("zh", county="阳城县")) <= longest


def test_hunan_items_8_and_30_are_informed():
    informed = {form: {code for item in load_form(form).items for code in item.indicators} for form in FORMS}
    assert {"public", "staff"} == {form for form in FORMS if "8.4" in informed[form]}
    assert set(FORMS) == {form for form in FORMS if "30.8" in informed[form]}


@pytest.mark.parametrize("form", FORMS)
def test_the_open_question_is_optional_and_asks_for_no_names(form):
    comment = load_form(form).item("comment")
    assert not comment.required
    assert "请不要写" in comment.hint.zh
    assert "do not write" in comment.hint.en or "write no" in comment.hint.en


@pytest.mark.parametrize("form", FORMS)
def test_frozen_content_gives_the_same_questionnaire(form):
    questionnaire = load_form(form)
    again = from_content(questionnaire.content)
    assert questionnaire == again
    assert (questionnaire.content, questionnaire.digest) == (again.content, again.digest)
    assert len({load_form(other).digest for other in FORMS}) == 3


def test_a_parent_is_asked_about_the_childs_school_and_a_deputy_about_local_ones():
    item = load_form("public").item("facilities")
    assert "孩子学校" in item.wording("parent").zh
    assert "当地学校" in item.wording("deputy").zh


def test_the_county_is_named_where_the_text_leaves_it_open():
    title = load_form("public").title
    assert title.in_language("zh-CN", county="阳城县").startswith("阳城县")
    assert "{" not in title.in_language("en", county="Yangcheng")
