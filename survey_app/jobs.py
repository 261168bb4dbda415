"""Work that outlives a request: durable jobs that a killed worker takes up again.

A job is a named function of the application that may be run again from the start at any
moment: each of its transactions leaves the rest to do. The web process only enqueues; the
worker (`run_worker`) performs. Both speak through DBOS's own database, beside ours.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask

from survey_app.config import Settings

log = structlog.get_logger()

#: A job takes the arguments it was enqueued with; it finds its database by itself.
Job = Callable[..., None]

_NAME = "junheng"
_QUEUE = "jobs"
#: Fixed, so that a new release still finishes what an old one began.
_VERSION = "1"


class Jobs:
    """The jobs an application knows, by name."""

    def __init__(self, app: Flask, settings: Settings):
        self._app = app
        self._settings = settings
        self._known: dict[str, Job] = {}
        #: Jobs to enqueue again when a worker starts: name -> gives (key, arguments) of open work.
        self._unfinished: dict[str, Callable[[], list[tuple[str, dict[str, Any]]]]] = {}

    def register(
        self,
        name: str,
        job: Job,
        *,
        unfinished: Callable[[], list[tuple[str, dict[str, Any]]]] | None = None,
    ) -> None:
        """Make *job* known as *name*; *unfinished* lists what should be running (key, arguments)."""
        self._known[name] = job
        if unfinished is not None:
            self._unfinished[name] = unfinished

    def enqueue(self, name: str, key: str, **arguments: Any) -> None:
        """Ask for job *name*. The same *key* twice is one job."""
        if self._settings.inline_jobs:
            self.perform(name, arguments)
            return
        from dbos import DBOSClient

        client = DBOSClient(system_database_url=database_url(self._settings))
        try:
            options = {
                "workflow_name": "job",
                "queue_name": _QUEUE,
                "workflow_id": f"{name}:{key}",
                "app_version": _VERSION,
            }
            client.enqueue(options, name, arguments)  # ty: ignore[invalid-argument-type]
        finally:
            client.destroy()

    def perform(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Run job *name* now, in this process."""
        with self._app.app_context():
            log.info("job started", job=name)
            self._known[name](**arguments)
            log.info("job done", job=name)

    def unfinished(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What the database says should be running: name, key, arguments."""
        with self._app.app_context():
            return [(name, *each) for name, give in self._unfinished.items() for each in give()]


def database_url(settings: Settings) -> str:
    """Where DBOS keeps its queue: a file beside ours, or a schema of the same PostgreSQL."""
    if settings.is_sqlite:
        return f"sqlite:///{settings.database_file.with_name('jobs.db')}"
    return settings.database_url


def jobs_of(app: Flask) -> Jobs:
    """The jobs of *app*."""
    return app.extensions["junheng-jobs"]


def init_app(app: Flask, settings: Settings) -> None:
    """Give *app* its jobs; `create_app` registers each room's."""
    app.extensions["junheng-jobs"] = Jobs(app, settings)


def start_worker(app: Flask, settings: Settings) -> Callable[[], None]:
    """Start performing jobs in threads of this process; gives the function that stops them."""
    from dbos import DBOS, DBOSConfig, SetWorkflowID

    jobs = jobs_of(app)
    config: DBOSConfig = {
        "name": _NAME,
        "system_database_url": database_url(settings),
        "application_version": _VERSION,
        "executor_id": "worker",
        "log_level": "WARNING",
    }
    dbos = DBOS(config=config)

    @DBOS.step(name="perform", retries_allowed=True, max_attempts=5, interval_seconds=2.0)
    def perform(name: str, arguments: dict[str, Any]) -> None:
        jobs.perform(name, arguments)

    @DBOS.workflow(name="job")
    def job(name: str, arguments: dict[str, Any]) -> None:
        perform(name, arguments)

    dbos.launch()
    DBOS.register_queue(_QUEUE, concurrency=2, polling_interval_sec=0.5)
    for name, key, arguments in jobs.unfinished():
        with SetWorkflowID(f"{name}:{key}"):
            DBOS.enqueue_workflow(_QUEUE, job, name, arguments)
    return lambda: DBOS.destroy()
