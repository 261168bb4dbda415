"""The archive: every card once, whole folders, the same bytes; another state of the facts is another file."""

import csv
import io
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from survey_app import clock, prepared, settings_of
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.draws import replacing
from survey_app.fieldwork.materials import bundle, ledger
from survey_app.fieldwork.models import Batch, Invitation
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.jobs import jobs_of
from survey_app.surveys.models import Wave
from tests.conftest import KEY, NOW
from tests.factories import code_of, draw_wave, make_open_wave, make_wave
from tests.survey_app.fieldwork.materials.reading import printed, words_of


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ask(app, wave_id, *, scope="", wording="standard", own_words=(), public_url=None):
    settings = settings_of(app)
    settings = replace(settings, public_url=public_url) if public_url else settings
    wave = db.session.get(Wave, wave_id)
    number = bundle.ask(
        db.session,
        wave,
        scope=scope,
        wording=wording,
        own_words=list(own_words),
        settings=settings,
        by="clerk",
        now=NOW,
    ).id
    db.session.commit()
    return number


def make(app, number):
    """The archive with this number, opened."""
    prepared.begin(app, number)
    file = db.session.get(prepared.PreparedFile, number)
    path = prepared.stored_at(settings_of(app), file)
    assert path is not None, file.failure
    content = path.read_bytes()
    db.session.rollback()
    return zipfile.ZipFile(io.BytesIO(content)), content


def failure_of(app, number):
    prepared.begin(app, number)
    failure = db.session.get(prepared.PreparedFile, number).failure
    db.session.rollback()
    return failure


def codes_in(archive):
    found = Counter()
    for name in archive.namelist():
        if name.endswith(".pdf"):
            for page in printed(archive.read(name)):
                found.update(page.codes.keys())
    return found


@pytest.fixture
def wave_id(app):
    with app.app_context():
        number = draw_wave(make_wave(population=60_000)).id
        db.session.commit()
        yield number


def test_every_code_of_the_county_is_in_the_archive_once(app, wave_id):
    archive, _ = make(app, ask(app, wave_id))
    invitations = db.session.scalars(sa.select(Invitation)).all()
    wanted = {f"http://localhost/c/{code_of(one).in_address}" for one in invitations}
    found = codes_in(archive)
    assert set(found) == wanted
    assert len(found) == 90
    assert set(found.values()) == {1}


def test_the_archive_has_a_folder_for_each_place_and_an_index(app, wave_id):
    archive, _ = make(app, ask(app, wave_id))
    names = archive.namelist()
    assert names[:4] == [
        "材料目录.xlsx",
        "材料目录.csv",
        "通用材料/致家长的一封信.pdf",
        "通用材料/组织答题须知.pdf",
    ]
    folders = {name.rpartition("/")[0] for name in names[4:]}
    batches = db.session.scalars(sa.select(Batch).order_by(Batch.position)).all()
    assert len(folders) == 1 + len({each.school_code for each in batches if each.school_code})
    assert "学校/S005 第5学校" in folders
    for folder in folders:
        assert {f"{folder}/答题卡.pdf", f"{folder}/发放清单（单独保管）.pdf"} <= set(names)
    rows = list(csv.DictReader(io.StringIO(archive.read("材料目录.csv").decode("utf-8-sig"))))
    assert [int(row["批号"]) for row in rows[:-1]] != []
    assert {row["文件夹"] for row in rows[:-1]} == folders
    assert rows[-1]["批号"] == "合计"
    assert int(rows[-1]["卡（张）"]) == sum(int(row["卡（张）"]) for row in rows[:-1]) == 90
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(archive.read("材料目录.xlsx")))
    [_, *cells] = sheet.get_sheet_by_index(0).to_python()
    assert [row[7] for row in cells] == [float(row["卡（张）"]) for row in rows]


def test_a_hand_out_list_is_apart_and_names_its_own_batches_only(app, wave_id):
    archive, _ = make(app, ask(app, wave_id))
    lists = [name for name in archive.namelist() if "发放清单" in name]
    for name in lists:
        pages = printed(archive.read(name))
        assert not any(page.codes for page in pages)
        own = name.split("/")[-2].partition(" ")[2]
        others = {one.partition(" ")[2] for one in (each.split("/")[-2] for each in lists)} - {own, ""}
        text = words_of(pages)
        assert own in text
        if own:
            assert not [other for other in others if f"家长{other}" in text]


