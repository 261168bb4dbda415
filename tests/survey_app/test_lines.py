"""What stands in a paper, and what no paper can hold."""

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form, TextAreaField

from survey_app.assessments.applications import forms as applied
from survey_app.assessments.judgement import forms as judged
from survey_app.assessments.report.gongwen import Paper
from survey_app.lines import is_line, some_lines


class Note(Form):
    """A form of one field."""

    text = TextAreaField(validators=[some_lines])


@pytest.mark.parametrize("bad", ["\0", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_no_paper_can_hold_is_refused(app, bad):
    with app.test_request_context():
        assert not Note(MultiDict({"text": f"a{bad}b"})).validate()
    assert not is_line(f"a{bad}b")


@pytest.mark.parametrize("text", ["", "first\r\n\tsecond", "=1+1", "\u202eabc", "王　小明 😀", "x" * 10_000])
def test_whatever_is_taken_stands_in_a_paper(app, text):
    with app.test_request_context():
        assert Note(MultiDict({"text": text})).validate()
    Paper(title="t", author="a", footer="f").text(text)


def test_every_reason_that_goes_into_papers_is_held_to_it():
    forms = [each for room in (applied, judged) for each in vars(room).values() if isinstance(each, type)]
    fields = {
        (form.__name__, name): field.kwargs["validators"]
        for form in forms
        for name, field in vars(form).items()
        if getattr(field, "field_class", None) is TextAreaField
    }
    assert len(fields) > 6
    assert [place for place, validators in fields.items() if some_lines not in validators] == []
