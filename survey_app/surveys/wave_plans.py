"""The plan of a wave: its county's plan, with whom to invite, and its balances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sampling
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.surveys.expectations import (
    Expectations,
    Wishes,
    balance_line,
    expect,
    usual_design_effects,
    usual_response_rate,
)
from survey_app.surveys.groups import GRADE_BANDS, GROUPS
from survey_app.surveys.planning import Line, Plan, PlanFault, exact_number, fault, make_plan
from survey_app.surveys.school_lists import COUNTY_GROUPS, SchoolLists, school_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """What a county says of its plan, beside its schools' figures."""

    #: Deputies, CPPCC members, other residents → people on their lists.
    group_sizes: Mapping[str, int]
    #: The share of invited people expected to answer, and group → another share.
    response_rate: Fraction = field(default_factory=usual_response_rate)
    response_rates: Mapping[str, Fraction] = field(default_factory=dict)
    #: Group → people to invite, where another number is wanted than the one suggested.
    invitations: Mapping[str, int] = field(default_factory=dict)
    #: Whether grade bands are to hold about equally many.
    balance_bands: bool = True
    #: Locality → residents; empty for a plan without this balance.
    localities: Mapping[str, int] = field(default_factory=dict)
    #: Factors for which half-widths are shown.
    design_effects: tuple[Fraction, ...] = field(default_factory=usual_design_effects)


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    """A plan with everything that a wave keeps of it."""

    plan: Plan
    given: PlanInput
    counted: SchoolLists
    expected: Expectations
    #: Group → people to invite.
    invitations: Mapping[str, int]
    #: Of the groups reached through a stage of a school; None where no balance was asked for.
    balance: sampling.Balance | None

    @property
    def rates(self) -> dict[str, Fraction]:
        """Group → the share of its invited people expected to answer."""
        given = self.given
        return {group: given.response_rates.get(group, given.response_rate) for group in self.plan.quotas.n}

    @property
    def notes(self) -> tuple[Line, ...]:
        """What a reader should be told of sizes and balances."""
        balanced = tuple(map(balance_line, self.balance.notes)) if self.balance else ()
        return (*self.plan.notes, *balanced)

    @property
    def balances(self) -> dict[str, dict[str, int]]:
        """Group → ``grade band|locality`` → questionnaires wanted there."""
        cells: dict[str, dict[str, int]] = {}
        for one in self.balance.cells if self.balance else ():
            cells.setdefault(one.group, {})[f"{one.band}|{one.locality}"] = one.n
        return cells

    def record(self) -> dict[str, Any]:
        """The plan as a wave keeps it."""
        notes = [
            {
                "id": line.id,
                "text": {"zh": line.text.zh, "en": line.text.en},
                "value": exact_number(line.value),
            }
            for line in self.notes
        ]
        return self.plan.record() | {
            "notes": notes,
            "invitations": dict(self.invitations),
            "response_rates": {group: exact_number(rate) for group, rate in self.rates.items()},
            "balances": self.balances,
            "precision": self.expected.document("zh")["precision"],
            "chosen": {
                "invitations": dict(self.given.invitations),
                "balance_bands": self.given.balance_bands,
                "localities": dict(self.given.localities),
                "design_effects": [exact_number(effect) for effect in self.given.design_effects],
            },
        }


def plan_wave(document: Mapping[str, Any], *, scheme_id: str, given: PlanInput) -> WavePlan:
    """Return the plan for the county file *document* under a scheme.

    Raises:
        ConflictError: the file has no resident population.
        RefusedInputError: with every fault of the input and of the schools' figures.
    """
    population = population_of(document)
    counted = school_lists(document)
    faults = [*faults_of_sizes(given.group_sizes, population), *faults_of_schools(counted)]
    if faults:
        raise RefusedInputError(faults, "wave_refused")
    sizes = counted.sizes | {group: given.group_sizes[group] for group in COUNTY_GROUPS}
    plan = make_plan(population, scheme_id=scheme_id, group_sizes=sizes)
    expected = expect(
        plan,
        Wishes(
            design_effects=given.design_effects,
            response_rate=given.response_rate,
            response_rates=given.response_rates,
            localities={},
            cell_sizes={},
        ),
    )
    faults = [*_faults_of_invitations(plan, given.invitations), *_faults_of_localities(given, population)]
    if faults:
        raise RefusedInputError(faults, "wave_refused")
    return WavePlan(
        plan=plan,
        given=given,
        counted=counted,
        expected=expected,
        invitations={**expected.invitations, **given.invitations},
        balance=_balance(plan, counted, given),
    )


def population_of(document: Mapping[str, Any]) -> int:
    """Residents of the county.

    Raises:
        ConflictError: the county file does not say.
    """
    population = document["county"].get("resident_population")
    if population is None:
        raise ConflictError("population_missing", county=document["county"]["name"])
    return population


def faults_of_schools(counted: SchoolLists) -> list[PlanFault]:
    """What stands in the way of any plan in the schools' figures."""
    if counted.faults or counted.sizes["parent"]:
        return list(counted.faults)
    return [fault("schools", "no_parents", "0")]


def faults_of_sizes(sizes: Mapping[str, int], population: int) -> Iterator[PlanFault]:
    """Lists of the county that have no size, or more people than there are residents."""
    for group in COUNTY_GROUPS:
        label = GROUPS[group].label
        if not sizes.get(group):
            yield fault("group_size", "list_size_missing", group, group=label)
        elif sizes[group] > population:
            yield fault(group, "more_than_residents", sizes[group], group=label)


def _faults_of_invitations(plan: Plan, chosen: Mapping[str, int]) -> Iterator[PlanFault]:
    for group, n in chosen.items():
        least = plan.quotas.n.get(group, 0)
        most = plan.group_sizes.get(group, n)
        if not least <= n <= most:
            yield fault(
                f"invite_{group}", "invitations_range", n, group=GROUPS[group].label, least=least, most=most
            )


def _faults_of_localities(given: PlanInput, population: int) -> Iterator[PlanFault]:
    residents = sum(given.localities.values())
    if given.localities and not residents:
        yield fault("localities", "locality_empty", 0)
    elif residents > population:
        yield fault("localities", "localities_sum", residents, population=population)


def _balance(plan: Plan, counted: SchoolLists, given: PlanInput) -> sampling.Balance | None:
    """Share the groups that are reached through one stage of a school among bands and localities."""
    quotas = {
        group: n
        for group, n in plan.quotas.n.items()
        if n and any(one.band for one in counted.lists if one.group == group)
    }
    if not quotas or not (given.balance_bands or given.localities):
        return None
    people: dict[tuple[str, str, str], int] = {
        (group, band, locality): 0
        for group in quotas
        for band in (GRADE_BANDS if given.balance_bands else ("",))
        for locality in (given.localities or ("",))
    }
    for one in counted.lists:
        key = (
            one.group,
            one.band if given.balance_bands else "",
            one.locality if given.localities else "",
        )
        if key in people:
            people[key] += one.size
    return sampling.balance(
        quotas,
        bands=tuple(GRADE_BANDS) if given.balance_bands else (),
        banded=tuple(quotas) if given.balance_bands else (),
        localities=given.localities or None,
        available=people,
    )
