"""Use cases of the room: making a wave, and reading what it declared."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.canonical import canonical
from survey_app.counties import service as counties
from survey_app.counties.models import CountyFile
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.surveys.authoring.publishing import version_for
from survey_app.surveys.details import Details
from survey_app.surveys.groups import FORMS, GROUPS, form_for_group
from survey_app.surveys.models import QuestionnaireVersion, Wave, WaveExtension, WaveForm
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import from_content, load_form
from survey_app.surveys.rules import RuleSet
from survey_app.surveys.school_lists import COUNTY_GROUPS
from survey_app.surveys.wave_plans import PlanInput, plan_wave


def create_wave(
    session: Session,
    *,
    county_file: CountyFile,
    title: str,
    scheme_id: str,
    rules: RuleSet,
    opens_at: datetime,
    closes_at: datetime,
    contact: str,
    pressure_contact: str,
    group_sizes: Mapping[str, int],
    response_rate: Fraction = Fraction(1),
    by: str,
    now: datetime,
) -> Wave:
    """Make a wave of the county with its rules and its plan settled: the first three steps in one.

    Parents, pupils, teachers and principals are counted over the schools of the file; *group_sizes* says
    how many deputies, CPPCC members and other residents can be listed. As many people are invited as are
    needed where *response_rate* of them answer.

    Raises:
        ConflictError: the file has no resident population.
        RefusedInputError: with every fault of the input and of the schools' figures.
    """
    details = Details(
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
        contact=contact,
        pressure_contact=pressure_contact,
    )
    given = PlanInput(group_sizes=group_sizes, response_rate=response_rate)
    faults: list[Any] = details.faults
    made = None
    try:
        made = plan_wave(counties.document_of(county_file), scheme_id=scheme_id, given=given)
    except RefusedInputError as refused:
        faults += refused.faults
    if faults or made is None:
        raise RefusedInputError(faults, "wave_refused")
    wave = Wave(
        county_code=county_file.county_code,
        county_file_id=county_file.id,
        scheme_id=made.plan.scheme.id,
        scheme_digest=made.plan.scheme.digest,
        rules=rules.content,
        plan=canonical(made.record()),
        created_at=now,
        created_by=by,
        rules_settled_at=now,
        plan_settled_at=now,
        **details.columns,
    )
    session.add(wave)
    session.flush()
    audit.record(
        session,
        "wave.planned",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "sample_size": made.plan.size.n, "county_file": county_file.digest},
    )
    return wave


def get_wave(session: Session, wave_id: int) -> Wave:
    """The wave with this number.

    Raises:
        NotFoundError: there is none.
    """
    wave = session.scalars(
        sa.select(Wave)
        .where(Wave.id == wave_id)
        .options(joinedload(Wave.county, innerjoin=True), joinedload(Wave.county_file, innerjoin=True))
    ).one_or_none()
    if wave is None:
        raise NotFoundError
    return wave


def lock_wave(session: Session, wave: Wave) -> None:
    """Keep everybody else from changing *wave* until the transaction ends, and see it as it is now.

    Answers wait, too. Rows that only name the wave do not: who begins a questionnaire holds a card already.
    """
    session.flush()
    session.refresh(wave, with_for_update={"of": Wave, "key_share": True})


def waves_of(session: Session, scopes: Sequence[str]) -> list[Wave]:
    """The waves of all counties whose codes begin with one of *scopes*, the newest first."""
    return list(
        session.scalars(
            sa.select(Wave)
            .where(within(Wave.county_code, scopes))
            .options(joinedload(Wave.county, innerjoin=True))
            .order_by(Wave.created_at.desc(), Wave.id.desc())
        )
    )


def rules_of(wave: Wave) -> RuleSet:
    """The rules the wave declared."""
    return RuleSet.from_content(wave.rules)


def plan_of(wave: Wave) -> dict[str, Any]:
    """The wave's plan as it was made, its groups in their fixed order.

    Raises:
        ConflictError: its size and quotas are not settled yet.
    """
    if wave.plan is None or (wave.plan_settled_at is None and wave.drawn_at is None):
        raise ConflictError("not_planned")
    return read_plan(wave.plan)


def read_plan(content: str) -> dict[str, Any]:
    """A plan from its canonical form, its groups in their fixed order."""
    plan = json.loads(content)
    plan.setdefault("invitations", dict(plan.get("quotas", {})))
    for part in ("quotas", "invitations", "balances"):
        known = plan.get(part, {})
        plan[part] = {group: known[group] for group in GROUPS if group in known}
    return plan


def extensions_of(session: Session, wave: Wave) -> list[WaveExtension]:
    """The later ends that *wave* was given, the first one first."""
    return list(
        session.scalars(
            sa.select(WaveExtension).where(WaveExtension.wave_id == wave.id).order_by(WaveExtension.id)
        )
    )


def counted_lists(county_file: CountyFile) -> dict[str, int]:
    """Sizes of the lists of deputies, CPPCC members and residents, where the county's file came with them."""
    known = json.loads(county_file.provenance or "{}").get("small_groups", {})
    return {group: known[group] for group in COUNTY_GROUPS if group in known}


def freeze_forms(session: Session, wave: Wave, now: datetime) -> dict[str, str]:
    """Fix the questionnaires of the wave: those that were chosen, else the built-in ones as they are now.

    Gives form -> digest. What was chosen is in `Wave.forms` already (`authoring.choose`).

    Raises:
        ConflictError: they are fixed already.
    """
    if wave.opened_at is not None:
        raise ConflictError("forms_frozen")
    taken = {used.form for used in wave.forms}
    for form in FORMS:
        if form not in taken:
            wave.forms.append(WaveForm(form=form, version=version_for(session, load_form(form), now)))
    session.flush()
    return {used.form: used.version.digest for used in wave.forms}


def form_of(session: Session, wave: Wave, group: str) -> tuple[int, Questionnaire]:
    """The questionnaire that *group* answers in the wave, with the number of its frozen version.

    Raises:
        ConflictError: the wave has not been opened.
    """
    version = session.scalars(
        sa.select(QuestionnaireVersion)
        .join(WaveForm, WaveForm.version_id == QuestionnaireVersion.id)
        .where(WaveForm.wave_id == wave.id, WaveForm.form == form_for_group(group))
    ).one_or_none()
    if version is None:
        raise ConflictError("not_opened")
    return version.id, from_content(version.content)
