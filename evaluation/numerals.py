"""Numbers and lists as sentences carry them."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

#: How many places or schools a sentence names before it only counts.
NAMED = 3


def shown(
    value: Fraction | Decimal | float, *, apart_from: Fraction | None = None, percent: bool = False
) -> str:
    """Return a number to be read: two decimals at most, more where it would hide a difference.

    >>> shown(Fraction(44999, 10000), apart_from=Fraction(9, 2))
    '4.4999'
    >>> shown(Fraction(17, 20), percent=True)
    '85%'
    """
    scale = 100 if percent else 1
    exact = Fraction(value) * scale
    rounded = exact
    for digits in range(2, 12):
        rounded = Fraction(math.floor(exact * 10**digits + Fraction(1, 2)), 10**digits)
        if apart_from is None or exact == apart_from * scale or rounded != apart_from * scale:
            break
    text = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}%" if percent else text


def named(words: Sequence[str], language: str, *, counter: str = "项") -> str:
    """Return the first few of *words*, each once, and how many there are.

    >>> named(["甲", "乙", "丙", "丁"], "zh")
    '甲、乙、丙等4项'
    """
    words = list(dict.fromkeys(words))
    joined = ("、" if language == "zh" else ", ").join(words[:NAMED])
    if len(words) <= NAMED:
        return joined
    return (
        f"{joined}等{len(words)}{counter}" if language == "zh" else f"{joined} and {len(words) - NAMED} more"
    )
