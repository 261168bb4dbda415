"""The difference coefficient (差异系数): how unequal schools are, weighted by their pupils.

With amounts X and pupils P of the schools: x = X/P, mean = ΣX/ΣP (the county's ratio, not the mean of
the schools' ratios), S = √(Σ P/ΣP · (x − mean)²), coefficient = S / mean. There is no n − 1.
"""

import math
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.errors import NothingToCompareError

if TYPE_CHECKING:
    import numpy as np


def difference_coefficient(amounts: Sequence[float | Fraction], pupils: Sequence[int]) -> float:
    """Return the pupil-weighted coefficient of variation between schools.

    Args:
        amounts: each school's amount, e.g. books or m².
        pupils: each school's pupils, in the same order; all positive.

    Raises:
        NothingToCompareError: there are no pupils, or nothing is owned by anybody.

    >>> round(difference_coefficient([279, 137, 935, 160, 402], [45, 37, 89, 76, 55]), 3)
    0.515
    """
    squared = squared_coefficient([Fraction(amount) for amount in amounts], pupils)
    return math.sqrt(squared)


def squared_coefficient(amounts: Sequence[Fraction], pupils: Sequence[int]) -> Fraction:
    """Return the square of the difference coefficient, exactly.

    Raises:
        NothingToCompareError: there are no pupils, or nothing is owned by anybody.

    >>> squared_coefficient([Fraction(1), Fraction(3)], [1, 1])
    Fraction(1, 4)
    """
    everyone = sum(pupils)
    if not everyone or not sum(amounts):
        raise NothingToCompareError(len(amounts))
    mean = Fraction(sum(amounts, Fraction(0)), everyone)
    pairs = zip(amounts, pupils, strict=True)
    variance = sum((count * (amount / count - mean) ** 2 for amount, count in pairs), Fraction(0)) / everyone
    return variance / mean**2


def mean_of_roots(squares: Sequence[Fraction]) -> Fraction:
    """Return the mean of the square roots of *squares*, rounded to fifty digits.

    >>> mean_of_roots([Fraction(1, 4), Fraction(4, 25)])
    Fraction(9, 20)
    """
    with localcontext(prec=60):
        roots = [(Decimal(square.numerator) / Decimal(square.denominator)).sqrt() for square in squares]
        mean = sum(roots, Decimal(0)) / len(roots)
        return Fraction(round(mean, 50))


def grouped_coefficients(
    values: "np.ndarray", pupils: "np.ndarray", groups: "np.ndarray", count: int
) -> tuple["np.ndarray", "np.ndarray"]:
    """Return means and difference coefficients of many groups of schools at once.

    Args:
        values: n × k, each school part's value per pupil (or per hundred); nan where unknown.
        pupils: n, the parts' pupils; nan where unknown.
        groups: n, the group of each part, 0 … count − 1 (for example county × stage).
        count: how many groups there are.

    Returns:
        Two arrays count × k: the means and the coefficients; nan where a value of the group is unknown,
        where the group is empty, and for the coefficient where the mean is 0.
    """
    import numpy as np

    means = np.full((count, values.shape[1]), np.nan)
    coefficients = means.copy()
    everyone = np.bincount(groups, weights=pupils, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        for column in range(values.shape[1]):
            value = values[:, column]
            mean = np.bincount(groups, weights=value * pupils, minlength=count) / everyone
            apart = pupils * (value - mean[groups]) ** 2
            variance = np.bincount(groups, weights=apart, minlength=count) / everyone
            means[:, column] = mean
            coefficients[:, column] = np.where(mean > 0, np.sqrt(variance) / mean, np.nan)
    return means, coefficients
