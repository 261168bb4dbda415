import json
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.fieldwork.board.board import board_of
from survey_app.fieldwork.draws import replacing
from survey_app.fieldwork.draws.drawing import draw_of, recipients
from survey_app.fieldwork.models import Batch, CodeGuess, DrawnUnit, Invitation
from survey_app.surveys.models import QuotaCell
from survey_app.surveys.rules import RuleSet, default_rules
from tests.conftest import KEY, NOW
from tests.factories import draw_wave, make_open_wave, make_wave
from tests.page import get

HALF = Fraction(1, 2)


def board(wave, *, now=NOW, by_telephone=None):
    return board_of(db.session, wave, parents_share=HALF, by_telephone=by_telephone or {}, now=now)


def spend(wave, group, n, *, now=NOW, mode="web"):
    """Send in n questionnaires of a group, those of its first cards that are left."""
    left = (
        sa.select(Invitation)
        .join(Batch)
        .where(Invitation.wave_id == wave.id, Batch.group == group)
        .order_by(Batch.position, Invitation.serial)
    )
    done = 0
    for invitation in db.session.scalars(left).all():
        if done == n:
            return
        known = entries.entry_of(db.session, invitation)
        if known is not None and known.state == "spent":
            continue
        entry = entries.begin(db.session, invitation, now=now)
        entries.burn(db.session, entry.id, nonce_hash=invitation.id.to_bytes(32, "big"), mode=mode, now=now)
        done += 1
    raise AssertionError("not so many cards")


@pytest.fixture
def wave(either_app):
    with either_app.app_context():
        yield make_open_wave(either_app)


def test_nothing_has_come_yet(wave):
    found = board(wave)
    assert (found.total.wanted, found.total.came) == (300, 0)
    assert found.total.cards >= 300
    assert found.alerts == ()
    assert found.rates.rates["RR1"] == 0
    assert sum(line.wanted for line in found.groups) == 300


def test_what_came_is_counted_by_group_mode_and_school(wave):
    spend(wave, "parent", 20)
    spend(wave, "deputy", 3, mode="phone")
    found = board(wave)
    came = {line.key: (line.came, line.by_phone) for line in found.groups}
    assert came["parent"] == (20, 0)
    assert came["deputy"] == (3, 3)
    assert found.ways[("drawn", "web")] == 20
    assert found.ways[("drawn", "phone")] == 3
    assert sum(school.line.came for school in found.schools) == 20
    assert sum(line.came for line in found.bands) == 20
    assert found.rates.rates["RR1"] == Fraction(23, found.total.cards)


def test_the_floor_is_what_the_others_ask_of_the_parents(wave):
    spend(wave, "deputy", 7)
    parents = next(line for line in board(wave).groups if line.key == "parent")
    assert parents.floor == 7
    assert "board_few_parents" in [alert.code for alert in board(wave).alerts]


def test_what_came_by_open_entries_counts_in_the_parents_share(wave):
    spend(wave, "parent", 7)
    spend(wave, "deputy", 5)
    for way, n in (("class", 3), ("poster", 40)):
        cell = QuotaCell(
            wave_id=wave.id, group="public", grade_band="", locality="", way=way, target=0, cap=50
        )
        cell.spent = n
        db.session.add(cell)
    db.session.flush()
    found = board(wave)
    assert next(line for line in found.groups if line.key == "parent").floor == 8
    told = next(alert for alert in found.alerts if alert.code == "board_few_parents")
    assert (told.facts["parents"], told.facts["total"]) == (7, 15)
    wave.rules = RuleSet.from_content(
        json.dumps(json.loads(default_rules().content) | {"posters": "counted"})
    ).content
    assert next(line for line in board(wave).groups if line.key == "parent").floor == 48


def test_begun_and_not_sent_counts_as_broken_off(wave):
    first = db.session.scalars(sa.select(Invitation).where(Invitation.wave_id == wave.id)).first()
    entries.begin(db.session, first, now=NOW)
    found = board(wave)
    assert found.total.begun == 1
    assert found.rates.dispositions.refusal == 1
    assert found.rates.dispositions.total == found.total.cards


