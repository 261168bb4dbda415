"""Pages of the room: the waves, a new one, and what a wave declared."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from evaluation.loader import load_scheme
from survey_app import clock
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ForbiddenError, NotFoundError
from survey_app.home import note
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys import service
from survey_app.surveys.forms import WaveForm
from survey_app.surveys.groups import FORMS, GROUPS
from survey_app.surveys.planning import reader_language
from survey_app.surveys.questionnaire_loader import load_form
from survey_app.surveys.rules import RuleSet, default_rules
from survey_app.surveys.school_lists import school_lists

bp = Blueprint("surveys", __name__, url_prefix="/surveys")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """List the waves of the reader's regions, and the counties that can be surveyed."""
    scopes = regions_for("wave.view")
    if not scopes:
        raise ForbiddenError
    return render_template(
        "surveys/index.html",
        waves=service.waves_of(db.session, scopes),
        counties=counties.counties_with_files(db.session, regions_for("wave.plan")),
        plan_of=service.plan_of,
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> Response | str | tuple[str, int]:
    """Plan a wave of the county named in the address."""
    code = request.args.get("county", "")
    authorise("wave.plan", code)
    county_file = counties.latest_county_file(db.session, code)
    if county_file is None:
        raise NotFoundError("no_county_file")
    now = clock.now()
    known = service.counted_lists(county_file)
    form = WaveForm(now, county=code, year=county_file.year, known_sizes=known)
    if not form.validate_on_submit():
        document = counties.document_of(county_file)
        page = render_template(
            "surveys/new.html",
            form=form,
            county_file=county_file,
            population=document["county"].get("resident_population"),
            counted=school_lists(document),
            rules=_rule_lines(default_rules()),
            language=reader_language(),
        )
        return (page, 422) if form.errors else page
    opens_at, closes_at = form.window
    wave = service.create_wave(
        db.session,
        county_file=county_file,
        title=form.title.data or "",
        scheme_id=form.scheme_id.data or "",
        rules=default_rules(),
        opens_at=opens_at,
        closes_at=closes_at,
        contact=form.contact.data or "",
        pressure_contact=form.pressure_contact.data or "",
        group_sizes=form.group_sizes,
        by=current_user.login,
        now=now,
    )
    db.session.commit()
    note(_("方案已生成。下一步：到“实施”中抽样。"))
    return redirect(url_for("surveys.show", wave_id=wave.id), 303)


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """A wave: where it stands, its plan with every step, its rules and questionnaires."""
    wave = service.get_wave(db.session, wave_id)
    authorise("wave.view", wave.county_code)
    language = reader_language()
    return render_template(
        "surveys/show.html",
        wave=wave,
        plan=service.plan_of(wave),
        scheme=load_scheme(wave.scheme_id),
        rules=_rule_lines(service.rules_of(wave)),
        groups=GROUPS,
        forms={used.form: used.version.digest for used in wave.forms},
        drafts={form: load_form(form).digest for form in FORMS},
        form_titles={
            form: load_form(form).title.in_language(language, county=wave.county.name) for form in FORMS
        },
        language=language,
    )


def _rule_lines(rules: RuleSet) -> list[str]:
    return rules.described().in_language(reader_language()).splitlines()
