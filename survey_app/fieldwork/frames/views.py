"""Pages of the frame: lists from the schools or from a file, their versions, and the commitment to a seed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from sampling import Frame
from survey_app import clock
from survey_app.counties.uploads import name_of
from survey_app.counties.workbook.faults import alike
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.forms import CommitForm, ConfirmForm, ListForm
from survey_app.fieldwork.frames import framing, offline, reconciling
from survey_app.fieldwork.frames.lists import template as templates
from survey_app.fieldwork.frames.lists.counted import read_lists
from survey_app.fieldwork.frames.lists.reading import LARGEST, UnfitListError
from survey_app.fieldwork.frames.lists.shape import LISTS
from survey_app.fieldwork.models import StoredFrame
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave

bp = Blueprint("frames", __name__, url_prefix="/fieldwork/<int:wave_id>")
bp.before_request(require_login)

_SEED_BYTES = 16

#: Downloads by the end of their name.
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@bp.get("/frames")
def show(wave_id: int) -> str:
    """The frame as it stands, how it agrees with the schools, and its versions."""
    return _page(_wave(wave_id, "wave.view"))


@bp.post("/frames/build")
def build(wave_id: int) -> BaseResponse:
    """Make the frame from the schools' figures."""
    wave = _wave(wave_id, "wave.plan")
    stored = framing.build_frame(db.session, wave, by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("已用学校数据生成抽样框（第 %(number)d 版）。下一步：预览并抽样。", number=stored.number))
    return redirect(url_for("frames.show", wave_id=wave.id), 303)


