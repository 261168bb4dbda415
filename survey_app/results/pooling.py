"""Who is looked at together: pools of schools, and which details their answers keep.

The promise is that nobody can tell whose an answer is better than by guessing among ten. Schools with fewer
answers are pooled with their neighbours in the stratum, strata with fewer with the next stratum. A detail
(grade band, locality, language, mode, how long it took) is kept by all answers of a pool or by none: it goes
where it would single out fewer than ten of them. A group of fewer than ten answers in all cannot be pooled
with another, since groups answer different questions; its answers keep no detail at all and its figures are
never shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.weights import Pool as SamplingPool
from sampling.weights import pool_psus

#: The least number of answers that look alike.
MINIMUM = 10

#: Details of an answer in the order in which they are worth keeping.
DETAILS = ("grade_band", "locality", "language", "mode", "duration_band")

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

    group: str
    stratum: str
    pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The answers of one pool, or of one group of persons."""

    placed: Placed
    n: int
    keeps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingPlan:
    """Where every answer goes and what it keeps; made once from all of them."""

    #: (group, drawn unit) -> where its answers stand.
    places: Mapping[tuple[str, str], Placed]
    cells: Mapping[Placed, Cell]


def plan_mixing(units: Sequence[DrawnPsu], payloads: Sequence[Mapping[str, Any]]) -> MixingPlan:
    """Pool the drawn *units* (in their order) by the answers that came in, and choose the details to keep."""
    answered = Counter((payload["group"], payload["psu"]) for payload in payloads)
    places: dict[tuple[str, str], Placed] = {}
    for group in dict.fromkeys(unit.group for unit in units):
        places |= _place_group(group, [unit for unit in units if unit.group == group], answered)
    held: dict[Placed, list[Mapping[str, Any]]] = {}
    for payload in payloads:
        held.setdefault(places[payload["group"], payload["psu"]], []).append(payload)
    cells = {
        placed: Cell(placed=placed, n=len(members), keeps=details_kept(members))
        for placed, members in held.items()
    }
    return MixingPlan(places=places, cells=cells)


def details_kept(members: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The details that leave every answer among at least ten with the same ones.

    >>> facts = {"grade_band": "primary", "locality": "town", "language": "zh_CN", "mode": "web"}
    >>> towns = [{**facts, "duration_band": "2_to_10"}] * 12
    >>> details_kept(towns)
    ('grade_band', 'locality', 'language', 'mode', 'duration_band')
    >>> details_kept([*towns, {**towns[0], "language": "en"}])
    ('grade_band', 'locality', 'mode', 'duration_band')
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
