"""A report's files: asked for once, made by a job, the same bytes from the same report."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from survey_app import prepared
from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.prepared import Maker, PreparedFile, Progress
from survey_app.supervision.dispatch.failing import Failing, failing_items, items_by_run
from survey_app.supervision.dispatch.first_form import write_first_form
from survey_app.supervision.dispatch.models import Dispatch
from survey_app.supervision.dispatch.quarter_paper import write_quarter
from survey_app.supervision.dispatch.service import content_of, get_dispatch, period_of
from survey_app.supervision.dispatch.sheet import dispatch_workbook
from survey_app.supervision.dispatch.year_paper import write_year

KIND = "dispatch"

#: The forms a report is to be had in, and what each is called where it is downloaded.
FORMS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def ask(session: Session, dispatch: Dispatch, form: str, *, by: str, now: datetime) -> PreparedFile:
    """A report's file in one of `FORMS`; noted as wanted if it is new. The caller commits and begins it.

    Raises:
        NotFoundError: no such form.
    """
    if form not in FORMS:
        raise NotFoundError
    return prepared.ask(
        session,
        kind=KIND,
        arguments={"dispatch": dispatch.id, "form": form},
        facts=dispatch.digest,
        region=dispatch.region_code,
        by=by,
        now=now,
    )


def file_of(session: Session, dispatch: Dispatch, file_id: int) -> PreparedFile:
    """A file of a report.

    Raises:
        NotFoundError: there is none of that number; it may have been erased.
    """
    found = prepared.find(session, file_id, KIND)
    if found.told["dispatch"] != dispatch.id:
        raise NotFoundError
    return found


def maker(app: Flask) -> Maker:
    """What makes a report's files in the application's job, in Chinese whatever the reader's language."""

    def make(told: dict[str, Any], progress: Progress) -> tuple[bytes, str]:
        dispatch = get_dispatch(db.session, told["dispatch"])
        name = f"junheng-{dispatch.region_code}-{_code(dispatch)}-v{dispatch.version}.{told['form']}"
        with app.test_request_context(), force_locale("zh"):
            return _written(dispatch, told["form"], progress), name

    return make


def title_of(dispatch: Dispatch) -> str:
    """What a report is called."""
    kind = "工作调度" if dispatch.quarter else "情况报告"
    return f"{dispatch.region.name}{period_of(dispatch).title}县域义务教育优质均衡发展{kind}"


def _code(dispatch: Dispatch) -> str:
    return f"{dispatch.year}Q{dispatch.quarter}" if dispatch.quarter else str(dispatch.year)


def _written(dispatch: Dispatch, form: str, progress: Progress) -> bytes:
    """Write a file; what is needed of the row is read before `progress` ends the transaction."""
    content, title = content_of(dispatch), title_of(dispatch)
    given: dict[str, Any] = {
        "region": dispatch.region.name,
        "version": dispatch.version,
        "digest": dispatch.digest,
        "made_at": dispatch.made_at,
    }
    quarterly = bool(dispatch.quarter)
    if form == "xlsx":
        return dispatch_workbook(content, title=title)
    if quarterly and "form" not in content:
        return write_first_form(content, **given, told=progress)
    if quarterly:
        return write_quarter(content, **given, told=progress)
    return write_year(content, _failing(content, progress), **given)


def _failing(content: Mapping[str, Any], progress: Progress) -> list[Failing]:
    """The items that most counties miss, as they were kept; for the first form counted from its runs."""
    if "failing" in content:
        return [Failing(**each) for each in content["failing"]]
    return failing_items(content["counties"], items_by_run(db.session), progress)
