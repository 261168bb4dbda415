"""What findings on a mixed wave are computed from: read once, and no database after that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.results.integrity.sheets import (
    Arrivals,
    GroupSheets,
    PoolKey,
    arrivals,
    group_sheets,
    pool_names,
    registered_shares,
)
from survey_app.results.judging import judge_responses
from survey_app.results.merging import SUMMED
from survey_app.results.models import MixedCell, Pool
from survey_app.results.summing import Sums
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A group of a verification sample beside the wave it checks; None where one of them has no answers."""

    group: str
    #: Pool of the sample → the place it shares with the first wave.
    here: Mapping[str, str]
    before: GroupSheets | None
    again: GroupSheets | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that findings on a mixed wave are computed from; it knows no database any more."""

    wave: Mapping[str, Any]
    scheme_id: str
    verifies: int | None
    rules: Any
    names: Mapping[PoolKey, str]
    groups: Sequence[GroupSheets]
    arrivals: Sequence[Arrivals]
    #: (item, group) → what the registry says of it; absent where it says nothing.
    registered: Mapping[tuple[str, str], Any]
    #: Groups whose answers are kept one by one.
    kept: frozenset[str]
    compared: Sequence[Compared]
    #: Answers that count for the official rate, and those of which only a sum is kept.
    counted: Sequence[Any]
    summed: Sums


def read_material(session: Session, wave: Wave) -> Material:
    """Read everything that findings on a mixed wave are computed from."""
    groups = list(group_sheets(session, wave))
    rules = surveys.rules_of(wave)
    cells = list(session.scalars(sa.select(MixedCell).where(MixedCell.wave_id == wave.id)))
    registered = {
        (fact.item, each.group): found
        for each in groups
        for fact in each.facts
        if (found := registered_shares(session, wave, fact, each.group))
    }
    first = surveys.get_wave(session, wave.verifies_wave_id) if wave.verifies_wave_id is not None else None
    return Material(
        wave={"id": wave.id, "title": wave.title, "county": wave.county_code},
        scheme_id=wave.scheme_id,
        verifies=wave.verifies_wave_id,
        rules=rules,
        names=pool_names(session, wave),
        groups=groups,
        arrivals=list(arrivals(session, wave)),
        registered=registered,
        kept=frozenset(cell.group for cell in cells if not cell.sums),
        compared=list(_compared(session, wave, first)) if first is not None else [],
        counted=[
            each
            for each in judge_responses(session, wave)
            if not each.surplus and (rules.posters == "counted" or not each.by_poster)
        ],
        summed=next((Sums.from_content(cell.sums) for cell in cells if cell.group == SUMMED), Sums()),
    )


def _compared(session: Session, wave: Wave, first: Wave) -> Iterator[Compared]:
    for group, here, there in _common_places(session, wave, first):
        again = {each.group: each for each in group_sheets(session, wave, kept_in=here)}
        before = {each.group: each for each in group_sheets(session, first, kept_in=there)}
        yield Compared(group=group, here=here, before=before.get(group), again=again.get(group))


def _common_places(
    session: Session, wave: Wave, first: Wave
) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Per group, pool -> place of the verification sample and of the first wave.

    Pools of either that share a school are one place, so that both are samples of the same people.
    """
    pools = {
        each.id: {
            (pool.group, pool.psu): pool.pool
            for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == each.id))
            if pool.pool and pool.kept_as in ("", pool.group)
        }
        for each in (wave, first)
    }
    found = []
    for group in GROUPS:
        here = {psu: pool for (name, psu), pool in pools[wave.id].items() if name == group}
        there = {psu: pool for (name, psu), pool in pools[first.id].items() if name == group}
        places: dict[tuple[int, str], str] = {}
        for psu in sorted(here.keys() & there.keys()):
            ends = (0, here[psu]), (1, there[psu])
            known = {places.get(end, end[1]) for end in ends}
            one = min(known)
            places |= dict.fromkeys(ends, one)
            places = {end: one if name in known else name for end, name in places.items()}
        if places:
            found.append(
                (
                    group,
                    {pool: name for (side, pool), name in places.items() if side == 0},
                    {pool: name for (side, pool), name in places.items() if side == 1},
                )
            )
    return found