def test_calls_say_what_silence_does_not(wave):
    spend(wave, "deputy", 2)
    told = {"refusal": 3, "non_contact": 4, "complete": 2, "not_eligible": 1}
    counted = board(wave, by_telephone=told).rates.dispositions
    assert (counted.complete, counted.refusal, counted.non_contact, counted.not_eligible) == (2, 3, 4, 1)
    assert counted.total == board(wave).total.cards


def test_a_revoked_card_is_not_counted(wave):
    before = board(wave).total.cards
    db.session.execute(
        sa.update(Invitation)
        .where(Invitation.wave_id == wave.id, Invitation.serial == 1)
        .values(revoked_at=NOW)
    )
    batches = db.session.scalar(sa.select(sa.func.count()).where(Batch.wave_id == wave.id))
    assert board(wave).total.cards == before - batches
    assert board(wave).rates.dispositions.total == before


def test_whom_others_replaced_and_lost_cards_stay_in_the_outcome_rates(wave):
    """AAPOR, Standard Definitions, "Substitutes": those first drawn keep a disposition of their own."""
    drawn = board(wave).rates.dispositions.total
    person = next(one for one in recipients(db.session, draw_of(db.session, wave)) if one.group == "public")
    given = {"remark": "1", "code_key": KEY, "by": "test", "now": NOW}
    replacing.replace_person(
        db.session, wave, batch=person.batch, serial=person.serial, reason="refused", **given
    )
    left = replacing.reserve_left(replacing.read_draw(db.session, wave))
    school = next(
        one
        for one in db.session.scalars(sa.select(DrawnUnit).filter_by(wave_id=wave.id, group="parent"))
        if left["parent", one.stratum]
    )
    places = school.places
    given["now"] += timedelta(minutes=1)
    replacing.replace_school(db.session, wave, group="parent", psu=school.psu, reason="no_pupils", **given)
    found = board(wave).rates
    assert found.dispositions.total == drawn + 1 + places
    assert (found.dispositions.refusal, found.dispositions.not_eligible) == (1, places)
    spend(wave, "deputy", 10)
    assert board(wave).rates.rates["RR1"] == Fraction(10, drawn + 1)


def test_bursts_untouched_schools_and_guesses_are_told(wave):
    spend(wave, "parent", 12)
    db.session.add(CodeGuess(bucket=NOW, n=60))
    db.session.flush()
    late = board(wave, now=NOW + timedelta(days=3))
    codes = [alert.code for alert in late.alerts]
    assert {"board_burst", "board_untouched", "board_guessing"} <= set(codes)
    assert codes == [alert.code for alert in sorted(late.alerts, key=lambda one: one.urgency)]
    burst = next(alert for alert in late.alerts if alert.code == "board_burst")
    assert burst.facts["n"] == 12


def test_after_the_close_nothing_is_asked_any_more(wave):
    spend(wave, "deputy", 1)
    assert board(wave, now=wave.closes_at).alerts == ()


def test_the_page_and_its_live_part_say_the_same(app, signed_in):
    with app.app_context():
        wave = make_open_wave(app)
        spend(wave, "deputy", 5)
        number = wave.id
        db.session.commit()
    clerk = signed_in("county", "140522")
    page = get(clerk, f"/fieldwork/{number}/progress")
    assert "家长 0 份，占全部 5 份的 0.0%，低于规定的 50%" in page.text
    live = clerk.get(f"/fieldwork/{number}/progress?part=live").get_data(as_text=True)
    assert live.strip().splitlines()[-1] in page.html
    document = clerk.get(f"/fieldwork/{number}/progress.json").json
    assert document["total"]["came"] == 5
    assert document["outcome_rates"]["rates"]["RR1"] == pytest.approx(5 / document["total"]["cards"])
    assert document["alerts"][0]["code"] == "board_few_parents"


def test_before_the_draw_there_is_nothing_to_show(app, signed_in):
    with app.app_context():
        number = make_wave().id
        db.session.commit()
    assert (
        "还没有抽样" in get(signed_in("county", "140522"), f"/fieldwork/{number}/progress", status=409).text
    )


def test_a_drawn_wave_shows_its_cards(app, signed_in):
    with app.app_context():
        number = draw_wave(make_wave()).id
        db.session.commit()
    page = get(signed_in("county", "140522"), f"/fieldwork/{number}/progress")
    assert "目前没有需要处理的事" in page.text
