"""Replacing a school that cannot take part: by the next of its stratum's reserve, in a fixed order.

The schools that were not drawn stand in an order of their own, which the seed and the frame fix together with
the draw. Each turn takes one of those left with probability proportional to size: with N people in them and
the uniform number u of the turn, the one in whose share of the running sum the place ⌊u·N⌋ lies. The stage is
`GROUP:reserve`, the unit `STRATUM#TURN`; so the order is checked with sha256sum as the draw is, and stands in
no certificate.

The school put in has the old one's part: as many places, and a probability such that it stands for as many
people, π′ = π·N′ / N. For schools drawn with probability proportional to size that is its own. Choosing a
substitute by a fixed rule keeps anybody from picking it; it does not undo the old school's non-response,
so outcome rates count both (AAPOR, Standard Definitions, 10th edition 2023, "substitution").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.clusters import strata_for
from sampling.drawn import DrawnCluster, DrawnPlace, GroupDraw
from sampling.errors import ArgumentError, ReplacementError
from sampling.frame import Frame, FrameUnit
from sampling.group_plan import TWO_STAGE
from sampling.places import places_on, smallest_places
from sampling.replacement import Replacement
from sampling.strata import Cluster
from sampling.uniforms import SCALE, Uniforms


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveCluster:
    """A school, or several small ones linked together, that may take the part of a drawn one in its turn."""

    #: The cluster's id: that of its first unit.
    id: str
    #: The units linked in it.
    units: tuple[FrameUnit, ...]
    #: The stratum whose clusters it may replace.
    stratum: str
    #: Its turn in the stratum, from 1.
    turn: int

    @property
    def size(self) -> int:
        """How many people it holds."""
        return sum(unit.size for unit in self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """A cluster in the part of another one, with its invitations."""

    #: The stratum of both.
    stratum: str
    #: The cluster put in, with the probability that lets it stand for as many people as the old one.
    cluster: DrawnCluster
    #: Its places.
    places: tuple[DrawnPlace, ...]


def school_reserve(draw: GroupDraw, frame: Frame, *, seed: str) -> tuple[ReserveCluster, ...]:
    """Return the clusters of a draw in two stages that were not drawn, by stratum and turn.

    Raises:
        ArgumentError: The group was not drawn in two stages.
    """
    if draw.plan.method != TWO_STAGE:
        raise ArgumentError("method", value=draw.plan.method, rule=f"must be {TWO_STAGE}")
    uniforms = Uniforms(seed, frame_digest=frame.digest)
    drawn = {cluster.id for stratum in draw.strata for cluster in stratum.drawn}
    return tuple(
        ReserveCluster(id=cluster.id, units=cluster.units, stratum=stratum.name, turn=turn)
        for stratum in strata_for(frame, draw.plan).strata
        for turn, cluster in enumerate(
            _in_turn(
                [cluster for cluster in stratum.clusters if cluster.id not in drawn],
                f"{draw.plan.group}:reserve",
                stratum.name,
                uniforms,
            ),
            start=1,
        )
    )


def replace_school(
    draw: GroupDraw,
    cluster: str,
    *,
    reason: str,
    reserve: Sequence[ReserveCluster],
    record: Sequence[Replacement] = (),
) -> Replacement:
    """Return the replacement of *cluster*: the next of its stratum's reserve that *record* has not used.

    Raises:
        ReplacementError: *cluster* is not in the sample, is replaced already, or the reserve is used up.
    """
    strata = {one.id: stratum.name for stratum in draw.strata for one in stratum.drawn}
    used = {one.by for one in record}
    strata |= {one.id: one.stratum for one in reserve if one.id in used}
    if cluster not in strata:
        raise ReplacementError(cluster, rule="not_drawn")
    if cluster in {one.place for one in record}:
        raise ReplacementError(cluster, rule="replaced")
    for candidate in reserve:
        if candidate.stratum == strata[cluster] and candidate.id not in used:
            return Replacement(place=cluster, reason=reason, by=candidate.id)
    raise ReplacementError(cluster, rule="exhausted")


def check_school_replacements(
    draw: GroupDraw, record: Sequence[Replacement], *, reserve: Sequence[ReserveCluster]
) -> None:
    """Refuse a record in which a school was passed over.

    Raises:
        ReplacementError: The first entry that is not what `replace_school` gives after those before it.
    """
    for number, entry in enumerate(record):
        before = record[:number]
        due = replace_school(draw, entry.place, reason=entry.reason, reserve=reserve, record=before)
        if entry.by != due.by:
            raise ReplacementError(entry.by, rule="out_of_turn", expected=due.by)


def substitutes(
    draw: GroupDraw,
    frame: Frame,
    record: Sequence[Replacement],
    *,
    seed: str,
    reserve: Sequence[ReserveCluster] | None = None,
) -> tuple[Substitute, ...]:
    """Return what each entry of *record* puts into the sample, in the record's order.

    Raises:
        ReplacementError: The record is not in order.
    """
    reserve = school_reserve(draw, frame, seed=seed) if reserve is None else reserve
    check_school_replacements(draw, record, reserve=reserve)
    known = {one.id: one for stratum in draw.strata for one in stratum.drawn}
    by_id = {one.id: one for one in reserve}
    uniforms = Uniforms(seed, frame_digest=frame.digest)
    found = []
    for entry in record:
        made = _substitute(draw, known[entry.place], by_id[entry.by], uniforms)
        known[entry.by] = made.cluster
        found.append(made)
    return tuple(found)


def _in_turn(left: list[Cluster], stage: str, stratum: str, uniforms: Uniforms) -> list[Cluster]:
    ordered = []
    while left:
        people = sum(cluster.size for cluster in left)
        place = uniforms.number(stage, f"{stratum}#{len(ordered) + 1}") * people // SCALE
        for at, cluster in enumerate(left):
            if place < cluster.size:
                ordered.append(left.pop(at))
                break
            place -= cluster.size
    return ordered


def _substitute(draw: GroupDraw, old: DrawnCluster, new: ReserveCluster, uniforms: Uniforms) -> Substitute:
    probability = min(Fraction(1), old.probability * Fraction(new.size, old.size))
    places = smallest_places(places_on(new.units), old.n, draw.plan, uniforms)
    return Substitute(
        stratum=new.stratum,
        cluster=DrawnCluster(
            id=new.id,
            units=tuple(unit.id for unit in new.units),
            size=new.size,
            probability=probability,
            n=old.n,
        ),
        places=tuple(
            DrawnPlace(
                unit=unit,
                number=number,
                stratum=new.stratum,
                psu=new.id,
                first=probability,
                second=Fraction(old.n, new.size),
            )
            for unit, number in places
        ),
    )
