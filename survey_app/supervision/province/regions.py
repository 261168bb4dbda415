"""Which counties lie in a region, and what several regions of a reader come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.counties import regions
from survey_app.counties.models import Region
from survey_app.db import within
from survey_app.security import covers, scope
from survey_app.supervision.province.standings import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The counties of a region, counted."""

    code: str
    name: str
    counties: int
    met: int
    not_met: int
    undetermined: int
    without_run: int
    recognised: int
    listed: int
    tasks_open: int
    tasks_overdue: int


def counties_in(session: Session, region_code: str) -> list[str]:
    """Codes of the counties in a region: those of GB/T 2260, and others that were stored."""
    stored = session.scalars(
        sa.select(Region.code).where(within(Region.code, [scope(region_code)]), Region.level == "county")
    )
    listed = {each.code for each in regions.tree().values() if each.level == "county"}
    return sorted({each for each in listed if covers(region_code, each)} | set(stored))


def roots_of(scopes: Iterable[str]) -> list[str]:
    """The regions that a reader answers for, by code; one that lies in another is left out.

    >>> roots_of(["1405", "140522", "43"])
    ['140500', '430000']
    """
    codes = sorted({scope_.ljust(6, "0") for scope_ in scopes})
    return [each for each in codes if not any(covers(other, each) for other in codes if other != each)]


def group(code: str, name: str, standings: Iterable[Standing]) -> Group:
    """Count the counties that lie in a region."""
    own = [each for each in standings if covers(code, each.code)]
    verdicts = [each.verdict for each in own]
    return Group(
        code=code,
        name=name,
        counties=len(own),
        met=verdicts.count("met"),
        not_met=verdicts.count("not_met"),
        undetermined=verdicts.count("undetermined"),
        without_run=verdicts.count(None),
        recognised=sum(each.recognised for each in own),
        listed=sum(each.listed for each in own),
        tasks_open=sum(each.tasks_open for each in own),
        tasks_overdue=sum(each.tasks_overdue for each in own),
    )


def groups(codes: Sequence[tuple[str, str]], standings: Sequence[Standing]) -> list[Group]:
    """Count the counties of each region, given by code and name."""
    return [group(code, name, standings) for code, name in codes]
