"""Every rule case of ``tests/cases``: a situation and what must be found in it."""

import tomllib
from pathlib import Path

import pytest

from tests.evaluation.situations import GROUNDS, exact, found, judged, situation

#: A file may name the scheme of its cases; without one they are Shanxi's.
FILES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "cases").glob("evaluation_*.toml"))
}
CASES = [
    pytest.param(case, file.get("scheme", "shanxi-2022"), id=f"{name}: {case['name']}")
    for name, file in FILES.items()
    for case in file["cases"]
]


@pytest.mark.parametrize("scheme", GROUNDS)
def test_the_ground_of_all_cases_meets_everything(scheme):
    verdict = judged(GROUNDS[scheme](), scheme)
    assert [(f.id, f.school, f.reason("en")) for f in verdict.findings if f.outcome != "met"] == []
    assert verdict.outcome == "met"
    assert verdict.reasons == ()
    assert [each.message("en") for each in verdict.consistency] == []


@pytest.mark.parametrize(("case", "scheme"), CASES)
def test_case(case, scheme):
    verdict = judged(situation(case, scheme), scheme)
    for key, expected in case["expect"].items():
        if key == "verdict":
            assert verdict.outcome == expected
        elif key == "reasons":
            assert list(verdict.reasons) == expected
        elif key == "band":
            assert (verdict.scores.band.id if verdict.scores.band else "none") == expected
        elif key.startswith("section "):
            assert verdict.sections[key.removeprefix("section ")] == expected
        elif expected == "absent":
            assert found(verdict, key) is None
        else:
            finding = found(verdict, key)
            assert finding is not None, key
            assert finding.outcome == expected, finding.reason("en")
    for key, number in case.get("values", {}).items():
        assert found(verdict, key).value == (None if number == "none" else exact(number)), key
    for key, facts in case.get("details", {}).items():
        finding = found(verdict, key)
        for name, expected in facts.items():
            assert _detail(finding, name) == expected, name


def _detail(finding, name):
    match name:
        case "exemption":
            return finding.exemption.id if finding.exemption else "absent"
        case "without":
            return finding.exemption.outcome_without
        case "missing":
            return list(finding.missing)
        case "threshold" | "gap":
            return str(getattr(finding, name))
        case _:
            return getattr(finding, name)
