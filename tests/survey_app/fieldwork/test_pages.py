import hashlib
import json

import pytest

import sampling
from survey_app import clock
from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import Invitation, StoredFrame
from survey_app.surveys.service import get_wave
from tests.conftest import NOW
from tests.factories import draw_wave, make_open_wave, make_wave
from tests.page import get, post


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def wave_id(app):
    """A planned wave of 90 questionnaires."""
    with app.app_context():
        wave = make_wave(population=60_000)
        db.session.commit()
        return wave.id


def test_a_wave_goes_from_its_plan_to_the_open_field(app, signed_in, wave_id):
    staff, address = signed_in(), f"/fieldwork/{wave_id}"
    assert ("/frames", "准备抽样框") in [(href[-7:], text) for href, text in get(staff, address).links]
    post(staff, f"{address}/frames/build", to="/frames")
    page = get(staff, f"{address}/draw")
    seed = page.form("/draw")["fields"]["seed"]
    assert len(bytes.fromhex(seed)) == 16
    with app.app_context():
        digest = framing.preview(get_wave(db.session, wave_id)).digest
    assert digest in get(staff, f"{address}/frames").text
    post(staff, f"{address}/draw", {"seed": "开奖 2026-11-22"}, to="/certificate")
    assert digest in get(staff, f"{address}/certificate").text
    page = get(staff, address)
    assert "开奖 2026-11-22" in page.text
    assert "已抽样" in page.text
    post(staff, f"{address}/open", to=address)
    page = get(staff, address)
    assert "正在作答" in page.text
    assert "http://localhost/code" in page.text
    assert not [form for form in page.forms if f"{address}/open" in (form["action"] or "")]


def test_a_seed_is_committed_to_before_the_draw(signed_in, wave_id):
    staff, address = signed_in(), f"/fieldwork/{wave_id}"
    secret = get(staff, f"{address}/frames").form("/commit")["fields"]["secret"]
    assert len(bytes.fromhex(secret)) == 16
    post(staff, f"{address}/commit", {"secret": "开奖 2026-11-22"}, to=address)
    page = get(staff, f"{address}/draw")
    digest = hashlib.sha256("开奖 2026-11-22".encode()).hexdigest()
    assert digest in page.text
    assert "开奖 2026-11-22" not in page.text
    assert page.form("/draw")["fields"]["seed"] == ""
    frames = get(staff, f"{address}/frames")
    assert not [form for form in frames.forms if "/commit" in (form["action"] or "")]
    assert "不能更换" in post(staff, f"{address}/commit", {"secret": "x"}, status=409).text
    refused = post(staff, f"{address}/draw", {"seed": "另一个"}, status=422).text
    assert "不是事先承诺的那一个" in refused
    assert digest in refused
    post(staff, f"{address}/draw", {"seed": "开奖 2026-11-22"}, to=address)
    assert digest in get(staff, address).text


@pytest.mark.parametrize("secret", ["", "x" * 129])
def test_a_commitment_without_a_proper_seed_is_refused_beside_the_field(signed_in, wave_id, secret):
    page = post(signed_in(), f"/fieldwork/{wave_id}/commit", {"secret": secret}, status=422)
    assert "请先改正以下问题" in page.text


def test_nothing_is_written_by_looking(app, signed_in, wave_id):
    staff = signed_in()
    get(staff, f"/fieldwork/{wave_id}")
    get(staff, "/fieldwork/")
    with app.app_context():
        assert db.session.query(StoredFrame).count() == 0


def test_steps_out_of_order_are_refused_with_what_to_do(signed_in, wave_id):
    staff, address = signed_in(), f"/fieldwork/{wave_id}"
    assert "请先抽样" in post(staff, f"{address}/open", status=409).text
    assert "请先抽样" in post(staff, f"{address}/cards.pdf", status=409).text
    get(staff, f"{address}/certificate.json", status=409)
    get(staff, f"{address}/frame.txt", status=409)
    post(staff, f"{address}/draw", {"seed": "s"}, to=address)
    assert "已经抽样，样本不能更改" in post(staff, f"{address}/draw", {"seed": "t"}, status=409).text
    post(staff, f"{address}/open", to=address)
    assert "已经打开过" in post(staff, f"{address}/open", status=409).text


@pytest.mark.parametrize("seed", ["", "  ", "x" * 129])
def test_a_draw_without_a_proper_seed_is_refused_beside_the_field(signed_in, wave_id, seed):
    page = post(signed_in(), f"/fieldwork/{wave_id}/draw", {"seed": seed}, status=422)
    assert "请先改正以下问题" in page.text


def test_a_refused_draw_leaves_no_frame(app, signed_in, wave_id):
    post(signed_in(), f"/fieldwork/{wave_id}/draw", {"seed": "two\nlines"}, status=422)
    with app.app_context():
        assert db.session.query(StoredFrame).count() == 0


def test_the_downloads_let_anybody_repeat_the_draw(app, signed_in, wave_id):
    with app.app_context():
        draw_wave(get_wave(db.session, wave_id), seed="公开的种子")
        db.session.commit()
    staff = signed_in("province", "140000")
    certificate = staff.get(f"/fieldwork/{wave_id}/certificate.json")
    frame = staff.get(f"/fieldwork/{wave_id}/frame.txt")
    for answer in (certificate, frame):
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
    document = json.loads(certificate.data)
    assert document["seed"] == "公开的种子"
    assert document["frame"] == hashlib.sha256(frame.data).hexdigest()
    read = framing.read_frame(StoredFrame(content=frame.get_data(as_text=True)))
    assert sampling.replay(sampling.Certificate.from_dict(document), read).seed == "公开的种子"


def test_the_cards_are_for_the_county_only(app, signed_in, wave_id):
    with app.app_context():
        draw_wave(get_wave(db.session, wave_id))
        db.session.commit()
    address = f"/fieldwork/{wave_id}/cards.pdf"
    staff = signed_in()
    assert staff.get(address).status_code == 405, "what is written down is not done by following a link"
    token = get(staff, f"/fieldwork/{wave_id}/materials").form("/cards.pdf")["fields"]["csrf_token"]
    pdf = staff.post(address, data={"csrf_token": token})
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.headers["Cache-Control"] == "no-store"
    post(signed_in("city", "140500"), address, status=403)
    post(signed_in("county", "140524"), address, status=404)


def test_progress_shows_counts_of_used_cards(app, signed_in):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        for invitation in db.session.query(Invitation).limit(9):
            entry = entries.begin(db.session, invitation, now=NOW)
            entries.burn(db.session, entry.id, nonce_hash=b"n" * 32, now=NOW)
        address = f"/fieldwork/{wave.id}"
        db.session.commit()
    page = get(signed_in(), address)
    assert "9 / 90 份" in page.text
    assert "9 / 90" in get(signed_in(), "/fieldwork/").text


def test_others_look_and_do_not_touch(signed_in, wave_id):
    city, address = signed_in("city", "140500"), f"/fieldwork/{wave_id}"
    page = get(city, address)
    assert "等待县级工作人员抽样" in page.text
    post(city, f"{address}/draw", {"seed": "s"}, status=403)
    post(city, f"{address}/open", status=403)
    stranger = signed_in("county", "430603")
    get(stranger, address, status=404)
    post(stranger, f"{address}/draw", {"seed": "s"}, status=404)
    get(signed_in("auditor", "140500"), "/fieldwork/", status=403)
