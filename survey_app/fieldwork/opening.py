"""Opening a wave: from here on its questionnaires, rules and sample are fixed, and answers are taken."""

from datetime import datetime
from pathlib import Path

from nacl.public import PrivateKey
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.config import write_private
from survey_app.errors import ConflictError
from survey_app.fieldwork.draws.drawing import draw_of
from survey_app.formatting import instant
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState


def open_wave(session: Session, wave: Wave, *, keys: Path, by: str, now: datetime) -> Wave:
    """Freeze the questionnaires and make the key pair to which all answers are sealed.

    The private key is written to a file of its own in *keys*, outside the database and its backups.

    Raises:
        ConflictError: the wave is not drawn, was opened before, or its last instant has passed.
    """
    surveys.lock_wave(session, wave)
    if wave.state is WaveState.DRAFT:
        raise ConflictError("not_drawn")
    if wave.state is not WaveState.DRAWN:
        raise ConflictError("already_open")
    if now >= wave.closes_at:
        raise ConflictError("window_past", closes=instant(wave.closes_at))
    forms = surveys.freeze_forms(session, wave, now)
    wave.public_key = bytes(_private_key(key_file(keys, wave.id)).public_key)
    wave.opened_at = now
    wave.opened_by = by
    session.flush()
    draw = draw_of(session, wave)
    audit.record(
        session,
        "wave.opened",
        by=by,
        now=now,
        region=wave.county_code,
        details={
            "wave": wave.id,
            "forms": forms,
            "rules": surveys.rules_of(wave).digest,
            "certificate": draw.digest if draw else "",
        },
    )
    return wave


def key_file(keys: Path, wave_id: int) -> Path:
    """Where the private key of a wave lies: 32 bytes, readable by the owner alone."""
    return keys / f"wave-{wave_id}.key"


def _private_key(path: Path) -> PrivateKey:
    """Make and keep a private key; one left by an opening that was not committed is used."""
    made = PrivateKey.generate()
    try:
        write_private(path, bytes(made))
    except FileExistsError:
        return PrivateKey(path.read_bytes())
    return made
