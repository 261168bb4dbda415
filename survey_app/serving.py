"""Serving: the web process and the job worker, started together or each as a service of its own."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey_app.config import ConfigurationError, Settings, load_settings
from survey_app.messages import sentence

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None

if TYPE_CHECKING:
    from flask import Flask

    from survey_app.shedding import Door

#: Ports tried in turn by the demo when the first is taken.
_DEMO_PORTS = range(8000, 8020)

#: How often a worker looks whether it should end, and how long web processes may finish their requests.
_LOOK = 1.0
_DRAIN = 10.0


#: Web processes by database, and requests at work at once in each; chosen by benchmarks/respond.py.
WORKERS = {"SQLite": 1, "PostgreSQL": 2}
THREADS = 4

#: Connections that may be open at once in a web process: phones keep theirs for a while.
_CONNECTIONS = 8192

#: Web processes are started again this often within two minutes; then something is wrong with all of them.
MOST_RESPAWNS = 100

#: New objects after which a web process looks for cycles, and how seldom it looks among the older ones.
_COLLECT_AFTER = (20_000, 50, 50)

#: Tells a web process how many requests it lets work at once.
_AT_ONCE = "JUNHENG_REQUESTS_AT_ONCE"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--public-url", help="Address that phones use; printed on the cards.")
@click.option(
    "--workers",
    show_default=", ".join(f"{number} with {name}" for name, number in WORKERS.items()),
    type=click.IntRange(1, 64),
    help="Web processes.",
)
@click.option(
    "--threads",
    default=THREADS,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Requests at work at the same time in each.",
)
@click.option("--no-worker", is_flag=True, help="Run the job worker elsewhere (junheng work).")
def serve(
    host: str, port: int, public_url: str | None, workers: int | None, threads: int, no_worker: bool
) -> None:
    """升级数据库并启动服务。Upgrade the database, then serve pages and perform jobs."""
    if public_url:
        os.environ["JUNHENG_PUBLIC_URL"] = public_url
    elif not os.environ.get("JUNHENG_PUBLIC_URL"):
        os.environ["JUNHENG_PUBLIC_URL"] = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
    settings = settings_or_exit()
    upgrade(settings)
    click.echo(f"均衡 · {settings.public_url}", err=True)
    workers = workers or workers_for(settings)
    run(settings, host, port, workers=workers, threads=threads, worker=not no_worker)


@click.command()
@click.option("--beside", type=int, hidden=True, help="End when this process, the parent, is gone.")
def work(beside: int | None) -> None:
    """只运行后台任务。Perform jobs only, as a service beside the web processes."""
    from survey_app import create_app
    from survey_app.jobs import start_worker

    settings = settings_or_exit()
    upgrade(settings)
    with at_work(settings):
        stop = start_worker(create_app(settings), settings)
        ended = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: ended.set())
        while not ended.wait(_LOOK) and beside in {None, os.getppid()}:
            pass
        stop()


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free one from 8000.")
@click.option("--public-url", help="Address that phones use; default: this machine's own in its network.")
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and build it again.")
@click.option("--build-only", is_flag=True, help="Build the data and stop.")
def demo(host: str, port: int | None, public_url: str | None, fresh: bool, build_only: bool) -> None:
    """用阳城县的公开数据演示全过程。Show the whole path with Yangcheng's published figures."""
    from survey_app import demo as demonstration

    folder = demonstration.home()
    try:
        demonstration.prepare(folder, fresh=fresh)
    except demonstration.NotADemoError:
        click.echo(sentence("not_a_demo", folder=folder), err=True)
        raise SystemExit(1) from None
    if port and not _is_free(host, port):
        click.echo(sentence("port_taken", port=port), err=True)
        raise SystemExit(1)
    port = port or _free_port(host)
    os.environ["JUNHENG_HOME"] = str(folder)
    os.environ["JUNHENG_PUBLIC_URL"] = public_url or f"http://{own_address()}:{port}"
    settings = settings_or_exit()
    upgrade(settings)
    accounts = demonstration.build(settings, say=lambda line: click.echo(line, err=True))
    click.echo(demonstration.welcome(settings, accounts))
    if not build_only:
        run(settings, host, port, workers=workers_for(settings), threads=THREADS, worker=True)


def settings_or_exit() -> Settings:
    """The settings; where they are incomplete, say which ones and stop with status 1."""
    try:
        return load_settings()
    except ConfigurationError as error:
        click.echo(sentence("configuration", names=", ".join(error.names)), err=True)
        raise SystemExit(1) from None


def workers_for(settings: Settings) -> int:
    """Web processes that serve most: SQLite has one writer, whose journeys to the database take no time."""
    return WORKERS["SQLite" if settings.is_sqlite else "PostgreSQL"]


