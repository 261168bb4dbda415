"""Codes, tickets, retries, expiry, the close and quotas in any order, against a model of a few lines."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from unittest import mock

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.errors import ConflictError, GoneError
from survey_app.fieldwork import entries, places
from survey_app.fieldwork.models import Burst, Entry, EntryPoint, PointBurst
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.respond import service
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.respond.ticket import Landing, Ticket
from survey_app.results.closing import close_wave
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from survey_app.surveys.models import QuotaCell
from tests.conftest import KEY, NOW
from tests.lengths import runs
from tests.survey_app.respond.field import Field, Unit, full_answers, open_field

UNITS = (Unit(group="parent", psu="S1", cards=2), Unit(group="public", cards=1))

#: Kind, most through the code, most through its cell; two village codes feed one cell.
POINTS = (("class", 2, 3), ("class", 2, 3), ("poster", None, 2))

ENDS = NOW + timedelta(days=4)


@dataclass
class Place:
    """A questionnaire that was begun, as the model knows it."""

    cell: int
    #: None for a card, which needs no place.
    point: int | None
    holding: bool = False
    until: datetime = NOW
    nonce: str = ""
    surplus: bool = False


@dataclass
class Count:
    """A cell or an open entry, as the model knows it."""

    cap: int | None
    spent: int = 0
    surplus: int = 0


@dataclass
class World:
    """What the machine runs on; made once."""

    app: object
    field: Field
    points: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


class Answering(RuleBasedStateMachine):
    """Phones do what phones do; nothing is committed, so that every run begins with the same wave."""

    world: World
    landings = Bundle("landings")
    tickets = Bundle("tickets")

    def __init__(self):
        super().__init__()
        self.context = self.world.app.app_context()
        self.context.push()
        self.now, self.closed = NOW, False
        self.forms, self.keys = service.Forms(), service.Keys()
        self.begun: dict[int, Place] = {}
        self.seats: dict[str, int] = {}
        self.cards: dict[int, int] = {}
        self.latest: dict[int, Ticket] = {}
        self.answers: list[str] = []
        self.cells: dict[int, Count] = {
            cell.id: Count(cap=cell.cap) for cell in db.session.scalars(sa.select(QuotaCell))
        }
        self.points = {point.id: Count(cap=point.cap) for point in db.session.scalars(sa.select(EntryPoint))}
        self.cell_of = {point.id: point.quota_cell_id for point in db.session.scalars(sa.select(EntryPoint))}
        self.revoked: set[int] = set()

    def teardown(self):
        db.session.rollback()
        self.context.pop()

    @property
    def over(self) -> bool:
        return self.closed or self.now > ENDS

    def attempt(self, deed: Callable):
        """Do it as a request would: all of it or nothing."""
        try:
            with db.session.begin_nested():
                return deed()
        finally:
            db.session.expire_all()

    def holding(self, count: str, key: int) -> list[Place]:
        return [each for each in self.begun.values() if each.holding and getattr(each, count) == key]

    def room(self, point: int) -> bool:
        cell = self.cell_of[point]
        own, whole = self.points[point], self.cells[cell]
        return (whole.cap is None or whole.spent + len(self.holding("cell", cell)) < whole.cap) and (
            own.cap is None or own.spent + len(self.holding("point", point)) < own.cap
        )

    def room_after_expiry(self, point: int) -> bool:
        """Whether there is a place; where there is none, those held too long are taken back first."""
        if self.room(point):
            return True
        late = [each for each in self.holding("cell", self.cell_of[point]) if each.until <= self.now]
        for each in late:
            each.holding = False
        if self.room(point):
            return True
        for each in late:
            each.holding = True
        return False

    @rule(target=landings, number=st.integers(0, len(UNITS)))
    def scan_a_card(self, number):
        code = [code for cards in self.world.field.cards.values() for code in cards][number]
        try:
            landing = self.attempt(lambda: service.arrive(db.session, KEY, code.in_address, now=self.now))
        except GoneError:
            assert self.over
            return multiple()
        except ConflictError:
            entry = self.cards[number]
            assert self.begun[entry].nonce
            return multiple()
        assert not self.over
        return (number, landing)

    @rule(target=landings, number=st.integers(0, len(POINTS) - 1))
    def scan_an_open_code(self, number):
        point = self.world.points[number]
        try:
            landing = self.attempt(
                lambda: service.arrive(db.session, KEY, self.world.codes[number], now=self.now)
            )
        except GoneError:
            assert self.over or point in self.revoked
            return multiple()
        assert not self.over
        assert point not in self.revoked
        return (None, landing)

    @rule(target=tickets, scanned=landings)
    def begin(self, scanned):
        number, landing = scanned
        known = self.cards.get(number) if number is not None else self.seats.get(landing.seat)
        try:
            ticket = self.attempt(
                lambda: service.begin(db.session, landing, self.forms, language="zh_CN", now=self.now)
            )
        except ConflictError:
            assert known is not None
            assert self.begun[known].nonce
            return multiple()
        except GoneError:
            # Over or out of use is said first, before any place held too long is taken back.
            if not (self.over or landing.point_id in self.revoked):
                assert number is None
                assert known is None
                assert not self.room_after_expiry(landing.point_id)
            return multiple()
        assert not self.over
        assert landing.point_id not in self.revoked or landing.point_id is None
        self._begun(number, landing, known, ticket)
        self.latest[ticket.entry_id] = ticket
        return ticket

    def _begun(self, number: int | None, landing: Landing, known: int | None, ticket: Ticket):
        if known is not None:
            assert ticket.entry_id == known
            assert not self.begun[known].nonce
        until = self.now + entries.RESERVATION
        if number is not None:
            self.cards[number] = ticket.entry_id
            cell = db.session.scalar(sa.select(Entry.quota_cell_id).where(Entry.id == ticket.entry_id))
            self.begun.setdefault(ticket.entry_id, Place(cell=cell, point=None))
            return
        point = landing.point_id
        if known is None:
            assert self.room_after_expiry(point)
            self.seats[landing.seat] = ticket.entry_id
            self.begun[ticket.entry_id] = Place(
                cell=self.cell_of[point], point=point, holding=True, until=until
            )
        elif self.begun[known].holding or self.room_after_expiry(point):
            self.begun[known].holding, self.begun[known].until = True, until

    @rule(target=tickets, number=st.integers(0, len(POINTS) - 1), phones=st.integers(2, 4))
    def let_a_crowd_begin(self, number, phones):
        scanned = [self.scan_an_open_code(number) for _ in range(phones)]
        begun = [self.begin(each) for each in scanned if isinstance(each, tuple)]
        return multiple(*(each for each in begun if isinstance(each, Ticket)))

    @rule(number=st.integers(0, len(POINTS) - 1))
    def let_a_crowd_be_late(self, number):
        self.let_a_crowd_begin(number, 2)
        self.now += timedelta(minutes=50)
        self.let_a_crowd_begin(number, 2)
        self.send_all_that_is_left(0, "4")

    @rule(number=st.integers(0, len(UNITS)))
    def answer_one_card_twice_on_two_phones(self, number):
        scanned = [self.scan_a_card(number) for _ in range(2)]
        begun = [self.begin(each) for each in scanned if isinstance(each, tuple)]
        for ticket in begun * 2:
            if isinstance(ticket, Ticket):
                self.send(ticket, "3")

    @rule(after=st.sampled_from([0, 50]), level=st.sampled_from("15"))
    def send_all_that_is_left(self, after, level):
        self.now += timedelta(minutes=after)
        for entry, place in self.begun.items():
            if not place.nonce:
                self.send(self.latest[entry], level)

    @rule(ticket=tickets, level=st.sampled_from("12345"))
    def send(self, ticket, level):
        place = self.begun[ticket.entry_id]
        answers = full_answers(form_for_group(ticket.group), ticket.group, level=level)
        answers["comment"] = f"{ticket.nonce} {len(self.answers)}"
        try:
            done = self.attempt(lambda: self._submit(ticket, answers))
        except GoneError:
            assert self.over
            assert not place.nonce
            return
        if place.nonce:
            assert done.outcome == ("again" if place.nonce == ticket.nonce else "used")
            return
        assert not self.over
        assert done.outcome == "stored"
        self._stored(place, ticket.nonce)
        self.answers.append(answers["comment"])

    def _submit(self, ticket, answers) -> service.Submitted:
        """Send as phones do: by one statement where that can be done."""
        if service.store_at_once(db.session, ticket, answers, self.keys, now=self.now):
            return service.Submitted(outcome="stored")
        return service.submit(db.session, ticket, answers, self.forms, now=self.now)

    def _stored(self, place: Place, nonce: str):
        place.nonce = nonce
        counts = [self.cells[place.cell], *([self.points[place.point]] if place.point else [])]
        if place.point and not place.holding and not self.room(place.point):
            place.surplus = True
        place.holding = False
        for count in counts:
            if place.surplus:
                count.surplus += 1
            else:
                count.spent += 1

    @rule(ticket=tickets, fault=st.sampled_from(["overall", "nobody's"]))
    def send_something_wrong(self, ticket, fault):
        answers = full_answers(form_for_group(ticket.group), ticket.group) | {fault: "9"}
        done = self.attempt(lambda: service.submit(db.session, ticket, answers, self.forms, now=self.now))
        assert done.outcome == "refused"

    @rule(minutes=st.sampled_from([1, 20, 46, 60 * 30]))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(number=st.integers(0, len(POINTS) - 1))
    def take_a_code_out_of_use(self, number):
        point = db.session.get_one(EntryPoint, self.world.points[number])
        if point.id not in self.revoked:
            self.attempt(
                lambda: open_entries.revoke_point(db.session, point.wave, point, by="test", now=self.now)
            )
            self.revoked.add(point.id)

    @precondition(lambda self: not self.closed and len(self.answers) > 1)
    @rule()
    def close(self):
        wave = surveys.get_wave(db.session, self.world.field.wave_id)
        self.attempt(lambda: close_wave(db.session, wave, by="test", now=self.now))
        self.closed = True

    @invariant()
    def nothing_is_lost_doubled_or_over_its_cap(self):
        for model, known in ((QuotaCell, self.cells), (EntryPoint, self.points)):
            for row in db.session.scalars(sa.select(model)):
                count = known[row.id]
                assert (row.spent, row.surplus) == (count.spent, count.surplus), model.__name__
                assert row.cap is None or row.spent + row.reserved <= row.cap
                held = self.holding("cell" if model is QuotaCell else "point", row.id)
                assert row.reserved == len(held), model.__name__
        states = {row.id: row.state for row in db.session.execute(sa.select(Entry.id, Entry.state))}
        assert states == {key: "spent" if each.nonce else "begun" for key, each in self.begun.items()}
        bursts = sum(db.session.scalar(sa.select(sa.func.sum(each.n))) or 0 for each in (Burst, PointBurst))
        assert bursts == len(self.answers)

    @invariant()
    def every_acknowledged_answer_can_be_read_with_the_key_alone(self):
        key = self.world.field.private_key
        read = [open_sealed(key, blob) for blob in db.session.scalars(sa.select(SealedAnswer.sealed))]
        assert sorted(each["answers"]["comment"] for each in read) == sorted(self.answers)
        assert sum(each["surplus"] for each in read) == sum(each.surplus for each in self.begun.values())


def machine_on(app) -> type[Answering]:
    """The machine with a wave of its own."""
    world = World(app=app, field=open_field(app, UNITS))
    with app.app_context():
        wave = surveys.get_wave(db.session, world.field.wave_id)
        for kind, cap, cell_cap in POINTS:
            point = open_entries.make_point(
                db.session, wave, kind=kind, group="public", place="北留村", cap=cap, cell_cap=cell_cap,
                code_key=KEY, by="test", now=NOW,
            )  # fmt: skip
            world.points.append(point.id)
            world.codes.append(open_entries.code_of(point, KEY).in_address)
        db.session.commit()
    return type("Answering", (Answering,), {"world": world})


CALM = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "print_blob": False,
}

#: The first sight of a bug is enough.
HASTY = {**CALM, "phases": (Phase.generate,), "derandomize": True, "report_multiple_bugs": False}


def test_phones_and_the_model_agree(app):
    run_state_machine_as_test(
        machine_on(app), settings=settings(**CALM, max_examples=runs(20, 3000), stateful_step_count=30)
    )


def test_phones_and_the_model_agree_on_postgresql_too(either_app):
    run_state_machine_as_test(
        machine_on(either_app), settings=settings(**CALM, max_examples=runs(8, 500), stateful_step_count=25)
    )


def _stores_again(*arguments, **named):
    found = BURN(*arguments, **named)
    return replace(found, outcome="stored") if found.outcome == "again" else found


def _frees_everybody(session, cell_id, now):
    return FREE(session, cell_id, now + timedelta(days=9))


def _never_surplus(session, cell_id, point_id, *, reserved):
    for model, key in ((QuotaCell, cell_id), (EntryPoint, point_id)):
        places.change(session, model, key, **({"reserved": -1} if reserved else {}), spent=1)
    return True


def _loses_a_place(session, cell_id, point_id, *, reserved):
    return CONFIRM(session, cell_id, point_id, reserved=False)


BURN, FREE, CONFIRM = entries.burn, places.free_expired, places.confirm

#: Bugs to be found: what is made worse.
PLANTED: dict[str, Callable[[], AbstractContextManager]] = {
    "the same answer is stored twice": lambda: mock.patch.object(entries, "burn", _stores_again),
    "places are taken back too early": lambda: mock.patch.object(places, "free_expired", _frees_everybody),
    "late answers go over the cap": lambda: mock.patch.object(places, "confirm", _never_surplus),
    "a place that was held stays held": lambda: mock.patch.object(places, "confirm", _loses_a_place),
    "places are never taken back": lambda: mock.patch.object(places, "free_expired", return_value=0),
    "a closed wave takes answers": lambda: mock.patch.object(entries, "require_open"),
    "another answer counts as the same": lambda: mock.patch.object(
        Ticket, "nonce_hash", property(lambda _self: b"0" * 32)
    ),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_the_machine_finds_what_is_planted(app, bug):
    machine = machine_on(app)
    with PLANTED[bug](), pytest.raises((AssertionError, IntegrityError)):
        run_state_machine_as_test(
            machine,
            settings=settings(**HASTY, max_examples=400, stateful_step_count=25),
        )
