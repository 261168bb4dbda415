"""Installations on both databases, and how long a suite runs: short in every check, in full by `--full`."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path

import pytest

from tests.faults.installation import Installation, install
from tests.faults.phones import Journal, Phone, at_most
from tests.faults.server import free_port
from tests.postgresql import administer

Make = Callable[..., Installation]


#: Seconds that a suite may take at its full length: sixty kills and what they delay.
_AT_FULL_LENGTH = 1800


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give suites at their full length the time for it."""
    if config.getoption("--full"):
        for item in items:
            item.add_marker(pytest.mark.timeout(_AT_FULL_LENGTH))


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the suites run at their full length."""
    return request.config.getoption("--full")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Make empty databases: the address of one on PostgreSQL; nothing for SQLite, which needs no making."""
    with ExitStack() as closing:

        def made() -> str:
            if request.param == "sqlite":
                return ""
            server = request.getfixturevalue("postgresql_server")
            name = f"f_{secrets.token_hex(6)}"
            administer(server, f"CREATE DATABASE {name}")
            closing.callback(administer, server, f"DROP DATABASE {name} WITH (FORCE)")
            return server.format(name)

        made.on = request.param
        yield made


@pytest.fixture
def make(new_database: Callable[[], str], tmp_path: Path) -> Make:
    """Make an installation with a wave in the field, on each database."""

    def made(**given) -> Installation:
        return install(tmp_path / secrets.token_hex(4), free_port(), database_url=new_database(), **given)

    return made


@pytest.fixture
def make_one(tmp_path: Path) -> Make:
    """Make an installation on SQLite, where a breakage is the same on each database."""
    return lambda **given: install(tmp_path / secrets.token_hex(4), free_port(), **given)


def answer(
    installation: Installation,
    *,
    at_once: int = 24,
    first: int = 0,
    count: int | None = None,
    patience: float = 120.0,
    meanwhile: Callable[[threading.Event], None] | None = None,
    journal: Journal | None = None,
    only_meanwhile: bool = False,
) -> Journal:
    """Let the holders of the cards answer, *at_once* at a time, while *meanwhile* does its harm.

    *meanwhile* runs beside them and should end when its event is set: everybody is through. With
    *only_meanwhile* nobody begins any more once it has ended.
    """
    journal = journal or Journal()
    cards = installation.cards[first : None if count is None else first + count]
    phones = [
        Phone(installation.port, card, f"{first + number}", journal, patience=patience, hurry=0.2)
        for number, card in enumerate(cards)
    ]
    through, ended = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def harm() -> None:
        try:
            meanwhile(through)
        except BaseException as error:  # noqa: BLE001  told below
            failed.append(error)
        finally:
            ended.set()

    beside = threading.Thread(target=harm) if meanwhile else None
    if beside:
        beside.start()
    coming = takewhile(lambda _: not (only_meanwhile and ended.is_set()), phones)
    try:
        asyncio.run(at_most(at_once, (phone.complete for phone in coming)))
    finally:
        through.set()
        if beside:
            beside.join()
    if failed:
        raise failed[0]
    return journal


def losses(installation: Installation, journal: Journal) -> dict[str, list[str]]:
    """What was promised and not kept: answers lost, doubled, changed, or counted otherwise than stored."""
    stored = installation.inbox()
    times = Counter(each["answers"]["comment"] for each in stored)
    changed = [
        each["answers"]["comment"]
        for each in stored
        if each["answers"] != Phone(0, "", each["answers"]["comment"], Journal()).answers
    ]
    counts = installation.counts()
    found = {
        "lost": sorted(set(journal.acknowledged) - set(times)),
        "doubled": sorted(name for name, n in times.items() if n > 1),
        "changed": changed,
        "miscounted": [] if counts["spent"] == counts["counted"] == len(stored) else [str(counts)],
    }
    return {what: names for what, names in found.items() if names}
