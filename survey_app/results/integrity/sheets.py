"""The answers of a mixed wave as the tests of integrity read them: by group, pool by pool."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from sampling.integrity import Sheets, read_sheets
from survey_app.counties import service as counties
from survey_app.fieldwork.models import Batch, Burst, DrawnUnit, EntryPoint, Invitation, PointBurst
from survey_app.results.integrity.declared import Fact, declared
from survey_app.results.judging import questionnaires_of
from survey_app.results.merging import APART
from survey_app.results.models import Pool, Response
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire import LEVELS, Item, Questionnaire

#: Column of the duration bands; those of facts have the names of their items.
DURATION = "~duration"

#: A pool on the responses: group, stratum, pool.
PoolKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSheets:
    """The answers of a group that is reached through schools."""

    group: str
    sheets: Sheets
    #: Whether any of its answers keeps how long it took.
    timed: bool
    reversed_items: bool
    #: Facts that its questionnaire asks for.
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Questionnaires by batch (or class's code) and ten-minute bucket, of one group."""

    group: str
    columns: Mapping[str, list[Any]]
    #: Label of a batch -> what it is called, and where its answers stand.
    names: Mapping[str, str]
    pools: Mapping[str, PoolKey | None] = field(default_factory=dict)


def group_sheets(
    session: Session, wave: Wave, *, kept_in: Mapping[str, str] | None = None
) -> list[GroupSheets]:
    """The answers of each group that stand in a pool of schools, in the groups' order.

    Args:
        session: where they are read.
        wave: a mixed wave.
        kept_in: pool -> another name for it; pools without one are left out. By default their own names.
    """
    rows = session.execute(
        sa.select(
            Response.group,
            Response.stratum,
            Response.pool,
            Response.duration_band,
            Response.questionnaire_version_id,
            Response.answers,
        )
        .where(Response.wave_id == wave.id, Response.pool.is_not(None), Response.surplus.is_(False))
        .order_by(Response.id)
    ).all()
    questionnaires = questionnaires_of(session, {row.questionnaire_version_id for row in rows})
    found = []
    for group in GROUPS:
        own = [row for row in rows if row.group == group and (kept_in is None or row.pool in kept_in)]
        if own:
            found.append(_sheets(group, own, questionnaires, kept_in))
    return found


def _sheets(
    group: str,
    rows: list[Any],
    questionnaires: Mapping[int, Questionnaire],
    kept_in: Mapping[str, str] | None,
) -> GroupSheets:
    version = max({row.questionnaire_version_id for row in rows})
    questionnaire = questionnaires[version]
    parts = [part for item in questionnaire.items_for(group) for part in item.parts]
    scale = [part for part in parts if part.kind == "scale"]
    facts = tuple(
        fact
        for fact in declared().facts
        if group in fact.groups and any(part.id == fact.item for part in parts)
    )
    answers = [json.loads(row.answers) for row in rows]
    columns: dict[str, list[Any]] = {
        "~stratum": [row.stratum if kept_in is None else "" for row in rows],
        "~pool": [row.pool if kept_in is None else kept_in[row.pool] for row in rows],
        DURATION: [row.duration_band or None for row in rows],
        **{part.id: [_code(part, given) for given in answers] for part in scale},
        **{fact.item: [given.get(fact.item) for given in answers] for fact in facts},
    }
    turned = [part.id for part in scale if part.reversed]
    return GroupSheets(
        group=group,
        sheets=read_sheets(
            columns,
            items=[part.id for part in scale],
            school="~pool",
            stratum="~stratum",
            reversed_items=turned,
            beside=[DURATION, *(fact.item for fact in facts)],
        ),
        timed=any(columns[DURATION]),
        reversed_items=bool(turned),
        facts=facts,
    )


def _code(part: Item, given: Mapping[str, str]) -> int | None:
    """The level as it was ticked; None where there is none."""
    return LEVELS.get(given.get(part.id, ""))


def pool_names(session: Session, wave: Wave) -> dict[PoolKey, str]:
    """What each pool of schools is called: its schools, in the order in which they were pooled."""
    names = {school["code"]: school["name"] for school in counties.document_of(wave.county_file)["schools"]}
    called: dict[PoolKey, list[str]] = {}
    for pool, unit in _drawn(session, wave):
        school = names.get(unit.school_code or "", unit.school_code or unit.psu)
        called.setdefault((pool.kept_as or pool.group, pool.stratum, pool.pool), []).append(school)
    return {key: "、".join(dict.fromkeys(schools)) for key, schools in called.items() if key[2]}


