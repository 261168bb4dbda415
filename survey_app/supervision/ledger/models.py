"""Tasks of a county's ledger with money by year, what happened to them, and mergers tried on paper."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Base, Instant
from survey_app.evidence import Evidence

task_evidence = sa.Table(
    "task_evidence",
    Base.metadata,
    sa.Column("event_id", sa.ForeignKey("task_event.id"), primary_key=True),
    sa.Column("evidence_id", sa.ForeignKey("evidence.id"), primary_key=True),
)


class Task(Base):
    """One thing to be done about one gap; its state follows from its events."""

    __tablename__ = "task"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "number"),
        sa.CheckConstraint(
            "origin IN ('finding', 'remedy', 'exemption', 'template', 'manual')", name="origin"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    #: Counted up from 1 within the county.
    number: Mapped[int]
    origin: Mapped[str] = mapped_column(sa.String(16))
    #: The run whose finding or remedy it came from.
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    scheme_id: Mapped[str] = mapped_column(sa.String(64), default="")
    #: The indicator it is about; empty for work that serves none alone.
    finding: Mapped[str] = mapped_column(sa.String(32), default="")
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    stage: Mapped[str | None] = mapped_column(sa.String(16))
    title: Mapped[str] = mapped_column(sa.String(200))
    measure: Mapped[str] = mapped_column(sa.String(2000), default="")
    #: The department that answers for it, and those that help, one a line.
    department: Mapped[str] = mapped_column(sa.String(128))
    helpers: Mapped[str] = mapped_column(sa.String(1000), default="")
    phase: Mapped[str] = mapped_column(sa.String(64), default="")
    deadline: Mapped[date | None]
    #: Value, threshold and unit when it was made, in canonical form.
    gap: Mapped[str] = mapped_column(sa.Text, default="{}")
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))

    budgets: Mapped[list["TaskBudget"]] = relationship(
        order_by="TaskBudget.year", cascade="all, delete-orphan"
    )
    events: Mapped[list["TaskEvent"]] = relationship(back_populates="task", order_by="TaskEvent.id")


class TaskBudget(Base):
    """Money for a task in one year, in yuan (so that 0.0001 万元 is exact)."""

    __tablename__ = "task_budget"
    __table_args__ = (sa.CheckConstraint("yuan >= 0", name="yuan"),)

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    yuan: Mapped[int] = mapped_column(sa.BigInteger)


class TaskEvent(Base):
    """Something happened to a task. Never edited."""

    __tablename__ = "task_event"
    __table_args__ = (
        sa.CheckConstraint(
            "kind IN ('begun', 'progress', 'handed_in', 'accepted', 'rejected', 'changed', 'cancelled',"
            " 'reopened')",
            name="kind",
        ),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 0 AND 100", name="percent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    percent: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.String(2000), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))

    task: Mapped[Task] = relationship(back_populates="events")
    evidence: Mapped[list[Evidence]] = relationship(secondary=task_evidence, order_by=Evidence.id)


class MergerTrial(Base):
    """Schools merged on paper: what the county would be then, beside what it is."""

    __tablename__ = "merger_trial"

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    county_file_id: Mapped[int] = mapped_column(sa.ForeignKey("county_file.id"))
    scheme_id: Mapped[str] = mapped_column(sa.String(64))
    scheme_digest: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(200))
    #: Which schools go where, and what changed by it; canonical form.
    mergers: Mapped[str] = mapped_column(sa.Text)
    result: Mapped[str] = mapped_column(sa.Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
