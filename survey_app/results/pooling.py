"""Who is looked at together: pools of schools, sets of groups, and which details their answers keep.

The promise is that nobody can tell whose an answer is better than by guessing among ten. Schools with fewer
answers are pooled with their neighbours in the stratum, strata with fewer with the next stratum, and groups
with fewer with another group (`merging`). A detail (grade band, locality, language, mode, how long it took,
which way it came) is kept by all answers of a pool or by none: it goes where it would single out fewer than
ten of them.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.weights import Pool as SamplingPool
from sampling.weights import pool_psus
from survey_app.results.merging import MINIMUM, OUTSIDE, POSTER, SUMMED, SURPLUS, Merged, Source, merge

#: Details of an answer in the order in which they are worth keeping.
DETAILS = ("grade_band", "locality", "language", "mode", "duration_band", "way")

#: Longest names of strata and pools, leaving room for a count.
_NAME = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPsu:
    """A drawn unit in its place: what pooling needs of the design."""

    group: str
    stratum: str
    psu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the answers of a drawn unit stand after the mixing; the pool is empty for groups of persons."""

    #: As the answers name it: a group, a set of groups, or `merging.SUMMED`.
    group: str
    stratum: str
    pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The answers of one pool, of one group of persons, or of a set of groups."""

    placed: Placed
    n: int
    keeps: tuple[str, ...]
    #: Whether its answers are kept one by one, or only summed up.
    one_by_one: bool = True
    #: Whether they figure in anything official; sums of others hold nothing but their number.
    official: bool = True
    #: Whether several groups stand in it: then its answers keep no free text.
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingPlan:
    """Where every answer goes and what it keeps; made once from all of them."""

    #: (group, drawn unit or one of `merging.APART`) -> where its answers stand.
    places: Mapping[tuple[str, str], Placed]
    cells: Mapping[Placed, Cell]


def plan_mixing(
    units: Sequence[DrawnPsu],
    payloads: Sequence[Mapping[str, Any]],
    *,
    alike: Mapping[str, Hashable] | None = None,
    with_posters: bool = False,
) -> MixingPlan:
    """Pool the drawn *units* (in their order) by the answers that came in, and choose the details to keep.

    Args:
        units: the drawn units.
        payloads: what was sealed with each answer.
        alike: what each group was asked; groups with the same value were put the same questions.
        with_posters: whether answers by posters count in the official figures.
    """
    drawn = {(unit.group, unit.psu) for unit in units}
    stands = [stand_of(payload, drawn) for payload in payloads]
    answered = Counter(stands)
    counts = Counter(source_of(*stand) for stand in stands)
    merged = merge(
        counts,
        alike=alike or {},
        clustered={unit.group for unit in units if unit.psu},
        with_posters=with_posters,
    )
    places: dict[tuple[str, str], Placed] = {}
    for group in dict.fromkeys(unit.group for unit in units):
        places |= _place_group(group, [unit for unit in units if unit.group == group], answered)
    for group, psu in answered:
        places.setdefault((group, psu), Placed(group=group, stratum=psu, pool=""))
    places = _merge_places(places, merged)
    held: dict[Placed, list[Mapping[str, Any]]] = {}
    sources: dict[Placed, set[Source]] = {}
    for stand, payload in zip(stands, payloads, strict=True):
        held.setdefault(places[stand], []).append(payload)
        sources.setdefault(places[stand], set()).add(source_of(*stand))
    cells = {placed: _cell(placed, members, sources[placed], merged) for placed, members in held.items()}
    return MixingPlan(places=places, cells=cells)


def stand_of(payload: Mapping[str, Any], drawn: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Where an answer stands: its group with a *drawn* unit, or with one of `merging.APART`.

    >>> drawn = {("parent", "S1")}
    >>> stand_of({"group": "parent", "psu": "S1", "way": "class", "surplus": False}, drawn)
    ('parent', 'S1')
    >>> stand_of({"group": "public", "psu": "", "way": "poster", "surplus": False}, drawn)
    ('public', '~poster')
    """
    group = payload["group"]
    if payload.get("surplus"):
        return group, SURPLUS
    if payload.get("way") == POSTER.removeprefix("~"):
        return group, POSTER
    return (group, payload["psu"]) if (group, payload["psu"]) in drawn else (group, OUTSIDE)


