"""The files a verdict is written to: report, workbook and form."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from evaluation import Verdict
from evaluation.forms import fill
from evaluation.loader import load_form
from evaluation.remedies.shortfalls import shortfalls
from evaluation.sensitivity import Sensitivity
from survey_app.assessments.judging import Judged
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.overview import overview_of
from survey_app.assessments.report.facts import facts_of_run
from survey_app.assessments.runs import verdict_of_run
from survey_app.assessments.standing import Standing
from survey_app.canonical import digest

#: The form that counties file for recognition by the nation.
NATIONAL = "national"

#: Stands at the head of a form that no authority may be given.
SIMULATED = "本表所用数据中有模拟的数字，只供演示，不能用于申报。"


def write_papers(
    verdict: Verdict,
    source: Path,
    *,
    firm: Sensitivity,
    docx: Path | None = None,
    xlsx: Path | None = None,
    forms: Sequence[Path] = (),
) -> dict[Path, bool]:
    """Write the papers that were asked for; path → whether it could be written.

    Args:
        verdict: what they say.
        source: the county file it was made from, for the papers to name.
        firm: how firm the verdict is.
        docx: the county report.
        xlsx: the verdict as a workbook.
        forms: the national form, by each path's ending in Word or Excel.
    """
    from survey_app.assessments.report import Facts, write_report
    from survey_app.assessments.workbook import write_workbook

    origin = f"县情数据：{source.name}，校验值（SHA-256）：{digest(source.read_bytes())}。"
    papers: dict[Path, bytes] = {}
    if docx is not None or xlsx is not None:
        names = {school.code: school.name for school in verdict.county.schools}
        view = overview_of(Judged(verdict).document(firm=firm), names)
        if docx is not None:
            lacking = shortfalls(verdict.county, verdict.scheme, verdict=verdict)
            papers[docx] = write_report(view, Facts(origins=(origin,), shortfalls=lacking))
        if xlsx is not None:
            papers[xlsx] = write_workbook(view)
    for path in forms:
        papers[path] = form_paper(verdict, path.suffix.lower(), origins=(origin,))
    return {path: _write(path, content) for path, content in papers.items()}


def form_paper(
    verdict: Verdict,
    ending: str,
    *,
    origins: Sequence[str],
    notice: str = "",
    made_at: datetime | None = None,
) -> bytes:
    """Give the national form as a file by its ending: ``.docx``, else as a workbook."""
    filled = fill(load_form(NATIONAL), verdict)
    if ending == ".docx":
        from survey_app.assessments.report.form import write_form

        return write_form(filled, origins=origins, notice=notice, made_at=made_at)
    from survey_app.assessments.report.form_workbook import write_form_workbook

    return write_form_workbook(filled, origins=origins, notice=notice)


def form_of_run(run: EvaluationRun, standing: Standing, ending: str) -> bytes:
    """Give a stored run's national form; the same run always gives the same bytes.

    Raises:
        ConflictError: scheme or program are others now, and the form would say something else.
    """
    facts = facts_of_run(run, standing)
    return form_paper(
        verdict_of_run(run),
        ending,
        origins=facts.origins,
        notice=SIMULATED if facts.simulated else "",
        made_at=run.made_at,
    )


def _write(path: Path, content: bytes) -> bool:
    try:
        path.write_bytes(content)
    except OSError:
        return False
    return True
