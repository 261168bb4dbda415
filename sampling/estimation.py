"""Estimates with design-based standard errors and intervals, by domain.

Numbers agree with R's `survey`: Taylor linearisation, finite populations at each of two stages, degrees of
freedom as primary units less strata, both of those the domain occurs in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sampling.calibration import Calibration, weighted
from sampling.columns import Floats, Levels, Table, crossed, levels, numbers, refuse, row_count
from sampling.design import Design, survey_design
from sampling.errors import ArgumentError
from sampling.intervals import METHODS, Basis, beta_interval, degrees_factor
from sampling.linearisation import residual_moments
from sampling.moments import Moments, moments

#: The comparison that gives a design effect: simple random sampling with or without replacement.
DEFF = ("replace", "finite")
STATISTICS = ("mean", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One estimate with its uncertainty; None where it cannot be computed."""

    #: The column estimated, or "numerator/denominator".
    value: str
    #: The domain: column → level. Empty for everybody.
    by: Mapping[str, Any]
    #: Answers.
    n: int
    #: Primary sampling units with an answer.
    psus: int
    #: Degrees of freedom.
    df: int
    #: The mean, proportion, total or ratio.
    estimate: float | None
    #: Its standard error.
    se: float | None
    #: The interval's lower end.
    lower: float | None
    #: The interval's upper end.
    upper: float | None
    #: Design effect: the variance, as a multiple of that of a simple random sample.
    deff: float | None
    #: How the interval was made: `logit`, `beta`, `wilson`, `mean`, or `exact` at 0 and 1.
    method: str
    #: The interval's level.
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """How estimates are to be made."""

    statistic: str
    method: str | None
    level: float
    deff: str

    def __post_init__(self):
        for name, value, known in (
            ("statistic", self.statistic, STATISTICS),
            ("method", self.method, (None, *METHODS)),
            ("deff", self.deff, DEFF),
        ):
            if value not in known:
                raise ArgumentError(name, value=value, rule=f"must be one of {known}")
        if not 0 < self.level < 1:
            raise ArgumentError("level", value=self.level, rule="must lie between 0 and 1")


def estimate(
    columns: Table,
    *,
    value: str | Sequence[str],
    denominator: str | None = None,
    statistic: str = "mean",
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    ssu: str | None = None,
    fpc: str | None = None,
    fpc2: str | None = None,
    calibration: Calibration | None = None,
    by: Sequence[str] = (),
    method: str | None = None,
    level: float = 0.95,
    lonely: str = "fail",
    deff: str = "replace",
) -> list[Estimate]:
    """Estimate means, proportions, totals or ratios of columns, for everybody or by domain.

    Without a design the rows count as a simple random sample. A missing value (None, NaN) leaves its domain
    while its primary unit stays in the design.

    >>> answers = {"satisfied": [1, 1, 0, 1, 1, 1, 0, 1], "school": list("aabbccdd")}
    >>> (rate,) = estimate(answers, value="satisfied", psu="school")
    >>> rate.n, rate.psus, rate.df, rate.estimate, round(rate.se, 4)
    (8, 4, 3, 0.75, 0.1443)
    >>> round(rate.lower, 3), round(rate.upper, 3), rate.method
    (0.206, 0.972, 'logit')

    Args:
        columns: Name → one entry for each row.
        value: The columns to estimate: 0/1 for proportions, or numbers.
        denominator: Estimate the ratio of the value's total to this column's.
        statistic: `mean` or `total`.
        weight: Weights; by default N/n at each stage if *fpc* is given, else 1.
        stratum: Strata.
        psu: Primary sampling units, nested in strata; by default each row is one.
        ssu: Second-stage units, nested in primary units; by default each row is one.
        fpc: The stratum's number of primary units in the population; infinite where it is no matter.
        fpc2: The primary unit's number of second-stage units in the population.
        calibration: Weights fitted to known totals; standard errors know of the fit. Instead of *weight*.
        by: Columns whose combinations form the domains.
        method: `logit` (default for 0/1), `beta`, `wilson` or `mean` (default otherwise).
        level: The interval's level.
        lonely: For a stratum with a single primary unit: `fail`, `remove`, `certainty`, `adjust` or
            `average`.
        deff: Compare with simple random sampling with replacement (`replace`) or without (`finite`).

    Returns:
        One estimate for each value and domain; domains sorted by their levels.

    Raises:
        ColumnError: A column cannot be used; names column, row and rule.
        LonelyUnitError: A variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: An unknown option, or both a weight and a calibration.
    """
    settings = _Settings(statistic=statistic, method=method, level=level, deff=deff)
    values = [value] if isinstance(value, str) else list(value)
    columns, weight = weighted(columns, weight, calibration)
    rows = row_count(columns, [*values, *by, *([denominator] if denominator else [])])
    design_columns = {"weight": weight, "stratum": stratum, "psu": psu, "ssu": ssu, "fpc": fpc, "fpc2": fpc2}
    row_count(columns, [values[0], *(name for name in design_columns.values() if name)])
    design = survey_design(columns, rows=rows, **design_columns)
    domains = _domains(columns, by, rows)
    below = np.ones(rows) if denominator is None else numbers(columns, denominator)
    scan = moments if calibration is None else partial(residual_moments, residuals=calibration.residuals)
    found = []
    for name in values:
        above = numbers(columns, name)
        label = name if denominator is None else f"{name}/{denominator}"
        chosen = _choose_method(name, above, settings, ratio=denominator is not None)
        found.extend(_estimate_one(label, above, below, design, domains, by, scan, lonely, chosen, settings))
    return found


