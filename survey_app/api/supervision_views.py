"""Applications with their steps, and the tasks of a county's ledger."""

from typing import Any

from survey_app.api.operations import bp, needs, page_of
from survey_app.api.schemas import ApplicationDocument, ApplicationRow, PageQuery, TaskRow, page
from survey_app.assessments.applications import places
from survey_app.assessments.applications.models import Application
from survey_app.counties.service import county_region
from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.security import authorise, regions_for
from survey_app.supervision.ledger import states, tasks
from survey_app.supervision.ledger.models import Task


@bp.route("/applications")
@needs("applications:read", 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(ApplicationRow))
def applications(asked: dict[str, int]) -> dict[str, Any]:
    """The applications of the token's counties, the newest first."""
    found = places.applications_of(db.session, regions_for("run.view"))
    states = places.states_of(db.session, found)
    return page_of([_row(each, states[each.id]) for each in found], asked)


@bp.route("/applications/<int:application_id>")
@needs("applications:read", 404)
@bp.response(200, ApplicationDocument)
def application(application_id: int) -> dict[str, Any]:
    """An application with every signature and return, each with its seal."""
    found = places.get_application(db.session, application_id)
    authorise("run.view", found.county_code)
    steps = [
        {
            "number": step.number,
            "level": step.level,
            "action": step.action,
            "run": step.run_id,
            "reason": step.reason,
            "seal": step.seal,
            "made_at": step.made_at,
            "made_by": step.made_by,
        }
        for step in found.steps
    ]
    return {**_row(found, places.state_of(db.session, found)), "steps": steps}


@bp.route("/ledger/<code>/tasks")
@needs("ledger:read", 404, 422)
@bp.arguments(PageQuery, location="query")
@bp.response(200, page(TaskRow))
def ledger_tasks(asked: dict[str, int], code: str) -> dict[str, Any]:
    """The tasks of a county's ledger by number, with state, deadline and money by year (yuan)."""
    authorise("supervision.view", code)
    if county_region(db.session, code) is None:
        raise NotFoundError
    return page_of([_task(each) for each in tasks.tasks_of(db.session, code)], asked)


def _row(found: Application, state: str) -> dict[str, Any]:
    return {
        "id": found.id,
        "county": found.county_code,
        "name": found.county.name,
        "year": found.year,
        "number": found.number,
        "scheme": found.scheme_id,
        "state": state,
        "level": places.current_level(found),
        "opened_at": found.opened_at,
    }


def _task(found: Task) -> dict[str, Any]:
    return {
        "number": found.number,
        "title": found.title,
        "measure": found.measure,
        "origin": found.origin,
        "scheme": found.scheme_id,
        "finding": found.finding,
        "school": found.school_code,
        "stage": found.stage,
        "department": found.department,
        "phase": found.phase,
        "deadline": found.deadline,
        "state": states.state_of(found.events),
        "percent": states.percent_of(found.events),
        "budgets": {str(each.year): each.yuan for each in found.budgets},
        "made_at": found.made_at,
    }
