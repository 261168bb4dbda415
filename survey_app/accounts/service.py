"""Accounts: who there is, in which roles for which regions; never deleted, only switched off."""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.accounts import passwords
from survey_app.accounts.models import Appointment, User
from survey_app.accounts.roles import LEVELS
from survey_app.counties.models import Region
from survey_app.counties.regions import NATION, NotACountyError, UnknownRegionError
from survey_app.counties.service import ensure_region, school_names
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.lines import is_line
from survey_app.security import ROLES, Held, allowed

#: Logins are typed on phones and read over the telephone: small letters, digits and . _ - @ only.
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")

#: Serialises the making of the first account on PostgreSQL.
_FIRST_RUN_LOCK = 0x6A7566


class UnfitAccountError(JunhengError):
    """What was asked for an account cannot be; *code* says why."""

    code = "unfit_login"
    status = 422


#: What a form shows beside its fields, so that it can be corrected and sent again.
UNFIT = (UnfitAccountError, passwords.UnfitPasswordError)


def normal_login(login: str) -> str:
    """Give *login* as it is stored: half-width, small letters, no spaces around.

    >>> normal_login(" ＺｈａｎｇＳan ")
    'zhangsan'
    """
    return unicodedata.normalize("NFKC", login).strip().casefold()


def user_with_login(session: Session, login: str) -> User | None:
    """Give the account with this login, switched off or not."""
    return session.scalars(sa.select(User).where(User.login == normal_login(login))).one_or_none()


def any_account(session: Session) -> bool:
    """Say whether there is an account at all."""
    return session.scalar(sa.select(User.id).limit(1)) is not None


def add_user(
    session: Session,
    *,
    login: str,
    name: str,
    password: str | None,
    appointments: Sequence[Held],
    by: str,
    now: datetime,
) -> User:
    """Add an account that holds each of *appointments*; without a password its owner sets one by a link.

    Raises:
        UnfitAccountError: the login, the name, a role, a region or a school will not do.
        passwords.UnfitPasswordError: the password is too easy to guess.
        ConflictError: the login is taken.
    """
    login, name = normal_login(login), name.strip()
    if not _LOGIN.fullmatch(login):
        raise UnfitAccountError("unfit_login", login=login)
    if not 0 < len(name) <= 64 or not is_line(name):
        raise UnfitAccountError("unfit_name")
    if password is not None:
        passwords.check_fit(password, login=login)
    if user_with_login(session, login) is not None:
        raise ConflictError("login_taken", login=login)
    user = User(
        login=login,
        name=name,
        password_hash="" if password is None else passwords.hashed(password),
        active=True,
        created_at=now,
        session_stamp=secrets.token_hex(16),
    )
    user.appointments = _appointed(session, appointments)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        # Somebody else took the login since it was looked for.
        raise ConflictError("login_taken", login=login) from error
    record(session, "account.added", user, by=by, now=now, appointments=_posts(user))
    return user


def add_first_administrator(session: Session, *, login: str, name: str, password: str, now: datetime) -> User:
    """Add the one account that may be made without signing in: while there is none at all.

    Raises:
        ConflictError: there is an account already, perhaps since a moment ago.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_FIRST_RUN_LOCK)))
    if any_account(session):
        raise ConflictError("accounts_exist")
    appointments = [Held("administrator", NATION)]
    return add_user(
        session,
        login=login,
        name=name,
        password=password,
        appointments=appointments,
        by=normal_login(login),
        now=now,
    )


def all_users(session: Session) -> list[User]:
    """Give all accounts in the order of their logins."""
    users = session.scalars(
        sa.select(User)
        .options(joinedload(User.appointments).joinedload(Appointment.region))
        .order_by(User.login)
    )
    return list(users.unique())


def users_within(session: Session, held: Iterable[Held]) -> list[User]:
    """Give the accounts that somebody who holds *held* administers, in the order of their logins."""
    administrator = list(held)
    return [user for user in all_users(session) if administers(administrator, user)]


def administers(held: Iterable[Held], user: User) -> bool:
    """Say whether *held* reaches everything that *user* holds: a part would let one take over the rest."""
    administrator = list(held)
    return all(allowed(administrator, "users.manage", code) for code in regions_of(user))


def regions_of(user: User) -> list[str]:
    """Give the regions whose administrator the account needs; the whole country's if it holds nothing."""
    return [each.region_code for each in user.appointments] or [NATION]


