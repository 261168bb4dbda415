"""Pages of the room: runs, the verdict, why each finding is as it is, and the documents made of it."""

import json
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.assessments import judging, runs, words
from survey_app.assessments.applications.seal_checks import broken_step, judgements_whole
from survey_app.assessments.figure_sources import sources_of
from survey_app.assessments.figures import figure, limit
from survey_app.assessments.forms import RunForm
from survey_app.assessments.judgement.corrections import today
from survey_app.assessments.judgement.kept import kept_in
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.nearest import nearest_of
from survey_app.assessments.overview import Overview, overview_of
from survey_app.assessments.readings import keys_of, readings_of
from survey_app.assessments.scores import score_sheet
from survey_app.assessments.standing import standing_of
from survey_app.assessments.years import year_before
from survey_app.canonical import digest
from survey_app.counties import service as counties
from survey_app.counties.models import CountyFile
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError
from survey_app.results.integrity.board import Board, board_of
from survey_app.security import authorise, may, regions_for, require_login
from survey_app.surveys.models import WaveState
from survey_app.surveys.service import get_wave, waves_of

bp = Blueprint("assessments", __name__, url_prefix="/assessments")
bp.before_request(require_login)
bp.add_app_template_filter(figure)
bp.add_app_template_filter(limit)

_KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.app_template_filter()
def input_text(value: object, key: str = "") -> str:
    """An input of a finding in the reader's language."""
    return words.input_text(value, key, say=_)


