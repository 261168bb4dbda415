"""The package stands alone: it imports without the web, the database and the heavy libraries."""

import subprocess
import sys

import sampling
from sampling import errors

HEAVY = [
    "flask",
    "sqlalchemy",
    "pandas",
    "scipy",
    "statsmodels",
    "click",
    "pydantic",
    "survey_app",
    "evaluation",
]


def test_importing_it_imports_nothing_heavy():
    program = f"import sys, sampling; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_exists_and_is_named_once():
    assert len(set(sampling.__all__)) == len(sampling.__all__)
    assert all(hasattr(sampling, name) for name in sampling.__all__)


def test_every_refusal_is_a_sampling_error_with_a_code_of_its_own():
    refusals = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]
    assert all(issubclass(kind, sampling.SamplingError) for kind in refusals)
    assert len({kind.code for kind in refusals}) == len(refusals)
    assert all(kind.__name__ in sampling.__all__ for kind in refusals)
