"""The draw: who is invited, with what probability, from nothing but a seed and a frame.

Clustered groups are drawn in two stages: schools with probability proportional to size by systematic
selection inside strata, then equal numbers of people in each drawn school. Other groups are drawn as
persons, by simple random sampling. All methods consume the numbers of `sampling.uniforms`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError, TooFewError
from sampling.frame import COLUMNS, Frame
from sampling.population import check_count
from sampling.quotas import allocate_proportionally
from sampling.selection import inclusion_probabilities, select_smallest, select_systematically
from sampling.strata import CANDIDATES, MINIMUM, ORDER, WHOLE, Cluster, Rejection, Stratum, stratify
from sampling.uniforms import Uniforms

#: Schools first, then people in them.
TWO_STAGE = "two_stage"
#: People at once.
SIMPLE = "simple"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """How one group is to be drawn.

    Raises:
        ArgumentError: An unknown method or attribute, or a number below 1.
    """

    #: The respondent group.
    group: str
    #: Invitations; not more than the group has people.
    n: int
    #: `two_stage` or `simple`.
    method: str
    #: For two stages: stratum-forming attributes, from fine to coarse.
    candidates: tuple[tuple[str, ...], ...] = CANDIDATES
    #: For two stages: attributes that order the units inside a stratum.
    order: tuple[str, ...] = ORDER
    #: For two stages: the least number of places in a drawn cluster.
    minimum: int = MINIMUM

    def __post_init__(self):
        check_count("n", self.n, at_least=1)
        check_count("minimum", self.minimum, at_least=1)
        if self.method not in (TWO_STAGE, SIMPLE):
            raise ArgumentError("method", value=self.method, rule=f"must be {TWO_STAGE} or {SIMPLE}")
        if not self.candidates:
            raise ArgumentError("candidates", value=self.candidates, rule="must hold one choice or more")
        for name in (*self.order, *(name for by in self.candidates for name in by)):
            if name not in COLUMNS[1:-1]:
                raise ArgumentError("attribute", value=name, rule=f"must be one of {COLUMNS[1:-1]}")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The draw of all groups."""

    #: The digest of the frame.
    frame_digest: str
    #: The seed.
    seed: str
    #: One for each group, in the plan's order.
    draws: tuple[GroupDraw, ...]

    def of(self, group: str) -> GroupDraw:
        """Return the draw of *group*.

        Raises:
            ArgumentError: The group was not drawn.
        """
        for draw in self.draws:
            if draw.plan.group == group:
                return draw
        raise ArgumentError("group", value=group, rule="was not drawn")


def draw_sample(frame: Frame, plan: Sequence[GroupPlan], *, seed: str) -> Sample:
    """Draw every group of *plan* from *frame*.

    Raises:
        FrameFaultsError: The frame has faults, or no people of a planned group.
        TooFewError: A group has fewer people than its plan asks for.
        ArgumentError: A group planned twice, a seed that is not one line.
    """
    groups = [one.group for one in plan]
    if len(set(groups)) != len(groups):
        raise ArgumentError("plan", value=groups, rule="must name each group once")
    frame.require(*groups)
    uniforms = Uniforms(seed, frame_digest=frame.digest)
    draws = tuple(METHODS[one.method](frame, one, uniforms) for one in plan)
    return Sample(frame_digest=frame.digest, seed=seed, draws=draws)


def draw_simple(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw people at once: the places with the smallest uniform numbers of all the group's lists.

    Everybody is taken when the plan asks for as many as there are.
    """
    units = frame.of(plan.group)
    people = sum(unit.size for unit in units)
    if plan.n > people:
        raise TooFewError(plan.group, wanted=plan.n, available=people)
    lists = [(unit.id, number) for unit in units for number in range(1, unit.size + 1)]
    probability = Fraction(plan.n, people)
    places = tuple(
        DrawnPlace(
            unit=unit,
            number=number,
            stratum=WHOLE,
            psu=f"{unit}#{number}",
            first=Fraction(1),
            second=probability,
        )
        for unit, number in _smallest(lists, plan, uniforms)
    )
    stratum = DrawnStratum(name=WHOLE, size=people, n=plan.n, clusters=0, drawn=())
    return GroupDraw(plan=plan, by=(), rejected=(), strata=(stratum,), places=places)


def draw_two_stage(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw schools in strata, then people in the drawn schools.

    Small schools are linked before the draw (see `sampling.strata`), so that no cluster is asked for more
    places than it has people. Places of a stratum that do not divide evenly go to the first of its drawn
    clusters; the probability of a place is then exact given the drawn clusters.
    """
    chosen = stratify(
        frame.of(plan.group), plan.n, candidates=plan.candidates, order=plan.order, minimum=plan.minimum
    )
    strata, places = [], []
    for stratum in chosen.strata:
        drawn = _draw_clusters(stratum, plan, uniforms)
        strata.append(
            DrawnStratum(
                name=stratum.name,
                size=stratum.size,
                n=stratum.n,
                clusters=len(stratum.clusters),
                drawn=tuple(record for _, record in drawn),
            )
        )
        for cluster, record in drawn:
            places.extend(_draw_places(stratum.name, cluster, record, plan, uniforms))
    return GroupDraw(
        plan=plan, by=chosen.by, rejected=chosen.rejected, strata=tuple(strata), places=tuple(places)
    )


def _draw_clusters(
    stratum: Stratum, plan: GroupPlan, uniforms: Uniforms
) -> list[tuple[Cluster, DrawnCluster]]:
    """Draw a stratum's clusters with probability proportional to size and share its places equally."""
    by_id = {cluster.id: cluster for cluster in stratum.clusters}
    probabilities = inclusion_probabilities({key: one.size for key, one in by_id.items()}, stratum.draws)
    start = uniforms.fraction(f"{plan.group}:clusters", stratum.name)
    drawn = select_systematically(probabilities, start=start)
    shares = allocate_proportionally(stratum.n, dict.fromkeys(drawn, 1)) if drawn else {}
    return [
        (
            by_id[key],
            DrawnCluster(
                id=key,
                units=tuple(unit.id for unit in by_id[key].units),
                size=by_id[key].size,
                probability=probabilities[key],
                n=shares[key],
            ),
        )
        for key in drawn
    ]


def _draw_places(
    stratum: str, cluster: Cluster, record: DrawnCluster, plan: GroupPlan, uniforms: Uniforms
) -> list[DrawnPlace]:
    """Draw a cluster's places: those with the smallest uniform numbers."""
    lists = [(unit.id, number) for unit in cluster.units for number in range(1, unit.size + 1)]
    second = Fraction(record.n, record.size)
    return [
        DrawnPlace(
            unit=unit,
            number=number,
            stratum=stratum,
            psu=record.id,
            first=record.probability,
            second=second,
        )
        for unit, number in _smallest(lists, plan, uniforms, n=record.n)
    ]


def _smallest(
    lists: Sequence[tuple[str, int]], plan: GroupPlan, uniforms: Uniforms, *, n: int | None = None
) -> list[tuple[str, int]]:
    stage = f"{plan.group}:places"
    wanted = plan.n if n is None else n
    return select_smallest(
        lists, wanted, number=lambda place: uniforms.number(stage, f"{place[0]}#{place[1]}")
    )


METHODS: dict[str, Callable[[Frame, GroupPlan, Uniforms], GroupDraw]] = {
    TWO_STAGE: draw_two_stage,
    SIMPLE: draw_simple,
}
