"""Work that outlives a request: durable jobs that a killed worker takes up again.

A job is a named function of the application that may be run again from the start at any
moment: each of its transactions leaves the rest to do. What should be running is read from
our own database (a wave closed but not mixed), so asking for a job and the deed that calls
for it are one commit. The worker starts a durable workflow for each, under a name that any number
of workers agree on. One that ended although the work is still there (a missing key file, a restored
database) is followed by another attempt.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask

from survey_app import clock
from survey_app.config import Settings

log = structlog.get_logger()

#: A job takes the arguments that `Waiting` gave with it; it finds its database by itself.
Job = Callable[..., None]

#: Lists open work: (key, arguments); the same key is the same piece of work.
Waiting = Callable[[], list[tuple[str, dict[str, Any]]]]

_NAME = "junheng"
_QUEUE = "jobs"
#: Fixed, so that a new release still finishes what an old one began.
_VERSION = "1"
#: How often the worker looks for new work, in seconds.
_SWEEP = 1.0

#: Work that nobody has begun after this long is not merely queueing: perhaps no worker runs.
PATIENCE = timedelta(minutes=2)

#: Tries within one attempt, and how long work rests between two attempts, in seconds.
TRIES = 5
REST = 60.0


class Jobs:
    """The jobs an application knows, by name."""

    def __init__(self, app: Flask, settings: Settings):
        self._app = app
        self._settings = settings
        self._known: dict[str, Job] = {}
        self._waiting: dict[str, Waiting] = {}

    def register(self, name: str, job: Job, *, unfinished: Waiting) -> None:
        """Make *job* known as *name*; *unfinished* reads from the database what it has to do."""
        self._known[name] = job
        self._waiting[name] = unfinished

    def enqueue(self, name: str, key: str, **arguments: Any) -> None:
        """Say that a committed deed calls for job *name*.

        The worker finds it by itself within a second; with inline jobs it runs here and now.
        """
        log.info("job wanted", job=name, key=key)
        if self._settings.inline_jobs:
            self.perform(name, arguments)

    def perform(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Run job *name* now, in this process."""
        with self._app.app_context():
            log.info("job started", job=name)
            self._known[name](**arguments)
            log.info("job done", job=name)

    def unfinished(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What the database says should be running: name, key, arguments."""
        with self._app.app_context():
            return [(name, *each) for name, give in self._waiting.items() for each in give()]


def queue_url(settings: Settings) -> str:
    """Where DBOS keeps its queue: a file beside ours, or a schema of the same PostgreSQL."""
    if settings.is_sqlite:
        return f"sqlite:///{settings.database_file.with_name('jobs.db')}"
    return settings.database_url


def jobs_of(app: Flask) -> Jobs:
    """The jobs of *app*."""
    return app.extensions["junheng-jobs"]


def init_app(app: Flask, settings: Settings) -> None:
    """Give *app* its jobs; each room registers its own."""
    app.extensions["junheng-jobs"] = Jobs(app, settings)
    app.add_template_test(is_overdue, "overdue")


def is_overdue(wanted_at: datetime) -> bool:
    """Whether work wanted at this instant has waited so long that a page should say so."""
    return clock.now() - wanted_at > PATIENCE


def start_worker(app: Flask, settings: Settings) -> Callable[[], None]:
    """Start performing jobs in threads of this process; gives the function that stops them."""
    from dbos import DBOS, DBOSConfig, SetWorkflowID

    jobs = jobs_of(app)
    config: DBOSConfig = {
        "name": _NAME,
        "system_database_url": queue_url(settings),
        "application_version": _VERSION,
        "executor_id": "worker",
        "log_level": "WARNING",
    }
    DBOS(config=config)

    @DBOS.step(name="perform", retries_allowed=True, max_attempts=TRIES, interval_seconds=2.0)
    def perform(name: str, arguments: dict[str, Any]) -> None:
        jobs.perform(name, arguments)

    @DBOS.workflow(name="job")
    def job(name: str, arguments: dict[str, Any]) -> None:
        perform(name, arguments)

    DBOS.launch()
    DBOS.register_queue(_QUEUE, global_concurrency=2, polling_interval_sec=0.5)
    stopping = threading.Event()

    def begin(work: str, name: str, arguments: dict[str, Any]) -> None:
        """Start the next attempt at *work*, unless one is under way or ended a moment ago."""
        latest = DBOS.list_workflows(
            workflow_id_prefix=f"{work}#", sort_desc=True, limit=1, load_input=False, load_output=False
        )
        number = 1
        if latest:
            ended = latest[0].completed_at
            if ended is None or time.time() - ended / 1000 < REST:
                return
            number = int(latest[0].workflow_id.rpartition("#")[2]) + 1
            log.warning("job begun anew", work=work, attempt=number, before=latest[0].status)
        with SetWorkflowID(f"{work}#{number}"):
            DBOS.enqueue_workflow(_QUEUE, job, name, arguments)

    def sweep() -> None:
        while not stopping.wait(_SWEEP):
            try:
                for name, key, arguments in jobs.unfinished():
                    begin(f"{name}:{key}", name, arguments)
            except Exception:
                log.exception("looking for work failed; trying again")

    threading.Thread(target=sweep, name="sweep", daemon=True).start()

    def stop() -> None:
        stopping.set()
        DBOS.destroy()

    return stop
