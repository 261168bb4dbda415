"""The county report: a verdict as an official paper in Word."""

from evaluation.remedies.shortfall import Shortfalls
from evaluation.remedies.shortfalls import shortfalls as lacking
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.overview import Overview, overview_of
from survey_app.assessments.report import parts, people_part
from survey_app.assessments.report.facts import Facts, facts_of_run
from survey_app.assessments.report.firmness_part import nearest, readings
from survey_app.assessments.report.gongwen import Paper
from survey_app.assessments.report.integrity_part import integrity
from survey_app.assessments.report.passage import Passage, judged_by_people
from survey_app.assessments.report.resource_part import resources
from survey_app.assessments.report.score_part import scores
from survey_app.assessments.report.shortfall_part import shortfalls
from survey_app.assessments.runs import document_of_run, school_names, verdict_of_run
from survey_app.assessments.standing import Standing
from survey_app.assessments.years import YearBefore
from survey_app.errors import ConflictError
from survey_app.results.integrity.board import Board

__all__ = ["Facts", "report_of_run", "write_report"]

#: The parts of a report in their order; a part that a verdict has nothing for writes nothing.
PARTS = (
    parts.conclusion,
    parts.reasons,
    nearest,
    people_part.overrides,
    scores,
    resources,
    parts.item_sections,
    parts.entry,
    parts.recognition,
    readings,
    integrity,
    people_part.judgements,
    shortfalls,
    people_part.passage,
    parts.contradictions,
    parts.notes,
)

AUTHOR = "均衡 Junheng"


def report_of_run(
    run: EvaluationRun,
    standing: Standing,
    *,
    before: YearBefore | None = None,
    passage: Passage | None = None,
    board: Board | None = None,
) -> bytes:
    """Give a stored run's report; the same run at the same point of its path always gives the same bytes."""
    document, _lang = document_of_run(run)
    facts = facts_of_run(
        run,
        standing,
        shortfalls=_shortfalls_of(run),
        before=before,
        judgements=judged_by_people(run),
        passage=passage,
        integrity=board,
    )
    return write_report(overview_of(document, school_names(run)), facts)


def _shortfalls_of(run: EvaluationRun) -> Shortfalls | None:
    """What the schools lack, unless scheme or program are others now."""
    try:
        verdict = verdict_of_run(run)
    except ConflictError:
        return None
    return lacking(verdict.county, verdict.scheme, verdict=verdict)


def write_report(view: Overview, facts: Facts) -> bytes:
    """Write the report of a verdict in Chinese, as the form of official papers asks."""
    county = view.document["county"]
    title = (f"{county['name']}{county['year']}年义务教育优质均衡发展", "评估报告")
    paper = Paper(
        title="".join(title),
        author=AUTHOR,
        footer=f"评估细则 {view.scheme['id']}　校验值 {view.scheme['digest']}",
        made_at=facts.made_at,
    )
    paper.title(*title, below=facts.subtitle)
    for write in PARTS:
        write(paper, view, facts)
    paper.annexes()
    return paper.save()
