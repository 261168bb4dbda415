"""F-01, F-12: processes die under load and are restarted; what was acknowledged is stored, once."""

import sys
from contextlib import ExitStack
from dataclasses import replace

from tests.faults.balancer import balanced
from tests.faults.conftest import answer, losses
from tests.faults.installation import Installation
from tests.faults.phones import Journal
from tests.faults.server import Server, free_port, wait_until


def killing(server: Server, *, every: float, times: int):
    """Kill the web processes outright, again and again, as long as anybody answers."""

    def harm(through):
        for _ in range(times):
            if through.wait(every):
                return
            server.kill_web_process()
            wait_until(server.answers)

    return harm


def test_f01_a_killed_worker_loses_and_doubles_nothing(make, full):
    installation = make(cards=60_000 if full else 2_000)
    with Server(installation, "--no-worker") as server:
        harm = killing(server, every=2.0 if full else 0.4, times=60 if full else 2)
        journal = answer(installation, meanwhile=harm, only_meanwhile=True, patience=600.0)
    assert losses(installation, journal) == {}
    assert not journal.gave_up
    assert journal.statuses["lost"] > 0, "nobody met the kills"
    sys.stdout.write(
        f"\n{len(journal.acknowledged)} acknowledged, {len(installation.inbox())} stored,"
        f" {journal.statuses['lost']} lost connections\n"
    )


def test_f01_sees_thanks_that_come_before_the_commit(make):
    installation = make(cards=300)
    with Server(installation, breakage="thanks_before_commit") as server:
        journal = answer(installation, count=150, meanwhile=killing(server, every=0.5, times=1))
        server.kill()
    assert "lost" in losses(installation, journal)


def test_f01_a_killed_server_comes_back_with_everything(make, full):
    installation = make(cards=12_000 if full else 400)
    with Server(installation, "--no-worker") as server:

        def harm(through):
            for _ in range(20 if full else 1):
                if through.wait(1.0 if full else 0.4):
                    return
                server.kill()
                server.start()

        journal = answer(installation, meanwhile=harm, patience=600.0)
    assert losses(installation, journal) == {}
    assert len(journal.acknowledged) == len(installation.cards)


def beside(installation: Installation, *, count: int) -> list[Server]:
    """Servers of the same installation, each on a port of its own, for a balancer on the known one."""
    return [
        Server(replace(installation, port=free_port()), "--no-worker", behind=installation.port)
        for _ in range(count)
    ]


def restarted_in_turn(installation: Installation, *, servers: int, rounds: int) -> tuple[Journal, int]:
    """Restart all servers behind one address in turn, *rounds* times; what was seen, and the restarts."""
    restarts = 0
    with ExitStack() as running:
        group = [running.enter_context(server) for server in beside(installation, count=servers)]
        running.enter_context(balanced(installation.port, [server.port for server in group]))

        def harm(through):
            nonlocal restarts
            for _ in range(rounds):
                for server in group:
                    if through.wait(0.2):
                        return
                    server.stop()
                    server.start()
                    restarts += 1

        journal = answer(installation, meanwhile=harm, only_meanwhile=True, patience=600.0)
    return journal, restarts


def test_f12_a_rolling_restart_is_seen_by_nobody(make, full):
    """A request is sent once more at most, as the page's script does without a word."""
    rounds = 10 if full else 1
    installation = make(cards=80_000 if full else 4_000)
    journal, restarts = restarted_in_turn(installation, servers=2, rounds=rounds)
    assert losses(installation, journal) == {}
    assert not journal.gave_up
    assert restarts == 2 * rounds
    assert set(journal.statuses) <= {"lost"}, journal.statuses
    assert max(journal.retried, default=0) <= 1, journal.retried
    sys.stdout.write(f"\n{restarts} restarts: {journal.statuses['lost']} requests were sent once more\n")


def test_f12_sees_a_restart_with_nobody_to_take_over(make_one):
    installation = make_one(cards=3_000)
    journal, restarts = restarted_in_turn(installation, servers=1, rounds=1)
    assert restarts == 1
    assert max(journal.retried) > 1
