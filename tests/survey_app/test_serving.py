"""What the serving command leaves behind when it dies."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


def living(session: int) -> set[int]:
    """Processes of a session that are not just waiting to be collected."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = stat.read_text("utf-8").rpartition(")")
        except OSError:
            continue
        state, _parent, _group, its_session = rest.split()[:4]
        if int(its_session) == session and state != "Z":
            found.add(int(number.split()[0]))
    return found


def until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_server_killed_outright_leaves_no_process_behind(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "JUNHENG_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    command = [sys.executable, "-m", "survey_app", "serve", "--port", str(port)]
    with (tmp_path / "server.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: answers(port) and len(living(server.pid)) == 3)
        server.send_signal(signal.SIGKILL)
        server.wait()
        until(lambda: not living(server.pid), seconds=20)
        assert not answers(port)
        assert "[WARNING]" not in (tmp_path / "server.log").read_text("utf-8")
    finally:
        for process in living(server.pid):
            os.kill(process, signal.SIGKILL)


def test_a_demo_does_not_share_the_port_of_another_server(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = subprocess.run(
            [sys.executable, "-m", "survey_app", "demo", "--host", "127.0.0.1", "--port", port],
            capture_output=True,
            text=True,
            env={**os.environ, "JUNHENG_HOME": str(tmp_path / "demo")},
            cwd=Path(__file__).parents[2],
            check=False,
        )
    assert refused.returncode == 1
    assert f"端口 {port} 已被另一个程序占用" in refused.stderr
