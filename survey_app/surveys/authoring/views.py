"""Authoring pages: built-in questionnaires, drafts, publications, what changed, and how a phone shows it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.accounts.names import person
from survey_app.counties import regions
from survey_app.counties import service as counties
from survey_app.counties.uploads import UnfitUploadError
from survey_app.db import db
from survey_app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedInputError
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import may, regions_for, require_login
from survey_app.surveys.authoring import drafts, publishing
from survey_app.surveys.authoring.comparing import compare
from survey_app.surveys.authoring.documents import (
    named,
    own_regions,
    regions_above,
    visible_draft,
    visible_publication,
)
from survey_app.surveys.authoring.forms import DraftForm, NewDraftForm, PublishForm
from survey_app.surveys.authoring.preview import Reader, render
from survey_app.surveys.authoring.toml_text import write_toml
from survey_app.surveys.authoring.uploads import read_upload
from survey_app.surveys.faults import Fault
from survey_app.surveys.groups import FORMS, GROUPS
from survey_app.surveys.models import QuestionnaireDraft
from survey_app.surveys.planning import reader_language
from survey_app.surveys.questionnaire_loader import from_content, load_form, source_of

bp = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")
bp.before_request(require_login)

Page = Response | str | tuple[str, int]

#: Most faults that are listed at once.
_MOST_FAULTS = 100

#: Digits of a number that a form sends back; beyond it nobody looked at our page.
_LONGEST_NUMBER = 10


@bp.get("/")
def index() -> str:
    """List what is built in, what was published for the reader's regions, and the drafts."""
    scopes = regions_for("questionnaire.view")
    if not scopes:
        raise ForbiddenError
    return render_template(
        "surveys/questionnaires/index.html",
        built_in=[load_form(form) for form in FORMS],
        publications=publishing.publications_of(db.session, sorted(regions_above()), scopes),
        drafts=drafts.drafts_of(db.session, scopes),
        may_edit=bool(own_regions("questionnaire.edit")),
        language=reader_language(),
        form_names=_form_names(),
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Start a draft: from a questionnaire that is there, or from a file."""
    codes = own_regions("questionnaire.edit")
    if not codes:
        raise ForbiddenError
    form = _choosable(NewDraftForm(start=request.args.get("start")), codes)
    if not form.validate_on_submit():
        page = render_template("surveys/questionnaires/new.html", form=form)
        return (page, 422) if form.errors else page
    try:
        source, kind, remarks = _first_source(form)
    except (UnfitUploadError, RefusedInputError) as refused:
        form["upload"].errors = _upload_faults(refused)
        return render_template("surveys/questionnaires/new.html", form=form), 422
    region = counties.ensure_region(db.session, form.region.data or "")
    try:
        draft = drafts.start_draft(
            db.session,
            region,
            form=kind,
            title=form.title.data or "",
            source=source,
            by=current_user.login,
            now=clock.now(),
        )
    except RefusedInputError as refused:
        db.session.rollback()
        form["source"].errors = [fault.message(reader_language()) for fault in refused.faults]
        return render_template("surveys/questionnaires/new.html", form=form), 422
    db.session.commit()
    for remark in remarks[:_MOST_FAULTS]:
        note(remark)
    note(_("草稿已建好。改好以后先保存，再预览、发布。"))
    return redirect(url_for("questionnaires.draft", draft_id=draft.id), 303)


@bp.get("/drafts/<int:draft_id>")
def draft(draft_id: int) -> Page:
    """A draft; its faults stand beside it with their lines."""
    written = visible_draft(db.session, draft_id)
    return _draft_page(written, DraftForm(formdata=None, obj=written))


@bp.post("/drafts/<int:draft_id>/text")
def save(draft_id: int) -> Page:
    """Save what was written, with whatever faults it has."""
    form = DraftForm()
    try:
        written = visible_draft(db.session, draft_id, "questionnaire.edit")
    except NotFoundError:
        return _offered_as_new(form)
    if not form.validate_on_submit():
        return _draft_page(written, form, status=422)
    try:
        source, remarks = _sent_source(form, written.form)
    except (UnfitUploadError, RefusedInputError) as refused:
        form["upload"].errors = _upload_faults(refused)
        return _draft_page(written, form, status=422)
    try:
        drafts.save_draft(
            db.session,
            written,
            title=form.title.data or "",
            source=source,
            revision=_seen_revision(),
            by=current_user.login,
            now=clock.now(),
        )
    except RefusedInputError as refused:
        db.session.rollback()
        return _draft_page(written, form, refused=refused.faults, status=422)
    except ConflictError as changed:
        db.session.rollback()
        return _draft_page(written, form, changed_by=str(changed.facts.get("by", "")), status=409)
    except NotFoundError:
        db.session.rollback()
        return _offered_as_new(form)
    db.session.commit()
    for remark in remarks[:_MOST_FAULTS]:
        note(remark)
    note(_("已保存。"))
    return redirect(url_for("questionnaires.draft", draft_id=draft_id), 303)


@bp.post("/drafts/<int:draft_id>/publish")
def publish(draft_id: int) -> Page:
    """Publish the draft as it was saved and seen."""
    written = visible_draft(db.session, draft_id, "questionnaire.edit")
    form = PublishForm()
    if not form.validate_on_submit():
        return _draft_page(written, DraftForm(formdata=None, obj=written), publishing_form=form, status=422)
    try:
        made = publishing.publish(
            db.session,
            written,
            revision=_seen_revision(),
            remark=form.remark.data or "",
            by=current_user.login,
            now=clock.now(),
        )
    except ConflictError as changed:
        return _not_as_seen(written, changed)
    except RefusedInputError as refused:
        db.session.rollback()
        return _draft_page(
            written,
            DraftForm(formdata=None, obj=written),
            publishing_form=form,
            refused=[each for each in refused.faults if not each.file],
            status=422,
        )
    db.session.commit()
    note(_("已发布第 %(n)d 版。本地区和下级新建的调查可以选用。", n=made.number))
    return redirect(url_for("questionnaires.publication", publication_id=made.id), 303)


@bp.post("/drafts/<int:draft_id>/discard")
def discard(draft_id: int) -> Response:
    """Delete the draft, once its title was typed."""
    written = visible_draft(db.session, draft_id, "questionnaire.edit")
    if request.form.get("title", "").strip() != written.title:
        note(_("名称不一致，草稿没有删除。"))
        return redirect(url_for("questionnaires.draft", draft_id=draft_id), 303)
    try:
        drafts.discard_draft(
            db.session, written, revision=_seen_revision(), by=current_user.login, now=clock.now()
        )
    except ConflictError as changed:
        return _not_as_seen(written, changed)
    db.session.commit()
    note(_("草稿已删除。"))
    return redirect(url_for("questionnaires.index"), 303)


@bp.get("/publications/<int:publication_id>")
def publication(publication_id: int) -> str:
    """A published version: what it asks, for whom it serves, and what to compare it with."""
    published = visible_publication(db.session, publication_id)
    questionnaire = from_content(published.version.content)
    others = [
        (each, name)
        for each, name in publishing.publications_of(
            db.session, sorted(regions_above()), regions_for("questionnaire.view")
        )
        if each.form == published.form and each.id != published.id
    ]
    return render_template(
        "surveys/questionnaires/publication.html",
        publication=published,
        region=_region(published.region_code),
        questionnaire=questionnaire,
        others=others,
        groups=GROUPS,
        language=reader_language(),
        form_names=_form_names(),
        may_edit=may("questionnaire.edit", published.region_code) or bool(own_regions("questionnaire.edit")),
    )


@bp.get("/compare")
def compared() -> str:
    """What changed from one questionnaire to another."""
    new, old = (named(db.session, request.args.get(key, "")) for key in ("new", "old"))
    language = reader_language()
    items = {item.id: item for each in (old, new) for item in each.questionnaire.items}
    return render_template(
        "surveys/questionnaires/compare.html",
        old=old,
        new=new,
        changes=compare(old.questionnaire, new.questionnaire),
        wordings={item.id: item.text.in_language(language) for item in items.values()},
    )


@bp.get("/preview/<key>")
def preview(key: str) -> str:
    """A questionnaire as a phone shows it to one group."""
    shown = named(db.session, key)
    groups = shown.questionnaire.groups
    group = request.args.get("group", groups[0])
    if group not in groups:
        raise NotFoundError
    order = request.args.get("order", "")[:8]
    language = reader_language()

    def address(**changed: str) -> str:
        asked: dict[str, Any] = {"group": group, "lang": "en" if language == "en" else "zh_CN"} | changed
        if order and "order" not in changed:
            asked["order"] = order
        return url_for("questionnaires.preview", key=key, **asked)

    return render(
        shown.questionnaire,
        Reader(group=group, order_seed=order or None, county=_("某县"), school=_("某学校")),
        language,
        back=_back(key),
        groups=[(each, GROUPS[each].label.in_language(language), address(group=each)) for each in groups],
        languages=[
            ("中文", address(lang="zh_CN"), language == "zh"),
            ("English", address(lang="en"), language == "en"),
        ],
        another=address(order=str(int(order) + 1 if order.isdecimal() and order.isascii() else 1)),
    )


@bp.get("/file/<key>.toml")
def file(key: str) -> Response:
    """A questionnaire as a file to change and to check at one's own desk."""
    kind, _colon, name = key.partition(":")
    if kind == "draft" and name.isascii() and name.isdigit() and len(name) < 10:
        text = visible_draft(db.session, int(name)).source
    else:
        text = write_toml(named(db.session, key).questionnaire)
    response = Response(text, mimetype="application/toml")
    response.headers["Content-Disposition"] = f"attachment; filename={key.replace(':', '-')}.toml"
    return response


def _draft_page(
    written: QuestionnaireDraft,
    form: DraftForm,
    *,
    publishing_form: PublishForm | None = None,
    refused: Sequence[Fault] = (),
    changed_by: str = "",
    status: int = 200,
) -> Page:
    source = form.source.data if status != 200 and form.source.data is not None else written.source
    questionnaire, faults = drafts.read_source(source, written.form)
    language = reader_language()
    page = render_template(
        "surveys/questionnaires/draft.html",
        draft=written,
        form=form,
        publishing=publishing_form or PublishForm(formdata=None),
        faults=faults[:_MOST_FAULTS],
        more=max(0, len(faults) - _MOST_FAULTS),
        refused=refused,
        changed_by=changed_by,
        questionnaire=questionnaire,
        lines=source.count("\n") + 1,
        written_lines=source.splitlines(),
        bases=_bases(written),
        region=_region(written.region_code),
        language=language,
        form_names=_form_names(),
        may_edit=may("questionnaire.edit", written.region_code),
    )
    return page if status == 200 else (page, status)


def _offered_as_new(written: DraftForm) -> Page:
    """What was written for a draft that is not there any more, in the form for a new one."""
    codes, source = own_regions("questionnaire.edit"), written.source.data or ""
    if not codes or not source:
        raise NotFoundError
    questionnaire, _faults = drafts.read_source(source, None)
    form = NewDraftForm(
        formdata=None,
        title=written.title.data,
        start=f"built-in:{questionnaire.form if questionnaire else FORMS[0]}",
        source=source,
    )
    page = render_template("surveys/questionnaires/new.html", form=_choosable(form, codes), is_gone=True)
    return page, 404


def _choosable(form: NewDraftForm, codes: Sequence[str]) -> NewDraftForm:
    """*form* with the regions and questionnaires that can be chosen in it."""
    form.region.choices = [(code, _region(code)) for code in codes]
    form.start.choices = _starts()
    return form


def _seen_revision() -> int:
    """The revision of the draft that the reader had before them; 0 where their form does not say."""
    sent = request.form.get("revision", "")
    return int(sent) if sent.isdecimal() and len(sent) < _LONGEST_NUMBER else 0


def _not_as_seen(written: QuestionnaireDraft, changed: ConflictError) -> Response:
    """Back to the draft as somebody else saved it."""
    db.session.rollback()
    note(sentence("draft_not_as_seen", by=person(str(changed.facts["by"]))))
    return redirect(url_for("questionnaires.draft", draft_id=written.id), 303)


def _bases(written: QuestionnaireDraft) -> list[tuple[str, str]]:
    """What the draft can be compared with: publications of its form, then the built-in one."""
    published = publishing.publications_of(
        db.session, sorted(regions_above()), regions_for("questionnaire.view")
    )
    return [
        (f"publication:{each.id}", f"{name} · {_('第 %(n)d 版', n=each.number)}")
        for each, name in published
        if each.form == written.form
    ] + [(f"built-in:{written.form}", _("内置问卷"))]


def _starts() -> list[tuple[str, str]]:
    """What a draft can begin with."""
    names = _form_names()
    published = publishing.publications_of(
        db.session, sorted(regions_above()), regions_for("questionnaire.view")
    )
    return [(f"built-in:{form}", f"{names[form]} · {_('内置问卷')}") for form in FORMS] + [
        (f"publication:{each.id}", f"{names[each.form]} · {name} · {_('第 %(n)d 版', n=each.number)}")
        for each, name in published
    ]


def _first_source(form: NewDraftForm) -> tuple[str, str, list[str]]:
    """The first text of a draft, its form, and what an imported file could not carry over."""
    start = form.start.data or ""
    origin = named(db.session, start)
    kind = origin.questionnaire.form
    text, remarks = _sent_source(form, kind)
    if text:
        return text, kind, remarks
    from_, _colon, name = start.partition(":")
    return source_of(name) if from_ == "built-in" else write_toml(origin.questionnaire), kind, []


def _sent_source(form: DraftForm | NewDraftForm, kind: str) -> tuple[str, list[str]]:
    upload = form.upload.data
    if upload is not None and upload.filename:
        return read_upload(upload, form=kind)
    return form.source.data or "", []


def _upload_faults(refused: UnfitUploadError | RefusedInputError) -> list[str]:
    """What is wrong with an uploaded file, a sentence each, its place before it."""
    if isinstance(refused, UnfitUploadError):
        return [sentence(refused.code, **refused.facts)]
    language = reader_language()
    lines = []
    for fault in refused.faults[:_MOST_FAULTS]:
        document = fault.document(language)
        where, said = document["where"], document["message"]
        lines.append(said if not where or where in said else f"{where}{_('：')}{said}")
    return lines


def _region(code: str) -> str:
    return regions.region(code).name


def _form_names() -> dict[str, str]:
    return {"public": _("社会卷"), "staff": _("校长教师卷"), "student": _("学生卷")}


def _back(key: str) -> str:
    kind, _colon, name = key.partition(":")
    if kind == "draft":
        return url_for("questionnaires.draft", draft_id=int(name))
    if kind == "publication":
        return url_for("questionnaires.publication", publication_id=int(name))
    return url_for("questionnaires.index")
