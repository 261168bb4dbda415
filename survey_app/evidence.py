"""Files that prove something: checked, kept under names of our own, known by their digest."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Instant


class Evidence(Base):
    """A file that somebody handed in as proof. It can be withdrawn, never replaced."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(sa.String(12), index=True)
    #: What the person calls it; the name it came under is not kept anywhere else.
    title: Mapped[str] = mapped_column(sa.String(200))
    #: The name it is stored under, given by us.
    stored_name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    #: What it was found to be, from its content.
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    #: SHA-256 of the content.
    digest: Mapped[str] = mapped_column(sa.String(64))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    stored_by: Mapped[str] = mapped_column(sa.String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(64))
    withdraw_reason: Mapped[str] = mapped_column(sa.String(500), default="")
