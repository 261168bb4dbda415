"""L-1: people come at a steady rate, however slow the server is; nobody waits, nothing is lost or doubled."""

import asyncio
import statistics
import sys
from contextlib import ExitStack
from dataclasses import replace

from tests.faults.conftest import losses
from tests.faults.installation import Installation
from tests.faults.phones import Journal, Phone, at_rate
from tests.faults.server import Server, free_port

#: Slowest page or submit of a hundred, in seconds.
_P99 = 0.5


def come(installation: Installation, servers: list[Server], *, rate: float) -> Journal:
    """Let everybody come, *rate* a second, in turn to each of the *servers*."""
    journal = Journal()
    phones = [
        Phone(servers[number % len(servers)].port, card, f"{number}", journal, hurry=0.2)
        for number, card in enumerate(installation.cards)
    ]
    asyncio.run(at_rate(rate, [phone.complete for phone in phones]))
    return journal


def percentile(journal: Journal, percent: int) -> float:
    """Seconds within which so many of a hundred pages came and submits were acknowledged."""
    pages = [took for step, times in journal.seconds.items() if step != "submit" for took in times]
    return statistics.quantiles([*pages, *journal.until_acknowledged, *journal.shed], n=100)[percent - 1]


def said(journal: Journal, rate: float) -> str:
    """The figures in a line."""
    return (
        f"\n{rate:.0f} people a second, {len(journal.acknowledged)} in all:"
        f" p50 {percentile(journal, 50):.3f} s, p99 {percentile(journal, 99):.3f} s,"
        f" {len(journal.shed)} asked to wait,"
        f" {journal.statuses['lost']} lost connections\n"
    )


def test_l1_everybody_is_served_at_a_steady_rate(make, new_database, full):
    """Each opens, begins, submits and reads the thanks; one server on SQLite, three on PostgreSQL."""
    instances, rate = (3, 150.0) if new_database.on == "postgresql" else (1, 100.0)
    installation = make(cards=int(rate * (300 if full else 3)))
    with ExitStack() as running:
        servers = [
            running.enter_context(Server(replace(installation, port=free_port()), "--no-worker"))
            for _ in range(instances)
        ]
        journal = come(installation, servers, rate=rate)
    sys.stdout.write(said(journal, rate))
    assert losses(installation, journal) == {}
    assert not journal.gave_up
    assert len(journal.acknowledged) == len(installation.cards)
    # A short run measures the start of the processes, and may share the machine.
    assert percentile(journal, 99) <= _P99 or not full


def test_l1_sees_a_server_that_serves_one_after_another(make_one):
    installation = make_one(cards=60)
    with Server(installation, breakage="one_after_another") as server:
        journal = come(installation, [server], rate=60.0)
    assert percentile(journal, 99) > _P99
