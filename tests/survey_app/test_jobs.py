import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

#: A worker with one job that notes its beginning, takes a while, and notes its end.
WORKER = """
import sys, time
from pathlib import Path
from survey_app import create_app, settings_of
from survey_app.config import load_settings
from survey_app.jobs import jobs_of, start_worker
from survey_app.serving import upgrade

upgrade(load_settings())
app = create_app()
notes = Path(sys.argv[1])

def note(text):
    with notes.open("a", encoding="utf-8") as file:
        file.write(text + chr(10))

def slow(number):
    note(f"begun {number}")
    time.sleep(1.5)
    note(f"done {number}")

jobs_of(app).register("slow", slow, unfinished=lambda: [("one", {"number": 1})])
start_worker(app, settings_of(app))
time.sleep(60)
"""


@pytest.fixture
def worker(tmp_path):
    running = []

    def start():
        environment = {
            **os.environ,
            "JUNHENG_HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        command = [sys.executable, "-c", WORKER, str(tmp_path / "notes")]
        with (tmp_path / "worker.log").open("ab") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def notes(tmp_path, *, until, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lines = (tmp_path / "notes").read_text("utf-8").split("\n") if (tmp_path / "notes").exists() else []
        if until in lines:
            return [line for line in lines if line]
        time.sleep(0.1)
    raise AssertionError((tmp_path / "worker.log").read_text("utf-8"))


def wait_until_noted(tmp_path, *, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(tmp_path / "jobs.db")) as connection:
            states = {row[0] for row in connection.execute("SELECT status FROM workflow_status")}
        if states == {"SUCCESS"}:
            return
        time.sleep(0.1)
    raise AssertionError(states)


def test_a_killed_job_is_taken_up_again_and_a_finished_one_is_not(worker, tmp_path):
    first = worker()
    notes(tmp_path, until="begun 1")
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = worker()
    assert notes(tmp_path, until="done 1") == ["begun 1", "begun 1", "done 1"]
    # Done is not yet noted as done: a worker killed in between would do it once more.
    wait_until_noted(tmp_path)
    second.send_signal(signal.SIGKILL)
    second.wait()
    worker()
    time.sleep(4)
    assert notes(tmp_path, until="done 1") == ["begun 1", "begun 1", "done 1"]
