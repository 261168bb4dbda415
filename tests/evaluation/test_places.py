"""Places are complete: whatever figure is taken away, only findings that named its place change."""

import copy
import random
from typing import Any

import pytest

from evaluation import evaluate, load_scheme, read_county
from evaluation.places import places_of
from evaluation.verdict import Verdict
from tests.evaluation import situations
from tests.lengths import runs

#: Which schools are judged at all, and as what: no figure that a finding reads, but what makes it be there.
SHAPE = {"code", "name", "kind", "locality", "ownership", "boarding", "counted", "merge_into", "township"}

#: Parts of a county file that findings read.
READ = {"schools", "figures", "attestations", "eligibility", "vetoes", "scores", "recognition"}

COUNTIES = {
    "shanxi-2022": situations.county,
    "national-2017": situations.county,
    "hunan-2023": situations.hunan_county,
    "haicheng-2023": situations.haicheng_county,
    "lingchuan-2021": situations.lingchuan_county,
    "yangcheng-2021": situations.small,
}


def without(document: dict[str, Any], steps: tuple[Any, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    node: Any = changed
    for step in steps[:-1]:
        node = node[step]
    del node[steps[-1]]
    return changed


def found(verdict: Verdict) -> dict[Any, Any]:
    return {
        (each.id, each.school, each.stage): (each.outcome, each.value, each.threshold)
        for each in verdict.findings
    }


def names(places: tuple[str, ...], path: str) -> bool:
    """Whether *path*, or a part or whole of it (the years of a list), is among *places*."""
    return any(place == path or place.startswith(f"{path}.") for place in places)


@pytest.mark.parametrize("scheme", COUNTIES)
def test_only_findings_that_name_a_place_change_with_its_figure(scheme):
    rules, document = load_scheme(scheme), COUNTIES[scheme]()
    before = evaluate(read_county(document), rules)
    was = found(before)
    summaries = {(each.id, each.school, each.stage) for each in before.findings if each.summary}
    places = {(each.id, each.school, each.stage): places_of(before, each) for each in before.findings}
    judged = {school for unit in before.units for school in unit.part.members}
    every = [
        (path, steps)
        for path, steps in situations.figures(document)
        if steps[0] in READ
        and not (steps[0] == "schools" and steps[2] in SHAPE)
        # The pupils of a school too small to be a unit decide that it is none: they are no finding's figure.
        and not (".pupils." in path and path.partition("]")[0].removeprefix("schools[") not in judged)
    ]
    changes = 0
    for path, steps in random.Random(5).sample(every, min(len(every), runs(50, 10_000))):
        after = found(evaluate(read_county(without(document, steps)), rules))
        # With a school more to ask, what sums the schools up is another question.
        same = after.keys() & was.keys() - (set() if after.keys() == was.keys() else summaries)
        for key in same:
            if after[key] != was[key]:
                changes += 1
                assert names(places[key], path), (path, key)
    assert changes > 50


def test_places_of_a_merged_part_are_those_of_every_member():
    document = situations.county()
    point = {**copy.deepcopy(document["schools"][0]), "code": "T1", "name": "T1"}
    point |= {"kind": "teaching_point", "counted": False, "merge_into": "P1"}
    document["schools"].append(point)
    verdict = evaluate(read_county(document), load_scheme("shanxi-2022"))
    places = places_of(verdict, verdict.of("R2", school="P1", stage="primary"))
    assert [each for each in places if each.endswith("backbone")] == [
        "schools[P1].teachers.primary.backbone",
        "schools[T1].teachers.primary.backbone",
    ]
    assert "schools[T1].pupils.primary" in places


def test_a_summed_up_finding_gives_the_places_of_its_parts():
    verdict = evaluate(read_county(situations.county()), load_scheme("shanxi-2022"))
    whole = next(each for each in verdict.findings if each.id == "G11" and each.summary)
    assert set(places_of(verdict, whole)) == {
        f"figures.rotation.{name}" for name in ("eligible", "rotated", "rotated_backbone")
    }
