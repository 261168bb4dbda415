"""Pages on which tasks begin: gaps of a run, a plan, remedies; and mergers tried on paper."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock, prepared
from survey_app.assessments import words as verdict_words
from survey_app.assessments.models import EvaluationRun
from survey_app.config import settings_of
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError, JunhengError, NotFoundError, RefusedInputError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.supervision.ledger import gaps, plans, remedies, states, tasks, trials
from survey_app.supervision.ledger.forms import GapsForm, PlanForm, RemedyForm, TrialForm
from survey_app.supervision.ledger.models import Task
from survey_app.supervision.ledger.pages import county_of, language, run_of, runs_of_county
from survey_app.supervision.ledger.views import bp

#: The responsibility list that new tasks are assigned by.
_RESPONSIBILITIES = "haicheng-2023"

#: Largest file of mergers or prices.
_LARGEST = 256 * 1024


@bp.route("/<code>/from-run/<int:run_id>", methods=["GET", "POST"])
def from_run(code: str, run_id: int) -> str | BaseResponse | tuple[str, int]:
    """Turn gaps of a run into tasks."""
    county = county_of(code, "ledger.edit")
    run = run_of(code, run_id)
    lang, responsibilities = language(), plans.read_plan(_RESPONSIBILITIES)
    found = gaps.gaps_of(run, responsibilities=responsibilities)
    form = GapsForm()
    form.gaps.choices = [(gap.key, gap.draft.title) for gap in found]
    if form.validate_on_submit() and form.gaps.data:
        drafts = [
            _with(
                gap.draft,
                deadline=form.deadline.data,
                department=gap.draft.department or form.department.data,
            )
            for gap in gaps.chosen(found, form.gaps.data)
        ]
        return _added(code, drafts, run=run, wanted=len(drafts))
    if form.is_submitted() and not form.errors:
        form.form_errors.append(_("请至少选一处差距"))
    page = render_template(
        "ledger/from_run.html",
        county=county,
        run=run,
        gaps=found if lang == "zh" else gaps.gaps_of(run, responsibilities=responsibilities, lang=lang),
        lang=lang,
        form=form,
        plan=responsibilities,
        taken={tasks.gap_of(each) for each in _open(code)},
        gap_of=lambda gap: (
            gap.draft.origin,
            gap.draft.scheme_id,
            gap.draft.finding,
            gap.draft.school_code,
            gap.draft.stage,
        ),
    )
    return (page, 422) if form.is_submitted() else page


@bp.route("/<code>/from-plan", methods=["GET", "POST"])
def from_plan(code: str) -> str | BaseResponse | tuple[str, int]:
    """Take over the yearly tasks of a plan, with its money."""
    county = county_of(code, "ledger.edit")
    known = plans.list_plans(plans.YearlyTasks)
    form = PlanForm()
    form.plan.choices = [(key, plan.title) for key, plan in known.items()]
    if form.validate_on_submit():
        plan = known[str(form.plan.data)]
        run = next(iter(runs_of_county(code)), None)
        drafts = gaps.from_plan(plan, run.scheme_id if run else "")
        return _added(code, drafts, run=None, wanted=len(drafts))
    return render_template(
        "ledger/from_plan.html",
        county=county,
        form=form,
        plans=known,
        phases=plans.list_plans(plans.Phases),
    )


@bp.route("/<code>/remedies", methods=["GET", "POST"])
def plan_remedies(code: str) -> str | BaseResponse | tuple[str, int]:
    """Ask for the cheapest plan that would meet the resource standard."""
    county = county_of(code, "ledger.edit")
    form = RemedyForm()
    form.run.choices = _run_choices(code)
    if form.validate_on_submit():
        try:
            file_id = remedies.ask(
                db.session,
                run_of(code, int(form.run.data or 0)),
                costs=_uploaded(form.costs.data),
                by=current_user.login,
                now=clock.now(),
            ).id
        except RefusedInputError as refused:
            form.form_errors += _said(refused)
        except JunhengError as refused:
            form.form_errors.append(sentence(refused.code, **refused.facts))
        else:
            db.session.commit()
            prepared.begin(current_app, file_id)
            return redirect(url_for("ledger.remedy_plan", code=code, file_id=file_id), 303)
    page = render_template("ledger/remedies.html", county=county, form=form)
    return (page, 422) if form.is_submitted() else page


@bp.route("/<code>/remedies/<int:file_id>", methods=["GET", "POST"])
def remedy_plan(code: str, file_id: int) -> str | BaseResponse | tuple[str, int]:
    """How far the plan is; once it is there, its changes, which can be turned into tasks."""
    county = county_of(code, "ledger.edit")
    file = prepared.find(db.session, file_id, remedies.KIND)
    if file.region_code != code:
        raise NotFoundError
    plan, said = (remedies.plan_of(settings_of(current_app), file, lang) for lang in ("zh", language()))
    form = GapsForm()
    changes = plan["changes"] if plan else []
    form.gaps.choices = [(str(position), each["sentence"]) for position, each in enumerate(changes)]
    if plan and form.validate_on_submit() and form.gaps.data:
        run = run_of(code, plan["run"])
        drafts = remedies.drafts(
            run,
            plan,
            {int(each) for each in form.gaps.data},
            responsibilities=plans.read_plan(_RESPONSIBILITIES),
        )
        drafts = [_with(each, deadline=form.deadline.data) for each in drafts]
        return _added(code, drafts, run=run, wanted=len(drafts))
    if form.is_submitted() and not form.errors:
        form.form_errors.append(_("请至少选一项"))
    page = render_template(
        "ledger/remedy_plan.html", county=county, file=file, plan=said, form=form, lang=language()
    )
    return (page, 422) if form.is_submitted() else page


@bp.get("/<code>/remedies/<int:file_id>.json")
def remedy_state(code: str, file_id: int) -> Response:
    """How far the plan is, for the bar of an open page."""
    county_of(code, "ledger.edit")
    file = prepared.find(db.session, file_id, remedies.KIND)
    if file.region_code != code:
        raise NotFoundError
    return jsonify(state=file.state, done=file.done, total=file.total, percent=file.percent)


@bp.get("/<code>/mergers")
def mergers(code: str) -> str:
    """Show mergers that were tried on paper, and take new ones."""
    county_of(code, "supervision.view")
    return _mergers_page(code, _trial_form(code))


@bp.post("/<code>/mergers")
def try_mergers(code: str) -> BaseResponse | tuple[str, int]:
    """Try mergers of schools on paper, beside the real state."""
    county_of(code, "ledger.edit")
    form = _trial_form(code)
    if not form.validate_on_submit():
        return _mergers_page(code, form), 422
    names = counties.school_names(db.session, code)
    pairs = [(school, into) for school in names if (into := request.form.get(f"into-{school}", "")) in names]
    try:
        wanted = _uploaded(form.file.data) or trials.whole_schools(
            pairs, equipment=form.equipment.data, rooms=form.rooms.data
        )
        if not pairs and isinstance(wanted, dict):
            raise ConflictError("mergers_none")
        trial_id = trials.try_mergers(
            db.session,
            run_of(code, int(form.run.data or 0)),
            wanted,
            title=str(form.title.data).strip(),
            by=current_user.login,
            now=clock.now(),
        ).id
    except RefusedInputError as refused:
        form.form_errors += _said(refused)
    except JunhengError as refused:
        form.form_errors.append(sentence(refused.code, **refused.facts))
    else:
        db.session.commit()
        return redirect(url_for("ledger.trial", code=code, trial_id=trial_id), 303)
    return _mergers_page(code, form), 422


@bp.get("/<code>/mergers/<int:trial_id>")
def trial(code: str, trial_id: int) -> str:
    """Show a trial: the county as it is and as it would be."""
    county = county_of(code, "supervision.view")
    found = trials.get_trial(db.session, code, trial_id)
    return render_template(
        "ledger/trial.html",
        county=county,
        trial=found,
        result=trials.document_of(found, language()),
        words=verdict_words,
    )


def _run_choices(code: str) -> list[tuple[int, str]]:
    return [
        (
            run.id,
            _(
                "第 %(n)d 次（%(year)d 年数据，%(scheme)s）",
                n=run.number,
                year=run.county_file.year,
                scheme=run.scheme_id,
            ),
        )
        for run in runs_of_county(code)
    ]


def _open(code: str) -> list[Task]:
    return [
        each for each in tasks.tasks_of(db.session, code) if states.state_of(each.events) not in states.ENDED
    ]


def _with(draft: tasks.Draft, **changed: Any) -> tasks.Draft:
    return replace(draft, **changed)


def _added(
    code: str, drafts: Sequence[tasks.Draft], *, run: EvaluationRun | None, wanted: int
) -> BaseResponse:
    added = tasks.add_tasks(db.session, code, drafts, run=run, by=current_user.login, now=clock.now())
    count = len(added)
    db.session.commit()
    note(_("已添加 %(n)d 项任务。", n=count))
    if count < wanted:
        note(_("另有 %(n)d 处差距已经有没办完的任务，没有重复添加。", n=wanted - count))
    return redirect(url_for("ledger.show", code=code), 303)


def _trial_form(code: str) -> TrialForm:
    form = TrialForm()
    form.run.choices = _run_choices(code)
    return form


def _mergers_page(code: str, form: TrialForm) -> str:
    return render_template(
        "ledger/mergers.html",
        county=counties.county_region(db.session, code),
        form=form,
        schools=_small_first(code),
        names=counties.school_names(db.session, code),
        trials=trials.trials_of(db.session, code),
        given=request.form,
    )


def _small_first(code: str) -> list[Any]:
    latest = counties.latest_county_file(db.session, code)
    schools = latest.schools if latest else []
    return sorted(
        schools, key=lambda each: ((each.primary_pupils or 0) + (each.junior_pupils or 0), each.position)
    )


def _uploaded(upload: FileStorage | None) -> bytes | None:
    if upload is None or not upload.filename:
        return None
    content = upload.stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ConflictError("remedies_large", most=_LARGEST // 1024)
    return content


def _said(refused: RefusedInputError) -> list[str]:
    return [": ".join(filter(None, (fault.where, fault.message))) for fault in refused.faults[:100]]
