import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.surveys.authoring.toml_text import write_toml
from survey_app.surveys.questionnaire_loader import from_content, load_form, parse_questionnaire

from ..forms import EVERY_KIND, SMALL

#: Whatever people may write into a text, short of a placeholder.
WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="{}"), min_size=1, max_size=20
).filter(str.strip)


@pytest.mark.parametrize("form", ["public", "staff", "student"])
def test_what_is_shipped_is_written_and_read_again(form):
    assert parse_questionnaire(write_toml(load_form(form))) == load_form(form)


@given(zh=WORDS, en=WORDS)
def test_any_words_survive(zh, en):
    from dataclasses import replace

    from survey_app.surveys.bilingual import Text

    changed = replace(EVERY_KIND, title=Text(zh=zh, en=en))
    assert parse_questionnaire(write_toml(changed)) == changed
    assert from_content(changed.content) == changed


def test_a_form_without_a_scale_needs_an_empty_table():
    assert parse_questionnaire(write_toml(SMALL)).scales == SMALL.scales
