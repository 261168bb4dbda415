"""How unusual a count is among the counts of the other schools: beta-binomial prediction.

Schools differ, so their counts spread more than binomial ones: the chance of a hit is p at the county and
varies between schools with correlation ρ inside them. Both are unknown. Every pair on a grid is weighted by
how well it explains the other schools, and the probability of a count is averaged over them, so that few
schools mean caution. Schools in the highest third tell only that they lie there: the ones that are looked for
shall not set the standard that they are measured by.
"""

from __future__ import annotations

import numpy as np

from sampling.columns import Floats, Indices

#: Up to this share of the schools, from below, counts enter as they are.
_EXACT = 2 / 3

#: What ρ is taken to be before the schools are seen, on average.
_EXPECTED_RHO = 0.05


def excess(hits: Indices, sizes: Indices) -> tuple[Floats, Floats]:
    """Return, for each school, how probable so many hits or more are, and the share expected of it.

    >>> tail, share = excess(np.array([1, 0, 2, 1, 0, 11]), np.array([12, 12, 12, 12, 12, 12]))
    >>> bool(tail[5] < 0.001), bool(tail[2] > 0.1), round(float(share[5]), 2)
    (True, True, 0.09)

    Args:
        hits: Hits of each school.
        sizes: Its questionnaires, at least one.
    """
    alpha, beta, prior = _grid()
    reached, at, exact = np.empty((3, len(alpha), len(hits)))
    for size in np.unique(sizes):
        own = sizes == size
        mass = _masses(int(size), alpha, beta)
        tails = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]
        most = int(np.floor(_boundary(hits, sizes) * size + 1e-9))
        beyond = tails[:, most + 1] if most < size else np.zeros(len(alpha))
        reached[:, own] = tails[:, hits[own]]
        at[:, own] = np.where(hits[own] > most, beyond[:, np.newaxis], mass[:, hits[own]])
    exact = np.log(np.maximum(at, 1e-300))
    others = prior[:, np.newaxis] + exact.sum(axis=1, keepdims=True) - exact
    weights = np.exp(others - others.max(axis=0))
    weights /= weights.sum(axis=0)
    expected = weights.T @ (alpha / (alpha + beta))
    return np.minimum((weights * reached).sum(axis=0), 1.0), expected


def _boundary(hits: Indices, sizes: Indices) -> float:
    return float(np.quantile(hits / sizes, _EXACT, method="lower"))


def _grid() -> tuple[Floats, Floats, Floats]:
    """Return the parameters of the beta distributions, and the logarithm of the weight before any school."""
    odds = np.linspace(-6.5, 4.0, 43)
    rho = np.geomspace(0.002, 0.6, 20)
    odds, rho = (each.reshape(-1) for each in np.meshgrid(odds, rho))
    p = 1 / (1 + np.exp(-odds))
    total = 1 / rho - 1
    # Even on √p's arc (Jeffreys), exponential in ρ; the grid is even in the odds and in log ρ.
    prior = 0.5 * np.log(p * (1 - p)) + np.log(rho) - rho / _EXPECTED_RHO
    return p * total, (1 - p) * total, prior


def _masses(size: int, alpha: Floats, beta: Floats) -> Floats:
    """Return grid × counts from 0 to *size*: the beta-binomial probabilities."""
    from scipy import special

    count = np.arange(size + 1)
    choose = -special.betaln(count + 1, size - count + 1) - np.log(size + 1)
    inside = special.betaln(alpha[:, np.newaxis] + count, beta[:, np.newaxis] + size - count)
    return np.exp(choose + inside - special.betaln(alpha, beta)[:, np.newaxis])
