"""Publishing a draft: a new version that is never edited, numbered within its region and form."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.counties.models import Region
from survey_app.db import INSERT, within
from survey_app.errors import NotFoundError, RefusedInputError
from survey_app.lines import is_line
from survey_app.surveys.authoring.drafts import hold, read_source
from survey_app.surveys.faults import Fault
from survey_app.surveys.models import QuestionnaireDraft, QuestionnairePublication, QuestionnaireVersion
from survey_app.surveys.questionnaire import Questionnaire

LONGEST_REMARK = 500


def publish(
    session: Session, draft: QuestionnaireDraft, *, revision: int, remark: str, by: str, now: datetime
) -> QuestionnairePublication:
    """Publish *revision* of the draft for its region and everything below; the draft stays.

    Raises:
        ConflictError: somebody saved another revision in the meantime.
        NotFoundError: somebody deleted the draft.
        RefusedInputError: with every fault of the questionnaire, or when it is the region's newest version
            already.
    """
    hold(session, draft, revision)
    questionnaire, found = read_source(draft.source, draft.form)
    faults = list(found)
    if len(remark.strip()) > LONGEST_REMARK or not all(map(is_line, remark.splitlines())):
        faults.append(_fault("remark", "bad_remark", known=(str(LONGEST_REMARK),)))
    if questionnaire is None or faults:
        raise RefusedInputError(faults, "draft_refused")
    session.execute(sa.select(Region.code).where(Region.code == draft.region_code).with_for_update())
    latest = session.scalars(
        sa.select(QuestionnairePublication)
        .where(
            QuestionnairePublication.region_code == draft.region_code,
            QuestionnairePublication.form == draft.form,
        )
        .options(joinedload(QuestionnairePublication.version, innerjoin=True))
        .order_by(QuestionnairePublication.number.desc())
        .limit(1)
    ).one_or_none()
    if latest is not None and latest.version.digest == questionnaire.digest:
        raise RefusedInputError([_fault("source", "nothing_new", str(latest.number))], "draft_refused")
    publication = QuestionnairePublication(
        region_code=draft.region_code,
        form=draft.form,
        number=latest.number + 1 if latest else 1,
        title=draft.title,
        remark=remark.strip(),
        version=version_for(session, questionnaire, now),
        published_at=now,
        published_by=by,
    )
    session.add(publication)
    session.flush()
    audit.record(
        session,
        "questionnaire.published",
        by=by,
        now=now,
        region=draft.region_code,
        details={
            "publication": publication.id,
            "form": draft.form,
            "number": publication.number,
            "digest": questionnaire.digest,
        },
    )
    return publication


def version_for(session: Session, questionnaire: Questionnaire, now: datetime) -> QuestionnaireVersion:
    """The stored version with this content; kept now if it is new."""
    insert = INSERT[session.get_bind().dialect.name]
    session.execute(
        insert(QuestionnaireVersion)
        .values(
            form=questionnaire.form,
            digest=questionnaire.digest,
            content=questionnaire.content,
            published_at=now,
        )
        .on_conflict_do_nothing(index_elements=["digest"])
    )
    return session.scalars(
        sa.select(QuestionnaireVersion).where(QuestionnaireVersion.digest == questionnaire.digest)
    ).one()


def get_publication(session: Session, publication_id: int) -> QuestionnairePublication:
    """The publication with this number.

    Raises:
        NotFoundError: there is none.
    """
    publication = session.get(
        QuestionnairePublication,
        publication_id,
        options=[joinedload(QuestionnairePublication.version, innerjoin=True)],
    )
    if publication is None:
        raise NotFoundError
    return publication


def publications_of(
    session: Session, codes: Sequence[str], scopes: Sequence[str]
) -> list[tuple[QuestionnairePublication, str]]:
    """The publications of the regions with these *codes* and below *scopes*, with the regions' names."""
    region = QuestionnairePublication.region_code
    rows = session.execute(
        sa.select(QuestionnairePublication, Region.name)
        .join(Region, Region.code == region)
        .where(sa.or_(region.in_(codes), within(region, scopes)))
        .options(joinedload(QuestionnairePublication.version, innerjoin=True))
        .order_by(region, QuestionnairePublication.form, QuestionnairePublication.number.desc())
    )
    return [(publication, name) for publication, name in rows]


def _fault(key: str, rule: str, value: str = "", known: tuple[str, ...] = ()) -> Fault:
    return Fault(file="", place="", item="", key=key, rule=rule, value=value, known=known)
