"""The library is light: importing it brings in no web, no database and no statistics."""

import subprocess
import sys

HEAVY = ["flask", "sqlalchemy", "scipy", "statsmodels", "pandas", "numpy", "click", "survey_app", "sampling"]


def test_import_brings_in_nothing_heavy():
    program = f"import sys, evaluation; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
