"""Every mixed response, judged by the rules its wave declared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.results.models import Response
from survey_app.surveys import service as surveys
from survey_app.surveys.models import QuestionnaireVersion, Wave
from survey_app.surveys.questionnaire_loader import from_content
from survey_app.surveys.rates import Judgement, judge
from survey_app.surveys.rules import Marks, count_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A response with what the rules say of it."""

    group: str
    stratum: str
    #: The pool of drawn units; empty where the respondent is the unit.
    pool: str
    #: Its place had been given away: reported, but outside every figure.
    surplus: bool
    judgement: Judgement
    #: Ratings by topic and by indicator code.
    topics: Mapping[str, Marks]
    indicators: Mapping[str, Marks]
    #: Empty where the pool's answers do not keep them.
    grade_band: str = ""
    locality: str = ""

    @property
    def valid(self) -> bool:
        """Whether it counts."""
        return self.judgement.validity.valid

    @property
    def satisfied(self) -> bool:
        """Whether it counts as satisfied."""
        return self.judgement.satisfied is True


def judge_responses(session: Session, wave: Wave) -> list[Judged]:
    """Judge every mixed response of *wave*, in the order of their random numbers."""
    rules = surveys.rules_of(wave)
    rows = session.execute(
        sa.select(
            Response.group,
            Response.grade_band,
            Response.locality,
            Response.stratum,
            Response.pool,
            Response.surplus,
            Response.questionnaire_version_id,
            Response.answers,
        )
        .where(Response.wave_id == wave.id)
        .order_by(Response.id)
    ).all()
    versions = {row.questionnaire_version_id for row in rows}
    questionnaires = {
        version.id: from_content(version.content)
        for version in session.scalars(
            sa.select(QuestionnaireVersion).where(QuestionnaireVersion.id.in_(versions))
        )
    }
    judged = []
    for row in rows:
        judgement = judge(
            questionnaires[row.questionnaire_version_id], row.group, json.loads(row.answers), rules
        )
        judged.append(
            Judged(
                group=row.group,
                grade_band=row.grade_band,
                locality=row.locality,
                stratum=row.stratum,
                pool=row.pool or "",
                surplus=row.surplus,
                judgement=judgement,
                topics=count_marks(judgement.ratings, lambda item: (item.topic,)),
                indicators=count_marks(judgement.ratings, lambda item: item.indicators),
            )
        )
    return judged
