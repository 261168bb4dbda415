"""F-08, F-09, F-10: one answer sent ten times, one card on two phones, a reply that never arrives."""

import asyncio
from collections import Counter

import pytest

from tests.faults.conftest import losses
from tests.faults.phones import Journal, Line, LostError, Phone
from tests.faults.server import Server


async def begun(installation, journal: Journal, number: int, name: str) -> Phone:
    """A phone on its last page."""
    phone = Phone(installation.port, installation.cards[number], name, journal, hurry=0.2)
    assert await phone.open()
    assert await phone.begin()
    return phone


async def ten_at_once(installation, journal: Journal, number: int) -> list[tuple[int, str]]:
    """One phone's answer, sent ten times at once; status and where each was led."""
    phone = await begun(installation, journal, number, f"{number}")
    lines = [Line(installation.port) for _ in range(10)]
    replies = await asyncio.gather(*(line.ask("/answer", phone.filled_in) for line in lines))
    for line in lines:
        line.close()
    return [(reply.status, reply.path.partition("?")[0]) for reply in replies]


async def on_two_phones(installation, journal: Journal, number: int) -> list[int]:
    """One card opened on two phones that send at once; what each was told."""
    pair = [await begun(installation, journal, number, f"{number}{letter}") for letter in "ab"]
    replies = await asyncio.gather(*(phone.line.ask("/answer", phone.filled_in) for phone in pair))
    journal.acknowledged += [
        phone.name for phone, reply in zip(pair, replies, strict=True) if reply.status == 303
    ]
    return sorted(reply.status for reply in replies)


async def without_a_reply(installation, journal: Journal, number: int) -> int:
    """Send, lose the connection after the commit and before the reply, and send again; the last status."""
    phone = await begun(installation, journal, number, f"{number}")
    with pytest.raises(LostError):
        await phone.line.ask("/answer", phone.filled_in, cut=True)
    reply = await phone.line.ask("/answer", phone.filled_in)
    return reply.status


def test_one_answer_each_and_the_right_page_for_everybody(make, full):
    rounds = 40 if full else 4
    installation = make(cards=3 * rounds)
    journal = Journal()

    async def all_of_it():
        for number in range(rounds):
            assert set(await ten_at_once(installation, journal, 3 * number)) == {(303, "/thanks")}
            assert await on_two_phones(installation, journal, 3 * number + 1) == [303, 409]
            assert await without_a_reply(installation, journal, 3 * number + 2) == 303

    with Server(installation, "--no-worker", "--workers", "2"):
        asyncio.run(all_of_it())
    assert losses(installation, journal) == {}
    assert len(installation.inbox()) == 3 * rounds


def test_f08_sees_answers_that_are_stored_whatever_was_stored_before(make):
    installation = make(cards=1)
    journal = Journal()
    with Server(installation, breakage="no_burn"):
        asyncio.run(ten_at_once(installation, journal, 0))
    assert Counter(installation.comments())["0"] > 1


def test_f09_sees_a_card_that_serves_each_phone_once(make):
    installation = make(cards=1)
    journal = Journal()
    with Server(installation, breakage="one_card_two_answers"):
        assert asyncio.run(on_two_phones(installation, journal, 0)) == [303, 303]
    assert len(installation.inbox()) == 2
    assert "miscounted" in losses(installation, journal)


def test_f10_sees_a_retry_that_is_not_known_again(make):
    installation = make(cards=1)
    with Server(installation, breakage="no_nonce"):
        assert asyncio.run(without_a_reply(installation, Journal(), 0)) == 409
