from dataclasses import replace

import pytest
import sqlalchemy as sa

from survey_app import settings_of
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.materials import cards
from survey_app.fieldwork.materials.typesetting import SheetError, typeset
from survey_app.fieldwork.models import Batch, Invitation
from survey_app.formatting import in_fours
from survey_app.surveys.groups import GROUPS
from tests.factories import code_of, draw_wave, make_wave
from tests.survey_app.fieldwork.materials.reading import printed, words_of

ADDRESS = "http://192.168.123.123:8000"


@pytest.fixture
def settings(app):
    with app.app_context():
        yield replace(settings_of(app), public_url=ADDRESS)


def all_codes(pages):
    return {text for page in pages for text in page.codes}


def sheets_of(wave, settings, **given):
    return printed(cards.card_sheets(db.session, wave, settings=settings), **given)


def invitations():
    return db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()


def test_every_card_can_be_scanned_and_its_code_typed(settings):
    pages = sheets_of(draw_wave(make_wave(population=60_000)), settings)
    wanted = {f"{ADDRESS}/c/{code_of(one).in_address}" for one in invitations()}
    assert all_codes(pages) == wanted
    assert len(wanted) == len(invitations()) == 90
    text = " ".join(page.words for page in pages)
    for invitation in invitations():
        assert in_fours(code_of(invitation).typed) in text


def test_a_picture_is_at_least_26_millimetres_wide_with_white_around_it(settings):
    scale = 4
    pages = sheets_of(draw_wave(make_wave(population=60_000)), settings, scale=scale)
    page = next(page for page in pages if page.codes)
    for one in page.codes.values():
        corners = one.position
        left, right = corners.top_left.x, corners.top_right.x
        top, bottom = corners.top_left.y, corners.bottom_left.y
        assert (right - left) / scale / 72 * 25.4 >= 25.6
        quiet = int(3.5 * (right - left) / 33)
        assert page.picture[top:bottom, left - quiet : left - 3].min() > 200
        assert page.picture[top:bottom, right + 4 : right + quiet].min() > 200
        assert page.picture[bottom + 4 : bottom + quiet, left:right].min() > 200


def test_a_sheet_says_whose_cards_it_holds_and_until_when(settings):
    wave = draw_wave(make_wave(population=60_000))
    text = words_of(sheets_of(wave, settings))
    for batch in db.session.scalars(sa.select(Batch)):
        assert f"{GROUPS[batch.group].label.zh}·{batch.place}" in text
    assert "第1张，共1张" in text
    assert "2026年11月27日18:00截止" in text
    assert "192.168.123.123:8000/code" in text
    assert f"阳城县·{wave.title}" in text


def test_each_batch_starts_a_sheet_of_its_own_and_nothing_spills_over(settings):
    found = [len(page.codes) for page in sheets_of(draw_wave(make_wave()), settings)]
    wanted = []
    for batch in db.session.scalars(sa.select(Batch).order_by(Batch.position)):
        full, rest = divmod(len(batch.invitations), cards.CARDS_PER_SHEET)
        wanted += [0] + [cards.CARDS_PER_SHEET] * full + [rest] * (rest > 0)
    lists = next(number for number, codes in enumerate(found) if codes) - 1
    assert found[lists:] == wanted


def test_a_cover_says_what_is_sealed_and_how_to_hand_it_out(settings):
    wave = draw_wave(make_wave(population=60_000))
    pages = sheets_of(wave, settings)
    covers = [page.words.replace(" ", "") for page in pages if "答题卡交接封面" in page.words]
    batches = db.session.scalars(sa.select(Batch).order_by(Batch.position)).all()
    assert len(covers) == len(batches)
    for batch, cover in zip(batches, covers, strict=True):
        n = len(batch.invitations)
        number = batch.position + 1
        assert f"批号{number}" in cover
        assert batch.place in cover
        assert f"卡号{number}-1至{number}-{n}" in cover
        assert f"{n}张卡（1页）" in cover
        assert f"点清张数（应为{n}）" in cover
        assert "不登记谁拿了哪一张" in cover
        assert "退回县教育局" in cover
        assert "换发的新卡" not in cover


