"""What a school's coordinator sees: the school's batches, no code, no other school."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.fieldwork.materials import ledger
from survey_app.fieldwork.models import Batch, Invitation
from survey_app.surveys.service import get_wave
from tests.conftest import KEY, NOW
from tests.factories import code_of, make_open_wave, sign_in
from tests.page import get, post
from tests.survey_app.fieldwork.materials.reading import printed, words_of

ADDRESS = "/school/140522/S005"


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def wave_id(app):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        db.session.commit()
        return wave.id


@pytest.fixture
def coordinator(app):
    return sign_in(app, "school", "140522", "S005")


def deed(app, wave_id, *deeds):
    from survey_app.surveys.models import Wave

    with app.app_context():
        wave = db.session.get(Wave, wave_id)
        batch = db.session.scalars(sa.select(Batch.id).where(Batch.school_code == "S005")).first()
        for minutes, name in enumerate(deeds):
            at = NOW + timedelta(minutes=minutes)
            given = {"code_key": KEY, "cards": 3, "receiver": "王老师", "by": "clerk", "now": at}
            ledger.record(db.session, wave, batch, name, **given)
        db.session.commit()


def test_a_coordinator_sees_the_schools_batches_and_nothing_else(app, wave_id, coordinator):
    page = get(coordinator, "/school/")
    assert [text for href, text in page.links if href == ADDRESS] == ["第5学校"]
    assert not [href for href, _ in page.links if href.startswith("/school/1") and href != ADDRESS]
    page = get(coordinator, ADDRESS)
    assert "第5学校" in page.h1
    assert "等县教育局把封好的信封交给您" in page.text
    with app.app_context():
        others = db.session.scalars(
            sa.select(Batch.place).where(sa.or_(Batch.school_code != "S005", Batch.school_code.is_(None)))
        )
        for place in {each for each in others if each != "阳城县"}:
            assert place not in page.text.replace("第5学校", "")
        for one in db.session.scalars(sa.select(Invitation)):
            assert code_of(one).typed not in page.html
            assert code_of(one).in_address not in page.html
    assert post(coordinator, f"/fieldwork/{wave_id}/cards.pdf").status in {403, 404}
    for address in ("materials", "batches"):
        assert coordinator.get(f"/fieldwork/{wave_id}/{address}").status_code in {403, 404}


@pytest.mark.parametrize(
    ("deeds", "said"),
    [
        ((), "等县教育局把封好的信封交给您"),
        (("handed",), "按发放清单发卡"),
        (("handed", "lost"), "等县教育局换发新卡"),
        (("handed", "lost", "replaced"), "等县教育局把封好的信封交给您"),
        (("handed", "returned"), "按发放清单发卡"),
    ],
    ids=str,
)
def test_each_batch_says_what_to_do_now(app, wave_id, coordinator, deeds, said):
    deed(app, wave_id, *deeds)
    assert said in get(coordinator, ADDRESS).text


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "信封先不要拆"), (0, "按发放清单发卡"), (6, "退回县教育局")], ids=str
)
def test_what_to_do_follows_the_dates(app, wave_id, coordinator, monkeypatch, days, said):
    deed(app, wave_id, "handed")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=days))
    assert said in get(coordinator, ADDRESS).text


def test_who_gave_the_unused_cards_back_has_done_all_although_used_ones_stay(
    app, wave_id, coordinator, monkeypatch
):
    deed(app, wave_id, "handed", "returned")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=6))
    page = get(coordinator, ADDRESS)
    assert "不用再做什么" in page.text
    assert "装回信封" not in page.text


def test_a_batch_used_up_is_not_asked_back_but_a_small_one_does_not_say_that_it_was(
    app, wave_id, monkeypatch
):
    with app.app_context():
        wave = get_wave(db.session, wave_id)
        batches = db.session.scalars(sa.select(Batch).where(Batch.school_code == "S010")).all()
        sizes = [len(one.invitations) for one in batches]
        for one in batches:
            ledger.record(
                db.session, wave, one.id, "handed", code_key=KEY, receiver="王老师", by="wang", now=NOW
            )
            for invitation in one.invitations:
                entry = entries.begin(db.session, invitation, now=NOW)
                entries.burn(db.session, entry.id, nonce_hash=b"n" * 32, now=NOW)
        db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=6))
    text = get(sign_in(app, "school", "140522", "S010"), "/school/140522/S010").text
    large = sum(size >= 10 for size in sizes)
    assert 0 < large < len(sizes)
    assert text.count("不用再做什么") == large
    assert text.count("装回信封") == len(sizes) - large


def test_used_cards_are_counted_by_batches_of_at_least_ten(app, wave_id, coordinator):
    with app.app_context():
        for number in db.session.scalars(
            sa.select(Batch.id).where(Batch.school_code.in_(["S005", "S010"])).order_by(Batch.id)
        ).all():
            one = db.session.scalars(sa.select(Invitation).where(Invitation.batch_id == number)).first()
            entry = entries.begin(db.session, one, now=NOW)
            entries.burn(db.session, entry.id, nonce_hash=b"n" * 32, now=NOW)
        sizes = [
            len(one.invitations)
            for one in db.session.scalars(
                sa.select(Batch).where(Batch.school_code == "S010").order_by(Batch.position)
            )
        ]
        db.session.commit()
    assert min(sizes) < 10 <= max(sizes)
    page = get(sign_in(app, "school", "140522", "S010"), "/school/140522/S010")
    shown = re.findall(r"<dt>已用</dt><dd>(.*?)</dd>", page.html)
    assert shown == ["1 张" if size >= 10 else "不到 10 张的批不显示" for size in sizes]


def test_the_leaflet_has_no_code(app, wave_id, coordinator):
    answer = coordinator.get(f"{ADDRESS}/{wave_id}/leaflet.pdf")
    assert answer.mimetype == "application/pdf"
    pages = printed(answer.data)
    assert not any(page.codes for page in pages)
    assert "致家长的一封信" in words_of(pages)
    assert "组织答题须知" in words_of(pages)
    get(coordinator, f"{ADDRESS}/99999/leaflet.pdf", status=404)


def test_strangers_and_expired_accounts_learn_nothing(app, wave_id):
    there, missing = ADDRESS, "/school/140522/S999"
    for role, region, school in (
        ("school", "140522", "S007"),
        ("school", "140524", "S005"),
        ("county", "140524", ""),
    ):
        client = sign_in(app, role, region, school)
        pages = [get(client, address, status=404) for address in (there, missing)]
        assert pages[0].same_for_all == pages[1].same_for_all
    get(sign_in(app, "school", "140522", "S005"), there)
    client = sign_in(app, "school", "140522", "S005")
    with app.app_context():
        user = db.session.query(User).filter_by(login="school-140522-S005").one()
        user.expires_at = NOW - timedelta(seconds=1)
        db.session.commit()
    answers = [client.get(address) for address in (there, missing)]
    assert {answer.status_code for answer in answers} <= {302, 303}
    assert all("/accounts/sign-in" in answer.location for answer in answers)


def test_the_county_sees_every_school_that_has_cards(app, wave_id):
    county = sign_in(app, "county", "140522")
    with app.app_context():
        codes = set(db.session.scalars(sa.select(Batch.school_code).where(Batch.school_code.is_not(None))))
    page = get(county, "/school/")
    assert {href.rpartition("/")[2] for href, _ in page.links if href.startswith("/school/140522/")} == codes
    get(county, ADDRESS)
    get(county, "/school/140522/S999", status=404)
    get(sign_in(app, "city", "140500"), "/school/", status=403)
