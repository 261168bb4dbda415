"""Tokens with which a program acts for a person, never more than that person may and often less."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.accounts.models import User
from survey_app.db import Base, Instant


class ApiToken(Base):
    """A token of one account: for some scopes, for one region and everything below it, until a day."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    #: Keyed hash of what the program sends.
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    #: Names of scopes in one line with spaces between.
    scopes: Mapped[str] = mapped_column(sa.String(500))
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    #: The last day it was used; no instant, so that a request seldom writes.
    last_used_on: Mapped[date | None]

    user: Mapped[User] = relationship()
