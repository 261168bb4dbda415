"""Pages of codes that many may use: making them, how much came in, and the proctor's screen."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock, qr
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ForbiddenError, NotFoundError, RefusedInputError
from survey_app.fieldwork import entries
from survey_app.fieldwork.models import EntryPoint
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.fieldwork.open_entries.forms import CapForm, PointForm
from survey_app.home import note
from survey_app.security import may, regions_for, require_login, schools_for
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import QuotaCell, Wave, WaveState
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave, sees

bp = Blueprint("entries", __name__, url_prefix="/entries")
bp.before_request(require_login)

#: Kinds as the pages offer them: the kind of the code, and who answers (a class's school says that).
_OFFERED = {"class": ("class", ""), "village": ("class", "public"), "poster": ("poster", "public")}

_LIVE = {WaveState.DRAWN, WaveState.OPEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a proctor's screen, or a sheet of paper, shows of a code."""

    picture: Markup
    typed: str
    #: Seconds until the next one; None where it stays.
    left: int | None


@bp.get("/")
def index() -> str:
    """List the codes that the signed-in person looks after."""
    scopes, schools = regions_for("school.proctor"), schools_for("school.proctor")
    if not scopes and not schools:
        raise ForbiddenError
    waves = surveys.waves_of(db.session, scopes + [county for county, _school in schools])
    waves = [wave for wave in waves if sees(wave)]
    rows = [(wave, _mine(wave, schools)) for wave in waves if wave.state in _LIVE]
    return render_template("entries/index.html", rows=rows, **_words())


@bp.get("/<int:wave_id>")
def show(wave_id: int) -> str:
    """The codes of a wave with what came in through each."""
    return _list(_wave(wave_id))


@bp.route("/<int:wave_id>/new/<any(class, village, poster):offered>", methods=["GET", "POST"])
def new(wave_id: int, offered: str) -> str | BaseResponse | tuple[str, int]:
    """Make a class's or village's code, or a poster."""
    wave = _wave(wave_id)
    sites = open_entries.sites(db.session, wave) if offered == "class" else []
    form = PointForm(sites, reader_language())
    if not form.is_submitted():
        return _new_page(wave, form, offered)
    kind, group = _OFFERED[offered]
    if not form.validate():
        return _new_page(wave, form, offered), 422
    site = form.site.data or ""
    try:
        point = open_entries.make_point(
            db.session,
            wave,
            kind=kind,
            group=group or site.partition(".")[0] or "parent",
            place=form.place.data or "",
            site=site,
            cap=form.cap.data,
            cell_cap=form.cell_cap.data,
            rotates_every=form.turn,
            code_key=settings_of(current_app).code_key,
            by=current_user.login,
            now=clock.now(),
        )
    except RefusedInputError as refused:
        form.show(refused.faults)
        return _new_page(wave, form, offered), 422
    db.session.commit()
    note(_("已做好“%(place)s”的码。打开它的页面，可以放到屏幕上，也可以打印。", place=point.place))
    return redirect(url_for("entries.show", wave_id=wave.id), 303)


@bp.post("/<int:wave_id>/cells/<int:cell_id>/cap")
def cap(wave_id: int, cell_id: int) -> BaseResponse | tuple[str, int]:
    """Set the most that all codes of a cell may bring together."""
    wave = _wave(wave_id)
    cell = db.session.get(QuotaCell, cell_id)
    if cell is None or cell.wave_id != wave.id or cell.way == "drawn":
        raise NotFoundError
    form = CapForm()
    try:
        given = form.cap.data if form.validate() else None
        open_entries.change_cap(
            db.session, wave, cell, cap=given or 0, by=current_user.login, now=clock.now()
        )
    except RefusedInputError as refused:
        db.session.rollback()
        return _list(_wave(wave_id), [fault.message for fault in refused.faults]), 422
    db.session.commit()
    note(_("合计上限已改为 %(n)d 份。", n=cell.cap))
    return redirect(url_for("entries.show", wave_id=wave.id), 303)


