from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.errors import ConflictError, GoneError, NotFoundError
from survey_app.fieldwork import entries
from survey_app.fieldwork.codes import MistypedCodeError
from survey_app.fieldwork.models import Burst, CodeGuess, Entry, Invitation
from survey_app.surveys.models import QuotaCell
from tests.conftest import KEY, NOW
from tests.factories import code_of, draw_wave, make_open_wave, make_wave

FIRST, OTHER = b"1" * 32, b"2" * 32


@pytest.fixture
def wave(either_app):
    """A wave that takes answers, on both databases."""
    with either_app.app_context():
        yield make_open_wave(either_app)


def an_invitation(group="parent"):
    return db.session.scalars(
        sa.select(Invitation).join(QuotaCell).where(QuotaCell.group == group).order_by(Invitation.id).limit(1)
    ).one()


def burn(entry, nonce=FIRST, now=NOW):
    return entries.burn(db.session, entry.id, nonce_hash=nonce, now=now)


def test_a_card_is_found_by_its_picture_and_by_its_typed_code(wave):
    invitation = an_invitation()
    code = code_of(invitation)
    assert entries.find_invitation(db.session, KEY, code.in_address) is invitation
    assert entries.find_invitation(db.session, KEY, code.typed.lower()) is invitation


def test_an_unknown_code_is_not_found_and_a_mistyped_one_is_named(wave):
    typed = code_of(an_invitation()).typed
    with pytest.raises(NotFoundError) as unknown:
        entries.find_invitation(db.session, KEY, "0" * 12)
    assert unknown.value.code == "code_unknown"
    with pytest.raises(NotFoundError):
        entries.find_invitation(db.session, KEY, "A" * 22)
    with pytest.raises(MistypedCodeError):
        entries.find_invitation(db.session, KEY, typed[:-1] + ("0" if typed[-1] != "0" else "1"))


def test_beginning_twice_is_one_entry(wave):
    invitation = an_invitation()
    first = entries.begin(db.session, invitation, now=NOW)
    assert entries.begin(db.session, invitation, now=NOW + timedelta(hours=1)) is first
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 1
    assert first.state == "begun"


def test_an_answer_counts_once_and_says_where_it_stands(wave):
    invitation = an_invitation()
    burned = burn(entries.begin(db.session, invitation, now=NOW))
    db.session.expire_all()
    assert burned.outcome == "stored"
    assert burned.origin.group == "parent"
    assert burned.origin.grade_band == invitation.quota_cell.grade_band
    assert (burned.origin.stratum, burned.origin.psu) == (invitation.stratum, invitation.psu)
    assert not burned.surplus
    assert invitation.quota_cell.spent == 1
    assert invitation.quota_cell.reserved == 0


def test_a_person_drawn_from_a_list_of_persons_names_no_unit(wave):
    burned = burn(entries.begin(db.session, an_invitation("teacher"), now=NOW))
    assert burned.origin.psu is None
    assert burned.origin.stratum == "all"
    assert (burned.origin.grade_band, burned.origin.locality) == ("", "")


def test_the_same_nonce_is_the_same_answer_and_another_one_is_refused(wave):
    entry = entries.begin(db.session, an_invitation(), now=NOW)
    assert burn(entry).outcome == "stored"
    assert burn(entry).outcome == "again"
    assert burn(entry, OTHER).outcome == "used"
    assert burn(entry).outcome == "again"
    assert db.session.scalar(sa.select(sa.func.sum(QuotaCell.spent))) == 1
    with pytest.raises(ConflictError, match="already_used"):
        entries.begin(db.session, an_invitation(), now=NOW)


def test_a_repeated_answer_is_thanked_even_after_the_close(wave):
    entry = entries.begin(db.session, an_invitation(), now=NOW)
    burn(entry)
    late = wave.closes_at + timedelta(seconds=1)
    assert burn(entry, now=late).outcome == "again"
    assert burn(entry, OTHER, now=late).outcome == "used"


def test_after_the_last_instant_nothing_begins_and_nothing_counts(wave):
    entry = entries.begin(db.session, an_invitation(), now=wave.closes_at)
    late = wave.closes_at + timedelta(microseconds=1)
    with pytest.raises(GoneError, match="wave_over"):
        burn(entry, now=late)
    with pytest.raises(GoneError, match="wave_over"):
        entries.begin(db.session, an_invitation("teacher"), now=late)
    assert entry.state == "begun"
    assert burn(entry, now=wave.closes_at).outcome == "stored"


def test_a_closed_wave_takes_nothing(wave):
    entry = entries.begin(db.session, an_invitation(), now=NOW)
    wave.closed_at = NOW
    db.session.flush()
    with pytest.raises(GoneError, match="wave_over"):
        burn(entry, now=NOW + timedelta(minutes=1))
    db.session.expire_all()
    assert entry.state == "begun"
    assert db.session.scalar(sa.select(sa.func.sum(QuotaCell.spent))) == 0


def test_before_its_first_instant_and_before_opening_a_wave_takes_nothing(app):
    with app.app_context():
        wave = draw_wave(make_wave())
        with pytest.raises(GoneError, match="wave_not_open"):
            entries.begin(db.session, an_invitation(), now=NOW)
        wave.opened_at, wave.opens_at = NOW, NOW + timedelta(hours=1)
        with pytest.raises(GoneError, match="wave_not_yet"):
            entries.begin(db.session, an_invitation(), now=NOW)


def test_a_replaced_card_leads_nowhere(wave):
    invitation = an_invitation()
    invitation.revoked_at = NOW
    with pytest.raises(GoneError, match="code_replaced"):
        entries.begin(db.session, invitation, now=NOW)


