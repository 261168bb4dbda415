"""An order that differs from person to person and is the same each time for one person.

It is decided by a seed alone, which comes from the person's ticket; no order is ever stored with an answer.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

_Thing = TypeVar("_Thing")


def shuffled(
    things: Sequence[_Thing], seed: str, *, name: Callable[[_Thing], str], stays: Callable[[_Thing], bool]
) -> tuple[_Thing, ...]:
    """Put *things* in the order that *seed* decides; those that *stay* keep their places.

    Each thing's rank is SHA-256 of seed and *name*: the order does not depend on how the others are written.

    >>> shuffled("abcd-", "17", name=str, stays=lambda each: each == "-")
    ('a', 'c', 'b', 'd', '-')
    """
    moving = sorted(
        (each for each in things if not stays(each)),
        key=lambda each: hashlib.sha256(f"{seed}/{name(each)}".encode()).digest(),
    )
    following = iter(moving)
    return tuple(each if stays(each) else next(following) for each in things)
