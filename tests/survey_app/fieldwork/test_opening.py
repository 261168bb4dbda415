import stat
from datetime import timedelta

import pytest
import sqlalchemy as sa
from nacl.public import PrivateKey

from survey_app import audit, settings_of
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.fieldwork import entries, opening
from survey_app.fieldwork.models import Invitation
from survey_app.fieldwork.progress import by_group, progress, total
from survey_app.surveys.models import WaveState
from tests.conftest import NOW
from tests.factories import draw_wave, make_open_wave, make_wave


@pytest.fixture(autouse=True)
def in_app(app):
    with app.app_context():
        yield


def open_(wave, app, now=NOW):
    return opening.open_wave(db.session, wave, keys=settings_of(app).keys, by="clerk", now=now)


def test_opening_freezes_the_forms_and_keeps_the_private_key_outside_the_database(app):
    wave = open_(draw_wave(make_wave()), app)
    assert wave.state is WaveState.OPEN
    assert (wave.opened_at, wave.opened_by) == (NOW, "clerk")
    assert sorted(used.form for used in wave.forms) == ["public", "staff", "student"]
    path = opening.key_file(settings_of(app).keys, wave.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bytes(PrivateKey(path.read_bytes()).public_key) == wave.public_key
    entry = db.session.scalars(sa.select(audit.AuditEntry).order_by(audit.AuditEntry.number.desc())).first()
    assert entry.action == "wave.opened"
    assert path.read_bytes().hex() not in entry.details


def test_an_opening_that_was_not_committed_leaves_a_key_that_is_used(app):
    wave = draw_wave(make_wave())
    db.session.commit()
    first = open_(wave, app).public_key
    db.session.rollback()
    assert wave.state is WaveState.DRAWN
    assert open_(wave, app).public_key == first


def test_only_a_drawn_wave_with_time_left_can_be_opened(app):
    wave = make_wave()
    with pytest.raises(ConflictError, match="not_drawn"):
        open_(wave, app)
    draw_wave(wave)
    with pytest.raises(ConflictError, match="window_past"):
        open_(wave, app, now=wave.closes_at)
    open_(wave, app, now=wave.closes_at - timedelta(seconds=1))
    with pytest.raises(ConflictError, match="already_open"):
        open_(wave, app)


def test_two_waves_have_different_keys(app):
    first = make_open_wave(app)
    second = make_open_wave(app, county_file=first.county_file)
    assert first.public_key != second.public_key


def test_progress_counts_used_cards_by_cell_and_group(app):
    wave = make_open_wave(app)
    assert total(progress(db.session, wave)).spent == 0
    cards = db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()
    for invitation in (cards[0], cards[1], cards[-1]):
        entry = entries.begin(db.session, invitation, now=NOW)
        entries.burn(db.session, entry.id, nonce_hash=b"n" * 32, now=NOW)
    entries.begin(db.session, cards[2], now=NOW)
    cards[3].revoked_at = NOW
    db.session.flush()
    groups = {one.total.group: one for one in by_group(progress(db.session, wave))}
    assert list(groups)[:3] == ["parent", "student", "teacher"]
    assert (groups["parent"].total.target, groups["parent"].total.invited) == (150, 149)
    assert (groups["parent"].total.spent, groups["public"].total.spent) == (2, 1)
    assert sum(cell.spent for cell in groups["parent"].cells) == 2
    assert groups["public"].cells == ()
    assert groups["parent"].total.percent == 1
    overall = total(progress(db.session, wave))
    assert (overall.target, overall.invited, overall.spent) == (300, 299, 3)
