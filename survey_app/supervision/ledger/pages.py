"""What all pages of the ledger begin with: the county, its runs, whether the reader may, their language."""

from flask_babel import get_locale

from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import get_run, runs_of
from survey_app.counties import service as counties
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.security import authorise, scope


def county_of(code: str, permission: str) -> Region:
    """The county, if the reader has the permission for it; another one looks like none at all."""
    authorise(permission, code)
    county = counties.county_region(db.session, code)
    if county is None:
        raise NotFoundError
    return county


def run_of(code: str, run_id: int) -> EvaluationRun:
    """A run of the county; one of another county looks like none at all."""
    run = get_run(db.session, run_id)
    if run.county_code != code:
        raise NotFoundError
    return run


def language() -> str:
    """The reader's language, as evaluations and remedies are said in it."""
    return "en" if str(get_locale()) == "en" else "zh"


def runs_of_county(code: str) -> list[EvaluationRun]:
    """The county's runs, the newest first."""
    return runs_of(db.session, [scope(code)])
