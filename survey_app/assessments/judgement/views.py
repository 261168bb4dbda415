"""Pages of judgements, their evidence, and comments."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock, evidence
from survey_app.assessments import words
from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.judgement import entering, remarks, summary
from survey_app.assessments.judgement import words as own_words
from survey_app.assessments.judgement.asked import Asked, asked_by
from survey_app.assessments.judgement.corrections import runs_of, today
from survey_app.assessments.judgement.desk import Desk, about_choices, about_of, desk
from survey_app.assessments.judgement.forms import JudgementForm, ReasonForm, RemarkForm
from survey_app.assessments.judgement.kept import sealed_evidence
from survey_app.assessments.judgement.models import Judgement
from survey_app.assessments.judgement.service import value_of
from survey_app.config import settings_of
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.evidence_download import attachment
from survey_app.evidence_kinds import ACCEPTED, LARGEST, UnfitEvidenceError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import require_login
from survey_app.surveys.planning import reader_language

bp = Blueprint("judgement", __name__, url_prefix="/applications/<int:application_id>")
bp.before_request(require_login)
bp.add_app_template_filter(value_of, "judged_value")

_MEGABYTE = 1024 * 1024

#: The order in which what is still to be done comes first.
_URGENCY = ("missing", "waiting", "entered")


@bp.app_template_filter()
def value_words(value: Any, kind: str) -> str:
    """What a judgement says, in the reader's language."""
    return own_words.value_words(kind, value, say=_)


@bp.app_template_global()
def judged_title(asked: Asked) -> str:
    """What people judge, after its number in the document."""
    return own_words.title_of(asked)


@bp.app_template_global()
def application_address(application: Application) -> str:
    """Where an application's own page is; its judgements, where that page is not installed."""
    known = "applications.show" in current_app.view_functions
    return url_for("applications.show" if known else "judgement.index", application_id=application.id)


@bp.get("/judgements")
def index(application_id: int) -> str:
    """Everything the scheme asks of people, what each level said of it, and what is still missing."""
    at = desk(application_id)
    lines = summary.lines_of(db.session, at.application, reader_language())
    wanted = request.args.get("show", "")
    if wanted in _URGENCY:
        lines = [line for line in lines if line.state == wanted]
    return render_template(
        "judgement/judgements.html",
        desk=at,
        application=at.application,
        summary=summary.summary_of(db.session, at.application, on=today(clock.now())),
        lines=sorted(lines, key=lambda line: _URGENCY.index(line.state)),
        wanted=wanted,
        levels=_levels_shown(at),
        words=words,
        own_words=own_words,
    )


@bp.route("/judgements/<any(attestation, veto, points):kind>/<key>", methods=["GET", "POST"])
def show(application_id: int, kind: str, key: str) -> str | BaseResponse | tuple[str, int]:
    """One thing, its history, and the form where it is the reader's turn."""
    at = desk(application_id)
    asked = _asked(at.application, kind, key)
    past = entering.history(db.session, at.application, asked)
    form = _judgement_form(asked, past, at.own)
    if not form.validate_on_submit():
        page = _judgement_page(at, asked, past, form)
        return (page, 422) if form.is_submitted() else page
    usable = entering.usable_evidence(past)
    ticked = {str(each) for each in form.kept.data or []}
    try:
        handed = _handed(form)
        entering.enter(
            db.session,
            at.application,
            asked=asked,
            level=at.own,
            value=form.value,
            note=form.note.data or "",
            kept=[each for each in usable if str(each.id) in ticked],
            handed=handed,
            settings=settings_of(current_app),
            by=current_user.login,
            now=clock.now(),
        )
    except (UnfitEvidenceError, entering.UnfitJudgementError) as refused:
        db.session.rollback()
        at = desk(application_id)
        past = entering.history(db.session, at.application, asked)
        form.form_errors.append(sentence(refused.code, **refused.facts))
        return _judgement_page(at, asked, past, form), refused.status
    db.session.commit()
    note(_("已录入。重新生成评估结果后才会计入。"))
    return redirect(url_for("judgement.index", application_id=application_id), 303)


@bp.post("/judgements/<any(attestation, veto, points):kind>/<key>/take-back")
def take_back(application_id: int, kind: str, key: str) -> str | BaseResponse | tuple[str, int]:
    """Let the county file's own word stand again, with the reason."""
    at = desk(application_id, "judgement.enter")
    asked = _asked(at.application, kind, key)
    reason = ReasonForm()
    if not reason.validate_on_submit():
        past = entering.history(db.session, at.application, asked)
        return _judgement_page(at, asked, past, _judgement_form(asked, past, at.own), reason), 422
    entering.enter(
        db.session,
        at.application,
        asked=asked,
        level=at.own,
        value=None,
        note=reason.reason.data or "",
        settings=settings_of(current_app),
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("已撤回本级判断。重新生成评估结果后，按县情数据自己的说法计。"))
    return redirect(url_for("judgement.index", application_id=application_id), 303)