def get_user(session: Session, user_id: int) -> User:
    """Give the account with this number.

    Raises:
        NotFoundError: there is none.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError
    return user


def schools_of(session: Session, users: Iterable[User]) -> dict[tuple[str, str], str]:
    """Names of the schools that *users* answer for: (county code, school code) -> name."""
    counties = {each.region_code for user in users for each in user.appointments if each.school_code}
    return {
        (county, code): name for county in counties for code, name in school_names(session, county).items()
    }


def appoint(session: Session, user: User, held: Held, *, by: str, now: datetime) -> None:
    """Let *user* hold one more role.

    Raises:
        UnfitAccountError: the role, the region or the school will not do.
        ConflictError: they hold it already, or are the one who acts.
    """
    if user.login == by:
        raise ConflictError("own_account")
    session.refresh(user, with_for_update=True)
    (added,) = _appointed(session, [held])
    if held in map(_held, user.appointments):
        raise ConflictError("appointed_already", region=added.region.name)
    user.appointments.append(added)
    session.flush()
    record(session, "account.appointed", user, by=by, now=now, appointment=_written(held))


def dismiss(session: Session, user: User, appointment_id: int, *, by: str, now: datetime) -> None:
    """Take one role from *user*.

    Raises:
        NotFoundError: they do not hold it.
        ConflictError: it is the last one (switch the account off instead), or one's own.
    """
    if user.login == by:
        raise ConflictError("own_account")
    session.refresh(user, with_for_update=True)
    held = next((each for each in user.appointments if each.id == appointment_id), None)
    if held is None:
        raise NotFoundError
    if len(user.appointments) == 1:
        raise ConflictError("last_appointment")
    user.appointments.remove(held)
    session.flush()
    record(session, "account.dismissed", user, by=by, now=now, appointment=_written(_held(held)))


def set_password(session: Session, user: User, password: str, *, by: str, now: datetime) -> None:
    """Give *user* a new password and end every session opened with the old one.

    Raises:
        passwords.UnfitPasswordError: the password is too easy to guess.
    """
    passwords.check_fit(password, login=user.login)
    user.password_hash = passwords.hashed(password)
    user.session_stamp = secrets.token_hex(16)
    record(session, "account.password_set", user, by=by, now=now)


def switch_off(session: Session, user: User, *, by: str, now: datetime) -> None:
    """Let *user* sign in no more; open sessions end with the next click.

    Raises:
        ConflictError: it is the administrator's own account, or it is off already.
    """
    if user.login == by:
        raise ConflictError("own_account")
    session.refresh(user, with_for_update=True)
    if not user.active:
        raise ConflictError("account_off", login=user.login)
    user.active = False
    user.session_stamp = secrets.token_hex(16)
    record(session, "account.switched_off", user, by=by, now=now)


def switch_on(session: Session, user: User, *, by: str, now: datetime) -> None:
    """Let *user* sign in again.

    Raises:
        ConflictError: the account is in use already.
    """
    session.refresh(user, with_for_update=True)
    if user.active:
        raise ConflictError("account_on", login=user.login)
    user.active = True
    record(session, "account.switched_on", user, by=by, now=now)


def set_end(session: Session, user: User, expires_at: datetime | None, *, by: str, now: datetime) -> None:
    """Let *user* sign in until *expires_at* only; None takes the end away.

    Raises:
        ConflictError: it is the administrator's own account.
        UnfitAccountError: the instant has passed already: switch the account off instead.
    """
    if user.login == by:
        raise ConflictError("own_account")
    if expires_at is not None and expires_at <= now:
        raise UnfitAccountError("end_past")
    user.expires_at = expires_at
    end = expires_at.isoformat() if expires_at else ""
    record(session, "account.end_set", user, by=by, now=now, expires_at=end)


def _appointed(session: Session, held: Sequence[Held]) -> list[Appointment]:
    if not held:
        raise UnfitAccountError("no_appointment")
    return [
        Appointment(role=each.role, region=_region_for(session, each), school_code=each.school_code)
        for each in dict.fromkeys(held)
    ]


def _region_for(session: Session, held: Held) -> Region:
    if held.role not in ROLES:
        raise UnfitAccountError("unknown_role", role=held.role, known="、".join(ROLES))
    try:
        region = ensure_region(session, held.region_code)
    except (UnknownRegionError, NotACountyError) as error:
        raise UnfitAccountError("unknown_region", region=held.region_code) from error
    if LEVELS.get(held.role, region.level) != region.level:
        raise UnfitAccountError("role_region_mismatch", role=held.role, region=region.name)
    if (held.role == "school") != bool(held.school_code):
        raise UnfitAccountError("school_needed" if held.role == "school" else "school_not_meant")
    if held.school_code and held.school_code not in school_names(session, held.region_code):
        raise UnfitAccountError("unknown_school", school=held.school_code, region=region.name)
    return region


def _held(appointment: Appointment) -> Held:
    return Held(appointment.role, appointment.region_code, appointment.school_code)


def _written(held: Held) -> str:
    return ":".join(filter(None, (held.role, held.region_code, held.school_code)))


def _posts(user: User) -> list[str]:
    return [_written(_held(each)) for each in user.appointments]


def record(session: Session, action: str, user: User, *, by: str, now: datetime, **details: object) -> None:
    """Write a deed on *user*'s account into the audit trail."""
    reach = user.appointments[0].region_code if len(user.appointments) == 1 else ""
    audit.record(session, action, by=by, now=now, region=reach, details={"login": user.login, **details})