@bp.post("/points/<int:point_id>/replace")
def replace(point_id: int) -> BaseResponse:
    """Give a code's place another code; the old one leads nowhere from now on."""
    point = _point(point_id, "entries.manage")
    open_entries.replace_point(
        db.session,
        point.wave,
        point,
        code_key=settings_of(current_app).code_key,
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("“%(place)s”换了新码，旧码从现在起打不开。请换下已经张贴的旧码。", place=point.place))
    return redirect(url_for("entries.show", wave_id=point.wave_id), 303)


@bp.post("/points/<int:point_id>/revoke")
def revoke(point_id: int) -> BaseResponse:
    """Take a code out of use; whoever has begun may finish."""
    point = _point(point_id, "entries.manage")
    open_entries.revoke_point(db.session, point.wave, point, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("“%(place)s”的码已经停用。正在填写的人还可以交卷。", place=point.place))
    return redirect(url_for("entries.show", wave_id=point.wave_id), 303)


@bp.get("/points/<int:point_id>/screen")
def screen(point_id: int) -> str:
    """The code, large: on a proctor's screen it changes by itself."""
    point = _point(point_id, "school.proctor")
    standing = open_entries.standing(db.session, point.id, now=clock.now())
    return render_template(
        "entries/screen.html",
        point=point,
        wave=point.wave,
        full=standing.full,
        shown=_shown(point),
        live=point.wave.takes_answers(clock.now()) and point.revoked_at is None,
        address=f"{settings_of(current_app).public_url.partition('://')[2]}/code",
        manages=may("entries.manage", point.wave.county_code),
        **_words(),
    )


def _wave(wave_id: int) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave("entries.manage", wave)
    return wave


def _point(point_id: int, permission: str) -> EntryPoint:
    if point_id >= 2**31:
        abort(404)
    point = open_entries.standing(db.session, point_id, now=clock.now()).point
    school = (point.school_code or "") if permission == "school.proctor" else ""
    authorise_wave(permission, point.wave, school=school)
    return point


def _mine(wave: Wave, schools: list[tuple[str, str]]) -> list[EntryPoint]:
    """The codes in use of *wave* that the signed-in person may put on a screen."""
    county = may("school.proctor", wave.county_code)
    mine = {school for code, school in schools if code == wave.county_code}
    return [
        point
        for point in entries.points_of(db.session, wave)
        if point.revoked_at is None and (county or point.school_code in mine)
    ]


def _shown(point: EntryPoint) -> _Shown:
    """The code of *point* as it is now."""
    settings, now = settings_of(current_app), clock.now()
    if point.rotates_every is None:
        code, left = open_entries.code_of(point, settings.code_key), None
    else:
        code = open_entries.screen_code(point, settings.code_key, now=now)
        left = max(1, int((code.ends - now).total_seconds()) + 1)
    drawn = qr.picture(f"{settings.public_url}/c/{code.in_address}")
    # Our own drawing, made of numbers alone.
    return _Shown(picture=Markup(drawn), typed=code.typed, left=left)  # noqa: S704


def _list(wave: Wave, faults: list[str] | None = None) -> str:
    points = entries.points_of(db.session, wave)
    cells = db.session.scalars(
        sa.select(QuotaCell)
        .where(QuotaCell.wave_id == wave.id, QuotaCell.way != "drawn")
        .order_by(QuotaCell.id)
    ).all()
    return render_template(
        "entries/show.html",
        wave=wave,
        points=points,
        cells=cells,
        faults=faults or [],
        live=wave.state in _LIVE,
        **_words(),
    )


def _new_page(wave: Wave, form: PointForm, offered: str) -> str:
    return render_template(
        "entries/new.html", wave=wave, form=form, offered=offered, live=wave.state in _LIVE, **_words()
    )


def _words() -> dict[str, object]:
    return {
        "groups": GROUPS,
        "bands": GRADE_BANDS,
        "localities": LOCALITIES,
        "language": reader_language(),
        "request_path": request.path,
    }
