"""Schools and people are replaced by the next in reserve only; old cards lead nowhere, the weights stay."""

import json
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import sampling
from survey_app import clock
from survey_app.canonical import canonical
from survey_app.cli import main
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.fieldwork import entries
from survey_app.fieldwork.draws import drawing, replacing
from survey_app.fieldwork.models import DrawnUnit, Entry, Invitation, StoredFrame
from survey_app.surveys import service as surveys
from tests.conftest import KEY, NOW
from tests.factories import code_of, draw_wave, make_open_wave, make_wave
from tests.page import get, post

GIVEN = {"remark": "县教育局〔2026〕12号", "code_key": KEY, "by": "clerk", "now": NOW}


@pytest.fixture
def wave(app):
    with app.app_context():
        yield make_open_wave(app)


def units(wave, group="parent"):
    query = sa.select(DrawnUnit).filter_by(wave_id=wave.id, group=group).order_by(DrawnUnit.id)
    return db.session.scalars(query).all()


def cards(wave, **where):
    return db.session.scalars(sa.select(Invitation).filter_by(wave_id=wave.id, **where)).all()


def replaceable(wave):
    """A drawn school of a stratum that has another one in reserve."""
    left = replacing.reserve_left(replacing.read_draw(db.session, wave))
    return next(unit for unit in units(wave) if left[unit.group, unit.stratum])


def swap(wave, unit, reason="closed"):
    return replacing.replace_school(db.session, wave, group=unit.group, psu=unit.psu, reason=reason, **GIVEN)


def test_the_next_school_takes_the_part_of_the_old_one(either_app):
    with either_app.app_context():
        check_the_next_school(make_open_wave(either_app))


def check_the_next_school(wave):
    unit = replaceable(wave)
    old, places, stands_for = unit.psu, unit.places, unit.size / Fraction(unit.probability)
    targets = Counter()
    for cell in wave.quota_cells:
        targets[cell.group] += cell.target
    entry = swap(wave, unit)
    new = next(one for one in units(wave) if one.replaces == old)
    assert (new.psu, new.places) == (entry.replaced_by, places)
    assert new.size / Fraction(new.probability) == stands_for
    assert {card.revoked_at for card in cards(wave, psu=old)} == {NOW}
    fresh = cards(wave, psu=new.psu)
    assert len(fresh) == places
    assert {card.revoked_at for card in fresh} == {None}
    assert not {unit.psu for unit in units(wave)} & {old}
    db.session.expire_all()
    now = Counter()
    for cell in wave.quota_cells:
        now[cell.group] += cell.target
    assert now == targets == surveys.plan_of(wave)["quotas"]


def test_codes_of_the_new_cards_open_and_those_of_the_old_ones_do_not(wave):
    unit = replaceable(wave)
    begun = entries.begin(db.session, cards(wave, psu=unit.psu)[0], now=NOW)
    number = begun.id
    entry = swap(wave, unit)
    assert db.session.get_one(Entry, number).invitation_id is None
    found = entries.find_invitation(db.session, KEY, code_of(cards(wave, psu=entry.replaced_by)[0]).typed)
    assert entries.begin(db.session, found, now=NOW).state == "begun"


def test_who_gets_which_card_is_known_for_new_cards_too(wave):
    swap(wave, replaceable(wave))
    draw = drawing.draw_of(db.session, wave)
    found = {(one.batch, one.serial): one for one in drawing.recipients(db.session, draw)}
    there = {(card.batch.position, card.serial): card for card in cards(wave)}
    assert found.keys() == there.keys()
    for key, one in found.items():
        assert one.given_up == (there[key].revoked_at is not None)
        assert one.school_code in (there[key].batch.school_code, one.school_code)
        if there[key].batch.school_code:
            assert one.school_code == there[key].batch.school_code


def test_a_school_where_somebody_answered_is_not_replaced(wave):
    unit = replaceable(wave)
    entry = entries.begin(db.session, cards(wave, psu=unit.psu)[0], now=NOW)
    entries.burn(db.session, entry.id, nonce_hash=b"n" * 32, now=NOW)
    with pytest.raises(ConflictError, match="school_has_answered"):
        swap(wave, unit)


def test_a_used_up_reserve_leaves_the_old_school_in_the_design_without_cards(wave):
    while True:
        unit = units(wave)[-1]
        entry = swap(wave, unit)
        if entry.replaced_by is None:
            break
    assert unit.psu in {one.psu for one in units(wave)}
    assert {card.revoked_at for card in cards(wave, psu=unit.psu)} == {NOW}
    with pytest.raises(NotFoundError):
        swap(wave, unit)


@pytest.mark.parametrize(("reason", "remark"), [("bored", "x"), ("left", "x"), ("closed", " "), ("", "")])
def test_without_a_declared_reason_and_a_remark_nothing_is_replaced(wave, reason, remark):
    unit = replaceable(wave)
    given = GIVEN | {"remark": remark}
    with pytest.raises(RefusedInputError):
        replacing.replace_school(db.session, wave, group=unit.group, psu=unit.psu, reason=reason, **given)
    assert not [one for one in cards(wave) if one.revoked_at]


