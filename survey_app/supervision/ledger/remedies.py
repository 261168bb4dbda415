"""The cheapest plan that would meet the resource standard, computed by a job, and its changes as tasks.

A plan is said in both languages when it is made; tasks are written in Chinese, as the whole ledger is.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from evaluation import RemedyFileError, UnitCosts, plan_remedies, read_unit_costs
from evaluation.loader import program_digest
from survey_app import prepared
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import get_run, verdict_of_run
from survey_app.canonical import canonical
from survey_app.config import Settings
from survey_app.counties.workbook.faults import Fault, shown
from survey_app.db import db
from survey_app.errors import RefusedInputError
from survey_app.prepared import Maker, PreparedFile, Progress
from survey_app.supervision.ledger.plans import Responsibilities
from survey_app.supervision.ledger.tasks import Draft

#: Kind of prepared file.
KIND = "remedies"

#: Seconds for one solve; a plan takes several.
_SECONDS = 20.0

#: The languages a plan is said in, that of the ledger first.
_LANGUAGES = ("zh", "en")


def ask(session: Session, run: EvaluationRun, *, costs: bytes | None, by: str, now: datetime) -> PreparedFile:
    """The plan for the county of *run*; the same run and prices find the same plan.

    Args:
        session: where the wish is noted; the caller commits and then begins.
        run: whose county falls short.
        costs: a file of unit costs as ``junheng remedies --costs`` reads it; without one nothing can be
            bought, only teachers moved.
        by: login of who asks.
        now: the present instant.

    Raises:
        RefusedInputError: every fault of the prices.
        ConflictError: the run can no longer be judged again.
    """
    _prices(run, costs)
    arguments = {"run": run.id, "costs": costs.decode("utf-8-sig") if costs else ""}
    facts = [run.input_digest, run.scheme_digest, program_digest(), *_LANGUAGES]
    return prepared.ask(
        session, kind=KIND, arguments=arguments, facts=facts, region=run.county_code, by=by, now=now
    )


def maker(_app: Flask) -> Maker:
    """Make the plan as a JSON document: the run, and the plan once in each language."""

    def make(told: dict[str, Any], progress: Progress) -> tuple[bytes, str]:
        run = get_run(db.session, told["run"])
        verdict, number = verdict_of_run(run), run.number
        prices = _prices(run, told["costs"].encode() or None)
        progress(0, 1)
        plan = plan_remedies(
            verdict.county,
            verdict.scheme,
            unit_costs=prices.buy,
            moving_costs=prices.move,
            ownership=prices.ownership,
            seconds=_SECONDS,
        )
        document = {"run": told["run"], **{lang: plan.document(lang) for lang in _LANGUAGES}}
        return canonical(document).encode(), f"remedies-{number}.json"

    return make


def plan_of(settings: Settings, file: PreparedFile, lang: str = _LANGUAGES[0]) -> dict[str, Any] | None:
    """The plan in a file that is ready, with its ``run`` and the ``lang`` it is really in.

    Files made before plans were said in every language hold the Chinese one alone. None while the file is
    being made.
    """
    path = prepared.stored_at(settings, file)
    if path is None:
        return None
    kept = json.loads(path.read_bytes())
    said = lang if lang in kept else _LANGUAGES[0]
    return {**kept.get(said, kept), "run": kept["run"], "lang": said}


def drafts(
    run: EvaluationRun,
    plan: Mapping[str, Any],
    chosen: set[int],
    *,
    responsibilities: Responsibilities | None,
) -> list[Draft]:
    """Give the chosen changes of a plan, said in Chinese, as tasks with their school and what they cost.

    The money stands in the year after the county file's own, the first in which it could be spent.
    """
    found = []
    for position, change in enumerate(plan["changes"]):
        if position not in chosen:
            continue
        item = _ITEMS.get(change["figure"], "")
        departments = responsibilities.of(item) if responsibilities and item else []
        yuan = round(Fraction(str(change["cost"])))
        found.append(
            Draft(
                title=change["sentence"][:200],
                measure=change["sentence"],
                department=departments[0] if departments else "教育局",
                helpers=departments[1:],
                budgets={run.county_file.year + 1: yuan} if yuan else {},
                origin="remedy",
                scheme_id=run.scheme_id,
                finding=item,
                school_code=change["school"],
                stage=change["stage"],
            )
        )
    return found


#: What is bought or moved → the indicator it is for.
_ITEMS = {
    "above_qualification": "R1",
    "backbone": "R2",
    "pe_arts": "R3",
    "teaching_area": "R4",
    "sports_ground_area": "R5",
    "equipment_value": "R6",
    "multimedia_rooms": "R7",
}


def _prices(run: EvaluationRun, costs: bytes | None) -> UnitCosts:
    scheme = verdict_of_run(run).scheme
    if not costs:
        return UnitCosts(buy={}, move={}, ownership=("public",))
    try:
        return read_unit_costs(costs, scheme)
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
