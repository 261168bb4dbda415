import pytest

from survey_app import clock
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    """Requests happen at the tests' instant."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
