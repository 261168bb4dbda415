"""The board's pages: flags in words, pictures with their tables, reviews that are never edited."""

import pytest

from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.results.integrity.board import board_of, picture_of, review_flag, unscreened
from survey_app.results.models import WaveOutcome
from survey_app.surveys import service as surveys
from tests.conftest import NOW
from tests.factories import sign_in
from tests.page import Page
from tests.survey_app.results.integrity.planted import planted, screened


@pytest.fixture
def field(app):
    return planted(app)


def read(client, path, status=200) -> Page:
    """A page that is as pages must be."""
    got = client.get(path)
    assert got.status_code == status
    return Page(got.status_code, got.get_data(as_text=True)).check()


def test_the_board_says_what_was_looked_at_and_the_rate_with_and_without(app, field):
    client = sign_in(app, "city", "140500")
    base = f"/results/{field.wave_id}/integrity/"
    assert "还没有算出" in read(client, base).html
    screened(app, field)
    page = read(client, base).html
    assert "14 个地方中有 1 个有标记" in page
    assert "全部选最高档" in page
    assert "没有做的检验" in page


def test_a_flag_shows_its_null_model_and_takes_reviews(app, field):
    content = screened(app, field)
    key = next(each["key"] for each in content["findings"] if each["flagged"])
    client = sign_in(app, "city", "140500")
    path = f"/results/{field.wave_id}/integrity/flags/{key}"
    page = read(client, path)
    assert "<svg" in page.html
    assert "还没有人核查" in page.html
    fields = page.form()["fields"]
    refused = client.post(path, data=fields | {"decision": "", "note": ""})
    assert refused.status_code == 422
    with app.app_context():
        before = db.session.get(WaveOutcome, field.wave_id).digest
    for decision, said in (("checking", "已联系学校"), ("explained", "学校在家长会上集中作答")):
        assert client.post(path, data=fields | {"decision": decision, "note": said}).status_code == 303
    shown = read(client, path).html
    assert shown.index("学校在家长会上集中作答") < shown.index("已联系学校")
    with app.app_context():
        assert db.session.get(WaveOutcome, field.wave_id).digest == before
        board = board_of(db.session, surveys.get_wave(db.session, field.wave_id))
        assert board.flag(key).decision == "explained"


def test_the_county_sees_no_board_and_an_assessor_reviews_nothing(app, field):
    content = screened(app, field)
    key = next(each["key"] for each in content["findings"] if each["flagged"])
    base = f"/results/{field.wave_id}/integrity/"
    assert sign_in(app, "county", "140522").get(base).status_code == 403
    assessor = sign_in(app, "assessor", "140522")
    page = read(assessor, f"{base}flags/{key}")
    assert "记录核查情况" not in page.html


def test_a_flag_that_is_not_there_cannot_be_reviewed(app, field):
    screened(app, field)
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        with pytest.raises(NotFoundError):
            review_flag(db.session, wave, "ceiling-none", decision="checking", note="x", by="x", now=NOW)


def test_mixed_waves_wait_for_their_screening_once(app, field):
    with app.app_context():
        assert unscreened(db.session) == [field.wave_id]
    screened(app, field)
    with app.app_context():
        assert unscreened(db.session) == []


@pytest.mark.parametrize(
    "stored",
    [
        {"unit": "pairs", "bars": [[0, 1.0]], "observed": 0},
        {"unit": "pairs", "bars": [[0, 0.9], [1, 0.1]], "observed": 70},
        {"unit": "points", "bars": [[-0.2, 0.5], [0.1, 0.5]], "observed": -1.5},
        {"unit": "questionnaires", "bars": [[0, 0.0], [1, 0.0]], "observed": 12},
    ],
)
def test_a_picture_keeps_everything_inside(stored):
    picture = picture_of(stored)
    for bar in picture.bars:
        assert picture.left - 1 <= bar.x
        assert bar.x + bar.width <= picture.right + 1
        assert bar.y >= 0
    assert picture.left <= picture.observed_x <= picture.right
