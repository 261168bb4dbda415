"""Draws of schools and lists with probability proportional to size: people, classes or everybody in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from sampling.drawn import DrawnCluster, DrawnPlace, DrawnStratum, GroupDraw
from sampling.errors import ArgumentError, TooFewError
from sampling.frame import Frame, FrameUnit
from sampling.group_plan import STATED, GroupPlan
from sampling.places import Place, Pool, draw_reserve, places_on, smallest_places
from sampling.quotas import allocate_proportionally
from sampling.selection import inclusion_probabilities, select_smallest, select_systematically
from sampling.strata import Cluster, Share, Stratification, Stratum, group_by_stratum, people_in, stratify
from sampling.uniforms import Uniforms

#: A drawn cluster with its drawn places, and the probability of each given the cluster.
Asked = tuple[DrawnCluster, list[Place], Fraction]


def draw_two_stage(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw schools in strata, then people in the drawn schools.

    Small schools are linked before the draw (see `sampling.strata`), so that no cluster is asked for more
    places than it has people. Places of a stratum that do not divide evenly go to the first of its drawn
    clusters; the probability of a place is then exact given the drawn clusters.
    """
    chosen = strata_for(frame, plan)
    strata, places, pools = [], [], {}
    for stratum in chosen.strata:
        asked = _people_in_clusters(stratum, plan, uniforms)
        strata.append(_drawn_stratum(stratum.name, stratum.clusters, asked))
        by_id = {cluster.id: cluster for cluster in stratum.clusters}
        for cluster, drawn, second in asked:
            places.extend(_places(stratum.name, cluster, drawn, second))
            pools[cluster.id] = _pool(stratum.name, by_id[cluster.id], drawn, plan)
    return GroupDraw(
        plan=plan,
        by=chosen.by,
        rejected=chosen.rejected,
        strata=tuple(strata),
        places=tuple(places),
        reserve=draw_reserve(pools, plan, uniforms),
    )


def strata_for(frame: Frame, plan: GroupPlan) -> Stratification:
    """Return the strata of a draw in two stages, with every cluster that could be drawn in them.

    Raises:
        TooFewError: The group has fewer people than its plan asks for.
    """
    return stratify(
        frame.of(plan.group),
        plan.n,
        candidates=plan.candidates,
        order=plan.order,
        minimum=plan.minimum,
        share=_share_of(plan),
    )


