"""What every page of the room starts from: the application, and what the reader may do about it now."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from survey_app.assessments.applications import places
from survey_app.assessments.applications.models import Application
from survey_app.assessments.judgement.corrections import runs_of
from survey_app.assessments.judgement.forms import AboutForm
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import document_of_run, school_names
from survey_app.assessments.words import titled
from survey_app.db import db
from survey_app.security import authorise, may
from survey_app.surveys.planning import reader_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An application before a reader."""

    application: Application
    #: The level at which the reader acts.
    own: str
    #: The level where the application lies; None once it is finished or withdrawn.
    there: str | None

    @property
    def mine(self) -> bool:
        """Whether it is the reader's turn to judge."""
        return self.own == self.there and may("judgement.enter", self.application.county_code)


def desk(application_id: int, permission: str = "run.view") -> Desk:
    """The application as the signed-in person finds it; another county's looks like none at all.

    Raises:
        NotFoundError: there is none, or none of the reader's.
        ForbiddenError: the reader lacks *permission*.
    """
    application = places.get_application(db.session, application_id)
    authorise(permission, application.county_code)
    return Desk(
        application=application,
        own=places.acting_level(current_user.held, application),
        there=places.current_level(application),
    )


def findings_of(run: EvaluationRun | None, lang: str) -> dict[str, str]:
    """What a remark or a request can name of a run: id -> what it is called, in the order of the document."""
    if run is None:
        return {}
    document, _lang = document_of_run(run, lang)
    named: dict[str, str] = {}
    for each in document["findings"]:
        named.setdefault(each["id"], titled(each["id"], each["label"]))
    return named


def about_choices(form: AboutForm, application: Application, *, whole: bool) -> list[EvaluationRun]:
    """Offer the application's runs, and the findings and schools of the one asked for in the address.

    Args:
        form: the form whose choices are filled; what the address names is chosen first.
        application: whose runs.
        whole: whether the application as a whole can be spoken of, without a run.

    Returns:
        The runs, the newest first.
    """
    runs = runs_of(db.session, application)
    asked = request.args.get("run", type=int)
    run = next((each for each in runs if each.id == asked), runs[0] if runs else None)
    findings = findings_of(run, reader_language())
    schools = school_names(run) if run else {}
    form.run.choices = [
        *([(0, _("整个申请"))] if whole else []),
        *((each.id, _("第 %(n)d 次评估", n=each.number)) for each in runs),
    ]
    form.finding.choices = [("", _("不针对某一项")), *findings.items()]
    form.school.choices = [("", _("不针对某所学校")), *schools.items()]
    if not form.is_submitted():
        form.run.data = run.id if run and (asked or not whole) else 0
        form.finding.data = chosen if (chosen := request.args.get("finding", "")) in findings else ""
        form.school.data = chosen if (chosen := request.args.get("school", "")) in schools else ""
    return runs


def about_of(form: AboutForm) -> About:
    """What a valid form speaks of."""
    return About(
        run_id=int(str(form.run.data)) or None,
        finding=str(form.finding.data or ""),
        school_code=str(form.school.data) if form.school.data else None,
    )
