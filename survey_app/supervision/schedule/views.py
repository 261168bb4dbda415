"""Pages of the schedule: which county is due when, where the document contradicts itself, who is behind."""

from flask import Blueprint, Flask, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from evaluation import Schedule, schedule_contradictions
from survey_app import clock
from survey_app.assessments.words import LEVELS, OUTCOMES
from survey_app.counties import regions
from survey_app.counties.models import Region
from survey_app.counties.regions import Area
from survey_app.db import db
from survey_app.errors import ForbiddenError, NotFoundError
from survey_app.security import authorise, may, regions_for, require_login, scope
from survey_app.supervision.schedule import pace, service, words
from survey_app.supervision.schedule.charts import chart_of
from survey_app.supervision.schedule.documents import schedule_of
from survey_app.supervision.schedule.facts import county_facts, facts_of, frozen
from survey_app.supervision.schedule.models import RecognitionSchedule
from survey_app.supervision.schedule.table import csv_of, matrix_of
from survey_app.surveys.planning import reader_language

bp = Blueprint("schedule", __name__, url_prefix="/schedule")
bp.before_request(require_login)


def init_app(app: Flask) -> None:
    """Register the pages."""
    # They add their pages to ours.
    from survey_app.supervision.schedule import import_views, recognition_views  # noqa: F401

    app.register_blueprint(bp)


@bp.get("/")
def index() -> str | BaseResponse:
    """Lead to the reader's region, or list the provinces where there are several."""
    held = sorted({each.ljust(6, "0") for each in regions_for("supervision.view")})
    if not held:
        raise ForbiddenError
    if len(held) == 1 and held[0] != regions.NATION:
        return redirect(url_for("schedule.show", region=held[0]))
    kept = service.provinces_with_schedules(db.session)
    if regions.NATION not in held:
        kept = [each for each in kept if any(code[:2] == each.province_code[:2] for code in held)]
    areas = {each.province_code: _places(each.province_code, held) for each in kept}
    return render_template("schedule/index.html", kept=kept, areas=areas, names=regions.tree())


@bp.get("/<region>/")
def show(region: str) -> str | BaseResponse:
    """Show the pace of a region's counties against its province's schedule, and the schedule itself."""
    area, province = _region(region)
    kept = service.newest(db.session, province.code)
    if kept is None:
        return render_template("schedule/empty.html", area=area, province=province)
    schedule, today = schedule_of(kept.content), clock.day_of(clock.now())
    if area.level == "county":
        return _county(area, province, kept, schedule)
    paces = _paces(schedule, area)
    years = pace.cumulative(paces, _heads(schedule, area), today=today)
    stated = dict(_heads(schedule, area))
    by_year = [
        pace.tally(
            str(year),
            [each for each in paces if each.county.due == year],
            stated=stated.get(year),
            today=today,
        )
        for year in sorted({*stated, *(each.county.due for each in paces if each.county.due)})
    ]
    return render_template(
        "schedule/show.html",
        area=area,
        province=province,
        all=pace.tally(area.name, paces, stated=None, today=today),
        cities=_by_city(schedule, paces),
        by_year=by_year,
        cumulative=years,
        chart=chart_of(years, this_year=today.year),
        risky=pace.at_risk(paces),
        ahead=pace.limits().years_ahead,
        slow_days=pace.limits().slow_step_days,
        today=today,
        levels=LEVELS,
        words=words,
        versions=service.versions(db.session, province.code),
        **_document(kept, schedule),
    )


@bp.get("/<region>/versions/<int:number>")
def version(region: str, number: int) -> str:
    """Show a version of the schedule as it was kept."""
    area, province = _region(region)
    kept = service.get_version(db.session, province.code, number)
    return render_template(
        "schedule/version.html",
        area=area,
        province=province,
        holds=number == max(each.version for each in service.versions(db.session, province.code)),
        **_document(kept, schedule_of(kept.content)),
    )


@bp.get("/<region>/versions/<int:number>.json")
def document(region: str, number: int) -> Response:
    """Give a version exactly as it is kept: its SHA-256 is the digest that pages show."""
    _area, province = _region(region)
    kept = service.get_version(db.session, province.code, number)
    response = Response(kept.content, content_type="application/json; charset=utf-8")
    name = f"schedule-{province.code}-{number}.json"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.set_etag(kept.digest)
    return response


