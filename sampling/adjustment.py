"""Weights adjusted without known totals: for those who did not answer, and where a weight grew too large."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sampling.columns import Floats, Table, amounts, count, crossed, levels, numbers, refuse, row_count, total
from sampling.errors import ArgumentError, CalibrationError, ColumnError

#: So many rounds of trimming and sharing out are enough, or never will be.
_ROUNDS = 10_000
#: How far outside the range, in parts of itself, a weight is inside it but for rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightingClass:
    """One class of people who are taken to answer, or not, alike."""

    #: The class: column → level.
    by: Mapping[str, Any]
    #: Invited people, and those of them who answered.
    invited: int
    answered: int
    #: The sum of weights of either.
    invited_weight: float
    answered_weight: float

    @property
    def factor(self) -> float:
        """What the weights of those who answered are multiplied by."""
        return self.invited_weight / self.answered_weight


@dataclass(frozen=True, slots=True, kw_only=True)
class NonresponseAdjustment:
    """Weights of those who answered, standing also for those of their class who did not."""

    #: Row → its weight before.
    base: Floats
    #: Row → what it was multiplied by; 0 without an answer.
    g: Floats
    #: The classes, sorted.
    classes: tuple[WeightingClass, ...]

    @property
    def weights(self) -> Floats:
        """Row → its weight."""
        return self.base * self.g


def adjust_for_nonresponse(
    columns: Table, *, responded: str, by: Sequence[str], weight: str | None = None
) -> NonresponseAdjustment:
    """Let those who answered stand for everybody invited in their class.

    >>> invited = {"answered": [1, 0, 1, 1, 1, 0], "school": list("aaabbb"), "w": [2.0] * 3 + [3.0] * 3}
    >>> adjusted = adjust_for_nonresponse(invited, responded="answered", by=["school"], weight="w")
    >>> [float(weight) for weight in adjusted.weights]
    [3.0, 0.0, 3.0, 4.5, 4.5, 0.0]

    Args:
        columns: Name → one entry for each invited person.
        responded: 1 for those who answered, 0 for the others.
        by: The columns whose combinations are the classes.
        weight: Weights before; by default 1.

    Raises:
        ColumnError: A column cannot be used; an answer is neither 0 nor 1.
        CalibrationError: Nobody in a class answered: join it with a similar one.
        ArgumentError: No classes.
    """
    if not by:
        raise ArgumentError("by", value=by, rule="must name a column")
    rows = row_count(columns, [responded, *by, *([weight] if weight else [])])
    answered = numbers(columns, responded)
    refuse(responded, np.isnan(answered), answered, "missing")
    refuse(responded, (answered != 0) & (answered != 1), answered, "not_binary")
    base = np.ones(rows) if weight is None else amounts(columns, weight)
    found = crossed([levels(columns, name) for name in by])
    size = len(found.labels)
    classes = tuple(
        WeightingClass(
            by=dict(zip(by, label, strict=True)),
            invited=int(invited),
            answered=int(came),
            invited_weight=float(whole),
            answered_weight=float(part),
        )
        for label, invited, came, whole, part in zip(
            found.labels,
            count(found.index, size),
            total(found.index, answered, size),
            total(found.index, base, size),
            total(found.index, base * answered, size),
            strict=True,
        )
    )
    for one in classes:
        if one.invited_weight and not one.answered_weight:
            raise CalibrationError(
                " × ".join(by),
                level=tuple(one.by.values()),
                rule="no_respondents",
                wanted=one.invited_weight,
                found=0.0,
            )
    factors = np.array([one.factor if one.answered_weight else 0.0 for one in classes])
    return NonresponseAdjustment(base=base, g=answered * factors[found.index], classes=classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimming:
    """Weights cut to a range, with what was cut shared out among the others."""

    #: Row → its weight before.
    base: Floats
    #: Row → its weight.
    weights: Floats
    #: The range.
    lower: float
    upper: float
    #: Whether weights that the sharing out lifted over the range were cut again.
    strict: bool
    #: How often weights were cut and the rest shared out.
    rounds: int
    #: Rows that were outside the range.
    trimmed: int


def trim_weights(
    weights: ArrayLike, *, lower: float = 0.0, upper: float = math.inf, strict: bool = False
) -> Trimming:
    """Cut weights to a range; what is cut off (or filled up) goes to the others in equal parts.

    The sum of weights stays. As R's `trimWeights`: without *strict* a weight may end outside the range
    because of what it was given.

    >>> [float(weight) for weight in trim_weights([1, 1, 2, 8], upper=5).weights]
    [2.0, 2.0, 3.0, 5.0]

    Args:
        weights: Row → its weight.
        lower: The least a weight may be.
        upper: The most a weight may be.
        strict: Repeat until no weight is outside.

    Raises:
        ColumnError: A weight is missing, negative or no number.
        ArgumentError: A range that is none.
        CalibrationError: All weights are outside, or their mean is: nothing can take what is cut off.
    """
    if not 0 <= lower < upper:
        raise ArgumentError("upper", value=upper, rule=f"must be above lower, {lower}, and lower at least 0")
    base = amounts({"weights": weights}, "weights")
    if not len(base):
        raise ColumnError("weights", rule="empty", value=0)
    _refuse_range(base, lower, upper, strict=strict)
    current, rounds = base, 0
    while (outside := (current < lower) | (current > upper)).any() and (strict or not rounds):
        cut = np.clip(current, lower, upper)
        if rounds and np.allclose(current, cut, rtol=_ROUNDING, atol=0):
            # Weights held at a bound can sway about it by their last digit for ever.
            current = cut
            break
        if outside.all() or rounds == _ROUNDS:
            raise CalibrationError(
                "weights", rule="out_of_range", wanted=(lower, upper), found=float(current.mean())
            )
        current = np.where(outside, cut, cut + (current - cut).sum() / (~outside).sum())
        rounds += 1
    return Trimming(
        base=base,
        weights=current,
        lower=lower,
        upper=upper,
        strict=strict,
        rounds=rounds,
        trimmed=int(((base < lower) | (base > upper)).sum()),
    )


def _refuse_range(base: Floats, lower: float, upper: float, *, strict: bool) -> None:
    """Refuse a strict range that the mean weight lies outside: no weights inside it have this sum."""
    mean = float(base.mean())
    if strict and not lower <= mean <= upper:
        raise CalibrationError("weights", rule="out_of_range", wanted=(lower, upper), found=mean)
