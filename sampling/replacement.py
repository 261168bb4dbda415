"""Replacing people who cannot be reached: from the reserve, in its order, with every step on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.drawn import DrawnPlace, GroupDraw, ReservePlace
from sampling.errors import ReplacementError


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One place put in for another."""

    #: The id of the place that is given up.
    place: str
    #: Why, in a word of the survey's own.
    reason: str
    #: The id of the reserve place that takes its part.
    by: str


def replace_place(
    draw: GroupDraw, place: str, *, reason: str, record: Sequence[Replacement] = ()
) -> Replacement:
    """Return the replacement of *place*: the next of the reserve in its pool that *record* has not used.

    A place of the reserve that cannot be reached either is replaced likewise. The new place has the old one's
    part in stratum and cluster; it does not turn refusals into answers, so outcome rates count both.

    Raises:
        ReplacementError: *place* is not in the sample, is replaced already, or its reserve is used up.
    """
    pools = {one.id: draw.pool_of(one) for one in draw.places} | {one.id: one.pool for one in draw.reserve}
    used = {one.by for one in record}
    if place not in {one.id for one in draw.places} | used:
        raise ReplacementError(place, rule="not_drawn")
    if place in {one.place for one in record}:
        raise ReplacementError(place, rule="replaced")
    for candidate in draw.reserve:
        if candidate.pool == pools[place] and candidate.id not in used:
            return Replacement(place=place, reason=reason, by=candidate.id)
    raise ReplacementError(place, rule="exhausted")


def check_replacements(draw: GroupDraw, record: Sequence[Replacement]) -> None:
    """Refuse a record in which anybody was passed over.

    Raises:
        ReplacementError: The first entry that is not what `replace_place` gives after those before it.
    """
    for number, entry in enumerate(record):
        due = replace_place(draw, entry.place, reason=entry.reason, record=record[:number])
        if entry.by != due.by:
            raise ReplacementError(entry.by, rule="out_of_turn", expected=due.by)


def final_places(draw: GroupDraw, record: Sequence[Replacement]) -> tuple[DrawnPlace | ReservePlace, ...]:
    """Return who is in the sample after the replacements, in the order of the places they stand for.

    Raises:
        ReplacementError: The record is not in order.
    """
    check_replacements(draw, record)
    by_id = {one.id: one for one in draw.reserve}
    put_in = {entry.place: entry.by for entry in record}
    final: list[DrawnPlace | ReservePlace] = []
    for place in draw.places:
        last = place.id
        while last in put_in:
            last = put_in[last]
        final.append(place if last == place.id else by_id[last])
    return tuple(final)