def registered_shares(session: Session, wave: Wave, fact: Fact, group: str) -> dict[str, dict[str, float]]:
    """Pool -> statement -> its registered share; pools with a school that registers nothing are left out."""
    schools = {each["code"]: each for each in counties.document_of(wave.county_file)["schools"]}
    parts: dict[str, list[tuple[int, Fraction | None]]] = {}
    for pool, unit in _drawn(session, wave):
        if pool.group == group and pool.pool:
            attested = schools.get(unit.school_code or "", {}).get("attestations", {})
            parts.setdefault(pool.pool, []).append((unit.size, _registered(attested.get(fact.registered))))
    shares = {}
    for pool, members in parts.items():
        people = sum(size for size, _ in members)
        if people and all(share is not None for _, share in members):
            share = float(sum((size * (each or 0) for size, each in members), Fraction(0)) / people)
            shares[pool] = {fact.stated: share, fact.otherwise: 1 - share}
    return shares


def _registered(value: Any) -> Fraction | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        share = Fraction(str(value))
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def _drawn(session: Session, wave: Wave) -> list[tuple[Pool, DrawnUnit]]:
    """Each drawn unit with the pool it was counted in, in the order of the draw."""
    rows = session.execute(
        sa.select(Pool, DrawnUnit)
        .join(
            DrawnUnit,
            sa.and_(
                DrawnUnit.wave_id == Pool.wave_id, DrawnUnit.group == Pool.group, DrawnUnit.psu == Pool.psu
            ),
        )
        .where(Pool.wave_id == wave.id, Pool.psu.not_in(("", *APART)))
        .order_by(DrawnUnit.group, DrawnUnit.stratum, DrawnUnit.position)
    ).all()
    return [(row[0], row[1]) for row in rows]


def arrivals(session: Session, wave: Wave) -> list[Arrivals]:
    """When questionnaires came in, by group: batches of cards, and the codes of classes and villages."""
    pools: dict[tuple[str, str], PoolKey | None] = {
        (pool.group, pool.psu): (pool.kept_as or pool.group, pool.stratum, pool.pool) if pool.pool else None
        for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == wave.id))
    }
    cards = session.execute(
        sa.select(Batch.group, Batch.position, Batch.place, Burst.bucket, Burst.n)
        .join(Burst, Burst.batch_id == Batch.id)
        .where(Batch.wave_id == wave.id)
        .order_by(Batch.position, Burst.bucket)
    ).all()
    units = {
        row.position: row.psu
        for row in session.execute(
            sa.select(Batch.position, sa.func.min(Invitation.psu).label("psu"))
            .join(Invitation, Invitation.batch_id == Batch.id)
            .where(Batch.wave_id == wave.id)
            .group_by(Batch.position)
            .having(sa.func.min(Invitation.psu) == sa.func.max(Invitation.psu))
        )
    }
    codes = session.execute(
        sa.select(EntryPoint, PointBurst.bucket, PointBurst.n)
        .join(PointBurst, PointBurst.entry_point_id == EntryPoint.id)
        .where(EntryPoint.wave_id == wave.id, EntryPoint.kind == "class")
        .order_by(EntryPoint.number, PointBurst.bucket)
    ).all()
    found = []
    for group in GROUPS:
        rows = [
            (
                f"card {each.position:05}",
                each.place,
                pools.get((group, units.get(each.position, ""))),
                *each[3:],
            )
            for each in cards
            if each.group == group
        ] + [
            (f"code {point.number:05}", point.place, pools.get((group, point.psu)), bucket, n)
            for point, bucket, n in codes
            if point.quota_cell.group == group
        ]
        if rows:
            found.append(
                Arrivals(
                    group=group,
                    columns={
                        "batch": [row[0] for row in rows],
                        "bucket": [row[3].isoformat() for row in rows],
                        "n": [row[4] for row in rows],
                    },
                    names={row[0]: row[1] for row in rows},
                    pools={row[0]: row[2] for row in rows},
                )
            )
    return found
