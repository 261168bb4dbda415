"""What to expect of a plan: half-widths, invitations, the rates it can tell apart, and its balances."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import sampling
from evaluation.criteria import RecognitionRate
from evaluation.scheme import Scheme
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.planning import Line, Plan, PlanFault, exact_number, fault, said, whole_number

_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the maker of a plan states beside it."""

    #: Factors by which the variance may exceed that of a simple random sample.
    design_effects: tuple[Fraction, ...]
    #: The share of invited people expected to answer.
    response_rate: Fraction
    #: Group → its own share, where another is expected than of the rest.
    response_rates: Mapping[str, Fraction] = field(default_factory=dict)
    #: Grade bands to hold about equally many.
    bands: tuple[str, ...] = ()
    #: Locality → residents; empty for a plan without this balance.
    localities: Mapping[str, int]
    #: (group, band, locality) → people, where known.
    cell_sizes: Mapping[tuple[str, str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A true rate, and what it takes to tell it from the threshold."""

    rate: Fraction
    design_effect: Fraction
    #: Questionnaires that tell it with the declared power.
    n: int
    #: The probability that this plan's questionnaires tell it.
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What a plan can show, by design effect; what it needs; how it is balanced."""

    #: The scheme's threshold, taken as the rate to be estimated.
    rate: Fraction
    level: Fraction
    power: Fraction
    #: By design effect; none where nobody is asked.
    half_widths: tuple[sampling.Precision, ...]
    response_rate: Fraction
    #: Group → people to invite, never more than it has.
    invitations: Mapping[str, int]
    told: tuple[Told, ...]
    #: None where no balance was asked for.
    balance: sampling.Balance | None

    @property
    def notes(self) -> tuple[Line, ...]:
        """What a reader of the balances should be told."""
        return tuple(balance_line(note) for note in self.balance.notes) if self.balance else ()

    def document(self, language: str) -> dict[str, Any]:
        """The expectations as the command line prints them."""
        return {
            "precision": {
                "rate": exact_number(self.rate),
                "level": exact_number(self.level),
                "half_widths": [
                    {"design_effect": one.design_effect, "half_width": one.half_width}
                    for one in self.half_widths
                ],
            },
            "invitations": {
                "response_rate": exact_number(self.response_rate),
                "total": sum(self.invitations.values()),
                "groups": dict(self.invitations),
            },
            "power": {
                "from": exact_number(self.rate),
                "level": exact_number(self.level),
                "power": exact_number(self.power),
                "rates": [
                    {
                        "rate": exact_number(one.rate),
                        "design_effect": exact_number(one.design_effect),
                        "n": one.n,
                        "power_of_plan": one.power,
                    }
                    for one in self.told
                ],
            },
            "balance": _balance_document(self.balance, self.notes, language),
        }


def usual_response_rate() -> Fraction:
    """The share of invited people that is expected to answer unless somebody says otherwise."""
    return Fraction(_declared()["response_rate"])


def usual_design_effects() -> tuple[Fraction, ...]:
    """The design effects for which half-widths are shown unless somebody says otherwise."""
    return tuple(Fraction(effect) for effect in _declared()["design_effects"])


def expect(plan: Plan, wishes: Wishes) -> Expectations:
    """Return what *plan* can show under *wishes*.

    Half-widths and the rates that can be told are those of `sampling.precision`, at the scheme's threshold;
    the residents are the population.
    """
    declared = _declared()
    rate, asked = _threshold(plan.scheme), plan.quotas.asked
    level, power = Fraction(declared["level"]), Fraction(declared["power"])
    common: dict[str, Any] = {"level": float(level), "population": plan.size.population}
    rates = [rate + Fraction(points) for points in declared["points_above"]]
    return Expectations(
        rate=rate,
        level=level,
        power=power,
        half_widths=tuple(
            sampling.precision(asked, rate=float(rate), design_effect=float(effect), **common)
            for effect in wishes.design_effects
            if asked
        ),
        response_rate=wishes.response_rate,
        invitations=_invitations(plan, wishes),
        told=tuple(
            _told(true_rate, rate, effect, asked, float(power), common)
            for true_rate in rates
            for effect in wishes.design_effects
            if asked and true_rate < 1
        ),
        balance=_balance(plan, wishes),
    )


def read_wishes(
    *,
    design_effects: Sequence[str] = (),
    response_rate: str | None = None,
    bands: Sequence[str] = (),
    localities: Iterable[str] = (),
    cell_sizes: Iterable[str] = (),
) -> tuple[Wishes, list[PlanFault]]:
    """Read what was written on the command line; every entry that cannot be used is a fault.

    >>> wishes, faults = read_wishes(localities=["urban=3000", "rural=6000"], bands=["primary", "junior"])
    >>> dict(wishes.localities), faults
    ({'urban': 3000, 'rural': 6000}, [])
    """
    declared, faults = _declared(), []
    effects = []
    for entry in design_effects or declared["design_effects"]:
        if (effect := _decimal(entry)) is None or not effect:
            faults.append(fault("design_effect", "design_effect_form", entry))
        else:
            effects.append(effect)
    answered = _decimal(declared["response_rate"] if response_rate is None else response_rate)
    if answered is None or not 0 < answered <= 1:
        faults.append(fault("response_rate", "response_rate_form", response_rate))
        answered = Fraction(1)
    faults += _unknown_or_twice("band", bands, GRADE_BANDS)
    residents, found = _read_counts("locality", localities)
    faults += found + _unknown_or_twice("locality", list(residents), LOCALITIES)
    if residents and not found and not sum(residents.values()):
        faults.append(fault("locality", "locality_empty", ", ".join(residents)))
    counted, found = _read_counts("cell_size", cell_sizes)
    cells, unknown = _read_cells(counted, bands, residents)
    wishes = Wishes(
        design_effects=tuple(effects),
        response_rate=answered,
        bands=tuple(bands),
        localities=residents,
        cell_sizes=cells,
    )
    return wishes, faults + found + unknown


def lines(expected: Expectations, plan: Plan) -> Iterator[Text]:
    """The expectations in sentences, for a reader of the command line."""
    shown: dict[str, Any] = {"rate": _percent(expected.rate), "level": _percent(expected.level)}
    asked = plan.quotas.asked
    widths = [
        _text("half_width", points=f"{100 * one.half_width:.1f}", effect=f"{one.design_effect:g}")
        for one in expected.half_widths
    ]
    if widths:
        yield _text("half_widths", asked, each=_joined(widths), **shown)
    invited = sum(expected.invitations.values())
    yield _text("invitations", invited, answered=_percent(expected.response_rate))
    for rate in dict.fromkeys(one.rate for one in expected.told):
        sizes = [
            _text("size", one.n, effect=f"{float(one.design_effect):g}", chance=_percent(Fraction(one.power)))
            for one in expected.told
            if one.rate == rate
        ]
        facts = {"true": _percent(rate), "power": _percent(expected.power), "each": _joined(sizes)}
        yield _text("told", asked, **facts, **shown)
    if expected.balance is not None:
        for margin in expected.balance.margins:
            if margin.kind != "group":
                label = {**GRADE_BANDS, **LOCALITIES}[margin.name].label
                yield _text("margin", margin.n, label=label)
    yield from (line.text for line in expected.notes)


def balance_line(note: sampling.BalanceNote) -> Line:
    """The sentence for a note on a balance."""
    words = (GROUPS, GRADE_BANDS, LOCALITIES)
    labels = [
        known[name].label
        for known, name in zip(words, (note.group, note.band, note.locality), strict=True)
        if name
    ]
    where = Text(zh="·".join(label.zh for label in labels), en=" · ".join(label.en for label in labels))
    names = [name for name in (note.group, note.band, note.locality) if name]
    code = note.code if note.value >= 0 else f"{note.code}_below"
    if code == "cell_full" and not note.value:
        code = "cell_empty"
    return said("balance", code, abs(note.value), id_=".".join([note.code, *names]), where=where)


def _text(words: str, value: int | Fraction = 0, **facts: Any) -> Text:
    return said("expectations", words, value, **facts).text


def _joined(texts: Sequence[Text]) -> Text:
    return Text(zh="；".join(text.zh for text in texts), en="; ".join(text.en for text in texts))


def _threshold(scheme: Scheme) -> Fraction:
    """What the scheme asks of the rate from questionnaires."""
    bound = next(
        criterion.bound
        for _, item in scheme.all_items()
        for criterion in item.criteria
        if isinstance(criterion, RecognitionRate) and criterion.tally == "questionnaires"
    )
    return bound.threshold


def _told(
    true_rate: Fraction, rate: Fraction, effect: Fraction, n: int, power: float, common: Mapping[str, Any]
) -> Told:
    known: dict[str, Any] = {"from_rate": float(rate), "design_effect": float(effect), **common}
    return Told(
        rate=true_rate,
        design_effect=effect,
        n=sampling.size_to_tell(float(true_rate), power=power, **known).n,
        power=sampling.power_to_tell(float(true_rate), n=n, **known),
    )


def _invitations(plan: Plan, wishes: Wishes) -> dict[str, int]:
    wanted = {
        group: sampling.invitations(n, response_rate=wishes.response_rates.get(group, wishes.response_rate))
        for group, n in plan.quotas.n.items()
    }
    return {group: min(n, plan.group_sizes.get(group, n)) for group, n in wanted.items()}


def _balance(plan: Plan, wishes: Wishes) -> sampling.Balance | None:
    if not wishes.bands and not wishes.localities:
        return None
    return sampling.balance(
        plan.quotas.n,
        bands=wishes.bands,
        banded=_banded(plan.quotas.n) if wishes.bands else (),
        localities=wishes.localities or None,
        available=wishes.cell_sizes,
    )


def _banded(groups: Iterable[str]) -> tuple[str, ...]:
    declared = _declared()["banded"]
    return tuple(group for group in groups if group in declared)


def _balance_document(
    made: sampling.Balance | None, notes: Sequence[Line], language: str
) -> dict[str, Any] | None:
    if made is None:
        return None
    return {
        "cells": [
            {"group": one.group, "band": one.band, "locality": one.locality}
            | {"exact": exact_number(one.exact), "n": one.n}
            for one in made.cells
        ],
        "margins": [
            {"kind": one.kind, "name": one.name, "n": one.n}
            | {"exact": exact_number(one.exact), "slack": exact_number(one.slack)}
            for one in made.margins
        ],
        "notes": [
            {"id": one.id, "text": one.text.in_language(language), "value": exact_number(one.value)}
            for one in notes
        ],
    }


def _read_counts(where: str, given: Iterable[str]) -> tuple[dict[str, int], list[PlanFault]]:
    counts: dict[str, int] = {}
    faults = []
    for entry in given:
        name, equals, number = (part.strip() for part in entry.partition("="))
        count = whole_number(number)
        if not name or not equals or count is None:
            faults.append(fault(where, f"{where}_form", entry))
        elif name in counts:
            faults.append(fault(where, "named_twice", name))
        else:
            counts[name] = count
    return counts, faults


def _read_cells(
    counted: Mapping[str, int], bands: Sequence[str], residents: Mapping[str, int]
) -> tuple[dict[tuple[str, str, str], int], list[PlanFault]]:
    """Read the keys of cells, ``group/band/locality``; parts that the plan does not have stay empty."""
    cells, faults = {}, []
    for name, count in counted.items():
        group, band, locality = (*name.split("/"), "", "", "")[:3]
        has_bands = bands if bands and group in _banded([group]) else ("",)
        if (
            name.count("/") > 2
            or group not in GROUPS
            or band not in has_bands
            or locality not in (residents or ("",))
        ):
            faults.append(fault("cell_size", "cell_unknown", name))
        else:
            cells[group, band, locality] = count
    return cells, faults


def _unknown_or_twice(where: str, given: Sequence[str], known: Mapping[str, Any]) -> list[PlanFault]:
    listed = ", ".join(known)
    faults = [fault(where, f"{where}_unknown", name, known=listed) for name in given if name not in known]
    twice = sorted({name for name in given if given.count(name) > 1})
    return faults + [fault(where, "named_twice", name) for name in twice]


def _decimal(text: str) -> Fraction | None:
    return Fraction(text) if _DECIMAL.fullmatch(text.strip()) else None


def _percent(share: Fraction) -> str:
    percents = f"{float(share * 100):.1f}"
    return f"{percents.removesuffix('.0')}%"


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "expectations.toml").read_text(encoding="utf-8"))
