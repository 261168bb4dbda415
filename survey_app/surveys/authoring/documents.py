"""Any questionnaire a page can name: a built-in one, a publication or a draft."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from survey_app.errors import ConflictError, ForbiddenError, NotFoundError
from survey_app.security import PERMISSIONS, authorise
from survey_app.surveys.authoring.choices import serving
from survey_app.surveys.authoring.drafts import get_draft, read_source
from survey_app.surveys.authoring.publishing import get_publication
from survey_app.surveys.groups import FORMS
from survey_app.surveys.models import QuestionnaireDraft, QuestionnairePublication
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import from_content, load_form


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A questionnaire and what it is called."""

    #: ``built-in:student``, ``publication:12`` or ``draft:3``.
    key: str
    label: str
    questionnaire: Questionnaire


def visible_publication(session: Session, publication_id: int) -> QuestionnairePublication:
    """The publication, if the reader's region uses it, or lies above the region that does.

    Raises:
        NotFoundError: there is none, or it is none of the reader's.
    """
    publication = get_publication(session, publication_id)
    if publication.region_code not in regions_above():
        authorise("questionnaire.view", publication.region_code)
    return publication


def visible_draft(
    session: Session, draft_id: int, permission: str = "questionnaire.view"
) -> QuestionnaireDraft:
    """The draft, if the reader has *permission* for its region.

    Raises:
        NotFoundError: there is none, or it is none of the reader's.
        ForbiddenError: the reader may see it and not do this.
    """
    draft = get_draft(session, draft_id)
    authorise(permission, draft.region_code)
    return draft


def regions_above() -> set[str]:
    """The regions whose publications the reader's own regions use, these among them."""
    return {code for region in own_regions("questionnaire.view") for code in serving(region)}


def own_regions(permission: str) -> list[str]:
    """The codes of the regions for which the reader holds *permission* directly."""
    codes = (
        each.region_code
        for each in current_user.held
        if each.role in PERMISSIONS[permission] and not each.school_code
    )
    return list(dict.fromkeys(codes))


def named(session: Session, key: str) -> Named:
    """The questionnaire with this key, for the reader.

    Raises:
        NotFoundError: there is none, or it is none of the reader's.
        ConflictError: a draft that has faults.
    """
    kind, _colon, name = key.partition(":")
    if kind == "built-in" and name in FORMS:
        if not own_regions("questionnaire.view"):
            raise ForbiddenError
        return Named(key=key, label=_("内置问卷"), questionnaire=load_form(name))
    if not name.isascii() or not name.isdigit() or len(name) > 9:
        raise NotFoundError
    if kind == "publication":
        publication = visible_publication(session, int(name))
        label = _("%(title)s · 第 %(n)d 版", title=publication.title, n=publication.number)
        return Named(key=key, label=label, questionnaire=from_content(publication.version.content))
    if kind == "draft":
        draft = visible_draft(session, int(name))
        questionnaire, faults = read_source(draft.source, draft.form)
        if questionnaire is None:
            raise ConflictError("draft_has_faults", title=draft.title, count=len(faults))
        return Named(key=key, label=_("%(title)s · 草稿", title=draft.title), questionnaire=questionnaire)
    raise NotFoundError
