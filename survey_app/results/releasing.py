"""Releasing a wave's figures: from then on the county sees them, and they feed its evaluation."""

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError
from survey_app.results.models import WaveOutcome
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState


def release_wave(session: Session, wave: Wave, *, by: str, now: datetime) -> Wave:
    """Release the figures of *wave* as they were computed.

    Raises:
        ConflictError: the wave is not mixed yet, was released before, or only checks another one.
    """
    surveys.lock_wave(session, wave)
    if wave.verifies_wave_id is not None:
        raise ConflictError("wave_verifies")
    outcome = session.get(WaveOutcome, wave.id)
    if wave.state is not WaveState.MIXED or outcome is None:
        raise ConflictError("already_released" if wave.released_at else "wave_not_mixed")
    wave.released_at = now
    wave.released_by = by
    session.flush()
    audit.record(
        session,
        "wave.released",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "outcome": outcome.digest},
    )
    return wave
