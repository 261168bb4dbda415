"""What every test can ask for: applications on both databases, clients, signed-in people."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app import clock, create_app, migrating
from survey_app.config import Settings
from survey_app.db import db
from tests import postgresql
from tests.postgresql import administer, hasten
from tests.thrift import be_thrifty, keep_nothing, keep_what_is_loaded

# The same cases every time in CI; elsewhere Hypothesis keeps looking for new ones.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")

#: The instant at which tests take place unless they say otherwise: 18:00 in Beijing.
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

#: Whoever starts a real server lives at its time.
_REAL_TIME = ("tests.faults.", "tests.journeys.")

KEY = bytes.fromhex("11" * 32)

postgresql_server = postgresql.postgresql_server


@pytest.fixture(scope="module", autouse=True)
def _at_the_time_of_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the clock run from `NOW` on, whenever the tests are run: what they open must not be over."""
    if request.module.__name__.startswith(_REAL_TIME):
        yield
        return
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW + timedelta(seconds=time.monotonic() - began))
        yield


def pytest_configure() -> None:
    """Share among the applications of this run what they may share."""
    be_thrifty()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The suites of `tests/faults` have a short and a full form; the guides have pictures."""
    parser.addoption("--full", action="store_true", help="run the suites of tests/faults at full length")
    parser.addoption("--pictures", action="store_true", help="write the pictures of the guides into docs")


#: Suites that are steps of their own in `.ci/run`: left out unless they or their folder are named.
HEAVY = {
    "tests/attacks",
    "tests/faults",
    "tests/journeys/answering",
    "tests/journeys/test_assessors.py",
    "tests/journeys/test_county_wave.py",
    "tests/journeys/test_guide.py",
    "tests/journeys/test_province.py",
    "tests/journeys/test_telephone.py",
    "tests/survey_app/api/test_described.py",
    "tests/survey_app/assessments/test_any_scheme.py",
    "tests/survey_app/respond/test_in_a_browser.py",
    "tests/survey_app/test_failed_jobs.py",
}

#: Long and indivisible: begun first, so that no worker sits alone with one at the end.
FIRST = ("tests/journeys/", "tests/attacks/", "tests/policies/test_matrix.py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the heavy suites out of a run of everything."""
    if collection_path.relative_to(config.rootpath).as_posix() not in HEAVY:
        return None
    tests = config.rootpath / "tests"
    for each in config.args:
        named = (config.invocation_params.dir / each.partition("::")[0]).resolve()
        if named.is_relative_to(collection_path) or (
            named != tests and named.is_relative_to(tests) and collection_path.is_relative_to(named)
        ):
            return None
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; everything else keeps its order."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_collection_finish() -> None:
    """Everything that tests share is loaded."""
    keep_what_is_loaded()


def pytest_unconfigure() -> None:
    """The run is over."""
    keep_nothing()


def make_settings(home: Path, database_url: str | None = None) -> Settings:
    """Settings of a throw-away installation in *home*."""
    return Settings(
        home=home,
        production=False,
        database_url=database_url or f"sqlite:///{home / 'junheng.db'}",
        public_url="http://localhost",
        keys=home / "keys",
        session_key=KEY,
        code_key=KEY,
        ticket_key=KEY,
        personal_key=KEY,
        inline_jobs=True,
    )


def upgraded(app: Flask) -> Flask:
    """Bring the database of *app* to the newest revision."""
    with app.app_context():
        migrating.upgrade(db.engine)
    return app


def dispose(app: Flask) -> None:
    """Close every connection of *app*."""
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    home = tmp_path_factory.mktemp("template")
    dispose(upgraded(create_app(make_settings(home))))
    return home / "junheng.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a migrated, empty PostgreSQL database to clone."""
    hasten(postgresql_server)
    name = "template_junheng"
    administer(postgresql_server, f"CREATE DATABASE {name}")
    home = tmp_path_factory.mktemp("pg")
    dispose(upgraded(create_app(make_settings(home, postgresql_server.format(name)))))
    return name


@pytest.fixture
def app(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application on a fresh SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "junheng.db")
    app = create_app(make_settings(tmp_path))
    yield app
    dispose(app)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The same test on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"t_{secrets.token_hex(6)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    app = create_app(make_settings(tmp_path, server.format(name)))
    yield app
    dispose(app)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript and without a session."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[..., FlaskClient]:
    """Give a client signed in as somebody with *role* for *region*."""
    from tests.factories import sign_in

    return lambda role="county", region="140522": sign_in(app, role, region)


@pytest.fixture
def now() -> datetime:
    """The instant at which the test takes place."""
    return NOW
