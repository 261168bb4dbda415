from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.results.pooling import MINIMUM, DrawnPsu, details_kept, plan_mixing

FACTS = {
    "grade_band": "primary",
    "locality": "town",
    "language": "zh_CN",
    "mode": "web",
    "duration_band": "2_to_10",
    "way": "drawn",
    "surplus": False,
}


def units(**strata):
    return [DrawnPsu(group="parent", stratum=name, psu=psu) for name, psus in strata.items() for psu in psus]


def payloads(**answers):
    return [{"group": "parent", "psu": psu, **FACTS} for psu, n in answers.items() for _ in range(n)]


def pools(plan):
    return {psu: (placed.stratum, placed.pool) for (_, psu), placed in plan.places.items()}


def test_schools_with_enough_answers_stand_alone():
    plan = plan_mixing(units(town=["a", "b"]), payloads(a=12, b=10))
    assert pools(plan) == {"a": ("town", "a"), "b": ("town", "b")}
    assert [cell.n for cell in plan.cells.values()] == [12, 10]


def test_a_school_with_few_answers_joins_its_neighbour():
    plan = plan_mixing(units(town=["a", "b", "c"]), payloads(a=12, b=4, c=9))
    assert pools(plan) == {"a": ("town", "a"), "b": ("town", "b+1"), "c": ("town", "b+1")}


def test_a_stratum_with_few_answers_joins_the_next_one():
    plan = plan_mixing(units(rural=["a"], town=["b", "c"]), payloads(a=3, b=20, c=11))
    assert {placed.stratum for placed in plan.places.values()} == {"rural+1"}
    assert pools(plan)["a"] == pools(plan)["b"] == ("rural+1", "a+1")
    assert pools(plan)["c"] == ("rural+1", "c")


def test_persons_keep_their_stratum_and_no_school():
    people = [DrawnPsu(group="teacher", stratum="all", psu="")]
    plan = plan_mixing(people, [{"group": "teacher", "psu": "", **FACTS}] * 12)
    (placed,) = plan.places.values()
    assert (placed.stratum, placed.pool) == ("all", "")


def test_a_detail_of_a_few_is_kept_by_nobody():
    rural = {**FACTS, "locality": "rural"}
    assert "locality" not in details_kept([FACTS] * 30 + [rural] * 9)
    assert "locality" in details_kept([FACTS] * 30 + [rural] * 10)
    assert details_kept([FACTS] * 9) == ()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["s1", "s2", "s3"]),
            st.integers(0, 25),
            st.sampled_from(["primary", "junior"]),
            st.sampled_from(["urban", "town", "rural"]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_answer_stands_among_fewer_than_ten(schools):
    drawn = [DrawnPsu(group="parent", stratum=s, psu=f"p{i}") for i, (s, *_) in enumerate(schools)]
    sent = []
    for number, (_, n, band, locality, english) in enumerate(schools):
        for person in range(n):
            language = "en" if person < english else "zh_CN"
            facts = {**FACTS, "grade_band": band, "locality": locality, "language": language}
            sent.append({"group": "parent", "psu": f"p{number}", **facts})
    plan = plan_mixing(drawn, sent)
    seen = Counter()
    for payload in sent:
        placed = plan.places["parent", payload["psu"]]
        keeps = plan.cells[placed].keeps
        seen[placed, tuple(payload[name] for name in keeps)] += 1
    assert len(plan.places) == len(drawn)
    assert sum(seen.values()) == len(sent)
    if len(sent) >= MINIMUM:
        assert min(seen.values()) >= MINIMUM
    else:
        assert not any(cell.one_by_one for cell in plan.cells.values())


@pytest.mark.parametrize("long", ["x" * 96])
def test_names_of_pools_fit_their_columns(long):
    drawn = [DrawnPsu(group="parent", stratum="s" * 64, psu=f"{long[:90]}{number}") for number in range(40)]
    plan = plan_mixing(drawn, [{"group": "parent", "psu": drawn[0].psu, **FACTS}] * 3)
    for placed in plan.places.values():
        assert len(placed.stratum) <= 64
        assert len(placed.pool) <= 96
