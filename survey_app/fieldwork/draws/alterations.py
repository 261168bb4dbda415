"""What was altered in a frame or a seed, found by putting it right until the published digest comes out.

A digest says that something changed and not what. Where one count of one list was changed, or one character
of the seed, there are few ways to put it right; the one that gives the digest is it, beyond any doubt.
"""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sampling
from sampling.strata import group_by_stratum

#: Characters that a seed is put right with, beside its own.
_LIKELY = string.digits + string.ascii_letters + string.punctuation + " "

#: No more lists are tried than this: the largest counties have about as many in one stratum.
_MOST_LISTS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredList:
    """A list that another frame counts otherwise; None where one frame does not have it."""

    group: str
    unit: str
    certified: int | None
    found: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredCharacter:
    """A character of the seed that stood there otherwise."""

    #: Counted from 1.
    place: int
    certified: str
    found: str


def altered_lists(certified: sampling.Frame, found: sampling.Frame) -> tuple[AlteredList, ...]:
    """Every list that differs between the certified frame and another one."""
    old, new = ({(unit.group, unit.id): unit for unit in frame.units} for frame in (certified, found))
    return tuple(
        AlteredList(group=group, unit=unit, certified=_size(old, group, unit), found=_size(new, group, unit))
        for group, unit in sorted(old.keys() | new.keys())
        if old.get((group, unit)) != new.get((group, unit))
    )


def altered_list(sample: sampling.Sample, found: sampling.Frame) -> AlteredList | None:
    """The one list whose count was changed since *sample* was drawn; None where it was not just one count."""
    tried = 0
    for draw in sample.draws:
        group = draw.plan.group
        people = {stratum.name: stratum.size for stratum in draw.strata}
        for name, units in group_by_stratum(found.of(group), draw.by).items():
            short = people.get(name, 0) - sum(unit.size for unit in units)
            if not short:
                continue
            for unit in units:
                tried += 1
                if tried > _MOST_LISTS:
                    return None
                if unit.size + short >= 0 and _fits(sample, found, unit, unit.size + short):
                    size = unit.size + short
                    return AlteredList(group=group, unit=unit.id, certified=size, found=unit.size)
    return None


def altered_character(seed: str, digest: str) -> AlteredCharacter | None:
    """The one character by which *seed* differs from that with this digest; None where it is not just one."""
    for place, character in enumerate(seed):
        for other in dict.fromkeys(_LIKELY + seed):
            if sampling.seed_commitment(f"{seed[:place]}{other}{seed[place + 1 :]}") == digest:
                return AlteredCharacter(place=place + 1, certified=other, found=character)
    return None


def differing_digits(certified: str, found: str) -> tuple[int, ...]:
    """At which places, counted from 1, two digests of one length differ.

    >>> differing_digits("0aff", "0bff")
    (2,)
    """
    return tuple(_differing(certified, found))


def _differing(certified: str, found: str) -> Iterator[int]:
    for place, (one, other) in enumerate(zip(certified, found, strict=False), start=1):
        if one != other:
            yield place


def _fits(sample: sampling.Sample, frame: sampling.Frame, unit: sampling.FrameUnit, size: int) -> bool:
    units = (replace(unit, size=size) if one is unit else one for one in frame.units)
    return sampling.Frame(units).digest == sample.frame_digest


def _size(units: Mapping[tuple[str, str], sampling.FrameUnit], group: str, unit: str) -> int | None:
    found = units.get((group, unit))
    return None if found is None else found.size
