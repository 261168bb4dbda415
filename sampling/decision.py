"""What may be concluded from a rate: the official point rule, the interval, and what would flip it.

The official verdict compares the bare rate with the threshold, in exact arithmetic. Beside it, never instead
of it, stands whether the whole interval lies on one side; and how firm the verdict is: how many answers would
have to be different, and how content those who did not answer would have to be, or not to be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import Any

from sampling.errors import ArgumentError
from sampling.estimation import Estimate

#: What the point rule concludes, and what the interval rule does.
OUTCOMES = ("met", "not_met", "undetermined")
VERDICTS = ("clearly_above", "not_decidable", "clearly_below")

#: A whole number, an exact fraction, or a sum of weights.
Number = int | float | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalVerdict:
    """On which side of a threshold an interval lies."""

    #: One of `VERDICTS`.
    verdict: str
    #: Why nothing can be decided: `no_interval`, `few_units` (too few degrees of freedom) or `holds` (the
    #: interval holds the threshold); empty where something is.
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """What would have to be different for the point rule to conclude otherwise."""

    #: What it concludes: one of `OUTCOMES`.
    outcome: str
    #: Satisfied ÷ valid, exact; None where nothing counts.
    rate: Fraction | None
    threshold: Fraction
    #: Satisfied answers that would have to be not satisfied (where the rule is met) or the other way round;
    #: None where no number of them does it.
    answers: int | None
    #: How many did not answer, in answers or in weights.
    silent: Fraction
    #: The rate of all, were nobody of the silent satisfied, and were all of them; None where nothing counts.
    lowest: Fraction | None
    highest: Fraction | None
    #: The share of the silent who are satisfied at which the rate of all is the threshold: below it (where
    #: the rule is met), or from it on, the conclusion would be the other one. None where no share does it.
    silent_share: Fraction | None

    def sentence(self, lang: str) -> str:
        """Return what would flip the conclusion in plain words, in Chinese (`zh`) or English (`en`)."""
        if self.outcome == "undetermined":
            return _WORDS["undetermined"][lang]
        words = [_WORDS[f"{self.outcome}_answers" if self.answers is not None else "no_answers"]]
        if self.silent:
            words.append(_WORDS[f"{self.outcome}_silent" if self.silent_share is not None else "no_silent"])
        share = self.silent_share
        facts = {"answers": self.answers, "share": None if share is None else f"{float(share):.1%}"}
        return {"zh": "", "en": " "}[lang].join(text[lang].format(**facts) for text in words)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "undetermined": {"zh": "没有有效答卷，无从判定。", "en": "Nothing counts, so nothing is concluded."},
    "met_answers": {
        "zh": "再有 {answers} 份满意答卷变为不满意，结论就会翻转。",
        "en": "The conclusion flips if {answers} satisfied answers turn.",
    },
    "not_met_answers": {
        "zh": "再有 {answers} 份答卷变为满意，结论就会翻转。",
        "en": "The conclusion flips if {answers} more answers are satisfied.",
    },
    "no_answers": {
        "zh": "改变多少份答卷都不会使结论翻转。",
        "en": "No number of answers flips the conclusion.",
    },
    "met_silent": {
        "zh": "如果没有作答的人中满意的不到 {share}，全体的结论就会不同。",
        "en": "If fewer than {share} of those who did not answer are satisfied, all together conclude "
        "otherwise.",
    },
    "not_met_silent": {
        "zh": "如果没有作答的人中满意的达到 {share}，全体的结论就会不同。",
        "en": "If {share} or more of those who did not answer are satisfied, all together conclude "
        "otherwise.",
    },
    "no_silent": {
        "zh": "没有作答的人无论怎样看，结论都不变。",
        "en": "Whatever those who did not answer think, the conclusion stays.",
    },
}


def point_rule(satisfied: Number, valid: Number, *, threshold: Number) -> str:
    """Return what the official rule concludes: `met` if satisfied ÷ valid reaches the threshold.

    >>> point_rule(459, 540, threshold=Fraction(17, 20)), point_rule(458, 540, threshold=Fraction(17, 20))
    ('met', 'not_met')
    >>> point_rule(0, 0, threshold=Fraction(17, 20))
    'undetermined'

    Args:
        satisfied: Satisfied answers, or the sum of their weights.
        valid: All that count, alike.
        threshold: From where on the rule is met; a float is read as it is printed.

    Raises:
        ArgumentError: Counts that cannot be, or a threshold outside 0 and 1.
    """
    satisfied, valid, threshold = _checked(satisfied, valid, threshold)
    if not valid:
        return "undetermined"
    return "met" if satisfied >= threshold * valid else "not_met"


def interval_rule(estimate: Estimate, *, threshold: Number, least_df: int = 0) -> IntervalVerdict:
    """Return on which side of the threshold the whole interval lies.

    Args:
        estimate: The rate with its interval.
        threshold: The threshold; an end that only touches it decides nothing.
        least_df: With fewer degrees of freedom the interval rests on too few units to decide anything.

    Raises:
        ArgumentError: A threshold outside 0 and 1.
    """
    _, _, bound = _checked(0, 0, threshold)
    if estimate.lower is None or estimate.upper is None:
        return IntervalVerdict(verdict="not_decidable", reason="no_interval")
    if estimate.df < least_df:
        return IntervalVerdict(verdict="not_decidable", reason="few_units")
    if _as_printed(estimate.lower) > bound:
        return IntervalVerdict(verdict="clearly_above")
    if _as_printed(estimate.upper) < bound:
        return IntervalVerdict(verdict="clearly_below")
    return IntervalVerdict(verdict="not_decidable", reason="holds")


def tipping_point(satisfied: Number, valid: Number, *, threshold: Number, silent: Number = 0) -> TippingPoint:
    """Return what would have to be different for the point rule to conclude otherwise.

    Of 600 who were asked 540 answered, 470 of them satisfied. Twelve satisfied answers fewer, or less than
    two thirds of the silent satisfied, and 85 % are not reached:

    >>> point = tipping_point(470, 540, threshold=Fraction(17, 20), silent=60)
    >>> point.outcome, point.answers, point.silent_share
    ('met', 12, Fraction(2, 3))
    >>> point.lowest, point.highest
    (Fraction(47, 60), Fraction(53, 60))

    Args:
        satisfied: Satisfied answers, or the sum of their weights.
        valid: All that count, alike.
        threshold: From where on the rule is met; a float is read as it is printed.
        silent: How many were asked and do not count, or the sum of their weights.

    Raises:
        ArgumentError: Counts that cannot be, or a threshold outside 0 and 1.
    """
    satisfied, valid, threshold = _checked(satisfied, valid, threshold)
    silent = _exact("silent", silent)
    outcome = point_rule(satisfied, valid, threshold=threshold)
    all_of_them = valid + silent
    share = (threshold * all_of_them - satisfied) / silent if silent else None
    # Who is met falls below at any share less than this one; who is not met reaches it at this one.
    possible = share is not None and valid and (share > 0 if outcome == "met" else share <= 1)
    return TippingPoint(
        outcome=outcome,
        rate=satisfied / valid if valid else None,
        threshold=threshold,
        answers=_answers(outcome, satisfied, valid, threshold),
        silent=silent,
        lowest=satisfied / all_of_them if valid else None,
        highest=(satisfied + silent) / all_of_them if valid else None,
        silent_share=share if possible else None,
    )


def _answers(outcome: str, satisfied: Fraction, valid: Fraction, threshold: Fraction) -> int | None:
    margin = satisfied - threshold * valid
    if outcome == "met":
        turned = math.floor(margin) + 1
        return turned if turned <= satisfied else None
    if outcome == "not_met":
        return math.ceil(-margin)
    return None


def _checked(satisfied: Number, valid: Number, threshold: Number) -> tuple[Fraction, Fraction, Fraction]:
    above, below = _exact("satisfied", satisfied), _exact("valid", valid)
    if above > below:
        raise ArgumentError("satisfied", value=satisfied, rule=f"must be at most the valid ones, {valid}")
    bound = _exact("threshold", threshold)
    if bound > 1:
        raise ArgumentError("threshold", value=threshold, rule="must be from 0 to 1")
    return above, below, bound


def _exact(name: str, value: Any) -> Fraction:
    """Return a number that is not negative, exactly; 0.85 is 17/20, whatever the float beside it."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(name, value=value, rule="must be a number")
    if not math.isfinite(value):
        raise ArgumentError(name, value=value, rule="must be finite")
    exact = _as_printed(value)
    if exact < 0:
        raise ArgumentError(name, value=value, rule="must not be negative")
    return exact


def _as_printed(value: Any) -> Fraction:
    return Fraction(str(value))
