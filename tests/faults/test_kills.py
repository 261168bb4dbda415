"""F-01, F-12: processes die under load and are restarted; what was acknowledged is stored, once."""

import time

from tests.faults.conftest import answer, losses
from tests.faults.server import Server, wait_until


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
    installation = make(cards=12_000 if full else 300)
    with Server(installation, "--no-worker") as server:
        journal = answer(
            installation, meanwhile=killing(server, every=2.0 if full else 0.4, times=60 if full else 2)
        )
    assert losses(installation, journal) == {}
    assert not journal.gave_up
    assert len(journal.acknowledged) == len(installation.cards)
    assert journal.statuses["lost"] > 0, "nobody met the kills"


def test_f01_sees_thanks_that_come_before_the_commit(make):
    installation = make(cards=300)
    with Server(installation, breakage="thanks_before_commit") as server:
        journal = answer(installation, count=150, meanwhile=killing(server, every=0.5, times=1))
        server.kill()
    assert "lost" in losses(installation, journal)


def test_f01_a_killed_server_comes_back_with_everything(make, full):
    installation = make(cards=4_000 if full else 200)
    with Server(installation, "--no-worker") as server:

        def harm(through):
            for _ in range(20 if full else 1):
                if through.wait(1.0 if full else 0.4):
                    return
                server.kill()
                server.start()

        journal = answer(installation, meanwhile=harm)
    assert losses(installation, journal) == {}
    assert len(journal.acknowledged) == len(installation.cards)


def test_f12_a_restart_on_request_cuts_nobody_short(make, full):
    installation = make(cards=6_000 if full else 200)
    with Server(installation, "--no-worker") as server:
        restarts = []

        def harm(through):
            for _ in range(10 if full else 1):
                if through.wait(0.5):
                    return
                server.stop()
                server.start()
                restarts.append(time.monotonic())

        journal = answer(installation, meanwhile=harm)
    assert losses(installation, journal) == {}
    assert len(journal.acknowledged) == len(installation.cards)
    assert restarts, "nobody restarted it"
    statuses = {status for status in journal.statuses if status != "lost"}
    assert statuses <= {503}, journal.statuses
