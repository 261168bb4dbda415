"""Work that failed for good is begun anew: the reason may be mended, and nobody tells the worker."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

#: A worker whose job fails until a file is there, as mixing does without its private key.
WORKER = """
import sys, time
from pathlib import Path
from survey_app import create_app, jobs, settings_of
from survey_app.config import load_settings
from survey_app.serving import upgrade

upgrade(load_settings())
app = create_app()
notes, key = Path(sys.argv[1]), Path(sys.argv[2])
jobs.TRIES, jobs.REST = 1, 1.0

def note(text):
    with notes.open("a", encoding="utf-8") as file:
        file.write(text + chr(10))

def open_up(number):
    if not key.exists():
        note(f"failed {number}")
        raise FileNotFoundError(key)
    note(f"done {number}")

done = lambda: "done 1" in (notes.read_text("utf-8") if notes.exists() else "")
jobs.jobs_of(app).register("open", open_up, unfinished=lambda: [] if done() else [("one", {"number": 1})])
jobs.start_worker(app, settings_of(app))
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
        command = [sys.executable, "-c", WORKER, str(tmp_path / "notes"), str(tmp_path / "key")]
        with (tmp_path / "worker.log").open("ab") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def wait_for(tmp_path, enough, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lines = (tmp_path / "notes").read_text("utf-8").split() if (tmp_path / "notes").exists() else []
        if enough(lines):
            return lines
        time.sleep(0.1)
    raise AssertionError((tmp_path / "worker.log").read_text("utf-8"))


def test_a_job_that_failed_for_good_is_begun_anew_until_it_is_done(worker, tmp_path):
    worker()
    wait_for(tmp_path, lambda lines: lines.count("failed") >= 2)
    (tmp_path / "key").touch()
    wait_for(tmp_path, lambda lines: "done" in lines)


def test_another_worker_takes_it_up_as_well(worker, tmp_path):
    first = worker()
    wait_for(tmp_path, lambda lines: "failed" in lines)
    first.kill()
    first.wait()
    (tmp_path / "key").touch()
    worker()
    lines = wait_for(tmp_path, lambda lines: "done" in lines)
    time.sleep(3)
    assert wait_for(tmp_path, lambda lines: "done" in lines).count("done") == lines.count("done") == 1
