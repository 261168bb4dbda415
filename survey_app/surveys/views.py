"""Pages of the room: the waves, the first three steps of one, and what it declared."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from evaluation.loader import load_scheme
from survey_app import clock
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedInputError
from survey_app.home import note
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys import authoring, service, settling
from survey_app.surveys.expectations import usual_design_effects, usual_response_rate
from survey_app.surveys.faults import RuleSetError
from survey_app.surveys.forms import DetailsForm, PlanForm, RulesForm, StepForm, put_faults
from survey_app.surveys.groups import FORMS, GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import exact_number, reader_language
from survey_app.surveys.rule_choices import consequence
from survey_app.surveys.rules import RuleSet
from survey_app.surveys.school_lists import COUNTY_GROUPS, school_lists
from survey_app.surveys.seeing import authorise_wave, waves_seen
from survey_app.surveys.wave_plans import PlanInput, WavePlan

bp = Blueprint("surveys", __name__, url_prefix="/surveys")
bp.before_request(require_login)

#: Step → its page.
_PLACES = {
    "details": "surveys.details",
    "rules": "surveys.rules",
    "plan": "surveys.plan",
    "frame": "frames.show",
    "draw": "draws.show",
}

Page = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a step was not saved; the form keeps everything that was filled in."""

    status: int
    #: (what, as it was seen, as it is now), where somebody else changed it.
    changes: tuple[tuple[str, str, str], ...] = ()
    #: What saving undoes: plan, frame, cards.
    lost: tuple[str, ...] = ()


