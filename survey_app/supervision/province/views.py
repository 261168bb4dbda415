"""Pages of the region: all its counties in one table and one picture, and the way down to each."""

import re
from collections.abc import Sequence

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock
from survey_app.assessments import words as verdict_words
from survey_app.assessments.judging import scheme_list
from survey_app.counties.regions import Area, county, path_of, tree
from survey_app.db import db
from survey_app.errors import ForbiddenError, NotFoundError
from survey_app.security import authorise, may, regions_for, require_login
from survey_app.supervision.province import cells, words
from survey_app.supervision.province.ordering import Wish, chosen
from survey_app.supervision.province.pictures import panels_of
from survey_app.supervision.province.regions import counties_in, group, groups, roots_of
from survey_app.supervision.province.risks import at_risk
from survey_app.supervision.province.sheets import csv_text, rows_of, workbook
from survey_app.supervision.province.standings import Standing, named, standings

bp = Blueprint("province", __name__, url_prefix="/province")
bp.before_request(require_login)

_CODE = re.compile("[0-9]{6}")

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.app_template_global()
def regions_above(code: str) -> list[Area]:
    """The regions above a region that the reader supervises, from the highest down."""
    area = tree().get(code)
    return [each for each in path_of(area)[:-1] if may("supervision.view", each.code)] if area else []


@bp.get("/")
def index() -> str | BaseResponse:
    """Lead to the reader's region; who answers for one county alone goes to its ledger."""
    roots = roots_of(regions_for("supervision.view"))
    if not roots:
        raise ForbiddenError
    if len(roots) > 1:
        return _groups(_("各地情况"), roots, None)
    return redirect(_address(roots[0]))


@bp.get("/<code>/")
def show(code: str) -> str | BaseResponse:
    """Show all counties of a region in one table; of the nation, its provinces; a county's newest verdict."""
    region = _region(code)
    if region.level == "county":
        (standing,) = _standings([code])
        return redirect(_address_of(standing))
    if region.level == "nation":
        provinces = [each.code for each in tree().values() if each.level == "province"]
        return _groups(_("各省情况"), provinces, region)
    wish, every, shown = _asked(region)
    return render_template("province/show.html", shown=shown, **_surroundings(region, every, wish))


@bp.get("/<code>/picture")
def picture(code: str) -> str:
    """Show the same counties in the same order as small panels in one scale."""
    region = _table_region(code)
    wish, every, shown = _asked(region)
    return render_template(
        "province/picture.html",
        shown=shown,
        drawn=panels_of([each for each in shown if each.run_id]),
        without=[each for each in shown if not each.run_id],
        **_surroundings(region, every, wish),
    )


@bp.get("/<code>/counties.<any(csv, xlsx):kind>")
def download(code: str, kind: str) -> Response:
    """Give the same counties in the same order as a table to work with."""
    region = _table_region(code)
    _wish, _every, shown = _asked(region)
    today = clock.day_of(clock.now())
    rows = rows_of(shown, schemes=_titles())
    title = _("%(region)s各县情况", region=region.name)
    content = csv_text(rows) if kind == "csv" else workbook(rows, title=f"{title} {today:%Y-%m-%d}")
    response = Response(content, content_type=_KINDS[kind])
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"counties-{code}-{today:%Y%m%d}.{kind}"
    )
    return response


def _region(code: str) -> Area:
    """A region that the reader may see.

    Raises:
        NotFoundError: it is none of the reader's, or there is none.
    """
    authorise("supervision.view", code)
    area = tree().get(code)
    if area is None and _CODE.fullmatch(code) and code in counties_in(db.session, code):
        area = county(code, named(db.session, [code])[code].name)
    if area is None:
        raise NotFoundError
    return area


def _table_region(code: str) -> Area:
    region = _region(code)
    if region.level == "nation":
        raise NotFoundError
    return region


def _standings(codes: Sequence[str], scheme_id: str | None = None) -> tuple[Standing, ...]:
    return standings(db.session, codes, today=clock.day_of(clock.now()), scheme_id=scheme_id)


def _asked(region: Area) -> tuple[Wish, tuple[Standing, ...], list[Standing]]:
    """What the address asks for: the wish, all counties of the region, and those it means in its order."""
    wish = Wish.of(request.args, schemes=[each.id for each in scheme_list()])
    codes = counties_in(db.session, region.code)
    every = _standings(codes, wish.scheme or None)
    province = path_of(region)[1].code
    risky = (
        at_risk(db.session, province, codes, today=clock.day_of(clock.now())) if wish.at_risk else frozenset()
    )
    return wish, every, chosen(every, wish, risky=risky)


def _titles() -> dict[str, str]:
    """Titles of the schemes in the reader's language."""
    return {each.id: each.title for each in scheme_list("en" if str(get_locale()) == "en" else "zh")}


def _groups(title: str, codes: Sequence[str], region: Area | None) -> str:
    names = {code: each.name for code, each in named(db.session, codes).items()}
    counties = sorted({each for code in codes for each in counties_in(db.session, code)})
    found = groups([(code, names[code]) for code in codes], _standings(counties))
    return render_template("province/groups.html", title=title, groups=found, region=region)


def _address(code: str) -> str:
    """Where a reader's only region is shown."""
    area = tree().get(code)
    if area is None or area.level == "county":
        return url_for("ledger.index")
    return url_for("province.show", code=code)


def _address_of(standing: Standing) -> str:
    """Where a county's own page is: its newest verdict, or its ledger where it has none."""
    if standing.run_id is None:
        return url_for("ledger.show", code=standing.code)
    return url_for("assessments.show", run_id=standing.run_id)


def _surroundings(region: Area, every: Sequence[Standing], wish: Wish) -> dict[str, object]:
    """What the table and the picture have in common."""
    titles = _titles()
    used = {each.scheme_id for each in every if each.scheme_id} | ({wish.scheme} if wish.scheme else set())
    return {
        "region": region,
        "today": clock.day_of(clock.now()),
        "wish": wish,
        "total": group(region.code, region.name, every),
        "cities": sorted({(each.city_code, each.city) for each in every}),
        "years": sorted({each.due for each in every if each.due}),
        "schemes": {each: titles.get(each, each) for each in sorted(used)},
        "address_of": _address_of,
        "words": words,
        "cells": cells,
        "lights": cells.lights(),
        "verdicts": {key: _(word) for key, word in words.VERDICTS.items()},
        "levels": {level: _(name) for level, name in verdict_words.LEVELS.items()},
        "stages": {stage: _(name) for stage, name in verdict_words.STAGES.items()},
    }
