"""Pages of the draw: what it will give, the seed, the certificate, what was drawn, replacements by rule."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

import sampling
from survey_app import clock
from survey_app.canonical import canonical
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.draws import drawing, replacing
from survey_app.fieldwork.draws.allotting import Foreseen, foresee
from survey_app.fieldwork.draws.certified import worked_line
from survey_app.fieldwork.forms import DrawForm, ReplacePersonForm, ReplaceSchoolForm
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.frames.views import download
from survey_app.fieldwork.models import Batch, StoredFrame
from survey_app.home import note
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave

bp = Blueprint("draws", __name__, url_prefix="/fieldwork/<int:wave_id>")
bp.before_request(require_login)

_SEED_BYTES = 16


@bp.get("/draw")
def show(wave_id: int) -> str | BaseResponse:
    """What the draw will give, and the seed; once it is drawn, the certificate."""
    wave = _wave(wave_id, "wave.view")
    if wave.drawn_at is not None:
        return redirect(url_for("draws.certificate", wave_id=wave.id))
    return _preview_page(wave)


@bp.get("/draw/chances")
def chances(wave_id: int) -> str:
    """Every list with its chance to be invited, whatever the seed."""
    wave = _wave(wave_id, "wave.view")
    group = request.args.get("group", "parent")
    if group not in GROUPS:
        raise NotFoundError
    stored = _frame_for(wave)
    foreseen = foresee(surveys.plan_of(wave), framing.read_frame(stored))
    return render_template(
        "fieldwork/draw_chances.html",
        wave=wave,
        group=group,
        rows=[one for one in foreseen.lists if one.group == group],
        listed=list(dict.fromkeys(one.group for one in foreseen.lists)),
        **_words(wave),
    )


@bp.post("/draw")
def draw(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Draw the sample from the seed and the latest frame; without a frame, from the schools' figures."""
    wave = _wave(wave_id, "wave.plan")
    form = DrawForm()
    if not form.validate_on_submit():
        return _preview_page(wave, form), 422
    now = clock.now()
    if framing.latest_frame(db.session, wave) is None:
        framing.build_frame(db.session, wave, by=current_user.login, now=now)
    drawing.draw_wave(
        db.session,
        wave,
        seed=form.seed.data or "",
        code_key=settings_of(current_app).code_key,
        by=current_user.login,
        now=now,
    )
    db.session.commit()
    note(_("已抽样。下一步：印发答题卡，核对后打开调查。"))
    return redirect(url_for("draws.certificate", wave_id=wave.id), 303)


@bp.get("/certificate")
def certificate(wave_id: int) -> str:
    """The certificate of the draw, for people, with how to check it."""
    wave = _wave(wave_id, "wave.view")
    drawn = replacing.read_draw(db.session, wave)
    return render_template(
        "fieldwork/draw_certificate.html",
        wave=wave,
        draw=drawn.draw,
        stored=db.session.get_one(StoredFrame, drawn.draw.frame_id),
        sample=drawn.sample,
        commitment=drawing.commitment_of(db.session, wave),
        worked=worked_line(drawn.sample),
        record=drawn.record,
        reasons=_all_reasons(),
        left=replacing.reserve_left(drawn),
        **_words(wave),
    )


@bp.get("/certificate.json")
def certificate_file(wave_id: int) -> Response:
    """The certificate of the draw: with the frame it lets anyone repeat it."""
    wave = _wave(wave_id, "wave.view")
    made = drawing.draw_of(db.session, wave)
    if made is None:
        raise ConflictError("not_drawn")
    content = canonical(drawing.certificate_of(made)).encode()
    return download(content, "application/json", f"certificate-{wave.id}.json")


@bp.get("/replacements.json")
def replacements_file(wave_id: int) -> Response:
    """The record of replacements, to be checked beside the certificate."""
    wave = _wave(wave_id, "wave.view")
    content = replacing.public_record(replacing.read_draw(db.session, wave)).encode()
    return download(content, "application/json", f"replacements-{wave.id}.json")


@bp.get("/sample")
def sample(wave_id: int) -> str:
    """What was drawn, and what took its place."""
    wave = _wave(wave_id, "wave.view")
    drawn = replacing.read_draw(db.session, wave)
    return render_template(
        "fieldwork/draw_sample.html",
        wave=wave,
        drawn=drawing.drawn_units(db.session, wave),
        record=drawn.record,
        reasons=_all_reasons(),
        left=replacing.reserve_left(drawn),
        people=replacing.people_left(drawn),
        **_words(wave),
    )


@bp.route("/sample/school", methods=["GET", "POST"])
def replace_school(wave_id: int) -> str | BaseResponse | tuple[str, int]:
    """Replace a drawn school by the next of its stratum's reserve."""
    wave = _wave(wave_id, "wave.plan")
    form = ReplaceSchoolForm(**{key: request.args.get(key, "") for key in ("group", "psu")})
    form.reason.choices = _choices("school")
    drawn = replacing.read_draw(db.session, wave)
    unit = next(
        (
            one
            for one in drawing.drawn_units(db.session, wave)
            if one.unit.psu and (one.unit.group, one.unit.psu) == (form.group.data, form.psu.data)
        ),
        None,
    )
    if unit is None:
        raise NotFoundError
    if form.validate_on_submit():
        entry = replacing.replace_school(
            db.session,
            wave,
            group=unit.unit.group,
            psu=unit.unit.psu,
            reason=form.reason.data or "",
            remark=form.remark.data or "",
            code_key=settings_of(current_app).code_key,
            by=current_user.login,
            now=clock.now(),
        )
        db.session.commit()
        note(
            _("已更换，旧卡全部作废。请下载新学校的答题卡。")
            if entry.replaced_by is not None
            else _("这一层的候补学校已经用完。旧卡已作废，这所学校按未作答处理。")
        )
        return redirect(url_for("draws.sample", wave_id=wave.id), 303)
    page = render_template(
        "fieldwork/draw_replace_school.html",
        wave=wave,
        form=form,
        unit=unit,
        left=replacing.reserve_left(drawn).get((unit.unit.group, unit.unit.stratum), 0),
        **_words(wave),
    )
    return (page, 422) if form.errors else page


