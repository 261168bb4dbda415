"""Pages of the room: counts while the field is open, the end of a wave, and the figures after it."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedInputError
from survey_app.home import note
from survey_app.jobs import jobs_of
from survey_app.results import closing, counting, erasing, form_vi, releasing, service
from survey_app.results.chart import Chart, dot_chart
from survey_app.results.forms import AbortForm, CloseForm, ExtendForm, ReleaseForm
from survey_app.results.jobs import ERASE_ABORTED, MIX_WAVE
from survey_app.results.seeing import is_visible
from survey_app.results.shortfalls import shortfalls
from survey_app.security import regions_for, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.asking_again import permission_for
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES, TOPICS
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import PlanFault, reader_language
from survey_app.surveys.seeing import authorise_wave, waves_seen

bp = Blueprint("results", __name__, url_prefix="/results")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """List the waves with what came of each."""
    if not regions_for("results.view"):
        raise ForbiddenError
    waves = waves_seen(db.session, "results.view")
    shown = [(wave, service.headline_of(db.session, wave) if is_visible(wave) else None) for wave in waves]
    return render_template("results/index.html", waves=shown)


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """Counts before the close, figures after it to whoever may see them."""
    wave = _wave(wave_id, "results.view")
    return _page(wave)


@bp.post("/<int:wave_id>/close")
def close(wave_id: int) -> Response | tuple[str, int]:
    """End the answering and start the mixing."""
    wave = _wave(wave_id, "wave.close")
    form = CloseForm(wave.title)
    if not form.validate_on_submit():
        return _page(wave, close_form=form), 422
    closing.close_wave(db.session, wave, by=current_user.login, now=clock.now())
    db.session.commit()
    jobs_of(current_app).enqueue(MIX_WAVE, str(wave_id), wave_id=wave_id)
    note(_("调查已截止，不再接收答卷。正在混合答卷、计算结果。"))
    return redirect(url_for("results.show", wave_id=wave_id), 303)


@bp.route("/<int:wave_id>/extend", methods=["GET", "POST"])
def extend(wave_id: int) -> Response | str | tuple[str, int]:
    """Give an open wave more time, with a reason."""
    wave = _wave(wave_id, "wave.close")
    form = ExtendForm()
    if form.validate_on_submit():
        try:
            closing.extend_wave(
                db.session,
                wave,
                closes_at=form.instant,
                reason=form.reason.data or "",
                by=current_user.login,
                now=clock.now(),
            )
        except RefusedInputError as refused:
            db.session.rollback()
            _put_faults(form, refused.faults)
        else:
            db.session.commit()
            note(_("已延期，答题页上显示新的截止时间。"))
            return redirect(url_for("results.show", wave_id=wave_id), 303)
    page = render_template(
        "results/extend.html",
        wave=wave,
        form=form,
        extensions=surveys.extensions_of(db.session, wave),
        now=clock.now(),
    )
    return (page, 422) if form.errors else page


@bp.route("/<int:wave_id>/abort", methods=["GET", "POST"])
def abort(wave_id: int) -> Response | str | tuple[str, int]:
    """Call a wave off: its answers are erased unread."""
    wave = _wave(wave_id, "wave.abort")
    form = AbortForm(wave.title)
    if form.validate_on_submit():
        erased = closing.abort_wave(
            db.session, wave, reason=form.reason.data or "", by=current_user.login, now=clock.now()
        )
        db.session.commit()
        jobs_of(current_app).enqueue(ERASE_ABORTED, str(wave_id), wave_id=wave_id)
        note(_("调查已取消，%(n)s 份加密答卷没有人看过，已全部销毁。", n=erased))
        return redirect(url_for("results.show", wave_id=wave_id), 303)
    page = render_template(
        "results/abort.html", wave=wave, form=form, sealed=service.sealed_left(db.session, wave)
    )
    return (page, 422) if form.errors else page


@bp.get("/<int:wave_id>/form-vi.<kind>")
def table(wave_id: int, kind: str) -> Response:
    """The released figures as a file; what is withheld on the page is withheld in it."""
    wave = _wave(wave_id, "results.view")
    if kind not in form_vi.FILES:
        raise NotFoundError
    outcome = service.outcome_of(db.session, wave) if is_visible(wave) else None
    if outcome is None:
        raise ConflictError("figures_not_released")
    make, mime = form_vi.FILES[kind]
    response = make_response(make(wave, outcome, reader_language()))
    response.content_type = mime
    response.headers["Content-Disposition"] = f'attachment; filename="form-vi-{wave.id}.{kind}"'
    return response


@bp.get("/<int:wave_id>/erased")
def erased(wave_id: int) -> str:
    """What was erased of a wave: what, when, by whom or by which job."""
    wave = _wave(wave_id, "results.view")
    return render_template("results/erased.html", wave=wave, erased=erasing.erased(db.session, wave))


@bp.post("/<int:wave_id>/release")
def release(wave_id: int) -> Response:
    """Let the county see its figures."""
    wave = _wave(wave_id, "wave.release")
    releasing.release_wave(db.session, wave, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("结果已发布，县里现在可以看到，也可以用于评估。"))
    return redirect(url_for("results.show", wave_id=wave_id), 303)


def _put_faults(form: ExtendForm, faults: Iterable[PlanFault]) -> None:
    for fault in faults:
        field = form[fault.where]
        field.errors = [*field.errors, fault.message]


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission_for(wave, permission), wave)
    return wave


def _page(wave: Wave, *, close_form: CloseForm | None = None) -> str:
    counts = counting.counts_by_group(db.session, wave)
    wanted = counting.demands(wave.scheme_id)
    outcome = service.outcome_of(db.session, wave) if is_visible(wave) else None
    language = reader_language()
    return render_template(
        "results/show.html",
        wave=wave,
        counts=counts,
        total={
            name: sum(row[name] for row in counts.values()) for name in ("target", "distributed", "spent")
        },
        warnings=counting.warnings_before_close(
            counts, wanted, posters=counting.posters_counted(db.session, wave)
        ),
        short=shortfalls(db.session, wave) if wave.state is WaveState.OPEN else None,
        extensions=surveys.extensions_of(db.session, wave),
        form=close_form or CloseForm(wave.title),
        release_form=ReleaseForm(),
        outcome=outcome,
        lines=form_vi.official(outcome) if outcome else [],
        sealed=service.sealed_left(db.session, wave),
        threshold=wanted.bound.threshold,
        averaged=surveys.rules_of(wave).averages,
        chart=_chart(outcome, wanted.bound.threshold) if outcome else None,
        groups=GROUPS,
        bands=GRADE_BANDS,
        localities=LOCALITIES,
        topics=TOPICS,
        now=clock.now(),
        language=language,
    )


def _chart(outcome: dict[str, Any], threshold: Fraction) -> Chart | None:
    """All groups together on top, then each group that may be shown."""
    language = reader_language()
    rows = [
        (GROUPS[row["group"]].label.in_language(language), row["rate"], row["weighted"])
        for row in outcome["groups"]
        if row["rate"] is not None
    ]
    if outcome["official"]["rate"] is not None:
        rows.insert(0, (_("合计"), outcome["official"]["rate"], outcome["weighted"]))
    return dot_chart(rows, threshold) if rows else None