def source_of(group: str, psu: str) -> Source:
    """The source that an answer standing there belongs to."""
    return Source(group=group, apart=psu if psu in (OUTSIDE, POSTER, SURPLUS) else "")


def _merge_places(places: Mapping[tuple[str, str], Placed], merged: Merged) -> dict[tuple[str, str], Placed]:
    """Move the places of groups that are counted together into one."""
    strata: dict[str, list[str]] = {}
    for (group, psu), placed in places.items():
        kept_as = merged.kept_as.get(source_of(group, psu), group)
        if placed.stratum not in strata.setdefault(kept_as, []):
            strata[kept_as].append(placed.stratum)
    moved = {}
    for (group, psu), placed in places.items():
        kept_as = merged.kept_as.get(source_of(group, psu), group)
        if kept_as == SUMMED:
            placed = Placed(group=SUMMED, stratum="", pool="")
        elif kept_as != group:
            placed = Placed(group=kept_as, stratum=_name(strata[kept_as]), pool="")
        moved[group, psu] = placed
    return moved


def _cell(placed: Placed, members: Sequence[Mapping[str, Any]], sources: set[Source], merged: Merged) -> Cell:
    official = not sources & merged.counted_only
    one_by_one = official and placed.group != SUMMED
    return Cell(
        placed=placed,
        n=len(members),
        keeps=details_kept(members) if one_by_one else (),
        one_by_one=one_by_one,
        official=official,
        several=len(sources) > 1,
    )


def details_kept(members: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The details that leave every answer among at least ten with the same ones.

    >>> facts = {"grade_band": "primary", "locality": "town", "language": "zh_CN", "mode": "web"}
    >>> towns = [{**facts, "duration_band": "2_to_10", "way": "drawn"}] * 12
    >>> details_kept(towns)
    ('grade_band', 'locality', 'language', 'mode', 'duration_band', 'way')
    >>> details_kept([*towns, {**towns[0], "language": "en"}])
    ('grade_band', 'locality', 'mode', 'duration_band', 'way')
    """
    kept: tuple[str, ...] = ()
    for detail in DETAILS:
        wider = (*kept, detail)
        alike = Counter(tuple(member[name] for name in wider) for member in members)
        if min(alike.values()) >= MINIMUM:
            kept = wider
    return kept


def _place_group(
    group: str, units: Sequence[DrawnPsu], answered: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], Placed]:
    """Merge strata with few answers, then pool the units inside each."""
    if not any(unit.psu for unit in units):
        return {(group, unit.psu): Placed(group=group, stratum=unit.stratum, pool="") for unit in units}
    strata: dict[str, dict[str, int]] = {}
    for unit in units:
        strata.setdefault(unit.stratum, {})[unit.psu] = answered.get((group, unit.psu), 0)
    totals = {stratum: sum(counts.values()) for stratum, counts in strata.items()}
    placed = {}
    for merged in _gather(totals):
        counts = {psu: n for stratum in merged.psus for psu, n in strata[stratum].items()}
        for pool in _gather(counts):
            where = Placed(group=group, stratum=_name(merged.psus), pool=_name(pool.psus))
            placed |= {(group, psu): where for psu in pool.psus}
    return placed


def _gather(counts: Mapping[str, int]) -> Iterable[SamplingPool]:
    return pool_psus({"": counts}, minimum=MINIMUM).pools


def _name(members: Sequence[str]) -> str:
    """A short name for several: the first one's, and how many are with it."""
    return members[0] if len(members) == 1 else f"{members[0][:_NAME]}+{len(members) - 1}"
