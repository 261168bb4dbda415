"""What a draw consists of: strata, clusters, places and the ordered reserve, with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError
from sampling.group_plan import GroupPlan
from sampling.strata import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCluster:
    """A primary sampling unit that was drawn."""

    #: The cluster's id: that of its first unit.
    id: str
    #: The units linked in it.
    units: tuple[str, ...]
    #: People in it.
    size: int
    #: The probability that it was drawn, exact.
    probability: Fraction
    #: Places drawn in it.
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStratum:
    """A stratum with what was drawn in it."""

    #: Its name, unique in the group.
    name: str
    #: People in it.
    size: int
    #: Places drawn in it.
    n: int
    #: Clusters in it; 0 where people are drawn at once.
    clusters: int
    #: The clusters drawn, in the stratum's order.
    drawn: tuple[DrawnCluster, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPlace:
    """One invitation: a place on a counted list."""

    #: The frame unit that holds the place.
    unit: str
    #: The place's number on the unit's list, from 1.
    number: int
    #: The stratum.
    stratum: str
    #: The primary sampling unit: the cluster, or the person where people are drawn at once.
    psu: str
    #: The probability that the cluster was drawn; 1 where people are drawn at once.
    first: Fraction
    #: The probability that the place was drawn, given the drawn clusters.
    second: Fraction

    @property
    def id(self) -> str:
        """The place's id, as it enters its uniform number."""
        return f"{self.unit}#{self.number}"

    @property
    def probability(self) -> Fraction:
        """The product of both stages; its inverse is the base weight."""
        return self.first * self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservePlace:
    """A place that may take the part of one that cannot be reached, in its turn."""

    #: The frame unit that holds the place.
    unit: str
    #: The place's number on the unit's list, from 1.
    number: int
    #: The stratum.
    stratum: str
    #: Whose places it may replace: those of its cluster, or of the stratum where people are drawn at once.
    pool: str
    #: Its turn in the pool, from 1.
    turn: int

    @property
    def id(self) -> str:
        """The place's id, as that of a drawn one."""
        return f"{self.unit}#{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDraw:
    """What was drawn of one group, and how."""

    #: The instruction followed.
    plan: GroupPlan
    #: The attributes that formed the strata.
    by: tuple[str, ...]
    #: Finer strata that were not possible.
    rejected: tuple[Rejection, ...]
    #: The strata, sorted by name.
    strata: tuple[DrawnStratum, ...]
    #: The invitations, by stratum, cluster, unit and number.
    places: tuple[DrawnPlace, ...]
    #: The reserve, by stratum, cluster and turn.
    reserve: tuple[ReservePlace, ...] = ()

    def pool_of(self, place: DrawnPlace) -> str:
        """Return the pool whose reserve may replace *place*."""
        people_at_once = {stratum.name for stratum in self.strata if not stratum.clusters}
        return place.stratum if place.stratum in people_at_once else place.psu


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The draw of all groups."""

    #: The digest of the frame.
    frame_digest: str
    #: The seed.
    seed: str
    #: One for each group, in the plan's order.
    draws: tuple[GroupDraw, ...]
    #: The digest of the seed as published before the frame was known, or None.
    commitment: str | None = None

    def of(self, group: str) -> GroupDraw:
        """Return the draw of *group*.

        Raises:
            ArgumentError: The group was not drawn.
        """
        for draw in self.draws:
            if draw.plan.group == group:
                return draw
        raise ArgumentError("group", value=group, rule="was not drawn")
