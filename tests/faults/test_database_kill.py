"""F-03: PostgreSQL is killed under load and started again; the application finds it again by itself."""

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, own_cluster
from tests.faults.conftest import answer, losses
from tests.faults.installation import Installation, install
from tests.faults.phones import Journal
from tests.faults.server import Server, free_port, wait_until
from tests.postgresql import administer

#: Within so many seconds after the database is back somebody is thanked again.
_BACK = 10.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server that may be killed."""
    with own_cluster() as mine:
        yield mine


def installed(cluster: Cluster, home: Path, *, cards: int) -> Installation:
    """An installation on a database of that server."""
    name = f"f_{home.name}"
    administer(cluster.address, f"CREATE DATABASE {name}")
    return install(home, free_port(), cards=cards, database_url=cluster.address.format(name))


def killing(cluster: Cluster, journal: Journal, *, every: float, times: int, back: list[float]):
    """Kill the database, start it again and note after how many seconds somebody was thanked."""

    def harm(through):
        for _ in range(times):
            if through.wait(every):
                return
            cluster.kill()
            cluster.start()
            started, thanked = time.monotonic(), len(journal.acknowledged)
            wait_until(lambda thanked=thanked: through.is_set() or len(journal.acknowledged) > thanked)
            back.append(time.monotonic() - started)

    return harm


def test_f03_a_killed_database_takes_nothing_along_and_is_found_again(cluster, tmp_path, full):
    installation = installed(cluster, tmp_path / "real", cards=40_000 if full else 3_000)
    journal, back = Journal(), []
    with Server(installation, "--no-worker"):
        harm = killing(cluster, journal, every=2.0 if full else 0.5, times=10 if full else 1, back=back)
        answer(installation, meanwhile=harm, journal=journal, only_meanwhile=True)
    assert losses(installation, journal) == {}
    assert not journal.gave_up
    assert journal.statuses[503] > 0, "nobody met the kills"
    assert set(journal.statuses) <= {503, "lost"}, journal.statuses
    assert len(back) == (10 if full else 1)
    assert max(back) <= _BACK
    sys.stdout.write(
        f"\n{len(back)} kills: thanked again after {statistics.median(back):.2f} s,"
        f" at most {max(back):.2f} s\n"
    )


def test_f03_sees_an_application_that_never_reconnects(cluster, tmp_path):
    installation = installed(cluster, tmp_path / "control", cards=80)
    journal = Journal()
    with Server(installation, breakage="never_reconnects"):

        def harm(_through):
            wait_until(lambda: len(journal.acknowledged) >= 20)
            cluster.kill()
            time.sleep(0.5)
            cluster.start()

        answer(installation, meanwhile=harm, journal=journal, patience=2.0)
    assert journal.gave_up


def test_f03_sees_commits_that_do_not_wait_for_the_log(cluster, tmp_path):
    installation = installed(cluster, tmp_path / "hasty", cards=200)
    # What the server writes in its own time, it writes late.
    administer(cluster.address, "ALTER SYSTEM SET wal_writer_delay = '10s'")
    administer(cluster.address, "SELECT pg_reload_conf()")
    journal = Journal()
    with Server(installation, breakage="not_waiting_for_the_log"):

        def harm(_through):
            wait_until(lambda: len(journal.acknowledged) >= 60)
            cluster.kill()
            cluster.start()

        answer(installation, meanwhile=harm, journal=journal)
    administer(cluster.address, "ALTER SYSTEM RESET wal_writer_delay")
    assert "lost" in losses(installation, journal)
