"""Pages of overrides: proposed by one person of a level, decided by another."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from evaluation.overrides import Place
from survey_app import clock
from survey_app.assessments import words
from survey_app.assessments.applications import overriding, places
from survey_app.assessments.applications.desk import Page, application_of, back_to, turn_at
from survey_app.assessments.applications.forms import DecisionForm, OverrideForm
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import school_names
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import require_login
from survey_app.surveys.planning import reader_language

bp = Blueprint("overrides", __name__, url_prefix="/applications/<int:application_id>/overrides")
bp.before_request(require_login)

_OUTCOMES = ("met", "not_met", "undetermined")


@bp.route("/new", methods=["GET", "POST"])
def propose(application_id: int) -> Page:
    """Choose a finding of the level's newest run, then say how it is to be read and why."""
    application, level = turn_at(application_id, "override.decide")
    run = next(iter(places.runs_of(db.session, application, level)), None)
    if run is None:
        raise ConflictError("sign_without_run")
    computed = overriding.computed_of(run)
    choices = sorted(computed, key=lambda place: _OUTCOMES.index(computed[place]["outcome"]) != 1)
    given = request.args.get("finding", "")
    place = (given, request.args.get("school") or None, request.args.get("stage") or None)
    if not given:
        groups: dict[str, list[Place]] = {}
        for each in choices:
            groups.setdefault(each[0], []).append(each)
        return render_template(
            "applications/choose_finding.html",
            application=application,
            run=run,
            groups=groups,
            computed=computed,
            words=words,
            language=reader_language(),
        )
    if place not in computed:
        raise NotFoundError
    form = OverrideForm()
    form.outcome.choices = [
        (each, sentence(f"outcome_{each}", lang=reader_language()))
        for each in _OUTCOMES
        if each != computed[place]["outcome"]
    ]
    if form.validate_on_submit():
        try:
            overriding.propose(
                db.session,
                application,
                run,
                place=place,
                outcome=str(form.outcome.data),
                reason=form.reason.data or "",
                by=current_user.login,
                now=clock.now(),
            )
        except overriding.UnfitOverrideError as refused:
            db.session.rollback()
            form.form_errors.append(sentence(refused.code, **refused.facts))
        else:
            db.session.commit()
            note(_("改判已提出，等同级的另一个人决定。"))
            return back_to(application)
    page = render_template(
        "applications/override_new.html",
        application=application_of(application_id),
        form=form,
        key=place,
        found=computed[place],
        words=words,
        language=reader_language(),
    )
    return (page, 422) if form.is_submitted() else page


@bp.route("/<int:override_id>", methods=["GET", "POST"])
def decide(application_id: int, override_id: int) -> Page:
    """Show an override with both values, and let the second person decide."""
    application = application_of(application_id, "override.decide")
    override = overriding.override_of(db.session, application, override_id)
    run = db.session.get_one(EvaluationRun, override.run_id)
    own = places.acting_level(current_user.held, application)
    open_ = (
        override.decided_at is None
        and own == override.level == places.current_level(application)
        and override.proposed_by != current_user.login
    )
    form = DecisionForm()
    form.accepted.choices = [("yes", _("同意改判")), ("no", _("不同意，按计算的结论"))]
    if form.is_submitted():
        turn_at(application_id, "override.decide")
        if form.validate():
            overriding.decide(
                db.session,
                application,
                override,
                level=own,
                accepted=form.accepted.data == "yes",
                note=form.note.data or "",
                by=current_user.login,
                now=clock.now(),
            )
            db.session.commit()
            note(_("已决定。同意的改判在重新生成评估结果后计入。"))
            return back_to(application)
    page = render_template(
        "applications/override.html",
        application=application,
        override=override,
        found=overriding.findings_of(run, reader_language()).get(
            (override.finding, override.school_code, override.stage)
        ),
        schools=school_names(run),
        open=open_,
        form=form,
        words=words,
    )
    return (page, 422) if form.is_submitted() else page