@bp.route("/sample/person", methods=["GET", "POST"])
def replace_person(wave_id: int) -> str | BaseResponse | tuple[str, int]:
    """Replace the person of a card by the next in reserve."""
    wave = _wave(wave_id, "wave.plan")
    drawn = replacing.read_draw(db.session, wave)
    form = ReplacePersonForm()
    form.reason.choices = _choices("person")
    form.batch.choices = _batches(wave)
    if form.validate_on_submit():
        try:
            replacing.replace_person(
                db.session,
                wave,
                batch=int(form.batch.data or 0),
                serial=form.serial.data or 0,
                reason=form.reason.data or "",
                remark=form.remark.data or "",
                code_key=settings_of(current_app).code_key,
                by=current_user.login,
                now=clock.now(),
            )
        except NotFoundError:
            form.form_errors.append(_("这一批没有这个序号，或这张卡已经更换过"))
        else:
            db.session.commit()
            note(_("已更换，旧卡作废。新卡在同一批的最后，请在“印刷材料”里重新准备。"))
            return redirect(url_for("draws.sample", wave_id=wave.id), 303)
    page = render_template(
        "fieldwork/draw_replace_person.html",
        wave=wave,
        form=form,
        people=replacing.people_left(drawn),
        **_words(wave),
    )
    return (page, 422) if form.errors else page


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission, wave)
    return wave


def _frame_for(wave: Wave) -> StoredFrame:
    """The frame that is or was drawn from; before there is one, what the schools would give."""
    made = drawing.draw_of(db.session, wave)
    if made is not None:
        return db.session.get_one(StoredFrame, made.frame_id)
    stored = framing.latest_frame(db.session, wave)
    return stored or StoredFrame(content=framing.preview(wave).text)


def _preview_page(wave: Wave, form: DrawForm | None = None) -> str:
    planned = wave.plan is not None and wave.plan_settled_at is not None
    if not planned:
        return render_template("fieldwork/frame_waits.html", wave=wave)
    commitment = drawing.commitment_of(db.session, wave)
    stored = framing.latest_frame(db.session, wave)
    plan = surveys.plan_of(wave)
    frame = framing.read_frame(_frame_for(wave))
    foreseen, short = _foreseen(plan, frame)
    return render_template(
        "fieldwork/draw.html",
        wave=wave,
        form=form or DrawForm(formdata=None, seed="" if commitment else secrets.token_hex(_SEED_BYTES)),
        commitment=commitment,
        stored=stored,
        waits=stored is not None and framing.waits(stored),
        outdated=stored is not None and wave.framed_at is None,
        plan=plan,
        strata=foreseen.strata if foreseen else (),
        balance=_balance(foreseen, plan) if foreseen else [],
        short=short,
        **_words(wave),
    )


def _foreseen(plan: Mapping[str, Any], frame: sampling.Frame) -> tuple[Foreseen | None, str]:
    """What the draw will give, or the group that has too few people for it."""
    try:
        return foresee(plan, frame), ""
    except sampling.TooFewError as error:
        return None, error.where


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """A grade band and locality of a group: what is expected beside what the plan's balance asks for."""

    group: str
    band: str
    locality: str
    expected: float
    #: None where the plan does not balance it.
    wanted: float | None


def _balance(foreseen: Foreseen, plan: Mapping[str, Any]) -> list[BalanceRow]:
    """Invitations expected by cell, and the balance's share of them where it names just that cell."""
    rows = []
    for (group, band, locality), expected in foreseen.cells.items():
        balances = plan.get("balances", {}).get(group, {})
        wanted = balances.get(f"{band}|{locality}")
        share = plan["invitations"][group] / (plan["quotas"][group] or 1)
        rows.append(
            BalanceRow(
                group=group,
                band=band,
                locality=locality,
                expected=float(expected),
                wanted=None if wanted is None else wanted * share,
            )
        )
    order = (list(GROUPS), ["", *GRADE_BANDS], ["", *LOCALITIES])
    return sorted(
        rows,
        key=lambda row: [
            known.index(part) for known, part in zip(order, (row.group, row.band, row.locality), strict=True)
        ],
    )


def _batches(wave: Wave) -> list[tuple[int, str]]:
    language = reader_language()
    found = db.session.scalars(sa.select(Batch).where(Batch.wave_id == wave.id).order_by(Batch.position))
    return [
        (
            one.position,
            f"{one.position + 1} · {GROUPS[one.group].label.in_language(language)} · {one.place}",
        )
        for one in found
    ]


def _choices(kind: str) -> Sequence[tuple[str, str]]:
    language = reader_language()
    return [
        ("", _("请选择")),
        *((id_, text.in_language(language)) for id_, text in replacing.reasons(kind).items()),
    ]


def _all_reasons() -> dict[str, Any]:
    return {**replacing.reasons("school"), **replacing.reasons("person")}


def _words(wave: Wave) -> dict[str, Any]:
    return {
        "groups": GROUPS,
        "bands": GRADE_BANDS,
        "localities": LOCALITIES,
        "names": framing.UnitNames(wave),
        "stratum_label": framing.stratum_label,
        "language": reader_language(),
    }
