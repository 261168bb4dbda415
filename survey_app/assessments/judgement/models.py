"""Judgements that people entered, in the order they entered them; the last one of a level holds."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Base, Instant
from survey_app.evidence import Evidence

_LEVEL = "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')"

judgement_evidence = sa.Table(
    "judgement_evidence",
    Base.metadata,
    sa.Column("judgement_id", sa.ForeignKey("judgement.id"), primary_key=True),
    sa.Column("evidence_id", sa.ForeignKey("evidence.id"), primary_key=True),
)


class Judgement(Base):
    """An attestation, veto or points of a sub-item, as one level judged it. Never edited, only followed."""

    __tablename__ = "judgement"
    __table_args__ = (
        sa.CheckConstraint(_LEVEL, name="level"),
        sa.CheckConstraint("kind IN ('attestation', 'veto', 'points')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    level: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: Its key in the county file: "layout", "exams", "27.2".
    key: Mapped[str] = mapped_column(sa.String(64))
    #: True, false, points, or null where it was taken back; canonical form.
    value: Mapped[str] = mapped_column(sa.String(32))
    note: Mapped[str] = mapped_column(sa.String(2000), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))

    evidence: Mapped[list[Evidence]] = relationship(secondary=judgement_evidence, order_by=Evidence.id)


class FieldVisit(Base):
    """People asked face to face on a visit (实地走访), as a tally of one place and group."""

    __tablename__ = "field_visit"
    __table_args__ = (
        sa.CheckConstraint(_LEVEL, name="level"),
        sa.CheckConstraint("interviewed > 0 AND satisfied BETWEEN 0 AND interviewed", name="tally"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    level: Mapped[str] = mapped_column(sa.String(16))
    visited_on: Mapped[date]
    place: Mapped[str] = mapped_column(sa.String(128))
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    group: Mapped[str] = mapped_column(sa.String(16))
    interviewed: Mapped[int]
    satisfied: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(2000), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(64))
    withdraw_reason: Mapped[str] = mapped_column(sa.String(500), default="")


class Remark(Base):
    """What somebody says of an application, a run, or one finding of it."""

    __tablename__ = "remark"
    __table_args__ = (sa.CheckConstraint(_LEVEL, name="level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    level: Mapped[str] = mapped_column(sa.String(16))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    #: Empty where the remark is about the whole.
    finding: Mapped[str] = mapped_column(sa.String(32), default="")
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    stage: Mapped[str | None] = mapped_column(sa.String(16))
    text: Mapped[str] = mapped_column(sa.String(2000))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))


class Correction(Base):
    """A level wants a figure corrected by a day; the county answers with a new file or a reason."""

    __tablename__ = "correction"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "number"),
        sa.CheckConstraint(_LEVEL, name="level"),
        sa.CheckConstraint("(accepted IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    number: Mapped[int]
    level: Mapped[str] = mapped_column(sa.String(16))
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    finding: Mapped[str] = mapped_column(sa.String(32), default="")
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    stage: Mapped[str | None] = mapped_column(sa.String(16))
    text: Mapped[str] = mapped_column(sa.String(2000))
    due_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[str] = mapped_column(sa.String(2000), default="")
    #: The corrected file, and the run made of it, which supersedes the one that was asked about.
    county_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("county_file.id"))
    corrected_run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[str | None] = mapped_column(sa.String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(sa.String(64))
    accepted: Mapped[bool | None]
