"""Pages of the room: counts while the field is open, the close, and the figures after it."""

from fractions import Fraction

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.db import db
from survey_app.home import note
from survey_app.jobs import jobs_of
from survey_app.results import closing, counting, releasing, service
from survey_app.results.chart import Chart, dot_chart
from survey_app.results.forms import CloseForm, ReleaseForm
from survey_app.results.jobs import MIX_WAVE
from survey_app.security import authorise, may, regions_for, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS, TOPICS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language

bp = Blueprint("results", __name__, url_prefix="/results")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """List the waves with what came of each."""
    waves = surveys.waves_of(db.session, regions_for("results.view"))
    shown = [(wave, service.outcome_of(db.session, wave) if _visible(wave) else None) for wave in waves]
    return render_template("results/index.html", waves=shown)


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """Counts before the close, figures after it to whoever may see them."""
    wave = _wave(wave_id, "results.view")
    return _page(wave, CloseForm(wave.title))


@bp.post("/<int:wave_id>/close")
def close(wave_id: int) -> Response | tuple[str, int]:
    """End the answering and start the mixing."""
    wave = _wave(wave_id, "wave.close")
    form = CloseForm(wave.title)
    if not form.validate_on_submit():
        return _page(wave, form), 422
    closing.close_wave(db.session, wave, by=current_user.login, now=clock.now())
    db.session.commit()
    jobs_of(current_app).enqueue(MIX_WAVE, str(wave_id), wave_id=wave_id)
    note(_("调查已截止，不再接收答卷。正在混合答卷、计算结果。"))
    return redirect(url_for("results.show", wave_id=wave_id), 303)


@bp.post("/<int:wave_id>/release")
def release(wave_id: int) -> Response:
    """Let the county see its figures."""
    wave = _wave(wave_id, "wave.release")
    releasing.release_wave(db.session, wave, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("结果已发布，县里现在可以看到，也可以用于评估。"))
    return redirect(url_for("results.show", wave_id=wave_id), 303)


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise(permission, wave.county_code)
    return wave


def _visible(wave: Wave) -> bool:
    return wave.released_at is not None or may("results.view_unreleased", wave.county_code)


def _page(wave: Wave, form: CloseForm) -> str:
    counts = counting.counts_by_group(db.session, wave)
    wanted = counting.demands(wave.scheme_id)
    outcome = service.outcome_of(db.session, wave) if _visible(wave) else None
    return render_template(
        "results/show.html",
        wave=wave,
        counts=counts,
        total={
            name: sum(row[name] for row in counts.values()) for name in ("target", "distributed", "spent")
        },
        warnings=counting.warnings_before_close(counts, wanted),
        form=form,
        release_form=ReleaseForm(),
        outcome=outcome,
        sealed=service.sealed_left(db.session, wave),
        threshold=wanted.bound.threshold,
        chart=_chart(outcome, wanted.bound.threshold) if outcome else None,
        groups=GROUPS,
        topics=TOPICS,
        language=reader_language(),
    )


def _chart(outcome: dict, threshold: Fraction) -> Chart | None:
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