@bp.get("/")
def index() -> str:
    """Show the newest runs of the reader's counties."""
    found = runs.runs_of(db.session, _scopes("run.view"))
    schemes = {each.id: each for each in judging.scheme_list()}
    return render_template(
        "assessments/index.html", runs=found, schemes=schemes, newest=runs.NEWEST, words=words
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> BaseResponse | str | tuple[str, int]:
    """Let a county be judged: which file, by which scheme, with which survey."""
    code = request.args.get("county", "")
    if not code:
        found = counties.counties_with_files(db.session, _scopes("run.make"))
        return render_template("assessments/choose.html", counties=found)
    authorise("run.make", code)
    files = counties.files_of(db.session, [code])
    if not files:
        raise ConflictError("county_without_file")
    form = _run_form(code, files)
    if form.validate_on_submit():
        run = runs.make_run(
            db.session,
            county_file=next(each for each in files if each.id == form.county_file.data),
            scheme_id=str(form.scheme.data),
            wave=get_wave(db.session, int(form.wave.data)) if form.wave.data else None,
            level=runs.level_for(current_user.held, code),
            by=current_user.login,
            now=clock.now(),
        )
        db.session.commit()
        return redirect(url_for("assessments.show", run_id=run.id))
    page = render_template("assessments/new.html", form=form, county=files[0].county.name, code=code)
    return (page, 422) if form.is_submitted() else page


@bp.get("/<int:run_id>")
def show(run_id: int) -> str:
    """Show the verdict of a run with everything that led to it."""
    run = _run(run_id)
    view, lang = _overview(run)
    standing = standing_of(db.session, run)
    stages = {stage: _(name) for stage, name in words.STAGES.items()}
    return render_template(
        "assessments/show.html",
        run=run,
        view=view,
        nearest=nearest_of(view),
        readings=readings_of(view, standing.alternatives),
        keys=keys_of(view),
        panels=view.panels(stages),
        shares=view.share_panels(stages),
        sheet=score_sheet(view),
        standing=standing,
        before=year_before(db.session, run),
        same_scheme=runs.same_scheme(run),
        words=words,
        lang=lang,
        asked=_language(),
    )


@bp.get("/<int:run_id>/why/<int:position>")
def why(run_id: int, position: int) -> str:
    """Explain one finding: inputs, formula, clause, exemption."""
    run = _run(run_id)
    view, _lang = _overview(run)
    if position >= len(view.findings):
        raise NotFoundError
    finding = view.findings[position]
    return render_template(
        "assessments/why.html",
        run=run,
        view=view,
        finding=finding,
        others=view.beside(finding),
        sources=sources_of(run, position, _language()),
        before=year_before(db.session, run),
        same_scheme=runs.same_scheme(run),
        words=words,
    )


@bp.get("/<int:run_id>/result.json")
def result(run_id: int) -> Response:
    """Give the verdict's document as it was stored."""
    run = _run(run_id)
    return _download(run.result.encode("utf-8"), "application/json", _file_name(run, "json"))


@bp.get("/<int:run_id>/verification")
def verification(run_id: int) -> str:
    """Judge the run again: whether every digest is the same, with judgements, overrides and signatures."""
    run = _run(run_id)
    checked = runs.verify(run)
    judged_whole = judgements_whole(db.session, run)
    broken = broken_step(db.session, run.application) if run.application else None
    return render_template(
        "assessments/verification.html",
        run=run,
        checked=checked,
        holds=False if broken or judged_whole is False else checked.holds,
        judged_whole=judged_whole,
        judgements_digest=digest(run.judgements),
        broken=broken,
        judgements=kept_in(db.session, run, _language()),
        overrides=json.loads(run.overrides),
        words=words,
    )


@bp.get("/<int:run_id>/report.docx")
def report(run_id: int) -> Response:
    """Give the run's report as a Word file."""
    from survey_app.assessments.report import report_of_run
    from survey_app.assessments.report.passage import passage_of

    run = _run(run_id)
    paper = report_of_run(
        run,
        standing_of(db.session, run),
        before=year_before(db.session, run),
        passage=passage_of(db.session, run, on=today(clock.now())),
        board=_board(run),
    )
    return _download(paper, _KINDS["docx"], _file_name(run, "docx"))


@bp.get("/<int:run_id>/letter.docx")
def letter(run_id: int) -> Response:
    """Give the level's feedback to the county as a Word file; ``due`` is the day of the county's report."""
    from survey_app.assessments.report.letter import letter_for, letter_of_run
    from survey_app.assessments.report.passage import passage_of

    run = _run(run_id)
    passage = passage_of(db.session, run, on=today(clock.now()))
    written = letter_for(run, passage, due_on=request.args.get("due", type=date.fromisoformat))
    paper = letter_of_run(run, standing_of(db.session, run), written, passage)
    return _download(paper, _KINDS["docx"], f"junheng-{run.county_code}-{run.number}-letter.docx")


@bp.get("/<int:run_id>/brief.pdf")
def brief(run_id: int) -> Response:
    """Give the run on one page."""
    from survey_app.assessments.report.brief import brief_of_run

    run = _run(run_id)
    paper = brief_of_run(run, standing_of(db.session, run), year_before(db.session, run))
    return _download(paper, "application/pdf", f"junheng-{run.county_code}-{run.number}-brief.pdf")


@bp.get("/<int:run_id>/form.<any(docx, xlsx):kind>")
def form(run_id: int, kind: str) -> Response:
    """Give the national form filled in from the run."""
    from survey_app.assessments.papers import form_of_run

    run = _run(run_id)
    paper = form_of_run(run, standing_of(db.session, run), f".{kind}")
    return _download(paper, _KINDS[kind], f"junheng-{run.county_code}-{run.number}-form.{kind}")


def _scopes(permission: str) -> list[str]:
    scopes = regions_for(permission)
    if not scopes:
        raise ForbiddenError
    return scopes


def _run(run_id: int) -> EvaluationRun:
    """The run, if it is one of the reader's; another county's looks like none at all."""
    run = runs.get_run(db.session, run_id)
    authorise("run.view", run.county_code)
    return run


def _board(run: EvaluationRun) -> Board | None:
    """What the run's survey was screened for, if the reader may see it."""
    if run.wave_id is None or not may("integrity.view", run.county_code):
        return None
    return board_of(db.session, get_wave(db.session, run.wave_id))


def _overview(run: EvaluationRun) -> tuple[Overview, str]:
    document, lang = runs.document_of_run(run, _language())
    return overview_of(document, runs.school_names(run)), lang


def _run_form(code: str, files: Sequence[CountyFile]) -> RunForm:
    form = RunForm()
    form.county_file.choices = [
        (each.id, _("%(year)d 年第 %(version)d 版", year=each.year, version=each.version)) for each in files
    ]
    form.scheme.choices = [
        (each.id, f"{each.title}（{each.document}）")
        for each in judging.scheme_list(_language(), county=code)
    ]
    waves = [each for each in waves_of(db.session, [code]) if each.state is WaveState.RELEASED]
    form.wave.choices = [*((each.id, each.title) for each in waves), (0, _("不引用调查结果"))]
    wanted = request.args.get("wave", type=int)
    if not form.is_submitted() and wanted in [each.id for each in waves]:
        form.wave.data = wanted
    return form


def _language() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


def _download(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _file_name(run: EvaluationRun, ending: str) -> str:
    return f"junheng-{run.county_code}-{run.number}.{ending}"
