"""The waves to hold one wave against: earlier ones of its county, the latest of the city's other counties."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app.db import within
from survey_app.security import scope
from survey_app.surveys.models import Wave

#: Leading digits that the counties of a city share.
_CITY = 4


def waves_of_county(session: Session, wave: Wave, *, unreleased: bool) -> list[Wave]:
    """The mixed waves of the county of *wave*, the earliest first, itself among them, checks left out."""
    query = (
        sa.select(Wave)
        .where(Wave.county_code == wave.county_code, Wave.mixed_at.is_not(None))
        .where(sa.or_(Wave.verifies_wave_id.is_(None), Wave.id == wave.id))
        .order_by(Wave.closed_at, Wave.id)
    )
    if not unreleased:
        query = query.where(Wave.released_at.is_not(None))
    return list(session.scalars(query))


def waves_beside(session: Session, wave: Wave, scopes: Sequence[str]) -> list[Wave]:
    """The latest released wave of every other county of the city that lies in one of *scopes*."""
    city = scope(wave.county_code)[:_CITY]
    rows = session.scalars(
        sa.select(Wave)
        .where(
            Wave.county_code.startswith(city, autoescape=True),
            Wave.county_code != wave.county_code,
            Wave.released_at.is_not(None),
            Wave.verifies_wave_id.is_(None),
            within(Wave.county_code, scopes),
        )
        .options(joinedload(Wave.county, innerjoin=True))
        .order_by(Wave.county_code, Wave.closed_at, Wave.id)
    )
    return list({each.county_code: each for each in rows}.values())
