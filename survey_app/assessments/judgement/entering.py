"""Entering judgements with their evidence, and taking evidence out of use."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from survey_app import audit, evidence
from survey_app.assessments.applications.models import Application
from survey_app.assessments.judgement.asked import Asked
from survey_app.assessments.judgement.kept import sealed_evidence
from survey_app.assessments.judgement.models import Judgement, judgement_evidence
from survey_app.assessments.judgement.turn import hold, take_turn
from survey_app.canonical import canonical
from survey_app.clock import day_of
from survey_app.config import Settings
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.evidence import Evidence, Handed

#: Decimal places that points may have.
_PLACES = 2

Value = bool | Decimal | None


class UnfitJudgementError(JunhengError):
    """A judgement that cannot stand; the code says why."""

    code = "judgement_value"
    status = 422


def enter(
    session: Session,
    application: Application,
    *,
    asked: Asked,
    level: str,
    value: Value,
    note: str = "",
    kept: Sequence[Evidence] = (),
    handed: Sequence[Handed] = (),
    settings: Settings,
    by: str,
    now: datetime,
) -> Judgement:
    """Add a judgement of *level*; runs that were made stay as they are.

    The same judgement again, with nothing new to it, is the one that was entered before.

    Args:
        session: where it is stored; the caller commits.
        application: what is judged.
        asked: which thing of the scheme.
        level: the level of who enters it.
        value: met or not, happened or not, points; None takes the level's word back.
        note: the grounds; needed for what goes against the county and for what is taken back.
        kept: evidence handed in earlier for the same thing that this judgement rests on too.
        handed: new evidence, checked.
        settings: where evidence is kept.
        by: login of who judges.
        now: the present instant.

    Raises:
        ConflictError: the application is over, or lies at another level.
        ConflictError: evidence in *kept* was withdrawn, perhaps since a moment ago.
        UnfitJudgementError: the value is not one of its kind, or its grounds are missing.
    """
    take_turn(session, application, level=level)
    for each in kept:
        session.refresh(each, with_for_update=True)
        if each.withdrawn_at is not None:
            raise ConflictError("evidence_withdrawn_before")
    written = _written(asked, value)
    if not note.strip() and needs_note(asked.kind, value):
        raise UnfitJudgementError("judgement_note")
    last = next(
        (each for each in reversed(history(session, application, asked)) if each.level == level), None
    )
    if last is not None and not handed and _same(last, written, note, kept):
        return last
    if last is None and value is None:
        raise UnfitJudgementError("judgement_nothing_to_take_back")
    stored = [
        evidence.store(session, each, region=application.county_code, settings=settings, by=by, now=now)
        for each in handed
    ]
    judged = Judgement(
        application_id=application.id,
        level=level,
        kind=asked.kind,
        key=asked.key,
        value=written,
        note=note.strip(),
        made_at=now,
        made_by=by,
        evidence=[*kept, *stored],
    )
    session.add(judged)
    session.flush()
    details = {
        "application": application.id,
        "level": level,
        "kind": asked.kind,
        "key": asked.key,
        "value": value,
        "evidence": [each.digest for each in judged.evidence],
    }
    region = application.county_code
    audit.record(session, "judgement.entered", by=by, now=now, region=region, details=details)
    return judged


def needs_note(kind: str, value: Value) -> bool:
    """Whether such a judgement has to give its grounds: a refusal, an offence, a word taken back.

    >>> needs_note("attestation", True), needs_note("veto", True), needs_note("points", None)
    (False, True, True)
    """
    return value is None or value is {"attestation": False, "veto": True}.get(kind)


def history(session: Session, application: Application, asked: Asked) -> list[Judgement]:
    """Every judgement of one thing, of all levels, in the order they were entered."""
    return list(
        session.scalars(
            sa.select(Judgement)
            .where(
                Judgement.application_id == application.id,
                Judgement.kind == asked.kind,
                Judgement.key == asked.key,
            )
            .order_by(Judgement.id)
            .options(selectinload(Judgement.evidence))
        )
    )


def usable_evidence(judgements: Sequence[Judgement]) -> list[Evidence]:
    """The evidence of *judgements* that is in use, each once."""
    found = {each.id: each for judged in judgements for each in judged.evidence}
    return [each for each in found.values() if each.withdrawn_at is None]


def evidence_of(session: Session, application: Application, evidence_id: int) -> Evidence:
    """Evidence of a judgement of this application.

    Raises:
        NotFoundError: there is none with this number, or it belongs to something else.
    """
    found = session.scalar(
        sa.select(Evidence)
        .where(Evidence.id == evidence_id, Evidence.id.in_(_attached(application)))
        .limit(1)
    )
    if found is None:
        raise NotFoundError
    return found


def evidence_level(session: Session, application: Application, found: Evidence) -> str | None:
    """The level that handed it in: that of the first judgement which rests on it."""
    return session.scalar(
        sa.select(Judgement.level)
        .join(judgement_evidence, judgement_evidence.c.judgement_id == Judgement.id)
        .where(Judgement.application_id == application.id, judgement_evidence.c.evidence_id == found.id)
        .order_by(Judgement.id)
        .limit(1)
    )


def withdraw_evidence(
    session: Session,
    application: Application,
    found: Evidence,
    *,
    level: str,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Take evidence out of use, by the level that handed it in; judgements that rest on it stay.

    Raises:
        ConflictError: another level handed it in.
        ConflictError: a run that names it was signed or returned.
        ConflictError: it was withdrawn before, or the application is over.
    """
    if evidence_level(session, application, found) != level:
        raise ConflictError("of_another_level")
    hold(session, application)
    refuse_sealed(session, application, found)
    evidence.withdraw(session, found, reason=reason, by=by, now=now)


def refuse_sealed(session: Session, application: Application, found: Evidence) -> None:
    """Keep evidence that somebody put their name to where everybody can read it.

    Raises:
        ConflictError: a run that names it was signed or returned.
    """
    sealing = sealed_evidence(session, application).get(found.id)
    if sealing is not None:
        day = day_of(sealing.at).isoformat()
        raise ConflictError("evidence_sealed", run=sealing.run, name=sealing.name, day=day)


def _attached(application: Application) -> sa.Select[tuple[int]]:
    return (
        sa.select(judgement_evidence.c.evidence_id)
        .join(Judgement, Judgement.id == judgement_evidence.c.judgement_id)
        .where(Judgement.application_id == application.id)
    )


def _written(asked: Asked, value: Value) -> str:
    """The value in canonical form."""
    if value is None:
        return "null"
    if asked.kind != "points":
        if not isinstance(value, bool):
            raise UnfitJudgementError
        return canonical(value)
    if isinstance(value, bool) or not value.is_finite() or asked.maximum is None:
        raise UnfitJudgementError
    if not 0 <= value <= asked.maximum:
        raise UnfitJudgementError("judgement_points", maximum=float(asked.maximum))
    if value != round(value, _PLACES):
        raise UnfitJudgementError("judgement_places", places=_PLACES)
    return format(round(value, _PLACES).normalize(), "f")


def _same(last: Judgement, written: str, note: str, kept: Sequence[Evidence]) -> bool:
    rests_on = {each.id for each in last.evidence if each.withdrawn_at is None}
    return (last.value, last.note) == (written, note.strip()) and rests_on == {each.id for each in kept}