def test_the_same_archive_has_the_same_bytes_and_is_made_once(app, wave_id):
    number = ask(app, wave_id)
    _, first = make(app, number)
    assert ask(app, wave_id) == number
    path = prepared.stored_at(settings_of(app), db.session.get(prepared.PreparedFile, number))
    stamp = path.stat().st_mtime_ns
    db.session.rollback()
    make(app, number)
    assert path.stat().st_mtime_ns == stamp
    path.unlink()
    prepared.want_again(db.session, db.session.get(prepared.PreparedFile, number), by="clerk", now=NOW)
    db.session.commit()
    assert make(app, number)[1] == first


def test_whatever_is_printed_is_in_the_key(app, wave_id):
    numbers = [
        ask(app, wave_id),
        ask(app, wave_id, scope="S005"),
        ask(app, wave_id, wording="plain"),
        ask(app, wave_id, own_words=["请周五前交回。"]),
        ask(app, wave_id, public_url="https://example.gov.cn"),
    ]
    wave = db.session.get(Wave, wave_id)

    def changed(change):
        change()
        numbers.append(ask(app, wave_id))

    batch = db.session.scalars(sa.select(Batch).where(Batch.wave_id == wave_id)).first().id

    def deed(name, minutes):
        ledger.record(
            db.session, wave, batch, name, code_key=KEY, by="c", now=NOW + timedelta(minutes=minutes)
        )

    changed(lambda: setattr(wave, "closes_at", wave.closes_at + timedelta(days=1)))
    changed(lambda: setattr(wave, "contact", "县教育局 0356-4000000"))
    changed(lambda: deed("lost", 1))
    changed(lambda: deed("replaced", 2))
    assert len(set(numbers)) == len(numbers)


def test_a_found_batch_gives_the_first_archive_again(app, wave_id):
    number = ask(app, wave_id)
    wave = db.session.get(Wave, wave_id)
    batch = db.session.scalars(sa.select(Batch).where(Batch.wave_id == wave_id)).first().id
    for minutes, deed in enumerate(("lost", "found")):
        ledger.record(
            db.session, wave, batch, deed, code_key=KEY, by="c", now=NOW + timedelta(minutes=minutes)
        )
    assert ask(app, wave_id) == number


def test_a_lost_batch_is_not_printed_and_a_replaced_one_says_so_on_its_cover(app, wave_id):
    wave = db.session.get(Wave, wave_id)
    batch = db.session.scalars(
        sa.select(Batch).where(Batch.wave_id == wave_id).order_by(Batch.position)
    ).first()
    school, number = batch.school_code, batch.id
    old = {f"http://localhost/c/{code_of(one).in_address}" for one in batch.invitations}
    ledger.record(db.session, wave, number, "lost", code_key=KEY, by="c", now=NOW)
    archive, _ = make(app, ask(app, wave_id))
    assert len(codes_in(archive)) == 90 - len(old)
    wave = db.session.get(Wave, wave_id)
    ledger.record(db.session, wave, number, "replaced", code_key=KEY, by="c", now=NOW + timedelta(minutes=1))
    archive, _ = make(app, ask(app, wave_id, scope=school))
    assert not set(codes_in(archive)) & old
    [cards] = [name for name in archive.namelist() if name.endswith("答题卡.pdf")]
    assert "第1次换发的新卡" in words_of(printed(archive.read(cards)))


def test_who_was_replaced_has_no_card_and_the_new_one_stands_on_the_list(app, wave_id):
    first = ask(app, wave_id)
    wave = db.session.get(Wave, wave_id)
    gone = code_of(db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).first())
    reason = next(iter(replacing.reasons("person")))
    given = {"reason": reason, "remark": "已转学到外县", "code_key": KEY, "by": "c", "now": NOW}
    replacing.replace_person(db.session, wave, batch=0, serial=1, **given)
    second = ask(app, wave_id)
    assert second != first
    archive, _ = make(app, second)
    found = codes_in(archive)
    assert f"http://localhost/c/{gone.in_address}" not in found
    valid = db.session.scalars(sa.select(Invitation).where(Invitation.revoked_at.is_(None))).all()
    assert set(found) == {f"http://localhost/c/{code_of(one).in_address}" for one in valid}
    [own] = [name for name in archive.namelist() if "发放清单" in name and "S005" in name]
    assert "1-2至1-16" in words_of(printed(archive.read(own)))


