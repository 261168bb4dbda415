"""Invented counties in which everybody is honest, or in which some schools' answers were made up.

They serve to see what the tests of this package find and what they leave alone, before they look at real
answers. People rate items by a leaning of their own, the climate of their school and their feeling about the
single item; some tick one column from top to bottom, some do not know. Nothing about a real county is known
or claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sampling.columns import Floats, Indices
from sampling.errors import ArgumentError

#: Where a feeling tips from one rating to the next, from 1 to 5.
_STEPS = (-1.6, -1.0, -0.3, 0.55)

#: The item that the registry knows the truth of, and the columns beside the ratings.
FACT, DURATION = "after_school", "duration"

#: The band of those who answered too fast to have read.
FAST = "under_2"

#: Ten-minute buckets of a field of five days with sixteen waking hours each.
_BUCKETS = 5 * 16 * 6

#: How much less content the schools are that strangers answer for.
_DISCONTENT = 1.8

#: Share of a cheating school's questionnaires that are not made up.
_LEFT_ALONE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyModel:
    """What the people of an invented county are like; spreads are on the scale of feelings."""

    #: How content people are; 0.5 gives about 76 %, 1.1 about 96 % satisfied questionnaires.
    mood: float = 0.9
    strata: int = 3
    schools: int = 27
    #: Questionnaires of a school, from and to.
    answers: tuple[int, int] = (10, 14)
    items: int = 20
    #: How many of the items say something bad.
    reversed_items: int = 2
    #: Spread between schools; with that between people and items about a tenth of the variance of a
    #: questionnaire's mean lies between schools.
    between_schools: float = 0.17
    between_people: float = 0.47
    between_items: float = 0.2
    #: Spread of one item around the person's leaning.
    within: float = 0.5
    #: Spread of a person's opinion of a topic, and how many items a topic has.
    by_topic: float = 0.25
    topic: int = 3
    #: Spread of a school's own strong and weak sides.
    school_by_item: float = 0.15
    #: Share of people who tick one column throughout, whatever the items say.
    straight: float = 0.04
    #: Chance that a person does not know about an item.
    dont_know: float = 0.05
    #: Share of honest people who take less than two minutes.
    fast: float = 0.08
    #: Chance that a statement of fact is wrong.
    mistaken: float = 0.03
    #: Questionnaires of a school in the verification sample.
    verified: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCounty:
    """A county's answers, its field and its registry."""

    #: `stratum`, `school`, the items (codes 1 to 5 as ticked, NaN for 不了解), `after_school`, `duration`.
    answers: Mapping[str, np.ndarray]
    #: The same of a verification sample with fresh codes.
    verification: Mapping[str, np.ndarray]
    #: `stratum`, `batch`, `bucket`, `n`: questionnaires by batch and ten-minute bucket.
    arrivals: Mapping[str, np.ndarray]
    #: School → the registered share of its pupils in the after-school service.
    registry: Mapping[str, float]
    #: The items, and those of them that say something bad.
    items: tuple[str, ...]
    reversed_items: tuple[str, ...]
    #: A key of `KINDS`; empty in an honest county.
    kind: str = ""
    #: The schools whose questionnaires were made up.
    cheating: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheets:
    """Questionnaires row by row, and the school of each."""

    school: Indices
    #: Rows × items, as ticked.
    codes: Floats
    fact: np.ndarray
    fast: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    """What is fixed in a county before anybody answers."""

    model: CountyModel
    stratum: Indices
    climate: Floats
    taste: Floats
    item: Floats
    registry: Floats

    @property
    def reversed_at(self) -> Indices:
        """The places of the items that say something bad, spread over the questionnaire."""
        model = self.model
        return (np.arange(1, model.reversed_items + 1) * model.items) // (model.reversed_items + 1)

    def sheets(self, school: Indices, rng: np.random.Generator) -> _Sheets:
        """Return what honest people of these schools answer."""
        model, n = self.model, len(school)
        leaning = model.mood + self.climate[school] + rng.normal(0, model.between_people, n)
        felt = leaning[:, np.newaxis] + self.item + self.taste[school]
        topics = rng.normal(0, model.by_topic, (n, -(-model.items // model.topic)))
        felt = felt + topics[:, np.arange(model.items) // model.topic]
        felt = felt + rng.normal(0, model.within, felt.shape)
        codes = 1.0 + np.digitize(felt, _STEPS)
        codes[:, self.reversed_at] = 6 - codes[:, self.reversed_at]
        codes[rng.random(codes.shape) < model.dont_know] = np.nan
        straight = rng.random(n) < model.straight
        codes[straight] = np.where(rng.random(n) < 0.8, 5.0, 4.0)[straight, np.newaxis]
        true = rng.random(n) < self.registry[school]
        return _Sheets(
            school=school,
            codes=codes,
            fact=true ^ (rng.random(n) < model.mistaken),
            fast=rng.random(n) < model.fast,
        )


def simulated_county(
    rng: np.random.Generator, *, kind: str = "", cheating: int = 4, model: CountyModel | None = None
) -> SimulatedCounty:
    """Return a county, honest or with *cheating* schools whose questionnaires were made up.

    Args:
        rng: The source of everything random.
        kind: How they were made up, a key of `KINDS`; empty for an honest county. In a `uniform` county
            every school takes part.
        cheating: How many schools cheat.
        model: What the county is like.

    Raises:
        ArgumentError: An unknown kind, or more cheating schools than there are.
    """
    model = model or CountyModel()
    if kind and kind not in KINDS:
        raise ArgumentError("kind", value=kind, rule=f"must be one of {tuple(KINDS)}")
    if not 0 <= cheating <= model.schools:
        raise ArgumentError("cheating", value=cheating, rule=f"must be from 0 to {model.schools} schools")
    people = _people(model, rng)
    low, high = model.answers
    school = np.repeat(np.arange(model.schools), rng.integers(low, high + 1, model.schools))
    guilty = np.sort(rng.permutation(model.schools)[: _guilty(kind, cheating, model.schools)])
    if kind == "strangers":
        people.climate[guilty] -= _DISCONTENT
    sheets = people.sheets(school, rng)
    slots = _arrival_slots(school, rng)
    verified = people.sheets(np.repeat(np.arange(model.schools), model.verified), rng)
    if kind:
        sheets, slots = KINDS[kind](_Crime(people=people, sheets=sheets, slots=slots, guilty=guilty), rng)
    return _county(people, sheets, verified, slots, kind, guilty)


def _guilty(kind: str, cheating: int, schools: int) -> int:
    if not kind:
        return 0
    return schools if kind == "uniform" else cheating


def _people(model: CountyModel, rng: np.random.Generator) -> _People:
    registry = rng.beta(4, 2, model.schools)
    return _People(
        model=model,
        stratum=np.arange(model.schools) * model.strata // model.schools,
        climate=rng.normal(0, model.between_schools, model.schools),
        taste=rng.normal(0, model.school_by_item, (model.schools, model.items)),
        item=rng.normal(0, model.between_items, model.items),
        registry=np.where(rng.random(model.schools) < 0.1, 0.0, registry),
    )


def _arrival_slots(school: Indices, rng: np.random.Generator) -> Indices:
    """Return the bucket of each questionnaire: some follow the teacher's message, some come when they come.

    After a message the share of those who follow it, and how fast, differs between schools.
    """
    schools = int(school.max()) + 1
    message = rng.integers(0, _BUCKETS - 60, schools)
    follow = rng.beta(2, 2, schools)
    pace = rng.uniform(3, 12, schools)
    after = message[school] + rng.exponential(pace[school]).astype(np.intp)
    whenever = rng.integers(0, _BUCKETS, len(school))
    return np.where(rng.random(len(school)) < follow[school], np.minimum(after, _BUCKETS - 1), whenever)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crime:
    """Honest questionnaires, and the schools whose are to be made up."""

    people: _People
    sheets: _Sheets
    slots: Indices
    guilty: Indices

    def made_up(self, rng: np.random.Generator) -> Indices:
        """Return the rows that are made up: nearly all of the guilty schools."""
        rows = np.flatnonzero(np.isin(self.sheets.school, self.guilty))
        return rows[rng.random(len(rows)) >= _LEFT_ALONE]

    def with_codes(self, rows: Indices, codes: Floats) -> tuple[_Sheets, Indices]:
        """Return the questionnaires with other ratings in some rows."""
        changed = self.sheets.codes.copy()
        changed[rows] = codes
        return replace(self.sheets, codes=changed), self.slots

    def invented(self, rows: int, rng: np.random.Generator) -> Floats:
        """Return ratings as somebody invents them: content throughout, with a mixture that looks natural.

        At least a quarter of the items is not at the top; else it were the ceiling that gives them away.
        """
        model = replace(self.people.model, straight=0.0, dont_know=0.0)
        mood = 0.75 - self.people.climate[self.guilty].mean()
        people = replace(self.people, model=replace(model, mood=mood, between_people=0.2))
        drawn = people.sheets(rng.choice(self.guilty, 20 * rows), rng).codes
        mixed = (drawn != np.where(np.isin(np.arange(model.items), people.reversed_at), 1.0, 5.0)).mean(
            axis=1
        )
        return drawn[np.flatnonzero(mixed >= 0.25)[:rows]]


def _altered(codes: Floats, share: float, rng: np.random.Generator) -> Floats:
    """Return ratings of which *share* is moved to a neighbouring one."""
    moved = codes + np.where(codes >= 5, -1, np.where(codes <= 1, 1, rng.choice([-1, 1], codes.shape)))
    return np.where(rng.random(codes.shape) < share, moved, codes)


Made = tuple[_Sheets, Indices]


def _template(crime: _Crime, rng: np.random.Generator) -> Made:
    """One questionnaire is filled in for each school and copied, one item in twelve changed."""
    rows = crime.made_up(rng)
    templates = crime.invented(crime.people.model.schools, rng)
    return crime.with_codes(rows, _altered(templates[crime.sheets.school[rows]], 1 / 12, rng))


def _duplicates(crime: _Crime, rng: np.random.Generator) -> Made:
    """One stack of invented questionnaires is handed round the schools, one item in twenty changed."""
    rows = crime.made_up(rng)
    stack = crime.invented(14, rng)
    number = np.arange(len(rows)) - np.searchsorted(crime.sheets.school[rows], crime.sheets.school[rows])
    return crime.with_codes(rows, _altered(stack[number % len(stack)], 1 / 20, rng))


def _ceiling(crime: _Crime, rng: np.random.Generator) -> Made:
    """People are told to tick the best answer everywhere; hardly a tick is the next to best."""
    rows = crime.made_up(rng)
    codes = np.where(rng.random((len(rows), crime.people.model.items)) < 0.002, 4.0, 5.0)
    at = crime.people.reversed_at
    codes[:, at] = 6 - codes[:, at]
    return crime.with_codes(rows, codes)


def _straight(crime: _Crime, rng: np.random.Generator) -> Made:
    """The first column is ticked from top to bottom, also where that says something bad."""
    rows = crime.made_up(rng)
    return crime.with_codes(rows, np.full((len(rows), crime.people.model.items), 5.0))


def _uniform(crime: _Crime, rng: np.random.Generator) -> Made:
    """Invented questionnaires are dealt out so that every school of a stratum looks like the others."""
    codes = crime.sheets.codes.copy()
    of_school = crime.people.stratum[crime.sheets.school]
    for stratum in range(crime.people.model.strata):
        rows = np.flatnonzero(of_school == stratum)
        deck = crime.invented(len(rows), rng)
        turned = deck.copy()
        turned[:, crime.people.reversed_at] = 6 - turned[:, crime.people.reversed_at]
        deck = deck[np.argsort(-np.nan_to_num(turned, nan=3.0).mean(axis=1), kind="stable")]
        codes[_dealt(crime.sheets.school[rows], rows)] = deck
    return replace(crime.sheets, codes=codes), crime.slots


def _dealt(school: Indices, rows: Indices) -> Indices:
    """Return *rows* in the order of dealing from the best down: every school gets some of each."""
    size = np.bincount(school)[school]
    place = np.arange(len(rows)) - np.searchsorted(school, school)
    return rows[np.argsort((place + 0.5) / size, kind="stable")]


def _bursts(crime: _Crime, rng: np.random.Generator) -> Made:
    """Somebody works through a school's codes within ten minutes, and too fast to read."""
    rows = crime.made_up(rng)
    slots = crime.slots.copy()
    slots[rows] = rng.integers(0, _BUCKETS, crime.people.model.schools)[crime.sheets.school[rows]]
    return crime.sheets, slots


def _fast(crime: _Crime, rng: np.random.Generator) -> Made:
    """Questionnaires are ticked off in less than two minutes each."""
    fast = crime.sheets.fast.copy()
    fast[crime.made_up(rng)] = True
    return replace(crime.sheets, fast=fast), crime.slots


def _facts(crime: _Crime, rng: np.random.Generator) -> Made:
    """Whoever fills in the questionnaires does not know the school: the same fact everywhere, and wrong."""
    del rng
    fact = crime.sheets.fact.copy()
    rows = np.isin(crime.sheets.school, crime.guilty)
    fact[rows] = (crime.people.registry < 0.5)[crime.sheets.school[rows]]
    return replace(crime.sheets, fact=fact), crime.slots


def _strangers(crime: _Crime, rng: np.random.Generator) -> Made:
    """Discontented schools are answered for by contented strangers; only those asked again tell the truth."""
    rows = crime.made_up(rng)
    return crime.with_codes(rows, crime.invented(len(rows), rng))


#: How questionnaires are made up.
KINDS: dict[str, Callable[[_Crime, np.random.Generator], Made]] = {
    "template": _template,
    "duplicates": _duplicates,
    "ceiling": _ceiling,
    "straight": _straight,
    "uniform": _uniform,
    "bursts": _bursts,
    "fast": _fast,
    "facts": _facts,
    "strangers": _strangers,
}


def _county(
    people: _People, sheets: _Sheets, verified: _Sheets, slots: Indices, kind: str, guilty: Indices
) -> SimulatedCounty:
    names = np.array([f"s{number:03}" for number in range(people.model.schools)])
    strata = np.array([f"h{number + 1}" for number in range(people.model.strata)])
    items = tuple(f"item{number + 1:02}" for number in range(people.model.items))

    def columns(of: _Sheets) -> dict[str, Any]:
        return {
            "stratum": strata[people.stratum[of.school]],
            "school": names[of.school],
            **{item: of.codes[:, place] for place, item in enumerate(items)},
            FACT: np.where(of.fact, "yes", "no"),
            DURATION: np.where(of.fast, FAST, "2_to_10"),
        }

    pairs, n = np.unique(sheets.school * _BUCKETS + slots, return_counts=True)
    batch, bucket = np.divmod(pairs, _BUCKETS)
    return SimulatedCounty(
        answers=columns(sheets),
        verification=columns(verified),
        arrivals={"stratum": strata[people.stratum[batch]], "batch": names[batch], "bucket": bucket, "n": n},
        registry={str(name): float(share) for name, share in zip(names, people.registry, strict=True)},
        items=items,
        reversed_items=tuple(items[place] for place in people.reversed_at),
        kind=kind,
        cheating=frozenset(str(name) for name in names[guilty]),
    )
