"""Mergers tried on paper: what the county would be, kept beside what it is; nothing real changes."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evaluation import RemedyFileError, load_scheme, read_mergers, what_if
from evaluation.remedies import Transfer
from survey_app import audit
from survey_app.assessments.judging import scheme_now
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import verdict_of_run
from survey_app.canonical import canonical
from survey_app.counties.workbook.faults import Fault, shown
from survey_app.errors import NotFoundError, RefusedInputError
from survey_app.supervision.ledger.models import MergerTrial


def whole_schools(pairs: Iterable[tuple[str, str]], *, equipment: bool, rooms: bool) -> dict[str, Any]:
    """Give mergers of whole schools, each into one other, as :func:`evaluation.read_mergers` reads them.

    >>> whole_schools([("S1", "S2")], equipment=True, rooms=False)["mergers"]
    [{'school': 'S1', 'into': [{'school': 'S2', 'share': 1}]}]
    """
    return {
        "format": "mergers/1",
        "equipment_moves": equipment,
        "multimedia_rooms_move": rooms,
        "mergers": [{"school": school, "into": [{"school": into, "share": 1}]} for school, into in pairs],
    }


def try_mergers(
    session: Session,
    run: EvaluationRun,
    mergers: Mapping[str, Any] | bytes,
    *,
    title: str,
    by: str,
    now: datetime,
) -> MergerTrial:
    """Judge the county of a run again with its schools merged, and keep both sides.

    Args:
        session: where it is kept; the caller commits.
        run: the real state.
        mergers: a file as ``junheng remedies --mergers`` reads it, or the same parsed.
        title: what it is called.
        by: login of who tries it.
        now: the present instant.

    Raises:
        RefusedInputError: every fault of the mergers.
        ConflictError: the run can no longer be judged again.
    """
    verdict = verdict_of_run(run)
    try:
        found = what_if(verdict.county, verdict.scheme, read_mergers(mergers))
    except RemedyFileError as refused:
        raise RefusedInputError(
            [
                Fault(
                    value=shown(fault.value),
                    rule=fault.rule,
                    family="remedies",
                    facts={**fault.facts, "path": fault.where},
                )
                for fault in refused.faults
            ]
        ) from refused
    trial = MergerTrial(
        county_code=run.county_code,
        county_file_id=run.county_file_id,
        scheme_id=run.scheme_id,
        scheme_digest=run.scheme_digest,
        title=title,
        mergers=canonical(found.mergers.model_dump(mode="json", exclude_none=True)),
        result=canonical(found.document("zh")),
        made_at=now,
        made_by=by,
    )
    session.add(trial)
    session.flush()
    audit.record(
        session,
        "merger.tried",
        by=by,
        now=now,
        region=run.county_code,
        details={"trial": trial.id, "run": run.number, "schools": len(found.merged.left_behind)},
    )
    return trial


def document_of(trial: MergerTrial, lang: str = "zh") -> dict[str, Any]:
    """What a trial found, with its words in *lang* made from what was stored; no figure is computed anew.

    Sections keep the names they were stored with where the scheme is no longer the same.
    """
    document = json.loads(trial.result)
    if lang == "zh":
        return document
    for each in document["transfers"]:
        each["sentence"] = Transfer.of_document(each).sentence(lang)
    if scheme_now(trial.scheme_id) == trial.scheme_digest:
        scheme = load_scheme(trial.scheme_id)
        for section, found in document["comparison"]["sections"].items():
            found["label"] = scheme.section_label(section)[lang]
    return document


def get_trial(session: Session, county_code: str, trial_id: int) -> MergerTrial:
    """Give a trial of the county.

    Raises:
        NotFoundError: there is none with this number.
    """
    found = session.get(MergerTrial, trial_id)
    if found is None or found.county_code != county_code:
        raise NotFoundError
    return found


def trials_of(session: Session, county_code: str) -> list[MergerTrial]:
    """Give the county's trials, the newest first."""
    return list(
        session.scalars(
            sa.select(MergerTrial)
            .where(MergerTrial.county_code == county_code)
            .order_by(MergerTrial.id.desc())
        )
    )
