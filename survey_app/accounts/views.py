"""Signing in and out, the first administrator, one's own password."""

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
from werkzeug.wrappers import Response

from survey_app import clock, security
from survey_app.accounts import managing, service, signed_in, signing_in
from survey_app.accounts.forms import FirstRunForm, OwnPasswordForm, SignInForm
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.errors import ForbiddenError, JunhengError
from survey_app.home import note
from survey_app.messages import sentence

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

#: A session ends this long after signing in, used or not.
_SESSION = 12 * 3600


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
    _begin_session(user)
    db.session.commit()
    return redirect(target if target and security.is_local_path(target) else url_for("home.index"))


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
        return render_template("accounts/own_password.html", form=form), 422 if form.errors else 200
    key, now = _session_key(), clock.now()
    try:
        attempt = signing_in.take_attempt(db.session, current_user.login, key=key, now=now)
        db.session.commit()
        if not attempt.passes(form.current.data):
            form.form_errors.append(sentence("password_wrong"))
            return render_template("accounts/own_password.html", form=form), 422
        user = db.session.get_one(User, current_user.id)
        service.set_password(db.session, user, form.password.data, by=current_user.login, now=now)
        signing_in.forget_attempts(db.session, current_user.login, key=key)
    except JunhengError as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return render_template("accounts/own_password.html", form=form), error.status
    _begin_session(user)
    db.session.commit()
    note(_("密码已更改。"))
    return redirect(url_for("home.index"))


def init_app(app: Flask) -> None:
    """Register the room and teach Flask-Login who is who."""
    app.config["PERMANENT_SESSION_LIFETIME"] = _SESSION
    login_manager = security.login_manager
    login_manager.anonymous_user = signed_in.Nobody  # ty: ignore[invalid-assignment]
    login_manager.user_loader(lambda identity: signed_in.load(db.session, identity))
    app.register_blueprint(bp)
    app.register_blueprint(managing.bp)
    app.before_request(_lead_to_first_run)


def _lead_to_first_run() -> Response | None:
    """Begin at the first administrator where nobody could sign in yet."""
    if request.endpoint == "home.index" and not service.any_account(db.session):
        return redirect(url_for("accounts.first_run"))
    return None


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