def test_the_list_in_front_says_who_gets_which_card(settings):
    wave = draw_wave(make_wave(population=60_000))
    front = sheets_of(wave, settings)[0].words.replace(" ", "")
    draw = drawing.draw_of(db.session, wave)
    assert "答题卡发放清单" in front
    assert draw.digest[:16] in front
    first = [one.number for one in drawing.recipients(db.session, draw) if one.batch == 0]
    assert first == sorted(first)
    assert f"1-1至1-{len(first)}{'、'.join(map(str, first))}" in front


def recipient(number, serial, **given):
    plain = {"batch": 0, "group": "parent", "unit": "u", "school_code": "S1", "band": "primary"}
    return drawing.Recipient(number=number, serial=serial, **(plain | given))


def rows_of(*found):
    return [row for _, row in cards._rows(found, {0: "第一小学", 1: "阳城县"}, {"S1": "第一小学"})]


def test_a_list_counts_by_class_where_the_register_names_classes():
    found = [
        recipient(30, 2, section="三（2）班", section_number=5),
        recipient(7, 1, section="三（1）班", section_number=7),
        recipient(12, 3, section="三（1）班", section_number=12),
    ]
    assert rows_of(*found) == [["家长", "第一小学", "1-1 至 1-3", "三（1）班：7、12；三（2）班：5"]]


def test_a_list_leaves_out_who_was_replaced_and_names_the_new_card():
    found = [recipient(n, n, given_up=n == 2) for n in (1, 2, 3, 4)] + [recipient(40, 6)]
    assert rows_of(*found) == [["家长", "第一小学", "1-1、1-3 至 1-4、1-6", "1、3、4、40"]]


def test_a_countys_batch_has_a_line_for_each_school():
    county = {"batch": 1, "band": "", "group": "teacher"}
    found = [recipient(9, 1, **county), recipient(2, 2, **county | {"school_code": None})]
    assert rows_of(*found) == [["教师", "阳城县", "2-2", "2"], ["教师", "第一小学", "2-1", "9"]]


def test_the_longest_names_and_addresses_fit(settings):
    wave = draw_wave(make_wave(population=60_000, title="名" * 128))
    batches = db.session.scalars(sa.select(Batch)).all()
    for batch in batches:
        batch.place = "某某县特别长的学校名称" * 11
    db.session.flush()
    far = replace(settings, public_url="https://survey.education.some-very-long-county-name.gov.cn")
    pages = sheets_of(wave, far, scale=4)
    assert len(all_codes(pages)) == 90
    assert sum(bool(page.codes) for page in pages) == len(batches)


def test_a_revoked_card_is_not_printed_again_and_the_same_sheet_has_the_same_bytes(settings):
    wave = draw_wave(make_wave(population=60_000))
    first = cards.card_sheets(db.session, wave, settings=settings)
    assert cards.card_sheets(db.session, wave, settings=settings) == first
    gone = invitations()[0]
    gone.revoked_at = wave.drawn_at
    db.session.flush()
    codes = all_codes(sheets_of(wave, settings))
    assert len(codes) == 89
    assert f"{ADDRESS}/c/{code_of(gone).in_address}" not in codes


def test_a_name_is_never_read_as_a_command(settings):
    title = '#panic("x") $1$ *a* <b> \\ "'
    pages = sheets_of(draw_wave(make_wave(population=60_000, title=title)), settings)
    assert any(title in page.words for page in pages)


def test_a_warning_of_the_typesetter_is_an_error():
    with pytest.raises(SheetError) as failed:
        typeset("cards", {"title": "x"})
    assert failed.value.said


def test_sheets_need_a_draw(settings):
    with pytest.raises(ConflictError, match="not_drawn"):
        cards.card_sheets(db.session, make_wave(), settings=settings)
