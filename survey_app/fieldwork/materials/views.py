"""Pages of what is printed: preparing and downloading archives, and the ledger of batches."""

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from survey_app import clock, prepared
from survey_app.accounts.names import person
from survey_app.canonical import canonical, digest
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.materials import batch_list, bundle, forms, ledger
from survey_app.fieldwork.materials.ledger import LedgerLineError, Standing
from survey_app.fieldwork.materials.ledger_sheet import ledger_rows
from survey_app.fieldwork.materials.words import STANDARD
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.prepared import PreparedFile
from survey_app.prepared_download import given_out, ready_path
from survey_app.security import require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.asking_again import permission_for
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave

bp = Blueprint("materials", __name__, url_prefix="/fieldwork/<int:wave_id>")
bp.before_request(require_login)

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def init_app(app: Flask) -> None:
    """Register the pages, and how their archives are made and when they are erased."""
    app.register_blueprint(bp)
    prepared.makers_of(app)[bundle.KIND] = bundle.maker(app)
    prepared.outdated_of(app)[bundle.KIND] = bundle.is_outdated


@bp.get("/materials")
def index(wave_id: int) -> str:
    """What can be printed, what was prepared, and where the batches are."""
    return _index(_wave(wave_id))


@bp.post("/materials/prepare")
def prepare(wave_id: int) -> BaseResponse | tuple[str, int]:
    """Have an archive made, or find the one that is there."""
    wave = _wave(wave_id)
    form = forms.PrepareForm(bundle.schools_of(db.session, wave))
    if not form.validate_on_submit():
        return _index(wave, form=form), 422
    file_id = bundle.ask(
        db.session,
        wave,
        scope=form.scope.data or bundle.COUNTY,
        wording=form.wording.data or STANDARD,
        own_words=form.paragraphs,
        settings=settings_of(current_app),
        by=current_user.login,
        now=clock.now(),
    ).id
    db.session.commit()
    prepared.begin(current_app, file_id)
    return redirect(url_for("materials.file", wave_id=wave_id, file_id=file_id), 303)


@bp.get("/materials/<int:file_id>")
def file(wave_id: int, file_id: int) -> str:
    """How far an archive is; once it is ready, where to have it."""
    wave = _wave(wave_id)
    found = _file(wave, file_id)
    return render_template(
        "fieldwork/materials/file.html",
        wave=wave,
        file=found,
        why=sentence(found.failure) if found.failure else "",
        outdated=_is_stale(wave, found),
        scope=_scope(wave, found),
        cards=sum(bundle.batches_in(db.session, found.told).values()),
    )


@bp.get("/materials/<int:file_id>.json")
def file_state(wave_id: int, file_id: int) -> Response:
    """The same for the bar of an open page."""
    found = _file(_wave(wave_id), file_id)
    return jsonify(state=found.state, done=found.done, total=found.total, percent=found.percent)


@bp.post("/materials/<int:file_id>/download")
def download(wave_id: int, file_id: int) -> BaseResponse:
    """Give the archive out and note in the ledger that its cards were printed."""
    wave = _wave(wave_id)
    found = _file(wave, file_id)
    now = clock.now()
    surveys.lock_wave(db.session, wave)
    if found.state == "ready" and _is_stale(wave, found):
        raise ConflictError("materials_changed")
    path = ready_path(found, by=current_user.login, now=now)
    if path is None:
        return redirect(url_for("materials.file", wave_id=wave_id, file_id=file_id), 303)
    batches = bundle.batches_in(db.session, found.told)
    ledger.note_printing(db.session, wave, batches, key=found.key, by=current_user.login, now=now)
    name = found.download_name
    db.session.commit()
    return given_out(path, name=name, kind="application/zip")


@bp.get("/batches")
def batches(wave_id: int) -> str:
    """The ledger: who has which batch now."""
    wave = _wave(wave_id)
    return render_template(
        "fieldwork/materials/batches.html",
        wave=wave,
        standings=ledger.standings(db.session, wave),
        groups=GROUPS,
        language=reader_language(),
    )


@bp.get("/batches.csv")
def ledger_csv(wave_id: int) -> Response:
    """The ledger with every line, for a spreadsheet program."""
    wave = _wave(wave_id)
    header, rows = ledger_rows(ledger.standings(db.session, wave), called=person)
    return _table(batch_list.as_csv(header, rows), "text/csv; charset=utf-8", f"ledger-{wave.id}.csv")


@bp.get("/batches.xlsx")
def ledger_workbook(wave_id: int) -> Response:
    """The same as a workbook."""
    wave = _wave(wave_id)
    header, rows = ledger_rows(ledger.standings(db.session, wave), called=person)
    return _table(batch_list.as_workbook("交接台账", header, rows), _WORKBOOK, f"ledger-{wave.id}.xlsx")


@bp.get("/batches/<int:batch_id>")
def batch(wave_id: int, batch_id: int) -> str:
    """One batch: what happened to it, and what may happen next."""
    wave = _wave(wave_id)
    return _batch(wave, ledger.standing(db.session, wave, batch_id))


