"""A run as a file of its own: everything that is needed to check it anywhere, without a database."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from evaluation.loader import SCHEMES, load_scheme
from survey_app.assessments.applications.places import runs_of
from survey_app.assessments.applications.sealing import step_facts
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.runs import same_scheme
from survey_app.audit import AuditEntry
from survey_app.canonical import canonical, digest

#: What the file says it is, and in which form.
FORMAT = "junheng-run/1"

#: The deeds of the audit trail that concern applications and their runs.
_DEEDS = ("run.made", "application.%", "override.%", "judgement.%", "correction.%", "visit.%")


def export(session: Session, run: EvaluationRun) -> str:
    """Write a run as a file: snapshot, scheme, result, judgements, overrides, steps with seals, audit rows.

    The same run in the same application gives the same bytes until a further step is made.
    """
    return canonical(document_of(session, run))


def document_of(session: Session, run: EvaluationRun) -> dict[str, Any]:
    """What `export` writes, before it is written."""
    return {
        "format": FORMAT,
        "run": run_document(run),
        "scheme": scheme_files(run.scheme_id) if same_scheme(run) else {},
        "application": _application(session, run),
        "audit": [audit_document(each) for each in audit_rows(session, run)],
    }


def run_document(run: EvaluationRun) -> dict[str, Any]:
    """A run with its texts as they are stored, and the digests noted when it was made."""
    return {
        "county": run.county_code,
        "number": run.number,
        "level": run.level,
        "scheme_id": run.scheme_id,
        "scheme_digest": run.scheme_digest,
        "program_digest": run.program_digest,
        "county_file_digest": run.county_file.digest,
        "input": run.input,
        "input_digest": run.input_digest,
        "result": run.result,
        "result_digest": run.result_digest,
        "judgements": run.judgements,
        "judgements_digest": digest(run.judgements),
        "overrides": run.overrides,
        "overrides_digest": digest(run.overrides),
        "computed_verdict": run.computed_verdict,
        "verdict": run.verdict,
        "made_at": run.made_at.isoformat(timespec="microseconds"),
        "made_by": run.made_by,
    }


def scheme_files(scheme_id: str) -> dict[str, str]:
    """The files of a scheme and of those it extends, as installed: path → text with Unix line ends."""
    found: dict[str, str] = {}
    wanted: str | None = scheme_id.partition("@")[0]
    while wanted is not None and f"{wanted}/scheme.toml" not in found:
        for path in sorted((SCHEMES / wanted).glob("*.toml")):
            found[f"{wanted}/{path.name}"] = path.read_bytes().replace(b"\r\n", b"\n").decode("utf-8")
        wanted = load_scheme(wanted).head.extends
    return found


def audit_rows(session: Session, run: EvaluationRun) -> Sequence[AuditEntry]:
    """The rows of the audit trail that made the run, released its survey, and its application's own."""
    rows = (
        session.query(AuditEntry)
        .filter(AuditEntry.region_code == run.county_code)
        .filter(AuditEntry.action.in_(["run.made", "wave.released"]) | _like_any())
        .order_by(AuditEntry.number)
    )
    return [each for each in rows if _concerns(each, run)]


def audit_document(entry: AuditEntry) -> dict[str, Any]:
    """A row of the audit trail with what its hash is made of."""
    return {
        "number": entry.number,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "region": entry.region_code,
        "details": entry.details,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _like_any() -> Any:
    wanted = AuditEntry.action.like(_DEEDS[1])
    for pattern in _DEEDS[2:]:
        wanted |= AuditEntry.action.like(pattern)
    return wanted


def _concerns(entry: AuditEntry, run: EvaluationRun) -> bool:
    details = json.loads(entry.details)
    if run.application_id is not None and details.get("application") == run.application_id:
        return True
    if entry.action == "wave.released":
        return run.wave_id is not None and details.get("wave") == run.wave_id
    return entry.action == "run.made" and details.get("run") == run.number


def _application(session: Session, run: EvaluationRun) -> dict[str, Any] | None:
    application = run.application
    if application is None:
        return None
    runs = {each.id: each for each in runs_of(session, application)}
    return {
        "id": application.id,
        "county": application.county_code,
        "county_name": application.county.name,
        "year": application.year,
        "number": application.number,
        "scheme_id": application.scheme_id,
        "steps": [{**step_facts(step, runs[step.run_id]), "seal": step.seal} for step in application.steps],
    }
