"""Accounts, their appointments and the sign-in attempts that slow a guesser down."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.counties.models import Region
from survey_app.db import Base, Instant


class User(Base):
    """A person who signs in. Accounts are switched off, never deleted: the audit trail names them."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: Shown beside what the person did.
    name: Mapped[str] = mapped_column(sa.String(64))
    #: Argon2id; empty until its owner has set a password.
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    #: Random; changing it ends every open session of the account.
    session_stamp: Mapped[str] = mapped_column(sa.String(32))
    #: From this instant on nobody signs in with it; null for an account without an end.
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Secret of the second factor, encrypted; null without one.
    second_factor: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    #: The last time step whose code was used: none is good twice.
    second_factor_step: Mapped[int] = mapped_column(default=0)

    appointments: Mapped[list["Appointment"]] = relationship(
        back_populates="user", order_by="Appointment.id", cascade="all, delete-orphan"
    )

    def may_sign_in(self, now: datetime) -> bool:
        """Whether the account is in use at *now*."""
        return self.active and (self.expires_at is None or now < self.expires_at)


class OneTimeLink(Base):
    """A link with which somebody sets a password once: a first one, or a forgotten one anew."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    #: Keyed hash of what the link carries.
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    #: Used, or replaced by a newer one.
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()


class Appointment(Base):
    """A role that an account holds for a region and everything below it, or for one school of it."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "role", "region_code", "school_code"),
        sa.CheckConstraint(
            "role IN ('administrator', 'county', 'city', 'province', 'nation', 'assessor', 'auditor',"
            " 'school', 'interviewer')",
            name="role",
        ),
        sa.CheckConstraint("(role = 'school') = (school_code <> '')", name="school"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(16))
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"))
    #: The one school a coordinator answers for; empty for every other role.
    school_code: Mapped[str] = mapped_column(sa.String(64), default="")

    user: Mapped[User] = relationship(back_populates="appointments")
    region: Mapped[Region] = relationship()


class SignInAttempt(Base):
    """A failed sign-in, kept for a while to slow down whoever guesses passwords."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Keyed hash of the login that was typed; it may be nobody's.
    login_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