@bp.post("/frames/upload")
def upload(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Take lists from a file, or say everything that is wrong with it."""
    wave = _wave(wave_id, "wave.plan")
    form = ListForm()
    if not form.validate_on_submit():
        return _page(wave, list_form=form), 422
    given, register = form.file.data, framing.register_of(wave)
    name = name_of(given)
    # A workbook takes seconds to read: nobody else's writing waits for that.
    db.session.rollback()
    try:
        lists = read_lists(content_of(given), name, register=register)
        stored = framing.import_frame(
            db.session,
            surveys.get_wave(db.session, wave_id),
            lists,
            source=name,
            by=current_user.login,
            now=clock.now(),
        )
    except UnfitListError as error:
        form.form_errors.append(sentence(error.code, **error.facts))
        return _page(surveys.get_wave(db.session, wave_id), list_form=form), error.status
    except RefusedInputError as error:
        db.session.rollback()
        wave = surveys.get_wave(db.session, wave_id)
        return _page(wave, list_form=form, refused=error, file_name=name), error.status
    waits = framing.waits(stored)
    db.session.commit()
    note(
        _("名册已保存为第 %(number)d 版，与登记人数有差异，请核对后确认。", number=stored.number)
        if waits
        else _("名册已保存为第 %(number)d 版，与登记人数相符。下一步：预览并抽样。", number=stored.number)
    )
    return redirect(url_for("frames.show", wave_id=wave_id), 303)


@bp.post("/frames/confirm")
def confirm(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Confirm that the lists are right although they differ from the registered totals."""
    wave = _wave(wave_id, "wave.plan")
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page(wave, confirm_form=form), 422
    framing.confirm_frame(
        db.session, wave, remark=form.remark.data or "", by=current_user.login, now=clock.now()
    )
    db.session.commit()
    note(_("差异已确认，理由写进操作记录。下一步：预览并抽样。"))
    return redirect(url_for("frames.show", wave_id=wave.id), 303)


@bp.get("/frames/template.<any(xlsx, csv):kind>")
def template(wave_id: int, kind: str) -> Response:
    """The sheet to fill in, with the schools and the people that are registered."""
    wave = _wave(wave_id, "wave.plan")
    rows = offline.list_rows(framing.preview(wave), framing.register_of(wave))
    content = templates.delimited(LISTS, rows) if kind == "csv" else templates.workbook(LISTS, rows)
    return download(content, KINDS[kind], f"lists-{wave.id}.{kind}")


@bp.get("/frames/compare")
def compare(wave_id: int) -> str:
    """Which lists changed from one version to another."""
    wave = _wave(wave_id, "wave.view")
    versions = framing.frames_of(db.session, wave)
    numbers = [request.args.get(name, type=int) for name in ("before", "after")]
    before, after = (next((one for one in versions if one.number == number), None) for number in numbers)
    if before is None or after is None:
        raise NotFoundError
    return render_template(
        "fieldwork/frame_compare.html",
        wave=wave,
        before=before,
        after=after,
        changed=framing.changed_lists(framing.read_frame(before), framing.read_frame(after)),
        names=framing.UnitNames(wave),
        groups=GROUPS,
        language=reader_language(),
    )


@bp.get("/frame.txt")
def text(wave_id: int) -> Response:
    """A version of the frame, by itself the one that was or will be drawn from; its SHA-256 is its digest."""
    wave = _wave(wave_id, "wave.view")
    number = request.args.get("number", type=int)
    if number is not None:
        stored = framing.frame_numbered(db.session, wave, number)
    else:
        stored = framing.latest_frame(db.session, wave)
        if stored is None:
            raise ConflictError("no_frame")
    return download(stored.content.encode(), "text/plain; charset=utf-8", f"frame-{wave.id}.txt")


@bp.post("/commit")
def commit(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Publish the commitment to a seed that is kept secret until the draw."""
    wave = _wave(wave_id, "wave.plan")
    form = CommitForm()
    if not form.validate_on_submit():
        return _page(wave, commit_form=form), 422
    drawing.commit_seed(db.session, wave, seed=form.secret.data or "", by=current_user.login, now=clock.now())
    db.session.commit()
    note(_("种子承诺已公布。请保密并记好种子，抽样时填写。"))
    return redirect(url_for("frames.show", wave_id=wave.id), 303)


def download(content: bytes, kind: str, name: str) -> Response:
    """A file to keep."""
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def content_of(given: FileStorage) -> bytes:
    """What a form's file holds, at most one byte more than any kind may."""
    return given.stream.read(max(LARGEST.values()) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group of the frame beside what the schools and the plan register."""

    group: str
    lists: int
    people: int
    registered: int
    invited: int


def _wave(wave_id: int, permission: str) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission, wave)
    return wave


def _page(
    wave: Wave,
    *,
    list_form: ListForm | None = None,
    confirm_form: ConfirmForm | None = None,
    commit_form: CommitForm | None = None,
    refused: RefusedInputError | None = None,
    file_name: str = "",
) -> str:
    """The frame's page; before the plan is settled it only says what comes first."""
    language = reader_language()
    planned = wave.drawn_at is not None or (wave.plan is not None and wave.plan_settled_at is not None)
    if not planned:
        return render_template("fieldwork/frame_waits.html", wave=wave)
    versions = framing.frames_of(db.session, wave)
    stored = versions[0] if versions else None
    registered = framing.preview(wave)
    frame = framing.read_frame(stored) if stored else registered
    return render_template(
        "fieldwork/frame.html",
        wave=wave,
        stored=stored,
        versions=versions,
        waits=stored is not None and framing.waits(stored),
        rows=_rows(wave, frame, registered),
        differences=_differences(stored),
        confirmed=framing.reconciliation_of(stored).get("confirmed") if stored else None,
        limits=reconciling.limits(),
        counted=[line.text.in_language(language) for line in framing.how_counted(wave)],
        names=framing.UnitNames(wave),
        groups=GROUPS,
        language=language,
        commitment=drawing.commitment_of(db.session, wave),
        list_form=list_form or ListForm(formdata=None),
        confirm_form=confirm_form or ConfirmForm(formdata=None),
        commit_form=commit_form or CommitForm(formdata=None, secret=secrets.token_hex(_SEED_BYTES)),
        lines=alike(refused.faults) if refused else [],
        said=sentence(refused.code, **refused.facts) if refused else "",
        file_name=file_name,
    )


def _rows(wave: Wave, frame: Frame, registered: Frame) -> list[GroupRow]:
    plan = surveys.plan_of(wave)
    return [
        GroupRow(
            group=group,
            lists=len(frame.of(group)),
            people=sum(unit.size for unit in frame.of(group)),
            registered=sum(unit.size for unit in registered.of(group)),
            invited=plan["invitations"].get(group, 0),
        )
        for group in GROUPS
        if frame.of(group) or registered.of(group)
    ]


def _differences(stored: StoredFrame | None) -> Sequence[reconciling.Difference]:
    if stored is None:
        return ()
    found = reconciling.differences_of(framing.reconciliation_of(stored))
    return sorted(found, key=lambda one: -abs(one.people))
