"""Build the wheel, install it into an empty environment and use it from another folder."""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path, home: Path) -> str:
    """Run *command* with nothing of the checkout in its way; give what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"JUNHENG_HOME": str(home), "XDG_DATA_HOME": str(home), "PYTHONUTF8": "1"}
    finished = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{finished.stdout}\n{finished.stderr}")
    return finished.stdout


def main() -> None:
    """Fail with the command's own words if the wheel lacks anything the demo needs."""
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder)
        home = elsewhere / "home"
        python = Path(sys.executable)
        # The build backend is in the development lock; nothing is downloaded to build.
        run(python, "-m", "hatchling", "build", "-t", "wheel", "-d", elsewhere, cwd=ROOT, home=home)
        wheel = next(elsewhere.glob("*.whl"))
        venv.create(elsewhere / "env", with_pip=False)
        clean = elsewhere / "env" / ("Scripts" if os.name == "nt" else "bin")
        pip = [python, "-m", "uv", "pip", "install", "-q", "--python", clean / "python"]
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=elsewhere, home=home)
        run(*pip, "--no-deps", wheel, cwd=elsewhere, home=home)
        junheng = clean / "junheng"
        plan = json.loads(run(junheng, "plan", "--population", "360000", "--json", cwd=elsewhere, home=home))
        assert plan["sample_size"] == 540, plan
        said = run(junheng, "demo", "--build-only", cwd=elsewhere, home=home)
        assert "http" in said, said
        print(f"{wheel.name}: {wheel.stat().st_size // 1024} kB; plan and demo run from an empty environment")


if __name__ == "__main__":
    main()
