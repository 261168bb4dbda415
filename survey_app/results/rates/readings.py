"""What another declaration would have made of the same answers, and how firm the declared one's verdict is.

Side by side stand the declared rule and the readings in use elsewhere, each as a count, unweighted and with
weights, with an interval and with what it would conclude; the declared rules with one of them changed (how
不了解 counts, how groups make one rate); and what would have to be different for another verdict. None of
them replaces the official rate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

import sampling
from evaluation.terms import Bound
from sampling.decision import tipping_point
from survey_app.results.estimating import FEW, LEVEL, LONELY, Estimates, interval_of
from survey_app.results.judging import Judged
from survey_app.results.summing import Sums
from survey_app.surveys.rates import Count, Judgement, count_by_group, official_rate
from survey_app.surveys.rates import alternatives as other_readings
from survey_app.surveys.rules import (
    DONT_KNOW_VALUE,
    SATISFACTION,
    VALIDITY,
    WEIGHTINGS,
    RuleSet,
    judge_satisfaction,
    judge_validity,
    rule_words,
)

#: The declared rule among the readings.
DECLARED = "declared"

#: Columns of the analysis that are no item's.
_SATISFIED, _VALID, _OVERALL = "~satisfied", "~valid", "~overall"


def reading_rows(
    counted: Sequence[Judged],
    summed: Sums,
    estimates: Estimates,
    *,
    total: Count,
    averaged: Fraction | None = None,
    bound: Bound,
) -> list[dict[str, Any]]:
    """Every reading as it is frozen: counts and what they conclude, and both estimates with intervals.

    Args:
        counted: The judged answers that the official rate counts.
        summed: Those that are not kept one by one.
        estimates: Of the answers that stand in the draw.
        total: The official count.
        averaged: The official rate where it is the mean of the groups' rates; no share of all answers
            stands beside it then, nor the interval of one.
        bound: What a rate is compared with.
    """
    estimated = _estimated(estimates, bound)
    declared = _row(DECLARED, None, "share", (total.satisfied, total.valid), estimated, bound)
    if averaged is not None:
        declared |= {"value": _share(averaged), "outcome": _outcome(averaged, bound), "unweighted": None}
    rows = [declared]
    for reading in other_readings(each.judgement for each in counted):
        above, below = summed.readings.get(reading.id, (0, 0))
        counts = reading.above + above, reading.below + below
        label = {"zh": reading.label.zh, "en": reading.label.en}
        rows.append(_row(reading.id, label, reading.unit, counts, estimated, bound))
    return rows


def variant_rows(
    counted: Sequence[Judged], summed: Sums, rules: RuleSet, bound: Bound, *, each_group: bool
) -> list[dict[str, Any]]:
    """The official rate under the declared rules with one of them changed, and what it would conclude.

    Answers that are only summed up keep their declared judgement.

    Args:
        counted: The judged answers that the official rate counts.
        summed: Those that are not kept one by one.
        rules: The declared rules.
        bound: What the rate is compared with.
        each_group: Whether every group's rate is shown, so that their mean gives none away.
    """
    rows = []
    for concern, names in _CONCERNS.items():
        if concern == "weighting" and not each_group:
            continue
        for name in names:
            if name == getattr(rules, concern):
                continue
            other = replace(rules, **{concern: name})
            counts = count_by_group(_judged_anew(counted, other))
            if summed.n:
                counts["~summed"] = summed.count
            rate = official_rate(counts, other)
            total = sum(counts.values(), Count())
            words = rule_words(concern, name, **_facts(other))
            rows.append(
                {
                    "concern": concern,
                    "name": name,
                    "words": {"zh": words.zh, "en": words.en},
                    "valid": total.valid,
                    "satisfied": total.satisfied,
                    "rate": _share(rate),
                    "outcome": _outcome(rate, bound),
                }
            )
    return rows


def tipping_row(total: Count, *, asked: int, bound: Bound, rules: RuleSet) -> dict[str, Any] | None:
    """How many answers would have to be different, and how content the silent; None where rates are averaged.

    Args:
        total: The official count.
        asked: Questionnaires given out.
        bound: What the rate is compared with.
        rules: The declared rules.
    """
    if rules.weighting != "pooled" or bound.comparison != "at_least" or not total.valid:
        return None
    found = tipping_point(
        total.satisfied,
        total.valid,
        threshold=Fraction(bound.threshold),
        silent=max(0, asked - total.valid),
    )
    return {
        "outcome": found.outcome,
        "answers": found.answers,
        "silent": int(found.silent),
        "lowest": _share(found.lowest),
        "highest": _share(found.highest),
        "silent_share": _share(found.silent_share),
        "words": {language: found.sentence(language) for language in ("zh", "en")},
    }


def _judged_anew(counted: Iterable[Judged], rules: RuleSet) -> Iterator[Judgement]:
    for each in counted:
        validity = judge_validity(each.judgement.ratings, rules)
        satisfied = judge_satisfaction(each.judgement.ratings, rules) if validity.valid else None
        yield replace(each.judgement, validity=validity, satisfied=satisfied)


def _row(
    name: str,
    label: Mapping[str, str] | None,
    unit: str,
    counts: tuple[int, int],
    estimated: Mapping[tuple[str, bool], dict[str, Any]],
    bound: Bound,
) -> dict[str, Any]:
    above, below = counts
    value = Fraction(above, below) if below else None
    return {
        "id": name,
        "label": label,
        "unit": unit,
        "counts": [above, below],
        "value": _share(value),
        "outcome": _outcome(value, bound) if unit == "share" else None,
        "unweighted": estimated.get((name, False)),
        "weighted": estimated.get((name, True)),
    }


def _estimated(estimates: Estimates, bound: Bound) -> dict[tuple[str, bool], dict[str, Any]]:
    """Both estimates of every reading, from the answers that stand in the draw."""
    judged = estimates.judged
    if not any(each.valid for each in judged):
        return {}
    items, columns = _rating_columns(judged)
    columns[_SATISFIED] = [int(each.satisfied) if each.valid else None for each in judged]
    columns[_VALID] = [int(each.valid) for each in judged]
    found = sampling.readings(
        {**estimates.columns, **columns},
        items=items,
        declared=_SATISFIED,
        valid=_VALID,
        overall=_OVERALL if _OVERALL in items else None,
        threshold=bound.threshold,
        least_df=FEW,
        level=LEVEL,
        lonely=LONELY,
        weight="weight",
        stratum="stratum",
        psu="psu",
        fpc="stratum_pools",
        fpc2="size",
    )
    rows = {}
    for each in found:
        interval = interval_of(each.estimate, most=1.0 if each.unit == "share" else 100.0)
        rows[each.id, each.weighted] = {
            **asdict(interval),
            "few_units": interval.few_units,
            "verdict": each.verdict.verdict if each.verdict else None,
        }
    return rows


def _rating_columns(judged: Sequence[Judged]) -> tuple[list[str], dict[str, list[Any]]]:
    """Ratings side by side, reversed ones turned: the overall item's, then every further one as it comes.

    Readings look at each questionnaire's own ratings only, so that the second rating of one may stand below
    the second of another, whatever was asked.
    """
    columns: dict[str, list[Any]] = {}
    for number, each in enumerate(judged):
        place = 0
        for item, level in each.judgement.ratings.by_item:
            if level is None:
                continue
            if item.overall and _OVERALL not in columns:
                columns[_OVERALL] = [None] * len(judged)
            if item.overall and columns[_OVERALL][number] is None:
                columns[_OVERALL][number] = level
                continue
            name = f"~rating {place}"
            columns.setdefault(name, [None] * len(judged))[number] = level
            place += 1
    return list(columns), columns


def _outcome(rate: Fraction | None, bound: Bound) -> str:
    return "undetermined" if rate is None else "met" if bound.holds(rate) else "not_met"


def _facts(rules: RuleSet) -> dict[str, str]:
    share = rules.dont_know_below * 100
    return {"limit": f"{share}%" if share.denominator == 1 else str(rules.dont_know_below)} | {
        "level": f"{float(rules.satisfied_from):g}"
    }


def _share(value: Fraction | None) -> list[int] | None:
    return None if value is None else [value.numerator, value.denominator]


#: The rules that are changed one at a time, and what each can be.
_CONCERNS: Mapping[str, Sequence[str]] = {
    "dont_know": tuple(DONT_KNOW_VALUE),
    "validity": tuple(VALIDITY),
    "satisfaction": tuple(SATISFACTION),
    "weighting": WEIGHTINGS,
}
