"""Pages of the ledger: a county's tasks, where they come from, what happened to them, mergers on paper."""

import json
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock, evidence, prepared
from survey_app.accounts.names import person
from survey_app.assessments import words as verdict_words
from survey_app.config import settings_of
from survey_app.counties import service as counties
from survey_app.counties.regions import city_of
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError
from survey_app.evidence_download import attachment
from survey_app.evidence_kinds import UnfitEvidenceError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import may, regions_for, require_login
from survey_app.supervision.ledger import gaps, remedies, states, sums, tasks, words
from survey_app.supervision.ledger.forms import (
    ChangeForm,
    StepForm,
    TaskForm,
    budgets_of,
)
from survey_app.supervision.ledger.models import Task
from survey_app.supervision.ledger.pages import county_of, runs_of_county
from survey_app.supervision.ledger.workbook import ledger_workbook

bp = Blueprint("ledger", __name__, url_prefix="/ledger")
bp.before_request(require_login)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Steps that the supervising level takes; the county takes the others.
_CONFIRMING = {"accepted", "rejected", "reopened"}


def init_app(app: Flask) -> None:
    """Register the pages and the job that plans remedies."""
    from survey_app.supervision.ledger import starting_views  # noqa: F401  adds its pages to ours

    app.register_blueprint(bp)
    prepared.makers_of(app)[remedies.KIND] = remedies.maker(app)


@bp.get("/")
def index() -> str | BaseResponse:
    """List the reader's counties, all or some, with what their ledgers add up to."""
    scopes = regions_for("supervision.view")
    if not scopes:
        raise ForbiddenError
    today = clock.day_of(clock.now())
    found: dict[str, list[Task]] = {}
    for task in tasks.tasks_within(db.session, scopes):
        found.setdefault(task.county_code, []).append(task)
    known = counties.counties_with_files(db.session, scopes)
    city, late = request.args.get("city", ""), bool(request.args.get("late"))
    chosen = [each for each in known if city in {"", city_of(each.code)}]
    every = [(each, sums.sums_of(found.get(each.code, []), today=today)) for each in chosen]
    return render_template(
        "ledger/index.html",
        known=known,
        cities=list(dict.fromkeys(city_of(each.code) for each in known)),
        city=city,
        late=late,
        every=every,
        rows=[(each, ledger) for each, ledger in every if not late or ledger.overdue or ledger.stuck],
        total=sums.sums_of([task for each in chosen for task in found.get(each.code, [])], today=today),
    )


@bp.get("/<code>/")
def show(code: str) -> str:
    """Show a county's ledger: sums, then tasks, those that are late first where asked."""
    county = county_of(code, "supervision.view")
    today = clock.day_of(clock.now())
    every = tasks.tasks_of(db.session, code)
    chosen = {name: request.args.get(name, "") for name in ("state", "department", "item", "late")}
    shown = [task for task in every if _wanted(task, chosen, today)]
    return render_template(
        "ledger/show.html",
        county=county,
        tasks=shown,
        total=len(every),
        ledger=sums.sums_of(every, today=today),
        chosen=chosen,
        departments=sorted({task.department for task in every}),
        items=sorted({task.finding.partition(".")[0] for task in every if task.finding}),
        schools=counties.school_names(db.session, code),
        run=next(iter(runs_of_county(code)), None),
        states=states,
        today=today,
        wan=gaps.wan,
        words=words,
    )


@bp.get("/<code>/ledger.xlsx")
def workbook(code: str) -> Response:
    """Give a county's ledger as a workbook."""
    county = county_of(code, "supervision.view")
    today = clock.day_of(clock.now())
    content = ledger_workbook(
        tasks.tasks_of(db.session, code),
        county=county.name,
        schools=counties.school_names(db.session, code),
        called=person,
        today=today,
    )
    response = Response(content, content_type=_XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=f"ledger-{code}-{today:%Y%m%d}.xlsx")
    return response


@bp.route("/<code>/new", methods=["GET", "POST"])
def new(code: str) -> str | BaseResponse | tuple[str, int]:
    """Add a task of the county's own."""
    county = county_of(code, "ledger.edit")
    form = TaskForm()
    form.finding.choices = [("", _("不针对单项指标")), *_items(code)]
    if form.validate_on_submit():
        run = next(iter(runs_of_county(code)), None)
        draft = tasks.Draft(
            title=str(form.title.data).strip(),
            department=str(form.department.data).strip(),
            measure=(form.measure.data or "").strip(),
            helpers=form.helping,
            deadline=form.deadline.data,
            budgets=budgets_of(form.budgets.data or ""),
            scheme_id=run.scheme_id if run and form.finding.data else "",
            finding=form.finding.data or "",
        )
        (task,) = tasks.add_tasks(db.session, code, [draft], by=current_user.login, now=clock.now())
        number = task.number
        db.session.commit()
        return redirect(url_for("ledger.task", code=code, number=number), 303)
    page = render_template("ledger/new.html", county=county, form=form)
    return (page, 422) if form.is_submitted() else page


@bp.get("/<code>/tasks/<int:number>")
def task(code: str, number: int) -> str:
    """Show a task with everything that happened to it, and what can happen next."""
    county_of(code, "supervision.view")
    return _task_page(code, number, StepForm())


