"""What the tests of the room share."""

import json
from pathlib import Path

import pytest

from survey_app.counties.workbook import WorkbookError, read_workbook, workbook_bytes
from survey_app.counties.workbook.parsing import archive, child
from tests.survey_app.counties.editing import Edited

GOLDEN = Path(__file__).parents[2] / "golden" / "county"


@pytest.fixture(scope="session")
def small():
    return json.loads((GOLDEN / "small.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def small_bytes(small):
    return workbook_bytes(small)


@pytest.fixture
def edited(small_bytes):
    """The small county's workbook, ready to be spoilt."""
    return Edited(small_bytes)


@pytest.fixture
def faults_of(tmp_path):
    """Save a workbook, read it, and return what was wrong with it; it must be refused."""

    def read(book):
        path = book if isinstance(book, Path) else book.save(tmp_path / "county.xlsx")
        with pytest.raises(WorkbookError) as refused:
            read_workbook(path)
        assert all("—" not in fault.say("zh") for fault in refused.value.faults)
        return refused.value.faults

    return read


@pytest.fixture
def in_process(monkeypatch):
    """Parse here instead of in a child, so that many files take seconds."""

    def ask(file, names):
        try:
            return {"sheets": json.loads(json.dumps(child.read_sheets(file, names)))}
        except archive.RefusedArchiveError as refused:
            return {"refused": {"rule": refused.rule, "facts": refused.facts}}

    monkeypatch.setattr("survey_app.counties.workbook.sheets._ask_child", ask)
