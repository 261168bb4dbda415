"""Pages of administrators: the accounts of their regions."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock, security
from survey_app.accounts import service
from survey_app.accounts.forms import AppointmentForm, ConfirmForm, NewAccountForm, NewPasswordForm
from survey_app.accounts.models import User
from survey_app.accounts.roles import LABELS
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, JunhengError
from survey_app.home import note
from survey_app.messages import sentence

bp = Blueprint("users", __name__, url_prefix="/accounts")
bp.before_request(security.require_login)

Page = Response | str | tuple[str, int]


@bp.get("/")
def index() -> str:
    """List the accounts of the administrator's regions."""
    _require_administrator()
    return render_template(
        "accounts/index.html", users=service.users_within(db.session, current_user.held), labels=LABELS
    )


@bp.route("/new", methods=["GET", "POST"])
def add() -> Page:
    """Add an account with its first role."""
    _require_administrator()
    form = NewAccountForm()
    if form.validate_on_submit():
        try:
            user = service.add_user(
                db.session,
                login=form.login.data or "",
                name=form.name.data or "",
                password=form.password.data or "",
                appointments=[form.pair],
                by=current_user.login,
                now=clock.now(),
            )
        except (*service.UNFIT, ConflictError) as error:
            _say(form, error)
        else:
            db.session.commit()
            note(_("账号已添加。请把登录名和密码当面或通过可靠方式交给本人，并请他登录后更改密码。"))
            return redirect(url_for("users.show", user_id=user.id))
    return render_template("accounts/new.html", form=form), _status(form)


@bp.get("/<int:user_id>")
def show(user_id: int) -> str:
    """Show one account and what can be done with it."""
    return render_template("accounts/show.html", user=_managed(user_id), labels=LABELS, form=ConfirmForm())


@bp.route("/<int:user_id>/appoint", methods=["GET", "POST"])
def appoint(user_id: int) -> Page:
    """Give an account one more role."""
    user = _managed(user_id)
    form = AppointmentForm()
    if form.validate_on_submit():
        try:
            service.appoint(db.session, user, *form.pair, by=current_user.login, now=clock.now())
        except (*service.UNFIT, ConflictError) as error:
            _say(form, error)
        else:
            db.session.commit()
            return redirect(url_for("users.show", user_id=user.id))
    return render_template("accounts/appoint.html", user=user, form=form), _status(form)


@bp.post("/<int:user_id>/dismiss/<int:appointment_id>")
def dismiss(user_id: int, appointment_id: int) -> Response:
    """Take a role from an account."""
    user = _managed(user_id)
    service.dismiss(db.session, user, appointment_id, by=current_user.login, now=clock.now())
    db.session.commit()
    return redirect(url_for("users.show", user_id=user.id))


@bp.route("/<int:user_id>/password", methods=["GET", "POST"])
def set_password(user_id: int) -> Page:
    """Give an account a new password."""
    user = _managed(user_id)
    if user.login == current_user.login:
        return redirect(url_for("accounts.own_password"))
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            service.set_password(db.session, user, form.password.data, by=current_user.login, now=clock.now())
        except service.UNFIT as error:
            _say(form, error)
        else:
            db.session.commit()
            note(_("新密码已生效，这个账号在各处的登录都已退出。请把新密码交给本人。"))
            return redirect(url_for("users.show", user_id=user.id))
    return render_template("accounts/set_password.html", user=user, form=form), _status(form)


@bp.route("/<int:user_id>/switch-off", methods=["GET", "POST"])
def switch_off(user_id: int) -> Page:
    """Switch an account off."""
    user = _managed(user_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("accounts/switch_off.html", user=user, form=form)
    service.switch_off(db.session, user, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("账号已停用。"))
    return redirect(url_for("users.show", user_id=user.id))


@bp.post("/<int:user_id>/switch-on")
def switch_on(user_id: int) -> Response:
    """Switch an account on again."""
    user = _managed(user_id)
    service.switch_on(db.session, user, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("账号已重新启用。"))
    return redirect(url_for("users.show", user_id=user.id))


def _require_administrator() -> None:
    if not security.regions_for("users.manage"):
        raise ForbiddenError


def _managed(user_id: int) -> User:
    """Give an account of the administrator's regions; one reaching beyond them does not exist for them."""
    user = service.get_user(db.session, user_id)
    for region_code in service.regions_of(user):
        security.authorise("users.manage", region_code)
    return user


def _say(form: AppointmentForm | NewPasswordForm, error: JunhengError) -> None:
    db.session.rollback()
    form.form_errors.append(sentence(error.code, **error.facts))


def _status(form: AppointmentForm | NewPasswordForm) -> int:
    return 422 if form.errors else 200
