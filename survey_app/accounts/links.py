"""One-time links: the holder sets the account's password once, and nobody else ever knows it.

There is no mail server: an administrator hands the link over. Only its keyed hash is kept, so that nobody who
reads the database can use it. Opening the page spends nothing, since messengers fetch what they preview.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.accounts import service
from survey_app.accounts.models import OneTimeLink, User
from survey_app.errors import ConflictError, GoneError

#: How long a link is good.
GOOD_FOR = timedelta(days=3)

_BYTES = 32


def make_link(session: Session, user: User, *, key: bytes, by: str, now: datetime) -> tuple[str, OneTimeLink]:
    """Make a link for *user*; gives what its address carries, shown once, and what is kept of it.

    Links made before end. The password in use stays until the link is used.

    Raises:
        ConflictError: it is one's own account, or the account is switched off.
    """
    if user.login == by:
        raise ConflictError("own_account")
    session.refresh(user, with_for_update=True)
    if not user.active:
        raise ConflictError("account_off", login=user.login)
    _end_all(session, user, now)
    token = secrets.token_urlsafe(_BYTES)
    link = OneTimeLink(
        user=user, token_hash=_hash(token, key), made_at=now, made_by=by, expires_at=now + GOOD_FOR
    )
    session.add(link)
    session.flush()
    service.record(session, "account.link_made", user, by=by, now=now)
    return token, link


def find_link(session: Session, token: str, *, key: bytes, now: datetime) -> OneTimeLink:
    """The link that carries *token*, while it is good.

    Raises:
        GoneError: it was used or replaced, is too old, never was, or its account is switched off.
    """
    link = session.scalars(
        sa.select(OneTimeLink)
        .where(OneTimeLink.token_hash == _hash(token, key))
        .options(joinedload(OneTimeLink.user, innerjoin=True))
    ).one_or_none()
    if link is None or link.ended_at is not None or link.expires_at <= now or not link.user.may_sign_in(now):
        raise GoneError("link_ended")
    return link


def use_link(session: Session, token: str, password: str, *, key: bytes, now: datetime) -> User:
    """Set the password of the account the link was made for, and end the link.

    Raises:
        GoneError: the link is not good any more, perhaps since a moment ago.
        passwords.UnfitPasswordError: the password is too easy to guess; the link stays good.
    """
    link = find_link(session, token, key=key, now=now)
    service.set_password(session, link.user, password, by=link.user.login, now=now)
    ended = session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    if ended.rowcount != 1:  # ty: ignore[missing-attribute]
        raise GoneError("link_ended")
    audit.record(session, "account.link_used", by=link.user.login, now=now, details={"made_by": link.made_by})
    return link.user


def _end_all(session: Session, user: User, now: datetime) -> None:
    session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.user_id == user.id, OneTimeLink.ended_at.is_(None))
        .values(ended_at=now)
    )


def _hash(token: str, key: bytes) -> bytes:
    return hmac.digest(key, b"one-time link\0" + token.encode("utf-8", "replace"), hashlib.sha256)
