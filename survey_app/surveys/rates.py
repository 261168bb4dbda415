"""From many judged questionnaires to the official rate, and to the other readings shown beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from survey_app.surveys.bilingual import Text
from survey_app.surveys.questionnaire import POSITIVE_FROM, Questionnaire
from survey_app.surveys.rules import (
    Ratings,
    RuleSet,
    Validity,
    judge_satisfaction,
    judge_validity,
    rate_items,
    rule_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the declared rules say of one questionnaire, with the ratings they said it on."""

    group: str
    ratings: Ratings
    validity: Validity
    #: None when the questionnaire is not valid or has no rating to judge by.
    satisfied: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Valid and satisfied questionnaires (有效问卷, 满意问卷)."""

    valid: int = 0
    satisfied: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(valid=self.valid + other.valid, satisfied=self.satisfied + other.satisfied)

    @property
    def rate(self) -> Fraction | None:
        """Satisfied ÷ valid, exact; None without a valid questionnaire."""
        return Fraction(self.satisfied, self.valid) if self.valid else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to sum up the same valid questionnaires: *above* ÷ *below*."""

    #: A key of :data:`ALTERNATIVES`.
    id: str
    label: Text
    #: ``share`` (a proportion) or ``points`` (from 20 to 100).
    unit: str
    above: int
    below: int

    @property
    def value(self) -> Fraction | None:
        """The reading, exact; None when there is nothing to divide by."""
        return Fraction(self.above, self.below) if self.below else None


def judge(questionnaire: Questionnaire, group: str, answers: Mapping[str, str], rules: RuleSet) -> Judgement:
    """Judge one submitted questionnaire by the declared rules."""
    ratings = rate_items(questionnaire, group, answers)
    validity = judge_validity(ratings, rules)
    satisfied = judge_satisfaction(ratings, rules) if validity.valid else None
    return Judgement(group=group, ratings=ratings, validity=validity, satisfied=satisfied)


def count_by_group(judgements: Iterable[Judgement]) -> dict[str, Count]:
    """Count valid and satisfied questionnaires of each group that sent any."""
    counts: dict[str, Count] = {}
    for judgement in judgements:
        one = Count(valid=int(judgement.validity.valid), satisfied=int(judgement.satisfied is True))
        counts[judgement.group] = counts.get(judgement.group, Count()) + one
    return counts


def official_rate(counts: Mapping[str, Count], rules: RuleSet) -> Fraction | None:
    """Make one rate of the groups' counts as declared; None without a valid questionnaire.

    >>> from survey_app.surveys.rules import default_rules
    >>> counts = {"parent": Count(valid=270, satisfied=240), "teacher": Count(valid=45, satisfied=30)}
    >>> official_rate(counts, default_rules())
    Fraction(6, 7)
    """
    return WEIGHTING[rules.weighting](counts)


def _pooled(counts: Mapping[str, Count]) -> Fraction | None:
    return sum(counts.values(), Count()).rate


def _equal_groups(counts: Mapping[str, Count]) -> Fraction | None:
    rates = [rate for count in counts.values() if (rate := count.rate) is not None]
    return sum(rates, Fraction(0)) / len(rates) if rates else None


#: Ways to make one rate of several groups.
WEIGHTING: Mapping[str, Callable[[Mapping[str, Count]], Fraction | None]] = MappingProxyType(
    {"pooled": _pooled, "equal_groups": _equal_groups}
)


def alternatives(judgements: Iterable[Judgement]) -> tuple[Reading, ...]:
    """Every other reading of the valid questionnaires, pooled over groups, 不了解 left out."""
    ratings = [judgement.ratings for judgement in judgements if judgement.validity.valid]
    readings = []
    for name, (unit, sums) in ALTERNATIVES.items():
        above, below = sums(ratings)
        label = rule_words("alternatives", name)
        readings.append(Reading(id=name, label=label, unit=unit, above=above, below=below))
    return tuple(readings)


def _mean(ratings: Sequence[Ratings]) -> tuple[int, int]:
    satisfied = sum(
        bool(levels) and sum(levels) >= POSITIVE_FROM * len(levels) for levels in (r.levels for r in ratings)
    )
    return satisfied, len(ratings)


def _overall(ratings: Sequence[Ratings]) -> tuple[int, int]:
    satisfied = sum(
        any(level is not None and level >= POSITIVE_FROM for _, level in r.overall) for r in ratings
    )
    return satisfied, len(ratings)


def _positive(ratings: Sequence[Ratings]) -> tuple[int, int]:
    levels = [level for r in ratings for level in r.levels]
    return sum(level >= POSITIVE_FROM for level in levels), len(levels)


def _index(ratings: Sequence[Ratings]) -> tuple[int, int]:
    levels = [level for r in ratings for level in r.levels]
    return 20 * sum(levels), len(levels)


#: Other readings by name: unit, and what to divide by what.
ALTERNATIVES: Mapping[str, tuple[str, Callable[[Sequence[Ratings]], tuple[int, int]]]] = MappingProxyType(
    {
        "mean": ("share", _mean),
        "overall": ("share", _overall),
        "positive": ("share", _positive),
        "index": ("points", _index),
    }
)
