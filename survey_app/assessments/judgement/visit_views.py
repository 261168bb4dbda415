"""Pages of field visits: who was asked where, the rate, a visit more, a visit withdrawn."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.assessments import words
from survey_app.assessments.judgement import visiting
from survey_app.assessments.judgement.asked import visit_limit
from survey_app.assessments.judgement.corrections import today
from survey_app.assessments.judgement.desk import Desk, desk
from survey_app.assessments.judgement.forms import ReasonForm, VisitForm
from survey_app.assessments.judgement.service import visits_of
from survey_app.assessments.judgement.summary import level_looked_from
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import require_login
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.planning import reader_language

bp = Blueprint("visits", __name__, url_prefix="/applications/<int:application_id>/visits")
bp.before_request(require_login)


@bp.route("", methods=["GET", "POST"])
def index(application_id: int) -> str | BaseResponse | tuple[str, int]:
    """The visits of every level with their rate, and a place to note another one."""
    at = desk(application_id)
    form = _visit_form(at)
    if not form.validate_on_submit():
        return _page(at, form)
    assert form.visited_on.data is not None  # noqa: S101  the form requires a day
    try:
        visiting.add_visit(
            db.session,
            at.application,
            level=at.own,
            visited_on=form.visited_on.data,
            place=(form.place.data or "").strip(),
            school_code=str(form.school.data) if form.school.data else None,
            group=str(form.group.data),
            interviewed=int(form.interviewed.data or 0),
            satisfied=int(form.satisfied.data or 0),
            note=(form.note.data or "").strip(),
            by=current_user.login,
            now=clock.now(),
        )
    except visiting.UnfitVisitError as refused:
        db.session.rollback()
        form.form_errors.append(sentence(refused.code, **refused.facts))
        return _page(desk(application_id), form)
    db.session.commit()
    note(_("走访已录入。重新生成评估结果后才会计入。"))
    return redirect(url_for("visits.index", application_id=application_id), 303)


@bp.route("/<int:visit_id>/withdraw", methods=["GET", "POST"])
def withdraw(application_id: int, visit_id: int) -> str | BaseResponse | tuple[str, int]:
    """Let a visit count no more, with the reason."""
    at = desk(application_id, "judgement.enter")
    visit = visiting.visit_of(db.session, at.application, visit_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        page = render_template(
            "judgement/withdraw_visit.html",
            application=at.application,
            visit=visit,
            form=form,
            groups=GROUPS,
            language=reader_language(),
        )
        return (page, 422) if form.is_submitted() else page
    visiting.withdraw_visit(
        db.session,
        at.application,
        visit,
        level=at.own,
        reason=form.reason.data or "",
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("走访已撤回，不再计入；记录和原因仍保留。"))
    return redirect(url_for("visits.index", application_id=application_id), 303)


def _visit_form(at: Desk) -> VisitForm:
    form = VisitForm()
    language = reader_language()
    schools = counties.school_names(db.session, at.application.county_code)
    form.school.choices = [("", _("不在学校")), *schools.items()]
    form.group.choices = [(group, GROUPS[group].label.in_language(language)) for group in visiting.GROUPS]
    if not form.is_submitted():
        form.visited_on.data = today(clock.now())
    return form


def _page(at: Desk, form: VisitForm) -> str | tuple[str, int]:
    application = at.application
    limit = visit_limit(application.scheme_id)
    page = render_template(
        "judgement/visits.html",
        desk=at,
        application=application,
        form=form,
        limit=limit,
        levels=visiting.by_level(
            visits_of(db.session, application), level=level_looked_from(application), limit=limit
        ),
        schools=counties.school_names(db.session, application.county_code),
        groups=GROUPS,
        language=reader_language(),
        words=words,
    )
    return (page, 422) if form.is_submitted() else page
