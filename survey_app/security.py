"""Who may do what where; and what every answer of the server carries to stay safe."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Request, Response, redirect, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from survey_app.config import Settings
from survey_app.errors import ForbiddenError, JunhengError, NotFoundError
from survey_app.lines import is_line

#: Roles, from the one that keeps accounts to the one that only reads the trail.
ROLES = (
    "administrator",
    "county",
    "city",
    "province",
    "nation",
    "assessor",
    "auditor",
    "school",
    "interviewer",
)

_STAFF = {"county", "city", "province", "nation", "assessor"}
_SUPERVISORS = {"city", "province", "nation"}

#: Permission -> roles that have it for their region and everything below. A school's coordinator has it for
#: that school alone.
PERMISSIONS: dict[str, set[str]] = {
    "region.view": set(ROLES),
    "county.view": _STAFF | {"administrator", "auditor"},
    "county.import": {"county"},
    "wave.view": _STAFF,
    "wave.plan": {"county"},
    "wave.open": {"county"},
    "wave.close": {"county"} | _SUPERVISORS,
    "wave.abort": {"county"} | _SUPERVISORS,
    "questionnaire.view": _STAFF,
    "questionnaire.edit": {"county"} | _SUPERVISORS,
    "cards.download": {"county"},
    "entries.manage": {"county"},
    "school.view": {"county", "school"},
    "school.proctor": {"county", "school"},
    "phone.supervise": {"county"},
    "phone.work": {"interviewer"},
    "wave.release": _SUPERVISORS,
    "results.view": _STAFF,
    "results.view_unreleased": _SUPERVISORS,
    "run.view": _STAFF,
    "run.make": _STAFF,
    "application.open": {"county"},
    "application.sign": {"county"} | _SUPERVISORS,
    "judgement.enter": _STAFF,
    "override.decide": _SUPERVISORS | {"assessor"},
    "correction.ask": _SUPERVISORS | {"assessor"},
    "correction.answer": {"county"},
    "integrity.view": _SUPERVISORS | {"assessor"},
    "integrity.review": _SUPERVISORS,
    "answers.export": _SUPERVISORS,
    "answers.read": _SUPERVISORS | {"assessor"},
    "supervision.view": _STAFF,
    "supervision.manage": _SUPERVISORS,
    "schedule.keep": {"province", "nation"},
    "ledger.edit": {"county"},
    "ledger.confirm": _SUPERVISORS,
    "token.manage": _STAFF,
    "users.manage": {"administrator"},
    "audit.view": {"administrator", "auditor"},
}

#: The one policy all pages obey: nothing inline, nothing from elsewhere, no framing.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

csrf = CSRFProtect()
login_manager = LoginManager()


@dataclass(frozen=True, slots=True)
class Held:
    """A role held for the region with this code and everything below it."""

    role: str
    region_code: str
    #: Set for a school's coordinator: then the role is held for this school of the region alone.
    school_code: str = ""


class StaffSessions(SecureCookieSessionInterface):
    """Sessions in signed cookies; whoever has no cookie gets an empty one without the work of a signature."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of *request*, whose pages are mostly those of phones, which have none."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie of *session*; nothing is to be said of one that nobody looked into."""
        if session.accessed or session.modified or session:
            super().save_session(app, session, response)


class UnknownHostError(JunhengError):
    """The request names a host that is not ours."""

    code = "unknown_host"
    status = 400


def scope(region_code: str) -> str:
    """The leading digits that a region shares with everything below it.

    >>> scope("000000"), scope("140000"), scope("140500"), scope("140522"), scope("140522100")
    ('', '14', '1405', '140522', '140522100')
    """
    head = region_code
    while len(head) <= 6 and head.endswith("00"):
        head = head[:-2]
    return head


def covers(held_region: str, region_code: str) -> bool:
    """Whether *region_code* is *held_region* or lies below it."""
    return region_code.startswith(scope(held_region))


def allowed(held: Iterable[Held], permission: str, region_code: str, *, school: str = "") -> bool:
    """Whether the roles in *held* give *permission* for the region, or for the *school* of it."""
    roles = PERMISSIONS[permission]
    return any(
        each.role in roles and covers(each.region_code, region_code) and each.school_code in {"", school}
        for each in held
    )


def authorise(permission: str, region_code: str, *, school: str = "") -> None:
    """Let the signed-in user pass, or refuse.

    Raises:
        NotFoundError: the region, or the school, is none of the user's: it looks like one that does not
            exist.
        ForbiddenError: the user may see it but not do this.
    """
    held = current_user.held
    if not allowed(held, "region.view", region_code, school=school):
        raise NotFoundError
    if not allowed(held, permission, region_code, school=school):
        raise ForbiddenError


def may(permission: str, region_code: str, *, school: str = "") -> bool:
    """Whether the signed-in user has *permission* for the region or school (for templates)."""
    return current_user.is_authenticated and allowed(
        current_user.held, permission, region_code, school=school
    )


def regions_for(permission: str) -> list[str]:
    """The scopes (leading digits) for which the signed-in user has *permission*."""
    return [
        scope(each.region_code)
        for each in current_user.held
        if each.role in PERMISSIONS[permission] and not each.school_code
    ]


def schools_for(permission: str) -> list[tuple[str, str]]:
    """The single schools (county code, school code) for which the signed-in user has *permission*."""
    return [
        (each.region_code, each.school_code)
        for each in current_user.held
        if each.role in PERMISSIONS[permission] and each.school_code
    ]


def require_login() -> BaseResponse | None:
    """Send whoever is not signed in to the sign-in page (a ``before_request`` of every staff room)."""
    if current_user.is_authenticated:
        return None
    target = request.path if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=target))


def is_local_path(target: str | None) -> bool:
    """Whether *target* is a path of this site, safe to redirect to."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not is_line(target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc and "\\" not in target


def is_known(settings: Settings, host: str) -> bool:
    """Whether *host* is ours; outside of production this machine is by any of its names."""
    local = host.partition(":")[0] in {"127.0.0.1", "localhost", "[::1]"}
    return host == urlsplit(settings.public_url).netloc or (local and not settings.production)


def headers(settings: Settings) -> list[tuple[str, str]]:
    """What every reply carries; the last, which forbids to keep it, all but styles, scripts and pictures."""
    https = settings.public_url.startswith("https:")
    transport = [("Strict-Transport-Security", "max-age=31536000")] if https else []
    return [*HEADERS.items(), *transport, ("Cache-Control", "no-store")]


def init_app(app: Flask, settings: Settings) -> None:
    """Sign-in cookies, CSRF, host check and headers."""
    https = settings.public_url.startswith("https:")
    app.config.update(
        SECRET_KEY=settings.session_key.hex(),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_NAME="junheng",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    app.session_interface = StaffSessions()
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None  # ty: ignore[invalid-assignment]  an address may change

    @app.before_request
    def refuse_unknown_hosts() -> None:
        if not is_known(settings, request.host):
            raise UnknownHostError

    unless_static = headers(settings)
    always = unless_static[:-1]

    @app.after_request
    def protect(response: Response) -> Response:
        present = {name.lower() for name, _ in response.headers}
        for name, value in always if request.endpoint == "static" else unless_static:
            if name.lower() not in present:
                response.headers.add(name, value)
        return response
