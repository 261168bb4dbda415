"""A wave that checks another: the same questionnaires and rules, other people of the same lists."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.canonical import canonical
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.surveys import service as surveys
from survey_app.surveys.details import Details
from survey_app.surveys.models import Wave, WaveForm

#: What the county does in a survey of its own, and whoever reviews flags in one that checks it.
_CHECKERS = {"wave.open", "wave.close", "wave.abort", "cards.download"}


def permission_for(wave: Wave, permission: str) -> str:
    """The permission that is needed in *wave*: a sample that checks a county is not in its hands."""
    return "integrity.review" if wave.verifies_wave_id and permission in _CHECKERS else permission


def plan_verification(
    session: Session,
    first: Wave,
    *,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    invitations: Mapping[str, int],
    by: str,
    now: datetime,
) -> Wave:
    """Make the wave that asks people again about *first*, its questionnaires, rules and plan settled.

    Raises:
        ConflictError: *first* checks another wave itself, or has no fixed questionnaires.
        RefusedInputError: a title or days that cannot be.
    """
    if first.verifies_wave_id is not None:
        raise ConflictError("verifies_already")
    if first.opened_at is None:
        raise ConflictError("not_opened")
    details = Details(
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
        contact=first.contact,
        pressure_contact=first.pressure_contact,
    )
    if details.faults:
        raise RefusedInputError(details.faults, "wave_refused")
    plan = surveys.plan_of(first) | {
        "sample_size": sum(invitations.values()),
        "quotas": dict(invitations),
        "invitations": dict(invitations),
        "balances": {},
    }
    wave = Wave(
        county_code=first.county_code,
        county_file_id=first.county_file_id,
        verifies_wave_id=first.id,
        scheme_id=first.scheme_id,
        scheme_digest=first.scheme_digest,
        rules=first.rules,
        plan=canonical(plan),
        created_at=now,
        created_by=by,
        rules_settled_at=now,
        plan_settled_at=now,
        **details.columns,
    )
    wave.forms = [WaveForm(form=used.form, version_id=used.version_id) for used in first.forms]
    session.add(wave)
    session.flush()
    details_noted = {"wave": wave.id, "verifies": first.id, "sample_size": sum(invitations.values())}
    audit.record(
        session, "wave.verification_planned", by=by, now=now, region=wave.county_code, details=details_noted
    )
    return wave
