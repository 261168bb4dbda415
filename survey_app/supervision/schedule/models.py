"""A province's schedule of recognition, version after version; recognitions that were made elsewhere."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Instant


class RecognitionSchedule(Base):
    """A version of a province's schedule of recognition; the newest holds. Never edited."""

    __tablename__ = "recognition_schedule"
    __table_args__ = (sa.UniqueConstraint("province_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    province_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    #: Counted up from 1 within the province.
    version: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[str] = mapped_column(sa.String(100))
    #: Cities, years and counties as the document has them; canonical form and SHA-256.
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[datetime] = mapped_column(Instant)
    imported_by: Mapped[str] = mapped_column(sa.String(64))


class RecordedRecognition(Base):
    """A recognition made outside this installation, by a document of the nation; perhaps taken back."""

    __tablename__ = "recorded_recognition"
    __table_args__ = (
        sa.Index(
            "uq_recorded_recognition_standing",
            "county_code",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    recognised_on: Mapped[date]
    #: The document that says so.
    document: Mapped[str] = mapped_column(sa.String(200))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(sa.String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(64))
    withdraw_reason: Mapped[str] = mapped_column(sa.String(500), default="")
