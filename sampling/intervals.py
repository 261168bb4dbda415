"""Confidence intervals for proportions and means, as R's `survey` defines them.

All work on arrays of estimates. *quantile* is the half-width of the interval in standard errors: that of
Student's t with the design's degrees of freedom, or of the normal distribution if these are infinite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sampling.columns import Floats

Bounds = tuple[Floats, Floats]


def t_quantile(df: Floats, level: float) -> Floats:
    """Return the two-sided quantile of Student's t; NaN without degrees of freedom.

    >>> [round(float(q), 3) for q in t_quantile(np.array([14, np.inf]), 0.95)]
    [2.145, 1.96]
    """
    from scipy import special

    upper = (1 + level) / 2
    degrees, place = np.unique(np.where(df > 0, df, np.nan), return_inverse=True)
    finite = np.where(np.isinf(degrees), 1.0, degrees)
    quantiles = np.where(np.isinf(degrees), special.ndtri(upper), special.stdtrit(finite, upper))
    return quantiles[place].reshape(np.shape(df))


def mean_interval(estimate: Floats, se: Floats, *, quantile: Floats) -> Bounds:
    """Return estimate ± quantile · se; for a proportion it may leave 0 to 1."""
    return estimate - quantile * se, estimate + quantile * se


def logit_interval(p: Floats, se: Floats, *, quantile: Floats) -> Bounds:
    """Return the interval that is symmetric on the log-odds scale, for 0 < p < 1."""
    odds = np.log(p) - np.log1p(-p)
    half = quantile * se / (p * (1 - p))
    return 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))


def wilson_interval(p: Floats, n: Floats, *, quantile: Floats) -> Bounds:
    """Return Wilson's score interval for *n* independent answers (here: the effective number).

    >>> low, high = wilson_interval(np.array([0.0]), np.array([20.0]), quantile=np.array([1.959964]))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0, 0.1611)
    """
    square = quantile**2 / n
    centre = p + square / 2
    half = np.sqrt(square * (p * (1 - p) + square / 4))
    return (centre - half) / (1 + square), (centre + half) / (1 + square)


def beta_interval(p: Floats, n: Floats, *, level: float) -> Bounds:
    """Return the Clopper–Pearson interval for *n* answers, which need not be whole.

    With the effective number of answers this is the interval of Korn and Graubard; at p = 0 and 1 it is
    exact.

    >>> low, high = beta_interval(np.array([0.0]), np.array([20.0]), level=0.95)
    >>> float(low[0]), round(float(high[0]), 4)
    (0.0, 0.1684)
    """
    from scipy import special

    tail = (1 - level) / 2
    certain = np.isinf(n)
    size = np.where(certain, 1.0, n)
    yes, no = size * p, size * (1 - p)
    low = special.betaincinv(np.where(yes > 0, yes, 1.0), no + 1, tail)
    high = special.betaincinv(yes + 1, np.where(no > 0, no, 1.0), 1 - tail)
    low = np.where(yes > 0, low, np.where(yes == 0, 0.0, np.nan))
    high = np.where(no > 0, high, np.where(no == 0, 1.0, np.nan))
    return np.where(certain, p, low), np.where(certain, p, high)


def degrees_factor(n: Floats, df: Floats, level: float) -> Floats:
    """Return what Korn and Graubard multiply the effective number of answers by: (t(n − 1) / t(df))².

    Few primary units know little about the design effect; the factor widens the interval for that.
    """
    return (t_quantile(n - 1, level) / t_quantile(df, level)) ** 2


def effective_size(p: Floats, se: Floats) -> Floats:
    """Return how many independent answers would have the same variance; infinite if it is zero."""
    variance = se**2
    return np.divide(p * (1 - p), variance, out=np.full_like(p, np.inf), where=variance > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an interval is made from, for many domains."""

    #: Estimates.
    estimate: Floats
    #: Their standard errors.
    se: Floats
    #: Answers.
    n: Floats
    #: Degrees of freedom.
    df: Floats
    #: The interval's level.
    level: float

    @property
    def quantile(self) -> Floats:
        """The half-width in standard errors."""
        return t_quantile(self.df, self.level)

    @property
    def effective(self) -> Floats:
        """How many independent answers would have the same variance."""
        return effective_size(self.estimate, self.se)


#: Interval method → bounds.
METHODS: dict[str, Callable[[Basis], Bounds]] = {
    "logit": lambda basis: logit_interval(basis.estimate, basis.se, quantile=basis.quantile),
    "beta": lambda basis: beta_interval(
        basis.estimate,
        basis.effective * degrees_factor(basis.n, basis.df, basis.level),
        level=basis.level,
    ),
    "wilson": lambda basis: wilson_interval(basis.estimate, basis.effective, quantile=basis.quantile),
    "mean": lambda basis: mean_interval(basis.estimate, basis.se, quantile=basis.quantile),
}
