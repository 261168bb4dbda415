"""Pages of applications: where each lies, its path through the levels, and what each level does with it."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from evaluation.overrides import Place
from survey_app import clock
from survey_app.accounts import second_factor, signing_in
from survey_app.accounts.models import User
from survey_app.assessments import judging, words
from survey_app.assessments.applications import overriding, service
from survey_app.assessments.applications.forms import (
    ApplicationForm,
    DecisionForm,
    LevelRunForm,
    OverrideForm,
    ReasonForm,
    SignForm,
)
from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.differences import differences
from survey_app.assessments.exported_run import export
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.corrections import today
from survey_app.assessments.judgement.summary import summary_of
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import school_names
from survey_app.assessments.years import year_before
from survey_app.config import settings_of
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, JunhengError, NotFoundError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys.models import WaveState
from survey_app.surveys.planning import reader_language
from survey_app.surveys.service import get_wave, waves_of

bp = Blueprint("applications", __name__, url_prefix="/applications")
bp.before_request(require_login)

_OUTCOMES = ("met", "not_met", "undetermined")

Page = str | BaseResponse | tuple[str, int]


@bp.get("/")
def index() -> str:
    """Every application of the reader's counties: where it lies, and since when."""
    scopes = regions_for("run.view")
    if not scopes:
        raise ForbiddenError
    found = service.applications_of(db.session, scopes)
    verdicts = service.newest_verdicts(db.session, found)
    rows = [
        (
            each,
            service.current_level(each),
            service.state_of(db.session, each),
            verdicts.get(each.id),
            service.since(each),
        )
        for each in found
    ]
    return render_template(
        "applications/index.html",
        rows=rows,
        words=words,
        levels=LEVELS,
        held=current_user.held,
        service=service,
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
    application = _application(application_id)
    there = service.current_level(application)
    own = service.acting_level(current_user.held, application)
    runs = service.runs_of(db.session, application)
    newest = next((each for each in runs if each.level == there), None)
    before = _before(application, newest)
    ready, hindrance = _ready(application, there)
    overrides = overriding.overrides_of(db.session, application)
    return render_template(
        "applications/show.html",
        application=application,
        standings=service.standings(application),
        there=there,
        own=own,
        mine=there is not None and own == there,
        state=service.state_of(db.session, application),
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
    application, level = _turn(application_id, "run.make")
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
    return _back(application)


@bp.route("/<int:application_id>/sign", methods=["GET", "POST"])
def sign(application_id: int) -> Page:
    """Sign the level's newest run, with one's password again."""
    application, level = _turn(application_id, "application.sign")
    run = service.run_to_sign(db.session, application, level=level)
    form = SignForm()
    user = db.session.get_one(User, current_user.id)
    asks_code = user.second_factor is not None
    if not form.is_submitted():
        form.run.data = str(run.id)
    if form.validate_on_submit() and _is_signer(form):
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
        return _back(application)
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
    application, level = _turn(application_id, "application.sign")
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
        return _back(application)
    to = LEVELS[LEVELS.index(level) - 1]
    page = render_template("applications/return.html", application=application, form=form, to=to, words=words)
    return (page, 422) if form.is_submitted() else page


@bp.route("/<int:application_id>/withdraw", methods=["GET", "POST"])
def withdraw(application_id: int) -> Page:
    """Let the county withdraw, with the reason."""
    application = _application(application_id, "application.open")
    form = ReasonForm()
    if form.validate_on_submit():
        service.withdraw(
            db.session, application, reason=form.reason.data or "", by=current_user.login, now=clock.now()
        )
        db.session.commit()
        note(_("申请已撤回。"))
        return _back(application)
    page = render_template("applications/withdraw.html", application=application, form=form)
    return (page, 422) if form.is_submitted() else page


@bp.route("/<int:application_id>/overrides/new", methods=["GET", "POST"])
def propose(application_id: int) -> Page:
    """Choose a finding of the level's newest run, then say how it is to be read and why."""
    application, level = _turn(application_id, "override.decide")
    run = next(iter(service.runs_of(db.session, application, level)), None)
    if run is None:
        raise ConflictError("sign_without_run")
    computed = overriding.computed_of(run)
    places = sorted(computed, key=lambda place: _OUTCOMES.index(computed[place]["outcome"]) != 1)
    given = request.args.get("finding", "")
    place = (given, request.args.get("school") or None, request.args.get("stage") or None)
    if not given:
        groups: dict[str, list[Place]] = {}
        for each in places:
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
            return _back(application)
    page = render_template(
        "applications/override_new.html",
        application=_application(application_id),
        form=form,
        key=place,
        found=computed[place],
        words=words,
        language=reader_language(),
    )
    return (page, 422) if form.is_submitted() else page


@bp.route("/<int:application_id>/overrides/<int:override_id>", methods=["GET", "POST"])
def decide(application_id: int, override_id: int) -> Page:
    """Show an override with both values, and let the second person decide."""
    application = _application(application_id, "override.decide")
    override = overriding.override_of(db.session, application, override_id)
    run = db.session.get_one(EvaluationRun, override.run_id)
    own = service.acting_level(current_user.held, application)
    open_ = (
        override.decided_at is None
        and own == override.level == service.current_level(application)
        and override.proposed_by != current_user.login
    )
    form = DecisionForm()
    form.accepted.choices = [("yes", _("同意改判")), ("no", _("不同意，按计算的结论"))]
    if form.is_submitted():
        _turn(application_id, "override.decide")
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
            return _back(application)
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


@bp.get("/<int:application_id>/compare")
def compare(application_id: int) -> str:
    """What two runs of the county differ in, be they of two levels or of two years."""
    application = _application(application_id)
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
    application = _application(application_id)
    run = next((each for each in service.runs_of(db.session, application) if each.number == number), None)
    if run is None:
        raise NotFoundError
    response = Response(export(db.session, run), content_type="application/json")
    name = f"junheng-{run.county_code}-{run.number}-run.json"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _application(application_id: int, permission: str = "run.view") -> Application:
    """The application, if it is of the reader's counties; another one looks like none at all."""
    application = service.get_application(db.session, application_id)
    authorise(permission, application.county_code)
    return application


def _turn(application_id: int, permission: str) -> tuple[Application, str]:
    """The application where it is the reader's turn, held until the end of the request, and the level.

    Raises:
        ConflictError: it is over, or lies at another level.
    """
    application = _application(application_id, permission)
    level = service.acting_level(current_user.held, application)
    service.hold(db.session, application, level=level)
    return application, level


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
    return service.signed_run(db.session, application, LEVELS[LEVELS.index(run.level) - 1])


def _is_signer(form: SignForm) -> bool:
    """Whether the password, and the code where there is a second factor, are the signer's; says why not."""
    key, now = settings_of(current_app).session_key, clock.now()
    try:
        attempt = signing_in.take_attempt(db.session, current_user.login, key=key, now=now)
        db.session.commit()
        if not attempt.passes(form.password.data or ""):
            form.form_errors.append(sentence("password_wrong"))
            return False
        user = db.session.get_one(User, current_user.id)
        if user.second_factor is not None:
            personal = settings_of(current_app).personal_key
            second_factor.check(db.session, user, form.code.data or "", key=personal, now=now)
        signing_in.forget_attempts(db.session, current_user.login, key=key)
    except JunhengError as refused:
        db.session.rollback()
        form.form_errors.append(sentence(refused.code, **refused.facts))
        return False
    return True


def _back(application: Application) -> BaseResponse:
    return redirect(url_for("applications.show", application_id=application.id), 303)
