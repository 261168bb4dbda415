"""Signing in: the same answer for whoever errs, and a pause for whoever goes on guessing."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.accounts import passwords
from survey_app.accounts.models import SignInAttempt, User
from survey_app.accounts.service import normal_login, user_with_login
from survey_app.errors import JunhengError

#: So many failures within this time, and the next try has to wait until the first of them is older.
FAILURES = 5
WITHIN = timedelta(minutes=15)


class TooManyAttemptsError(JunhengError):
    """Too many failures for this login of late, whether it exists or not; *minutes* until the next try."""

    code = "too_many_attempts"
    status = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A counted try; checking it needs no database."""

    login: str
    #: The password of the active account with this login, as it is kept; None if there is none.
    kept: str | None

    def passes(self, password: str) -> bool:
        """Say whether *password* is right; where no account exists this takes the same time."""
        return passwords.matches(self.kept, password)


def take_attempt(session: Session, login: str, *, key: bytes, now: datetime) -> Attempt:
    """Count a try before its password is looked at, so that tries sent at once cannot slip through.

    The caller commits before `Attempt.passes`: hashing takes long and must hold no lock.

    Raises:
        TooManyAttemptsError: the login has to wait; this try is not counted.
    """
    hashed = _hash(login, key)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(hashed[:15], 16))))
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at <= now - WITHIN))
    times = session.scalars(
        sa.select(SignInAttempt.at).where(SignInAttempt.login_hash == hashed).order_by(SignInAttempt.at)
    ).all()
    if len(times) >= FAILURES:
        waiting = times[-FAILURES] + WITHIN - now
        raise TooManyAttemptsError(minutes=max(1, -(-waiting // timedelta(minutes=1))))
    session.add(SignInAttempt(login_hash=hashed, at=now))
    session.flush()
    user = user_with_login(session, login)
    return Attempt(
        login=normal_login(login),
        kept=user.password_hash if user is not None and user.may_sign_in(now) else None,
    )


def admit(session: Session, attempt: Attempt, password: str, *, key: bytes, now: datetime) -> User | None:
    """The owner of a passed *attempt*; one with a second factor is not in yet, and counted failures stay.

    None if the account was switched off or got another password in the meantime.
    """
    user = user_with_login(session, attempt.login)
    if user is None or not user.may_sign_in(now) or user.password_hash != attempt.kept:
        return None
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    if user.second_factor is None:
        note_signed_in(session, user, key=key, now=now)
    return user


def note_signed_in(session: Session, user: User, *, key: bytes, now: datetime) -> None:
    """Record that *user* is in, and forget the failures before."""
    forget_attempts(session, user.login, key=key)
    audit.record(session, "account.signed_in", by=user.login, now=now)


def forget_attempts(session: Session, login: str, *, key: bytes) -> None:
    """Forget the failures of *login*: the right password was given."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.login_hash == _hash(login, key)))


def end_sessions(session: Session, user: User, *, now: datetime) -> None:
    """Sign *user* out everywhere: cookies copied before are worth nothing afterwards."""
    user.session_stamp = secrets.token_hex(16)
    audit.record(session, "account.signed_out", by=user.login, now=now)


def _hash(login: str, key: bytes) -> str:
    return hmac.new(
        key, b"sign-in attempt\0" + normal_login(login).encode("utf-8"), hashlib.sha256
    ).hexdigest()
