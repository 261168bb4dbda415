"""F-05: no room left on the disk. 503, nothing half-done, and it works again without a restart."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import answer, losses
from tests.faults.installation import install
from tests.faults.phones import Journal, Phone
from tests.faults.server import Server, free_port

_MEGABYTES = 24


@pytest.fixture
def small_disk():
    """A file system of its own with little room."""
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    shutil.rmtree(folder, ignore_errors=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    ballast = folder / "ballast"
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    for size in (65536, 4096, 512, 1):
        with suppress(OSError):
            while True:
                os.write(file, bytes(size))
    os.close(file)
    return ballast


def test_f05_a_full_disk_is_told_and_got_over(small_disk):
    installation = install(small_disk / "home", free_port(), cards=60)
    journal = Journal()

    async def try_each(first: int, count: int) -> None:
        for number in range(first, first + count):
            phone = Phone(installation.port, installation.cards[number], f"{number}", journal, patience=0.0)
            if await phone.open() and await phone.begin():
                await phone.submit()
            phone.line.close()

    with Server(installation, "--no-worker"):
        before = answer(installation, count=20)
        ballast = fill(small_disk)
        asyncio.run(try_each(20, 4))
        statuses = dict(journal.statuses)
        ballast.unlink()
        after = answer(installation, first=20, count=40)
    assert len(before.acknowledged) == 20
    assert len(journal.acknowledged) < 4, "there was room for everybody"
    assert set(statuses) == {503}, statuses
    journal.acknowledged += before.acknowledged + after.acknowledged
    assert losses(installation, journal) == {}
    assert len(installation.inbox()) == 60
