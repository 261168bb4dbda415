"""Pages that are drawn once: what differs from person to person goes into slots, compressed or not."""

import gzip
import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from survey_app.respond.kept_pages import KeptPages, cut, slot
from tests.survey_app.respond.field import Phone, full_answers, open_field

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), TEXTS)
def test_a_page_put_together_is_the_page_that_would_have_been_drawn(pairs, end):
    values = {f"s{number}": value for number, (_, value) in enumerate(pairs)}
    page = cut("".join(f"{text}{slot(f's{number}')}" for number, (text, _) in enumerate(pairs)) + end)
    whole = "".join(f"{text}{escape(value)}" for text, value in pairs) + end
    assert page.fill(**values).decode("utf-8") == whole
    assert gzip.decompress(page.fill_zipped(**values)).decode("utf-8") == whole


def test_a_value_longer_than_a_block_is_kept_whole():
    page = cut(f"<p>{slot('long')}</p>")
    assert (
        gzip.decompress(page.fill_zipped(long="长" * 100_000)).decode("utf-8") == f"<p>{'长' * 100_000}</p>"
    )


def test_so_many_pages_are_kept_and_the_oldest_goes_first(app):
    pages, drawn = KeptPages(most=2), []

    def draw(name):
        return lambda: drawn.append(name) or name

    with app.test_request_context():
        for name in ("a", "b", "a", "c", "a", "b"):
            assert pages.respond(name, draw(name)).get_data(as_text=True) == name
        pages.respond(None, draw("never kept"))
    assert (drawn, len(pages)) == (["a", "b", "c", "b", "never kept"], 2)


def test_two_people_get_the_same_page_but_for_their_tickets(app):
    field = open_field(app)
    phones = [Phone(app.test_client()).scan(field.card("parent", number)).begin() for number in (0, 1)]
    first, second = (phone.page.html for phone in phones)
    assert phones[0].hidden() != phones[1].hidden()
    blank = re.compile(r'(name="(?:ticket|carried)" value|data-draft)="[^"]*"')
    assert blank.sub("", first) == blank.sub("", second)


def test_languages_sizes_and_answers_have_pages_of_their_own(app):
    field = open_field(app)

    def begun(query):
        client = app.test_client()
        client.get(f"/code?{query}")
        return Phone(client).scan(field.card()).begin().page.html

    plain = begun("lang=zh")
    assert 'lang="en"' in begun("lang=en")[:60]
    assert 'class="large"' in begun("size=large")[:60]
    assert 'lang="zh-CN"' in plain[:60]
    assert 'class="large"' not in plain[:60]


def test_what_somebody_answered_is_never_kept(app):
    field = open_field(app)
    phone = Phone(app.test_client()).scan(field.card()).begin()
    phone.press(full_answers("public", "parent"), size="large")
    assert "checked" in phone.page.html
    other = Phone(app.test_client()).scan(field.card("parent", 1)).begin()
    assert "checked" not in other.page.html
