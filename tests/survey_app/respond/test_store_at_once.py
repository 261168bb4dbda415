"""An answer stored by one statement: everything that the long way does, or nothing at all."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from survey_app.db import db
from survey_app.errors import JunhengError
from survey_app.fieldwork import entries
from survey_app.fieldwork.models import Burst, Entry, Invitation, PhoneCase
from survey_app.respond import inbox, service
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.models import QuotaCell, Wave
from survey_app.wire.connection import Wires
from tests.conftest import KEY, NOW
from tests.survey_app.respond.field import Unit, open_field

#: Alike but for their cards; a listed person has no primary sampling unit.
UNITS = (
    Unit(group="parent", psu="S1", cards=3, grade_band="primary", locality="town"),
    Unit(group="teacher", cards=1),
)
ANSWERS = {"p01": "4"}

#: What became of an entry by either way, but for what is random.
_OUTCOME = ("state", "mode", "surplus", "reserved_until", "invitation_id", "kind")


class Desk:
    """A wave in the field with wires of its own."""

    def __init__(self, app):
        self.field = open_field(app, UNITS)
        self.wires = Wires(db.engine)
        self.keys = service.Keys()

    @property
    def can(self) -> bool:
        """Whether the database knows such statements."""
        return db.engine.dialect.name == "postgresql"

    def begin(self, group="parent", number=0):
        """The ticket of a questionnaire begun with a card."""
        with self.wires.one_by_one() as wire:
            landing = service.open_card(wire, KEY, self.field.card(group, number).in_address, now=NOW)
            wave = service.landing_wave(wire, landing, now=NOW)
            return service.begin_card(wire, landing, wave, 1, language="zh_CN", now=NOW)

    def at_once(self, ticket) -> bool:
        """Store by one statement."""
        with self.wires.one_by_one() as wire:
            return service.store_at_once(wire, ticket, ANSWERS, self.keys, now=NOW)

    def long_way(self, ticket) -> str:
        """Store the long way; what came of it."""
        with self.wires.together() as wire:
            submitted = service.store(wire, ticket, ANSWERS, now=NOW)
            wire.commit()
        return submitted.outcome

    def seen(self, ticket):
        """What the database tells of it, and the answers that came in."""
        db.session.rollback()
        entry = db.session.get_one(Entry, ticket.entry_id)
        cell = db.session.get_one(QuotaCell, entry.quota_cell_id)
        case = db.session.scalar(sa.select(PhoneCase).where(PhoneCase.invitation_id == ticket.invitation_id))
        answers = [
            inbox.open_sealed(self.field.private_key, each)
            for each in db.session.scalars(sa.select(SealedAnswer.sealed))
        ]
        return {
            **{name: getattr(entry, name) for name in _OUTCOME},
            "nonce": entry.nonce_hash,
            "cell": (cell.spent, cell.reserved, cell.surplus),
            "bursts": db.session.execute(sa.select(Burst.batch_id, Burst.bucket, Burst.n)).all(),
            "case": case and (case.withdrawn, case.finished_at),
            "answers": sorted(answers, key=str),
        }

    def change(self, statement) -> None:
        """Change something beside."""
        db.session.execute(statement)
        db.session.commit()

    def call(self, ticket, **facts) -> None:
        """Put the person on the call list."""
        case = PhoneCase(wave_id=ticket.wave_id, invitation_id=ticket.invitation_id, **facts)
        db.session.add(case)
        db.session.commit()


@pytest.fixture
def desk(either_app):
    with either_app.app_context():
        yield Desk(either_app)


@pytest.fixture
def quick(desk):
    """A desk whose database knows such statements."""
    if not desk.can:
        pytest.skip("SQLite changes one table by one statement")
    return desk


@pytest.mark.parametrize("group", ["parent", "teacher"])
@pytest.mark.parametrize("case", [None, {}, {"finished_at": NOW}])
def test_it_does_what_the_long_way_does(desk, group, case):
    ticket = desk.begin(group)
    if case is not None:
        desk.call(ticket, **case)
    before = desk.seen(ticket)
    assert desk.at_once(ticket) is desk.can
    quickly = desk.seen(ticket)
    if not desk.can:
        assert quickly == before
        return
    # The same questionnaire, as if it had not been sent, goes the long way.
    for emptied in (SealedAnswer, Burst):
        desk.change(sa.delete(emptied))
    desk.change(sa.update(Entry).values(state="begun", nonce_hash=None))
    desk.change(sa.update(QuotaCell).values(spent=0))
    desk.change(sa.update(PhoneCase).values(withdrawn=False))
    assert desk.seen(ticket) == before
    assert desk.long_way(ticket) == "stored"
    assert quickly == desk.seen(ticket) != before
    assert quickly["answers"][0]["psu"] == ("S1" if group == "parent" else None)


def test_several_of_a_batch_are_counted_together(quick):
    tickets = [quick.begin(number=number) for number in range(3)]
    assert all(quick.at_once(each) for each in tickets)
    seen = quick.seen(tickets[0])
    assert seen["cell"] == (3, 0, 0)
    assert [each.n for each in seen["bursts"]] == [3]
    assert len(seen["answers"]) == 3


@pytest.mark.parametrize(
    "changed",
    [
        sa.update(Entry).values(state="spent", nonce_hash=bytes(32)),
        sa.update(Entry).values(invitation_id=None),
        sa.update(Wave).values(opened_at=None),
        sa.update(Wave).values(closed_at=NOW),
        sa.update(Wave).values(mixed_at=NOW),
        sa.update(Wave).values(released_at=NOW),
        sa.update(Wave).values(aborted_at=NOW),
        sa.update(Wave).values(opens_at=NOW + timedelta(seconds=1)),
        sa.update(Wave).values(closes_at=NOW - timedelta(seconds=1)),
        sa.update(Wave).values(public_key=bytes(32)),
        sa.update(Wave).values(public_key=None),
    ],
    ids=str,
)
def test_it_does_nothing_where_anything_is_unusual(quick, changed):
    ticket = quick.begin()
    with quick.wires.one_by_one() as wire:
        assert quick.keys.of(wire, ticket.wave_id), "known from another answer, and perhaps not good any more"
    quick.change(changed)
    before = quick.seen(ticket)
    assert not quick.at_once(ticket)
    assert quick.seen(ticket) == before


@pytest.mark.parametrize(
    "unlike",
    [{"mode": "phone"}, {"origin": None}, {"entry_id": 10**6}, {"wave_id": 10**6}, {"invitation_id": 10**6}],
    ids=str,
)
def test_a_ticket_that_is_not_a_cards_own_goes_the_long_way(quick, unlike):
    ticket = quick.begin()
    before = quick.seen(ticket)
    assert not quick.at_once(replace(ticket, **unlike))
    assert quick.seen(ticket) == before


def test_sent_twice_is_stored_once_and_known_again(desk):
    ticket = desk.begin()
    sent = [desk.at_once(ticket) or desk.long_way(ticket) for _ in range(3)]
    assert sent == [True if desk.can else "stored", "again", "again"]
    assert desk.at_once(replace(ticket, nonce="another")) is False
    assert desk.long_way(replace(ticket, nonce="another")) == "used"
    assert len(desk.seen(ticket)["answers"]) == 1


def test_of_many_at_once_one_is_stored(quick):
    ticket = quick.begin()
    nonces = [replace(ticket, nonce=str(number)) for number in range(8)]
    ready = threading.Barrier(len(nonces))

    def send(each):
        ready.wait(30)
        return quick.at_once(each)

    with ThreadPoolExecutor(len(nonces)) as phones:
        assert sorted(phones.map(send, nonces)) == [False] * 7 + [True]
    seen = quick.seen(ticket)
    assert (seen["cell"], len(seen["answers"]), [each.n for each in seen["bursts"]]) == ((1, 0, 0), 1, [1])


def lose_the_card(ticket):
    invitation = db.session.get_one(Invitation, ticket.invitation_id)
    entries.let_go(db.session, [invitation.id])


def close_the_wave(ticket):
    wave = db.session.get_one(Wave, ticket.wave_id)
    db.session.refresh(wave, with_for_update=True)
    wave.closed_at = NOW
    db.session.flush()


@pytest.mark.parametrize("deed", [lose_the_card, close_the_wave])
@pytest.mark.parametrize("kept", [True, False])
def test_it_waits_for_whoever_is_about_to_make_it_unusual(quick, deed, kept):
    ticket = quick.begin()
    db.session.rollback()
    deed(ticket)
    with ThreadPoolExecutor(1) as elsewhere:
        sent = elsewhere.submit(quick.at_once, ticket)
        # Long enough for it to find the row held.
        wait([sent], timeout=0.3)
        assert not sent.done()
        if kept:
            db.session.commit()
        else:
            db.session.rollback()
        assert sent.result(30) is not kept
    assert len(quick.seen(ticket)["answers"]) == (0 if kept else 1)


#: The rows that an answer changes, in the order in which everybody takes them.
_ROWS = (Wave, Entry, QuotaCell, Burst, PhoneCase)


@pytest.mark.parametrize("held", _ROWS, ids=lambda model: model.__tablename__)
@pytest.mark.parametrize("way", ["at_once", "long_way"])
def test_rows_are_taken_in_one_order_so_that_nobody_waits_in_a_circle(quick, way, held):
    other, ticket = quick.begin(number=1), quick.begin()
    quick.call(ticket)
    assert quick.at_once(other), "whose answer begins the count of the batch"
    db.session.rollback()
    where = {Entry: Entry.id == ticket.entry_id, PhoneCase: PhoneCase.invitation_id == ticket.invitation_id}
    lock = sa.select(held).where(where.get(held, sa.true())).with_for_update()
    db.session.execute(lock)
    with ThreadPoolExecutor(1) as elsewhere:
        sent = elsewhere.submit(getattr(quick, way), ticket)
        wait([sent], timeout=0.3)
        assert not sent.done()
        # What comes later is free; what comes before is held by the answer that waits.
        free = [model for model in _ROWS if _is_free(model, where.get(model, sa.true()))]
        db.session.rollback()
        assert sent.result(30) in {True, "stored"}
    assert free == list(_ROWS[_ROWS.index(held) + 1 :])


def _is_free(model, which) -> bool:
    """Whether nobody has changed, or holds, a row of *model*."""
    with orm.Session(db.engine) as session:
        rows = session.execute(sa.select(model).where(which)).all()
        lock = sa.select(model).where(which).with_for_update(skip_locked=True)
        return len(session.execute(lock).all()) == len(rows)


def test_a_key_is_asked_for_once_and_only_that_of_a_wave_that_has_one(desk):
    ticket = desk.begin()
    with desk.wires.one_by_one() as wire:
        assert desk.keys.of(wire, 10**6) is None
        known = desk.keys.of(wire, ticket.wave_id)
    desk.change(sa.update(Wave).values(public_key=None))
    with desk.wires.one_by_one() as wire:
        assert desk.keys.of(wire, ticket.wave_id) == known
        assert service.Keys().of(wire, ticket.wave_id) is None
    with suppress(JunhengError):
        desk.long_way(ticket)
    assert desk.seen(ticket)["answers"] == []
