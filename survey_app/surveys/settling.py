"""The first three steps of a wave: county and days, rules, size and quotas.

Each can be changed until later facts forbid it. What a change undoes is named and has to be agreed to; and
whoever saves says what they saw, so that nobody overwrites what somebody else changed in the meantime.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from evaluation.loader import load_scheme, schemes_for
from evaluation.scheme import Scheme
from survey_app import audit
from survey_app.canonical import canonical
from survey_app.counties import service as counties
from survey_app.counties.models import CountyFile
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.surveys import authoring, service
from survey_app.surveys.details import Details, details_as_written
from survey_app.surveys.groups import FORMS
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import exact_number
from survey_app.surveys.rules import RuleSet, default_rules
from survey_app.surveys.school_lists import COUNTY_GROUPS, school_lists
from survey_app.surveys.wave_plans import PlanInput, WavePlan, faults_of_schools, plan_wave, population_of

#: Where a wave can still be changed: before its draw, or before it opens.
_UNDRAWN = {WaveState.DRAFT}
_UNOPENED = {WaveState.DRAFT, WaveState.DRAWN}

#: Printed on cards and materials.
_PRINTED = ("title", "opens_at", "closes_at", "contact", "pressure_contact")


class ChangedMeanwhileError(ConflictError):
    """Somebody else changed what is being saved; *changes* are (name, as it was seen, as it is now)."""

    code = "changed_meanwhile"

    def __init__(self, changes: list[tuple[str, str, str]]):
        super().__init__(names=", ".join(name for name, *_ in changes))
        self.changes = changes


class AgreementNeededError(ConflictError):
    """The change undoes something; *lost* names it: ``plan``, ``frame`` or ``cards``."""

    code = "would_undo"

    def __init__(self, lost: tuple[str, ...]):
        super().__init__(lost=", ".join(lost))
        self.lost = lost


def sample_schemes(county_code: str) -> list[Scheme]:
    """The schemes with a sample rule, those that judge the county first."""
    return [scheme for scheme in map(load_scheme, schemes_for(county_code)) if scheme.sample is not None]


def begin_wave(
    session: Session, details: Details, *, county_file: CountyFile, by: str, now: datetime
) -> Wave:
    """Begin a wave of the county: its first step; rules are the usual ones until somebody settles them.

    Raises:
        ConflictError: the county's file has no resident population.
        RefusedInputError: with every fault of the details and of the schools' figures.
    """
    document = counties.document_of(county_file)
    population_of(document)
    faults = [*details.faults, *faults_of_schools(school_lists(document))]
    if faults:
        raise RefusedInputError(faults, "wave_refused")
    scheme = sample_schemes(county_file.county_code)[0]
    wave = Wave(
        county_code=county_file.county_code,
        county_file_id=county_file.id,
        scheme_id=scheme.id,
        scheme_digest=scheme.digest,
        rules=default_rules().content,
        created_at=now,
        created_by=by,
        **details.columns,
    )
    session.add(wave)
    session.flush()
    _note(session, wave, "wave.begun", by=by, now=now, county_file=county_file.digest)
    return wave


def change_details(
    session: Session,
    wave: Wave,
    details: Details,
    *,
    county_file: CountyFile,
    seen: Mapping[str, str],
    agreed: bool,
    by: str,
    now: datetime,
) -> Wave:
    """Change title, days, contacts, and the version of the county's figures the wave is made from.

    Raises:
        ConflictError: the wave is open or over; drawn, and another county file is wanted.
        ChangedMeanwhileError: the details are not as *seen*.
        AgreementNeededError: it undoes something and nobody *agreed*.
        RefusedInputError: with every fault.
    """
    _hold(session, wave, _UNOPENED)
    _compare(details_as_written(wave), seen)
    if county_file.county_code != wave.county_code:
        raise NotFoundError
    other_file = county_file.id != wave.county_file_id
    if other_file and wave.drawn_at is not None:
        raise ConflictError("already_drawn")
    faults = details.faults
    if other_file:
        document = counties.document_of(county_file)
        population_of(document)
        faults += faults_of_schools(school_lists(document))
    if faults:
        raise RefusedInputError(faults, "wave_refused")
    columns = details.columns
    before = {name: getattr(wave, name) for name in columns}
    lost = _undone(wave) if other_file else ()
    if wave.drawn_at is not None and any(before[name] != columns[name] for name in _PRINTED):
        lost = ("cards",)
    _agree(lost, agreed=agreed)
    for name, value in columns.items():
        setattr(wave, name, value)
    if other_file:
        wave.county_file_id = county_file.id
        wave.county_file = county_file
        _undo_plan(wave)
    session.flush()
    changed = sorted(name for name in columns if before[name] != columns[name])
    if changed or other_file:
        changed += ["county_file"] if other_file else []
        _note(session, wave, "wave.changed", by=by, now=now, changed=changed, undone=list(lost))
    return wave


def settle_rules(
    session: Session,
    wave: Wave,
    rules: RuleSet,
    *,
    scheme_id: str,
    versions: Mapping[str, int | None],
    seen: Mapping[str, str],
    agreed: bool,
    by: str,
    now: datetime,
) -> Wave:
    """Settle the scheme, the rules and the questionnaires; they are fixed when the wave opens.

    Raises:
        ConflictError: the wave is open or over; drawn, and another scheme is wanted.
        ChangedMeanwhileError: the rules are not as *seen*.
        AgreementNeededError: another scheme undoes the plan and nobody *agreed*.
        NotFoundError: no such scheme, or a questionnaire the county cannot use.
    """
    _hold(session, wave, _UNOPENED)
    _compare(rules_as_written(session, wave), seen)
    scheme = next((each for each in sample_schemes(wave.county_code) if each.id == scheme_id), None)
    if scheme is None:
        raise NotFoundError
    other_scheme = scheme_id != wave.scheme_id
    if other_scheme and wave.drawn_at is not None:
        raise ConflictError("already_drawn")
    lost = _undone(wave) if other_scheme else ()
    _agree(lost, agreed=agreed)
    authoring.choose(session, wave, versions)
    wave.rules = rules.content
    if other_scheme:
        wave.scheme_id, wave.scheme_digest = scheme.id, scheme.digest
        _undo_plan(wave)
    wave.rules_settled_at = now
    session.flush()
    forms = {form: choice.digest for form, choice in authoring.chosen(session, wave).items()}
    _note(
        session,
        wave,
        "wave.rules_settled",
        by=by,
        now=now,
        scheme=scheme_id,
        rules=rules.digest,
        forms=forms,
        undone=list(lost),
    )
    return wave


def preview_plan(wave: Wave, given: PlanInput) -> WavePlan:
    """The plan that *given* would make; nothing is stored.

    Raises:
        RefusedInputError: with every fault.
    """
    return plan_wave(counties.document_of(wave.county_file), scheme_id=wave.scheme_id, given=given)


def settle_plan(
    session: Session,
    wave: Wave,
    given: PlanInput,
    *,
    seen: Mapping[str, str],
    agreed: bool,
    by: str,
    now: datetime,
) -> WavePlan:
    """Settle size, quotas, invitations and balances.

    Raises:
        ConflictError: the rules are not settled, or the wave is drawn.
        ChangedMeanwhileError: the plan, or what it is made from, is not as *seen*.
        AgreementNeededError: it undoes the frame and nobody *agreed*.
        RefusedInputError: with every fault.
    """
    _hold(session, wave, _UNDRAWN)
    _compare(plan_as_written(wave), seen)
    if wave.rules_settled_at is None:
        raise ConflictError("rules_not_settled")
    made = preview_plan(wave, given)
    content = canonical(made.record())
    if wave.plan_settled_at is not None and content == wave.plan:
        return made
    lost = ("frame",) if wave.framed_at is not None else ()
    _agree(lost, agreed=agreed)
    wave.plan = content
    wave.scheme_digest = made.plan.scheme.digest
    wave.plan_settled_at = now
    wave.framed_at = None
    session.flush()
    _note(
        session,
        wave,
        "wave.planned",
        by=by,
        now=now,
        sample_size=made.plan.size.n,
        invitations=sum(made.invitations.values()),
        county_file=wave.county_file.digest,
        undone=list(lost),
    )
    return made


def rules_as_written(session: Session, wave: Wave) -> dict[str, str]:
    """Scheme, rules and questionnaires of *wave* as their form writes them."""
    rules = service.rules_of(wave)
    written = {"scheme_id": wave.scheme_id, "posters": rules.posters, **json.loads(rules.content)}
    written["dont_know_below"] = _as_percent(rules.dont_know_below)
    written["satisfied_from"] = str(exact_number(rules.satisfied_from))
    chosen = authoring.chosen(session, wave)
    return written | {f"form_{form}": str(chosen[form].version_id or "") for form in FORMS}


def plan_as_written(wave: Wave) -> dict[str, str]:
    """What the county said of its plan as the form writes it, with what the plan is made from."""
    written = {"scheme_id": wave.scheme_id, "county_file": str(wave.county_file_id)}
    plan = last_plan_of(wave)
    if plan is None:
        return written
    chosen = plan.get("chosen", {})
    sizes = {group: str(plan["group_sizes"].get(group, "")) for group in COUNTY_GROUPS}
    rates = {
        f"rate_{group}": _as_percent(Fraction(str(rate)))
        for group, rate in plan.get("response_rates", {}).items()
    }
    invited = {f"invite_{group}": str(n) for group, n in chosen.get("invitations", {}).items()}
    residents = {name: str(n) for name, n in chosen.get("localities", {}).items()}
    effects = ", ".join(f"{effect:g}" for effect in chosen.get("design_effects", []))
    return {
        **written,
        **sizes,
        **rates,
        **invited,
        **residents,
        "balance_bands": "y" if chosen.get("balance_bands") else "",
        "design_effects": effects,
    }


def last_plan_of(wave: Wave) -> dict[str, Any] | None:
    """The plan last made, also where it has to be settled again; None before the first."""
    return None if wave.plan is None else service.read_plan(wave.plan)


def _hold(session: Session, wave: Wave, states: set[WaveState]) -> None:
    """Keep others away, and refuse where the wave is too far."""
    service.lock_wave(session, wave)
    if wave.state not in states:
        raise ConflictError("already_drawn" if wave.state is WaveState.DRAWN else "wave_fixed")


def _compare(as_written: Mapping[str, str], seen: Mapping[str, str]) -> None:
    """Refuse where the wave, held, is not as it was seen."""
    changes = [
        (name, seen.get(name, ""), as_written.get(name, ""))
        for name in dict.fromkeys([*as_written, *seen])
        if seen.get(name, "") != as_written.get(name, "")
    ]
    if changes:
        raise ChangedMeanwhileError(changes)


def _undone(wave: Wave) -> tuple[str, ...]:
    """What another county file or scheme undoes."""
    reached = {"plan": wave.plan_settled_at, "frame": wave.framed_at}
    return tuple(name for name, at in reached.items() if at is not None)


def _undo_plan(wave: Wave) -> None:
    wave.plan_settled_at = wave.framed_at = None


def _agree(lost: tuple[str, ...], *, agreed: bool) -> None:
    if lost and not agreed:
        raise AgreementNeededError(lost)


def _as_percent(share: Fraction) -> str:
    return str(exact_number(share * 100))


def _note(session: Session, wave: Wave, action: str, *, by: str, now: datetime, **facts: Any) -> None:
    audit.record(session, action, by=by, now=now, region=wave.county_code, details={"wave": wave.id, **facts})
