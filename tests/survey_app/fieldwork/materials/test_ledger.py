"""The ledger: where each batch is, what may follow, and what a deed does to its codes."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError, GoneError, NotFoundError
from survey_app.fieldwork import entries
from survey_app.fieldwork.materials import ledger
from survey_app.fieldwork.materials.ledger import LedgerLineError, whereabouts
from survey_app.fieldwork.models import Batch, Handover, Invitation
from tests.conftest import KEY, NOW
from tests.factories import code_of, draw_wave, make_open_wave, make_wave


@pytest.fixture
def wave(either_app):
    with either_app.app_context():
        yield make_open_wave(either_app, population=60_000)


def first_batch(wave):
    return db.session.scalars(
        sa.select(Batch).where(Batch.wave_id == wave.id).order_by(Batch.position)
    ).first()


def write(wave, deed, minutes=0, **given):
    batch = first_batch(wave)
    return ledger.record(
        db.session,
        wave,
        batch.id,
        deed,
        code_key=KEY,
        by="clerk",
        now=NOW + timedelta(minutes=minutes),
        **given,
    )


def stand(wave):
    return ledger.standing(db.session, wave, first_batch(wave).id)


def cards_of(wave):
    db.session.expire_all()
    return list(first_batch(wave).invitations)


def answer(invitation):
    entry = entries.begin(db.session, invitation, now=NOW)
    entries.burn(db.session, entry.id, nonce_hash=invitation.token_hash, now=NOW)


def test_a_batch_goes_to_a_school_and_what_is_left_comes_back(wave):
    cards = stand(wave).cards
    assert stand(wave).where.state == "office"
    write(wave, "handed", receiver="王老师")
    found = stand(wave)
    assert (found.where.state, found.where.holders, found.where.at_office) == ("out", (("王老师", cards),), 0)
    assert found.where.possible == ("returned", "lost")
    write(wave, "returned", receiver="王老师", cards=4)
    found = stand(wave)
    assert found.where.holders == (("王老师", cards - 4),)
    assert found.where.at_office == 4
    write(wave, "handed", receiver="李老师")
    assert stand(wave).where.holders == (("王老师", cards - 4), ("李老师", 4))
    assert [line.deed for line in stand(wave).lines] == ["handed", "returned", "handed"]
    assert stand(wave).valid == cards


@pytest.mark.parametrize(
    ("deeds", "refused"),
    [
        ([], "returned"),
        ([], "found"),
        ([], "replaced"),
        (["handed"], "handed"),
        (["handed"], "found"),
        (["handed"], "replaced"),
        (["lost"], "lost"),
        (["lost"], "handed"),
        (["lost"], "returned"),
        (["lost", "found"], "found"),
        (["lost", "found"], "replaced"),
        (["lost", "replaced"], "found"),
        (["lost", "replaced"], "replaced"),
    ],
    ids=str,
)
def test_a_deed_from_the_wrong_state_is_refused_and_changes_nothing(app, deeds, refused):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        for minutes, deed in enumerate(deeds):
            write(wave, deed, minutes, receiver="王老师")
        before = [(one.generation, one.revoked_at, one.token_hash) for one in cards_of(wave)]
        with pytest.raises(ConflictError) as conflict:
            write(wave, refused, receiver="王老师", cards=1)
        assert conflict.value.code == f"batch_not_{refused}"
        assert [(one.generation, one.revoked_at, one.token_hash) for one in cards_of(wave)] == before
        assert len(stand(wave).lines) == len(deeds)


@pytest.mark.parametrize("cards", [None, 0, -1, 16, 10**9])
def test_nobody_returns_cards_that_they_do_not_have(app, cards):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        write(wave, "handed", receiver="王老师")
        assert stand(wave).cards == 15
        with pytest.raises(LedgerLineError, match="returned_cards"):
            write(wave, "returned", receiver="王老师", cards=cards)
        with pytest.raises(LedgerLineError, match="returned_cards"):
            write(wave, "returned", receiver="别人", cards=1)


def test_a_batch_is_handed_to_somebody(app):
    with app.app_context(), pytest.raises(LedgerLineError, match="receiver_missing"):
        write(make_open_wave(app, population=60_000), "handed")


def test_a_lost_batch_is_revoked_but_for_what_was_answered(wave):
    used, unused, *_ = cards_of(wave)
    answer(used)
    write(wave, "lost", remark="信封被拆开")
    found = stand(wave)
    assert (found.cards, found.valid, found.spent) == (15, 1, 1)
    with pytest.raises(GoneError, match="code_replaced"):
        entries.begin(db.session, db.session.get(Invitation, unused.id), now=NOW)
    assert entries.entry_of(db.session, used).state == "spent"


def test_a_found_batch_is_valid_again_but_for_what_was_revoked_otherwise(wave):
    gone, *rest = cards_of(wave)
    gone.revoked_at = NOW - timedelta(hours=1)
    db.session.flush()
    write(wave, "lost", 1)
    write(wave, "found", 2)
    assert [one.revoked_at is None for one in cards_of(wave)] == [False] + [True] * len(rest)
    entries.begin(db.session, cards_of(wave)[1], now=NOW)


def test_a_replaced_batch_has_new_codes_and_the_old_ones_say_so(wave):
    old = {one.id: code_of(one) for one in cards_of(wave)}
    answer(cards_of(wave)[0])
    write(wave, "handed", receiver="王老师")
    write(wave, "lost", 1)
    write(wave, "replaced", 2)
    new = {one.id: code_of(one) for one in cards_of(wave)}
    assert {one.generation for one in cards_of(wave)} == {2}
    assert not {code.typed for code in old.values()} & {code.typed for code in new.values()}
    for code in old.values():
        for text in (code.in_address, code.typed):
            with pytest.raises(GoneError) as gone:
                entries.find_invitation(db.session, KEY, text)
            assert (gone.value.code, gone.value.facts["contact"]) == ("code_replaced", wave.contact)
    for number, code in new.items():
        assert entries.find_invitation(db.session, KEY, code.in_address).id == number
        assert entries.find_invitation(db.session, KEY, code.typed).id == number
    found = stand(wave)
    assert (found.where.state, found.where.at_office, found.valid) == ("office", 15, 15)
    with pytest.raises(ConflictError, match="already_used"):
        entries.begin(db.session, cards_of(wave)[0], now=NOW)
    entries.begin(db.session, cards_of(wave)[1], now=NOW)


def test_a_batch_may_be_replaced_time_and_again_and_no_code_ever_returns(wave):
    seen = set()
    for round_ in range(3):
        codes = {code_of(one).typed for one in cards_of(wave)}
        assert not seen & codes
        seen |= codes
        write(wave, "lost", 2 * round_)
        write(wave, "replaced", 2 * round_ + 1)
    assert stand(wave).where.replacements == 3
    for typed in seen:
        with pytest.raises(GoneError, match="code_replaced"):
            entries.find_invitation(db.session, KEY, typed)


def test_every_line_is_in_the_trail_without_names_or_codes(wave):
    write(wave, "handed", receiver="王老师")
    write(wave, "lost", 1, remark="丢在车上")
    write(wave, "replaced", 2)
    batch = first_batch(wave)
    ledger.note_printing(db.session, wave, {batch.id: 15}, key="k" * 64, by="clerk", now=NOW)
    rows = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()[-4:]
    assert [row.action for row in rows] == ["batch.handed", "batch.lost", "batch.replaced", "cards.printed"]
    assert [json.loads(row.details)["cards"] for row in rows] == [15, 15, 15, 15]
    assert [json.loads(row.details).get("codes") for row in rows] == [0, 15, 15, None]
    assert {(row.region_code, row.actor) for row in rows} == {("140522", "clerk")}
    told = "".join(row.details for row in rows)
    assert "王老师" not in told
    assert not [one for one in cards_of(wave) if code_of(one).typed in told]


def test_printings_are_counted_until_the_codes_are_new(wave):
    batch = first_batch(wave)
    for _ in range(2):
        ledger.note_printing(db.session, wave, {batch.id: 15}, key="k", by="clerk", now=NOW)
    assert stand(wave).where.printings == 2
    assert stand(wave).where.state == "office"
    write(wave, "lost", 1)
    write(wave, "replaced", 2)
    assert (stand(wave).where.printings, stand(wave).where.replacements) == (0, 1)


def test_a_wave_that_is_over_takes_cards_back_and_nothing_else(app):
    with app.app_context():
        wave = make_open_wave(app, population=60_000)
        write(wave, "handed", receiver="王老师")
        wave.closed_at = NOW
        db.session.flush()
        write(wave, "returned", receiver="王老师", cards=3)
        for deed in ("handed", "lost"):
            with pytest.raises(ConflictError, match="cards_over"):
                write(wave, deed, receiver="王老师")
        with pytest.raises(ConflictError, match="cards_over"):
            ledger.note_printing(db.session, wave, {first_batch(wave).id: 15}, key="k", by="c", now=NOW)


def test_batches_are_those_of_the_wave_and_of_the_school(app):
    with app.app_context():
        mine = draw_wave(make_wave(population=60_000))
        other = draw_wave(make_wave(county_file=mine.county_file))
        with pytest.raises(NotFoundError):
            ledger.standing(db.session, mine, first_batch(other).id)
        every = ledger.standings(db.session, mine)
        assert [one.batch.position for one in every] == list(range(len(every)))
        assert sum(one.cards for one in every) == 90
        school = every[0].batch.school_code
        own = ledger.standings(db.session, mine, school=school)
        assert {one.batch.id for one in own} == {
            one.batch.id for one in every if one.batch.school_code == school
        }
        assert 0 < len(own) < len(every)


@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.sampled_from(ledger.BY_HAND), st.sampled_from("ABC"), st.integers(1, 30))),
)
def test_no_card_is_ever_made_or_lost_by_the_ledger(cards, wishes):
    lines = []
    for minute, (deed, who, n) in enumerate(wishes):
        here = whereabouts(cards, lines)
        if deed not in here.possible:
            continue
        held = dict(here.holders).get(who, 0)
        if deed == "returned" and not 1 <= n <= held:
            continue
        count = {"handed": here.at_office, "returned": n}.get(deed, cards)
        at = NOW + timedelta(minutes=minute)
        lines.append(Handover(deed=deed, cards=count, receiver=who, at=at))
    here = whereabouts(cards, lines)
    together = here.at_office + sum(n for _, n in here.holders)
    assert together == (0 if here.state == "lost" else cards)
    assert here.at_office >= 0
    assert all(n > 0 for _, n in here.holders)
    assert here.possible
