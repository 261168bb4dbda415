"""Which counties the pace against the schedule finds at risk."""

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from survey_app.supervision.schedule import service as schedule
from survey_app.supervision.schedule.documents import schedule_of
from survey_app.supervision.schedule.facts import facts_of
from survey_app.supervision.schedule.pace import limits, pace_of


def at_risk(session: Session, province: str, codes: Collection[str], *, today: date) -> frozenset[str]:
    """Codes of the counties at risk among *codes*; none where the province keeps no schedule."""
    kept = schedule.newest(session, province)
    if kept is None:
        return frozenset()
    found = facts_of(session, schedule_of(kept.content), codes, today=today)
    paces = [pace_of(each, today=today, limits=limits()) for each in found]
    return frozenset(each.county.code for each in paces if each.at_risk and each.county.code)
