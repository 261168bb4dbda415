"""One set of answers read in every way that is in use, each with its interval, weighted and not.

The official form divides satisfied by valid questionnaires and defines neither, so a survey declares what
satisfied means. What another declaration would have given is shown beside the rate and does not change it:

- `declared`: the declared rule, as a column of its own;
- `overall`: the overall item is in the two best levels;
- `mean`: the mean of the items that were rated is at least the second best level;
- `positive`: the share of ratings in the two best levels, over all items;
- `index`: the mean rating in hundredths of the best (mean × 20 on five levels). It is no proportion: its
  least value is 20 and not 0, and where everybody ticks the second best it is 80 while every other reading is
  100 %. It is compared with no threshold.

A valid questionnaire without any rating counts as not satisfied.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypedDict, Unpack

import numpy as np

from sampling.columns import Floats, Table, numbers, refuse, row_count
from sampling.decision import (
    IntervalVerdict,
    Number,
    TippingPoint,
    interval_rule,
    point_rule,
    tipping_point,
)
from sampling.design import survey_design
from sampling.errors import ArgumentError
from sampling.estimation import Estimate, estimate
from sampling.ratings import Ratings, read_ratings

#: The columns that are estimated, beside those of the design.
_ABOVE, _BELOW, _ONE = "reading: above", "reading: below", "reading: weight 1"


class ReadingDesign(TypedDict, total=False):
    """The columns of the design, as `estimate` takes them."""

    weight: str | None
    stratum: str | None
    psu: str | None
    ssu: str | None
    fpc: str | None
    fpc2: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read the answers."""

    #: `declared`, or a key of `ALTERNATIVES`.
    id: str
    #: `share`, a proportion, or `points`.
    unit: str
    #: What is counted: `questionnaires` or single `ratings`.
    counted: str
    #: Whether answers weigh what they stand for.
    weighted: bool
    #: The value with its interval.
    estimate: Estimate
    #: What the point rule would conclude; None for points.
    outcome: str | None
    #: What the interval rule would conclude; None for points.
    verdict: IntervalVerdict | None
    #: What would flip the point rule; None for points, and where answers are weighted.
    tipping: TippingPoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What readings are judged by."""

    threshold: Number
    silent: int
    level: float
    least_df: int
    lonely: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """What each questionnaire adds above and below the line; NaN in one that does not count."""

    above: Floats
    below: Floats
    unit: str = "share"
    counted: str = "questionnaires"


def readings(
    columns: Table,
    *,
    items: Sequence[str],
    threshold: Number,
    declared: str | None = None,
    valid: str | None = None,
    overall: str | None = None,
    reversed_items: Sequence[str] = (),
    scale: tuple[int, int] = (1, 5),
    silent: int = 0,
    level: float = 0.95,
    least_df: int = 0,
    lonely: str = "fail",
    **design: Unpack[ReadingDesign],
) -> tuple[Reading, ...]:
    """Read one set of answers in every way, each unweighted and, if the design has weights, weighted.

    >>> answers = {"fees": [5, 4, 4, 2, 5, 4], "overall": [4, 4, 5, 3, 3, 5], "school": list("aabbcc")}
    >>> found = readings(
    ...     answers, items=["fees", "overall"], overall="overall", threshold=0.85, psu="school"
    ... )
    >>> {each.id: round(each.estimate.estimate, 3) for each in found}
    {'overall': 0.667, 'mean': 0.833, 'positive': 0.75, 'index': 80.0}
    >>> found[0].outcome, found[0].tipping.answers, found[-1].outcome
    ('not_met', 2, None)

    Args:
        columns: Name → one entry for each questionnaire.
        items: The rating items; None or NaN where there is no rating.
        threshold: From where on the point rule is met.
        declared: A column with the declared rule's answer, 1 satisfied, 0 not, missing where the
            questionnaire does not count.
        valid: A column with 1 where the questionnaire counts and 0 where not; by default all count, or those
            with a declared answer. The others stay in the design.
        overall: The overall item, one of the items.
        reversed_items: Those of the items that say something bad.
        scale: The lowest and the highest code.
        silent: How many were asked and do not count; for the tipping point.
        level: The intervals' level.
        least_df: With fewer degrees of freedom an interval decides nothing.
        lonely: For a stratum with a single primary unit, as for `estimate`.
        design: The columns of the design, as for `estimate`.

    Returns:
        The declared reading first, then the alternatives in their order; of each the unweighted one first.

    Raises:
        ColumnError: A column cannot be used; names column, row and rule.
        LonelyUnitError: A variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: The overall item is none of the items, or another argument breaks its rule.
    """
    if overall is not None and overall not in items:
        raise ArgumentError("overall", value=overall, rule=f"must be among {tuple(items)}")
    named = [name for name in (declared, valid, *design.values()) if isinstance(name, str)]
    rows = row_count(columns, [*items, *named])
    ratings = read_ratings(columns, items=items, reversed_items=reversed_items, scale=scale)
    answer = None if declared is None else _zero_or_one(columns, declared)
    counts = _counting(columns, valid, answer, rows)
    place = None if overall is None else list(items).index(overall)
    sums = {} if answer is None else {"declared": _Sums(above=answer, below=np.ones(rows))}
    sums |= {
        name: make(ratings, place) for name, make in ALTERNATIVES.items() if name != "overall" or overall
    }
    rules = _Rules(threshold=threshold, silent=silent, level=level, least_df=least_df, lonely=lonely)
    weights = survey_design(columns, rows=rows, **design).weight
    weighings = [False, True] if design.get("weight") or design.get("fpc") else [False]
    return tuple(
        _reading(
            name,
            replace(each, above=np.where(counts, each.above, np.nan)),
            {**columns, _ONE: np.ones(rows)},
            {**design, "weight": design.get("weight") if weighted else _ONE},
            weights if weighted else np.ones(rows),
            rules,
            weighted=weighted,
        )
        for name, each in sums.items()
        for weighted in weighings
    )


def _zero_or_one(columns: Table, name: str) -> Floats:
    values = numbers(columns, name)
    refuse(name, ~(np.isnan(values) | (values == 0) | (values == 1)), values, "not_binary")
    return values


def _counting(columns: Table, valid: str | None, answer: Floats | None, rows: int) -> np.ndarray:
    """Return which questionnaires count.

    Raises:
        ColumnError: One that counts and has no declared answer, or is not said to count or not.
    """
    known = np.ones(rows, dtype=bool) if answer is None else ~np.isnan(answer)
    if valid is None:
        return known
    values = _zero_or_one(columns, valid)
    refuse(valid, np.isnan(values), values, "missing")
    refuse(valid, (values == 1) & ~known, values, "needed")
    return values == 1


def _reading(
    name: str,
    sums: _Sums,
    columns: Table,
    design: ReadingDesign,
    weights: Floats,
    rules: _Rules,
    *,
    weighted: bool,
) -> Reading:
    """Estimate one reading and judge it."""
    whole = sums.counted == "questionnaires"
    (found,) = estimate(
        {**columns, _ABOVE: sums.above, _BELOW: sums.below},
        value=_ABOVE,
        denominator=None if whole else _BELOW,
        level=rules.level,
        lonely=rules.lonely,
        **design,
    )
    found = replace(found, value=name)
    outcome = verdict = tipping = None
    if sums.unit == "share":
        known = ~np.isnan(sums.above)
        above, below = (math.fsum((weights * each)[known]) for each in (sums.above, sums.below))
        outcome = point_rule(above, below, threshold=rules.threshold)
        verdict = interval_rule(found, threshold=rules.threshold, least_df=rules.least_df)
        if not weighted:
            silent = rules.silent if whole else 0
            tipping = tipping_point(above, below, threshold=rules.threshold, silent=silent)
    return Reading(
        id=name,
        unit=sums.unit,
        counted=sums.counted,
        weighted=weighted,
        estimate=found,
        outcome=outcome,
        verdict=verdict,
        tipping=tipping,
    )


def _overall(ratings: Ratings, place: int | None) -> _Sums:
    best = ratings.values[:, place] >= ratings.scale[1] - 1
    return _Sums(above=best.reshape(-1).astype(np.float64), below=np.ones(len(ratings.codes)))


def _mean(ratings: Ratings, _: int | None) -> _Sums:
    number = ratings.rated.sum(axis=1)
    satisfied = (number > 0) & (np.nansum(ratings.values, axis=1) >= (ratings.scale[1] - 1) * number)
    return _Sums(above=satisfied.astype(np.float64), below=np.ones(len(number)))


def _positive(ratings: Ratings, _: int | None) -> _Sums:
    positive = (ratings.values >= ratings.scale[1] - 1).sum(axis=1)
    return _Sums(
        above=positive.astype(np.float64),
        below=ratings.rated.sum(axis=1).astype(np.float64),
        counted="ratings",
    )


def _index(ratings: Ratings, _: int | None) -> _Sums:
    return _Sums(
        above=np.nansum(ratings.values, axis=1) * 100 / ratings.scale[1],
        below=ratings.rated.sum(axis=1).astype(np.float64),
        unit="points",
        counted="ratings",
    )


#: Other readings than the declared one, by name: what counts above and below the line.
ALTERNATIVES: Mapping[str, Callable[[Ratings, int | None], _Sums]] = MappingProxyType(
    {"overall": _overall, "mean": _mean, "positive": _positive, "index": _index}
)
