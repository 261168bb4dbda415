"""Pages of listed supervision (挂牌督办): which counties, why, on what grounds, until when."""

import json

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.assessments.words import LEVELS, OUTCOMES
from survey_app.counties import regions
from survey_app.counties import service as counties
from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import authorise, regions_for, require_login
from survey_app.supervision.listing import service
from survey_app.supervision.listing.forms import ReasonForm
from survey_app.supervision.schedule import pace, words
from survey_app.supervision.schedule import service as schedules
from survey_app.supervision.schedule.documents import schedule_of
from survey_app.supervision.schedule.facts import county_facts, facts_of, frozen

bp = Blueprint("listing", __name__, url_prefix="/listing")
bp.before_request(require_login)


@bp.get("/")
def index() -> str:
    """List the counties under listed supervision, those that were, and those that perhaps should be."""
    scopes = regions_for("supervision.view")
    if not scopes:
        raise ForbiddenError
    found = service.listings_within(db.session, scopes)
    managed = regions_for("supervision.manage")
    return render_template(
        "listing/index.html",
        standing=[each for each in found if each.lifted_at is None],
        lifted=[each for each in found if each.lifted_at is not None],
        choices=_choices(managed, {each.county_code for each in found if each.lifted_at is None}),
        risky=_risky(managed),
        words=words,
        today=clock.day_of(clock.now()),
        day_of=clock.day_of,
    )


@bp.get("/choose")
def choose() -> BaseResponse:
    """Lead to the page on which the chosen county is put under listed supervision."""
    if not regions_for("supervision.manage"):
        raise ForbiddenError
    code = request.args.get("county", "")
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return redirect(url_for("listing.index"))
    return redirect(url_for("listing.put", code=code))


@bp.get("/<code>/")
def show(code: str) -> str:
    """Show a county's listings, each with its reason and what was known when it was decided."""
    county = _county(code, "supervision.view")
    found = [(each, json.loads(each.facts)) for each in service.listings_within(db.session, [code])]
    return render_template("listing/show.html", county=county, found=found, **_words())


@bp.route("/<code>/put", methods=["GET", "POST"])
def put(code: str) -> str | BaseResponse | tuple[str, int]:
    """Put a county under listed supervision; what is known of it now is kept with the decision."""
    county = _county(code, "supervision.manage")
    form = ReasonForm()
    facts = frozen(_pace(county))
    if form.validate_on_submit():
        try:
            service.put_under(
                db.session,
                code,
                reason=str(form.reason.data).strip(),
                facts=facts,
                by=current_user.login,
                now=clock.now(),
            )
        except ConflictError as refused:
            db.session.rollback()
            form.form_errors.append(sentence(refused.code, **refused.facts))
        else:
            db.session.commit()
            note(_("已列入挂牌督办。"))
            return redirect(url_for("listing.show", code=code), 303)
    page = render_template(
        "listing/put.html",
        county=county,
        form=form,
        facts=facts,
        there=service.standing(db.session, code),
        **_words(),
    )
    return (page, 422) if form.is_submitted() else page


@bp.route("/<code>/lift", methods=["GET", "POST"])
def lift(code: str) -> str | BaseResponse | tuple[str, int]:
    """Take a county from listed supervision."""
    county = _county(code, "supervision.manage")
    form = ReasonForm()
    if form.validate_on_submit():
        reason = str(form.reason.data).strip()
        try:
            service.lift(db.session, code, reason=reason, by=current_user.login, now=clock.now())
        except ConflictError as refused:
            db.session.rollback()
            form.form_errors.append(sentence(refused.code, **refused.facts))
        else:
            db.session.commit()
            note(_("已解除挂牌督办。记录仍然保留。"))
            return redirect(url_for("listing.show", code=code), 303)
    page = render_template(
        "listing/lift.html",
        county=county,
        form=form,
        facts=frozen(_pace(county)),
        there=service.standing(db.session, code),
        **_words(),
    )
    return (page, 422) if form.is_submitted() else page


def _county(code: str, permission: str) -> Region:
    authorise(permission, code)
    county = counties.county_region(db.session, code)
    if county is None:
        raise NotFoundError
    return county


def _pace(county: Region) -> pace.Pace:
    """How the county stands now."""
    today = clock.day_of(clock.now())
    kept = schedules.newest(db.session, f"{county.code[:2]}0000")
    schedule = schedule_of(kept.content) if kept else None
    facts = county_facts(db.session, county.code, county.name, schedule, today=today)
    return pace.pace_of(facts, today=today, limits=pace.limits())


def _choices(scopes: list[str], taken: set[str]) -> list[tuple[str, str]]:
    """The counties that the reader can put under listed supervision: code and name with its city."""
    tree = regions.tree()
    known = {
        area.code: f"{tree[area.parent_code or regions.NATION].name} {area.name}"
        for area in tree.values()
        if area.level == "county" and any(area.code.startswith(each) for each in scopes)
    }
    stored = (
        {each.code: each.name for each in counties.counties_with_files(db.session, scopes)} if scopes else {}
    )
    return sorted((code, name) for code, name in ({**stored, **known}).items() if code not in taken)


def _risky(scopes: list[str]) -> list[pace.Pace]:
    """The counties at risk that are not listed yet, where the reader decides."""
    today = clock.day_of(clock.now())
    found: list[pace.Pace] = []
    for kept in schedules.provinces_with_schedules(db.session):
        schedule = schedule_of(kept.content)
        codes = {each.code for each in schedule.divisions if any(each.code.startswith(one) for one in scopes)}
        if codes:
            facts = facts_of(db.session, schedule, codes, today=today)
            found += [pace.pace_of(each, today=today, limits=pace.limits()) for each in facts]
    return [each for each in pace.at_risk(found) if each.county.listed_since is None]


def _words() -> dict[str, object]:
    return {"words": words, "levels": LEVELS, "outcomes": OUTCOMES}
