"""Invitations and questionnaires are shared among strata and cells exactly, as the plan balances them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sampling
from survey_app.fieldwork.draws import allotting

SCHOOLS = [
    sampling.FrameUnit(
        group="parent",
        id=f"s{number:02d}",
        band="primary" if number < 30 else "junior",
        locality=("urban", "town", "rural")[number % 3],
        school=f"s{number:02d}",
        size=200 + 10 * number,
    )
    for number in range(40)
]
FRAME = sampling.Frame([*SCHOOLS, sampling.FrameUnit(group="deputy", id="county", size=60)])


def plan(n=240, invited=300, **balances):
    return {
        "quotas": {"parent": n, "deputy": 20},
        "invitations": {"parent": invited, "deputy": 30},
        "balances": balances,
    }


CELLS = st.dictionaries(
    st.tuples(
        st.just("parent"), st.sampled_from(["primary", "junior"]), st.sampled_from(["urban", "town", "rural"])
    ),
    st.integers(1, 60),
    min_size=1,
)


@given(invited=CELLS, quota=st.integers(0, 300), primary=st.integers(0, 150), junior=st.integers(0, 150))
def test_targets_add_up_to_the_quota_and_never_exceed_what_is_invited(invited, quota, primary, junior):
    for balances in ({}, {"primary|": primary, "junior|": junior}):
        targets = allotting.cell_targets(quota, invited, balances)
        assert sum(targets.values()) == min(quota, sum(invited.values()))
        assert all(0 <= targets[key] <= invited[key] for key in invited)


def test_a_balance_decides_between_grade_bands_and_the_invitations_within():
    invited = {
        ("parent", "primary", "urban"): 60,
        ("parent", "primary", "rural"): 30,
        ("parent", "junior", "urban"): 60,
    }
    targets = allotting.cell_targets(80, invited, {"primary|": 40, "junior|": 40})
    assert list(targets.values()) == [27, 13, 40]


def test_balanced_grade_bands_are_invited_alike():
    (parents, _) = allotting.group_plans(plan(parent={"primary|": 120, "junior|": 120}), FRAME)
    drawn = sampling.draw_sample(FRAME, [parents], seed="1").of("parent")
    bands = {}
    for stratum in drawn.strata:
        band = stratum.name.split("·")[0]
        bands[band] = bands.get(band, 0) + stratum.n
    assert bands == {"primary": 150, "junior": 150}
    plain, _ = allotting.group_plans(plan(), FRAME)
    share = Fraction(sum(unit.size for unit in SCHOOLS[:30]), sum(unit.size for unit in SCHOOLS))
    assert (
        abs(
            sum(
                stratum.n
                for stratum in sampling.draw_sample(FRAME, [plain], seed="1").of("parent").strata
                if stratum.name.startswith("primary")
            )
            - 300 * share
        )
        < 3
    )


def test_a_balance_that_no_strata_can_keep_leaves_the_draw_as_it_was():
    (parents, _) = allotting.group_plans(plan(30, 30, parent={"primary|": 29, "junior|": 1}), FRAME)
    assert parents.allocation == "proportional"
    assert not parents.changed


def test_more_people_are_invited_than_questionnaires_are_wanted():
    parents, deputies = allotting.group_plans(plan(), FRAME)
    assert (parents.n, deputies.n) == (300, 30)


def test_what_is_foreseen_is_what_draws_give_on_average():
    made = allotting.foresee(plan(), FRAME)
    assert sum(one.expected for one in made.lists if one.group == "parent") == 300
    assert sum(stratum.n for stratum in made.strata) == 330
    assert sum(made.cells.values()) == 330
    plans = allotting.group_plans(plan(), FRAME)
    times = 150
    found = dict.fromkeys((one.unit for one in made.lists), 0)
    for seed in range(times):
        for place in sampling.draw_sample(FRAME, plans[:1], seed=str(seed)).of("parent").places:
            found[place.unit] += 1
    for one in made.lists:
        if one.group == "parent":
            assert found[one.unit] <= times * one.most
            assert abs(found[one.unit] / times - float(one.expected)) < 4


def test_a_reserve_is_as_large_as_declared_or_as_the_lists_allow():
    small = sampling.Frame([sampling.FrameUnit(group="deputy", id="county", size=22)])
    (made,) = allotting.with_reserves(
        [sampling.GroupPlan(group="deputy", n=20, method="simple")], small, seed="1"
    )
    assert made.reserve == 2
    parents, deputies = allotting.with_reserves(allotting.group_plans(plan(), FRAME), FRAME, seed="1")
    assert (parents.reserve, deputies.reserve) == (60, 6)


def test_a_group_with_too_few_people_is_named():
    with pytest.raises(sampling.TooFewError) as refused:
        allotting.foresee({"quotas": {"deputy": 99}, "invitations": {"deputy": 99}}, FRAME)
    assert refused.value.where == "deputy"
