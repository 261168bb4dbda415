"""Publications for tests: a built-in questionnaire with another title."""

from datetime import datetime

import sqlalchemy as sa

from survey_app.counties.models import Region
from survey_app.db import db
from survey_app.surveys.models import QuestionnairePublication, QuestionnaireVersion
from survey_app.surveys.questionnaire_loader import from_content, load_form
from tests.conftest import NOW


def publish_directly(
    region: str, title: str, *, form: str = "student", number: int = 1, at: datetime = NOW
) -> int:
    """Store a publication of *region* without the use case; gives its version's number."""
    if db.session.get(Region, region) is None:
        db.session.add(Region(code=region, name=f"地区{region}", level="city"))
    content = load_form(form).content.replace("义务教育社会认可度调查", title)
    read = from_content(content)
    version = db.session.scalar(
        sa.select(QuestionnaireVersion).where(QuestionnaireVersion.digest == read.digest)
    ) or QuestionnaireVersion(form=form, digest=read.digest, content=read.content, published_at=at)
    db.session.add(version)
    db.session.flush()
    db.session.add(
        QuestionnairePublication(
            region_code=region,
            form=form,
            number=number,
            title=title,
            version_id=version.id,
            published_at=at,
            published_by="somebody",
        )
    )
    db.session.flush()
    return version.id
