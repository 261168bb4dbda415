"""Signing in and out, the first administrator, one's own password."""

from datetime import timedelta

from flask import (
    Blueprint,
    Flask,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, login_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from survey_app import clock, qr, security
from survey_app.accounts import auditing, links, managing, second_factor, service, signed_in, signing_in
from survey_app.accounts.forms import (
    FirstRunForm,
    NewPasswordForm,
    OwnPasswordForm,
    SecondFactorForm,
    SignInForm,
)
from survey_app.accounts.models import User
from survey_app.accounts.names import person
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ForbiddenError, JunhengError
from survey_app.formatting import in_fours
from survey_app.home import note
from survey_app.messages import sentence

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

#: A session ends this long after signing in, used or not.
_SESSION = 12 * 3600

#: How long the code of the second factor is waited for.
_CODE_WITHIN = timedelta(minutes=10)

#: What the session keeps between two pages: who owes a code, a secret not confirmed, a link being used.
_WAITING, _NEW_SECRET, _LINK = "waiting for a code", "new secret", "link"


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Sign in, and go on to the page that asked for it."""
    form = SignInForm()
    target = request.args.get("next")
    if not form.validate_on_submit():
        return _sign_in_page(form), 422 if form.errors else 200
    key = _session_key()
    try:
        attempt = signing_in.take_attempt(db.session, form.login.data, key=key, now=clock.now())
    except signing_in.TooManyAttemptsError as error:
        return _sign_in_page(form, sentence(error.code, **error.facts)), error.status
    db.session.commit()
    password = form.password.data or ""
    user = None
    if attempt.passes(password):
        user = signing_in.admit(db.session, attempt, password, key=key, now=clock.now())
    if user is None:
        return _sign_in_page(form, sentence("sign_in_refused")), 422
    if user.second_factor is not None:
        _await_code(user, target)
        db.session.commit()
        return redirect(url_for("accounts.sign_in_code"))
    _begin_session(user)
    db.session.commit()
    return _go_on(target)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def sign_in_code() -> Response | str | tuple[str, int]:
    """Ask whoever gave the right password for the code of the second factor."""
    waiting = session.get(_WAITING) or {}
    user = db.session.get(User, waiting.get("user", 0))
    now, key = clock.now(), _session_key()
    if user is None or user.session_stamp != waiting["stamp"] or now.timestamp() > waiting["until"]:
        session.pop(_WAITING, None)
        if request.method == "GET":
            return redirect(url_for("accounts.sign_in"))
        return _sign_in_page(SignInForm(formdata=None), sentence("form_expired")), 409
    form = SecondFactorForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in_code.html", form=form), 422 if form.errors else 200
    try:
        signing_in.take_attempt(db.session, user.login, key=key, now=now)
        db.session.commit()
        second_factor.check(
            db.session, user, form.code.data or "", key=settings_of(current_app).personal_key, now=now
        )
    except (signing_in.TooManyAttemptsError, second_factor.WrongCodeError) as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return render_template("accounts/sign_in_code.html", form=form), error.status
    signing_in.note_signed_in(db.session, user, key=key, now=now)
    _begin_session(user)
    db.session.commit()
    return _go_on(waiting["next"])


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign out, here and wherever else the account is signed in."""
    if current_user.is_authenticated:
        signing_in.end_sessions(db.session, db.session.get_one(User, current_user.id), now=clock.now())
        db.session.commit()
    session.clear()
    return redirect(url_for("home.index"))


@bp.route("/first-run", methods=["GET", "POST"])
def first_run() -> Response | str | tuple[str, int]:
    """Make the first administrator, while there is no account at all."""
    if request.method == "GET" and service.any_account(db.session):
        return redirect(url_for("accounts.sign_in"))
    offered = not current_app.extensions["junheng-settings"].production
    form = FirstRunForm()
    if not form.validate_on_submit():
        page = render_template("accounts/first_run.html", form=form, offered=offered)
        return page, 422 if form.errors else 200
    if not offered:
        raise ForbiddenError
    try:
        user = service.add_first_administrator(
            db.session,
            login=form.login.data,
            name=form.name.data,
            password=form.password.data,
            now=clock.now(),
        )
    except service.UNFIT as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return render_template("accounts/first_run.html", form=form, offered=offered), error.status
    _begin_session(user)
    db.session.commit()
    note(_("管理员账号已建立。现在可以添加其他账号。"))
    return redirect(url_for("users.index"))


@bp.route("/password", methods=["GET", "POST"])
def own_password() -> Response | str | tuple[str, int]:
    """Change one's own password."""
    refused = security.require_login()
    if refused is not None:
        return refused
    form = OwnPasswordForm()
    if not form.validate_on_submit():
        return _own_password_page(form), 422 if form.errors else 200
    key, now = _session_key(), clock.now()
    try:
        attempt = signing_in.take_attempt(db.session, current_user.login, key=key, now=now)
        db.session.commit()
        if not attempt.passes(form.current.data):
            form.form_errors.append(sentence("password_wrong"))
            return _own_password_page(form), 422
        user = db.session.get_one(User, current_user.id)
        service.set_password(db.session, user, form.password.data, by=current_user.login, now=now)
        signing_in.forget_attempts(db.session, current_user.login, key=key)
    except JunhengError as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return _own_password_page(form), error.status
    _begin_session(user)
    db.session.commit()
    note(_("密码已更改。"))
    return redirect(url_for("home.index"))


@bp.route("/second-factor", methods=["GET", "POST"])
def own_second_factor() -> Response | str | tuple[str, int]:
    """Set up a second factor for oneself, or take it away with one last code."""
    refused = security.require_login()
    if refused is not None:
        return refused
    user = db.session.get_one(User, current_user.id)
    form = SecondFactorForm()
    if request.method == "GET":
        session.pop(_NEW_SECRET, None)
    key, now = settings_of(current_app).personal_key, clock.now()
    if not form.validate_on_submit():
        return _second_factor_page(user, form), 422 if form.errors else 200
    try:
        signing_in.take_attempt(db.session, user.login, key=_session_key(), now=now)
        db.session.commit()
        if user.second_factor is None:
            secret = session.get(_NEW_SECRET, second_factor.new_secret())
            second_factor.switch_on(db.session, user, secret, form.code.data or "", key=key, now=now)
        else:
            second_factor.check(db.session, user, form.code.data or "", key=key, now=now)
            second_factor.switch_off(db.session, user, by=user.login, now=now)
    except JunhengError as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return _second_factor_page(user, form), error.status
    signing_in.forget_attempts(db.session, user.login, key=_session_key())
    session.pop(_NEW_SECRET, None)
    db.session.commit()
    note(_("第二验证因素已启用。") if user.second_factor else _("第二验证因素已取消。"))
    return redirect(url_for("accounts.own_second_factor"))


@bp.get("/link/<token>")
def open_link(token: str) -> Response:
    """Take a one-time link out of the address at once; opening spends nothing."""
    links.find_link(db.session, token, key=_session_key(), now=clock.now())
    session.clear()
    session[_LINK] = token
    return redirect(url_for("accounts.use_link"), 303)


@bp.route("/link", methods=["GET", "POST"])
def use_link() -> Response | str | tuple[str, int]:
    """Set one's password with a one-time link."""
    token, key, now = session.get(_LINK, ""), _session_key(), clock.now()
    user = links.find_link(db.session, token, key=key, now=now).user
    form = NewPasswordForm()
    if not form.validate_on_submit():
        page = render_template("accounts/use_link.html", form=form, user=user)
        return page, 422 if form.errors else 200
    try:
        links.use_link(db.session, token, form.password.data or "", key=key, now=now)
    except service.UNFIT as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return render_template("accounts/use_link.html", form=form, user=user), error.status
    session.clear()
    db.session.commit()
    note(_("密码已设好。请用登录名 %(login)s 和新密码登录。", login=user.login))
    return redirect(url_for("accounts.sign_in"))


def init_app(app: Flask) -> None:
    """Register the room and teach Flask-Login who is who."""
    app.config["PERMANENT_SESSION_LIFETIME"] = _SESSION
    login_manager = security.login_manager
    login_manager.anonymous_user = signed_in.Nobody  # ty: ignore[invalid-assignment]
    login_manager.user_loader(lambda identity: signed_in.load(db.session, identity, now=clock.now()))
    app.register_blueprint(bp)
    app.register_blueprint(managing.bp)
    app.register_blueprint(auditing.bp)
    app.add_template_filter(person)
    app.before_request(_lead_to_first_run)


def _lead_to_first_run() -> Response | None:
    """Begin at the first administrator where nobody could sign in yet."""
    if request.endpoint == "home.index" and not service.any_account(db.session):
        return redirect(url_for("accounts.first_run"))
    return None


def _await_code(user: User, target: str | None) -> None:
    """Remember who gave the right password until the code comes, in a session that is nobody's yet."""
    session.clear()
    until = (clock.now() + _CODE_WITHIN).timestamp()
    session[_WAITING] = {"user": user.id, "stamp": user.session_stamp, "until": until, "next": target}


def _go_on(target: str | None) -> Response:
    return redirect(target if target and security.is_local_path(target) else url_for("home.index"))


def _own_password_page(form: OwnPasswordForm) -> str:
    has_tokens = bool(security.regions_for("token.manage"))
    return render_template("accounts/own_password.html", form=form, has_tokens=has_tokens)


def _second_factor_page(user: User, form: SecondFactorForm) -> str:
    if user.second_factor is not None:
        return render_template("accounts/second_factor.html", form=form, on=True)
    secret = session.setdefault(_NEW_SECRET, second_factor.new_secret())
    picture = Markup(qr.picture(second_factor.address(secret, user.login)))  # noqa: S704  our own drawing
    return render_template(
        "accounts/second_factor.html", form=form, on=False, secret=in_fours(secret), picture=picture
    )


def _begin_session(user: User) -> None:
    """Start a session of *user* that has nothing in common with the one before."""
    session.clear()
    login_user(signed_in.SignedIn(user))


def _sign_in_page(form: SignInForm, said: str | None = None) -> str:
    return render_template(
        "accounts/sign_in.html", form=form, said=said, anybody=service.any_account(db.session)
    )


def _session_key() -> bytes:
    return current_app.extensions["junheng-settings"].session_key
