"""L-4 and the door: everybody comes at once, nobody is forgotten, and who must wait is told so at once."""

import asyncio
import statistics
import sys
import time

import sqlalchemy as sa

from tests.faults.conftest import losses
from tests.faults.installation import Installation
from tests.faults.phones import Journal, Phone
from tests.faults.server import Server

#: Phones behind one address, as a school's network has them.
CLASS = 45

#: Seconds for which nothing can be written while a crowd comes.
STANDSTILL = 1.5


async def bell(installation, journal: Journal, *, phones: int, opening: float, sending: float) -> None:
    """All open within *opening* seconds and send within *sending*, each at a moment of its own."""

    async def one(number: int) -> None:
        # Every class has an address of its own; all addresses of 127.0.0.0/8 are this machine's.
        phone = Phone(installation.port, installation.cards[number], f"{number}", journal, patience=120.0)
        phone.line.address = f"127.0.{1 + number // CLASS // 250}.{1 + number // CLASS % 250}"
        try:
            await asyncio.sleep(phone.random.uniform(0, opening))
            begun = time.monotonic()
            if await phone.open() and await phone.begin():
                await asyncio.sleep(max(0.0, phone.random.uniform(0, sending) - (time.monotonic() - begun)))
                await phone.submit()
        finally:
            phone.line.close()

    await asyncio.gather(*(one(number) for number in range(phones)))


def test_l4_everybody_is_acknowledged_within_a_minute(make, full):
    phones, opening, sending = (3000, 30.0, 180.0) if full else (450, 2.0, 4.0)
    installation = make(cards=phones)
    journal = Journal()
    with Server(installation, "--no-worker"):
        asyncio.run(bell(installation, journal, phones=phones, opening=opening, sending=sending))
    assert losses(installation, journal) == {}
    assert len(journal.acknowledged) == phones
    assert max(journal.until_acknowledged) <= 60.0
    sys.stdout.write(
        f"\n{phones} phones: {journal.statuses['lost']} lost connections, {len(journal.shed)} asked to wait;"
        f" acknowledged after {statistics.median(journal.until_acknowledged):.2f} s,"
        f" at most {max(journal.until_acknowledged):.2f} s\n"
    )


def test_l4_sees_a_limit_for_each_address(make_one):
    installation = make_one(cards=CLASS)
    journal = Journal()
    with Server(installation, breakage="few_for_each_address"):
        asyncio.run(bell(installation, journal, phones=CLASS, opening=0.2, sending=0.2))
    assert len(journal.acknowledged) < CLASS
    assert journal.statuses[429] > 0


async def crowd(installation: Installation, journal: Journal, phones: int) -> None:
    """So many phones open their cards in the same moment, while for a moment nothing can be written."""
    waiting = [
        Phone(installation.port, installation.cards[number], f"{number}", journal, patience=60.0, hurry=0.3)
        for number in range(phones)
    ]
    with installation.session() as session:
        # A session begins as a writer, which is all that SQLite needs.
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text("LOCK TABLE entry IN EXCLUSIVE MODE"))
        else:
            session.connection()
        coming = asyncio.gather(*(phone.complete() for phone in waiting))
        await asyncio.sleep(STANDSTILL)
        session.rollback()
        await coming


def test_whoever_finds_no_room_is_told_at_once_and_gets_in_later(make):
    installation = make(cards=400)
    journal = Journal()
    with Server(installation, "--no-worker", "--threads", "1"):
        asyncio.run(crowd(installation, journal, 400))
    assert losses(installation, journal) == {}
    assert len(journal.acknowledged) == 400
    assert journal.statuses[503] > 0, "there was room for everybody"
    assert set(journal.statuses) <= {503}


def test_without_a_door_nobody_is_told_at_once(make_one):
    installation = make_one(cards=400)
    journal = Journal()
    with Server(installation, breakage="no_door"):
        asyncio.run(crowd(installation, journal, 400))
    assert journal.statuses[503] == 0
