"""What stands around a run and is not part of its result: newer runs, the survey's interval, origins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evaluation.sensitivity import AlternativeRate
from survey_app.accounts.names import names_of
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.readings import alternatives_of
from survey_app.assessments.runs import WITHOUT_SNAPSHOTS
from survey_app.counties.origins import origins_of
from survey_app.counties.service import provenance_of
from survey_app.results.service import outcome_of
from survey_app.surveys.models import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The design-based estimate beside the official rate."""

    estimate: float
    lower: float
    upper: float
    #: Valid questionnaires it rests on.
    n: int
    #: clearly_above, clearly_below or not_decidable: where the whole interval lies.
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The surroundings of a run."""

    #: A later run of the same county and scheme, the newest one.
    newer: EvaluationRun | None
    wave_title: str | None
    #: What the wave that was fed in estimates.
    interval: Interval | None
    #: The rules it declared, in words (zh, en), and its rows of form Ⅵ.
    rules: Mapping[str, str]
    form_vi: tuple[Mapping[str, Any], ...]
    #: The ways to read that wave; empty without one, or where its figures may not be shown.
    alternatives: tuple[AlternativeRate, ...]
    #: Title of the document that published figures are taken from.
    document: str
    #: Published figures: label, value, wording, section.
    published: tuple[Mapping[str, Any], ...]
    #: Simulated ones: label, how.
    simulated: tuple[Mapping[str, Any], ...]
    #: What the document leaves open or says without grounds, beyond what figures can show.
    remarks: tuple[str, ...]
    #: What those are called whom the run names by their logins.
    people: Mapping[str, str]


def standing_of(session: Session, run: EvaluationRun) -> Standing:
    """Gather what stands around *run*."""
    origins = origins_of(provenance_of(run.county_file))
    wave = session.get(Wave, run.wave_id) if run.wave_id else None
    outcome = outcome_of(session, wave) if wave else None
    return Standing(
        newer=_newer(session, run),
        wave_title=wave.title if wave else None,
        interval=_interval(outcome) if outcome else None,
        rules=outcome["rules"]["words"] if outcome else {},
        form_vi=tuple(outcome["form_vi"]) if outcome else (),
        alternatives=alternatives_of(outcome) if outcome else (),
        document=origins.document,
        published=tuple(origins.published),
        simulated=tuple(origins.simulated),
        remarks=tuple(origins.remarks),
        people=names_of(session, _people_of(run)),
    )


def _people_of(run: EvaluationRun) -> set[str]:
    """The logins of those who imported, judged, proposed, agreed, and made *run*."""
    kept = [*json.loads(run.judgements), *json.loads(run.overrides)]
    named = {each.get(deed) for each in kept for deed in ("by", "proposed_by", "decided_by")}
    return (named | {run.county_file.imported_by, run.made_by}) - {None}


def _newer(session: Session, run: EvaluationRun) -> EvaluationRun | None:
    return session.scalars(
        sa.select(EvaluationRun)
        .where(
            EvaluationRun.county_code == run.county_code,
            EvaluationRun.scheme_id == run.scheme_id,
            EvaluationRun.level == run.level,
            EvaluationRun.number > run.number,
        )
        .order_by(EvaluationRun.number.desc())
        .options(*WITHOUT_SNAPSHOTS)
        .limit(1)
    ).first()


def _interval(outcome: Mapping[str, Any]) -> Interval | None:
    weighted = outcome.get("weighted")
    if not weighted or weighted.get("lower") is None:
        return None
    return Interval(
        estimate=weighted["estimate"],
        lower=weighted["lower"],
        upper=weighted["upper"],
        n=weighted["n"],
        verdict=weighted["verdict"],
    )
