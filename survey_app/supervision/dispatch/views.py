"""Pages of reports: which were made, making the next version, what it says, and its files."""

from flask import Blueprint, Flask, current_app, jsonify, redirect, render_template, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import audit, clock, prepared
from survey_app.assessments import words as verdict_words
from survey_app.counties.regions import Area, tree
from survey_app.db import db
from survey_app.errors import ForbiddenError, NotFoundError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.prepared_download import given_out, ready_path
from survey_app.security import authorise, may, regions_for, require_login, scope
from survey_app.supervision.dispatch import files, periods, service, wording
from survey_app.supervision.dispatch.forms import PeriodForm
from survey_app.supervision.dispatch.models import Dispatch
from survey_app.supervision.dispatch.totals import by_city, totals_of
from survey_app.supervision.province.regions import roots_of
from survey_app.supervision.schedule.words import COLOURS, STATES

bp = Blueprint("dispatch", __name__, url_prefix="/dispatch")
bp.before_request(require_login)

#: Levels of regions that have reports.
_LEVELS = {"province", "city"}


def init_app(app: Flask) -> None:
    """Register the pages, and how files are made."""
    app.register_blueprint(bp)
    prepared.makers_of(app)[files.KIND] = files.maker(app)


@bp.get("/")
def index() -> str | Response:
    """List the reader's regions with their reports; one region alone is shown at once."""
    scopes = regions_for("supervision.view")
    if not scopes:
        raise ForbiddenError
    found = [tree()[code] for code in roots_of(scopes) if code in tree()]
    regions = [each for each in found if each.level in _LEVELS]
    if any(each.level == "nation" for each in found):
        regions = [each for each in tree().values() if each.level == "province"]
    if len(regions) == 1:
        return redirect(url_for("dispatch.region", code=regions[0].code))
    made: dict[str, list[Dispatch]] = {}
    for each in service.dispatches_within(db.session, scopes):
        made.setdefault(each.region_code, []).append(each)
    return render_template("dispatch/index.html", regions=regions, made=made)


@bp.get("/<code>/")
def region(code: str) -> str:
    """List a region's reports, with the form for the next one."""
    return _region_page(_area(code), _form())


@bp.post("/<code>/")
def make(code: str) -> Response | tuple[str, int]:
    """Make a report, or find the one that says the same."""
    area, form = _area(code, "supervision.manage"), _form()
    if not form.validate_on_submit():
        return _region_page(area, form), 422
    login, now = current_user.login, clock.now()
    service.read_ahead(db.session, code, form.chosen, now=now, between=db.session.rollback)
    made = service.make(db.session, code, form.chosen, by=login, now=now)
    db.session.commit()
    note(_("报告已经做好，内容从此不变；情况有变化时再做新的一版。"))
    return redirect(url_for("dispatch.show", code=code, dispatch_id=made.id), 303)


@bp.get("/<code>/<int:dispatch_id>")
def show(code: str, dispatch_id: int) -> str:
    """Show what a report says, and which version holds."""
    area = _area(code)
    found = _dispatch(code, dispatch_id)
    content = service.content_of(found)
    cities = by_city(content["counties"])
    return render_template(
        "dispatch/show.html",
        region=area,
        dispatch=found,
        content=content,
        total=totals_of(content["counties"]),
        earlier=content.get("earlier"),
        cities=cities,
        told={each["code"] for members in cities.values() for each in members},
        newer=service.superseded_by(db.session, found),
        states=STATES,
        colours=COLOURS,
        outcomes={key: _(name) for key, name in verdict_words.OUTCOMES.items()},
        levels={key: _(name) for key, name in verdict_words.LEVELS.items()},
        **_words(),
    )


@bp.post("/<code>/<int:dispatch_id>/<form>")
def prepare(code: str, dispatch_id: int, form: str) -> Response:
    """Have a report's file made, or find the one that is there."""
    found = _dispatch(code, dispatch_id)
    file_id = files.ask(db.session, found, form, by=current_user.login, now=clock.now()).id
    db.session.commit()
    prepared.begin(current_app, file_id)
    return redirect(url_for("dispatch.file", code=code, dispatch_id=dispatch_id, file_id=file_id), 303)


@bp.get("/<code>/<int:dispatch_id>/files/<int:file_id>")
def file(code: str, dispatch_id: int, file_id: int) -> str:
    """How far a file is; once it is ready, where to have it."""
    found = _dispatch(code, dispatch_id)
    wanted = files.file_of(db.session, found, file_id)
    why = sentence(wanted.failure) if wanted.failure else ""
    return render_template(
        "dispatch/file.html", region=_area(code), dispatch=found, file=wanted, why=why, **_words()
    )


@bp.get("/<code>/<int:dispatch_id>/files/<int:file_id>.json")
def file_state(code: str, dispatch_id: int, file_id: int) -> FlaskResponse:
    """The same for the bar of an open page."""
    found = files.file_of(db.session, _dispatch(code, dispatch_id), file_id)
    return jsonify(state=found.state, done=found.done, total=found.total, percent=found.percent)


@bp.post("/<code>/<int:dispatch_id>/files/<int:file_id>/download")
def download(code: str, dispatch_id: int, file_id: int) -> Response:
    """Give a file out and note in the audit trail who had it."""
    found = files.file_of(db.session, _dispatch(code, dispatch_id), file_id)
    now = clock.now()
    path = ready_path(found, by=current_user.login, now=now)
    if path is None:
        return redirect(url_for("dispatch.file", code=code, dispatch_id=dispatch_id, file_id=file_id), 303)
    name, form = found.download_name, found.told["form"]
    details = {"dispatch": dispatch_id, "form": form, "key": found.key}
    audit.record(
        db.session, "dispatch.downloaded", by=current_user.login, now=now, region=code, details=details
    )
    db.session.commit()
    return given_out(path, name=name, kind=files.FORMS[form])


def _form() -> PeriodForm:
    form = PeriodForm()
    form.offer(periods.offered(clock.day_of(clock.now())))
    return form


def _region_page(area: Area, form: PeriodForm) -> str:
    found = service.dispatches_within(db.session, [scope(area.code)])
    held: set[tuple[int, int]] = set()
    rows = []
    for each in (each for each in found if each.region_code == area.code):
        place = (each.year, each.quarter)
        rows.append((each, place not in held))
        held.add(place)
    return render_template(
        "dispatch/region.html",
        region=area,
        form=form,
        rows=rows,
        may_make=may("supervision.manage", area.code),
        **_words(),
    )


def _area(code: str, permission: str = "supervision.view") -> Area:
    """The province or city, if it is one of the reader's; another one looks like none at all."""
    authorise(permission, code)
    area = tree().get(code)
    if area is None or area.level not in _LEVELS:
        raise NotFoundError
    return area


def _dispatch(code: str, dispatch_id: int) -> Dispatch:
    """A report of the region in the address."""
    authorise("supervision.view", code)
    found = service.get_dispatch(db.session, dispatch_id)
    if found.region_code != code:
        raise NotFoundError
    return found


def _words() -> dict[str, object]:
    """What the pages say periods and reports with."""
    return {"period_of": service.period_of, "said": wording}
