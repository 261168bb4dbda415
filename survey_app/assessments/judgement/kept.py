"""Judgements as a run keeps them, for people to read: what was judged, by whom, with which evidence."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evaluation.errors import EvaluationError
from survey_app.assessments.applications.models import Application, ApplicationStep
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.service import VISITS
from survey_app.assessments.judgement.words import title_of
from survey_app.assessments.models import EvaluationRun
from survey_app.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A piece of evidence that a run names."""

    id: int
    title: str
    digest: str
    #: Whether the file is still given out.
    in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A judgement in a run."""

    kind: str
    #: What was judged, in the words of the scheme; its key where no scheme knows it; empty for visits.
    title: str
    #: True, false, points; for visits ``interviewed``, ``satisfied`` and ``visits``.
    value: Any
    level: str
    note: str
    by: str
    at: datetime
    evidence: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """The first signature or return whose run names a piece of evidence."""

    #: Number of the run.
    run: int
    #: Who did it, as they were called then, and when.
    name: str
    at: datetime


def kept_in(session: Session, run: EvaluationRun, lang: str = "zh") -> list[Kept]:
    """The judgements that a run took up, in its order."""
    try:
        asked = asked_by(run.scheme_id, lang)
    except EvaluationError:
        asked = {}
    judged = json.loads(run.judgements, parse_float=Decimal)
    ids = {proof["id"] for each in judged for proof in each["evidence"]}
    in_use = set(
        session.scalars(sa.select(Evidence.id).where(Evidence.id.in_(ids), Evidence.withdrawn_at.is_(None)))
    )
    return [
        Kept(
            kind=each["kind"],
            title=_title(asked, each),
            value=each["value"],
            level=each["level"],
            note=each["note"],
            by=each["by"],
            at=datetime.fromisoformat(each["at"]),
            evidence=tuple(
                Proof(
                    id=proof["id"],
                    title=proof["title"],
                    digest=proof["digest"],
                    in_use=proof["id"] in in_use,
                )
                for proof in each["evidence"]
            ),
        )
        for each in judged
    ]


def sealed_evidence(session: Session, application: Application) -> dict[int, Sealing]:
    """The evidence that runs of an application name which somebody signed or returned, by its number."""
    rows = session.execute(
        sa.select(ApplicationStep, EvaluationRun.number, EvaluationRun.judgements)
        .join(EvaluationRun, EvaluationRun.id == ApplicationStep.run_id)
        .where(ApplicationStep.application_id == application.id)
        .order_by(ApplicationStep.number)
    )
    found: dict[int, Sealing] = {}
    for step, number, judgements in rows:
        for proof in (proof for each in json.loads(judgements) for proof in each["evidence"]):
            found.setdefault(proof["id"], Sealing(run=number, name=step.made_by_name, at=step.made_at))
    return found


def _title(asked: dict[tuple[str, str], Any], judged: dict[str, Any]) -> str:
    if judged["kind"] == VISITS:
        return ""
    known = asked.get((judged["kind"], judged["key"]))
    return title_of(known) if known else judged["key"]
