"""Permutations within strata, and how far a figure lies out in what they give.

Where schools do not matter, questionnaires could as well have come from any school of their stratum. What a
figure would then be is found by dealing them out anew many times. So far out that hardly any permutation
reaches it, the probability is that of a gamma distribution with the moments of the permutations, as for the
permutation tests of Mielke and Berry.

References:
    Mielke, Berry (2007), Permutation Methods: A Distance Function Approach, 2nd edition, section 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sampling.columns import Floats, Indices

#: Fewer permutations than this beyond a figure are too few to count them.
_COUNTABLE = 10


def permutations(groups: Sequence[Indices], number: int, rng: np.random.Generator, *, size: int) -> Indices:
    """Return permutations × rows: the row whose place each row takes; rows of one group change places.

    Args:
        groups: The rows of each group.
        number: How many permutations.
        rng: Where they come from.
        size: How many rows there are.
    """
    dealt = np.tile(np.arange(size), (number, 1))
    for rows in groups:
        dealt[:, rows] = rng.permuted(np.tile(rows, (number, 1)), axis=1)
    return dealt


def upper_tail(found: Floats, dealt: Floats) -> Floats:
    """Return how probable a figure as high as *found* or higher is; 1 where permutations change nothing.

    Args:
        found: One figure for each school.
        dealt: Permutations × schools.
    """
    from scipy import stats

    mean, spread = dealt.mean(axis=0), dealt.std(axis=0)
    moved = spread > 1e-9 * np.maximum(1.0, np.abs(mean))
    spread = np.where(moved, spread, 1.0)
    z, null = (found - mean) / spread, (dealt - mean) / spread
    skew = np.clip((null**3).mean(axis=0), -2.0, 4.0)
    beyond = (null >= z - 1e-9).sum(axis=0)
    counted = (1 + beyond) / (1 + len(dealt))
    fitted = stats.pearson3.sf(z, skew)
    return np.where(moved, np.where(beyond >= _COUNTABLE, counted, np.minimum(fitted, counted)), 1.0)


def lower_tail(found: float, dealt: Floats) -> float:
    """Return how probable a sum of squares as low as *found* or lower is.

    Args:
        found: The figure, not negative.
        dealt: One figure for each permutation.
    """
    from scipy import stats

    mean, variance = float(dealt.mean()), float(dealt.var())
    if mean <= 0 or variance <= (1e-9 * mean) ** 2:
        return 1.0
    beyond = int((dealt <= found * (1 + 1e-9)).sum())
    counted = (1 + beyond) / (1 + len(dealt))
    if beyond >= _COUNTABLE:
        return counted
    return min(counted, float(stats.gamma.cdf(found, mean**2 / variance, scale=variance / mean)))
