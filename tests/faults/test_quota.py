"""Q-01: far more phones than places, all at once; exactly as many get in, the others are told at once."""

import asyncio

from tests.faults.installation import poster_code
from tests.faults.phones import Journal, Phone
from tests.faults.server import Server

PLACES = 50


async def rush(
    installation, journal: Journal, *, phones: int, first: int = 0, number: int = 0
) -> list[Phone]:
    """All scan the same poster, then all press the button; those who got in."""
    code = poster_code(installation, number)
    crowd = [
        Phone(installation.port, code, f"{first + each}", journal, hurry=0.2, patience=60.0)
        for each in range(phones)
    ]
    opened = await asyncio.gather(*(phone.open() for phone in crowd))
    waiting = [phone for phone, did in zip(crowd, opened, strict=True) if did and phone.hidden.get("ticket")]
    journal.refused["start full"] += sum(opened) - len(waiting)
    begun = await asyncio.gather(*(phone.begin() for phone in waiting))
    inside = [phone for phone, did in zip(waiting, begun, strict=True) if did]
    for phone in crowd:
        if phone not in inside:
            phone.line.close()
    return inside


def test_q01_exactly_as_many_as_there_are_places(make, full):
    seeds, phones = (20, 500) if full else (1, 150)
    installation = make(cards=0, posters=(PLACES,) * seeds)
    at_begin = 0
    with Server(installation, "--no-worker", "--workers", "2"):
        for seed in range(seeds):
            journal = Journal()

            async def all_of_it(journal=journal, seed=seed):
                inside = await rush(installation, journal, phones=phones, first=seed * phones, number=seed)
                await asyncio.gather(*(phone.submit() for phone in inside))
                for phone in inside:
                    phone.line.close()

            asyncio.run(all_of_it())
            assert len(journal.acknowledged) == PLACES
            assert not journal.gave_up
            # Everybody else was told before the first question, and nobody after answering.
            told = {"start full", "start 410", "begin 410"}
            assert sum(journal.refused[when] for when in told) == phones - PLACES
            assert set(+journal.refused) <= told
            at_begin += journal.refused["begin 410"]
    assert at_begin > 0
    assert len(installation.inbox()) == PLACES * seeds
    assert installation.counts() == {
        "spent": PLACES * seeds,
        "counted": PLACES * seeds,
        "reserved": 0,
        "surplus": 0,
    }


def test_q01_sees_a_quota_that_is_looked_at_before_it_is_taken_from(make):
    installation = make(cards=0, posters=(PLACES,))
    with Server(installation, breakage="check_then_act", threads=32):
        inside = asyncio.run(rush(installation, Journal(), phones=150))
    assert len(inside) > PLACES
