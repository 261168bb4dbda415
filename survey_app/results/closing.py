"""Closing a wave: after this nothing is taken any more."""

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState


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
