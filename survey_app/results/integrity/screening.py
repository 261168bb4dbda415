"""Screening a mixed wave: every test that can run, what could not and why, and the rate with and without.

The figures are computed once, from what the mixed answers keep, and frozen. Permutations come from a seed
that is made of the wave's number and county, so that anybody with the same answers finds the same figures.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.canonical import canonical, digest
from survey_app.errors import ConflictError
from survey_app.results.integrity.declared import declared
from survey_app.results.integrity.findings import Findings
from survey_app.results.integrity.material import Material, read_material
from survey_app.results.integrity.rates_without import rates_of
from survey_app.results.models import WaveIntegrity
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState

#: Who acts, in the audit trail.
ACTOR = "screen_wave"


def screen_wave(
    session: Session, wave_id: int, *, now: datetime, pause: Callable[[], None] = lambda: None
) -> WaveIntegrity:
    """Compute and freeze the figures of integrity of a mixed wave; doing it again changes nothing.

    Args:
        session: where it is read and frozen; the caller commits.
        wave_id: the mixed wave.
        now: the present instant.
        pause: called between reading and computing, which takes a while: a job ends its transaction there,
            so that nobody waits for it. What a mixed wave holds does not change any more.

    Raises:
        ConflictError: the wave is not mixed yet.
    """
    known = session.get(WaveIntegrity, wave_id)
    if known is not None:
        return known
    material = read_material(session, _mixed(session, wave_id))
    pause()
    document = canonical(compute_integrity(material))
    wave = _mixed(session, wave_id)
    surveys.lock_wave(session, wave)
    known = session.get(WaveIntegrity, wave_id)
    if known is not None:
        return known
    made = WaveIntegrity(wave_id=wave_id, content=document, digest=digest(document), computed_at=now)
    session.add(made)
    session.flush()
    details = {"wave": wave_id, "integrity": made.digest}
    audit.record(session, "wave.screened", by=ACTOR, now=now, region=wave.county_code, details=details)
    return made


def _mixed(session: Session, wave_id: int) -> Wave:
    wave = surveys.get_wave(session, wave_id)
    if wave.state not in (WaveState.MIXED, WaveState.RELEASED):
        raise ConflictError("wave_not_mixed")
    return wave


def compute_integrity(material: Material) -> dict[str, Any]:
    """Compute every finding on a mixed wave from what its answers keep."""
    seed = digest(f"junheng integrity/{material.wave['county']}/{material.wave['id']}")
    made = Findings(material, seed)
    for each in material.groups:
        made.look_at(each)
    for each in material.arrivals:
        made.look_at_arrivals(each)
    made.note_groups_without_schools({each.group for each in material.groups})
    for each in material.compared:
        made.compare(each)
    findings = made.judged()
    flagged = {tuple(each["pool"]) for each in findings if each["flagged"] and each["pool"]}
    return {
        "wave": dict(material.wave),
        "verifies": material.verifies,
        "seed": seed,
        "declared": {
            "digest": declared().digest,
            "fdr": str(declared().fdr),
            "least": declared().least,
            "permutations": declared().permutations,
        },
        "tests": made.tests(findings),
        "findings": findings,
        "not_run": made.not_run,
        "places": {
            "looked_at": len({tuple(each["pool"]) for each in findings if each["pool"]}),
            "flagged": len(flagged),
        },
        "rates": rates_of(material, flagged),
    }
