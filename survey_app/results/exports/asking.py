"""Asking for single answers: who may have them, the file that is made, and the record of each download."""

from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from survey_app import audit, prepared
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.prepared import PreparedFile, Progress
from survey_app.results.models import WaveOutcome
from survey_app.surveys.models import Wave, WaveState

#: Kind of prepared file.
KIND = "single_answers"


def ask(session: Session, wave: Wave, form: str, *, by: str, now: datetime) -> PreparedFile:
    """The file of single answers of a released wave in one *form* (``csv`` or ``sav``).

    Raises:
        ConflictError: the wave is not released, or only checks another one.
    """
    if wave.verifies_wave_id is not None:
        raise ConflictError("wave_verifies")
    stored = session.get(WaveOutcome, wave.id)
    if wave.state is not WaveState.RELEASED or stored is None:
        raise ConflictError("answers_not_released")
    return prepared.ask(
        session,
        kind=KIND,
        arguments={"wave": wave.id, "form": form},
        facts={"outcome": stored.digest},
        region=wave.county_code,
        by=by,
        now=now,
    )


def file_of(session: Session, wave: Wave, file_id: int) -> PreparedFile:
    """A file of single answers of *wave*.

    Raises:
        NotFoundError: there is none of that number; it may have been erased.
    """
    found = prepared.find(session, file_id, KIND)
    if found.told["wave"] != wave.id:
        raise NotFoundError
    return found


def files_of(session: Session, wave: Wave) -> list[PreparedFile]:
    """The files of single answers of *wave* that are kept, the newest first."""
    found = prepared.files_of(session, KIND, wave.county_code)
    return [each for each in found if each.told["wave"] == wave.id]


def note_download(
    session: Session, wave: Wave, action: str, *, by: str, now: datetime, **details: Any
) -> None:
    """Note in the audit trail that a file of *wave* left the application."""
    audit.record(
        session, action, by=by, now=now, region=wave.county_code, details={"wave": wave.id, **details}
    )


def maker(_app: Flask) -> prepared.Maker:
    """What makes the file in the application's job; what it needs of numbers is imported there."""

    def make(told: dict[str, Any], progress: Progress) -> tuple[bytes, str]:
        from survey_app.results.exports.codebook import study_of
        from survey_app.results.exports.single_answers import FORMATS

        study = study_of(db.session, told["wave"])
        progress(0, 1)
        return FORMATS[told["form"]](study)

    return make
