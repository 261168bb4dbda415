"""What a wave's plan keeps beside the quotas: whom to invite, how it balances, what it shows."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.errors import ConflictError, RefusedInputError
from survey_app.surveys.groups import GROUPS, LOCALITIES
from survey_app.surveys.wave_plans import PlanInput, plan_wave
from tests.factories import COUNTY_LISTS, small_county

SCHEME = "shanxi-2022"


def plan(population=200_000, **chosen):
    document = small_county()
    county = {**document["county"], "resident_population": population}
    return plan_wave(
        {**document, "county": county},
        scheme_id=SCHEME,
        given=PlanInput(**{"group_sizes": COUNTY_LISTS, **chosen}),
    )


@settings(max_examples=40)
@given(
    population=st.integers(5_000, 3_000_000),
    rates=st.fixed_dictionaries({}, optional={g: st.fractions(Fraction(1, 50), 1) for g in GROUPS}),
)
def test_no_group_is_invited_below_its_quota_or_above_its_list(population, rates):
    made = plan(population, response_rates=rates)
    for group, n in made.plan.quotas.n.items():
        invited, people = made.invitations[group], made.plan.group_sizes[group]
        assert n <= invited <= people
        assert invited == people or invited * made.rates[group] >= n
        assert invited == n or (invited - 1) * made.rates[group] < n


@settings(max_examples=40)
@given(
    residents=st.fixed_dictionaries({name: st.integers(0, 60_000) for name in LOCALITIES}),
    bands=st.booleans(),
)
def test_balances_never_change_what_a_group_is_asked(residents, bands):
    given_residents = residents if any(residents.values()) else {}
    made = plan(localities=given_residents, balance_bands=bands)
    wanted = made.balances
    if not bands and not given_residents:
        assert wanted == {}
        return
    assert set(wanted) == {"parent", "student"}
    for group, cells in wanted.items():
        assert sum(cells.values()) == made.plan.quotas.n[group]
    if bands and not given_residents:
        primary, junior = wanted["parent"].values()
        assert abs(primary - junior) <= 1


def test_a_chosen_number_stands_in_for_the_suggestion():
    made = plan(invitations={"teacher": 70})
    assert made.invitations["teacher"] == 70
    assert made.expected.invitations["teacher"] != 70
    assert made.record()["chosen"]["invitations"] == {"teacher": 70}


def test_the_record_keeps_what_the_wave_needs():
    record = plan().record()
    assert {"population", "steps", "quotas", "notes", "group_sizes", "sample_size"} <= set(record)
    assert {"invitations", "response_rates", "balances", "precision"} <= set(record)
    assert [one["design_effect"] for one in record["precision"]["half_widths"]] == [1, 2, 4]
    assert round(record["precision"]["half_widths"][2]["half_width"], 3) == 0.081


def test_every_fault_of_the_choices_is_told_at_once():
    with pytest.raises(RefusedInputError) as refused:
        plan(invitations={"teacher": 0, "principal": 99}, localities={"urban": 200_001})
    assert [(fault.where, fault.rule) for fault in refused.value.faults] == [
        ("invite_teacher", "invitations_range"),
        ("invite_principal", "invitations_range"),
        ("localities", "localities_sum"),
    ]


def test_a_list_longer_than_the_county_is_refused():
    with pytest.raises(RefusedInputError) as refused:
        plan(group_sizes={**COUNTY_LISTS, "public": 200_001})
    (fault,) = refused.value.faults
    assert (fault.where, fault.rule) == ("public", "more_than_residents")


def test_a_county_without_population_cannot_be_planned():
    document = small_county()
    county = {key: value for key, value in document["county"].items() if key != "resident_population"}
    with pytest.raises(ConflictError, match="population_missing"):
        plan_wave({**document, "county": county}, scheme_id=SCHEME, given=PlanInput(group_sizes=COUNTY_LISTS))
