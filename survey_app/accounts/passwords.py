"""Passwords: what makes one fit, how it is kept, and checking without telling who exists."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey_app.errors import JunhengError

AT_LEAST = 10
AT_MOST = 128

#: Fewer different characters than this, and a password is a keystroke held down or a short pattern.
_DIFFERENT = 5

#: What guessers try first among passwords that are long enough otherwise.
_COMMON = {"1234567890", "0987654321", "1q2w3e4r5t", "qwertyuiop", "password123", "admin12345", "junheng123"}

_HASHER = PasswordHasher(parallelism=1)


class UnfitPasswordError(JunhengError):
    """The password is too easy to guess; *code* says in which way."""

    code = "password_short"
    status = 422


def check_fit(password: str, *, login: str) -> None:
    """Refuse a password that a guesser would find soon.

    Raises:
        UnfitPasswordError: too short, too long, contains the login, too few different characters,
            or one of the usual ones.
    """
    if len(password) < AT_LEAST:
        raise UnfitPasswordError("password_short", at_least=AT_LEAST, length=len(password))
    if len(password) > AT_MOST:
        raise UnfitPasswordError("password_long", at_most=AT_MOST)
    if login and login.casefold() in password.casefold():
        raise UnfitPasswordError("password_has_login")
    if len(set(password)) < _DIFFERENT:
        raise UnfitPasswordError("password_monotonous", at_least=_DIFFERENT)
    if password.casefold() in _COMMON:
        raise UnfitPasswordError("password_common")


def hashed(password: str) -> str:
    """Give the form in which *password* is kept (Argon2id)."""
    return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Say whether *password* is the one kept; without one, work as long and say no."""
    nobody = _nobody()
    try:
        return _HASHER.verify(kept or nobody, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Say whether *kept* was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    """The hash of a password that nobody knows."""
    return _HASHER.hash(secrets.token_hex(16))
