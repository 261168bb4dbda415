"""Tokens: made by their owner and shown once, looked up at every request, revoked for good.

Only a keyed hash is kept, so that nobody who reads the database can use a token.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.accounts.models import Appointment, User
from survey_app.accounts.signed_in import SignedIn
from survey_app.api.models import ApiToken
from survey_app.api.scopes import SCOPES, written
from survey_app.clock import day_of
from survey_app.counties.regions import NotACountyError, UnknownRegionError
from survey_app.counties.service import ensure_region
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.lines import is_line
from survey_app.security import Held, allowed, covers

#: What every token begins with, so that people and scanners of leaked secrets know one when they see it.
PREFIX = "jh_"

#: A token is good for a year at the most.
LONGEST_DAYS = 365

#: An account has at most so many tokens that are good.
MOST = 50

_BYTES = 32
_TOKEN = re.compile(r"jh_[A-Za-z0-9_-]{43}", re.ASCII)


class UnfitTokenError(JunhengError):
    """What was asked for a token cannot be; *code* says why."""

    code = "token_name"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A token as its owner wants it."""

    name: str
    scopes: Sequence[str]
    region_code: str
    days: int


class TokenHolder(SignedIn):
    """The owner of a token, holding no more than the token was made for."""

    def __init__(self, token: ApiToken):
        super().__init__(token.user)
        #: Everything the owner holds, which says at which level they act.
        self.owner_held = tuple(self.held)
        self.held = narrowed(self.owner_held, token.region_code)
        self.token_name = token.name
        self.scopes = frozenset(token.scopes.split())


def make_token(
    session: Session, user: User, wish: Wish, *, held: Iterable[Held], key: bytes, now: datetime
) -> tuple[str, ApiToken]:
    """Make a token for *user*; gives what a program sends, shown once, and what is kept of it.

    Raises:
        UnfitTokenError: the name, the scopes, the region or the days will not do.
        ConflictError: the account has too many tokens.
    """
    name, own = wish.name.strip(), list(held)
    if not 0 < len(name) <= 64 or not is_line(name):
        raise UnfitTokenError
    if not wish.scopes or not set(wish.scopes) <= set(SCOPES):
        raise UnfitTokenError("token_scopes")
    if not 1 <= wish.days <= LONGEST_DAYS:
        raise UnfitTokenError("token_days", most=LONGEST_DAYS)
    if not allowed(own, "token.manage", wish.region_code):
        raise UnfitTokenError("region_not_yours", region=wish.region_code)
    if sum(is_good(token, now) for token in tokens_of(session, user)) >= MOST:
        raise ConflictError("token_many", most=MOST)
    try:
        region = ensure_region(session, wish.region_code)
    except (UnknownRegionError, NotACountyError) as error:
        raise UnfitTokenError("region_not_yours", region=wish.region_code) from error
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    token = ApiToken(
        user=user,
        name=name,
        token_hash=_hash(secret, key),
        scopes=written(wish.scopes),
        region_code=region.code,
        made_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    session.add(token)
    session.flush()
    _record(session, "token.made", token, by=user.login, now=now, scopes=token.scopes.split(), days=wish.days)
    return secret, token


def find_holder(
    session: Session, secret: str, *, key: bytes, now: datetime
) -> tuple[TokenHolder, int] | None:
    """Who sends *secret*, and the number of their token where its use today is not noted yet, else 0.

    None for a token that never was, is revoked or too old, or whose owner may not sign in.
    """
    if not _TOKEN.fullmatch(secret):
        return None
    token = (
        session.scalars(
            sa.select(ApiToken)
            .where(ApiToken.token_hash == _hash(secret, key))
            .options(
                joinedload(ApiToken.user, innerjoin=True)
                .joinedload(User.appointments)
                .joinedload(Appointment.region)
            )
        )
        .unique()
        .one_or_none()
    )
    if token is None or not is_good(token, now) or not token.user.may_sign_in(now):
        return None
    seen = token.last_used_on is not None and token.last_used_on >= day_of(now)
    return TokenHolder(token), 0 if seen else token.id


def used(token_id: int, *, now: datetime) -> sa.Update:
    """The statement that notes the day on which a token was used."""
    today = day_of(now)
    return (
        sa.update(ApiToken)
        .where(
            ApiToken.id == token_id,
            sa.or_(ApiToken.last_used_on.is_(None), ApiToken.last_used_on < today),
        )
        .values(last_used_on=today)
    )


def revoke(session: Session, token: ApiToken, *, reason: str, by: str, now: datetime) -> None:
    """End a token for good.

    Raises:
        UnfitTokenError: no reason is given.
        ConflictError: it was revoked before.
    """
    reason = reason.strip()
    if not reason:
        raise UnfitTokenError("reason_missing")
    ended = session.execute(
        sa.update(ApiToken)
        .where(ApiToken.id == token.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    if ended.rowcount != 1:  # ty: ignore[missing-attribute]
        raise ConflictError("token_revoked")
    session.refresh(token)
    _record(session, "token.revoked", token, by=by, now=now, owner=token.user.login, reason=reason[:200])


def tokens_of(session: Session, user: User) -> list[ApiToken]:
    """The tokens of an account, the newest first."""
    return list(
        session.scalars(
            sa.select(ApiToken)
            .where(ApiToken.user_id == user.id)
            .order_by(ApiToken.made_at.desc(), ApiToken.id.desc())
        )
    )


def get_token(session: Session, token_id: int) -> ApiToken:
    """The token with this number.

    Raises:
        NotFoundError: there is none.
    """
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFoundError
    return token


def is_good(token: ApiToken, now: datetime) -> bool:
    """Whether the token itself still opens something."""
    return token.revoked_at is None and now < token.expires_at


def narrowed(held: Iterable[Held], region_code: str) -> list[Held]:
    """What is left of *held* within a region; roles for a single school open nothing here.

    >>> narrowed([Held("city", "140500"), Held("county", "430603")], "140522")
    [Held(role='city', region_code='140522', school_code='')]
    """
    left = []
    for each in held:
        if each.school_code:
            continue
        if covers(each.region_code, region_code):
            left.append(Held(each.role, region_code))
        elif covers(region_code, each.region_code):
            left.append(each)
    return left


def _hash(secret: str, key: bytes) -> bytes:
    return hmac.digest(key, b"api token\0" + secret.encode("utf-8", "replace"), hashlib.sha256)


def _record(
    session: Session, action: str, token: ApiToken, *, by: str, now: datetime, **facts: object
) -> None:
    details = {"token": token.id, "name": token.name, **facts}
    audit.record(session, action, by=by, now=now, region=token.region_code, details=details)
