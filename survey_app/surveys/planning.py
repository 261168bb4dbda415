"""The plan of a survey: how many people a county asks, in which groups, and why."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import sampling
from evaluation.errors import UnknownSchemeError
from evaluation.loader import load_scheme
from evaluation.scheme import Scheme
from evaluation.scheme.head import SampleRule
from survey_app.errors import RefusedInputError
from survey_app.surveys.bilingual import LANGUAGES, Text
from survey_app.surveys.groups import GROUPS

#: The scheme a plan follows unless another is named.
DEFAULT_SCHEME = "shanxi-2022"

#: The order in which a reader follows the redistribution.
_NOTE_ORDER = ("capped", "freed", "received", "to_majority", "shortfall", "majority_below_share")

_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFault:
    """One thing wrong with the input of a plan."""

    #: The argument, e.g. ``population`` or ``group_size``.
    where: str
    #: What was given.
    value: str
    #: Which rule it breaks.
    rule: str
    #: The fault in plain words.
    text: Text

    @property
    def shown(self) -> str:
        """What was given, as a page shows it."""
        return self.value

    @property
    def message(self) -> str:
        """The fault in the reader's language."""
        return self.text.in_language(reader_language())

    def document(self, language: str) -> dict[str, str]:
        """The fault as the command line prints it."""
        return {
            "where": self.where,
            "value": self.value,
            "rule": self.rule,
            "message": self.text.in_language(language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A step or a note of a plan: which, in words, and its number."""

    id: str
    text: Text
    value: int | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A sample plan with everything that led to it."""

    scheme: Scheme
    rule: SampleRule
    #: Group -> people in it, where the number is known.
    group_sizes: Mapping[str, int]
    size: sampling.SampleSize
    quotas: sampling.Quotas

    @property
    def steps(self) -> tuple[Line, ...]:
        """The working from the population to the groups, in order."""
        return tuple(_steps(self))

    @property
    def notes(self) -> tuple[Line, ...]:
        """What a reader should be told: who is too few, and where the places went."""
        return tuple(_notes(self))

    def document(self, language: str) -> dict[str, Any]:
        """The plan as the command line prints it, its words in *language*."""
        return {
            "sample_size": self.size.n,
            "steps": [_line(line, line.text.in_language(language)) for line in self.steps],
            "notes": [_line(line, line.text.in_language(language)) for line in self.notes],
            "quotas": dict(self.quotas.n),
        }

    def record(self) -> dict[str, Any]:
        """The plan as a wave keeps it: in all languages, with what it was made from."""
        return {
            "population": self.size.population,
            "scheme": self.scheme.id,
            "scheme_digest": self.scheme.digest,
            "group_sizes": dict(self.group_sizes),
            "sample_size": self.size.n,
            "steps": [_line(line, _both(line.text)) for line in self.steps],
            "notes": [_line(line, _both(line.text)) for line in self.notes],
            "quotas": dict(self.quotas.n),
        }


def make_plan(
    population: int | str,
    *,
    scheme_id: str = DEFAULT_SCHEME,
    group_sizes: Mapping[str, int] | None = None,
) -> Plan:
    """Return the plan for a county of *population* residents.

    >>> make_plan(360_000).document("zh")["quotas"]["parent"]
    270

    Args:
        population: Residents, a whole number above 0, or its digits.
        scheme_id: The scheme whose sample rule holds.
        group_sizes: How many people a group has; a group that is not named is large enough.

    Raises:
        RefusedInputError: with every fault of the input, as `PlanFault`.
    """
    sizes = dict(group_sizes or {})
    residents = whole_number(population)
    scheme, faults = _scheme(scheme_id)
    if not residents:
        faults.insert(0, fault("population", "population_not_whole", population))
    known = scheme.sample.groups if scheme and scheme.sample else list(GROUPS)
    for group, size in sizes.items():
        if group not in known:
            faults.append(fault("group_size", "group_unknown", group, known=", ".join(known)))
        elif whole_number(size) is None:
            faults.append(fault("group_size", "group_size_form", f"{group}={size}"))
    if faults or not residents or scheme is None or scheme.sample is None:
        raise RefusedInputError(faults, "plan_refused")
    rule = scheme.sample
    size = sampling.sample_size(residents, rate=rule.rate, floor=_floor(rule, residents), cap=rule.cap)
    return Plan(
        scheme=scheme,
        rule=rule,
        group_sizes=sizes,
        size=size,
        quotas=sampling.quotas(
            size.n,
            groups=rule.groups,
            majority=rule.groups[0],
            majority_share=rule.parents_share,
            sizes=sizes,
        ),
    )


def floor_of(scheme_id: str, residents: int) -> int | None:
    """The least number of questionnaires a scheme asks of a county with so many residents."""
    rule = load_scheme(scheme_id).sample
    return _floor(rule, residents) if rule else None


def read_group_sizes(given: Iterable[str]) -> tuple[dict[str, int], list[PlanFault]]:
    """Read sizes written ``GROUP=NUMBER``; entries of another form, or that name a group again, are faults.

    >>> read_group_sizes(["principal=12"])
    ({'principal': 12}, [])
    """
    sizes: dict[str, int] = {}
    faults = []
    for entry in given:
        group, equals, number = (part.strip() for part in entry.partition("="))
        size = whole_number(number)
        if not group or not equals or size is None:
            faults.append(fault("group_size", "group_size_form", entry))
        elif group in sizes:
            faults.append(fault("group_size", "group_twice", group))
        else:
            sizes[group] = size
    return sizes, faults


def fault(where: str, rule: str, value: object, **facts: object) -> PlanFault:
    """A fault with its words filled in; a fact that is a `Text` is said in the language of the sentence."""
    shown = str(value)[:80]
    return PlanFault(where=where, value=shown, rule=rule, text=_text("faults", rule, value=shown, **facts))


def said(kind: str, name: str, value: int | Fraction, *, id_: str = "", **facts: Any) -> Line:
    """A line of the plan: the words *kind*.*name*, filled with *facts* and the *value*."""
    shown = _percent(value) if name == "majority_below_share" else _shown(value)
    return Line(id=id_ or name, text=_text(kind, name, value=shown, **facts), value=value)


def reader_language() -> str:
    """``en`` for a reader of English pages, ``zh`` for everybody else."""
    from flask import has_request_context

    if not has_request_context():
        return "zh"
    from flask_babel import get_locale

    return "en" if str(get_locale()) == "en" else "zh"


def whole_number(value: object) -> int | None:
    """The whole number from 0 in *value*, or None."""
    if isinstance(value, bool):
        return None
    text = str(value).strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def _scheme(scheme_id: str) -> tuple[Scheme | None, list[PlanFault]]:
    try:
        scheme = load_scheme(scheme_id)
    except UnknownSchemeError as error:
        return None, [fault("scheme", "scheme_unknown", scheme_id, known=", ".join(error.known))]
    if scheme.sample is None:
        return scheme, [fault("scheme", "scheme_without_sample", scheme_id)]
    return scheme, []


def _floor(rule: SampleRule, residents: int) -> int | None:
    floors = (
        floor.at_least
        for floor in rule.floors
        if floor.below_population is None or residents < floor.below_population
    )
    return max(floors, default=None)


def _steps(plan: Plan) -> Iterator[Line]:
    numbers: dict[str, Any] = {
        "population": f"{plan.size.population:,}",
        "rate": _per_mille(plan.rule.rate),
        "document": plan.scheme.document,
        "clause": plan.rule.clause,
        "floor": plan.size.floor,
        "cap": plan.size.cap,
        "share": _percent(plan.quotas.majority_share),
    }
    for name, value in plan.size.steps:
        yield said("steps", name, value, **numbers)
    majority = plan.quotas.majority
    initial = plan.quotas.initial
    label = GROUPS[majority].label
    yield said("steps", "majority", initial[majority], id_=majority, group=label, **numbers)
    others = {group: n for group, n in initial.items() if group != majority}
    if others:
        yield said("steps", "others", sum(others.values()), count=len(others), each=_listed(others))


def _notes(plan: Plan) -> Iterator[Line]:
    quotas = plan.quotas
    for note in sorted(quotas.notes, key=lambda note: _NOTE_ORDER.index(note.code)):
        group = note.group
        facts: dict[str, Any] = {"asked": quotas.asked, "share": _percent(quotas.majority_share)}
        if group is not None:
            facts |= {
                "group": GROUPS[group].label,
                "before": quotas.initial[group],
                "after": quotas.n[group],
            }
        words = "absent" if note.code == "capped" and note.value == 0 else note.code
        yield said("notes", words, note.value, id_=f"{note.code}.{group}" if group else note.code, **facts)


def _text(kind: str, name: str, **facts: Any) -> Text:
    words = _words()[kind][name]

    def in_language(language: str) -> str:
        known = {
            key: fact.in_language(language) if isinstance(fact, Text) else fact for key, fact in facts.items()
        }
        return words[language].format(**known)

    return Text(**{language: in_language(language) for language in LANGUAGES})


def _listed(quotas: Mapping[str, int]) -> Text:
    """The groups with their places, in a row."""
    rows = {
        language: [f"{GROUPS[group].label.in_language(language)} {n}" for group, n in quotas.items()]
        for language in LANGUAGES
    }
    return Text(zh="，".join(rows["zh"]), en=", ".join(rows["en"]))


def _line(line: Line, text: Any) -> dict[str, Any]:
    return {"id": line.id, "text": text, "value": exact_number(line.value)}


def _both(text: Text) -> dict[str, str]:
    return {language: text.in_language(language) for language in LANGUAGES}


def exact_number(value: int | Fraction) -> int | Decimal:
    """A whole number, or a decimal with all its digits (28 at most)."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return int(exact)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _shown(value: int | Fraction) -> str:
    return f"{exact_number(value):,}"


def _percent(share: int | Fraction) -> str:
    percents = Fraction(share) * 100
    return f"{exact_number(percents)}%" if percents.denominator == 1 else f"{float(percents):.1f}%"


def _per_mille(rate: Fraction) -> str:
    return f"{exact_number(rate * 1000)}‰"


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "plan_words.toml").read_text(encoding="utf-8"))