def upgrade(settings: Settings) -> None:
    """Bring the configured database to the newest revision."""
    import sqlalchemy as sa

    from survey_app import db, migrating

    engine = sa.create_engine(**db.engine_options(settings))
    db.prepare_engine(engine)
    try:
        migrating.upgrade(engine)
    finally:
        engine.dispose()


def run(settings: Settings, host: str, port: int, *, workers: int, threads: int, worker: bool) -> None:
    """Serve until stopped; keep a job worker running beside, started again if it dies."""
    with at_work(settings):
        _serve(host, port, workers=workers, threads=threads, worker=worker)


@contextmanager
def at_work(settings: Settings, *, alone: bool = False) -> Generator[bool]:
    """Be noted as using the home's database; *alone* asks to be the only one, and says whether that is so.

    The note is a lock on a file, so it goes with the process, however that ends.
    """
    if fcntl is None:
        yield True
        return
    with (settings.home / ".at-work").open("a", encoding="utf-8") as note:
        try:
            fcntl.flock(note, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _serve(host: str, port: int, *, workers: int, threads: int, worker: bool) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from survey_app import shedding

    os.environ[_AT_ONCE] = str(threads)
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping,), name="worker-keeper", daemon=True)
    if worker:
        keeper.start()
    try:
        server = Granian(
            "survey_app.serving:application",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads + shedding.PLACES,
            backlog=_CONNECTIONS,
            backpressure=_CONNECTIONS,
            workers_kill_timeout=int(_DRAIN),
            respawn_failed_workers=True,
            websockets=False,
            log_level="warning",  # ty: ignore[invalid-argument-type]
            working_dir=Path.cwd(),
        )
        server.respawned_wrks = Respawns()
        logging.getLogger("_granian").addFilter(_is_not_about_threads)
        server.serve()
    finally:
        stopping.set()
        if worker:
            keeper.join(timeout=10)


def _is_not_about_threads(said: logging.LogRecord) -> bool:
    """Granian finds our threads many where there are two processors. They were measured (ADR 0031)."""
    return "Python threads" not in said.getMessage()


class Respawns(dict):
    """When web processes were started again, as Granian notes it before it gives up.

    Granian ends for good when a process dies a second time within 5.5 seconds. Processes may be killed more
    often than that and the server still go on; only one that dies all the time is given up.
    """

    def __init__(self, most: int = MOST_RESPAWNS, within: float = 120.0):
        super().__init__()
        self._recent: deque[float] = deque(maxlen=most)
        self._within = within

    def __setitem__(self, process: int, at: float) -> None:
        """Note that *process* was started again."""
        self._recent.append(at)
        super().__setitem__(process, at)

    def get(self, process: int, default: float = 0.0) -> float:  # ty: ignore[incompatible-method-override]
        """When *process* was started last, if that was once too often; else long ago."""
        often = len(self._recent) == self._recent.maxlen and self._recent[-1] - self._recent[0] < self._within
        return super().get(process, default) if often else default


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        command = [sys.executable, "-m", "survey_app", "work", "--beside", str(os.getpid())]
        process = subprocess.Popen(command)  # noqa: S603
        while process.poll() is None and not stopping.wait(0.5):
            pass
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=10)
        stopping.wait(1.0)


def application() -> "Flask":
    """The application of one web process, which ends with the process that started it.

    Otherwise a server killed outright would leave its web processes behind: they would go on answering
    on the same port beside their successors, perhaps of another release.
    """
    from survey_app import create_app, shedding

    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    app = create_app()
    _let_in_by(shedding.put_up(app, at_once=int(os.environ.get(_AT_ONCE, THREADS))))
    _settle()
    return app


def _let_in_by(door: "Door") -> None:
    """Have Granian hand each request to *door*.

    What it calls with a request it makes itself around the application, after it has got that. This is what
    is replaced; the suites of the door see when it stops working.
    """
    from granian.server import mp
    from granian.wsgi import _callback_wrapper

    from survey_app import shedding

    def wrap(*given: Any) -> Callable:
        return shedding.before(door, _callback_wrapper(*given))

    mp._wsgi_call_wrap = wrap  # noqa: SLF001  # ty: ignore[invalid-assignment]


def _settle() -> None:
    """Leave out of garbage collection what lives as long as the process.

    A request leaves few cycles behind, but the collector walked through hundreds of thousands of objects of
    modules, routes and templates to find them: a tenth of a phone's processor time without a server.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_DRAIN)
    os._exit(1)


def own_address() -> str:
    """This machine's address in its network, for phones beside it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def _free_port(host: str) -> int:
    return next((port for port in _DEMO_PORTS if _is_free(host, port)), _DEMO_PORTS[0])


def _is_free(host: str, port: int) -> bool:
    """Whether nobody listens there: two servers would share the requests, each with data of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
