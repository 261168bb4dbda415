"""Use cases of reports: one is made from what is known, kept as it is, and superseded by the next."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload

from survey_app import audit
from survey_app.canonical import canonical, digest
from survey_app.counties.models import Region
from survey_app.counties.service import ensure_region
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError
from survey_app.supervision.dispatch import failing
from survey_app.supervision.dispatch.content import quarter_content, year_content
from survey_app.supervision.dispatch.models import Dispatch
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.province.regions import counties_in


def make(session: Session, region: str, period: Period, *, by: str, now: datetime) -> Dispatch:
    """Make the next version of a region's report about *period*.

    What would say the same as the version that holds is that version, for a period that is over on any day.

    Args:
        session: where it is read and kept; the caller commits.
        region: code of a province or city.
        period: a quarter for the counties due, a year for all of them.
        by: login of who makes it.
        now: the present instant.

    Raises:
        ConflictError: the period has not begun, or a quarter has no schedule to go by.
    """
    if now < period.begins:
        raise ConflictError("dispatch_to_come", period=period.title)
    ensure_region(session, region)
    session.execute(sa.select(Region.code).where(Region.code == region).with_for_update())
    compose = quarter_content if period.quarter else year_content
    content = canonical(compose(session, region, period, now=now))
    latest = newest(session, region, period)
    if latest is not None and latest.digest == digest(content):
        return latest
    made = Dispatch(
        region_code=region,
        year=period.year,
        quarter=period.quarter,
        version=1 if latest is None else latest.version + 1,
        content=content,
        digest=digest(content),
        made_at=now,
        made_by=by,
    )
    session.add(made)
    session.flush()
    details = {
        "year": made.year,
        "quarter": made.quarter,
        "version": made.version,
        "digest": made.digest,
    }
    audit.record(session, "dispatch.made", by=by, now=now, region=region, details=details)
    return made


def read_ahead(
    session: Session, region: str, period: Period, *, now: datetime, between: Callable[[], None]
) -> None:
    """Read what is large before a yearly report is made, one run in a transaction, which *between* ends.

    It changes nothing but how long `make` takes afterwards; a quarter needs no large things.
    """
    if not period.quarter:
        before = period.ends if now >= period.ends else None
        failing.read_ahead(session, counties_in(session, region), between=between, before=before)


def newest(session: Session, region: str, period: Period) -> Dispatch | None:
    """The version of a region's report about *period* that holds."""
    return session.scalars(
        sa.select(Dispatch)
        .where(
            Dispatch.region_code == region,
            Dispatch.year == period.year,
            Dispatch.quarter == period.quarter,
        )
        .order_by(Dispatch.version.desc())
        .limit(1)
    ).one_or_none()


def dispatches_within(session: Session, scopes: Iterable[str]) -> list[Dispatch]:
    """The reports of regions within *scopes* without their content, the newest first."""
    return list(
        session.scalars(
            sa.select(Dispatch)
            .where(within(Dispatch.region_code, scopes))
            .order_by(Dispatch.made_at.desc(), Dispatch.id.desc())
            .options(defer(Dispatch.content), joinedload(Dispatch.region))
        )
    )


def get_dispatch(session: Session, dispatch_id: int) -> Dispatch:
    """A report by its number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Dispatch, dispatch_id)
    if found is None:
        raise NotFoundError
    return found


def content_of(dispatch: Dispatch) -> dict[str, Any]:
    """What a report says."""
    return json.loads(dispatch.content)


def period_of(dispatch: Dispatch) -> Period:
    """What a report is about."""
    return Period(dispatch.year, dispatch.quarter)


def superseded_by(session: Session, dispatch: Dispatch) -> Dispatch | None:
    """The version that holds instead of this one; None where this one does."""
    latest = newest(session, dispatch.region_code, period_of(dispatch))
    return latest if latest is not None and latest.id != dispatch.id else None
