"""The official rate as it stands, and as it were without the answers of flagged places."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from survey_app.results.counting import demands
from survey_app.results.disclosure import may_show
from survey_app.results.integrity.material import Material
from survey_app.results.merging import SUMMED
from survey_app.surveys.rates import Count, count_by_group, official_rate


def rates_of(material: Material, flagged: set[tuple[Any, ...]]) -> dict[str, Any]:
    """The official rate as it stands, and what it were without the answers of flagged places.

    A mean of the groups' rates stands without satisfied questionnaires: they are not what it is made of.
    """
    rules, bound = material.rules, demands(material.scheme_id).bound
    counted, summed = material.counted, material.summed

    def rate(some: Iterable[Any]) -> dict[str, Any] | None:
        counts = count_by_group(
            replace(each.judgement, group="~poster") if each.by_poster else each.judgement for each in some
        )
        if summed.n:
            counts[SUMMED] = summed.count
        total, found = sum(counts.values(), Count()), official_rate(counts, rules)
        if not may_show(total.valid) or found is None:
            return None
        return {
            "valid": total.valid,
            "satisfied": total.satisfied if rules.weighting == "pooled" else None,
            "rate": [found.numerator, found.denominator],
            "outcome": "met" if bound.holds(Fraction(found)) else "not_met",
        }

    kept = [each for each in counted if (each.group, each.stratum, each.pool) not in flagged]
    gone = sum(each.valid for each in counted) - sum(each.valid for each in kept)
    told = not flagged or may_show(gone)
    return {"with": rate(counted), "without": rate(kept) if told else None, "withheld": not told}
