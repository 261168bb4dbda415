"""Counties under listed supervision (挂牌督办)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.counties.models import Region
from survey_app.db import Base, Instant


class Listing(Base):
    """A county was put under listed supervision (挂牌督办), and perhaps taken from it."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.Index(
            "uq_listing_standing",
            "county_code",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted"),
        sa.CheckConstraint("reason <> ''", name="reason"),
        sa.CheckConstraint("lifted_at IS NULL OR lift_reason <> ''", name="lift_reason"),
    )

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