@bp.get("/evidence/<int:evidence_id>")
def download(application_id: int, evidence_id: int) -> Response:
    """Give a file of evidence, as an attachment."""
    at = desk(application_id)
    return attachment(entering.evidence_of(db.session, at.application, evidence_id))


@bp.route("/evidence/<int:evidence_id>/withdraw", methods=["GET", "POST"])
def withdraw(application_id: int, evidence_id: int) -> str | BaseResponse | tuple[str, int]:
    """Take a file out of use, by the level that handed it in, with the reason."""
    at = desk(application_id, "judgement.enter")
    found = entering.evidence_of(db.session, at.application, evidence_id)
    entering.refuse_sealed(db.session, at.application, found)
    form = ReasonForm()
    if not form.validate_on_submit():
        page = render_template(
            "judgement/withdraw_evidence.html", application=at.application, found=found, form=form
        )
        return (page, 422) if form.is_submitted() else page
    entering.withdraw_evidence(
        db.session,
        at.application,
        found,
        level=at.own,
        reason=form.reason.data or "",
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("已撤回“%(title)s”。文件和校验值仍保留备查。", title=found.title))
    return redirect(url_for("judgement.index", application_id=application_id), 303)


@bp.route("/remarks", methods=["GET", "POST"])
def comments(application_id: int) -> str | BaseResponse | tuple[str, int]:
    """What people said of the application, and a place to say more."""
    at = desk(application_id)
    form = RemarkForm()
    about_choices(form, at.application, whole=True)
    if at.there is not None and form.validate_on_submit():
        remarks.add_remark(
            db.session,
            at.application,
            level=at.own,
            about=about_of(form),
            text=(form.text.data or "").strip(),
            by=current_user.login,
            now=clock.now(),
        )
        db.session.commit()
        note(_("意见已保存。"))
        return redirect(url_for("judgement.comments", application_id=application_id), 303)
    if at.there is None and form.is_submitted():
        raise ConflictError("application_over")
    page = render_template(
        "judgement/remarks.html",
        desk=at,
        application=at.application,
        form=form,
        remarks=remarks.remarks_of(db.session, at.application),
        runs={run.id: run for run in runs_of(db.session, at.application)},
        schools=counties.school_names(db.session, at.application.county_code),
        words=words,
    )
    return (page, 422) if form.is_submitted() else page


def _asked(application: Application, kind: str, key: str) -> Asked:
    asked = asked_by(application.scheme_id, reader_language()).get((kind, key))
    if asked is None:
        raise NotFoundError
    return asked


def _judgement_form(asked: Asked, past: list[Judgement], level: str) -> JudgementForm:
    """The form, filled with what the level said last; its evidence is kept unless it is unticked."""
    usable = entering.usable_evidence(past)
    own = [each for each in past if each.level == level]
    given: dict[str, Any] = {}
    if own and (value := value_of(own[-1])) is not None:
        kept = {each.id for each in own[-1].evidence}
        given = {
            "answer": str(value).lower(),
            "points": Decimal(value) if asked.kind == "points" else None,
            "note": own[-1].note,
            "kept": [each.id for each in usable if each.id in kept],
        }
    form = JudgementForm(asked.kind, asked.maximum, data=given)
    form.kept.choices = [(each.id, each.title) for each in usable]
    return form


def _handed(form: JudgementForm) -> list[evidence.Handed]:
    """The files that came along, checked; a title given for several of them is for the first."""
    files = [each for each in form.files.data or [] if each.filename]
    titles = [form.title.data or "", *[""] * len(files)]
    found = [evidence.handed_in(file, title=title) for file, title in zip(files, titles, strict=False)]
    return [each for each in found if each is not None]


def _judgement_page(
    at: Desk, asked: Asked, past: list[Judgement], form: JudgementForm, reason: ReasonForm | None = None
) -> str:
    own = [each for each in past if each.level == at.own]
    line = next(
        each
        for each in summary.lines_of(db.session, at.application, reader_language())
        if (each.asked.kind, each.asked.key) == (asked.kind, asked.key)
    )
    return render_template(
        "judgement/judgement.html",
        desk=at,
        application=at.application,
        asked=asked,
        line=line,
        past=list(reversed(past)),
        own_evidence=_own_evidence(past, at.own) - set(sealed_evidence(db.session, at.application))
        if at.mine
        else set(),
        form=form,
        reason=reason or ReasonForm(),
        can_take_back=at.mine and bool(own) and value_of(own[-1]) is not None,
        accepted=ACCEPTED,
        largest=LARGEST // _MEGABYTE,
        words=words,
        own_words=own_words,
    )


def _own_evidence(past: list[Judgement], level: str) -> set[int]:
    """The evidence that *level* handed in: that of the first judgement which rests on it."""
    first: dict[int, str] = {}
    for judged in past:
        for each in judged.evidence:
            first.setdefault(each.id, judged.level)
    return {id_ for id_, by in first.items() if by == level}


def _levels_shown(at: Desk) -> list[str]:
    """The levels that had a turn so far."""
    reached = summary.level_looked_from(at.application)
    return list(LEVELS[: LEVELS.index(reached) + 1])
