"""Pages of applications: where each lies, its path through the levels, and what each level does with it."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from survey_app import clock
from survey_app.accounts.models import User
from survey_app.assessments import judging, words
from survey_app.assessments.applications import overriding, places, service
from survey_app.assessments.applications.desk import Page, application_of, back_to, turn_at
from survey_app.assessments.applications.forms import (
    ApplicationForm,
    LevelRunForm,
    ReasonForm,
    SignForm,
)
from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.applications.signer import is_signer
from survey_app.assessments.differences import differences
from survey_app.assessments.exported_run import export
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.corrections import today
from survey_app.assessments.judgement.summary import summary_of
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import school_names
from survey_app.assessments.years import year_before
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys.models import WaveState
from survey_app.surveys.planning import reader_language
from survey_app.surveys.service import get_wave, waves_of

bp = Blueprint("applications", __name__, url_prefix="/applications")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """Every application of the reader's counties: where it lies, and since when."""
    scopes = regions_for("run.view")
    if not scopes:
        raise ForbiddenError
    found = places.applications_of(db.session, scopes)
    verdicts, states = places.newest_verdicts(db.session, found), places.states_of(db.session, found)
    rows = [
        (
            each,
            places.current_level(each),
            states[each.id],
            verdicts.get(each.id),
            places.since(each),
        )
        for each in places.in_turn(found, current_user.held)
    ]
    return render_template(
        "applications/index.html",
        rows=rows,
        waiting=sum(places.is_turn_of(current_user.held, each) for each in found),
        words=words,
        held=current_user.held,
        is_turn_of=places.is_turn_of,
        can_open=bool(regions_for("application.open")),
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Let a county apply for a year."""
    code = request.args.get("county", "")
    if not code:
        scopes = regions_for("application.open")
        if not scopes:
            raise ForbiddenError
        listed = counties.counties_with_files(db.session, scopes)
        return render_template("applications/choose.html", counties=listed)
    authorise("application.open", code)
    files = counties.files_of(db.session, [code])
    if not files:
        raise ConflictError("county_without_file")
    form = ApplicationForm()
    form.scheme.choices = [
        (each.id, f"{each.title}（{each.document}）")
        for each in judging.scheme_list(reader_language(), county=code)
    ]
    if not form.is_submitted():
        form.year.data = today(clock.now()).year
    if form.validate_on_submit():
        application = service.open_application(
            db.session,
            county_code=code,
            year=int(form.year.data or 0),
            scheme_id=str(form.scheme.data),
            by=current_user.login,
            now=clock.now(),
        )
        db.session.commit()
        note(_("申请已提出，现在由县级自评办理。"))
        return redirect(url_for("applications.show", application_id=application.id), 303)
    page = render_template("applications/new.html", form=form, county=files[0].county.name, code=code)
    return (page, 422) if form.is_submitted() else page


@bp.get("/<int:application_id>")
def show(application_id: int) -> str:
    """The path of an application, what is to be done now, its runs, overrides, and what changed."""
    application = application_of(application_id)
    there = places.current_level(application)
    own = places.acting_level(current_user.held, application)
    runs = places.runs_of(db.session, application)
    newest = next((each for each in runs if each.level == there), None)
    before = _before(application, newest)
    ready, hindrance = _ready(application, there)
    overrides = overriding.overrides_of(db.session, application)
    return render_template(
        "applications/show.html",
        application=application,
        standings=places.standings(application),
        there=there,
        own=own,
        mine=there is not None and own == there,
        state=places.state_of(db.session, application),
        runs=runs,
        newest=newest,
        before=before,
        changed=differences(before, newest) if before and newest else None,
        schools=school_names(runs[0]) if runs else {},
        overrides=overrides,
        findings=overriding.findings_of(runs[0], reader_language()) if overrides else {},
        asked=asked_by(application.scheme_id, reader_language()),
        earlier=year_before(db.session, runs[0]) if runs else None,
        ready=ready,
        hindrance=hindrance,
        summary=summary_of(db.session, application, on=today(clock.now())),
        scheme=next(
            (each for each in judging.scheme_list(reader_language()) if each.id == application.scheme_id),
            None,
        ),
        words=words,
    )


@bp.route("/<int:application_id>/run", methods=["GET", "POST"])
def make(application_id: int) -> Page:
    """Let the level where the application lies judge it."""
    application, level = turn_at(application_id, "run.make")
    files = counties.files_of(db.session, [application.county_code])
    waves = [
        each for each in waves_of(db.session, [application.county_code]) if each.state is WaveState.RELEASED
    ]
    form = LevelRunForm()
    form.county_file.choices = [
        (each.id, _("%(year)d 年第 %(version)d 版", year=each.year, version=each.version)) for each in files
    ]
    form.wave.choices = [*((each.id, each.title) for each in waves), (0, _("不引用调查结果"))]
    if not form.validate_on_submit():
        page = render_template("applications/make.html", application=application, form=form)
        return (page, 422) if form.is_submitted() else page
    run = service.make_level_run(
        db.session,
        application,
        county_file=next(each for each in files if each.id == form.county_file.data),
        wave=get_wave(db.session, int(form.wave.data)) if form.wave.data else None,
        level=level,
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("第 %(n)d 次评估已生成。", n=run.number))
    return back_to(application)


@bp.route("/<int:application_id>/sign", methods=["GET", "POST"])
def sign(application_id: int) -> Page:
    """Sign the level's newest run, with one's password again."""
    application, level = turn_at(application_id, "application.sign")
    run = service.run_to_sign(db.session, application, level=level)
    form = SignForm()
    user = db.session.get_one(User, current_user.id)
    asks_code = user.second_factor is not None
    if not form.is_submitted():
        form.run.data = str(run.id)
    if form.validate_on_submit() and is_signer(form):
        step = service.sign(
            db.session,
            application,
            run_id=run.id if form.run.data == str(run.id) else 0,
            level=level,
            by=current_user.login,
            name=current_user.name,
            now=clock.now(),
        )
        db.session.commit()
        note(_("已签署，封存值 %(seal)s。", seal=step.seal[:12]))
        return back_to(application)
    page = render_template(
        "applications/sign.html",
        application=application,
        run=run,
        form=form,
        asks_code=asks_code,
        following=LEVELS[LEVELS.index(level) + 1] if level != LEVELS[-1] else None,
        words=words,
    )
    return (page, 422) if form.is_submitted() else page


@bp.route("/<int:application_id>/return", methods=["GET", "POST"])
def send_back(application_id: int) -> Page:
    """Return an application to the level before, with the reason."""
    application, level = turn_at(application_id, "application.sign")
    if level == LEVELS[0]:
        raise ConflictError("return_from_first")
    form = ReasonForm()
    if form.validate_on_submit():
        service.return_(
            db.session,
            application,
            level=level,
            reason=form.reason.data or "",
            by=current_user.login,
            name=current_user.name,
            now=clock.now(),
        )
        db.session.commit()
        note(_("申请已退回上一级。"))
        return back_to(application)
    to = LEVELS[LEVELS.index(level) - 1]
    page = render_template("applications/return.html", application=application, form=form, to=to, words=words)
    return (page, 422) if form.is_submitted() else page


@bp.route("/<int:application_id>/withdraw", methods=["GET", "POST"])
def withdraw(application_id: int) -> Page:
    """Let the county withdraw, with the reason."""
    application = application_of(application_id, "application.open")
    form = ReasonForm()
    if form.validate_on_submit():
        service.withdraw(
            db.session, application, reason=form.reason.data or "", by=current_user.login, now=clock.now()
        )
        db.session.commit()
        note(_("申请已撤回。"))
        return back_to(application)
    page = render_template("applications/withdraw.html", application=application, form=form)
    return (page, 422) if form.is_submitted() else page


@bp.get("/<int:application_id>/compare")
def compare(application_id: int) -> str:
    """What two runs of the county differ in, be they of two levels or of two years."""
    application = application_of(application_id)
    wanted = [each for each in request.args.get("runs", "").split(",") if each.isdecimal() and len(each) < 10]
    found = [db.session.get(EvaluationRun, int(each)) for each in wanted[:2]]
    runs = [each for each in found if each is not None and each.county_code == application.county_code]
    if len(runs) != 2:
        raise NotFoundError
    return render_template(
        "applications/compare.html",
        application=application,
        before=runs[0],
        after=runs[1],
        changed=differences(runs[0], runs[1]),
        asked=asked_by(application.scheme_id, reader_language()),
        schools=school_names(runs[1]),
        words=words,
    )


@bp.get("/<int:application_id>/runs/<int:number>/run.json")
def run_file(application_id: int, number: int) -> Response:
    """A run as a file that ``junheng verify`` checks anywhere."""
    application = application_of(application_id)
    run = next((each for each in places.runs_of(db.session, application) if each.number == number), None)
    if run is None:
        raise NotFoundError
    response = Response(export(db.session, run), content_type="application/json")
    name = f"junheng-{run.county_code}-{run.number}-run.json"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _ready(application: Application, there: str | None) -> tuple[bool, str]:
    """Whether the level could sign now, and else why not."""
    if there is None:
        return False, ""
    try:
        service.run_to_sign(db.session, application, level=there)
    except ConflictError as refused:
        return False, sentence(refused.code, **refused.facts)
    return True, ""


def _before(application: Application, run: EvaluationRun | None) -> EvaluationRun | None:
    """The run that the level below signed."""
    if run is None or run.level == LEVELS[0]:
        return None
    return places.signed_run(db.session, application, LEVELS[LEVELS.index(run.level) - 1])
