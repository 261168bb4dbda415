"""Covariances of linearised estimates: what contrasts, tests and calibrated weights need beyond the moments.

An estimate varies as the total of its linearised values does: w (y − p x) / Σwx for a mean or ratio p, w y
for a total. Several estimates have a value in each row, and vary together as their totals do. Where weights
were fitted to known totals, only the residuals of the values vary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sampling.columns import Floats, Indices, count, total
from sampling.design import Design, Stage, self_representing
from sampling.moments import Factor, Moments, moments, multipliers

#: What remains of rows × values once known totals are met.
Residuals = Callable[[Floats], Floats]


def covariance(
    design: Design, values: Floats, *, lonely: str = "fail", rows: np.ndarray | None = None
) -> Floats:
    """Return how the totals of *values* vary together, values × values.

    Args:
        design: The sample design.
        values: Rows × values, weighted.
        lonely: One of `sampling.moments.LONELY`.
        rows: Rows with an answer; `average` counts only the strata that they lie in. By default all.

    Raises:
        LonelyUnitError: The variance cannot be estimated and *lonely* does not say what to do.
    """
    design = self_representing(design) if lonely == "certainty" else design
    factor = multipliers(design.first, lonely, number=1)
    answering = np.ones(len(values), dtype=bool) if rows is None else rows
    present = count(design.first.parent[design.first.unit[answering]], len(design.first.labels)) > 0
    measured = (present * factor.measured).sum()
    share = present.sum() / measured if measured else np.nan
    found = _stage_covariance(design.first, values, factor) * share
    if design.second is not None:
        drawn = (design.first.sampled / design.first.population)[design.first.parent]
        second = multipliers(design.second, lonely, number=2, drawn=drawn)
        found = found + _stage_covariance(design.second, values, second)
    return found


def _stage_covariance(stage: Stage, values: Floats, factor: Factor) -> Floats:
    def summed(index: Indices, terms: Floats, size: int) -> Floats:
        return np.stack([total(index, column, size) for column in terms.T], axis=1)

    units = summed(stage.unit, values, len(stage.parent))
    centres = summed(stage.parent, units, len(stage.labels)) * factor.centre[:, np.newaxis]
    deviations = units - centres[stage.parent]
    return deviations.T @ (deviations * factor.k[stage.parent][:, np.newaxis])


def linearised(
    design: Design, *, y: Floats, x: Floats, domain: Indices, domains: int, statistic: str = "mean"
) -> Floats:
    """Return rows × domains: what each row adds to each domain's mean, ratio or total, less its expectation.

    The values are not weighted. A domain without answers has NaN.

    Args:
        design: The sample design.
        y: Row → numerator; 0 where there is no answer.
        x: Row → denominator, 1 for a mean; 0 where there is no answer.
        domain: Row → domain; −1 for none.
        domains: How many domains there are.
        statistic: `mean` or `total`.
    """
    inside = np.equal.outer(domain, np.arange(domains)).astype(np.float64)
    if statistic == "total":
        return inside * y[:, np.newaxis]
    weighted = inside * design.weight[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = x @ weighted
        points = (y @ weighted) / below
        return inside * (y[:, np.newaxis] - np.multiply.outer(x, points)) / below


def residual_moments(
    design: Design,
    *,
    residuals: Residuals,
    y: Floats,
    x: Floats,
    domain: Indices,
    domains: int,
    lonely: str = "fail",
) -> Moments:
    """Return moments whose variance terms are those of the residuals, for weights fitted to known totals.

    The residuals of a domain reach beyond it: a row outside carries what the totals promised of it. The
    arguments are those of `moments`, and *residuals*.
    """
    found = moments(design, y=y, x=x, domain=domain, domains=domains, lonely=lonely)
    terms = np.zeros((3, domains))
    for place in range(domains):
        inside = (domain == place).astype(np.float64)
        values = residuals(np.stack([inside * y, inside * x], axis=1)) * design.weight[:, np.newaxis]
        (yy, yx), (_, xx) = covariance(design, values, lonely=lonely)
        terms[:, place] = yy, yx, xx
    return replace(found, yy=terms[0], yx=terms[1], xx=terms[2], measured=found.strata)
