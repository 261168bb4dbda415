"""Whether two waves differ: the difference of their estimates, with the interval that both designs imply.

Every wave is a draw of its own, so their variances add (`sampling.independent_difference`). Only like is
compared with like: the declared rate where both waves declared the same rules, and a question where it was
put in the same words. Everything is taken from the frozen figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sampling
from sampling.intervals import t_quantile
from survey_app.results.estimating import FEW, LEVEL

#: What may be said of a difference.
HIGHER, LOWER, UNDECIDED, FEW_UNITS = "higher", "lower", "undecided", "few_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure of the later wave less the same figure of the earlier one, in shares of one."""

    key: str
    later: float
    earlier: float
    estimate: float
    se: float
    lower: float
    upper: float
    df: int
    p: float | None
    #: One of the words above.
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two waves side by side."""

    same_rules: bool
    #: The weighted rate under the declared rules; None where the rules differ or one has no interval.
    overall: Difference | None
    groups: tuple[Difference, ...]
    topics: tuple[Difference, ...]
    #: Other readings, which are defined the same in every wave.
    readings: tuple[Difference, ...]
    items: tuple[Difference, ...]
    #: Questions of the later wave that the earlier one did not put in these words; None where its figures are
    #: too old to say.
    left_out: tuple[Mapping[str, Any], ...] | None
    #: Whether a topic's questions are the same in both: topic -> bool.
    same_topics: Mapping[str, bool]


def compare(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> Comparison:
    """Compare the frozen figures of two waves."""
    same_rules = later["rules"]["digest"] == earlier["rules"]["digest"]
    items, left_out = _like_items(later, earlier)
    same_topics = _same_topics(later, earlier)
    return Comparison(
        same_rules=same_rules,
        overall=_one("", later["weighted"], earlier["weighted"]) if same_rules else None,
        groups=_each(_by(later["groups"], "group"), _by(earlier["groups"], "group")) if same_rules else (),
        topics=_each(
            {key: row for key, row in _by(later["topics"], "id").items() if same_topics.get(key, True)},
            _by(earlier["topics"], "id"),
        ),
        readings=_each(_readings(later), _readings(earlier)),
        items=items,
        left_out=left_out,
        same_topics=same_topics,
    )


def difference(key: str, later: Mapping[str, Any], earlier: Mapping[str, Any]) -> Difference | None:
    """The difference of two frozen estimates; None where one has no standard error.

    >>> found = difference("", *({"estimate": p, "se": 0.015, "df": 50, "lower": 0, "upper": 1,
    ...     "n": 500, "psus": 60, "deff": 1, "method": "logit", "level": 0.95} for p in (0.9, 0.84)))
    >>> round(found.estimate, 3), round(found.lower, 3), round(found.upper, 3), found.verdict
    (0.06, 0.018, 0.102, 'higher')
    """
    if any(each["se"] is None or each["df"] is None or each["df"] < 1 for each in (later, earlier)):
        return None
    first, second = _estimate(later), _estimate(earlier)
    found = sampling.independent_difference(first, second, level=LEVEL)
    if found.estimate is None or found.lower is None or found.upper is None or found.se is None:
        return None
    if min(first.df, second.df) < FEW:
        verdict = FEW_UNITS
    else:
        verdict = HIGHER if found.lower > 0 else LOWER if found.upper < 0 else UNDECIDED
    return Difference(
        key=key,
        later=later["estimate"],
        earlier=earlier["estimate"],
        estimate=found.estimate,
        se=found.se,
        lower=found.lower,
        upper=found.upper,
        df=found.df,
        p=found.p,
        verdict=verdict,
    )


def _one(key: str, later: Mapping[str, Any] | None, earlier: Mapping[str, Any] | None) -> Difference | None:
    return difference(key, later, earlier) if later and earlier else None


def _each(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> tuple[Difference, ...]:
    found = (
        _one(key, row["weighted"], earlier[key]["weighted"]) for key, row in later.items() if key in earlier
    )
    return tuple(each for each in found if each is not None)


def _by(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    return {row[name]: row for row in rows}


def _readings(outcome: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The readings that are shares and need no declaration."""
    rows = outcome.get("readings", ())
    return {row["id"]: row for row in rows if row["unit"] == "share" and row["id"] != "declared"}


def _like_items(
    later: Mapping[str, Any], earlier: Mapping[str, Any]
) -> tuple[tuple[Difference, ...], tuple[Mapping[str, Any], ...] | None]:
    if "items" not in later or "items" not in earlier:
        return (), None
    before = {(row["form"], row["same"]): row for row in earlier["items"]}
    found, left_out = [], []
    for row in later["items"]:
        like = before.get((row["form"], row["same"]))
        if like is None:
            left_out.append(row)
            continue
        each = _one(row["id"], row["weighted"], like["weighted"])
        if each is not None:
            found.append(each)
    return tuple(found), tuple(left_out)


def _same_topics(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, bool]:
    """Whether each topic was asked about with the same questions; empty where figures are too old to say."""
    if "items" not in later or "items" not in earlier:
        return {}
    asked = [_questions(outcome["items"]) for outcome in (later, earlier)]
    return {topic: asked[0].get(topic) == asked[1].get(topic) for topic in {*asked[0], *asked[1]}}


def _questions(items: Sequence[Mapping[str, Any]]) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for row in items:
        found.setdefault(row["topic"], set()).add((row["form"], row["same"]))
    return found


def _estimate(stored: Mapping[str, Any]) -> sampling.Estimate:
    """A frozen estimate as `sampling` knows it.

    Where all answers are the same the sample shows no variance; the exact interval's width stands for it.
    """
    found = sampling.Estimate(
        value="",
        by={},
        **{
            name: stored[name]
            for name in ("n", "psus", "df", "estimate", "se", "lower", "upper", "deff", "method", "level")
        },
    )
    if found.se == 0 and found.lower is not None and found.upper is not None and found.upper > found.lower:
        import numpy as np

        width = found.upper - found.lower
        return replace(found, se=width / float(t_quantile(np.array([float(found.df)]), found.level)[0]))
    return found
