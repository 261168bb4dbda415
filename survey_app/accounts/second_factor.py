"""The second factor: six digits from an application on one's telephone (TOTP, RFC 6238)."""

import hmac
import unicodedata
from datetime import datetime

import pyotp
from nacl.secret import SecretBox
from sqlalchemy.orm import Session

from survey_app.accounts import service
from survey_app.accounts.models import User
from survey_app.errors import ConflictError, JunhengError

#: Seconds for which one code stands, and how many steps a telephone's clock may be off.
_STEP = 30
_DRIFT = 1

#: Shown in the application on the telephone.
_ISSUER = "Junheng"


class WrongCodeError(JunhengError):
    """The six digits are not those of now, or were used before."""

    code = "second_factor_wrong"
    status = 422


def new_secret() -> str:
    """A secret for an application on a telephone: 32 letters and digits, 160 bits."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What the QR picture says to the application."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def switch_on(session: Session, user: User, secret: str, code: str, *, key: bytes, now: datetime) -> None:
    """Ask *user* for a code from now on; the first one shows that the telephone has the secret.

    Raises:
        ConflictError: there is a second factor already.
        WrongCodeError: the code is not the secret's.
    """
    session.refresh(user, with_for_update=True)
    if user.second_factor is not None:
        raise ConflictError("second_factor_on")
    step = _step_of(secret, code, now, after=0)
    user.second_factor = SecretBox(key).encrypt(secret.encode("ascii"))
    user.second_factor_step = step
    service.record(session, "account.second_factor_on", user, by=user.login, now=now)


def check(session: Session, user: User, code: str, *, key: bytes, now: datetime) -> None:
    """Accept the code of now, once.

    Raises:
        WrongCodeError: it is another one, or was used before.
    """
    session.refresh(user, with_for_update=True)
    if user.second_factor is None:
        raise WrongCodeError
    secret = SecretBox(key).decrypt(user.second_factor).decode("ascii")
    user.second_factor_step = _step_of(secret, code, now, after=user.second_factor_step)


def switch_off(session: Session, user: User, *, by: str, now: datetime) -> None:
    """Ask *user* for no code any more: the telephone is lost, or another one takes its place.

    Raises:
        ConflictError: there is none.
    """
    session.refresh(user, with_for_update=True)
    if user.second_factor is None:
        raise ConflictError("second_factor_off")
    user.second_factor = None
    service.record(session, "account.second_factor_off", user, by=by, now=now)


def _step_of(secret: str, code: str, now: datetime, *, after: int) -> int:
    """The time step whose code this is, later than *after*: so none is good twice."""
    given = "".join(unicodedata.normalize("NFKC", code).split()).encode("utf-8", "replace")
    current = int(now.timestamp()) // _STEP
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if step > after and hmac.compare_digest(pyotp.TOTP(secret).at(step * _STEP).encode("ascii"), given):
            return step
    raise WrongCodeError
