"""Parents hold their share, the others are about equal, and nobody is asked twice."""

import json
import math
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, Note, allocate_proportionally, quotas

TESTS = Path(__file__).parents[1]
EXAMPLES = json.loads((TESTS / "golden" / "examples.json").read_text(encoding="utf-8"))
CASES = tomllib.loads((TESTS / "cases" / "quotas.toml").read_text(encoding="utf-8"))["cases"]
GROUPS = ["parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_quota_case(case):
    plan = quotas(case["total"], groups=GROUPS, sizes=case.get("sizes", {}))
    assert list(plan.n.values()) == case["n"]
    assert plan.shortfall == case.get("shortfall", 0)
    assert [(note.code, note.group) for note in plan.notes] == [tuple(pair) for pair in case["notes"]]


def test_what_a_cap_frees_is_kept_with_its_way():
    plan = quotas(540, groups=GROUPS, sizes={"principal": 12})
    assert plan.capped == {"principal": 12}
    (move,) = plan.moved
    assert move.freed == {"principal": 33}
    assert move.received == {"student": 7, "teacher": 7, "deputy": 7, "cppcc_member": 6, "public": 6}
    assert Note(code="freed", group="principal", value=33) in plan.notes


def test_a_county_with_few_parents_is_told_that_they_are_no_majority():
    plan = quotas(540, groups=GROUPS, sizes={"parent": 200})
    assert (plan.n["parent"], plan.shortfall, plan.asked) == (200, 70, 470)
    assert plan.notes[-1] == Note(code="majority_below_share", group="parent", value=Fraction(20, 47))


@settings(max_examples=100)
@given(
    st.integers(0, 3000),
    st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 600)),
)
def test_places_are_neither_lost_nor_invented(total, sizes):
    plan = quotas(total, groups=GROUPS, sizes=sizes)
    assert sum(plan.n.values()) + plan.shortfall == total
    assert all(plan.n[group] <= size for group, size in sizes.items())
    assert all(n >= 0 for n in plan.n.values())
    assert sum(plan.initial.values()) == total
    if plan.shortfall:
        assert plan.n["parent"] == sizes["parent"]
    elif "parent" not in sizes:
        assert plan.n["parent"] >= math.ceil(Fraction(total, 2))
    roomy = [plan.n[group] for group in GROUPS[1:] if plan.n[group] < sizes.get(group, total + 1)]
    assert not roomy or max(roomy) - min(roomy) <= 1
    assert all(plan.n[group] <= max(roomy, default=total) for group in GROUPS[1:])


@settings(max_examples=50)
@given(st.integers(0, 3000))
def test_without_limits_the_others_differ_by_one_at_most(total):
    parents, *others = quotas(total, groups=GROUPS).n.values()
    assert parents == math.ceil(total / 2)
    assert max(others) - min(others) <= 1
    assert others == sorted(others, reverse=True)


def test_hamilton_1790():
    example = EXAMPLES["hamilton_1790_60"]
    assert allocate_proportionally(example["n"], example["pop"]) == example["seats"]


def test_hamilton_small():
    example = EXAMPLES["hamilton_small"]
    sizes = {str(i): size for i, size in enumerate(example["pop"])}
    assert list(allocate_proportionally(example["n"], sizes).values()) == example["seats"]


@settings(max_examples=100)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
def test_each_part_is_its_exact_share_rounded_up_or_down(total, sizes):
    parts = allocate_proportionally(total, {str(i): size for i, size in enumerate(sizes)})
    assert sum(parts.values()) == total
    for part, size in zip(parts.values(), sizes, strict=True):
        exact = Fraction(total * size, sum(sizes))
        assert math.floor(exact) <= part <= math.ceil(exact)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"total": -1}, "total"),
        ({"groups": ["parent", "parent"]}, "groups"),
        ({"majority": "pupil"}, "majority"),
        ({"majority_share": Fraction(2)}, "majority_share"),
        ({"majority_share": 0.5}, "majority_share"),
        ({"sizes": {"pupil": 5}}, "sizes"),
        ({"sizes": {"student": -5}}, "student"),
    ],
)
def test_a_broken_argument_is_refused_by_name(arguments, name):
    with pytest.raises(ArgumentError) as refusal:
        quotas(**{"total": 540, "groups": GROUPS} | arguments)
    assert refusal.value.name == name


def test_nobody_to_share_among_is_refused():
    with pytest.raises(ArgumentError, match="somebody"):
        allocate_proportionally(5, {"a": 0})
    assert allocate_proportionally(0, {"a": 0}) == {"a": 0}
