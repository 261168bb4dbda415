"""Field visits (实地走访): people asked face to face, by place and group, with their own rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from evaluation.county import Groups
from survey_app import audit
from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.judgement.models import FieldVisit
from survey_app.assessments.judgement.service import holding_visits, tally_of
from survey_app.assessments.judgement.turn import take_turn
from survey_app.clock import BEIJING
from survey_app.errors import ConflictError, JunhengError, NotFoundError

#: Who can be asked: the respondent groups of the county file.
GROUPS = tuple(Groups.model_fields)


class UnfitVisitError(JunhengError):
    """A tally that cannot be; the code says why."""

    code = "visit_tally"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many people were asked, how many of them were satisfied, and the share that must be."""

    interviewed: int
    satisfied: int
    limit: Fraction | None

    @property
    def share(self) -> Fraction | None:
        """The exact share; None where nobody was asked."""
        return Fraction(self.satisfied, self.interviewed) if self.interviewed else None

    @property
    def outcome(self) -> str | None:
        """Met or not_met, unrounded; None where nobody was asked or nothing is demanded."""
        if self.share is None or self.limit is None:
            return None
        return "met" if self.share >= self.limit else "not_met"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelVisits:
    """The visits of one level: those that count, by day, then those withdrawn."""

    level: str
    visits: list[FieldVisit]
    total: Rate
    parents: Rate
    #: Whether a run made now at the level looked from takes these.
    holds: bool


def by_level(visits: Sequence[FieldVisit], *, level: str, limit: Fraction | None) -> list[LevelVisits]:
    """The visits of each level that made any, the lowest first, as seen from *level*."""
    taken = holding_visits(visits, level=level)
    held = taken[0].level if taken else None
    laid = []
    for own in LEVELS:
        of_level = [visit for visit in visits if visit.level == own]
        if not of_level:
            continue
        counted = [visit for visit in of_level if visit.withdrawn_at is None]
        laid.append(
            LevelVisits(
                level=own,
                visits=sorted(of_level, key=lambda visit: visit.withdrawn_at is not None),
                total=rate_of(counted, limit),
                parents=rate_of([visit for visit in counted if visit.group == "parent"], limit),
                holds=own == held,
            )
        )
    return laid


def rate_of(visits: Sequence[FieldVisit], limit: Fraction | None) -> Rate:
    """The tally of *visits* against *limit*."""
    tally = tally_of(visits)
    return Rate(interviewed=tally.interviewed, satisfied=tally.satisfied, limit=limit)


def add_visit(
    session: Session,
    application: Application,
    *,
    level: str,
    visited_on: date,
    place: str,
    school_code: str | None,
    group: str,
    interviewed: int,
    satisfied: int,
    note: str = "",
    by: str,
    now: datetime,
) -> FieldVisit:
    """Note how many people of a group were asked at a place, and how many were satisfied.

    Raises:
        ConflictError: the application is over, or lies at another level.
        UnfitVisitError: more satisfied than asked, nobody asked, no such group, or a day to come.
    """
    take_turn(session, application, level=level)
    if group not in GROUPS or interviewed < 1 or not 0 <= satisfied <= interviewed:
        raise UnfitVisitError(interviewed=interviewed, satisfied=satisfied)
    if visited_on > now.astimezone(BEIJING).date():
        raise UnfitVisitError("visit_to_come")
    visit = FieldVisit(
        application_id=application.id,
        level=level,
        visited_on=visited_on,
        place=place,
        school_code=school_code,
        group=group,
        interviewed=interviewed,
        satisfied=satisfied,
        note=note,
        made_at=now,
        made_by=by,
    )
    session.add(visit)
    session.flush()
    _record(session, "visit.noted", application, visit, by=by, now=now)
    return visit


def visit_of(session: Session, application: Application, visit_id: int) -> FieldVisit:
    """A visit of this application.

    Raises:
        NotFoundError: there is none with this number.
    """
    found = session.get(FieldVisit, visit_id)
    if found is None or found.application_id != application.id:
        raise NotFoundError
    return found


def withdraw_visit(
    session: Session,
    application: Application,
    visit: FieldVisit,
    *,
    level: str,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Let a visit count no more; its row stays with the reason.

    Raises:
        ConflictError: another level made it.
        ConflictError: it was withdrawn before, or the application lies elsewhere or is over.
        UnfitVisitError: no reason is given.
    """
    if visit.level != level:
        raise ConflictError("of_another_level")
    take_turn(session, application, level=level)
    session.refresh(visit, with_for_update=True)
    if visit.withdrawn_at is not None:
        raise ConflictError("visit_withdrawn")
    if not reason.strip():
        raise UnfitVisitError("reason_missing")
    visit.withdrawn_at, visit.withdrawn_by, visit.withdraw_reason = now, by, reason.strip()
    session.flush()
    _record(session, "visit.withdrawn", application, visit, by=by, now=now)


def _record(
    session: Session, action: str, application: Application, visit: FieldVisit, *, by: str, now: datetime
) -> None:
    details = {
        "application": application.id,
        "visit": visit.id,
        "level": visit.level,
        "group": visit.group,
        "interviewed": visit.interviewed,
        "satisfied": visit.satisfied,
    }
    audit.record(session, action, by=by, now=now, region=application.county_code, details=details)
