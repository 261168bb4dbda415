"""Who sees the figures of a wave, and when: everybody with its results after the release, few before it."""

from typing import Any

from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.results import service
from survey_app.security import may
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave
from survey_app.surveys.seeing import authorise_wave


def wave_to_see(wave_id: int, permission: str = "results.view") -> Wave:
    """The wave, for whom has *permission* in its county.

    Raises:
        NotFoundError: no such wave, or none of the user's.
        ForbiddenError: the user may see the wave but not this of it.
    """
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission, wave)
    return wave


def is_visible(wave: Wave) -> bool:
    """Whether the signed-in user may see the figures of *wave* as it stands."""
    return wave.released_at is not None or may("results.view_unreleased", wave.county_code)


def figures_of(wave: Wave) -> dict[str, Any]:
    """The frozen figures of *wave* for the signed-in user.

    Raises:
        ConflictError: there are none yet, or they are not released to the user.
    """
    outcome = service.outcome_of(db.session, wave) if is_visible(wave) else None
    if outcome is None:
        raise ConflictError("figures_not_released")
    return outcome
