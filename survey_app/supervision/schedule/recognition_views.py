"""Pages on which a recognition made outside this installation is recorded, or taken back."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.counties import service as counties
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import authorise
from survey_app.supervision.schedule import service
from survey_app.supervision.schedule.forms import RecognitionForm, WithdrawForm
from survey_app.supervision.schedule.views import bp


@bp.route("/<code>/recognition", methods=["GET", "POST"])
def record(code: str) -> str | BaseResponse | tuple[str, int]:
    """Record that a county was recognised by a document of the nation; show what is recorded."""
    county = _county(code)
    form = RecognitionForm()
    if form.validate_on_submit():
        assert form.recognised_on.data is not None  # noqa: S101  the form requires a day
        try:
            service.record_recognition(
                db.session,
                code,
                on=form.recognised_on.data,
                document=str(form.document.data).strip(),
                by=current_user.login,
                now=clock.now(),
            )
        except ConflictError as refused:
            db.session.rollback()
            form.form_errors.append(sentence(refused.code, **refused.facts))
            return _page(county, form), 422
        db.session.commit()
        note(_("已登记。进度从现在起按已通过计算。"))
        return redirect(url_for("schedule.show", region=code), 303)
    page = _page(county, form)
    return (page, 422) if form.is_submitted() else page


@bp.route("/<code>/recognition/withdraw", methods=["GET", "POST"])
def withdraw(code: str) -> str | BaseResponse | tuple[str, int]:
    """Take back a recognition that was recorded by mistake."""
    county = _county(code)
    form = WithdrawForm()
    if form.validate_on_submit():
        reason = str(form.reason.data).strip()
        try:
            service.withdraw_recognition(
                db.session, code, reason=reason, by=current_user.login, now=clock.now()
            )
        except ConflictError as refused:
            db.session.rollback()
            form.form_errors.append(sentence(refused.code, **refused.facts))
        else:
            db.session.commit()
            note(_("已撤回。那一条记录和理由仍然保留。"))
            return redirect(url_for("schedule.record", code=code), 303)
    page = render_template(
        "schedule/withdraw.html", county=county, form=form, rows=service.recorded(db.session, [code])
    )
    return (page, 422) if form.is_submitted() else page


def _page(county: Region, form: RecognitionForm) -> str:
    rows = service.recorded(db.session, [county.code])
    return render_template("schedule/recognition.html", county=county, form=form, rows=rows)


def _county(code: str) -> Region:
    authorise("schedule.keep", code)
    county = counties.county_region(db.session, code)
    if county is None:
        raise NotFoundError
    return county
