"""Codes that many use: made, capped, replaced, found again; and the law that no cap is ever exceeded."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.errors import ConflictError, GoneError, NotFoundError, RefusedInputError
from survey_app.fieldwork import entries
from survey_app.fieldwork.codes import MistypedCodeError
from survey_app.fieldwork.models import Entry, PointBurst
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.surveys.models import QuotaCell
from tests.conftest import KEY, NOW
from tests.factories import draw_wave, make_open_wave, make_wave


@pytest.fixture
def wave(either_app):
    """A wave that takes answers, on both databases."""
    with either_app.app_context():
        yield make_open_wave(either_app)


def make(wave, kind="class", group="parent", **given):
    """Make an open entry at the first drawn school of the group."""
    site = next((one.key for one in open_entries.sites(db.session, wave) if one.group == group), "")
    asked = {"place": "三年级二班", "site": site, "cap": 2, "cell_cap": 3}
    return open_entries.make_point(
        db.session, wave, kind=kind, group=group, code_key=KEY, by="test", now=NOW, **{**asked, **given}
    )


def begin(point, seat, now=NOW):
    return entries.reserve(
        db.session, point.quota_cell, kind=point.kind, point=point, seat_hash=seat * 32, now=now
    )


def burn(entry, now=NOW, nonce=b"n" * 32):
    return entries.burn(db.session, entry.id, nonce_hash=nonce, now=now)


def counts(counted):
    db.session.refresh(counted)
    return counted.reserved, counted.spent, counted.surplus


def test_a_class_code_stands_where_its_school_was_drawn(wave):
    point = make(wave)
    site = next(one for one in open_entries.sites(db.session, wave) if one.group == "parent")
    assert (point.school_code, point.stratum, point.psu) == (site.school_code, site.stratum, site.psu)
    cell = point.quota_cell
    assert (cell.way, cell.group, cell.grade_band, cell.locality, cell.cap, cell.target) == (
        "class", "parent", site.grade_band, site.locality, 3, 0,
    )  # fmt: skip
    second = make(wave, cell_cap=None)
    assert second.quota_cell is cell
    assert [one.number for one in entries.points_of(db.session, wave)] == [1, 2]


def test_a_village_stands_in_the_residents_stratum_and_a_poster_nowhere(wave):
    village = make(wave, group="public", place="上庄村", site="")
    poster = make(wave, kind="poster", group="public", place="政务大厅", site="", cap=None)
    assert (village.stratum, village.psu, village.quota_cell.way) == ("all", "", "class")
    assert (poster.stratum, poster.psu, poster.quota_cell.way) == ("", "", "poster")


def test_every_fault_of_a_code_is_told_at_once(wave):
    with pytest.raises(RefusedInputError) as refused:
        make(wave, place=" ", site="", cap=0, cell_cap=None, rotates_every=7)
    assert {each.where for each in refused.value.faults} == {
        "site", "place", "cap", "cell_cap", "rotates_every",
    }  # fmt: skip
    with pytest.raises(RefusedInputError) as refused:
        make(wave, kind="poster", group="teacher", site="")
    assert [each.where for each in refused.value.faults] == ["group"]
    assert entries.points_of(db.session, wave) == []


def test_codes_are_made_for_a_drawn_wave_that_is_not_over(app):
    with app.app_context():
        wave = make_wave()
        with pytest.raises(ConflictError, match="entry_not_drawn"):
            make(wave)
        point = make(draw_wave(wave))
        wave.opened_at = wave.closed_at = NOW
        with pytest.raises(ConflictError, match="entry_too_late"):
            make(wave)
        with pytest.raises(ConflictError, match="entry_too_late"):
            open_entries.replace_point(db.session, wave, point, code_key=KEY, by="test", now=NOW)


def find(text, now=NOW):
    return open_entries.find_point(db.session, KEY, text, now=now)


def test_a_printed_code_is_found_until_it_is_replaced(wave):
    point = make(wave)
    old = open_entries.code_of(point, KEY)
    assert find(old.in_address) is point
    assert find(old.typed.lower()) is point
    open_entries.replace_point(db.session, wave, point, code_key=KEY, by="test", now=NOW)
    new = open_entries.code_of(point, KEY)
    assert find(new.in_address) is point
    for gone in (old.in_address, old.typed):
        with pytest.raises(NotFoundError, match="code_unknown"):
            find(gone)
    with pytest.raises(MistypedCodeError):
        find("ABC")


def test_a_code_on_the_screen_is_good_for_its_step_and_a_grace(wave):
    point = make(wave, rotates_every=60)
    shown = open_entries.screen_code(point, KEY, now=NOW)
    assert shown.ends == NOW + timedelta(seconds=60)
    for text in (shown.in_address, shown.typed):
        for seconds in (0, 59, 119):
            assert find(text, now=NOW + timedelta(seconds=seconds)) is point
        with pytest.raises(GoneError, match="screen_code_over"):
            find(text, now=NOW + timedelta(seconds=120))
        with pytest.raises(NotFoundError):
            find(text, now=NOW + timedelta(hours=3))
    later = open_entries.screen_code(point, KEY, now=NOW + timedelta(seconds=60))
    assert {later.in_address, later.typed}.isdisjoint({shown.in_address, shown.typed})
    printed = open_entries.code_of(point, KEY)
    for never in (printed.in_address, printed.typed):
        with pytest.raises(NotFoundError):
            find(never)
    open_entries.replace_point(db.session, wave, point, code_key=KEY, by="test", now=NOW)
    with pytest.raises(NotFoundError):
        find(shown.in_address)


def test_one_seat_begins_one_questionnaire_and_takes_one_place(wave):
    point = make(wave)
    first = begin(point, b"a")
    assert begin(point, b"a", now=NOW + timedelta(minutes=1)).id == first.id
    assert counts(point) == counts(point.quota_cell) == (1, 0, 0)
    assert not burn(first).surplus
    with pytest.raises(ConflictError, match="already_sent"):
        begin(point, b"a")
    assert counts(point) == counts(point.quota_cell) == (0, 1, 0)


def test_the_code_s_cap_and_the_cell_s_cap_both_hold(wave):
    point, other = make(wave), make(wave, place="三年级三班")
    for seat in (b"a", b"b"):
        begin(point, seat)
    with pytest.raises(GoneError, match="quota_full"):
        begin(point, b"c")
    begin(other, b"d")
    with pytest.raises(GoneError, match="quota_full"):
        begin(other, b"e")
    assert counts(point) == (2, 0, 0)
    assert counts(other) == (1, 0, 0)
    assert counts(point.quota_cell) == (3, 0, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 3


def test_a_place_not_used_in_time_goes_to_the_next_and_the_late_answer_is_surplus(wave):
    point = make(wave, cap=1)
    slow = begin(point, b"a")
    later = NOW + entries.RESERVATION
    assert open_entries.standing(db.session, point.id, now=NOW).full
    assert not open_entries.standing(db.session, point.id, now=later).full
    quick = begin(point, b"b", now=later)
    assert begin(point, b"a", now=later).id == slow.id, "who began may finish"
    assert burn(slow, now=later).surplus
    assert not burn(quick, now=later).surplus
    assert counts(point) == counts(point.quota_cell) == (0, 1, 1)


def test_a_late_person_who_comes_back_gets_a_free_place_again(wave):
    point = make(wave, cap=2)
    slow = begin(point, b"a")
    later = NOW + entries.RESERVATION
    begin(point, b"b", now=later)
    begin(point, b"c", now=later)
    open_entries.change_cap(db.session, wave, point.quota_cell, cap=9, by="test", now=later)
    point.cap = 3
    db.session.flush()
    begin(point, b"a", now=later)
    assert not burn(slow, now=later).surplus
    assert counts(point) == (2, 1, 0)


def test_bursts_of_an_open_entry_are_counted_without_saying_whose(wave):
    point = make(wave)
    for number, minutes in enumerate((0, 9)):
        moment = NOW + timedelta(minutes=minutes)
        burn(begin(point, bytes([number]), now=moment), now=moment)
    rows = db.session.execute(sa.select(PointBurst.entry_point_id, PointBurst.bucket, PointBurst.n)).all()
    assert [tuple(row) for row in rows] == [(point.id, NOW, 2)]


def test_an_answer_through_an_open_entry_says_where_it_stands(wave):
    point = make(wave)
    stands = burn(begin(point, b"a")).origin
    assert (stands.way, stands.stratum, stands.psu) == ("class", point.stratum, point.psu)
    poster = make(wave, kind="poster", group="public", site="", cap=None)
    stands = burn(begin(poster, b"p")).origin
    assert (stands.way, stands.stratum, stands.psu) == ("poster", None, None)


def test_a_code_out_of_use_begins_nothing_but_who_began_may_finish(wave):
    point = make(wave)
    entry = begin(point, b"a")
    open_entries.revoke_point(db.session, wave, point, by="test", now=NOW)
    with pytest.raises(GoneError, match="entry_revoked"):
        begin(point, b"b")
    with pytest.raises(ConflictError, match="entry_revoked_before"):
        open_entries.revoke_point(db.session, wave, point, by="test", now=NOW)
    assert burn(entry).outcome == "stored"


def test_a_cap_is_not_set_below_what_is_taken(wave):
    point = make(wave)
    begin(point, b"a")
    begin(point, b"b")
    with pytest.raises(RefusedInputError) as refused:
        open_entries.change_cap(db.session, wave, point.quota_cell, cap=1, by="test", now=NOW)
    assert [each.rule for each in refused.value.faults] == ["cap_below_taken"]
    open_entries.change_cap(db.session, wave, point.quota_cell, cap=2, by="test", now=NOW)
    assert db.session.get_one(QuotaCell, point.quota_cell_id).cap == 2
