"""Files that take a while: made once, whole or not at all, whatever is killed in between; erased in time."""

import errno
import json
import os
import stat
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey_app import clock, prepared, settings_of
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.jobs import jobs_of
from survey_app.prepared import PreparedFile
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ask(*, facts="v1", by="clerk", now=NOW, **arguments):
    file = prepared.ask(
        db.session, kind="list", arguments=arguments, facts=facts, region="140522", by=by, now=now
    )
    number = file.id
    db.session.commit()
    return number


def make(app, number):
    prepared.begin(app, number)
    return look(number)


def look(number):
    """The row as it is now, without a transaction left open for the jobs to wait for."""
    db.session.rollback()
    found = db.session.get(PreparedFile, number)
    if found is not None:
        db.session.expunge(found)
    db.session.rollback()
    return found


def unfinished(app):
    found = jobs_of(app).unfinished()
    db.session.rollback()
    return found


def counting_maker(app, content=b"made"):
    """Register a maker that notes each call."""
    calls = []

    def maker(told, progress):
        calls.append(told)
        progress(0, 2)
        progress(1, 2)
        return content, "清单.txt"

    prepared.makers_of(app)["list"] = maker
    return calls


def test_the_same_wish_from_the_same_facts_is_made_once(either_app):
    with either_app.app_context():
        calls = counting_maker(either_app)
        number = ask(wave=1)
        file = make(either_app, number)
        assert (file.state, file.percent, file.download_name, file.size) == ("ready", 100, "清单.txt", 4)
        assert ask(wave=1, by="somebody else") == number
        make(either_app, number)
        assert calls == [{"wave": 1}]
        assert len({number, ask(wave=2), ask(wave=1, facts="v2")}) == 3


def test_a_made_file_is_whole_and_for_its_owner_alone(app):
    with app.app_context():
        counting_maker(app)
        file = make(app, ask())
        path = prepared.stored_at(settings_of(app), file)
        assert path.parent == settings_of(app).home / "exports"
        assert path.name == f"{file.key}.txt"
        assert path.read_bytes() == b"made"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_maker_may_give_a_path(app, tmp_path):
    with app.app_context():
        made = prepared.exports(settings_of(app)) / "large"
        prepared.makers_of(app)["list"] = lambda told, progress: (made, "x.bin")
        made.write_bytes(b"large")
        path = prepared.stored_at(settings_of(app), make(app, ask()))
        assert path.read_bytes() == b"large"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not made.exists()


def test_everybody_sees_how_far_it_is_while_it_is_made(either_app):
    seen = []

    def maker(told, progress):
        db.session.execute(sa.select(PreparedFile)).all()
        for done in range(4):
            progress(done, 3)
            with db.engine.connect() as other:
                seen.append(tuple(other.execute(sa.text("SELECT done, total FROM prepared_file")).one()))
        return b"", "x.txt"

    with either_app.app_context():
        prepared.makers_of(either_app)["list"] = maker
        make(either_app, ask())
        assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_long_bar_is_not_written_down_at_every_step(app, monkeypatch):
    written = []
    monkeypatch.setattr(prepared, "_change", lambda session, number, **values: written.append(values))

    def maker(told, progress):
        for done in range(1001):
            progress(done, 1000)
        return b"", "x.txt"

    with app.app_context():
        prepared.makers_of(app)["list"] = maker
        make(app, ask())
    assert len(written) <= 53
    assert {"done": 1000, "total": 1000} in written


@pytest.mark.parametrize("killed_after", range(3))
def test_what_is_killed_between_two_steps_is_made_anew(either_app, killed_after):
    calls = []

    class KilledError(BaseException):
        pass

    def maker(told, progress):
        calls.append(told)
        for done in range(3):
            progress(done, 3)
            if len(calls) == 1 and done == killed_after:
                raise KilledError
        return b"whole", "x.txt"

    with either_app.app_context():
        prepared.makers_of(either_app)["list"] = maker
        number = ask()
        left = prepared.exports(settings_of(either_app)) / f".{look(number).key}.txt.0badcafe"
        left.write_bytes(b"hal")
        with pytest.raises(KilledError):
            prepared.begin(either_app, number)
        assert look(number).state == "making"
        [(name, _, told)] = unfinished(either_app)
        assert (name, told) == (prepared.PREPARE, {"file_id": number})
        jobs_of(either_app).perform(name, told)
        file = look(number)
        assert prepared.stored_at(settings_of(either_app), file).read_bytes() == b"whole"
        assert not left.exists()
        assert unfinished(either_app) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConflictError("not_drawn"), "not_drawn"),
        (ConflictError("wave_over", closed="x"), "prepared_failed"),
        (OSError(errno.ENOSPC, "full"), "prepared_no_room"),
        (ZeroDivisionError(), "prepared_failed"),
    ],
)
def test_what_cannot_be_made_says_why_and_may_be_tried_again(app, error, said):
    def maker(told, progress):
        progress(1, 3)
        raise error

    with app.app_context():
        prepared.makers_of(app)["list"] = maker
        number = ask()
        assert make(app, number).failure == said
        assert look(number).state == "failed"
        assert unfinished(app) == []
        counting_maker(app)
        assert ask(now=NOW + timedelta(minutes=1)) == number
        assert look(number).state == "waiting"
        assert make(app, number).state == "ready"