@bp.post("/<code>/tasks/<int:number>/report")
def report(code: str, number: int) -> str | BaseResponse | tuple[str, int]:
    """The county tells what it did: begun, got on, finished, given up."""
    county_of(code, "ledger.edit")
    return _step(code, number)


@bp.post("/<code>/tasks/<int:number>/decide")
def decide(code: str, number: int) -> str | BaseResponse | tuple[str, int]:
    """The supervising level accepts what was handed in, sends it back, or opens it again."""
    county_of(code, "ledger.confirm")
    return _step(code, number)


def _step(code: str, number: int) -> BaseResponse | tuple[str, int]:
    found = tasks.get_task(db.session, code, number)
    form = StepForm()
    form.step.choices = _steps(found)
    if not form.validate_on_submit():
        return _task_page(code, number, form), 422
    now, by = clock.now(), current_user.login
    try:
        handed = evidence.handed_in(form.evidence.data)
        kept = []
        if handed is not None:
            settings = settings_of(current_app)
            kept.append(evidence.store(db.session, handed, region=code, settings=settings, by=by, now=now))
        tasks.take_step(
            db.session,
            found,
            str(form.step.data),
            text=form.text.data or "",
            percent=form.percent.data,
            evidence=kept,
            by=by,
            now=now,
        )
    except (ConflictError, UnfitEvidenceError) as refused:
        db.session.rollback()
        form.form_errors.append(sentence(refused.code, **refused.facts))
        return _task_page(code, number, form), 422
    db.session.commit()
    note(_("已记录。"))
    return redirect(url_for("ledger.task", code=code, number=number), 303)


@bp.route("/<code>/tasks/<int:number>/change", methods=["GET", "POST"])
def change(code: str, number: int) -> str | BaseResponse | tuple[str, int]:
    """Change who does a task, until when and for how much."""
    county = county_of(code, "ledger.edit")
    found = tasks.get_task(db.session, code, number)
    states.after(found.events, "changed")
    form = ChangeForm(
        department=found.department,
        helpers=found.helpers.replace("\n", "、"),
        deadline=found.deadline,
        measure=found.measure,
        budgets="\n".join(f"{each.year} {gaps.wan(each.yuan)}" for each in found.budgets),
    )
    if form.validate_on_submit():
        tasks.change(
            db.session,
            found,
            department=str(form.department.data).strip(),
            helpers=form.helping,
            deadline=form.deadline.data,
            budgets=budgets_of(form.budgets.data or ""),
            measure=(form.measure.data or "").strip(),
            by=current_user.login,
            now=clock.now(),
        )
        db.session.commit()
        return redirect(url_for("ledger.task", code=code, number=number), 303)
    page = render_template("ledger/change.html", county=county, task=found, form=form)
    return (page, 422) if form.is_submitted() else page


@bp.get("/<code>/tasks/<int:number>/evidence/<int:evidence_id>")
def proof(code: str, number: int, evidence_id: int) -> Response:
    """Give a file that proves a step of a task."""
    county_of(code, "supervision.view")
    found = tasks.get_task(db.session, code, number)
    known = {each.id: each for event in found.events for each in event.evidence}
    if evidence_id not in known:
        raise NotFoundError
    return attachment(known[evidence_id])


def _items(code: str) -> list[tuple[str, str]]:
    """The items of the scheme that the county was last judged by."""
    run = next(iter(runs_of_county(code)), None)
    if run is None:
        return []
    found = json.loads(run.result)
    names = {each["id"].partition(".")[0]: each["label"] for each in reversed(found["findings"])}
    names |= {each["id"]: each["label"] for each in found["scheme"]["indicators"]}
    return [(key, verdict_words.titled(key, label)) for key, label in sorted(names.items())]


def _wanted(task: Task, chosen: dict[str, str], today: Any) -> bool:
    return (
        (not chosen["state"] or states.state_of(task.events) == chosen["state"])
        and (not chosen["department"] or task.department == chosen["department"])
        and (not chosen["item"] or task.finding.partition(".")[0] == chosen["item"])
        and (not chosen["late"] or states.overdue(task, today) or states.stuck(task, today))
    )


def _steps(task: Task) -> list[tuple[str, Any]]:
    """What the reader can do with a task now."""
    now = states.state_of(task.events)
    return [
        (step, words.STEPS[step])
        for step, (allowed, _then) in states.STEPS.items()
        if now in allowed and step in words.STEPS and may(_permission(step), task.county_code)
    ]


def _permission(step: str) -> str:
    return "ledger.confirm" if step in _CONFIRMING else "ledger.edit"


def _task_page(code: str, number: int, form: StepForm) -> str:
    found = tasks.get_task(db.session, code, number)
    form.step.choices = _steps(found)
    return render_template(
        "ledger/task.html",
        county=counties.county_region(db.session, code),
        task=found,
        form=form,
        school=counties.school_names(db.session, code).get(found.school_code or "", found.school_code),
        state=states.state_of(found.events),
        percent=states.percent_of(found.events),
        states=states,
        today=clock.day_of(clock.now()),
        wan=gaps.wan,
        deciding=may("ledger.confirm", code),
        words=words,
        stages=verdict_words.STAGES,
    )
