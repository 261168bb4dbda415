"""Counties that have been judged, and a wave whose figures are released."""

from dataclasses import asdict
from functools import cached_property, lru_cache
from unittest import mock

from evaluation.sensitivity import Sensitivity
from survey_app.assessments import judging, runs
from survey_app.assessments.judging import Judged, judge_text
from survey_app.assessments.models import EvaluationRun
from survey_app.canonical import canonical
from survey_app.counties.models import CountyFile
from survey_app.counties.yangcheng import build
from survey_app.db import db
from survey_app.jobs import jobs_of
from survey_app.results.jobs import MIX_WAVE
from survey_app.results.releasing import release_wave
from survey_app.surveys import service as surveys
from tests.conftest import NOW
from tests.factories import make_county_file
from tests.survey_app.results.filled import close, fill


def judge(file: CountyFile, **options) -> EvaluationRun:
    """Make and commit a run; what was judged before by the same scheme is not judged anew."""
    given = {"scheme_id": "shanxi-2022", "level": "self_evaluation", "by": "test", "now": NOW}
    with mock.patch.object(runs, "judge_text", _judge_once):
        run = runs.make_run(db.session, county_file=file, **(given | options))
    db.session.commit()
    return run


class _JudgedBefore(Judged):
    """A county whose verdict is known, and how firm it is."""

    @cached_property
    def _firm(self) -> Sensitivity:
        return judging.sensitivity(self.verdict)

    def document(self, lang="zh", *, firm=None):
        return super().document(lang, firm=firm or self._firm)


def _judge_once(text, scheme_id, *, overrides=()) -> Judged:
    if overrides:
        return judge_text(text, scheme_id, overrides=overrides)
    return _judged(text, scheme_id, judging.load_scheme(scheme_id).digest)


@lru_cache(maxsize=100)
def _judged(text: str, scheme_id: str, _digest: str) -> Judged:
    return _JudgedBefore(judge_text(text, scheme_id).verdict)


def judge_small(**options) -> EvaluationRun:
    """Judge the small county."""
    return judge(make_county_file(), **options)


def judge_yangcheng() -> EvaluationRun:
    """Judge the demo county, with what is known of the origin of its figures."""
    document, provenance = build()
    file = make_county_file(document)
    known = {
        "document": provenance.document,
        "published": [asdict(each) for each in provenance.published],
        "simulated": [asdict(each) for each in provenance.simulated],
        "remarks": list(provenance.remarks),
    }
    file.provenance = canonical(known)
    return judge(file)


def released_wave(app, *, share: float = 1.0) -> int:
    """The id of a wave that was answered, closed, mixed and released."""
    field = fill(app, share=share)
    close(app, field)
    jobs_of(app).perform(MIX_WAVE, {"wave_id": field.wave_id})
    with app.app_context():
        release_wave(db.session, surveys.get_wave(db.session, field.wave_id), by="city", now=NOW)
        db.session.commit()
    return field.wave_id