def draw_pps(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw lists with probability proportional to size and ask everybody on them.

    A list so large that its share would reach 1 is certain; the others share what is left.
    """
    return _draw_in_full(frame, plan, uniforms, link=_each_by_itself, lists=_all_lists)


def draw_classes(frame: Frame, plan: GroupPlan, uniforms: Uniforms) -> GroupDraw:
    """Draw schools with probability proportional to size, then classes in them, and ask everybody in these.

    The units of the frame are the classes; those of one school in one stratum are its cluster. A school
    with fewer classes than the plan takes gives all it has.

    Raises:
        ArgumentError: A unit that names no school.
    """
    return _draw_in_full(frame, plan, uniforms, link=_by_school, lists=_some_lists)


def _share_of(plan: GroupPlan) -> Share:
    if plan.allocation == "proportional":
        return allocate_proportionally
    if plan.allocation == STATED or plan.spreads:
        _one_candidate(plan)
    return lambda _, sizes: plan.share(dict(sizes)).n


def _one_candidate(plan: GroupPlan) -> None:
    if len(plan.candidates) > 1:
        rule = "must be one choice where its strata are named"
        raise ArgumentError("candidates", value=plan.candidates, rule=rule)


def _people_in_clusters(stratum: Stratum, plan: GroupPlan, uniforms: Uniforms) -> list[Asked]:
    """Draw a stratum's clusters, share its places equally among them and draw the people."""
    drawn = _draw_clusters(stratum.name, stratum.clusters, stratum.draws, plan, uniforms)
    shares = allocate_proportionally(stratum.n, {one.id: 1 for one, _ in drawn}) if drawn else {}
    found = []
    for cluster, probability in drawn:
        n = shares[cluster.id]
        places = smallest_places(places_on(cluster.units), n, plan, uniforms)
        found.append((_record(cluster, probability, n), places, Fraction(n, cluster.size)))
    return found


def _draw_in_full(
    frame: Frame,
    plan: GroupPlan,
    uniforms: Uniforms,
    *,
    link: Callable[[Sequence[FrameUnit]], list[Cluster]],
    lists: Callable[[Cluster, GroupPlan, Uniforms], list[FrameUnit]],
) -> GroupDraw:
    """Draw clusters in strata and ask whole lists of them."""
    units = sorted(frame.of(plan.group), key=lambda unit: [getattr(unit, key) for key in plan.order])
    members = group_by_stratum((unit for unit in units if unit.size), plan.by)
    clusters = {name: link(inside) for name, inside in members.items()}
    counts = {name: len(inside) for name, inside in clusters.items()}
    if plan.n > (available := sum(counts.values())):
        raise TooFewError(plan.group, wanted=plan.n, available=available)
    shares = plan.share(people_in(members), at_most=counts).n
    strata, places = [], []
    for name, inside in clusters.items():
        asked = []
        for cluster, probability in _draw_clusters(name, inside, shares[name], plan, uniforms):
            taken = lists(cluster, plan, uniforms)
            drawn = places_on(taken)
            share = Fraction(len(taken), len(cluster.units))
            asked.append((_record(cluster, probability, len(drawn)), drawn, share))
        strata.append(_drawn_stratum(name, inside, asked))
        places.extend(place for each in asked for place in _places(name, *each))
    return GroupDraw(plan=plan, by=plan.by, rejected=(), strata=tuple(strata), places=tuple(places))


def _each_by_itself(units: Sequence[FrameUnit]) -> list[Cluster]:
    return [Cluster(id=unit.id, units=(unit,)) for unit in units]


def _by_school(units: Sequence[FrameUnit]) -> list[Cluster]:
    schools: dict[str, list[FrameUnit]] = {}
    for unit in units:
        if not unit.school:
            raise ArgumentError("school", value=unit.id, rule="must be named by every list of classes")
        schools.setdefault(unit.school, []).append(unit)
    return [Cluster(id=classes[0].id, units=tuple(classes)) for classes in schools.values()]


def _all_lists(cluster: Cluster, _: GroupPlan, __: Uniforms) -> list[FrameUnit]:
    return list(cluster.units)


def _some_lists(cluster: Cluster, plan: GroupPlan, uniforms: Uniforms) -> list[FrameUnit]:
    stage = f"{plan.group}:lists"
    return select_smallest(cluster.units, plan.take, number=lambda unit: uniforms.number(stage, unit.id))


def _draw_clusters(
    stratum: str, clusters: Sequence[Cluster], n: int, plan: GroupPlan, uniforms: Uniforms
) -> list[tuple[Cluster, Fraction]]:
    """Draw *n* clusters of a stratum with probability proportional to size, at equal steps."""
    by_id: Mapping[str, Cluster] = {cluster.id: cluster for cluster in clusters}
    probabilities = inclusion_probabilities({key: one.size for key, one in by_id.items()}, n)
    start = uniforms.fraction(f"{plan.group}:clusters", stratum)
    return [(by_id[key], probabilities[key]) for key in select_systematically(probabilities, start=start)]


def _record(cluster: Cluster, probability: Fraction, n: int) -> DrawnCluster:
    return DrawnCluster(
        id=cluster.id,
        units=tuple(unit.id for unit in cluster.units),
        size=cluster.size,
        probability=probability,
        n=n,
    )


def _drawn_stratum(name: str, clusters: Sequence[Cluster], asked: Sequence[Asked]) -> DrawnStratum:
    drawn = tuple(record for record, _, _ in asked)
    return DrawnStratum(
        name=name,
        size=sum(cluster.size for cluster in clusters),
        n=sum(record.n for record in drawn),
        clusters=len(clusters),
        drawn=drawn,
    )


def _places(
    stratum: str, cluster: DrawnCluster, drawn: Sequence[Place], second: Fraction
) -> list[DrawnPlace]:
    return [
        DrawnPlace(
            unit=unit,
            number=number,
            stratum=stratum,
            psu=cluster.id,
            first=cluster.probability,
            second=second,
        )
        for unit, number in drawn
    ]


def _pool(stratum: str, cluster: Cluster, drawn: list[Place], plan: GroupPlan) -> Pool:
    return stratum, places_on(cluster.units) if plan.reserve else (), drawn
