"""A province's schedule of recognition, version after version."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

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
