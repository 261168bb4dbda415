"""Applications that lie at a level, and what a person enters about them."""

import io
from decimal import Decimal

from werkzeug.datastructures import FileStorage

from survey_app import evidence, settings_of
from survey_app.assessments.applications.models import LEVELS, Application, ApplicationStep
from survey_app.assessments.applications.service import make_level_run
from survey_app.assessments.judgement import entering
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.models import Judgement
from survey_app.assessments.models import EvaluationRun
from survey_app.counties.models import CountyFile
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import make_county_file, small_county

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"


def apply(
    *, level: str = "self_evaluation", scheme: str = "shanxi-2022", code: str = "140522"
) -> Application:
    """An application of a county with the small county's file; lower levels have signed a run of it."""
    file = make_county_file(code=code)
    application = Application(
        county_code=code, year=2026, number=1, scheme_id=scheme, opened_at=NOW, opened_by="county"
    )
    db.session.add(application)
    db.session.flush()
    for own in LEVELS[: LEVELS.index(level)]:
        sign(application, own, run(application, file, own))
    return application


def run(application: Application, file: CountyFile, level: str) -> EvaluationRun:
    """A run of the application at a level."""
    return make_level_run(
        db.session, application, county_file=file, wave=None, level=level, by="test", now=NOW
    )


def sign(application: Application, level: str, signed: EvaluationRun) -> None:
    """Let a level sign."""
    application.steps.append(
        ApplicationStep(
            number=len(application.steps) + 1,
            level=level,
            action="signed",
            run_id=signed.id,
            seal="0" * 64,
            made_at=NOW,
            made_by="test",
            made_by_name="test",
        )
    )
    db.session.flush()


def enter(app, application: Application, kind: str, key: str, value, **given) -> Judgement:
    """Enter a judgement as the level where the application lies."""
    value = Decimal(str(value)) if kind == "points" and value is not None else value
    return entering.enter(
        db.session,
        application,
        asked=asked_by(application.scheme_id)[kind, key],
        value=value,
        settings=settings_of(app),
        **{"level": "self_evaluation", "by": "county", "now": NOW, "note": "依据"} | given,
    )


def pdf(name: str = "布局规划.pdf", content: bytes = PDF) -> evidence.Handed:
    """A file as it is handed in."""
    handed = evidence.handed_in(FileStorage(stream=io.BytesIO(content), filename=name))
    assert handed is not None
    return handed


def newer_file(**changed) -> CountyFile:
    """The county's next version."""
    from survey_app.counties import service as counties

    document = {**small_county(), **changed}
    document["county"] = {**document["county"], "code": "140522"}
    return counties.import_county_file(db.session, document, source="v2.json", by="county", now=NOW)
