"""The example county file gives exactly the reference units, values, outcomes and differences."""

import json

import pytest

from evaluation import difference_coefficient
from tests.evaluation.situations import GOLDEN, judged, small

EXPECTED = json.loads((GOLDEN / "small.expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def document():
    return judged(small()).document(lang="en")


def test_units(document):
    def outline(unit):
        return {key: unit[key] for key in ("school", "stage", "pupils", "outcome")}

    assert [outline(unit) for unit in document["units"]] == [outline(unit) for unit in EXPECTED["units"]]


def test_values(document):
    for unit, expected in zip(document["units"], EXPECTED["units"], strict=True):
        assert unit["values"] == pytest.approx(expected["values"], rel=1e-9, abs=1e-9)


def test_differences(document):
    for stage, expected in EXPECTED["difference"].items():
        assert document["difference"][stage] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_failing_school_gives_the_reason(document):
    assert document["verdict"] == "not_met"
    assert document["reasons"][:2] == ["R5", "R6"]


def test_published_example_of_the_difference_coefficient():
    books, pupils = [279, 137, 935, 160, 402], [45, 37, 89, 76, 55]
    assert difference_coefficient(books, pupils) == pytest.approx(0.51526, abs=5e-6)
