"""F-05: no room left on the disk. 503, nothing half-done, and it works again without a restart."""

import asyncio
import io
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey_app.counties.models import CountyFile
from survey_app.counties.workbook.writer import workbook_bytes
from tests.factories import small_county
from tests.faults.conftest import answer, losses
from tests.faults.desk import Desk, furnish
from tests.faults.installation import Installation, install
from tests.faults.phones import Journal, Phone
from tests.faults.server import Server, free_port
from tests.postgresql import administer

_MEGABYTES = 24

#: What a clerk reads where nothing could be written.
_KIND = "系统暂时存不下或连不上数据库"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own with little room."""
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m,mode=0755", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted here")
    folder.chmod(0o755)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def make_on_it(request, small_disk: Path, tmp_path: Path) -> Iterator[Callable[[], Installation]]:
    """Make an installation whose tables lie on the small disk: all of its home, or PostgreSQL's tables.

    PostgreSQL's log lies elsewhere, as it should: where that cannot be written, PostgreSQL itself stops.
    """
    if request.param == "sqlite":
        yield lambda: install(small_disk / "home", free_port(), cards=60)
        return
    server = request.getfixturevalue("postgresql_server")
    tables, name = small_disk / "tables", f"f_{secrets.token_hex(6)}"
    tables.mkdir()
    with sa.create_engine(server.format("postgres")).connect() as connection:
        owner = Path(connection.scalar(sa.text("SHOW data_directory"))).stat()
        connection.engine.dispose()
    os.chown(tables, owner.st_uid, owner.st_gid)
    administer(server, f"CREATE TABLESPACE {name} LOCATION '{tables}'")
    administer(server, f"CREATE DATABASE {name} TABLESPACE {name}")
    yield lambda: install(tmp_path / "home", free_port(), cards=60, database_url=server.format(name))
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")
    administer(server, f"DROP TABLESPACE {name}")


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


def with_no_room(installation: Installation, small_disk: Path) -> tuple[Journal, Journal]:
    """Some answer, some are answering when the room ends, some come then; all are through when there is room.

    Gives what was seen without room, and what was seen in all.
    """
    meanwhile = Journal()
    phones = [
        Phone(installation.port, installation.cards[number], f"{number}", meanwhile, patience=0.0)
        for number in range(20, 32)
    ]
    answering, coming = phones[:6], phones[6:]

    async def begin() -> None:
        for phone in answering:
            assert await phone.open()
            assert await phone.begin()

    async def press_on() -> None:
        for phone in answering:
            await phone.submit()
        for phone in coming:
            if await phone.open() and await phone.begin():
                await phone.submit()

    async def hang_up() -> None:
        for phone in phones:
            phone.line.close()

    async def without_room() -> Path:
        await begin()
        ballast = fill(small_disk)
        await press_on()
        await hang_up()
        return ballast

    journal = answer(installation, count=20)
    assert len(journal.acknowledged) == 20
    asyncio.run(without_room()).unlink()

    async def again() -> None:
        for phone in answering:
            phone.journal, phone.patience = journal, 40.0
            if phone.name not in meanwhile.acknowledged:
                await phone.submit()
        await hang_up()

    asyncio.run(again())
    answer(installation, first=26, count=34, journal=journal)
    journal.acknowledged += meanwhile.acknowledged
    return meanwhile, journal


def test_f05_answers_wait_for_room(make_on_it, small_disk):
    installation = make_on_it()
    with Server(installation, "--no-worker"):
        meanwhile, journal = with_no_room(installation, small_disk)
    assert len(meanwhile.acknowledged) < 6, "there was room for everybody"
    assert set(meanwhile.statuses) == {503}, meanwhile.statuses
    assert all(meanwhile.told), meanwhile.told
    assert losses(installation, journal) == {}
    assert len(installation.inbox()) == 60


def test_f05_sees_answers_that_found_no_room_and_were_thanked_for(make_on_it, small_disk):
    installation = make_on_it()
    with Server(installation, breakage="full_disk_untold"):
        _, journal = with_no_room(installation, small_disk)
    assert "lost" in losses(installation, journal)


def upload_without_room(installation: Installation, server: Server, small_disk: Path) -> dict[str, object]:
    """Upload a county file where uploads have no room, then where they have; what was seen."""
    furnish(installation)
    county = small_county()
    workbook = workbook_bytes({**county, "county": {**county["county"], "code": "140522"}})
    path = "/counties/140522/import"
    with server:
        desk = Desk(installation)
        desk.get(path)
        # Python settles where temporary files go when the first is made; with no room there, elsewhere.
        assert desk.upload(path, "county.xlsx", b"not a workbook").status == 422
        ballast = fill(small_disk)
        refused = [
            desk.upload(path, "county.xlsx", workbook),
            # So large that it is put aside while it comes in.
            desk.upload(path, "county.xlsx", workbook + bytes(2_000_000)),
        ]
        ballast.unlink()
        left = sorted(each.name for each in small_disk.iterdir())
        with installation.session() as session:
            before = session.scalar(sa.select(sa.func.count()).select_from(CountyFile))
        taken = desk.upload(path, "county.xlsx", workbook)
        with installation.session() as session:
            after = session.scalar(sa.select(sa.func.count()).select_from(CountyFile))
    return {
        "refused": [each.status for each in refused],
        "kindly": [_KIND in each.text for each in refused],
        "left": left,
        "stored": (before, after),
        "taken": taken.status,
    }


#: The versions of county files that `install` and `furnish` have stored.
_VERSIONS = 2


def test_f05_an_upload_without_room_changes_nothing(make, small_disk):
    installation = make(cards=0)
    server = Server(installation, "--no-worker", "--workers", "1", environ={"TMPDIR": str(small_disk)})
    assert upload_without_room(installation, server, small_disk) == {
        "refused": [503, 503],
        "kindly": [True, True],
        "left": [],
        "stored": (_VERSIONS, _VERSIONS + 1),
        "taken": 302,
    }


def test_f05_sees_uploads_that_are_read_as_far_as_they_fit(make_one, small_disk):
    installation = make_one(cards=0)
    server = Server(installation, breakage="uploads_as_far_as_they_fit", environ={"TMPDIR": str(small_disk)})
    assert upload_without_room(installation, server, small_disk)["refused"][0] != 503


def make_without_room(
    installation: Installation, server: Server, small_disk: Path
) -> tuple[str, str, list[str]]:
    """Have materials made where exports have no room: how it ended, its page, and the files left behind."""
    wave_id = furnish(installation)
    (installation.home / "exports").symlink_to(small_disk)
    with server:
        desk = Desk(installation)
        ballast = fill(small_disk)
        path, ended = desk.have_made(wave_id)
        page = desk.get(path).text
        ballast.unlink()
        left = [each.name for each in small_disk.iterdir()]
        if ended == "ready":
            return ended, page, left
        path, again = desk.have_made(wave_id)
        assert again == "ready"
        desk.get(path)
        archive = desk.post(f"{path}/download", {})
    assert archive.status == 200
    with zipfile.ZipFile(io.BytesIO(archive.content)) as whole:
        assert whole.testzip() is None
    return ended, page, left


def test_f05_a_file_without_room_is_made_later(make, small_disk):
    installation = make(cards=0)
    ended, page, left = make_without_room(installation, Server(installation), small_disk)
    assert (ended, left) == ("failed", [])
    assert "磁盘" in page


def test_f05_sees_files_that_are_ready_before_they_are_whole(make_one, small_disk):
    installation = make_one(cards=0)
    server = Server(installation, breakage="half_a_file")
    ended, _page, left = make_without_room(installation, server, small_disk)
    assert ended == "ready"
    assert len(left) == 1
