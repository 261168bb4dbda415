"""Who sees a wave: a county sees no sample that checks it before whoever checks has told it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.errors import NotFoundError
from survey_app.security import authorise, may, regions_for
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave


def sees(wave: Wave) -> bool:
    """Whether the signed-in user may know that *wave* exists, as far as it is of their region at all."""
    known = wave.verifies_wave_id is None or wave.told_at is not None
    return known or may("integrity.view", wave.county_code)


def known_to_all() -> sa.ColumnElement[bool]:
    """The same of waves in a query, for people who check nobody: schools, interviewers, the county."""
    return sa.or_(Wave.verifies_wave_id.is_(None), Wave.told_at.is_not(None))


def authorise_wave(permission: str, wave: Wave, *, school: str = "") -> None:
    """Let the signed-in user pass, or refuse.

    Raises:
        NotFoundError: the wave's county, or the school, is none of the user's, or the wave checks the county
            and it was not told: it looks like one that does not exist.
        ForbiddenError: the user may see the wave but not do this.
    """
    if not sees(wave):
        raise NotFoundError
    authorise(permission, wave.county_code, school=school)


def waves_seen(session: Session, permission: str) -> list[Wave]:
    """The waves of the counties for which the signed-in user has *permission*, the newest first."""
    return [wave for wave in surveys.waves_of(session, regions_for(permission)) if sees(wave)]
