"""Seals: each step of an application is bound to its run and to the step before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.assessments.applications.models import ApplicationStep
from survey_app.assessments.models import EvaluationRun
from survey_app.canonical import canonical, digest

#: What the first step of an application is bound to.
ORIGIN = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first step of a chain that does not hold: *rule* says in which way."""

    number: int
    #: ``number`` (a step is missing or out of place), ``seal`` (it, or what it says of its run, is not what
    #: was sealed), ``run`` (its run is gone or is not what its digests say), ``trail`` (the audit trail tells
    #: of another step, or of none).
    rule: str


def run_facts(run: EvaluationRun) -> dict[str, Any]:
    """What a seal says of a run: its digests, and what it concludes."""
    return {
        "number": run.number,
        "input_digest": run.input_digest,
        "result_digest": run.result_digest,
        "judgements_digest": digest(run.judgements),
        "overrides_digest": digest(run.overrides),
        "scheme_id": run.scheme_id,
        "scheme_digest": run.scheme_digest,
        "program_digest": run.program_digest,
        "computed_verdict": run.computed_verdict,
        "verdict": run.verdict,
    }


def step_facts(step: ApplicationStep, run: EvaluationRun) -> dict[str, Any]:
    """What is sealed of a step, apart from the seal before."""
    return {
        "application": step.application_id,
        "number": step.number,
        "level": step.level,
        "action": step.action,
        "run": run_facts(run),
        "by": step.made_by,
        "name": step.made_by_name,
        "at": step.made_at.isoformat(timespec="microseconds"),
        "reason": step.reason,
    }


def seal_of(facts: Mapping[str, Any], before: str) -> str:
    """The seal of a step: SHA-256 over its facts and the seal of the step before."""
    return digest(canonical({**facts, "before": before}))


def first_broken(steps: Iterable[Mapping[str, Any]]) -> Broken | None:
    """The first step that is missing, out of place or altered, of steps with their ``seal``; None if none is.

    >>> facts = {"application": 1, "number": 1}
    >>> first_broken([{**facts, "seal": seal_of(facts, ORIGIN)}])
    >>> first_broken([{**facts, "seal": ORIGIN}]).rule
    'seal'
    """
    before = ORIGIN
    for expected, step in enumerate(steps, start=1):
        facts = {key: value for key, value in step.items() if key != "seal"}
        if facts.get("number") != expected:
            return Broken(number=expected, rule="number")
        if seal_of(facts, before) != step.get("seal"):
            return Broken(number=expected, rule="seal")
        before = str(step["seal"])
    return None
