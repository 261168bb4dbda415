"""Reports of a quarter or a year as they were made."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.counties.models import Region
from survey_app.db import Base, Instant


class Dispatch(Base):
    """A report of a quarter (季度调度) or a year as it was made; a later version supersedes, never edits."""

    __tablename__ = "dispatch"
    __table_args__ = (
        sa.UniqueConstraint("region_code", "year", "quarter", "version"),
        sa.CheckConstraint("quarter BETWEEN 0 AND 4", name="quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    year: Mapped[int]
    #: 1 to 4; 0 for the year as a whole.
    quarter: Mapped[int]
    #: Counted up from 1 within region, year and quarter.
    version: Mapped[int]
    #: Everything its papers say, in canonical form, and SHA-256 of it.
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))

    region: Mapped[Region] = relationship()
