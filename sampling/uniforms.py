r"""Uniform numbers that anyone can compute again: SHA-256 instead of a random generator.

The uniform number of a unit is SHA-256(*m*) / 2²⁵⁶, a fraction from 0 up to but not including 1, where *m* is
the UTF-8 text of four lines without a line feed at the end:

    seed
    frame digest (64 lower-case hexadecimal digits)
    stage
    unit

No part may hold a line feed, so *m* can be read in one way only. The stage is `GROUP:clusters` for the
start of a systematic selection of schools or lists and `GROUP:start` for that of people, with the stratum's
name as the unit; `GROUP:lists` for classes, with the list as the unit; and `GROUP:places` for people and
for the order of the reserve, with `UNIT#NUMBER` as the unit. A shell computes the same:

    printf '%s\n%s\n%s\n%s' "$SEED" "$FRAME" 'parent:places' 's1#17' | sha256sum
"""

from __future__ import annotations

import hashlib
from fractions import Fraction

from sampling.errors import ArgumentError

#: The numbers of a unit lie below this.
SCALE = 2**256


class Uniforms:
    r"""All uniform numbers that belong to a seed and a frame.

    >>> numbers = Uniforms("2026", frame_digest="00" * 32)
    >>> f"{numbers.number('parent:places', 's1#17'):064x}"[:16]
    '5e32ef2e0726bf92'
    >>> 0 <= numbers.fraction("parent:places", "s1#17") < 1
    True

    Raises:
        ArgumentError: The seed is empty or holds a line feed.
    """

    def __init__(self, seed: str, *, frame_digest: str):
        if not isinstance(seed, str) or not seed.strip() or "\n" in seed:
            raise ArgumentError("seed", value=seed, rule="must be a text of one line")
        self._start = hashlib.sha256(f"{seed}\n{frame_digest}\n".encode())

    def number(self, stage: str, unit: str) -> int:
        """Return the unit's uniform number times 2²⁵⁶, a whole number."""
        running = self._start.copy()
        running.update(f"{stage}\n{unit}".encode())
        return int.from_bytes(running.digest())

    def fraction(self, stage: str, unit: str) -> Fraction:
        """Return the unit's uniform number, exactly."""
        return Fraction(self.number(stage, unit), SCALE)


def seed_commitment(seed: str) -> str:
    """Return the digest of *seed* that can be published before the frame is known.

    >>> seed_commitment("2026")[:16]
    '158a323a7ba44870'
    """
    return hashlib.sha256(seed.encode()).hexdigest()
