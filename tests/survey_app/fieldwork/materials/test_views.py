"""Pages of materials and of the ledger, as a clerk without JavaScript uses them."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock, prepared, settings_of
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.fieldwork import views
from survey_app.fieldwork.materials import bundle, ledger
from survey_app.fieldwork.models import Batch, Handover, Invitation
from survey_app.surveys.models import Wave
from tests.conftest import NOW
from tests.factories import code_of, draw_wave, make_wave
from tests.page import get, post


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def wave_id(app):
    with app.app_context():
        wave = draw_wave(make_wave(population=60_000))
        db.session.commit()
        return wave.id


@pytest.fixture
def staff(signed_in):
    return signed_in()


def prepare(staff, wave_id, **given):
    answer = post(
        staff,
        f"/fieldwork/{wave_id}/materials/prepare",
        {"scope": "", "wording": "standard", **given},
        to=f"/fieldwork/{wave_id}/materials/",
    )
    return answer.location


def first_batch(app, wave_id):
    with app.app_context():
        return db.session.scalars(
            sa.select(Batch.id).where(Batch.wave_id == wave_id).order_by(Batch.position)
        ).first()


def download(staff, address):
    token = get(staff, address).form("/download")["fields"]["csrf_token"]
    return staff.post(f"{address}/download", data={"csrf_token": token})


def test_a_clerk_prepares_downloads_and_prints_again(app, staff, wave_id):
    index = f"/fieldwork/{wave_id}/materials"
    page = get(staff, index)
    assert "还没有准备过材料" in page.text
    assert "0 / 9 批" in page.text
    address = prepare(staff, wave_id)
    page = get(staff, address)
    assert "阳城县 2026年社会认可度调查 全县 答题材料.zip" in page.text
    assert "90 张" in page.text
    first = download(staff, address)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    assert "attachment" in first.headers["Content-Disposition"]
    assert "材料目录.xlsx" in zipfile.ZipFile(io.BytesIO(first.data)).namelist()
    assert prepare(staff, wave_id) == address
    assert download(staff, address).data == first.data
    assert "9 / 9 批" in get(staff, index).text
    batch = get(staff, f"/fieldwork/{wave_id}/batches/{first_batch(app, wave_id)}")
    assert "2 次 · 各次印出的码相同" in batch.text
    with app.app_context():
        rows = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "cards.printed")).all()
        assert [row.actor for row in rows] == ["county-140522"] * 2
        assert db.session.query(Handover).filter_by(deed="printed").count() == 18


def test_sheets_without_an_archive_are_noted_as_well(app, staff, wave_id):
    token = get(staff, f"/fieldwork/{wave_id}/materials").form("/cards.pdf")["fields"]["csrf_token"]
    pdf = staff.post(f"/fieldwork/{wave_id}/cards.pdf", data={"csrf_token": token})
    assert pdf.mimetype == "application/pdf"
    assert "1 次" in get(staff, f"/fieldwork/{wave_id}/batches/{first_batch(app, wave_id)}").text
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="cards.printed").count() == 1


def test_sheets_of_codes_that_changed_meanwhile_are_not_given_out(app, staff, wave_id, monkeypatch):
    token = get(staff, f"/fieldwork/{wave_id}/materials").form("/cards.pdf")["fields"]["csrf_token"]
    sheets = views.card_sheets

    def set_slowly(session, wave, **given):
        pdf = sheets(session, wave, **given)
        batch = session.scalars(sa.select(Batch.id).where(Batch.wave_id == wave.id)).first()
        for deed in ("lost", "replaced"):
            key = settings_of(app).code_key
            ledger.record(session, wave, batch, deed, code_key=key, by="other", now=NOW)
        session.commit()
        return pdf

    monkeypatch.setattr(views, "card_sheets", set_slowly)
    page = post(staff, f"/fieldwork/{wave_id}/cards.pdf", {"csrf_token": token}, status=409)
    assert "不能再用" in page.text
    with app.app_context():
        deeds = db.session.scalars(sa.select(Handover.deed)).all()
        assert sorted(deeds) == ["lost", "replaced"]


def test_a_file_that_nobody_begins_to_make_says_that_the_worker_may_have_stopped(
    app, staff, wave_id, monkeypatch
):
    with app.app_context():
        wave = db.session.get(Wave, wave_id)
        wish = {"scope": "", "wording": "standard", "own_words": [], "settings": settings_of(app)}
        number = bundle.ask(db.session, wave, **wish, by="somebody", now=NOW).id
        db.session.commit()
    address = f"/fieldwork/{wave_id}/materials/{number}"
    assert "junheng doctor" not in get(staff, address).text
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=3))
    assert "运行 junheng doctor 看原因" in get(staff, address).text
    with app.app_context():
        db.session.get(prepared.PreparedFile, number).total = 12
        db.session.commit()
    assert "junheng doctor" not in get(staff, address).text, "it is being made"


def test_the_page_of_a_file_in_the_making_loads_itself_anew(app, staff, wave_id):
    with app.app_context():
        file = bundle.ask(
            db.session,
            db.session.get(Wave, wave_id),
            scope="",
            wording="standard",
            own_words=[],
            settings=settings_of(app),
            by="somebody",
            now=NOW,
        )
        file.done, file.total = 3, 12
        number = file.id
        db.session.commit()
    address = f"/fieldwork/{wave_id}/materials/{number}"
    page = get(staff, address)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.html
    assert 'value="25"' in page.html
    assert "已完成 3 / 12 步" in page.text
    assert "/static/prepared.js" in page.html
    assert staff.get(f"{address}.json").json == {"state": "making", "done": 3, "total": 12, "percent": 25}
    assert "排队" not in get(staff, f"/fieldwork/{wave_id}/materials").text
    waiting = post(staff, f"{address}/download", to=address)
    assert waiting.status_code == 303
    with app.app_context():
        db.session.get(prepared.PreparedFile, number).failure = "prepared_no_room"
        db.session.commit()
    page = get(staff, address)
    assert "磁盘写不下" in page.text
    assert "refresh" not in page.html


def test_materials_that_no_longer_hold_are_not_given_out(app, staff, wave_id):
    address = prepare(staff, wave_id)
    with app.app_context():
        db.session.get(Wave, wave_id).contact = "县教育局 0356-4000000"
        db.session.commit()
    page = get(staff, address)
    assert "不能再用" in page.text
    assert "/download" not in page.html
    post(staff, f"{address}/download", status=409)
    with app.app_context():
        assert db.session.query(Handover).count() == 0
    assert prepare(staff, wave_id) != address


def test_a_file_that_is_gone_is_made_again(app, staff, wave_id):
    address = prepare(staff, wave_id)
    with app.app_context():
        [path] = prepared.exports(settings_of(app)).iterdir()
        path.unlink()
    post(staff, f"{address}/download", to=address)
    assert path.exists()
    assert download(staff, address).status_code == 200


def test_what_a_county_adds_to_the_letter_is_kept_for_the_next_time(app, staff, wave_id):
    prepare(staff, wave_id, wording="plain", own_words="第一段。\r\n\r\n第二段。")
    page = get(staff, f"/fieldwork/{wave_id}/materials")
    assert "第一段。 第二段。" in page.text
    assert re.search(r'<input checked id="wording-1"', page.html) or 'value="plain" checked' in page.html


@pytest.mark.parametrize(
    "given",
    [
        {"scope": "S999"},
        {"wording": "rude"},
        {"own_words": "字" * 401},
        {"own_words": "a\nb\nc\nd"},
        {"own_words": "a\x07b"},
    ],
    ids=str,
)
def test_wishes_that_cannot_be_are_refused_beside_the_field(app, staff, wave_id, given):
    data = {"scope": "", "wording": "standard", **given}
    page = post(staff, f"/fieldwork/{wave_id}/materials/prepare", data, status=422)
    assert "请先改正以下问题" in page.text
    with app.app_context():
        assert db.session.query(prepared.PreparedFile).count() == 0


def test_a_batch_is_handed_over_lost_and_replaced_on_its_page(app, staff, wave_id):
    address = f"/fieldwork/{wave_id}/batches/{first_batch(app, wave_id)}"
    assert "还没有任何记录" in get(staff, address).text
    post(
        staff, f"{address}/handed", {"handed-receiver": "王老师（第5学校）", "handed-remark": ""}, to=address
    )
    page = get(staff, address)
    assert "已交出" in page.text
    assert "王老师（第5学校）" in page.text
    assert "王老师（第5学校） 15 张" in get(staff, f"/fieldwork/{wave_id}/batches").text
    given = {"returned-receiver": "王老师（第5学校）", "returned-cards": "16"}
    assert "15 张，退回 16 张不对" in post(staff, f"{address}/returned", given, status=422).text
    post(staff, f"{address}/returned", given | {"returned-cards": "2"}, to=address)
    with app.app_context():
        old = code_of(db.session.query(Invitation).order_by(Invitation.id).first()).in_address
    assert "请写明怎样丢失" in post(staff, f"{address}/lost", {"lost-remark": ""}, status=422).text
    post(staff, f"{address}/lost", {"lost-remark": "信封不见了"}, to=address)
    assert "丢失，已作废" in get(staff, address).text
    assert "请输入本批的批号" in post(staff, f"{address}/replaced", {"replaced-number": "2"}, status=422).text
    post(staff, f"{address}/replaced", {"replaced-number": "1"}, to=address)
    assert "换发新码 1 次" in get(staff, address).text
    gone = app.test_client().get(f"/c/{old}")
    assert gone.status_code == 410
    assert "这张答题卡已经换发" in gone.get_data(as_text=True)
    assert "换发新码，旧卡不能恢复" in post(staff, f"{address}/found", {"found-remark": "x"}, status=409).text


@pytest.mark.parametrize("receiver", ["", "  ", "a\nb", "x" * 65])
def test_a_receiver_is_somebody(app, staff, wave_id, receiver):
    address = f"/fieldwork/{wave_id}/batches/{first_batch(app, wave_id)}"
    post(staff, f"{address}/handed", {"handed-receiver": receiver}, status=422)
    with app.app_context():
        assert db.session.query(Handover).count() == 0


def test_the_ledger_is_a_list_without_formulas(app, staff, wave_id):
    address = f"/fieldwork/{wave_id}/batches/{first_batch(app, wave_id)}"
    post(staff, f"{address}/handed", {"handed-receiver": "=HYPERLINK(1)", "handed-remark": "+1"}, to=address)
    text = staff.get(f"/fieldwork/{wave_id}/batches.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK(1),'+1,county 140522" in text
    assert len(text.splitlines()) == 10
    book = staff.get(f"/fieldwork/{wave_id}/batches.xlsx").data
    parts = zipfile.ZipFile(io.BytesIO(book))
    assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]


def test_files_and_batches_of_another_wave_are_not_there(app, staff, wave_id):
    address = prepare(staff, wave_id)
    number = address.rpartition("/")[2]
    with app.app_context():
        file = db.session.get(Wave, wave_id).county_file
        other = draw_wave(make_wave(county_file=file)).id
        db.session.commit()
    get(staff, f"/fieldwork/{other}/materials/{number}", status=404)
    post(staff, f"/fieldwork/{other}/materials/{number}/download", status=404)
    get(staff, f"/fieldwork/{other}/batches/{first_batch(app, wave_id)}", status=404)
    post(staff, f"/fieldwork/{other}/batches/{first_batch(app, wave_id)}/lost", status=404)


def test_a_wave_that_is_over_has_no_materials(app, staff, wave_id):
    address = prepare(staff, wave_id)
    with app.app_context():
        wave = db.session.get(Wave, wave_id)
        wave.opened_at = wave.closed_at = NOW
        db.session.commit()
    assert "调查已经结束" in get(staff, f"/fieldwork/{wave_id}/materials").text
    post(staff, f"/fieldwork/{wave_id}/materials/prepare", {"scope": "", "wording": "plain"}, status=409)
    assert "/download" not in get(staff, address).html
    page = get(staff, f"/fieldwork/{wave_id}/batches/{first_batch(app, wave_id)}")
    assert not [form for form in page.forms if "/batches/" in (form["action"] or "")]


def test_every_deed_has_words_everywhere():
    from survey_app.audit_words import ACTIONS
    from survey_app.fieldwork.materials import ledger_sheet, views
    from survey_app.messages import MESSAGES

    assert set(ledger_sheet.DEEDS) == set(ledger.DEEDS)
    assert {f"batch.{deed}" for deed in ledger.BY_HAND} <= set(ACTIONS)
    assert set(views._DONE) == set(ledger.BY_HAND)
    assert {f"batch_not_{deed}" for deed in ledger.BY_HAND} <= set(MESSAGES)
