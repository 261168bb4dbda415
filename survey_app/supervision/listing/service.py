"""Use cases of listed supervision: a county is put under it with a reason, and taken from it with another."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.canonical import canonical
from survey_app.counties.models import Region
from survey_app.counties.service import ensure_region
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError
from survey_app.supervision.listing.models import Listing
from survey_app.supervision.moments import held


def listings_within(session: Session, scopes: Iterable[str]) -> list[Listing]:
    """The listings within *scopes* (leading digits of codes): those that stand first, then the newest."""
    return list(
        session.scalars(
            sa.select(Listing)
            .where(within(Listing.county_code, scopes))
            .order_by(Listing.lifted_at.is_not(None), Listing.listed_at.desc(), Listing.id.desc())
            .options(joinedload(Listing.county))
        )
    )


def standing_since(
    session: Session, codes: Iterable[str], *, before: datetime | None = None
) -> dict[str, datetime]:
    """Since when each county is under listed supervision; those that are not are left out.

    With *before* as it was just before that instant.
    """
    rows = session.execute(
        sa.select(Listing.county_code, Listing.listed_at).where(
            Listing.county_code.in_(list(codes)),
            *held(Listing.listed_at, Listing.lifted_at, before=before),
        )
    )
    return {row.county_code: row.listed_at for row in rows}


def get_listing(session: Session, county_code: str, listing_id: int) -> Listing:
    """A listing of the county.

    Raises:
        NotFoundError: the county has none with this number.
    """
    found = session.get(Listing, listing_id)
    if found is None or found.county_code != county_code:
        raise NotFoundError
    return found


def standing(session: Session, county_code: str) -> Listing | None:
    """The listing under which the county is now."""
    return session.scalars(
        sa.select(Listing).where(Listing.county_code == county_code, Listing.lifted_at.is_(None))
    ).one_or_none()


def put_under(
    session: Session, county_code: str, *, reason: str, facts: Mapping[str, Any], by: str, now: datetime
) -> Listing:
    """Put a county under listed supervision.

    Args:
        session: where it is kept; the caller commits.
        county_code: the county.
        reason: why; not empty.
        facts: what is known of it now; kept as it is, whatever changes later.
        by: login of who decides.
        now: the present instant.

    Raises:
        ConflictError: it is under listed supervision already.
    """
    ensure_region(session, county_code)
    _hold(session, county_code)
    there = standing(session, county_code)
    if there is not None:
        raise ConflictError("listing_stands", since=f"{there.listed_at:%Y-%m-%d}")
    listing = Listing(
        county_code=county_code, reason=reason, facts=canonical(dict(facts)), listed_at=now, listed_by=by
    )
    session.add(listing)
    session.flush()
    audit.record(
        session,
        "listing.put",
        by=by,
        now=now,
        region=county_code,
        details={"id": listing.id, "reason": reason},
    )
    return listing


def lift(session: Session, county_code: str, *, reason: str, by: str, now: datetime) -> Listing:
    """Take a county from listed supervision.

    Raises:
        ConflictError: it is not under it.
    """
    _hold(session, county_code)
    listing = standing(session, county_code)
    if listing is None:
        raise ConflictError("listing_none")
    listing.lifted_at, listing.lifted_by, listing.lift_reason = now, by, reason
    session.flush()
    audit.record(
        session,
        "listing.lifted",
        by=by,
        now=now,
        region=county_code,
        details={"id": listing.id, "reason": reason},
    )
    return listing


def _hold(session: Session, county_code: str) -> None:
    """Let one decision about a county follow another."""
    session.execute(sa.select(Region.code).where(Region.code == county_code).with_for_update())
