"""Use cases of the room: making a wave, and reading what it declared."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from survey_app import audit
from survey_app.canonical import canonical
from survey_app.counties import service as counties
from survey_app.counties.models import CountyFile
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.formatting import instant
from survey_app.lines import is_line
from survey_app.surveys.groups import FORMS, GROUPS, form_for_group
from survey_app.surveys.models import QuestionnaireVersion, Wave, WaveForm
from survey_app.surveys.planning import PlanFault, fault, make_plan
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import from_content, load_form
from survey_app.surveys.rules import RuleSet
from survey_app.surveys.school_lists import COUNTY_GROUPS, school_lists

_LONGEST_TITLE = 128
_LONGEST_CONTACT = 200

#: Years in which a survey can take place: a date outside them was mistyped.
_EARLIEST, _LATEST = 2000, 2100


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
    by: str,
    now: datetime,
) -> Wave:
    """Plan a wave of the county: sample size and quotas from its population, capped by what its groups hold.

    Parents, pupils, teachers and principals are counted over the schools of the file; *group_sizes* says
    how many deputies, CPPCC members and other residents can be listed.

    Raises:
        ConflictError: the file has no resident population.
        RefusedInputError: with every fault of the input and of the schools' figures.
    """
    document = counties.document_of(county_file)
    population = document["county"].get("resident_population")
    if population is None:
        raise ConflictError("population_missing", county=county_file.county.name)
    counted = school_lists(document)
    faults = [
        *_faults_of_words(title, contact, pressure_contact),
        *_faults_of_window(opens_at, closes_at),
        *(_size_missing(group) for group in COUNTY_GROUPS if not group_sizes.get(group)),
        *counted.faults,
    ]
    if not counted.faults and not counted.sizes["parent"]:
        faults.append(fault("schools", "no_parents", "0"))
    if faults:
        raise RefusedInputError(faults, "wave_refused")
    sizes = counted.sizes | {group: group_sizes[group] for group in COUNTY_GROUPS}
    plan = make_plan(population, scheme_id=scheme_id, group_sizes=sizes)
    wave = Wave(
        county_code=county_file.county_code,
        county_file_id=county_file.id,
        title=title.strip(),
        scheme_id=plan.scheme.id,
        scheme_digest=plan.scheme.digest,
        rules=rules.content,
        plan=canonical(plan.record()),
        opens_at=opens_at,
        closes_at=closes_at,
        contact=contact.strip(),
        pressure_contact=pressure_contact.strip(),
        created_at=now,
        created_by=by,
    )
    session.add(wave)
    session.flush()
    audit.record(
        session,
        "wave.planned",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "sample_size": plan.size.n, "county_file": county_file.digest},
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
    """Keep everybody else from changing *wave* until the transaction ends, and see it as it is now."""
    session.flush()
    session.refresh(wave, with_for_update={"of": Wave})


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
    if wave.plan is None:
        raise ConflictError("not_planned")
    plan = json.loads(wave.plan)
    plan["quotas"] = {group: plan["quotas"][group] for group in GROUPS if group in plan["quotas"]}
    return plan


def counted_lists(county_file: CountyFile) -> dict[str, int]:
    """Sizes of the lists of deputies, CPPCC members and residents, where the county's file came with them."""
    known = json.loads(county_file.provenance or "{}").get("small_groups", {})
    return {group: known[group] for group in COUNTY_GROUPS if group in known}


def freeze_forms(session: Session, wave: Wave, now: datetime) -> dict[str, str]:
    """Fix the questionnaires of the wave: the versions that were chosen, else the built-in ones as they are now.

    Gives form -> digest. What was chosen is in `Wave.forms` already (`authoring.choose`).

    Raises:
        ConflictError: they are fixed already.
    """
    if wave.opened_at is not None:
        raise ConflictError("forms_frozen")
    taken = {used.form for used in wave.forms}
    for form in FORMS:
        if form not in taken:
            wave.forms.append(WaveForm(form=form, version=_version(session, load_form(form), now)))
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


def _version(session: Session, form: Questionnaire, now: datetime) -> QuestionnaireVersion:
    known = session.scalars(
        sa.select(QuestionnaireVersion).where(QuestionnaireVersion.digest == form.digest)
    ).one_or_none()
    if known is not None:
        return known
    version = QuestionnaireVersion(form=form.form, digest=form.digest, content=form.content, published_at=now)
    session.add(version)
    session.flush()
    return version


def _faults_of_words(title: str, contact: str, pressure_contact: str) -> list[PlanFault]:
    given = {
        "title": (title, _LONGEST_TITLE, "title_empty"),
        "contact": (contact, _LONGEST_CONTACT, "contact_empty"),
        "pressure_contact": (pressure_contact, _LONGEST_CONTACT, "contact_empty"),
    }
    faults = [
        fault(name, rule, text, most=longest)
        for name, (text, longest, rule) in given.items()
        if not 0 < len(text.strip()) <= longest
    ]
    broken = [name for name, (text, *_) in given.items() if not is_line(text.strip())]
    return faults + [fault(name, "not_a_line", given[name][0]) for name in broken]


def _faults_of_window(opens_at: datetime, closes_at: datetime) -> list[PlanFault]:
    years = range(_EARLIEST, _LATEST + 1)
    odd = [each for each in (opens_at, closes_at) if each.year not in years]
    if odd:
        return [fault("closes_at", "window_years", odd[0].year, first=_EARLIEST, last=_LATEST)]
    if opens_at < closes_at:
        return []
    return [fault("closes_at", "window_empty", f"{instant(opens_at)} – {instant(closes_at)}")]


def _size_missing(group: str) -> PlanFault:
    return fault("group_size", "list_size_missing", group, group=GROUPS[group].label)
