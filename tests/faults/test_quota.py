"""Q-01: far more phones than places, all at once; exactly as many get in, the others are told at once.

And people who come and go at one code: some begin while others submit, and nobody waits in a circle.
"""

import asyncio

import pytest

from tests.faults.installation import poster_code
from tests.faults.phones import Journal, Phone, at_most
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


def come_and_go(installation, *, people: int) -> Journal:
    """Let everybody open, begin and submit by themselves, a dozen at a time, at one poster."""
    journal, code = Journal(), poster_code(installation, 0)
    crowd = [Phone(installation.port, code, f"{each}", journal, hurry=0.2) for each in range(people)]
    asyncio.run(at_most(12, [phone.complete for phone in crowd]))
    return journal


def test_q01_who_begins_and_who_submits_at_one_code_do_not_hinder_each_other(make, full):
    people = 2000 if full else 200
    installation = make(cards=0, posters=(people,))
    with Server(installation, "--no-worker", "--workers", "2"):
        journal = come_and_go(installation, people=people)
    assert (len(journal.acknowledged), journal.gave_up, +journal.statuses) == (people, [], {})
    assert installation.counts() == {"spent": people, "counted": people, "reserved": 0, "surplus": 0}


def test_q01_sees_people_who_wait_for_each_other_in_a_circle(make, new_database):
    if new_database.on == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    installation = make(cards=0, posters=(24,))
    with Server(installation, "--no-worker", breakage="in_a_circle"):
        journal = come_and_go(installation, people=24)
    assert journal.statuses[503] > 0
