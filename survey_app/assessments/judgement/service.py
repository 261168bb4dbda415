"""What people judged, as a run takes it up: which judgement holds at a level, and where it came from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.judgement.models import Correction, FieldVisit, Judgement

#: The one key under which visits stand in a run's list of judgements.
VISITS = "visits"

#: Kind of judgement -> where the county file keeps it, and what it keeps there.
_PLACES = {
    "attestation": ("attestations", lambda judged: {"met": value_of(judged), **_noted(judged)}),
    "veto": ("vetoes", lambda judged: value_of(judged)),
    "points": ("scores", lambda judged: value_of(judged)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTally:
    """People asked face to face, summed."""

    interviewed: int
    satisfied: int


def with_judgements(
    session: Session, application: Application, *, level: str, document: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Put the judgements that hold at *level* into a county file's *document*, which stays as it is.

    For each attestation, veto and sub-point the last judgement of the level itself holds; where the level
    entered none, the last one of the nearest lower level that did (self-evaluation is the lowest). A
    judgement that was taken back counts as the last one too: then the county file's own word stands again.
    Visits are those of the level itself, or of the nearest lower level that made any; their sums stand in
    place of the file's own. Higher levels never count.

    Returns:
        The document with ``attestations``, ``vetoes``, ``scores`` and ``recognition`` filled in, and for
        each judgement in it ``kind, key, value, level, note, by, at, evidence`` (a list of ``id, digest,
        title``); visits come last, one entry each level, their value ``{interviewed, satisfied, visits}``.
    """
    held = sorted(
        holding(judgements_of(session, application), level=level).values(),
        key=lambda judged: (judged.kind, judged.key),
    )
    merged = dict(document)
    entered = [judged for judged in held if value_of(judged) is not None]
    for judged in entered:
        place, write = _PLACES[judged.kind]
        merged[place] = {**(merged.get(place) or {}), judged.key: write(judged)}
    origins = [_origin(judged) for judged in entered]
    visits = holding_visits(visits_of(session, application), level=level)
    if visits:
        merged["recognition"] = {**(merged.get("recognition") or {}), **_visit_tallies(visits)}
        origins.append(_visits_origin(visits))
    return merged, origins


def open_corrections(
    session: Session, application: Application, *, level: str | None = None
) -> list[Correction]:
    """The requests for correction that wait for an answer or for a decision on it, by number.

    Args:
        session: where to read.
        application: whose requests.
        level: only those that this level asked for.
    """
    wanted = [Correction.application_id == application.id, Correction.decided_at.is_(None)]
    if level is not None:
        wanted.append(Correction.level == level)
    return list(session.scalars(sa.select(Correction).where(*wanted).order_by(Correction.number)))


def judgements_of(session: Session, application: Application) -> list[Judgement]:
    """Every judgement of an application with its evidence, in the order they were entered."""
    return list(
        session.scalars(
            sa.select(Judgement)
            .where(Judgement.application_id == application.id)
            .order_by(Judgement.id)
            .options(selectinload(Judgement.evidence))
        )
    )


def visits_of(session: Session, application: Application) -> list[FieldVisit]:
    """Every visit of an application, withdrawn ones too, by day."""
    return list(
        session.scalars(
            sa.select(FieldVisit)
            .where(FieldVisit.application_id == application.id)
            .order_by(FieldVisit.visited_on, FieldVisit.id)
        )
    )


def levels_up_to(level: str) -> tuple[str, ...]:
    """The levels that count at *level*: itself, then the lower ones, the nearest first.

    >>> levels_up_to("review")
    ('review', 'self_evaluation')
    """
    return tuple(reversed(LEVELS[: LEVELS.index(level) + 1]))


def holding(judgements: Iterable[Judgement], *, level: str) -> dict[tuple[str, str], Judgement]:
    """The judgement that holds at *level* for each (kind, key), from *judgements* in the order entered.

    One that holds may have been taken back (its value is null).
    """
    last = {(judged.level, judged.kind, judged.key): judged for judged in judgements}
    held: dict[tuple[str, str], Judgement] = {}
    for own in levels_up_to(level):
        for (of, kind, key), judged in last.items():
            if of == own:
                held.setdefault((kind, key), judged)
    return held


def holding_visits(visits: Sequence[FieldVisit], *, level: str) -> list[FieldVisit]:
    """The visits that hold at *level*; withdrawn ones never do."""
    made = [visit for visit in visits if visit.withdrawn_at is None]
    for own in levels_up_to(level):
        if of_level := [visit for visit in made if visit.level == own]:
            return of_level
    return []


def value_of(judged: Judgement) -> bool | int | Decimal | None:
    """What was judged: true or false, points, or None where it was taken back."""
    return json.loads(judged.value, parse_float=Decimal)


def tally_of(visits: Iterable[FieldVisit]) -> VisitTally:
    """How many people were asked on *visits*, and how many of them were satisfied."""
    counted = list(visits)
    return VisitTally(
        interviewed=sum(visit.interviewed for visit in counted),
        satisfied=sum(visit.satisfied for visit in counted),
    )


def _noted(judged: Judgement) -> dict[str, str]:
    return {"note": judged.note} if judged.note else {}


def _visit_tallies(visits: Sequence[FieldVisit]) -> dict[str, dict[str, int]]:
    """The visits as form VI counts them: all people, and the parents among them."""
    tallies = {
        "visits": tally_of(visits),
        "visited_parents": tally_of(visit for visit in visits if visit.group == "parent"),
    }
    return {
        name: {"valid": tally.interviewed, "satisfied": tally.satisfied} for name, tally in tallies.items()
    }


def _origin(judged: Judgement) -> dict[str, Any]:
    return {
        "kind": judged.kind,
        "key": judged.key,
        "value": value_of(judged),
        "level": judged.level,
        "note": judged.note,
        "by": judged.made_by,
        "at": judged.made_at.isoformat(),
        "evidence": [
            {"id": each.id, "digest": each.digest, "title": each.title}
            for each in judged.evidence
            if each.withdrawn_at is None
        ],
    }


def _visits_origin(visits: Sequence[FieldVisit]) -> dict[str, Any]:
    latest, tally = max(visits, key=lambda visit: visit.made_at), tally_of(visits)
    return {
        "kind": VISITS,
        "key": VISITS,
        "value": {
            "interviewed": tally.interviewed,
            "satisfied": tally.satisfied,
            "visits": len(visits),
        },
        "level": latest.level,
        "note": "",
        "by": latest.made_by,
        "at": latest.made_at.isoformat(),
        "evidence": [],
    }