@bp.post("/batches/<int:batch_id>/<any(handed, returned, lost, found, replaced):deed>")
def write(wave_id: int, batch_id: int, deed: str) -> BaseResponse | tuple[str, int]:
    """Write a line into the ledger of a batch."""
    wave = _wave(wave_id)
    found = ledger.standing(db.session, wave, batch_id)
    form = _form(deed, found, submitted=True)
    if deed in found.where.possible and not form.validate():
        return _batch(wave, found, refused=(deed, form)), 422
    cards, receiver = (form[name].data if name in form else None for name in ("cards", "receiver"))
    try:
        ledger.record(
            db.session,
            wave,
            batch_id,
            deed,
            code_key=settings_of(current_app).code_key,
            cards=cards,
            receiver=(receiver or "").strip(),
            remark=(form.remark.data or "").strip(),
            by=current_user.login,
            now=clock.now(),
        )
    except LedgerLineError as error:
        field = form["cards"] if "cards" in form else form["receiver"]
        field.errors = [sentence(error.code, **error.facts)]
        return _batch(wave, found, refused=(deed, form)), error.status
    db.session.commit()
    note(_DONE[deed]())
    return redirect(url_for("materials.batch", wave_id=wave_id, batch_id=batch_id), 303)


#: What is said after each deed.
_DONE = {
    "handed": lambda: _("已登记交接。"),
    "returned": lambda: _("已登记退回。"),
    "lost": lambda: _("已登记丢失，没有用过的卡已经作废。找到时登记“找到”，否则登记“换发”。"),
    "found": lambda: _("已登记找到，这批卡恢复有效。"),
    "replaced": lambda: _("已换发新码，旧卡永远作废。请重新准备材料，打印新卡。"),
}

_FORMS = {
    "handed": forms.HandedForm,
    "lost": forms.LostForm,
    "found": forms.FoundForm,
}


def _wave(wave_id: int) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave(permission_for(wave, "cards.download"), wave)
    return wave


def _file(wave: Wave, file_id: int) -> PreparedFile:
    found = prepared.find(db.session, file_id, bundle.KIND)
    if found.told["wave"] != wave.id:
        raise NotFoundError
    return found


def _is_stale(wave: Wave, found: PreparedFile) -> bool:
    """Whether something that is printed has changed since *found* was asked for."""
    if wave.state not in bundle.PRINTABLE:
        return True
    facts = bundle.facts_of(db.session, wave, settings_of(current_app), scope=found.told["scope"])
    return digest(canonical(facts)) != found.told["facts"]


def _scope(wave: Wave, found: PreparedFile) -> str:
    code = found.told["scope"]
    return f"{code} {bundle.schools_of(db.session, wave).get(code, '')}" if code else _("全县")


def _index(wave: Wave, *, form: forms.PrepareForm | None = None) -> str:
    found = [
        each
        for each in prepared.files_of(db.session, bundle.KIND, wave.county_code)
        if each.told["wave"] == wave.id
    ]
    if form is None:
        last = found[0].told if found else {"wording": STANDARD, "own_words": []}
        form = forms.PrepareForm(
            bundle.schools_of(db.session, wave),
            formdata=None,
            wording=last["wording"],
            own_words="\n".join(last["own_words"]),
        )
    standings = ledger.standings(db.session, wave)
    return render_template(
        "fieldwork/materials/index.html",
        wave=wave,
        form=form,
        files=[(each, _scope(wave, each)) for each in found],
        printable=wave.state in bundle.PRINTABLE,
        cards=sum(each.valid for each in standings),
        batches=len(standings),
        printed=sum(1 for each in standings if each.where.printings),
        out=sum(1 for each in standings if each.where.state == "out"),
        lost=sum(1 for each in standings if each.where.state == "lost"),
        kept=prepared.KEPT.days,
    )


def _batch(wave: Wave, found: Standing, *, refused: tuple[str, FlaskForm] | None = None) -> str:
    possible = [deed for deed in found.where.possible if wave.state in ledger.DEEDS[deed]]
    shown = {deed: _form(deed, found) for deed in possible}
    if refused is not None:
        shown[refused[0]] = refused[1]
    return render_template(
        "fieldwork/materials/batch.html",
        wave=wave,
        one=found,
        deeds=shown,
        refused=refused[0] if refused else "",
        group=GROUPS[found.batch.group].label.in_language(reader_language()),
    )


def _form(deed: str, found: Standing, *, submitted: bool = False) -> Any:
    """The form of a deed; each has a prefix of its own, since a page shows several."""
    given: dict[str, Any] = {"prefix": f"{deed}-"} if submitted else {"prefix": f"{deed}-", "formdata": None}
    if deed == "replaced":
        return forms.ReplacedForm(found.batch.position + 1, **given)
    if deed == "returned":
        returned = forms.ReturnedForm(**given)
        returned.receiver.choices = [receiver for receiver, _n in found.where.holders]
        return returned
    return _FORMS[deed](**given)


def _table(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
