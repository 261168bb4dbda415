"""The real server as a process of its own: started as operators start it, measured, killed, restarted."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from survey_app import shedding
from tests.faults.installation import ROOT, Installation

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Server:
    """`junheng serve` on an installation; *command* starts another program, *breakage* a broken one.

    *behind* is the port that the phones know, where the server stands behind another's address.
    """

    def __init__(
        self,
        installation: Installation,
        *arguments: str,
        command: list[str] | None = None,
        breakage: str = "",
        threads: int = 4,
        environ: dict[str, str] | None = None,
        behind: int | None = None,
    ):
        self.installation = installation
        self.port = installation.port
        self._known_as = behind or self.port
        if breakage:
            places = 160 if breakage == "no_door" else shedding.PLACES
            command = granian("tests.faults.broken:application", self.port, threads=threads + places)
            environ = {**(environ or {}), "BREAKAGE": breakage, "JUNHENG_REQUESTS_AT_ONCE": str(threads)}
        self._command = command or [
            sys.executable,
            "-m",
            "survey_app",
            "serve",
            "--port",
            str(self.port),
            "--public-url",
            f"http://127.0.0.1:{self._known_as}",
            *arguments,
        ]
        self._environ = {**installation.environ, **(environ or {})}
        self.log = installation.home / "server.log"
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> "Server":
        """Start and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(self.answers, failing=lambda: self.process.poll() is not None and self.log.read_text())
        except AssertionError:
            self.kill()
            raise
        return self

    def preload(self, library: str) -> None:
        """Put *library* between the server and the system."""
        self._environ["LD_PRELOAD"] = library

    def answers(self) -> bool:
        """Whether it answers a request."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(
                b"GET /thanks HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % self._known_as
            )
            return connection.recv(12).startswith(b"HTTP/1.1 200")
        return False

    def processes(self) -> list[int]:
        """The living processes of the server, the first being the one that started the others."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                number, _, rest = stat.read_text("utf-8").rpartition(")")
                state, _parent, _group, session = rest.split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    found.append(int(number.split()[0]))
        return sorted(found)

    def web_processes(self) -> list[int]:
        """The processes that answer requests: children of the first, without the job worker."""
        return [each for each in self.processes() if each != self.process.pid and not _is_worker(each)]

    def kill_web_process(self) -> None:
        """Kill the web processes outright; the server starts others."""
        for each in self.web_processes():
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    def kill(self) -> None:
        """Kill everything outright, as a power cut does."""
        for each in self.processes():
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        wait_until(lambda: not self.processes())

    def stop(self, seconds: float = 20.0) -> None:
        """Ask it to end, as a service manager does, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=seconds)
        wait_until(lambda: not self.processes())

    def cpu(self) -> float:
        """Seconds of processor time that the web processes have used."""
        return sum(_cpu(each) for each in self.web_processes())

    def memory(self) -> int:
        """Bytes of memory that the web processes hold."""
        return sum(_memory(each) for each in self.web_processes())


def granian(target: str, port: int, *, workers: int = 1, threads: int = 4) -> list[str]:
    """The command that serves another application as ours is served."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", target, "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(threads), "--backlog", "8192", "--backpressure", "8192"),
        *("--respawn-failed-workers", "--log-level", "warning"),
    ]


def free_port() -> int:
    """A port that nobody listens on, outside the range from which thousands of phones take theirs."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(condition, *, seconds: float = 30.0, failing=lambda: False) -> None:
    """Wait until *condition* holds.

    Raises:
        AssertionError: it does not within *seconds*, or *failing* says why it never will.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        said = failing()
        assert not said, said
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _is_worker(process: int) -> bool:
    with suppress(OSError):
        command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        return b"work" in command or any(b"resource_tracker" in each for each in command)
    return True


def _cpu(process: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


def _memory(process: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text("utf-8").split()[1]) * _PAGE
    return 0
