"""Drafts of questionnaires: a region's texts in the making, saved with whatever faults they have."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.counties.models import Region
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.lines import is_line
from survey_app.surveys.faults import Fault, QuestionnaireError
from survey_app.surveys.groups import FORMS
from survey_app.surveys.models import QuestionnaireDraft
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import LARGEST, parse_questionnaire

LONGEST_TITLE = 128

#: What no database keeps.
_UNFIT = re.compile("[\x00\ud800-\udfff]")

#: What faults call the text of a draft.
_FILE = "draft.toml"


def start_draft(
    session: Session, region: Region, *, form: str, title: str, source: str, by: str, now: datetime
) -> QuestionnaireDraft:
    """Keep a new draft of *region*; its text may still have faults.

    Raises:
        RefusedInputError: with every fault of title, form and size.
    """
    faults = _faults(title, source)
    if form not in FORMS:
        faults.append(_fault("form", "unknown_form", form, FORMS))
    if faults:
        raise RefusedInputError(faults, "draft_refused")
    draft = QuestionnaireDraft(
        region_code=region.code,
        form=form,
        title=title.strip(),
        source=_plain(source),
        revision=1,
        changed_at=now,
        changed_by=by,
    )
    session.add(draft)
    session.flush()
    _note(session, "questionnaire.draft_started", draft, by=by, now=now)
    return draft


def save_draft(
    session: Session,
    draft: QuestionnaireDraft,
    *,
    title: str,
    source: str,
    revision: int,
    by: str,
    now: datetime,
) -> None:
    """Save what was written over *revision* of the draft.

    Raises:
        ConflictError: somebody else saved the draft in the meantime.
        NotFoundError: somebody else deleted it.
        RefusedInputError: with every fault of title and size.
    """
    faults = _faults(title, source)
    if faults:
        raise RefusedInputError(faults, "draft_refused")
    hold(session, draft, revision)
    draft.title, draft.source = title.strip(), _plain(source)
    draft.revision, draft.changed_at, draft.changed_by = revision + 1, now, by
    session.flush()
    _note(session, "questionnaire.draft_saved", draft, by=by, now=now)


def discard_draft(
    session: Session, draft: QuestionnaireDraft, *, revision: int, by: str, now: datetime
) -> None:
    """Delete *revision* of the draft; publications made of it stay.

    Raises:
        ConflictError: somebody else saved the draft in the meantime.
        NotFoundError: somebody else deleted it.
    """
    hold(session, draft, revision)
    _note(session, "questionnaire.draft_discarded", draft, by=by, now=now)
    session.delete(draft)
    session.flush()


def hold(session: Session, draft: QuestionnaireDraft, revision: int) -> None:
    """Keep everybody else from the draft until the transaction ends, if it still is the *revision* seen.

    Raises:
        ConflictError: somebody saved another one.
        NotFoundError: somebody deleted it.
    """
    held = session.get(QuestionnaireDraft, draft.id, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFoundError
    if held.revision != revision:
        raise ConflictError("draft_changed", by=held.changed_by)


def get_draft(session: Session, draft_id: int) -> QuestionnaireDraft:
    """The draft with this number.

    Raises:
        NotFoundError: there is none.
    """
    draft = session.get(QuestionnaireDraft, draft_id)
    if draft is None:
        raise NotFoundError
    return draft


def drafts_of(session: Session, scopes: Sequence[str]) -> list[tuple[QuestionnaireDraft, str]]:
    """The drafts of the regions in *scopes* with the regions' names, those changed last first."""
    rows = session.execute(
        sa.select(QuestionnaireDraft, Region.name)
        .join(Region, Region.code == QuestionnaireDraft.region_code)
        .where(within(QuestionnaireDraft.region_code, scopes))
        .order_by(QuestionnaireDraft.changed_at.desc(), QuestionnaireDraft.id.desc())
    )
    return [(draft, name) for draft, name in rows]


def read_source(source: str, form: str | None) -> tuple[Questionnaire | None, tuple[Fault, ...]]:
    """The questionnaire in a draft's text (of any form, if *form* is None), or None with every fault."""
    try:
        questionnaire = parse_questionnaire(_plain(source), file=_FILE)
    except QuestionnaireError as refused:
        return None, refused.faults
    if form is not None and questionnaire.form != form:
        return None, (replace(_fault("form", "other_form", questionnaire.form, (form,)), file=_FILE),)
    return questionnaire, ()


def _faults(title: str, source: str) -> list[Fault]:
    faults = []
    if not 0 < len(title.strip()) <= LONGEST_TITLE or not is_line(title.strip()):
        faults.append(_fault("title", "bad_title", title, (str(LONGEST_TITLE),)))
    if len(source) > LARGEST:
        faults.append(_fault("source", "file_too_large", len(source), (str(LARGEST),)))
    if _UNFIT.search(source):
        faults.append(_fault("source", "bad_characters"))
    return faults


def _fault(key: str, rule: str, value: object = "", known: tuple[str, ...] = ()) -> Fault:
    shown = ascii(value)[1:-1] if isinstance(value, str) and not value.isprintable() else str(value)
    return Fault(file="", place="", item="", key=key, rule=rule, value=shown[:80], known=known)


def _plain(source: str) -> str:
    """The text with line feeds alone, as a browser's form does not send it."""
    return source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _note(session: Session, action: str, draft: QuestionnaireDraft, *, by: str, now: datetime) -> None:
    details = {"draft": draft.id, "form": draft.form, "title": draft.title, "revision": draft.revision}
    audit.record(session, action, by=by, now=now, region=draft.region_code, details=details)
