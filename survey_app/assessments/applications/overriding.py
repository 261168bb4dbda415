"""Overrides: somebody wants a computed finding read otherwise, somebody else of the level decides."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evaluation.findings import Outcome
from evaluation.json_values import plain
from evaluation.overrides import Place, is_overridable, place_of
from survey_app import audit
from survey_app.assessments.applications.models import Application, Override
from survey_app.assessments.figures import unit_of
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import document_of_run, judged_again, same_scheme
from survey_app.canonical import canonical
from survey_app.errors import ConflictError, JunhengError, NotFoundError

#: A reason that fits in fewer characters than this gives no grounds.
SHORTEST_REASON = 10


class UnfitOverrideError(JunhengError):
    """What was proposed cannot be; the code says why."""

    code = "override_reason"
    status = 422


def overrides_of(session: Session, application: Application) -> list[Override]:
    """Every override proposed for an application, the newest first."""
    return list(
        session.scalars(
            sa.select(Override).where(Override.application_id == application.id).order_by(Override.id.desc())
        )
    )


def override_of(session: Session, application: Application, override_id: int) -> Override:
    """An override of this application.

    Raises:
        NotFoundError: there is none with this number.
    """
    found = session.get(Override, override_id)
    if found is None or found.application_id != application.id:
        raise NotFoundError
    return found


def undecided(session: Session, application: Application, *, level: str) -> list[Override]:
    """The overrides of a level that wait for a second person."""
    return [
        each
        for each in reversed(overrides_of(session, application))
        if each.level == level and each.decided_at is None
    ]


def accepted_overrides(session: Session, application: Application, *, level: str) -> list[dict[str, Any]]:
    """What a run made at *level* takes: the level's own accepted overrides, the last one of each finding.

    Those of lower levels are not taken: a level answers for what it sets otherwise.
    """
    held: dict[Place, Override] = {}
    for each in reversed(overrides_of(session, application)):
        if each.level == level and each.accepted:
            held[each.finding, each.school_code, each.stage] = each
    return [as_kept(each) for _, each in sorted(held.items(), key=lambda item: str(item[0]))]


def as_kept(override: Override) -> dict[str, Any]:
    """An accepted override as a run keeps it."""
    return {
        "finding": override.finding,
        "school": override.school_code,
        "stage": override.stage,
        "computed_outcome": override.computed_outcome,
        "computed_value": json.loads(override.computed_value),
        "outcome": override.outcome,
        "reason": override.reason,
        "proposed_by": override.proposed_by,
        "proposed_at": override.proposed_at.isoformat(),
        "decided_by": override.decided_by,
        "decided_at": override.decided_at.isoformat() if override.decided_at else None,
        "level": override.level,
    }


def computed_of(run: EvaluationRun) -> dict[Place, Mapping[str, Any]]:
    """The findings of a run that can be set otherwise, as the scheme alone computes them.

    Raises:
        ConflictError: scheme or program are others now.
    """
    if not same_scheme(run):
        raise ConflictError("run_scheme_changed")
    judged = judged_again(run)
    verdict = judged.computed or judged.verdict
    return {
        place_of(each): {
            "label": each.label,
            "school_name": each.school_name,
            "outcome": each.outcome.value,
            "value": plain(each.value),
            "unit": unit_of({"formula": each.formula, "unit": each.unit}),
        }
        for each in verdict.findings
        if is_overridable(each, verdict.scheme)
    }


def findings_of(run: EvaluationRun, lang: str) -> dict[Place, Mapping[str, Any]]:
    """What a run found, by place, in the reader's language: what an override speaks of."""
    document, _lang = document_of_run(run, lang)
    return {
        (each["id"], each["school"], each["stage"]): {**each, "unit": unit_of(each)}
        for each in document["findings"]
    }


def propose(
    session: Session,
    application: Application,
    run: EvaluationRun,
    *,
    place: Place,
    outcome: str,
    reason: str,
    by: str,
    now: datetime,
) -> Override:
    """Propose that a finding of a run be read otherwise; the caller holds the application at the run's level.

    Raises:
        ConflictError: the finding waits for a decision already, or scheme or program are others now.
        UnfitOverrideError: there is no such finding, it is computed so already, or the reason is too short.
    """
    found = computed_of(run).get(place)
    if found is None:
        raise UnfitOverrideError("override_finding")
    if outcome not in set(Outcome) or outcome == found["outcome"]:
        raise UnfitOverrideError("override_same")
    if len(reason.strip()) < SHORTEST_REASON:
        raise UnfitOverrideError("override_reason", at_least=SHORTEST_REASON)
    for each in undecided(session, application, level=run.level):
        if (each.finding, each.school_code, each.stage) == place:
            raise ConflictError("override_waits")
    override = Override(
        application_id=application.id,
        level=run.level,
        run_id=run.id,
        finding=place[0],
        school_code=place[1],
        stage=place[2],
        computed_outcome=found["outcome"],
        computed_value=canonical(found["value"]),
        outcome=outcome,
        reason=reason.strip()[:2000],
        proposed_at=now,
        proposed_by=by,
    )
    session.add(override)
    session.flush()
    _record(session, "override.proposed", application, override, by=by, now=now)
    return override


def decide(
    session: Session,
    application: Application,
    override: Override,
    *,
    level: str,
    accepted: bool,
    note: str = "",
    by: str,
    now: datetime,
) -> None:
    """Agree with an override, or not; whoever proposed it cannot. The caller holds the application.

    Raises:
        ConflictError: another level proposed it, it is decided, or *by* proposed it.
    """
    session.refresh(override, with_for_update=True)
    if override.level != level:
        raise ConflictError("of_another_level")
    if override.decided_at is not None:
        raise ConflictError("override_decided")
    if override.proposed_by == by:
        raise ConflictError("override_own")
    override.accepted, override.decided_at, override.decided_by = accepted, now, by
    override.decision_note = note.strip()[:500]
    session.flush()
    _record(session, "override.decided", application, override, by=by, now=now, accepted=accepted)


def _record(
    session: Session,
    action: str,
    application: Application,
    override: Override,
    *,
    by: str,
    now: datetime,
    **more: object,
) -> None:
    details = {
        "application": application.id,
        "override": override.id,
        "level": override.level,
        "finding": override.finding,
        "school": override.school_code,
        "computed": override.computed_outcome,
        "outcome": override.outcome,
        **more,
    }
    audit.record(session, action, by=by, now=now, region=application.county_code, details=details)