def test_a_database_that_is_away_is_no_failure_of_the_file(app):
    def maker(told, progress):
        raise sa.exc.OperationalError("x", {}, Exception())

    with app.app_context():
        prepared.makers_of(app)["list"] = maker
        number = ask()
        with pytest.raises(sa.exc.OperationalError):
            prepared.begin(app, number)
        assert look(number).state == "waiting"


def test_a_file_that_somebody_took_away_is_wanted_again(app):
    with app.app_context():
        calls = counting_maker(app)
        number = ask()
        file = make(app, number)
        prepared.stored_at(settings_of(app), file).unlink()
        assert prepared.stored_at(settings_of(app), file) is None
        prepared.want_again(db.session, db.session.get(PreparedFile, number), by="clerk", now=NOW)
        db.session.commit()
        assert make(app, number).state == "ready"
        assert len(calls) == 2


def test_files_are_erased_when_they_are_old_with_a_record(either_app, monkeypatch):
    with either_app.app_context():
        counting_maker(either_app)
        number, settings = ask(), settings_of(either_app)
        path = prepared.stored_at(settings, make(either_app, number))
        key = look(number).key
        db.session.rollback()
        monkeypatch.setattr(clock, "now", lambda: NOW + prepared.KEPT - timedelta(seconds=1))
        assert unfinished(either_app) == []
        monkeypatch.setattr(clock, "now", lambda: NOW + prepared.KEPT)
        [(name, _, told)] = unfinished(either_app)
        jobs_of(either_app).perform(name, told)
        assert not path.exists()
        assert look(number) is None
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "file.erased")).one()
        assert (entry.actor, entry.region_code) == ("job", "140522")
        assert json.loads(entry.details)["key"] == key
        with pytest.raises(NotFoundError):
            prepared.find(db.session, number, "list")


def test_files_are_erased_as_soon_as_nobody_may_have_them(app):
    with app.app_context():
        counting_maker(app)
        kept, gone = ask(wave=1), ask(wave=2)
        for number in (kept, gone):
            make(app, number)
        prepared.outdated_of(app)["list"] = lambda session, told: told["wave"] == 2
        db.session.rollback()
        [(name, _, told)] = unfinished(app)
        assert told == {"file_id": gone}
        jobs_of(app).perform(name, told)
        assert look(gone) is None
        assert look(kept).state == "ready"


def test_erasing_sweeps_away_what_no_row_knows_and_nothing_else(app, monkeypatch):
    with app.app_context():
        folder = prepared.exports(settings_of(app))
        stray, fresh, foreign = (
            folder / f"{'a' * 64}.zip",
            folder / f".{'b' * 64}.zip.01234567",
            folder / "x",
        )
        for path in (stray, fresh, foreign):
            path.write_bytes(b"x")
        old = NOW.timestamp() - 2 * 86_400
        for path in (stray, foreign):
            os.utime(path, (old, old))
        os.utime(fresh, (NOW.timestamp(), NOW.timestamp()))
        counting_maker(app)
        number = ask()
        make(app, number)
        prepared.outdated_of(app)["list"] = lambda session, told: True
        db.session.rollback()
        jobs_of(app).perform(prepared.ERASE, {"file_id": number})
        assert {path.name for path in folder.iterdir()} == {fresh.name, "x"}


def test_a_file_is_found_only_as_what_it_is(app):
    with app.app_context():
        number = ask()
        assert prepared.find(db.session, number, "list").id == number
        with pytest.raises(NotFoundError):
            prepared.find(db.session, number, "report")


#: A worker whose maker takes its time, and notes when it began.
WORKER = """
import sys, time
from pathlib import Path
from survey_app import create_app, jobs, prepared, settings_of
from survey_app.config import load_settings
from survey_app.db import db
from survey_app.serving import upgrade
from survey_app.clock import now

settings = load_settings()
upgrade(settings)
app = create_app()
notes, first = Path(sys.argv[1]), sys.argv[2] == "first"

def maker(told, progress):
    with notes.open("a", encoding="utf-8") as file:
        file.write("begun ")
    for done in range(3):
        progress(done, 3)
        if first and done == 1:
            time.sleep(60)
    return b"whole", "x.txt"

prepared.makers_of(app)["list"] = maker
if first:
    with app.app_context():
        prepared.ask(db.session, kind="list", arguments={}, facts=1, region="140522", by="test", now=now())
        db.session.commit()
jobs.start_worker(app, settings_of(app))
time.sleep(60)
"""


def test_a_worker_killed_outright_is_followed_by_one_that_finishes(tmp_path):
    environment = {
        **os.environ,
        "JUNHENG_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    notes, exports = tmp_path / "notes", tmp_path / "exports"

    def start(which):
        command = [sys.executable, "-c", WORKER, str(notes), which]
        with (tmp_path / "worker.log").open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def wait_for(there):
        deadline = time.monotonic() + 30
        while not there():
            assert time.monotonic() < deadline, (tmp_path / "worker.log").read_text("utf-8")
            time.sleep(0.05)

    first = start("first")
    try:
        wait_for(notes.exists)
    finally:
        first.kill()
        first.wait()
    assert list(exports.iterdir()) == []
    second = start("second")
    try:
        wait_for(lambda: any(exports.iterdir()))
    finally:
        second.kill()
        second.wait()
    [made] = exports.iterdir()
    assert made.read_bytes() == b"whole"
    assert notes.read_text("utf-8").split() == ["begun", "begun"]