@pytest.mark.parametrize("group", ["teacher", "deputy", "parent"])
def test_a_person_is_replaced_by_the_next_on_the_list(wave, group):
    draw = drawing.draw_of(db.session, wave)
    card = next(one for one in drawing.recipients(db.session, draw) if one.group == group)
    entry = replacing.replace_person(
        db.session, wave, batch=card.batch, serial=card.serial, reason="left", **GIVEN
    )
    reserve = drawing.sample_of(draw).of(group).reserve
    pool = drawing.sample_of(draw).of(group)
    place = next(one for one in pool.places if one.id == entry.psu)
    due = next(one for one in reserve if one.pool == pool.pool_of(place))
    assert entry.replaced_by == due.id
    found = drawing.recipients(db.session, draw)
    assert [one.given_up for one in found if (one.batch, one.serial) == (card.batch, card.serial)] == [True]
    assert (found[-1].unit, found[-1].number) == (due.unit, due.number)
    with pytest.raises(NotFoundError):
        replacing.replace_person(
            db.session, wave, batch=card.batch, serial=card.serial, reason="left", **GIVEN
        )


def files(wave, folder):
    """Certificate, frame and record, as they are downloaded."""
    draw = drawing.draw_of(db.session, wave)
    stored = db.session.get_one(StoredFrame, draw.frame_id)
    contents = {
        "certificate-1.json": canonical(drawing.certificate_of(draw)),
        "frame-1.txt": stored.content,
        "replacements-1.json": replacing.public_record(replacing.read_draw(db.session, wave)),
    }
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in contents]


def test_certificate_and_replacements_replay_byte_for_byte_in_another_process(wave, tmp_path):
    swap(wave, replaceable(wave))
    certificate, frame, record = files(wave, tmp_path)
    kept = certificate.read_bytes()
    code = (
        "import json, sys, sampling\n"
        "read = sampling.Certificate.from_dict(json.load(open(sys.argv[1], encoding='utf-8')))\n"
        "frame = sampling.Frame.from_text(open(sys.argv[2], encoding='utf-8', newline='').read())\n"
        "again = sampling.Certificate(sampling.replay(read, frame))\n"
        "sys.stdout.buffer.write(again.text.encode())\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-c", code, str(certificate), str(frame)],
        capture_output=True,
        check=True,
        env=environment,
    )
    document = json.loads(kept)
    assert done.stdout.decode() == drawing.draw_of(db.session, wave).certificate
    assert sampling.Certificate.from_dict(document).digest == document["digest"]
    result = CliRunner().invoke(main, ["replay", str(certificate), "--replacements", str(record)])
    assert result.exit_code == 0, result.output
    assert "更换记录 1 条" in result.stdout
    assert "候补学校" in result.stdout


def test_a_record_in_which_a_school_was_passed_over_is_refused(wave, tmp_path):
    swap(wave, replaceable(wave))
    certificate, _, record = files(wave, tmp_path)
    document = json.loads(record.read_text("utf-8"))
    document["replacements"][0]["put_in"] = "S001/primary"
    record.write_text(json.dumps(document), encoding="utf-8")
    result = CliRunner().invoke(main, ["replay", str(certificate), "--replacements", str(record), "--json"])
    assert [fault["rule"] for fault in json.loads(result.stdout)["faults"]] == ["record_out_of_turn"]
    document["certificate"] = "0" * 64
    record.write_text(json.dumps(document), encoding="utf-8")
    result = CliRunner().invoke(main, ["replay", str(certificate), "--replacements", str(record), "--json"])
    assert [fault["rule"] for fault in json.loads(result.stdout)["faults"]] == ["record_of_another"]


def test_the_pages_replace_and_list_what_was_replaced(app, signed_in, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        wave = draw_wave(make_wave())
        psu = replaceable(wave).psu
        db.session.commit()
        address = f"/fieldwork/{wave.id}"
    staff = signed_in()
    assert "更换学校" in get(staff, f"{address}/sample").text
    form = f"{address}/sample/school?group=parent&psu={psu}"
    assert "请选择原因" in post(staff, form, {"remark": "x"}, status=422).text
    post(staff, form, {"group": "parent", "psu": psu, "reason": "closed", "remark": "已停办"}, to="/sample")
    page = get(staff, f"{address}/certificate")
    assert "学校已撤销或停办" in page.text
    assert "sha256sum" in page.text
    record = staff.get(f"{address}/replacements.json").get_json()
    assert [one["given_up"] for one in record["replacements"]] == [psu]
    assert "已停办" not in json.dumps(record, ensure_ascii=False)
    wrong = {"batch": "0", "serial": "9999", "reason": "ill", "remark": "x"}
    assert "没有这个序号" in post(staff, f"{address}/sample/person", wrong, status=422).text
    post(staff, f"{address}/sample/person", wrong | {"batch": "3", "serial": "1"}, to="/sample")
    get(signed_in("city", "140500"), f"{address}/sample/person", status=403)
