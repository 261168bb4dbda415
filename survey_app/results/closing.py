"""The end of a wave: closed by hand or by its last instant, given more time, or called off."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork.opening import key_file
from survey_app.formatting import instant
from survey_app.respond.models import SealedAnswer
from survey_app.results.erasing import erase_key
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveExtension, WaveState
from survey_app.surveys.planning import PlanFault, fault

#: Who closes a wave whose last instant has passed, in the audit trail.
DEADLINE = "deadline"

#: Who erases the key of a wave that was called off.
ERASER = "erase_aborted"

#: Characters of a reason.
LONGEST_REASON = 500

#: Years beyond which a later end was mistyped.
_LATEST_YEAR = 2100

#: Where a wave can still be called off: its answers are whole and sealed, or there are none.
_ABORTABLE = {WaveState.DRAFT, WaveState.DRAWN, WaveState.OPEN}


def close_wave(session: Session, wave: Wave, *, by: str, now: datetime) -> Wave:
    """End the answering of *wave*; answers on their way finish first, later ones are refused.

    Raises:
        ConflictError: the wave is not open.
    """
    surveys.lock_wave(session, wave)
    if wave.state is not WaveState.OPEN:
        raise ConflictError("wave_not_closable")
    wave.closed_at = now
    wave.closed_by = by
    session.flush()
    audit.record(session, "wave.closed", by=by, now=now, region=wave.county_code, details={"wave": wave.id})
    return wave


def close_overdue(session: Session, wave_id: int, *, now: datetime) -> bool:
    """Close a wave whose last instant has passed; whether it did. Doing it again is harmless."""
    wave = surveys.get_wave(session, wave_id)
    surveys.lock_wave(session, wave)
    if wave.state is not WaveState.OPEN or now <= wave.closes_at:
        return False
    close_wave(session, wave, by=DEADLINE, now=now)
    return True


def overdue(session: Session, now: datetime) -> list[int]:
    """The open waves whose last instant has passed."""
    return list(
        session.scalars(
            sa.select(Wave.id)
            .where(
                Wave.opened_at.is_not(None),
                Wave.closed_at.is_(None),
                Wave.aborted_at.is_(None),
                Wave.closes_at < now,
            )
            .order_by(Wave.id)
        )
    )


def extend_wave(
    session: Session, wave: Wave, *, closes_at: datetime, reason: str, by: str, now: datetime
) -> Wave:
    """Give an open wave a later last instant.

    Raises:
        ConflictError: the wave is not open, or its last instant has passed.
        RefusedInputError: the new end is not later, or no reason is given.
    """
    surveys.lock_wave(session, wave)
    if wave.state is not WaveState.OPEN:
        raise ConflictError("wave_not_extendable")
    if now > wave.closes_at:
        raise ConflictError("window_past", closes=instant(wave.closes_at))
    faults = _faults_of_reason(reason)
    if not wave.closes_at < closes_at or closes_at.year > _LATEST_YEAR:
        found = instant(closes_at)
        faults.append(fault("closes_at", "extension_not_later", found, closes=instant(wave.closes_at)))
    if faults:
        raise RefusedInputError(faults, "extension_refused")
    before = wave.closes_at
    session.add(
        WaveExtension(
            wave_id=wave.id,
            closed_before=before,
            closes_now=closes_at,
            reason=reason.strip(),
            extended_at=now,
            extended_by=by,
        )
    )
    wave.closes_at = closes_at
    session.flush()
    audit.record(
        session,
        "wave.extended",
        by=by,
        now=now,
        region=wave.county_code,
        details={
            "wave": wave.id,
            "before": before.isoformat(),
            "now": closes_at.isoformat(),
            "reason": reason.strip(),
        },
    )
    return wave


def abort_wave(session: Session, wave: Wave, *, reason: str, by: str, now: datetime) -> int:
    """Call *wave* off and erase its sealed answers unread; gives how many they were.

    The key file is erased after the commit (`erase_aborted`): nothing is left for it to open.

    Raises:
        ConflictError: the wave is closed already; its answers are being counted.
        RefusedInputError: no reason is given.
    """
    surveys.lock_wave(session, wave)
    if wave.state not in _ABORTABLE:
        raise ConflictError("wave_not_abortable")
    faults = _faults_of_reason(reason)
    if faults:
        raise RefusedInputError(faults, "abort_refused")
    sealed = sa.delete(SealedAnswer).where(SealedAnswer.wave_id == wave.id).returning(SealedAnswer.id)
    erased = len(session.scalars(sealed).all())
    wave.aborted_at = now
    wave.aborted_by = by
    wave.abort_reason = reason.strip()
    session.flush()
    audit.record(
        session,
        "wave.aborted",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "reason": reason.strip(), "answers_erased": erased},
    )
    return erased


def erase_aborted(session: Session, wave_id: int, *, keys: Path, now: datetime) -> bool:
    """Erase the key pair of a wave that was called off, the file before the row; whether there was one."""
    wave = surveys.get_wave(session, wave_id)
    surveys.lock_wave(session, wave)
    if wave.state is not WaveState.ABORTED or wave.public_key is None:
        return False
    erase_key(key_file(keys, wave_id))
    wave.public_key = None
    session.flush()
    audit.record(
        session,
        "wave.key_erased",
        by=ERASER,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id},
    )
    return True


def keys_left(session: Session) -> list[int]:
    """The waves that were called off and whose keys are not erased yet."""
    return list(
        session.scalars(sa.select(Wave.id).where(Wave.aborted_at.is_not(None), Wave.public_key.is_not(None)))
    )


def _faults_of_reason(reason: str) -> list[PlanFault]:
    if 0 < len(reason.strip()) <= LONGEST_REASON:
        return []
    return [fault("reason", "reason_empty", reason, most=LONGEST_REASON)]
