"""Comments on an application, a run of it, or one finding; they are added and never changed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.assessments.applications.models import Application
from survey_app.assessments.judgement.models import Remark
from survey_app.assessments.judgement.turn import hold


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What somebody speaks of: a run, a finding of it, at a school; empty parts mean the whole."""

    run_id: int | None = None
    finding: str = ""
    school_code: str | None = None
    stage: str | None = None


def add_remark(
    session: Session,
    application: Application,
    *,
    level: str,
    about: About,
    text: str,
    by: str,
    now: datetime,
) -> Remark:
    """Add a comment of somebody at *level*, whose turn it need not be.

    Raises:
        ConflictError: the application is over.
    """
    hold(session, application)
    remark = Remark(
        application_id=application.id,
        level=level,
        run_id=about.run_id,
        finding=about.finding,
        school_code=about.school_code,
        stage=about.stage,
        text=text,
        made_at=now,
        made_by=by,
    )
    session.add(remark)
    session.flush()
    details = {"application": application.id, "remark": remark.id, "level": level, "finding": about.finding}
    audit.record(session, "remark.added", by=by, now=now, region=application.county_code, details=details)
    return remark


def remarks_of(session: Session, application: Application) -> list[Remark]:
    """Every comment on an application, the newest first."""
    return list(
        session.scalars(
            sa.select(Remark).where(Remark.application_id == application.id).order_by(Remark.id.desc())
        )
    )
