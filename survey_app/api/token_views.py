"""Pages of tokens: one's own, those of an account one administers; making and revoking them."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock, security
from survey_app.accounts import service as accounts
from survey_app.accounts.models import User
from survey_app.api import tokens
from survey_app.api.forms import RevokeForm, TokenForm
from survey_app.api.models import ApiToken
from survey_app.api.operations import PREFIX
from survey_app.api.scopes import LABELS, SCOPES
from survey_app.config import settings_of
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.errors import ForbiddenError
from survey_app.home import note
from survey_app.messages import sentence

bp = Blueprint("tokens", __name__, url_prefix="/tokens")
bp.before_request(security.require_login)

Page = str | BaseResponse | tuple[str, int]


@bp.get("/")
def index() -> str:
    """One's own tokens."""
    _require_own()
    return _list(db.session.get_one(User, current_user.id))


@bp.get("/of/<int:user_id>")
def of_account(user_id: int) -> str:
    """The tokens of an account that one administers."""
    return _list(_administered(accounts.get_user(db.session, user_id)))


@bp.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Make a token; it is shown on this answer and never again."""
    _require_own()
    form = TokenForm()
    form.scopes.choices = [
        (scope, f"{scope} · {LABELS[scope]}")
        for scope, permission in SCOPES.items()
        if security.regions_for(permission)
    ]
    if not form.is_submitted():
        form.region.data = next(
            each.region_code
            for each in current_user.held
            if each.role in security.PERMISSIONS["token.manage"]
        )
    if not form.validate_on_submit():
        return _form_page(form), 422 if form.errors else 200
    try:
        secret, token = tokens.make_token(
            db.session,
            db.session.get_one(User, current_user.id),
            form.wish,
            held=current_user.held,
            key=settings_of(current_app).session_key,
            now=clock.now(),
        )
    except tokens.UnfitTokenError as error:
        db.session.rollback()
        form.form_errors.append(sentence(error.code, **error.facts))
        return _form_page(form), error.status
    db.session.commit()
    base = f"{settings_of(current_app).public_url}{PREFIX}"
    return render_template("api/made.html", token=token, secret=secret, base=base)


@bp.route("/<int:token_id>/revoke", methods=["GET", "POST"])
def revoke(token_id: int) -> Page:
    """End a token, with a reason."""
    token = tokens.get_token(db.session, token_id)
    own = token.user_id == current_user.id
    if not own:
        _administered(token.user)
    form = RevokeForm()
    if not form.validate_on_submit():
        page = render_template("api/revoke.html", token=token, form=form, own=own)
        return page, 422 if form.errors else 200
    tokens.revoke(db.session, token, reason=form.reason.data or "", by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("接口令牌“%(name)s”已撤销，立即失效。", name=token.name))
    return _back(token, own=own)


def _back(token: ApiToken, *, own: bool) -> BaseResponse:
    return redirect(
        url_for("tokens.index") if own else url_for("tokens.of_account", user_id=token.user_id), 303
    )


def _list(user: User) -> str:
    found = tokens.tokens_of(db.session, user)
    return render_template(
        "api/tokens.html",
        user=user,
        own=user.id == current_user.id,
        tokens=[(token, tokens.is_good(token, clock.now())) for token in found],
        regions={token.region_code: db.session.get_one(Region, token.region_code).name for token in found},
        labels=LABELS,
    )


def _form_page(form: TokenForm) -> str:
    return render_template("api/new.html", form=form, most=tokens.LONGEST_DAYS)


def _require_own() -> None:
    if not security.regions_for("token.manage"):
        raise ForbiddenError


def _administered(user: User) -> User:
    for region_code in accounts.regions_of(user):
        security.authorise("users.manage", region_code)
    return user
