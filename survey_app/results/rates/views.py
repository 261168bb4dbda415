"""Pages of a wave's rate cut in every way, of other readings, of what came back, and the why of figures."""

from typing import Any

from flask import Blueprint, jsonify, make_response, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.results.chart import Chart, dot_chart
from survey_app.results.counting import demands
from survey_app.results.models import WaveOutcome
from survey_app.results.rates.sheets import CAPS, FORMS, SHEETS, Sheet, as_csv, as_document, sheet_of, worded
from survey_app.results.rates.why import reasons_of
from survey_app.results.seeing import figures_of, wave_to_see
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language

bp = Blueprint("rates", __name__, url_prefix="/results")
bp.before_request(require_login)


@bp.get("/<int:wave_id>/by/<name>")
def breakdown(wave_id: int, name: str) -> str:
    """The rate by one trait: a chart, the table, and a link to the why of each figure."""
    wave, outcome, sheet = _sheet(wave_id, name)
    return render_template(
        "results/rates/breakdown.html",
        wave=wave,
        outcome=outcome,
        name=name,
        sheet=sheet,
        title=SHEETS[name][0],
        caps=CAPS,
        threshold=demands(wave.scheme_id).bound.threshold,
        chart=_chart(wave, sheet, outcome) if sheet else None,
    )


@bp.get("/<int:wave_id>/by/<name>/why/<path:key>")
def why(wave_id: int, name: str, key: str) -> str:
    """Where one figure of a table comes from."""
    wave, outcome, sheet = _sheet(wave_id, name)
    line = sheet.line(key) if sheet else None
    stored = db.session.get(WaveOutcome, wave_id)
    if sheet is None or line is None or stored is None:
        raise NotFoundError
    reasons = []
    if not line.withheld:
        reasons = reasons_of(
            sheet,
            line,
            outcome,
            computed_at=stored.computed_at,
            digest=stored.digest,
            language=reader_language(),
        )
    return render_template(
        "results/rates/why.html", wave=wave, sheet=sheet, line=line, reasons=reasons, name=name, caps=CAPS
    )


@bp.get("/<int:wave_id>/by/<name>.<kind>")
def file(wave_id: int, name: str, kind: str) -> Response:
    """One table as a file; what is withheld on the page is withheld in it."""
    wave, outcome, sheet = _sheet(wave_id, name)
    if sheet is None or kind not in ("csv", "json"):
        raise NotFoundError
    if kind == "json":
        response = jsonify(
            wave=outcome["wave"],
            scheme=outcome["scheme"],
            rules=outcome["rules"]["digest"],
            **as_document(sheet),
        )
    else:
        response = make_response(as_csv(sheet))
        response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="wave-{wave.id}-{name}.{kind}"'
    return response


@bp.get("/<int:wave_id>/readings")
def readings(wave_id: int) -> str:
    """The declared rule and every other reading side by side, with what each would conclude."""
    wave = wave_to_see(wave_id)
    return render_template(
        "results/rates/readings.html",
        wave=wave,
        averaged=surveys.rules_of(wave).averages,
        outcome=figures_of(wave),
        threshold=demands(wave.scheme_id).bound.threshold,
        language=reader_language(),
    )


@bp.get("/<int:wave_id>/returns")
def returns(wave_id: int) -> str:
    """What became of the questionnaires that were given out, with the definition of every rate."""
    wave = wave_to_see(wave_id)
    return render_template(
        "results/rates/returns.html",
        wave=wave,
        outcome=figures_of(wave),
        groups=GROUPS,
        forms=FORMS,
        worded=worded,
        language=reader_language(),
    )


def _sheet(wave_id: int, name: str) -> tuple[Wave, dict[str, Any], Sheet | None]:
    if name not in SHEETS:
        raise NotFoundError
    wave = wave_to_see(wave_id)
    outcome = figures_of(wave)
    return wave, outcome, sheet_of(outcome, name, reader_language())


def _chart(wave: Wave, sheet: Sheet, outcome: dict[str, Any]) -> Chart | None:
    """Dots of the lines that are shown, all of them together on top; none for a long list of questions."""
    rows = [(line.label, line.rate, line.weighted) for line in sheet.lines if line.rate is not None]
    if sheet.name in _LONG or len(rows) < 2:
        return None
    if sheet.name not in _OF_RATINGS:
        rows.insert(0, (_("合计"), outcome["official"]["rate"], outcome["weighted"]))
    return dot_chart(rows, demands(wave.scheme_id).bound.threshold)


#: Tables too long for a chart, and tables of ratings, whose whole is no rate of questionnaires.
_LONG = {"items", "indicators"}
_OF_RATINGS = {"topics", "items", "indicators"}
