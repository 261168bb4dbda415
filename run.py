"""Prepare the project's own environment in .venv, then run Junheng or its tests in it.

``python3 run.py ARGS`` is ``junheng ARGS``; ``python3 run.py test [ARGS]`` runs the tests.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CATALOGUES = ROOT / "survey_app" / "translations"


def prepare(lock: Path) -> None:
    """Install exactly what *lock* lists, unless the stamp says it is there already."""
    stamp, wanted = VENV / "lock.sha256", hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and wanted in stamp.read_text("utf-8").split():
        return
    print(f"Installing {lock.name} into .venv (first run takes about two minutes) ...", file=sys.stderr)
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    uv = subprocess.run([*pip, "uv"]).returncode == 0
    install = [PYTHON, "-m", "uv", "pip", "install", "-q", "--compile-bytecode"] if uv else pip
    subprocess.run([*install, "--require-hashes", "-r", lock], check=True, cwd=ROOT)
    known = stamp.read_text("utf-8") if stamp.exists() and "dev" not in lock.name else ""
    runtime = ROOT / "requirements.lock"
    stamp.write_text(f"{known}{wanted}\n{hashlib.sha256(runtime.read_bytes()).hexdigest()}\n", "utf-8")


def compile_catalogues() -> None:
    """Compile every translation that is newer than its compiled form."""
    for po in CATALOGUES.glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            compiler = [PYTHON, "-m", "babel.messages.frontend", "-q", "compile", "-i", po, "-o", mo]
            subprocess.run(compiler, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)


def main() -> int:
    """Prepare, then hand over; the exit status is the command's own."""
    testing = sys.argv[1:2] == ["test"]
    prepare(ROOT / ("requirements-dev.lock" if testing else "requirements.lock"))
    compile_catalogues()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    if testing:
        return subprocess.run([PYTHON, "-m", "pytest", *sys.argv[2:]], cwd=ROOT, env=environment).returncode
    return subprocess.run([PYTHON, "-m", "survey_app", *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