def test_bursts_are_counted_by_batch_and_ten_minutes_without_codes(wave):
    invitations = db.session.scalars(
        sa.select(Invitation).where(Invitation.batch_id == an_invitation().batch_id).limit(3)
    ).all()
    for minutes, invitation in zip((0, 9, 10), invitations, strict=True):
        moment = NOW + timedelta(minutes=minutes)
        burn(entries.begin(db.session, invitation, now=moment), now=moment)
    rows = db.session.execute(sa.select(Burst.bucket, Burst.n).order_by(Burst.bucket)).all()
    assert [tuple(row) for row in rows] == [(NOW, 2), (NOW + timedelta(minutes=10), 1)]


def test_submitting_takes_few_statements(wave):
    entry_id = entries.begin(db.session, an_invitation(), now=NOW).id
    db.session.commit()
    said = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    entries.burn(db.session, entry_id, nonce_hash=FIRST, now=NOW)
    assert len([one for one in said if not one.startswith("BEGIN")]) == 4, said


def a_capped_cell(wave, cap):
    cell = next(cell for cell in wave.quota_cells if cell.group == "public")
    cell.cap = cap
    db.session.flush()
    return cell


def test_a_cell_never_holds_more_places_than_its_cap(wave):
    cell = a_capped_cell(wave, 2)
    begun = [entries.reserve(db.session, cell, kind="poster", now=NOW) for _ in range(2)]
    with pytest.raises(GoneError, match="quota_full"):
        entries.reserve(db.session, cell, kind="poster", now=NOW)
    assert not burn(begun[0]).surplus
    with pytest.raises(GoneError, match="quota_full"):
        entries.reserve(db.session, cell, kind="poster", now=NOW)
    db.session.refresh(cell)
    assert (cell.spent, cell.reserved, cell.surplus) == (1, 1, 0)


def test_a_place_that_expires_goes_to_the_next_and_the_late_answer_is_surplus(wave):
    cell = a_capped_cell(wave, 1)
    slow = entries.reserve(db.session, cell, kind="class", now=NOW)
    later = NOW + entries.RESERVATION
    quick = entries.reserve(db.session, cell, kind="class", now=later)
    assert not burn(quick, now=later).surplus
    assert burn(slow, now=later).surplus
    db.session.refresh(cell)
    assert (cell.spent, cell.reserved, cell.surplus) == (1, 0, 1)
    assert burn(slow, now=later).outcome == "again"


def test_a_late_answer_whose_place_nobody_took_counts(wave):
    cell = a_capped_cell(wave, 2)
    slow = entries.reserve(db.session, cell, kind="class", now=NOW)
    later = NOW + entries.RESERVATION
    for _ in range(2):
        entries.reserve(db.session, cell, kind="class", now=later)
    cell.cap = 3
    db.session.flush()
    assert not burn(slow, now=later).surplus
    db.session.refresh(cell)
    assert (cell.spent, cell.reserved, cell.surplus) == (1, 2, 0)
    db.session.refresh(slow)
    assert slow.reserved_until is None


def at_once(app, times, deed):
    """Do *deed* from many threads at once, each with a session of its own that it commits."""

    def alone(number):
        with app.app_context():
            try:
                result = deed(number)
                db.session.commit()
            except GoneError as refused:
                return refused.code
            return result

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(alone, range(times)))


def test_one_card_on_many_phones_gives_one_entry_and_one_answer(either_app):
    with either_app.app_context():
        make_open_wave(either_app)
        invitation_id = an_invitation().id
        db.session.commit()

    def answer(number):
        entry = entries.begin(db.session, db.session.get_one(Invitation, invitation_id), now=NOW)
        db.session.commit()
        nonce = bytes([number % 3]) * 32
        return entries.burn(db.session, entry.id, nonce_hash=nonce, now=NOW).outcome

    def tried(number):
        try:
            return answer(number)
        except ConflictError as refused:
            return refused.code

    outcomes = at_once(either_app, 24, tried)
    assert outcomes["stored"] == 1
    assert set(outcomes) <= {"stored", "again", "used", "already_used"}
    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 1
        assert db.session.scalar(sa.select(sa.func.sum(QuotaCell.spent))) == 1


def test_many_phones_at_once_never_exceed_a_cap(either_app):
    with either_app.app_context():
        cell_id = a_capped_cell(make_open_wave(either_app), 7).id
        db.session.commit()

    def reserve(_):
        cell = db.session.get_one(QuotaCell, cell_id)
        entry = entries.reserve(db.session, cell, kind="poster", now=NOW)
        db.session.commit()
        return burn(entry).outcome

    assert at_once(either_app, 40, reserve) == {"stored": 7, "quota_full": 33}
    with either_app.app_context():
        cell = db.session.get_one(QuotaCell, cell_id)
        assert (cell.spent, cell.reserved, cell.surplus) == (7, 0, 0)


def test_guesses_are_counted_by_ten_minutes_and_nobody_is_noted(either_app):
    with either_app.app_context():
        for minute in (0, 3, 9, 10):
            entries.count_guess(db.session, now=NOW + timedelta(minutes=minute))
        counted = db.session.execute(
            sa.select(CodeGuess.bucket, CodeGuess.n).order_by(CodeGuess.bucket)
        ).all()
    assert counted == [(NOW, 3), (NOW + timedelta(minutes=10), 1)]
    assert set(CodeGuess.__table__.columns.keys()) == {"bucket", "n"}
