"""Every mixed response, judged by the rules its wave declared."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.results.merging import APART, POSTER
from survey_app.results.models import Pool, Response
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import QuestionnaireVersion, Wave
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import from_content
from survey_app.surveys.rates import Judgement, judge
from survey_app.surveys.rules import Marks, RuleSet, count_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A response with what the rules say of it."""

    #: As the response names it: a group, or a set of groups that were put the same questions.
    group: str
    #: A stratum of the draw, or one of `merging.APART`.
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
    mode: str = ""
    way: str = ""

    @property
    def in_design(self) -> bool:
        """Whether it stands in the draw, and so in weights and intervals."""
        return not self.surplus and self.stratum not in APART

    @property
    def by_poster(self) -> bool:
        """Whether it came by a poster, and so without a chance of selection."""
        return self.stratum == POSTER

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
            Response.mode,
            Response.way,
            Response.stratum,
            Response.pool,
            Response.surplus,
            Response.questionnaire_version_id,
            Response.answers,
        )
        .where(Response.wave_id == wave.id)
        .order_by(Response.id)
    ).all()
    questionnaires = questionnaires_of(session, {row.questionnaire_version_id for row in rows})
    members = sets_of(session, wave.id)
    return [
        judge_answer(
            questionnaires[row.questionnaire_version_id],
            members.get(row.group, (row.group,))[0],
            json.loads(row.answers),
            rules,
            kept_as=row.group,
            stratum=row.stratum,
            pool=row.pool or "",
            surplus=row.surplus,
            grade_band=row.grade_band,
            locality=row.locality,
            mode=row.mode,
            way=row.way,
        )
        for row in rows
    ]


def judge_answer(
    questionnaire: Questionnaire,
    group: str,
    answers: Mapping[str, str],
    rules: RuleSet,
    *,
    kept_as: str = "",
    **place: Any,
) -> Judged:
    """Judge one answer of someone of *group*, who was put the same questions as everybody of *kept_as*."""
    judgement = replace(judge(questionnaire, group, answers, rules), group=kept_as or group)
    stands: dict[str, Any] = {"stratum": "", "pool": "", "surplus": False, **place}
    return Judged(
        **stands,
        group=kept_as or group,
        judgement=judgement,
        topics=count_marks(judgement.ratings, lambda item: (item.topic,)),
        indicators=count_marks(judgement.ratings, lambda item: item.indicators),
    )


def questionnaires_of(session: Session, versions: Iterable[int]) -> dict[int, Questionnaire]:
    """The questionnaires of these versions."""
    return {
        version.id: from_content(version.content)
        for version in session.scalars(
            sa.select(QuestionnaireVersion).where(QuestionnaireVersion.id.in_(set(versions)))
        )
    }


def sets_of(session: Session, wave_id: int) -> dict[str, tuple[str, ...]]:
    """What answers are kept as -> the groups that stand in it, in the groups' order."""
    found: dict[str, set[str]] = {}
    for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == wave_id)):
        found.setdefault(pool.kept_as or pool.group, set()).add(pool.group)
    return {kept_as: tuple(sorted(groups, key=list(GROUPS).index)) for kept_as, groups in found.items()}
