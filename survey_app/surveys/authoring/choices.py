"""Which questionnaires a county's wave can be asked with, and which it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app.counties.models import Region
from survey_app.errors import ConflictError, NotFoundError
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import FORMS
from survey_app.surveys.models import QuestionnairePublication, Wave, WaveForm
from survey_app.surveys.questionnaire_loader import from_content, load_form


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A questionnaire that a wave can use for one form."""

    form: str
    #: None for the built-in questionnaire, as it is when the wave opens.
    version_id: int | None
    #: As respondents read it; the county's name still open.
    title: Text
    #: Counted from 1 within region and form; 0 for the built-in one.
    number: int
    #: Code and name of the region that published it; empty for the built-in one.
    region: str
    region_name: str
    published_at: datetime | None
    #: What changed, in the publisher's words.
    remark: str
    digest: str


def available(session: Session, county_code: str) -> dict[str, list[Choice]]:
    """What the waves of a county can use: form -> the built-in questionnaire, then what was published.

    Publications of the county itself come before those of the regions above it, newer ones first.
    """
    choices = {form: [_built_in(form)] for form in FORMS}
    rows = session.execute(
        sa.select(QuestionnairePublication, Region.name)
        .join(Region, Region.code == QuestionnairePublication.region_code)
        .where(QuestionnairePublication.region_code.in_(serving(county_code)))
        .options(joinedload(QuestionnairePublication.version, innerjoin=True))
    ).all()
    nearest = serving(county_code)
    for publication, region_name in sorted(
        rows, key=lambda row: (nearest.index(row[0].region_code), -row[0].number)
    ):
        choices[publication.form].append(_published(publication, region_name))
    return choices


def choose(session: Session, wave: Wave, versions: Mapping[str, int | None]) -> None:
    """Let *wave* use these versions: form -> version, or None for the built-in questionnaire.

    Forms that are not named keep what was chosen before.

    Raises:
        ConflictError: the wave was opened, its questionnaires are fixed.
        NotFoundError: a version that the wave's county cannot use.
    """
    if wave.opened_at is not None:
        raise ConflictError("forms_frozen")
    offered = available(session, wave.county_code)
    for form, version_id in versions.items():
        if version_id not in {choice.version_id for choice in offered.get(form, [])}:
            raise NotFoundError
    before = {used.form: used for used in wave.forms}
    for form in versions:
        if form in before:
            wave.forms.remove(before[form])
            session.delete(before[form])
    session.flush()
    for form, version_id in versions.items():
        if version_id is not None:
            wave.forms.append(WaveForm(form=form, version_id=version_id))
    session.flush()


def chosen(session: Session, wave: Wave) -> dict[str, Choice]:
    """What *wave* uses, or would use if it opened now: form -> the choice."""
    offered = available(session, wave.county_code)
    taken = {used.form: used.version_id for used in wave.forms}
    found = {}
    for form in FORMS:
        version_id = taken.get(form)
        choice = next((each for each in offered[form] if each.version_id == version_id), None)
        found[form] = choice or _frozen(wave, form)
    return found


def serving(region_code: str) -> list[str]:
    """The region and those above it, the nearest first: all whose publications it can use.

    >>> serving("140522")
    ['140522', '140500', '140000', '000000']
    """
    heads = (region_code[:length] for length in (6, 4, 2, 0))
    return list(dict.fromkeys(head.ljust(6, "0") for head in heads))


def _built_in(form: str) -> Choice:
    questionnaire = load_form(form)
    return Choice(
        form=form,
        version_id=None,
        title=questionnaire.title,
        number=0,
        region="",
        region_name="",
        published_at=None,
        remark="",
        digest=questionnaire.digest,
    )


def _published(publication: QuestionnairePublication, region_name: str) -> Choice:
    return Choice(
        form=publication.form,
        version_id=publication.version_id,
        title=from_content(publication.version.content).title,
        number=publication.number,
        region=publication.region_code,
        region_name=region_name,
        published_at=publication.published_at,
        remark=publication.remark,
        digest=publication.version.digest,
    )


def _frozen(wave: Wave, form: str) -> Choice:
    """The built-in questionnaire as it was fixed when the wave opened."""
    version = next(used.version for used in wave.forms if used.form == form)
    return Choice(
        form=form,
        version_id=version.id,
        title=from_content(version.content).title,
        number=0,
        region="",
        region_name="",
        published_at=version.published_at,
        remark="",
        digest=version.digest,
    )