@bp.get("/<region>/schedule.csv")
def table(region: str) -> Response:
    """Give a row for each county of the region: its year and how it stands."""
    area, province = _region(region)
    kept = service.newest(db.session, province.code)
    if kept is None:
        raise NotFoundError
    response = Response(
        csv_of(_paces(schedule_of(kept.content), area)), content_type="text/csv; charset=utf-8"
    )
    name = f"schedule-{area.code}-{clock.day_of(clock.now()):%Y%m%d}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _region(code: str) -> tuple[Area, Area]:
    """The region, if the reader may see it, and its province.

    Raises:
        NotFoundError: there is none, it is the nation, or it is none of the reader's.
    """
    authorise("supervision.view", code)
    tree = regions.tree()
    province = tree.get(f"{code[:2]}0000")
    area = tree.get(code) or _stored(code)
    if area is None or province is None or province.level != "province":
        raise NotFoundError
    return area, province


def _stored(code: str) -> Area | None:
    """A county that the standard does not list and whose figures were imported."""
    known = db.session.get(Region, code)
    if known is None or known.level != "county":
        return None
    return Area(code=known.code, name=known.name, level=known.level, parent_code=known.parent_code)


def _paces(schedule: Schedule, area: Area) -> list[pace.Pace]:
    today = clock.day_of(clock.now())
    if area.level == "county":
        facts = [county_facts(db.session, area.code, area.name, schedule, today=today)]
    elif area.level == "city":
        codes = {each.code for each in schedule.divisions if each.code.startswith(scope(area.code))}
        facts = facts_of(db.session, schedule, codes, today=today)
    else:
        facts = facts_of(db.session, schedule, today=today)
    return [pace.pace_of(each, today=today, limits=pace.limits()) for each in facts]


def _heads(schedule: Schedule, area: Area) -> list[tuple[int, int | None]]:
    """The years with the numbers that the heads state, which speak of the whole province."""
    whole = area.level == "province"
    return [(each.year, each.counties if whole else None) for each in schedule.head.years]


def _by_city(schedule: Schedule, paces: list[pace.Pace]) -> list[pace.Tally]:
    today = clock.day_of(clock.now())
    stated = {each.name: each.counties for each in schedule.head.cities}
    rest = [each.county.city for each in paces if each.county.city not in stated]
    cities = [
        city for city in (*stated, *dict.fromkeys(rest)) if any(each.county.city == city for each in paces)
    ]
    return [
        pace.tally(
            city,
            [each for each in paces if each.county.city == city],
            stated=stated.get(city),
            today=today,
        )
        for city in cities
    ]


def _county(area: Area, province: Area, kept: RecognitionSchedule, schedule: Schedule) -> str:
    """How one county stands against its year, and the ways to what is known of it."""
    stands = _paces(schedule, area)
    above = [each for each in (regions.tree().get(area.parent_code or ""), province) if each is not None]
    return render_template(
        "schedule/county.html",
        area=area,
        above=[each for each in dict.fromkeys(above) if may("supervision.view", each.code)],
        facts=frozen(stands[0]),
        today=clock.day_of(clock.now()),
        words=words,
        levels=LEVELS,
        outcomes=OUTCOMES,
        **_document(kept, schedule),
    )


def _document(kept: RecognitionSchedule, schedule: Schedule) -> dict[str, object]:
    """What every page of a version shows of it."""
    language = reader_language()
    return {
        "kept": kept,
        "schedule": schedule,
        "title": schedule.head.title[language],
        "matrix": matrix_of(schedule),
        "contradictions": [
            (words.place_of(each, schedule), each.message(language))
            for each in schedule_contradictions(schedule)
        ],
    }


def _places(province: str, held: list[str]) -> list[Area]:
    """The regions of a province that the reader answers for."""
    if regions.NATION in held:
        return [regions.region(province)]
    own = [regions.tree().get(code) or _stored(code) for code in held if code[:2] == province[:2]]
    return [each for each in own if each is not None]


@bp.context_processor
def _permissions() -> dict[str, object]:
    return {"may_keep": bool(regions_for("schedule.keep"))}
