"""An application for recognition, what each level did with it, and findings that two people set otherwise."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.counties.models import Region
from survey_app.db import Base, Instant

#: The levels in the order a county passes them.
LEVELS = ("self_evaluation", "review", "evaluation", "recognition")

_LEVEL = "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')"


class Application(Base):
    """A county asks to be recognised in a year; at which level it lies follows from its steps."""

    __tablename__ = "application"
    __table_args__ = (sa.UniqueConstraint("county_code", "year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    year: Mapped[int]
    #: Counted up from 1 within county and year; a withdrawn application can be followed by another.
    number: Mapped[int]
    scheme_id: Mapped[str] = mapped_column(sa.String(64))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[str] = mapped_column(sa.String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(64))
    withdraw_reason: Mapped[str] = mapped_column(sa.String(500), default="")

    county: Mapped[Region] = relationship()
    steps: Mapped[list["ApplicationStep"]] = relationship(
        back_populates="application", order_by="ApplicationStep.number"
    )


class ApplicationStep(Base):
    """A level signed a run, or returned the application to the level before it. Never edited."""

    __tablename__ = "application_step"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "number"),
        sa.CheckConstraint(_LEVEL, name="level"),
        sa.CheckConstraint("action IN ('signed', 'returned')", name="action"),
        sa.CheckConstraint("action = 'signed' OR reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    number: Mapped[int]
    level: Mapped[str] = mapped_column(sa.String(16))
    action: Mapped[str] = mapped_column(sa.String(8))
    #: The run that was signed, or the one that was looked at before it was returned.
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    reason: Mapped[str] = mapped_column(sa.String(2000), default="")
    #: SHA-256 over the run's digests, its scheme, who did it and when, and the seal of the step before.
    seal: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
    #: As the person was called then.
    made_by_name: Mapped[str] = mapped_column(sa.String(64))

    application: Mapped[Application] = relationship(back_populates="steps")


class Override(Base):
    """Somebody proposes that a computed finding be read otherwise; another person agrees or not."""

    __tablename__ = "override"
    __table_args__ = (
        sa.CheckConstraint(_LEVEL, name="level"),
        sa.CheckConstraint("outcome IN ('met', 'not_met', 'undetermined')", name="outcome"),
        sa.CheckConstraint("outcome <> computed_outcome", name="otherwise"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        sa.CheckConstraint("(accepted IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    level: Mapped[str] = mapped_column(sa.String(16))
    #: The run whose finding it was.
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    finding: Mapped[str] = mapped_column(sa.String(32))
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    stage: Mapped[str | None] = mapped_column(sa.String(16))
    computed_outcome: Mapped[str] = mapped_column(sa.String(16))
    #: The computed value in canonical form; the word null where there is none.
    computed_value: Mapped[str] = mapped_column(sa.String(100))
    outcome: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str] = mapped_column(sa.String(2000))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    proposed_by: Mapped[str] = mapped_column(sa.String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(sa.String(64))
    accepted: Mapped[bool | None]
    decision_note: Mapped[str] = mapped_column(sa.String(500), default="")
