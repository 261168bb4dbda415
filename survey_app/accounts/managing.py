"""Pages of administrators: the accounts of their regions."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from survey_app import clock, security
from survey_app.accounts import links, second_factor, service
from survey_app.accounts.forms import AppointmentForm, ConfirmForm, EndForm, NewAccountForm
from survey_app.accounts.models import User
from survey_app.accounts.roles import LABELS
from survey_app.config import settings_of
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
    users = service.users_within(db.session, current_user.held)
    return render_template(
        "accounts/index.html",
        users=users,
        labels=LABELS,
        schools=service.schools_of(db.session, users),
        now=clock.now,
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
                password=None,
                appointments=[form.held],
                by=current_user.login,
                now=clock.now(),
            )
        except (*service.UNFIT, ConflictError) as error:
            _say(form, error)
        else:
            return _link_page(user)
    return render_template("accounts/new.html", form=form), _status(form)


@bp.get("/<int:user_id>")
def show(user_id: int) -> str:
    """Show one account and what can be done with it."""
    user = _managed(user_id)
    return render_template(
        "accounts/show.html",
        user=user,
        labels=LABELS,
        form=ConfirmForm(),
        schools=service.schools_of(db.session, [user]),
        now=clock.now,
    )


@bp.route("/<int:user_id>/appoint", methods=["GET", "POST"])
def appoint(user_id: int) -> Page:
    """Give an account one more role."""
    user = _managed(user_id)
    form = AppointmentForm()
    if form.validate_on_submit():
        try:
            service.appoint(db.session, user, form.held, by=current_user.login, now=clock.now())
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


@bp.post("/<int:user_id>/link")
def link(user_id: int) -> str:
    """Make a one-time link with which the account's owner sets a password; it is shown once."""
    return _link_page(_managed(user_id))


@bp.route("/<int:user_id>/end", methods=["GET", "POST"])
def set_end(user_id: int) -> Page:
    """Say until when an account is good."""
    user = _managed(user_id)
    form = EndForm(last_day=user.expires_at and user.expires_at.astimezone(clock.BEIJING) - timedelta(days=1))
    if form.validate_on_submit():
        end = clock.day_after(form.last_day.data) if form.last_day.data else None
        try:
            service.set_end(db.session, user, end, by=current_user.login, now=clock.now())
        except service.UNFIT as error:
            _say(form, error)
        else:
            db.session.commit()
            return redirect(url_for("users.show", user_id=user.id))
    return render_template("accounts/end.html", user=user, form=form), _status(form)


@bp.post("/<int:user_id>/second-factor/off")
def second_factor_off(user_id: int) -> Response:
    """Take the second factor of somebody who lost the telephone."""
    user = _managed(user_id)
    second_factor.switch_off(db.session, user, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("已取消第二验证因素。请本人登录后重新设置。"))
    return redirect(url_for("users.show", user_id=user.id))


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


def _link_page(user: User) -> str:
    settings = settings_of(current_app)
    token, made = links.make_link(
        db.session, user, key=settings.session_key, by=current_user.login, now=clock.now()
    )
    db.session.commit()
    address = f"{settings.public_url}{url_for('accounts.open_link', token=token)}"
    return render_template("accounts/link_made.html", user=user, address=address, link=made)


def _require_administrator() -> None:
    if not security.regions_for("users.manage"):
        raise ForbiddenError


def _managed(user_id: int) -> User:
    """Give an account of the administrator's regions; one reaching beyond them does not exist for them."""
    user = service.get_user(db.session, user_id)
    for region_code in service.regions_of(user):
        security.authorise("users.manage", region_code)
    return user


def _say(form: FlaskForm, error: JunhengError) -> None:
    db.session.rollback()
    form.form_errors.append(sentence(error.code, **error.facts))


def _status(form: FlaskForm) -> int:
    return 422 if form.errors else 200
