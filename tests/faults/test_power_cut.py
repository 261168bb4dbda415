"""F-04: the power goes, and with it everything that was written and not flushed to the disk (SQLite)."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import answer, losses
from tests.faults.installation import Installation, install
from tests.faults.phones import Journal
from tests.faults.server import Server, free_port, wait_until

_HEAD = struct.Struct("<qqq")


@pytest.fixture(scope="session")
def forgetful_disk(tmp_path_factory) -> str:
    """A library that notes what was not flushed, compiled here."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("no C compiler: what was not flushed cannot be taken back")
    made = tmp_path_factory.mktemp("preload") / "power_cut.so"
    source = Path(__file__).with_name("power_cut.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return str(made)


def take_back(installation: Installation) -> int:
    """Undo every write since its file was flushed last; how many."""
    undone = 0
    for journal in installation.home.glob("*.unsynced"):
        notes, content, at = [], journal.read_bytes(), 0
        while at + _HEAD.size <= len(content):
            offset, length, size = _HEAD.unpack_from(content, at)
            notes.append((offset, content[at + _HEAD.size : at + _HEAD.size + length], size))
            at += _HEAD.size + length
        with journal.with_suffix("").open("r+b") as file:
            for offset, old, size in reversed(notes):
                file.seek(offset)
                file.write(old)
                file.truncate(size)
        undone += len(notes)
        journal.unlink()
    for shared in installation.home.glob("*-shm"):
        shared.unlink()
    return undone


def cut_the_power(tmp_path: Path, disk: str, *, times: int, breakage: str = "") -> tuple[dict, int]:
    """Cut the power under load *times* times; what was lost, and how many writes were taken back."""
    installation = install(tmp_path / "home", free_port(), cards=80 * times)
    undone = 0
    lost: dict = {}
    for turn in range(times):
        server = Server(installation, *([] if breakage else ["--no-worker"]), breakage=breakage)
        server.preload(disk)
        with server:
            journal = Journal()

            def pull_the_plug(through, server=server, journal=journal, after=5 + 7 * turn % 40):
                wait_until(lambda: through.is_set() or len(journal.acknowledged) >= after)
                server.kill()

            answer(
                installation,
                first=80 * turn,
                count=80,
                patience=0.0,
                meanwhile=pull_the_plug,
                at_once=12,
                journal=journal,
            )
            assert journal.acknowledged
        undone += take_back(installation)
        lost |= losses(installation, journal)
    return lost, undone


def test_f04_nothing_acknowledged_goes_with_the_power(tmp_path, forgetful_disk, full):
    lost, _ = cut_the_power(tmp_path, forgetful_disk, times=100 if full else 3)
    assert lost == {}


def test_f04_sees_commits_that_do_not_wait_for_the_disk(tmp_path, forgetful_disk):
    lost, undone = cut_the_power(tmp_path, forgetful_disk, times=2, breakage="not_synchronous")
    assert undone > 0
    assert "lost" in lost
