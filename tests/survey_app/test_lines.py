"""What stands in a paper and in a database, and that every field for words is held to it."""

import importlib
import pkgutil
import re

import marshmallow as ma
import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField, StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import AnyOf, Regexp

import survey_app
from survey_app.api.bodies import Word
from survey_app.assessments.report.gongwen import Paper
from survey_app.lines import AtMost, is_line, one_line, some_lines
from tests.factories import sign_in

#: Fields that nobody keeps as they were sent, or that are held to the same by other means.
EXCEPTIONS = {
    "StepForm.seen": "read as JSON and compared, never kept",
    "SignForm.run": "compared with the run that can be signed, never kept",
    "KeepForm.looked_at": "signed by the server",
    "DraftForm.revision": "compared with the draft's own, never kept",
    "DraftForm.source": "a file: the draft itself refuses its size and what no database keeps",
    "NewDraftForm.source": "as DraftForm.source",
    "PrepareForm.own_words": "held to paragraphs and letters of its own",
}


def _forms():
    """Every form class of the product, by the module that makes it."""
    for module in pkgutil.walk_packages(survey_app.__path__, "survey_app."):
        if module.name.endswith("__main__"):
            continue
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, FlaskForm) and each.__module__ == module.name:
                yield each


def _fields():
    """Every field for words of every form; a password is hashed, never kept."""
    return {
        f"{form.__name__}.{name}": (form.__module__, field)
        for form in _forms()
        for name, field in vars(form).items()
        if isinstance(field, UnboundField)
        and issubclass(field.field_class, StringField)
        and not issubclass(field.field_class, PasswordField)
    }


FIELDS = _fields()


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


def test_the_walk_finds_the_forms_and_every_exception_is_one_of_them():
    assert len(FIELDS) > 50
    assert set(EXCEPTIONS) <= set(FIELDS)


@pytest.mark.parametrize("place", sorted(set(FIELDS) - set(EXCEPTIONS)))
def test_a_field_for_words_refuses_what_nothing_can_hold(place):
    module, field = FIELDS[place]
    validators = list(field.kwargs.get("validators", field.args[1] if len(field.args) > 1 else ()))
    if any(isinstance(each, AnyOf | Regexp) for each in validators):
        return
    assert {one_line, some_lines} & {each for each in validators if callable(each)}, f"{module}: {place}"
    assert any(isinstance(each, AtMost) for each in validators), f"{module}: {place}"


def test_a_word_of_the_interface_is_held_to_it():
    word = Word(64)
    for bad in ("a\0b", "a\ud800", "a\nb", "x" * 65, ""):
        with pytest.raises(ma.ValidationError):
            word.deserialize(bad)
    assert word.deserialize("王　小明 😀") == "王　小明 😀"


def test_no_page_breaks_on_what_no_database_keeps(either_app):
    assert _send(either_app.test_client(), "/accounts/sign-in", login="a\0b", password="long enough") == 422
    clerk = sign_in(either_app, "administrator", "000000")
    assert clerk.get("/audit/?actor=a%00b").status_code in {200, 422}
    who = {"login": "a\0b", "name": "王\0", "role": "county", "region": "140522", "school": "S\0"}
    assert _send(clerk, "/accounts/new", **who) == 422
    nation = sign_in(either_app, "nation", "000000")
    token = {"name": "a\0b", "scopes": "counties.read", "region": "1405\0", "days": "9"}
    assert _send(nation, "/tokens/new", **token) == 422
    draft = {"title": "a\0b", "region": "000000", "start": "public"}
    assert _send(nation, "/questionnaires/new", **draft) == 422
    for room in ("surveys", "assessments", "applications"):
        for role in ("nation", "county"):
            asker = sign_in(either_app, role, "000000")
            assert asker.get(f"/{room}/new?county=a%00b").status_code < 500


def _send(client, path, **fields):
    """The status that a browser's form gets."""
    page = client.get("/accounts/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    return client.post(path, data={**fields, "csrf_token": token}).status_code
