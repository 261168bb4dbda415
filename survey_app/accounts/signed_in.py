"""The person behind a request: read once from the session, or nobody."""

import hmac
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy.orm import Session, joinedload

from survey_app.accounts.models import Appointment, User
from survey_app.accounts.roles import LABELS
from survey_app.security import Held


class SignedIn(UserMixin):
    """A signed-in person as pages and permission checks need them; holds no database row."""

    def __init__(self, user: User):
        self.id = user.id
        self.login = user.login
        self.name = user.name
        self.held: Sequence[Held] = [
            Held(each.role, each.region_code, each.school_code) for each in user.appointments
        ]
        self._posts = [(each.region.name, each.role) for each in user.appointments]
        self._stamp = user.session_stamp

    def get_id(self) -> str:
        """The identity kept in the session: it dies with the account's stamp."""
        return f"{self.id}:{self._stamp}"

    @property
    def standing(self) -> str:
        """Region and role as the top bar shows them; with several, the first and how many there are."""
        if not self._posts:
            return self.name
        region, role = self._posts[0]
        first = f"{region} · {LABELS[role]}"
        if len(self._posts) == 1:
            return first
        return _("%(first)s 等 %(count)d 项", first=first, count=len(self._posts))


class Nobody(AnonymousUserMixin):
    """Whoever is not signed in: holds nothing."""

    held: Sequence[Held] = ()
    login = ""
    name = ""
    standing = ""


def load(session: Session, identity: object, *, now: datetime) -> SignedIn | None:
    """Give the person of a session's *identity* (``<id>:<stamp>``), or None if it is no longer theirs."""
    number, _colon, stamp = identity.partition(":") if isinstance(identity, str) else ("", "", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    found = session.scalars(
        sa.select(User)
        .where(User.id == int(number), User.active)
        .options(joinedload(User.appointments).joinedload(Appointment.region))
    )
    user = found.unique().one_or_none()
    if (
        user is None
        or not user.may_sign_in(now)
        or not hmac.compare_digest(user.session_stamp.encode(), stamp.encode())
    ):
        return None
    return SignedIn(user)