@bp.get("/")
def index() -> str:
    """List the waves of the reader's regions, and the counties that can be surveyed."""
    scopes = regions_for("wave.view")
    if not scopes:
        raise ForbiddenError
    return render_template(
        "surveys/index.html",
        waves=waves_seen(db.session, "wave.view"),
        counties=counties.counties_with_files(db.session, regions_for("wave.plan")),
        plans=bool(regions_for("wave.plan")),
        plan_of=settling.last_plan_of,
        now=clock.now(),
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Begin a wave of the county named in the address."""
    code = request.args.get("county", "")
    authorise("wave.plan", code)
    county_file = counties.latest_county_file(db.session, code)
    if county_file is None:
        raise NotFoundError("no_county_file")
    now = clock.now()
    files = [county_file]
    form = DetailsForm(now, files=files)
    problem = None
    if form.validate_on_submit():
        begun: list[Wave] = []
        problem = _save(
            form,
            lambda: begun.append(
                settling.begin_wave(
                    db.session, form.details, county_file=county_file, by=current_user.login, now=now
                )
            ),
        )
        if problem is None:
            note(_("已新建。下一步：定规则。做到哪一步都可以离开，以后接着做。"))
            return redirect(url_for("surveys.rules", wave_id=begun[0].id), 303)
    document = counties.document_of(county_file)
    page = render_template(
        "surveys/details.html",
        form=form,
        wave=None,
        county_file=county_file,
        population=document["county"].get("resident_population"),
        counted=school_lists(document),
        problem=problem,
        language=reader_language(),
    )
    return _answer(page, form, problem)


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """A wave: where it stands, its plan with every step, its rules and questionnaires."""
    wave = _wave(wave_id, "wave.view")
    language = reader_language()
    chosen = authoring.chosen(db.session, wave)
    return render_template(
        "surveys/show.html",
        wave=wave,
        plan=settling.last_plan_of(wave),
        scheme=load_scheme(wave.scheme_id),
        rules=_rule_lines(service.rules_of(wave)),
        groups=GROUPS,
        questionnaires=chosen,
        form_titles={
            form: choice.title.in_language(language, county=wave.county.name)
            for form, choice in chosen.items()
        },
        extensions=service.extensions_of(db.session, wave),
        now=clock.now(),
        language=language,
    )


@bp.route("/<int:wave_id>/details", methods=["GET", "POST"])
def details(wave_id: int) -> Page:
    """The first step: county, title, days and contacts."""
    wave = _wave(wave_id, "wave.plan")
    _refuse_fixed(wave)
    now = clock.now()
    files = [wave.county_file]
    if wave.drawn_at is None:
        files = counties.files_of(db.session, [wave.county_code])
    form = DetailsForm(now, files=files, written=settling.details_as_written(wave))
    problem = None
    if form.validate_on_submit():
        problem = _save(
            form,
            lambda: settling.change_details(
                db.session,
                wave,
                form.details,
                county_file=next(file for file in files if str(file.id) == form.county_file.data),
                seen=form.seen_values,
                agreed=bool(form.agreed.data),
                by=current_user.login,
                now=now,
            ),
            lambda: settling.details_as_written(wave),
        )
        if problem is None:
            note(_("县与时间已保存。"))
            return redirect(_next_step(wave), 303)
    document = counties.document_of(wave.county_file)
    page = render_template(
        "surveys/details.html",
        form=form,
        wave=wave,
        county_file=wave.county_file,
        population=document["county"].get("resident_population"),
        counted=school_lists(document),
        problem=problem,
        language=reader_language(),
    )
    return _answer(page, form, problem)


@bp.route("/<int:wave_id>/rules", methods=["GET", "POST"])
def rules(wave_id: int) -> Page:
    """The second step: the scheme, how questionnaires are judged, and which are used."""
    wave = _wave(wave_id, "wave.plan")
    _refuse_fixed(wave)
    form = RulesForm(
        schemes=settling.sample_schemes(wave.county_code),
        questionnaires=authoring.available(db.session, wave.county_code),
        county=wave.county.name,
        written=settling.rules_as_written(db.session, wave),
    )
    problem = None
    if form.validate_on_submit() and (chosen := _chosen_rules(form)) is not None:
        problem = _save(
            form,
            lambda: settling.settle_rules(
                db.session,
                wave,
                chosen,
                scheme_id=form.scheme_id.data or "",
                versions=form.versions,
                seen=form.seen_values,
                agreed=bool(form.agreed.data),
                by=current_user.login,
                now=clock.now(),
            ),
            lambda: settling.rules_as_written(db.session, wave),
        )
        if problem is None:
            note(_("规则已定。打开调查以前还可以改，打开后固定。"))
            return redirect(_next_step(wave), 303)
    page = render_template(
        "surveys/rules.html",
        form=form,
        wave=wave,
        schemes={each.id: each for each in settling.sample_schemes(wave.county_code)},
        consequence=consequence,
        forms=FORMS,
        problem=problem,
        language=reader_language(),
    )
    return _answer(page, form, problem)


@bp.route("/<int:wave_id>/plan", methods=["GET", "POST"])
def plan(wave_id: int) -> Page:
    """The third step: size, quotas, invitations, balances, and what they can show."""
    wave = _wave(wave_id, "wave.plan")
    _refuse_fixed(wave)
    if wave.drawn_at is not None:
        return redirect(url_for("surveys.show", wave_id=wave.id), 303)
    scheme = load_scheme(wave.scheme_id)
    form = PlanForm(
        written=settling.plan_as_written(wave),
        usual=_usual_plan(wave),
        groups=scheme.sample.groups if scheme.sample else (),
    )
    problem, made = None, None
    if form.is_submitted():
        if form.validate():
            problem, made = _planned(wave, form)
            if problem is None and request.form.get("do") == "settle":
                note(_("样本量与配额已定。下一步：抽样框。"))
                return redirect(_next_step(wave), 303)
    elif all(form[group].data for group in COUNTY_GROUPS):
        problem, made = _planned(wave, form)
    document = counties.document_of(wave.county_file)
    page = render_template(
        "surveys/plan.html",
        form=form,
        wave=wave,
        scheme=scheme,
        made=made,
        counted=school_lists(document),
        population=document["county"].get("resident_population"),
        groups=GROUPS,
        bands=GRADE_BANDS,
        localities=LOCALITIES,
        problem=problem,
        language=reader_language(),
    )
    return _answer(page, form, problem)


def _planned(wave: Wave, form: PlanForm) -> tuple[Problem | None, WavePlan | None]:
    """Compute the plan, and settle it where that is asked for."""
    given = form.given
    made: list[WavePlan] = []
    problem = _save(form, lambda: made.append(settling.preview_plan(wave, given)))
    if problem is not None:
        return problem, _without_choices(wave, given)
    if request.method == "POST" and request.form.get("do") == "settle":
        problem = _save(
            form,
            lambda: settling.settle_plan(
                db.session,
                wave,
                given,
                seen=form.seen_values,
                agreed=bool(form.agreed.data),
                by=current_user.login,
                now=clock.now(),
            ),
            lambda: settling.plan_as_written(wave),
        )
    return problem, made[0] if made else None


def _without_choices(wave: Wave, given: PlanInput) -> WavePlan | None:
    """The plan without the invitations and residents that were typed, where these are what is wrong."""
    try:
        return settling.preview_plan(wave, replace(given, invitations={}, localities={}))
    except RefusedInputError:
        return None


def _save(
    form: StepForm, save: Callable[[], Any], written: Callable[[], dict[str, str]] | None = None
) -> Problem | None:
    """Do and commit, or say on the form why not and keep what was filled in."""
    try:
        save()
    except RefusedInputError as refused:
        db.session.rollback()
        put_faults(form, refused.faults)
        return Problem(status=422)
    except settling.ChangedMeanwhileError as error:
        db.session.rollback()
        form.see(written() if written else {})
        form.agreed.data = False
        return Problem(
            status=409,
            changes=tuple(
                (_label(form, name), form.shown(name, seen), form.shown(name, now))
                for name, seen, now in error.changes
            ),
        )
    except settling.AgreementNeededError as error:
        db.session.rollback()
        return Problem(status=409, lost=error.lost)
    db.session.commit()
    return None


def _label(form: StepForm, name: str) -> str:
    others = {"scheme_id": _("依据的细则"), "county_file": _("依据的县情数据")}
    return str(form[name].label.text) if name in form else others.get(name, name)


def _answer(page: str, form: StepForm, problem: Problem | None) -> Page:
    if problem is not None:
        return page, problem.status
    return (page, 422) if form.errors else page


def _chosen_rules(form: RulesForm) -> RuleSet | None:
    try:
        return form.rules
    except RuleSetError as error:
        form.put_rule_faults(error)
        return None


def _usual_plan(wave: Wave) -> dict[str, str]:
    rate = str(exact_number(usual_response_rate() * 100))
    return {
        **{group: str(n) for group, n in service.counted_lists(wave.county_file).items()},
        **{f"rate_{group}": rate for group in GROUPS},
        "balance_bands": "y",
        "design_effects": ", ".join(str(exact_number(effect)) for effect in usual_design_effects()),
    }


def _next_step(wave: Wave) -> str:
    """The page of the step that is to be done now."""
    following = next((step for step, state in wave.steps.items() if state == "next"), "")
    return url_for(_PLACES.get(following, "surveys.show"), wave_id=wave.id)


def _refuse_fixed(wave: Wave) -> None:
    if wave.state not in {WaveState.DRAFT, WaveState.DRAWN}:
        raise ConflictError("wave_fixed")


def _wave(wave_id: int, permission: str) -> Wave:
    wave = service.get_wave(db.session, wave_id)
    authorise_wave(permission, wave)
    return wave


def _rule_lines(rules: RuleSet) -> list[str]:
    return rules.described().in_language(reader_language()).splitlines()
