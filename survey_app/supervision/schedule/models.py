"""A province's schedule, counties under listed supervision, and the quarterly reports as they were sent."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.counties.models import Region
from survey_app.db import Base, Instant


class RecognitionSchedule(Base):
    """A version of a province's schedule of recognition; the newest holds."""

    __tablename__ = "recognition_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    province_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[str] = mapped_column(sa.String(100))
    #: Cities, years and counties as the document has them; canonical form and SHA-256.
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[datetime] = mapped_column(Instant)
    imported_by: Mapped[str] = mapped_column(sa.String(64))


class Listing(Base):
    """A county was put under listed supervision (挂牌督办), and perhaps taken from it."""

    __tablename__ = "listing"

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(2000))
    #: What was known of the county then, in canonical form.
    facts: Mapped[str] = mapped_column(sa.Text, default="{}")
    listed_at: Mapped[datetime] = mapped_column(Instant)
    listed_by: Mapped[str] = mapped_column(sa.String(64))
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by: Mapped[str | None] = mapped_column(sa.String(64))
    lift_reason: Mapped[str] = mapped_column(sa.String(2000), default="")

    county: Mapped[Region] = relationship()


class Dispatch(Base):
    """A quarterly dispatch report (季度调度) as it was made; a later version supersedes, never edits."""

    __tablename__ = "dispatch"
    __table_args__ = (
        sa.UniqueConstraint("region_code", "year", "quarter", "version"),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    year: Mapped[int]
    quarter: Mapped[int]
    version: Mapped[int]
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))

    region: Mapped[Region] = relationship()
