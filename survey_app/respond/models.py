"""The sealed inbox: answers nobody can read while the field is open."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base


class SealedAnswer(Base):
    """An answer sealed to its wave's public key, under a random number, without an order."""

    __tablename__ = "sealed_answer"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  rowids would betray the order

    #: 128 random bits.
    id: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
