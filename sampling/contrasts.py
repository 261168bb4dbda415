"""Differences between groups and between waves, with the covariance that their design implies.

Groups that share schools vary together: their covariance is that of the schools. So do two waves that asked
in the same schools; stacked in one table they are two groups of it. Waves drawn apart do not: their variances
add.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from sampling.answers import DesignColumns, sampled
from sampling.columns import Floats, Table, numbers
from sampling.errors import ArgumentError
from sampling.estimation import Estimate, estimate
from sampling.intervals import t_quantile
from sampling.linearisation import linearised


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A weighted sum of estimates, such as a difference; None where it cannot be computed."""

    #: The estimates that are compared, in order.
    estimates: tuple[Estimate, ...]
    #: What each is multiplied by.
    coefficients: tuple[float, ...]
    #: How the estimates vary together.
    covariance: tuple[tuple[float | None, ...], ...]
    #: Their sum, times the coefficients.
    estimate: float | None
    #: Its standard error.
    se: float | None
    #: Degrees of freedom: primary units less strata, of all the estimates together.
    df: int
    #: The interval's lower and upper end, by Student's t.
    lower: float | None
    upper: float | None
    #: The estimate in standard errors.
    t: float | None
    #: How often chance alone would show as much, in either direction, if the truth were 0.
    p: float | None
    #: The interval's level.
    level: float


def difference(
    columns: Table,
    *,
    value: str,
    by: str | Sequence[str],
    first: Any,
    second: Any,
    denominator: str | None = None,
    statistic: str = "mean",
    level: float = 0.95,
    lonely: str = "fail",
    **design: Unpack[DesignColumns],
) -> Contrast:
    """Return the estimate of one group less that of another.

    >>> answers = {
    ...     "satisfied": [1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0],
    ...     "group": ["parent", "parent", "teacher"] * 4,
    ...     "school": list("aaabbbcccddd"),
    ... }
    >>> found = difference(
    ...     answers, value="satisfied", by="group", first="parent", second="teacher", psu="school"
    ... )
    >>> found.estimate, round(found.se, 4), found.df, round(found.p, 3)
    (0.375, 0.3146, 3, 0.319)

    Args:
        columns: Name → one entry for each row.
        value: The column to estimate.
        by: The column, or several, that name the groups; that of the wave, for two waves in one table.
        first: The group's level, or a tuple of levels for several columns.
        second: That of the group it is compared with.
        denominator: Compare ratios of the value's total to this column's.
        statistic: `mean` or `total`.
        level: The interval's level.
        lonely: As for `estimate`.
        design: The columns of the design, as for `estimate`.

    Raises:
        ColumnError: A column cannot be used.
        LonelyUnitError: A variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: A group that does not occur, one compared with itself, or an unknown option.
    """
    if first == second:
        raise ArgumentError("second", value=second, rule="must be another group than the first")
    return contrast(
        columns,
        value=value,
        by=by,
        coefficients={first: 1.0, second: -1.0},
        denominator=denominator,
        statistic=statistic,
        level=level,
        lonely=lonely,
        **design,
    )


def contrast(
    columns: Table,
    *,
    value: str,
    by: str | Sequence[str],
    coefficients: Mapping[Any, float],
    denominator: str | None = None,
    statistic: str = "mean",
    level: float = 0.95,
    lonely: str = "fail",
    **design: Unpack[DesignColumns],
) -> Contrast:
    """Return a weighted sum of the estimates of several groups.

    The arguments are those of `difference`; *coefficients* is group → what its estimate is multiplied by.

    Raises:
        ColumnError: A column cannot be used.
        LonelyUnitError: A variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: A group that does not occur, or an unknown option.
    """
    names = [by] if isinstance(by, str) else list(by)
    wanted = {level if isinstance(level, tuple) else (level,): float(c) for level, c in coefficients.items()}
    below_name = [] if denominator is None else [denominator]
    table = sampled(columns, [value, *names, *below_name], lonely=lonely, **design)
    domains = table.domains(names)
    for group in wanted:
        if group not in domains.labels:
            raise ArgumentError("coefficients", value=group, rule=f"must be one of {domains.labels}")
    if not names or not wanted:
        raise ArgumentError("coefficients", value=coefficients, rule="must name groups")
    found = estimate(
        columns,
        value=value,
        denominator=denominator,
        statistic=statistic,
        by=names,
        method="mean",
        level=level,
        lonely=lonely,
        **design,
    )
    places = [domains.labels.index(group) for group in wanted]
    above = numbers(columns, value)
    below = np.ones(table.rows) if denominator is None else numbers(columns, denominator)
    place = np.full(len(domains.labels) + 1, -1, dtype=np.intp)
    place[places] = np.arange(len(places))
    inside = ~np.isnan(above + below) & (place[domains.index] >= 0)
    terms = linearised(
        table.design,
        y=np.where(inside, above, 0.0),
        x=np.where(inside, below, 0.0),
        domain=np.where(inside, place[domains.index], -1),
        domains=len(places),
        statistic=statistic,
    )
    return _contrast(
        [found[i] for i in places],
        np.array([*wanted.values()]),
        table.covariance(terms, inside=inside),
        df=max(table.degrees(inside), 0),
        level=level,
    )


def independent_difference(first: Estimate, second: Estimate, *, level: float | None = None) -> Contrast:
    """Return the difference of two estimates from samples that were drawn apart, such as two waves.

    The variances add, and so do the degrees of freedom, as if the samples were strata of one.

    Args:
        first: An estimate.
        second: The one that is taken off it.
        level: The interval's level; by default that of the first.

    Raises:
        ArgumentError: An impossible level.
    """
    errors = np.array([math.nan if one.se is None else one.se for one in (first, second)])
    return _contrast(
        [first, second],
        np.array([1.0, -1.0]),
        np.diag(errors**2),
        df=first.df + second.df,
        level=first.level if level is None else level,
    )


def _contrast(
    estimates: Sequence[Estimate], coefficients: Floats, covariance: Floats, *, df: int, level: float
) -> Contrast:
    from scipy import special

    if not 0 < level < 1:
        raise ArgumentError("level", value=level, rule="must lie between 0 and 1")
    points = np.array([math.nan if one.estimate is None else one.estimate for one in estimates])
    point = float(coefficients @ points)
    se = float(np.sqrt(max(coefficients @ covariance @ coefficients, 0.0)))
    half = float(t_quantile(np.array([float(df)]), level)[0]) * se
    t = point / se if se else math.nan
    return Contrast(
        estimates=tuple(estimates),
        coefficients=tuple(coefficients.tolist()),
        covariance=tuple(tuple(known(each) for each in row) for row in covariance.tolist()),
        estimate=known(point),
        se=known(se),
        df=df,
        lower=known(point - half),
        upper=known(point + half),
        t=known(t),
        p=known(2 * float(special.stdtr(df, -abs(t)))) if df > 0 else None,
        level=level,
    )


def known(number: float) -> float | None:
    """Return the number, or None if it is none."""
    return number if math.isfinite(number) else None
