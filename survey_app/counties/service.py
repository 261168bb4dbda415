"""Use cases of the room: regions of the tree that are in use, and a county's files."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.counties import regions
from survey_app.counties.models import Region

#: Both databases can leave a row alone that somebody else added a moment ago, each in its own dialect.
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def ensure_region(session: Session, code: str, name: str | None = None) -> Region:
    """Give the region with this code, adding it and everything above it where still missing.

    A county that GB/T 2260 does not list is accepted under *name*, or as it was stored before.

    Raises:
        UnknownRegionError: the code cannot be placed under any province.
    """
    known = session.get(Region, code)
    if known is not None:
        return known
    area = regions.tree().get(code) or regions.county(code, name or "")
    if not area.name:
        raise regions.UnknownRegionError(code)
    _insert_missing(
        session,
        [
            {"code": each.code, "name": each.name, "level": each.level, "parent_code": each.parent_code}
            for each in regions.path_of(area)
        ],
    )
    return session.get_one(Region, code)


def _insert_missing(session: Session, rows: list[dict[str, Any]]) -> None:
    insert = _INSERT[session.get_bind().dialect.name]
    session.execute(insert(Region).values(rows).on_conflict_do_nothing(index_elements=["code"]))
