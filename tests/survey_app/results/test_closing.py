"""The end of a wave: at its last instant, later with a reason, or called off."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock, settings_of
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork.opening import key_file
from survey_app.jobs import jobs_of
from survey_app.respond.models import SealedAnswer
from survey_app.results import closing, shortfalls
from survey_app.results.jobs import CLOSE_WAVE
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveExtension, WaveState
from tests.conftest import NOW
from tests.factories import make_open_wave, make_wave
from tests.page import get, post
from tests.survey_app.respond.field import open_field
from tests.survey_app.results.filled import COUNTY, close, fill

TITLE = "2026年阳城县义务教育社会认可度调查"
LATER = NOW + timedelta(days=6)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def wave_of(field):
    return db.session.get_one(Wave, field.wave_id, populate_existing=True)


def actions():
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.number)))


def extend(wave, **given):
    return closing.extend_wave(
        db.session, wave, **{"closes_at": LATER, "reason": "雨雪停课", "by": "clerk", "now": NOW} | given
    )


def test_a_wave_whose_last_instant_has_passed_is_closed_and_mixed_by_itself(app, monkeypatch):
    field = fill(app, COUNTY)
    jobs = jobs_of(app)
    assert not [work for work in jobs.unfinished() if work[0] == CLOSE_WAVE]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=5))
    (work,) = [work for work in jobs.unfinished() if work[0] == CLOSE_WAVE]
    jobs.perform(work[0], work[2])
    with app.app_context():
        wave = wave_of(field)
        assert (wave.closed_by, wave.state) == ("deadline", WaveState.MIXED)
    jobs.perform(work[0], work[2])
    assert not [work for work in jobs.unfinished() if work[0] == CLOSE_WAVE]
    with app.app_context():
        assert actions().count("wave.closed") == 1


def test_a_wave_extended_at_the_last_moment_is_not_closed(app, monkeypatch):
    field = open_field(app)
    with app.app_context():
        extend(wave_of(field))
        db.session.commit()
        assert not closing.close_overdue(db.session, field.wave_id, now=NOW + timedelta(days=5))
        assert wave_of(field).state is WaveState.OPEN
        assert closing.overdue(db.session, NOW + timedelta(days=5)) == []
        assert closing.overdue(db.session, LATER + timedelta(seconds=1)) == [field.wave_id]


def test_a_later_end_holds_at_once_and_leaves_a_record(either_app):
    app = either_app
    field = open_field(app)
    with app.app_context():
        wave = wave_of(field)
        before = wave.closes_at
        extend(wave)
        assert wave.takes_answers(before + timedelta(hours=1))
        (kept,) = db.session.scalars(sa.select(WaveExtension))
        assert (kept.closed_before, kept.closes_now, kept.reason) == (before, LATER, "雨雪停课")
        assert actions()[-1] == "wave.extended"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"closes_at": NOW}, ["closes_at"]),
        ({"closes_at": NOW + timedelta(days=4)}, ["closes_at"]),
        ({"closes_at": NOW + timedelta(days=40_000)}, ["closes_at"]),
        ({"reason": " "}, ["reason"]),
        ({"reason": "x" * 501, "closes_at": NOW}, ["reason", "closes_at"]),
    ],
)
def test_an_extension_that_is_none_is_refused_with_all_faults(app, given, wrong):
    field = open_field(app)
    with app.app_context():
        with pytest.raises(RefusedInputError) as refused:
            extend(wave_of(field), **given)
        assert [fault.where for fault in refused.value.faults] == wrong
        assert db.session.scalars(sa.select(WaveExtension)).all() == []


def test_only_an_open_wave_can_be_extended(app):
    with app.app_context():
        with pytest.raises(ConflictError, match="wave_not_extendable"):
            extend(draft := make_wave())
        wave = make_open_wave(app, county_file=draft.county_file)
        with pytest.raises(ConflictError, match="window_past"):
            extend(wave, now=wave.closes_at + timedelta(seconds=1))


def test_a_wave_that_is_called_off_loses_its_answers_unread_and_its_key(either_app):
    app = either_app
    field = fill(app, COUNTY)
    with app.app_context():
        sealed = db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer))
        erased = closing.abort_wave(db.session, wave_of(field), reason="县里合并", by="clerk", now=NOW)
        db.session.commit()
        assert erased == sealed > 100
        assert db.session.scalars(sa.select(SealedAnswer)).all() == []
        assert wave_of(field).state is WaveState.ABORTED
        key = key_file(settings_of(app).keys, field.wave_id)
        assert key.exists()
    (work,) = jobs_of(app).unfinished()
    jobs_of(app).perform(work[0], work[2])
    assert not key.exists()
    assert jobs_of(app).unfinished() == []
    with app.app_context():
        assert actions()[-2:] == ["wave.aborted", "wave.key_erased"]


def test_a_key_that_was_erased_before_the_job_was_killed_is_still_recorded(app):
    field = open_field(app)
    with app.app_context():
        closing.abort_wave(db.session, wave_of(field), reason="演练", by="clerk", now=NOW)
        db.session.commit()
        key_file(settings_of(app).keys, field.wave_id).unlink()
    (work,) = jobs_of(app).unfinished()
    jobs_of(app).perform(work[0], work[2])
    with app.app_context():
        assert actions()[-1] == "wave.key_erased"


def test_a_closed_wave_cannot_be_called_off(app):
    field = fill(app, COUNTY)
    close(app, field)
    with app.app_context():
        with pytest.raises(ConflictError, match="wave_not_abortable"):
            closing.abort_wave(db.session, wave_of(field), reason="太低", by="clerk", now=NOW)
        assert db.session.scalars(sa.select(SealedAnswer)).all()


def test_codes_of_a_wave_that_was_called_off_lead_to_a_kind_page(app, client, signed_in):
    field = open_field(app)
    started = client.get(f"/c/{field.card().in_address}").location
    get(client, started)
    address = f"/results/{field.wave_id}"
    post(signed_in(), f"{address}/abort", {"title": TITLE, "reason": "县里合并"}, to=address)
    for page in (f"/c/{field.card(number=1).in_address}", started):
        gone = get(client, page, status=410)
        assert "这次调查已取消" in gone.h1
        assert "没有人看过，已全部销毁" in gone.text
        assert "县教育局" in gone.text or "督导室" in gone.text


def test_extending_on_its_page(app, signed_in):
    field = open_field(app)
    address = f"/results/{field.wave_id}"
    county = signed_in()
    page = get(county, f"{address}/extend")
    assert "仍是原来的时间" in page.text
    refused = post(
        county, f"{address}/extend", {"closes_at": "2026-11-22T08:00", "reason": "因雪"}, status=422
    )
    assert "新的截止时间应晚于现在的截止时间" in refused.text
    assert "因雪" in refused.html
    assert (
        "请写明原因" in post(county, f"{address}/extend", {"closes_at": "2026-11-30T18:00"}, status=422).text
    )
    post(county, f"{address}/extend", {"closes_at": "2026-11-30T18:00", "reason": "因雪"}, to=address)
    page = get(county, address)
    assert "延至 2026-11-30 18:00。原因：因雪" in page.text
    assert "已印的答题卡上仍是原来的时间" in page.text
    assert get(signed_in("assessor"), f"{address}/extend", status=403)
    assert get(signed_in("county", "140524"), f"{address}/extend", status=404)


def test_the_landing_page_shows_the_later_end(app, client, signed_in):
    field = open_field(app)
    address = client.get(f"/c/{field.card().in_address}").location
    before = get(client, address).text
    assert "11月26日" in before
    assert "11月30日" not in before
    later = {"closes_at": "2026-11-30T18:00", "reason": "因雪"}
    post(signed_in(), f"/results/{field.wave_id}/extend", later, to="/results")
    after = get(client, address).text
    assert "11月30日" in after
    assert "11月26日" not in after


def test_calling_off_asks_for_title_and_reason(app, signed_in):
    field = open_field(app)
    address = f"/results/{field.wave_id}/abort"
    page = post(signed_in(), address, {"title": "别的", "reason": ""}, status=422)
    assert "请写明原因" in page.text
    assert f"与“{TITLE}”不一致" in page.text
    with app.app_context():
        assert wave_of(field).state is WaveState.OPEN


def test_what_was_erased_is_listed(app, signed_in):
    field = fill(app, COUNTY)
    address = f"/results/{field.wave_id}"
    county = signed_in()
    assert "还没有销毁过什么" in get(county, f"{address}/erased").text
    post(county, f"{address}/close", {"title": TITLE}, to=address)
    page = get(county, f"{address}/erased")
    for words in ("加密答卷（打乱混合以后） 124", "打开答卷的钥匙", "混合任务", "2026-11-22 18:00"):
        assert words in page.text


def test_before_the_close_every_gap_is_named(app, signed_in):
    field = fill(app, COUNTY, left_out=2)
    page = get(signed_in(), f"/results/{field.wave_id}")
    for words in ("没有收齐的对象：", "教师 18/20", "差得最多的学段和地区：", "家长 · 小学 · 乡村 22/24"):
        assert words in page.text


def test_the_schemes_floor_is_named_where_it_is_missed(app, signed_in, monkeypatch):
    field = fill(app, COUNTY)
    with app.app_context():
        wave_of(field).plan = json.dumps({"population": 380_000})
        db.session.commit()
    monkeypatch.setattr(
        shortfalls, "floor_of", lambda scheme, residents: 600 if residents < 400_000 else None
    )
    page = get(signed_in(), f"/results/{field.wave_id}")
    assert "细则规定不少于 600 份，还差 476 份" in page.text


def test_extensions_are_read_in_their_order(app):
    field = open_field(app)
    with app.app_context():
        wave = wave_of(field)
        extend(wave)
        extend(wave, closes_at=LATER + timedelta(days=1), reason="再延一天")
        assert [each.reason for each in surveys.extensions_of(db.session, wave)] == ["雨雪停课", "再延一天"]
