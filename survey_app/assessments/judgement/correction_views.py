"""Pages of requests for correction: asked by a level, answered by the county, decided by who asked."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.assessments import words
from survey_app.assessments.judgement import corrections
from survey_app.assessments.judgement import words as own_words
from survey_app.assessments.judgement.desk import Desk, about_choices, about_of, desk, findings_of
from survey_app.assessments.judgement.forms import AnswerForm, CorrectionForm, DecisionForm
from survey_app.assessments.judgement.models import Correction
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import get_run, school_names
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import may, require_login
from survey_app.surveys.planning import reader_language

bp = Blueprint("corrections", __name__, url_prefix="/applications/<int:application_id>/corrections")
bp.before_request(require_login)


@bp.get("")
def index(application_id: int) -> str:
    """Every request of an application: what waits first, with its deadline."""
    at = desk(application_id)
    now = clock.now()
    return render_template(
        "judgement/corrections.html",
        desk=at,
        application=at.application,
        standings=corrections.corrections_of(db.session, at.application, on=corrections.today(now)),
        runs={run.id: run for run in corrections.runs_of(db.session, at.application)},
        can_ask=at.own == at.there and may("correction.ask", at.application.county_code),
        words=words,
        own_words=own_words,
    )


@bp.route("/new", methods=["GET", "POST"])
def ask(application_id: int) -> str | BaseResponse | tuple[str, int]:
    """Ask the county to correct something by a day."""
    at = desk(application_id, "correction.ask")
    form = CorrectionForm()
    runs = about_choices(form, at.application, whole=False)
    if not runs:
        raise ConflictError("correction_without_run")
    if not form.validate_on_submit():
        page = render_template(
            "judgement/correction_new.html",
            desk=at,
            application=at.application,
            form=form,
            today=corrections.today(clock.now()),
        )
        return (page, 422) if form.is_submitted() else page
    assert form.due_on.data is not None  # noqa: S101  the form requires a day
    try:
        made = corrections.ask(
            db.session,
            at.application,
            level=at.own,
            about=about_of(form),
            text=form.text.data or "",
            due_on=form.due_on.data,
            by=current_user.login,
            now=clock.now(),
        )
    except corrections.UnfitCorrectionError as refused:
        db.session.rollback()
        form.form_errors.append(sentence(refused.code, **refused.facts))
        page = render_template(
            "judgement/correction_new.html",
            desk=desk(application_id),
            application=desk(application_id).application,
            form=form,
            today=corrections.today(clock.now()),
        )
        return page, refused.status
    number = made.number
    db.session.commit()
    note(_("已要求补正。县里答复以前，本级不能签署。"))
    return redirect(url_for("corrections.show", application_id=application_id, number=number), 303)


@bp.get("/<int:number>")
def show(application_id: int, number: int) -> str:
    """One request with its answer, and the forms of whoever has to do something."""
    at = desk(application_id)
    correction = corrections.correction_of(db.session, at.application, number)
    return _page(at, correction, _answer_form(at, correction))


@bp.post("/<int:number>/answer")
def answer(application_id: int, number: int) -> str | BaseResponse | tuple[str, int]:
    """Answer for the county: with a newer file, of which a new run is made, or with a reason."""
    at = desk(application_id, "correction.answer")
    correction = corrections.correction_of(db.session, at.application, number)
    form = _answer_form(at, correction)
    if not form.validate_on_submit():
        return _page(at, correction, form), 422
    file_id = int(str(form.county_file.data))
    try:
        run = corrections.answer(
            db.session,
            at.application,
            correction,
            text=form.text.data or "",
            county_file=counties.county_file(db.session, file_id) if file_id else None,
            by=current_user.login,
            now=clock.now(),
        )
    except corrections.UnfitCorrectionError as refused:
        db.session.rollback()
        form.form_errors.append(sentence(refused.code, **refused.facts))
        at = desk(application_id)
        correction = corrections.correction_of(db.session, at.application, number)
        return _page(at, correction, form), refused.status
    said = _("已答复，并按改正后的数据生成第 %(n)d 次评估。", n=run.number) if run else _("已答复。")
    db.session.commit()
    note(said)
    return redirect(url_for("corrections.show", application_id=application_id, number=number), 303)


@bp.post("/<int:number>/decide")
def decide(application_id: int, number: int) -> BaseResponse:
    """Accept an answer or not, or take an unanswered request back."""
    at = desk(application_id, "correction.ask")
    correction = corrections.correction_of(db.session, at.application, number)
    form = DecisionForm()
    if not form.validate_on_submit():
        raise ConflictError
    corrections.decide(
        db.session,
        at.application,
        correction,
        level=at.own,
        accepted=form.decision.data == "accept",
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("已处理。"))
    return redirect(url_for("corrections.show", application_id=application_id, number=number), 303)


def _answer_form(at: Desk, correction: Correction) -> AnswerForm:
    form = AnswerForm()
    files = corrections.newer_files(db.session, at.application, correction)
    form.county_file.choices = [
        (0, _("不改数据，只作说明")),
        *(
            (each.id, _("%(year)d 年第 %(version)d 版", year=each.year, version=each.version))
            for each in files
        ),
    ]
    return form


def _page(at: Desk, correction: Correction, form: AnswerForm) -> str:
    asked_run = get_run(db.session, correction.run_id)
    state = corrections.state_of(correction, on=corrections.today(clock.now()))
    code = at.application.county_code
    corrected = correction.corrected_run_id
    return render_template(
        "judgement/correction.html",
        desk=at,
        application=at.application,
        correction=correction,
        state=state,
        form=form,
        decision=DecisionForm(),
        asked_run=asked_run,
        corrected_run=db.session.get(EvaluationRun, corrected) if corrected else None,
        finding=findings_of(asked_run, reader_language()).get(correction.finding, correction.finding),
        school=school_names(asked_run).get(correction.school_code or "", correction.school_code),
        can_answer=state in {"waiting", "overdue"}
        and at.there is not None
        and may("correction.answer", code),
        can_decide=correction.decided_at is None
        and at.there is not None
        and at.own == correction.level
        and may("correction.ask", code),
        words=words,
        own_words=own_words,
    )
