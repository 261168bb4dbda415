"""Letters, the proctor's page and the words they are made from."""

import pytest

from survey_app.db import db
from survey_app.fieldwork.materials import leaflets
from survey_app.fieldwork.materials.typesetting import typeset
from survey_app.fieldwork.materials.words import _FILE, WordsError, read_words, words
from tests.factories import make_wave
from tests.survey_app.fieldwork.materials.reading import printed, words_of

URL = "https://survey.example.gov.cn"


@pytest.fixture
def wave(app):
    with app.app_context():
        yield make_wave(population=60_000)


@pytest.mark.parametrize("wording", sorted(words().letters))
def test_a_letter_says_who_asks_until_when_and_whom_to_call(wave, wording):
    letter = leaflets.letter(wave, wording=wording, own_words=["请周五前交回。"], public_url=URL)
    [page] = printed(typeset("leaflets", letter))
    text = words_of([page])
    for fact in (
        "阳城县",
        "2026年11月27日18:00",
        "0356-4222222",
        "0356-2222222",
        "请周五前交回。",
        "阳城县教育局",
    ):
        assert fact in text
    assert "{" not in text


@pytest.mark.parametrize("wording", sorted(words().letters))
def test_the_longest_letter_stays_on_one_page(wave, wording):
    wave.title, wave.contact, wave.pressure_contact = "名" * 128, "联" * 200, "压" * 200
    letter = leaflets.letter(wave, wording=wording, own_words=["补" * 133] * 3, public_url=URL)
    assert len(printed(typeset("leaflets", letter))) == 1


def test_the_proctors_page_is_one_page_and_complete(wave):
    wave.contact = "联" * 200
    [page] = printed(typeset("leaflets", leaflets.proctor(wave, public_url=URL)))
    text = words_of([page])
    for part in words().proctor.parts:
        assert part.heading in text
        assert len(part.steps) > 1
    assert "不登记谁答了" in text


def test_what_a_county_adds_is_never_read_as_a_command(wave):
    said = '#panic("x") {county} $1$ \\ "'
    letter = leaflets.letter(wave, wording="standard", own_words=[said], public_url=URL)
    assert said.replace(" ", "") in words_of(printed(typeset("leaflets", letter)))
    db.session.rollback()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{county}", "{country}", "country"),
        ('[letter.standard]\nlabel = "通用"', "[letter.standard]", "letter.standard: label"),
        ("[letter.standard]", "[letter.usual]", "letter.standard is missing"),
        ("[poster]", '[poster]\ncolour = "red"', "poster: colour"),
        ("[cover]", "[covers]", "cover, covers"),
    ],
)
def test_a_faulty_file_of_words_is_refused_by_name(old, new, said):
    text = _FILE.read_text("utf-8")
    assert old in text
    with pytest.raises(WordsError, match=said):
        read_words(text.replace(old, new))
