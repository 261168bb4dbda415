"""Pages of the texts: for supervising levels and assessors, after the release."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from survey_app import clock
from survey_app.db import db
from survey_app.home import note
from survey_app.lines import AtMost, is_line, some_lines
from survey_app.results import service
from survey_app.results.open_answers import marks, reading
from survey_app.results.rates.sheets import FORMS, worded
from survey_app.results.seeing import wave_to_see
from survey_app.security import require_login
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import reader_language

bp = Blueprint("open_answers", __name__, url_prefix="/results")
bp.before_request(require_login)

#: Characters that are looked for at most.
_LONGEST = 50


class WithdrawForm(FlaskForm):
    """Why a text is taken away."""

    reason = TextAreaField(
        _l("撤下的原因"),
        validators=[DataRequired(_l("请写明原因")), AtMost(500), some_lines],
    )


@bp.get("/<int:wave_id>/texts")
def show(wave_id: int) -> str:
    """The texts of a released wave, a page at a time, with a search."""
    wave = wave_to_see(wave_id, "answers.read")
    outcome = service.outcome_of(db.session, wave) if wave.released_at else None
    language = reader_language()
    asked = {row["id"]: worded(row["text"], language) for row in (outcome or {}).get("texts", ())}
    item = request.args.get("item", "")
    words = "".join(filter(is_line, request.args.get("words", ""))).strip()[:_LONGEST]
    found = None
    if wave.released_at:
        page = request.args.get("page", 1, type=int)
        found = reading.texts_of(db.session, wave, item=item if item in asked else "", words=words, page=page)
    return render_template(
        "results/texts.html",
        wave=wave,
        outcome=outcome,
        asked=asked,
        forms=FORMS,
        item=item,
        words=words,
        found=found,
        groups=GROUPS,
        labels=marks.labels(),
        language=language,
    )


@bp.route("/<int:wave_id>/texts/<number>/withdraw", methods=["GET", "POST"])
def withdraw(wave_id: int, number: str) -> Response | str | tuple[str, int]:
    """Take a text away, with a reason."""
    wave = wave_to_see(wave_id, "integrity.review")
    text = reading.text_of(db.session, wave, number)
    form = WithdrawForm()
    if form.validate_on_submit():
        reading.withdraw(
            db.session, wave, text, reason=form.reason.data or "", by=current_user.login, now=clock.now()
        )
        db.session.commit()
        note(_("这条文字已撤下，原因记入操作记录。"))
        return redirect(url_for("open_answers.show", wave_id=wave_id), 303)
    page = render_template("results/withdraw_text.html", wave=wave, text=text, form=form)
    return (page, 422) if form.errors else page