def test_facts_that_change_before_the_job_begins_are_noticed(app, wave_id):
    number = ask(app, wave_id)
    db.session.get(Wave, wave_id).closes_at += timedelta(days=1)
    db.session.commit()
    assert failure_of(app, number) == "materials_changed"


def test_a_school_gets_its_own_cards_only(app, wave_id):
    archive, _ = make(app, ask(app, wave_id, scope="S005"))
    own = db.session.scalars(
        sa.select(Invitation).join(Batch, Batch.id == Invitation.batch_id).where(Batch.school_code == "S005")
    ).all()
    assert set(codes_in(archive)) == {f"http://localhost/c/{code_of(one).in_address}" for one in own}
    assert {name.split("/")[0] for name in archive.namelist()} == {
        "材料目录.xlsx",
        "材料目录.csv",
        "通用材料",
        "学校",
    }


@pytest.mark.parametrize("scope", ["S999", "../x", "S001"])
def test_a_school_without_cards_has_no_archive(app, wave_id, scope):
    with pytest.raises(NotFoundError):
        ask(app, wave_id, scope=scope)


def test_class_codes_and_posters_are_printed_unless_they_change_on_a_screen(app):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        site = next(each for each in open_entries.sites(db.session, wave) if each.school_code == "S005")
        class_ = {"kind": "class", "group": site.group, "site": site.key, "cap": 40, "cell_cap": 80}
        poster = {"kind": "poster", "group": "public", "cap": None, "cell_cap": 100}
        points = [
            open_entries.make_point(db.session, wave, code_key=KEY, by="test", now=NOW, **given)
            for given in (
                class_ | {"place": "三（1）班"},
                class_ | {"place": "三（2）班", "rotates_every": 60},
                poster | {"place": "社区服务中心"},
            )
        ]
        wave_id = wave.id
        wanted = {
            f"http://localhost/c/{open_entries.code_of(one, KEY).in_address}"
            for one in points
            if not one.rotates_every
        }
        db.session.commit()
        archive, _ = make(app, ask(app, wave_id))
        found = Counter()
        for name in archive.namelist():
            if "班级码" in name or "海报" in name:
                for page in printed(archive.read(name), scale=1.5):
                    found.update(page.codes.keys())
        assert set(found) == wanted
        assert "学校/S005 第5学校/班级码.pdf" in archive.namelist()
        a3 = printed(archive.read("通用材料/海报（A3）.pdf"), scale=1.5)[0]
        assert "社区服务中心" in a3.words.replace(" ", "")


def test_materials_need_a_draw_and_an_unfinished_wave(app, wave_id):
    draft = make_wave(county_file=db.session.get(Wave, wave_id).county_file).id
    with pytest.raises(ConflictError, match="not_drawn"):
        ask(app, draft)
    wave = db.session.get(Wave, wave_id)
    wave.opened_at = wave.closed_at = NOW
    db.session.commit()
    with pytest.raises(ConflictError, match="cards_over"):
        ask(app, wave_id)


@pytest.mark.parametrize("ended", ["closed_at", "aborted_at"])
def test_archives_are_erased_when_the_wave_ends(app, wave_id, ended):
    number = ask(app, wave_id)
    make(app, number)
    wave = db.session.get(Wave, wave_id)
    wave.opened_at = NOW
    db.session.commit()
    assert jobs_of(app).unfinished() == []
    db.session.rollback()
    setattr(db.session.get(Wave, wave_id), ended, NOW)
    db.session.commit()
    erasures = [told for name, _, told in jobs_of(app).unfinished() if name == prepared.ERASE]
    db.session.rollback()
    assert erasures == [{"file_id": number}]
    jobs_of(app).perform(prepared.ERASE, *erasures)
    assert list(prepared.exports(settings_of(app)).iterdir()) == []
