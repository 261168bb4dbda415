"""Strata of a group that is drawn by schools: as fine as the sample allows, no finer.

Three things are wanted of every stratum: that its places are in proportion to its people, that at least
two schools are drawn, so that the variance can be estimated, and that each drawn school gives at least ten
places, so that nobody can guess whose an answer is. Small schools are linked with their neighbours first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sampling.errors import TooFewError
from sampling.frame import FrameUnit
from sampling.population import check_count
from sampling.quotas import allocate_proportionally

#: Stratum-forming attributes, from the finest choice to the whole county.
CANDIDATES: tuple[tuple[str, ...], ...] = (("band", "locality"), ("band",), ())

#: The order of units inside a stratum: neighbours are linked, and rarely drawn together.
ORDER: tuple[str, ...] = ("band", "locality", "township", "id")

#: The least number of places in a drawn school.
MINIMUM = 10

#: Shares places among strata of so many people.
Share = Callable[[int, Mapping[str, int]], Mapping[str, int]]

#: The name of the stratum that is the whole county.
WHOLE = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A primary sampling unit: a school's list, or several small ones linked together."""

    #: The first unit's id.
    id: str
    #: The linked units, in the stratum's order.
    units: tuple[FrameUnit, ...]

    @property
    def size(self) -> int:
        """How many people it holds."""
        return sum(unit.size for unit in self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Part of a group, with its share of the sample."""

    #: The values of the stratum-forming attributes, joined by "·"; "–" stands for an empty one.
    name: str
    #: Everything that can be drawn, in order.
    clusters: tuple[Cluster, ...]
    #: Places allotted to the stratum.
    n: int
    #: How many clusters are to be drawn.
    draws: int

    @property
    def size(self) -> int:
        """How many people it holds."""
        return sum(cluster.size for cluster in self.clusters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a finer choice of strata was not taken.

    Reasons: `too_few_places` (fewer than *needed* places for the stratum) · `too_few_clusters` (after linking
    its small schools, fewer than *needed* can be drawn).
    """

    #: The attributes of the rejected choice.
    by: tuple[str, ...]
    #: The first stratum that fails.
    stratum: str
    #: Which demand it fails.
    reason: str
    #: What it has.
    found: int
    #: What it would need.
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratification:
    """The chosen strata, and the finer choices that failed."""

    #: The attributes that form the strata; empty for the whole county.
    by: tuple[str, ...]
    #: The strata, sorted by name.
    strata: tuple[Stratum, ...]
    #: Choices tried before, with the reason against each. If the whole county is among them, it was taken
    #: for want of anything coarser.
    rejected: tuple[Rejection, ...]


def stratify(
    units: Sequence[FrameUnit],
    n: int,
    *,
    candidates: Sequence[tuple[str, ...]] = CANDIDATES,
    order: Sequence[str] = ORDER,
    minimum: int = MINIMUM,
    share: Share = allocate_proportionally,
) -> Stratification:
    """Share *n* places among the finest strata in which every one can be estimated.

    Accepted is the first candidate where each stratum that holds anybody draws at least two clusters with
    *minimum* places or more in each. A stratum of a single school cannot draw two; it is accepted if it gets
    *minimum* places, since its school is then taken with certainty and adds no variance between schools.
    The last candidate is taken even if it fails.

    >>> schools = [FrameUnit(group="parent", id=f"s{i}", band="primary", size=300) for i in range(6)]
    >>> lone = FrameUnit(group="parent", id="j", band="junior", size=60)
    >>> chosen = stratify([*schools, lone], 60)
    >>> chosen.by, [(stratum.name, stratum.n, stratum.draws) for stratum in chosen.strata]
    ((), [('all', 60, 6)])
    >>> chosen.rejected[0].stratum, chosen.rejected[0].reason, chosen.rejected[0].found
    ('junior·–', 'too_few_places', 2)

    Args:
        units: The units of one group.
        n: Places in all.
        candidates: Attributes to form strata by, from fine to coarse.
        order: Attributes that order the units inside a stratum.
        minimum: The least number of places in a drawn cluster.
        share: How places are shared among strata: places and stratum → people, to stratum → places.

    Raises:
        TooFewError: The units hold fewer than *n* people.
    """
    check_count("n", n, at_least=1)
    check_count("minimum", minimum, at_least=1)
    people = sum(unit.size for unit in units)
    if n > people:
        raise TooFewError("people", wanted=n, available=people)
    ordered = sorted((u for u in units if u.size), key=lambda unit: [getattr(unit, key) for key in order])
    rejected: list[Rejection] = []
    strata: tuple[Stratum, ...] = ()
    by: tuple[str, ...] = ()
    for by in candidates:
        strata = _form(ordered, n, by, minimum, share)
        against = next(filter(None, (_against(stratum, by, minimum) for stratum in strata)), None)
        if against is None:
            break
        rejected.append(against)
    return Stratification(by=by, strata=strata, rejected=tuple(rejected))


def group_by_stratum(units: Iterable[FrameUnit], by: Sequence[str]) -> dict[str, list[FrameUnit]]:
    """Return stratum → its units in the given order; the strata are sorted by name.

    >>> unit = FrameUnit(group="parent", id="s1", band="primary", size=20)
    >>> list(group_by_stratum([unit], ["band", "locality"])), list(group_by_stratum([unit], []))
    (['primary·–'], ['all'])
    """
    members: dict[str, list[FrameUnit]] = {}
    for unit in units:
        name = "·".join(getattr(unit, key) or "–" for key in by) or WHOLE
        members.setdefault(name, []).append(unit)
    return dict(sorted(members.items()))


def people_in(members: Mapping[str, Sequence[FrameUnit]]) -> dict[str, int]:
    """Return stratum → people in its units."""
    return {name: sum(unit.size for unit in units) for name, units in members.items()}


def _form(
    ordered: Sequence[FrameUnit], n: int, by: Sequence[str], minimum: int, share: Share
) -> tuple[Stratum, ...]:
    """Form the strata of one candidate, leaving out those too small for a single place."""
    members = group_by_stratum(ordered, by)
    places = share(n, people_in(members))
    return tuple(_stratum(name, units, places[name], minimum) for name, units in members.items())


def _stratum(name: str, units: Sequence[FrameUnit], n: int, minimum: int) -> Stratum:
    """Link small units until every cluster can fill its places, and settle how many clusters to draw.

    With n places and m draws a cluster gives at most ⌈n / m⌉ of them. Linking to that size can leave fewer
    than m clusters, which raises it: so m falls until both agree.
    """
    draws = max(1, n // minimum)
    while True:
        clusters = link(units, at_least=-(-n // draws))
        if len(clusters) >= draws:
            return Stratum(name=name, clusters=clusters, n=n, draws=draws if n else 0)
        draws = len(clusters)


def link(units: Sequence[FrameUnit], *, at_least: int) -> tuple[Cluster, ...]:
    """Link neighbouring units into clusters of *at_least* that many people; the rest joins the last one.

    >>> parts = [FrameUnit(group="parent", id=name, size=size) for name, size in zip("abcd", [40, 6, 7, 3])]
    >>> [("+".join(unit.id for unit in one.units), one.size) for one in link(parts, at_least=10)]
    [('a', 40), ('b+c+d', 16)]
    """
    linked: list[list[FrameUnit]] = []
    pending: list[FrameUnit] = []
    for unit in units:
        pending.append(unit)
        if sum(one.size for one in pending) >= at_least:
            linked.append(pending)
            pending = []
    if pending:
        if linked:
            linked[-1].extend(pending)
        else:
            linked.append(pending)
    return tuple(Cluster(id=members[0].id, units=tuple(members)) for members in linked)


def _against(stratum: Stratum, by: tuple[str, ...], minimum: int) -> Rejection | None:
    """Return what speaks against a stratum, or None."""
    single = len({unit.id for cluster in stratum.clusters for unit in cluster.units}) == 1
    needed = minimum if single else 2 * minimum
    if stratum.n < needed:
        return Rejection(by=by, stratum=stratum.name, reason="too_few_places", found=stratum.n, needed=needed)
    if not single and stratum.draws < 2:
        return Rejection(
            by=by, stratum=stratum.name, reason="too_few_clusters", found=stratum.draws, needed=2
        )
    return None