def _domains(columns: Table, by: Sequence[str], rows: int) -> Levels:
    if not by:
        return Levels(index=np.zeros(rows, dtype=np.intp), labels=((),))
    return crossed([levels(columns, name, missing=True) for name in by])


def _choose_method(name: str, values: Floats, settings: _Settings, *, ratio: bool) -> str:
    """Return the interval method; the methods for proportions want 0 and 1.

    Raises:
        ColumnError: Another value, though a method for proportions was asked for.
    """
    other = ~(np.isnan(values) | (values == 0) | (values == 1))
    proportion = settings.statistic == "mean" and not ratio
    if settings.method is None:
        return "logit" if proportion and not other.any() else "mean"
    if settings.method != "mean":
        if not proportion:
            raise ArgumentError("method", value=settings.method, rule="is for proportions only")
        refuse(name, other, values, "not_binary")
    return settings.method


def _estimate_one(
    label: str,
    above: Floats,
    below: Floats,
    design: Design,
    domains: Levels,
    by: Sequence[str],
    scan: Callable[..., Moments],
    lonely: str,
    method: str,
    settings: _Settings,
) -> list[Estimate]:
    """Estimate one column in every domain."""
    valid = ~(np.isnan(above) | np.isnan(below))
    # Measuring from a value near the mean keeps digits when numbers are large beside their spread.
    shift = 0.0
    if method == "mean" and settings.statistic == "mean" and valid.any() and (below == 1).all():
        shift = float(above[valid].mean())
    sums = scan(
        design,
        y=np.where(valid, above - shift * below, 0.0),
        x=np.where(valid, below, 0.0),
        domain=np.where(valid, domains.index, -1),
        domains=len(domains.labels),
        lonely=lonely,
    )
    rows = infer(sums, statistic=settings.statistic, method=method, level=settings.level, deff=settings.deff)
    return listed(rows, label, by, domains.labels, method=method, level=settings.level, shift=shift)


def listed(
    rows: Inference,
    label: str,
    by: Sequence[str],
    domains: Sequence[tuple[Any, ...]],
    *,
    method: str,
    level: float,
    shift: float = 0.0,
) -> list[Estimate]:
    """Return arrays of many *domains* as one record for each.

    Args:
        rows: What was inferred.
        label: The name of the value.
        by: The columns that form the domains.
        domains: Their levels in each domain.
        method: The method that was asked for.
        level: The intervals' level.
        shift: What the values were measured from.
    """
    return [
        Estimate(
            value=label,
            by=dict(zip(by, domain, strict=True)),
            n=int(rows.n[i]),
            psus=int(rows.psus[i]),
            df=int(rows.df[i]),
            estimate=_known(rows.estimate[i] + shift),
            se=_known(rows.se[i]),
            lower=_known(rows.lower[i] + shift),
            upper=_known(rows.upper[i] + shift),
            deff=_known(rows.deff[i]),
            method="exact" if rows.exact[i] else method,
            level=level,
        )
        for i, domain in enumerate(domains)
    ]


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """Estimates of many domains as arrays; NaN where something cannot be computed."""

    n: Floats
    psus: Floats
    df: Floats
    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    deff: Floats
    #: Whether the interval is exact because every answer is the same.
    exact: np.ndarray


def infer(
    sums: Moments,
    *,
    statistic: str = "mean",
    method: str = "logit",
    level: float = 0.95,
    deff: str = "replace",
) -> Inference:
    """Turn moments into estimates, standard errors and intervals; all inference happens here.

    A proportion of 0 or 1 shows no variance, so its interval is the exact one for the effective number of
    answers, (Σw)²/Σw², widened for few primary units, unless everybody was asked.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if statistic == "total":
            point, variance = np.where(sums.n > 0, sums.y, np.nan), sums.yy
        else:
            point = sums.y / sums.x
            variance = (sums.yy - 2 * point * sums.yx + point**2 * sums.xx) / sums.x**2
        se = np.sqrt(np.maximum(variance, 0.0) * sums.strata / sums.measured)
        df = np.maximum(sums.psus - sums.strata, 0)
        exact = np.zeros(len(point), dtype=bool)
        if method != "mean":
            exact = (sums.n > 0) & ((sums.y == 0) | (sums.y == sums.x))
        lower, upper = METHODS[method](Basis(estimate=point, se=se, n=sums.n, df=df, level=level))
        if exact.any():
            size = (sums.w[exact] ** 2 / sums.ww[exact]) * degrees_factor(sums.n[exact], df[exact], level)
            low, high = beta_interval(point[exact], size, level=level)
            known = sums.uncertain[exact] == 0
            lower[exact] = np.where(known, point[exact], low)
            upper[exact] = np.where(known, point[exact], high)
        return Inference(
            n=sums.n,
            psus=sums.psus,
            df=df,
            estimate=point,
            se=se,
            lower=lower,
            upper=upper,
            deff=se**2 / _simple_random(sums, point, statistic, deff),
            exact=exact,
        )


def _simple_random(sums: Moments, point: Floats, statistic: str, deff: str) -> Floats:
    """Return the variance that as many answers of a simple random sample would have; NaN if it is zero."""
    if statistic == "total":
        spread, scale = sums.wyy / sums.w - (sums.y / sums.w) ** 2, sums.w
    else:
        spread = (sums.wyy - 2 * point * sums.wyx + point**2 * sums.wxx) / sums.w
        scale = sums.w / sums.x
    variance = spread * sums.n / (sums.n - 1) * scale**2 / sums.n
    if deff == "finite":
        variance = variance * (sums.w - sums.n) / sums.w
    return np.where(variance > 0, variance, np.nan)
