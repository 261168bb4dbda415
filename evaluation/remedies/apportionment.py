"""Amounts shared out in whole steps so that nothing is lost: the largest remainder."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def apportion(total: int, weights: Sequence[Fraction], most: Sequence[int] | None = None) -> list[int]:
    """Share *total* in proportion to *weights*; what rounding down leaves goes to the largest remainders.

    Args:
        total: what is shared out.
        weights: of every receiver; their sum is positive.
        most: what every receiver may get at most, together at least *total*; what would exceed it goes to
            the others by the same rule.

    >>> apportion(10, [Fraction(1, 3)] * 3), apportion(10, [Fraction(1, 2), Fraction(1, 2)], [3, 9])
    ([4, 3, 3], [3, 7])
    """
    limits = [total] * len(weights) if most is None else list(most)
    parts = [0] * len(weights)
    left = total
    while left:
        open_ = [place for place, part in enumerate(parts) if part < limits[place]]
        whole = sum((weights[place] for place in open_), Fraction(0))
        even = not whole
        shares = {
            place: left * (Fraction(1, len(open_)) if even else weights[place] / whole) for place in open_
        }
        given = {place: min(int(share), limits[place] - parts[place]) for place, share in shares.items()}
        remainders = sorted(open_, key=lambda place: (int(shares[place]) - shares[place], place))
        spare = left - sum(int(share) for share in shares.values())
        for place in remainders[:spare]:
            given[place] += parts[place] + given[place] < limits[place]
        for place, amount in given.items():
            parts[place] += amount
        left = total - sum(parts)
    return parts


def apportion_amount(total: Decimal, weights: Sequence[Fraction]) -> list[Decimal]:
    """Share an amount in steps of its last written digit, but at most of a hundredth.

    >>> apportion_amount(Decimal("100"), [Fraction(1, 3)] * 3)
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    exponent = total.as_tuple().exponent
    digits = max(2, -exponent if isinstance(exponent, int) else 2)
    steps = int(total.scaleb(digits))
    return [Decimal(part).scaleb(-digits) for part in apportion(steps, weights)]
