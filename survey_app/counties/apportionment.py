"""Whole numbers shared out so that a total holds exactly."""

from collections.abc import Sequence
from fractions import Fraction


class CannotShareError(ValueError):
    """The total lies outside what the bounds allow."""

    def __init__(self, total: int, lowest: int, highest: int):
        super().__init__(f"{total} cannot be shared between {lowest} and {highest}")
        self.total, self.lowest, self.highest = total, lowest, highest


def apportion(
    total: int,
    weights: Sequence[int],
    *,
    lowest: Sequence[int] | None = None,
    highest: Sequence[int] | None = None,
) -> list[int]:
    """Share *total* in proportion to *weights*, each part within its bounds.

    Parts that would break a bound get the bound and the rest is shared among the others; what is left
    after rounding down goes to the largest remainders. Only integers and fractions are used, so the
    result is the same everywhere.

    >>> apportion(10, [1, 1, 1]), apportion(10, [8, 1, 1], highest=[5, 9, 9])
    ([4, 3, 3], [5, 3, 2])

    Raises:
        CannotShareError: the bounds leave no room for the total.
    """
    low = list(lowest) if lowest is not None else [0] * len(weights)
    high = list(highest) if highest is not None else [max(total, 0)] * len(weights)
    if not sum(low) <= total <= sum(high) or any(a > b for a, b in zip(low, high, strict=True)):
        raise CannotShareError(total, sum(low), sum(high))
    fixed: dict[int, int] = {}
    while True:
        free = [i for i in range(len(weights)) if i not in fixed]
        if not free:
            break
        rest = total - sum(fixed.values())
        weight = sum(weights[i] for i in free)
        shares = {i: Fraction(rest * weights[i], weight) for i in free}
        short = {i: low[i] - shares[i] for i in free if shares[i] < low[i]}
        over = {i: shares[i] - high[i] for i in free if shares[i] > high[i]}
        if not short and not over:
            return _rounded(shares, fixed, len(weights))
        if sum(short.values()) >= sum(over.values()):
            fixed |= {i: low[i] for i in short}
        else:
            fixed |= {i: high[i] for i in over}
    return [fixed[i] for i in range(len(weights))]


def _rounded(shares: dict[int, Fraction], fixed: dict[int, int], count: int) -> list[int]:
    parts = dict(fixed) | {i: int(share) for i, share in shares.items()}
    left = sum(shares.values()) - sum(int(share) for share in shares.values())
    by_remainder = sorted(shares, key=lambda i: (int(shares[i]) - shares[i], i))
    for i in by_remainder[: int(left)]:
        parts[i] += 1
    return [parts[i] for i in range(count)]
