"""Which figures may be shown: nothing about fewer than ten, nothing that subtraction would reveal."""

from collections.abc import Mapping

#: The least number of answers behind a figure, and the least number left outside a breakdown.
MINIMUM = 10
COMPLEMENT = 3


def withheld(counts: Mapping[str, int]) -> frozenset[str]:
    """The parts of a whole whose figures are withheld, given the answers in each part.

    A part is withheld with fewer than ten answers, or when fewer than three lie outside it. Where the total
    would give a withheld part away, the next smallest goes too.

    >>> sorted(withheld({"parent": 270, "teacher": 45, "deputy": 44, "principal": 4}))
    ['deputy', 'principal']
    >>> sorted(withheld({"parent": 270, "teacher": 45}))
    []
    """
    present = {part: n for part, n in counts.items() if n}
    total = sum(present.values())
    hidden = {part for part, n in present.items() if n < MINIMUM or 0 < total - n < COMPLEMENT}
    shown = sorted((part for part in present if part not in hidden), key=lambda part: (present[part], part))
    while hidden and shown and (len(hidden) < 2 or sum(present[part] for part in hidden) < MINIMUM):
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def may_show(n: int) -> bool:
    """Whether a figure that rests on *n* answers may be shown."""
    return n >= MINIMUM
