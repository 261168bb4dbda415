"""What people are called where pages and papers say who did something; what is stored is always the login."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from sqlalchemy.orm import Session, aliased

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.formatting import ABSENT


def names_of(session: Session, logins: Iterable[str]) -> dict[str, str]:
    """The names behind *logins*; what is no account's (a job, somebody of another installation) is left out.

    Names are given once and accounts never deleted, so that a paper printed again says the same.
    """
    rows = session.execute(sa.select(User.login, User.name).where(User.login.in_(set(logins))))
    return {row.login: row.name for row in rows}


def logins_of(session: Session, typed: str) -> list[str]:
    """The logins that *typed* means, a name or a login itself; the latter also where it is no account's."""
    return [typed, *session.scalars(sa.select(User.login).where(User.name == typed, User.login != typed))]


def person(login: str | None) -> str:
    """Whoever has *login* as pages name them (a template filter).

    The name of the account; with the login behind it where several accounts bear the name; the login itself
    where there is no such account. Nobody is ``—``. Each is looked up once a request.
    """
    if login is None:
        return ABSENT
    known: dict[str, str] = g.setdefault("people_named", {})
    if login not in known:
        known[login] = _named(db.session, login)
    return known[login]


def _named(session: Session, login: str) -> str:
    other = aliased(User)
    bearers = sa.select(sa.func.count()).where(other.name == User.name).scalar_subquery()
    found = session.execute(sa.select(User.name, bearers.label("n")).where(User.login == login)).first()
    if found is None:
        return login
    return found.name if found.n == 1 else _("%(name)s（%(login)s）", name=found.name, login=login)
