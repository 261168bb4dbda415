"""Back-checks (回访): a drawn share of the finished interviews is called again by the supervisor."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork.models import BackCheck, CallAttempt, PhoneCase
from survey_app.fieldwork.telephone.calling import COMPLETE
from survey_app.fieldwork.telephone.rules import CallRules
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave

#: What a back-check can find; after `not_reached` it may be tried again.
FINDINGS = ("confirmed", "denied", "not_reached")


def drawn_first(seed: str, cases: Iterable[int]) -> list[int]:
    """The cases in the order in which *seed* draws them: by SHA-256 of seed and case, smallest first.

    >>> drawn_first("2026", [1, 2, 3])
    [1, 3, 2]
    """
    return sorted(cases, key=lambda case: (hashlib.sha256(f"{seed}\n{case}".encode()).digest(), case))


def wanted(rules: CallRules, interviews: int) -> int:
    """How many of so many interviews are called again: the share, but no fewer than the rules say."""
    return min(interviews, max(rules.back_check_fewest, ceil(rules.back_check_share * interviews)))


def draw(session: Session, wave: Wave, rules: CallRules, *, seed: str, by: str, now: datetime) -> int:
    """Draw interviews until the share of all finished ones is drawn; how many came in.

    The seed is named after the interviews took place, so that nobody could know which would be checked; it is
    kept in the trail, with which anybody can repeat the draw.

    Raises:
        ConflictError: there is no finished interview, or the share is drawn already.
    """
    surveys.lock_wave(session, wave)
    finished = interviews_of(session, wave)
    known = set(session.scalars(sa.select(BackCheck.case_id).where(BackCheck.case_id.in_(finished))))
    missing = wanted(rules, len(finished)) - len(known)
    if missing <= 0:
        raise ConflictError("back_checks_drawn" if finished else "no_interviews", n=len(known))
    chosen = drawn_first(seed, [case for case in finished if case not in known])[:missing]
    _add(session, chosen, now)
    details = {"wave": wave.id, "seed": seed, "interviews": len(finished), "cases": chosen}
    audit.record(
        session, "telephone.back_checks_drawn", by=by, now=now, region=wave.county_code, details=details
    )
    return len(chosen)


def record_finding(
    session: Session, check: BackCheck, finding: str, *, remark: str = "", by: str, now: datetime
) -> int:
    """Record what a back-check found; how many more interviews it brought in.

    Where somebody denies that an interview took place, all others of the same interviewer are checked too.

    Raises:
        ConflictError: it was confirmed or denied before.
    """
    case = session.get_one(PhoneCase, check.case_id)
    wave = session.get_one(Wave, case.wave_id)
    surveys.lock_wave(session, wave)
    session.refresh(check)
    if check.finding in {"confirmed", "denied"}:
        raise ConflictError("back_check_done")
    check.finding, check.checked_at, check.checked_by = finding, now, by
    check.remark = remark.strip()[:500]
    session.flush()
    more = _others_of(session, wave, check.case_id) if finding == "denied" else []
    _add(session, more, now)
    details = {"wave": wave.id, "case": case.id, "finding": finding, "more": len(more)}
    audit.record(session, "telephone.back_checked", by=by, now=now, region=wave.county_code, details=details)
    return len(more)


def checks_of(session: Session, wave: Wave) -> list[tuple[BackCheck, str]]:
    """The back-checks of *wave* with the login of who made the interview; those to be done first."""
    rows = session.execute(
        sa.select(BackCheck, CallAttempt.by)
        .join(PhoneCase, PhoneCase.id == BackCheck.case_id)
        .join(CallAttempt, sa.and_(CallAttempt.case_id == PhoneCase.id, CallAttempt.outcome == COMPLETE))
        .where(PhoneCase.wave_id == wave.id)
        .order_by(BackCheck.finding.in_(("confirmed", "denied")), BackCheck.case_id)
    )
    return [(row.BackCheck, row.by) for row in rows]


def findings(session: Session, wave: Wave) -> Counter[str]:
    """How many back-checks of *wave* found what; the empty finding is one still to be done."""
    rows = session.execute(
        sa.select(BackCheck.finding, sa.func.count())
        .join(PhoneCase, PhoneCase.id == BackCheck.case_id)
        .where(PhoneCase.wave_id == wave.id)
        .group_by(BackCheck.finding)
    )
    return Counter(dict(rows.all()))


def denied(session: Session, wave: Wave) -> int:
    """How many people of *wave* said that the interview did not take place: an alarm if there is one."""
    return findings(session, wave)["denied"]


def check_of(session: Session, case_id: int) -> BackCheck:
    """The back-check of a case.

    Raises:
        NotFoundError: it was not drawn.
    """
    check = find(session, case_id)
    if check is None:
        raise NotFoundError
    return check


def find(session: Session, case_id: int) -> BackCheck | None:
    """The back-check of a case, if it was drawn."""
    return session.get(BackCheck, case_id)


def interviews_of(session: Session, wave: Wave) -> list[int]:
    """The cases of *wave* whose interview was finished."""
    return list(
        session.scalars(
            sa.select(PhoneCase.id)
            .where(PhoneCase.wave_id == wave.id, PhoneCase.outcome == COMPLETE)
            .order_by(PhoneCase.id)
        )
    )


def _others_of(session: Session, wave: Wave, case_id: int) -> list[int]:
    """The finished interviews of whoever made this one that are not drawn yet."""
    who = sa.select(CallAttempt.by).where(CallAttempt.case_id == case_id, CallAttempt.outcome == COMPLETE)
    drawn = sa.exists().where(BackCheck.case_id == CallAttempt.case_id)
    return list(
        session.scalars(
            sa.select(CallAttempt.case_id)
            .join(PhoneCase, PhoneCase.id == CallAttempt.case_id)
            .where(
                PhoneCase.wave_id == wave.id,
                CallAttempt.outcome == COMPLETE,
                CallAttempt.by == who.scalar_subquery(),
                ~drawn,
            )
            .order_by(CallAttempt.case_id)
        )
    )


def _add(session: Session, cases: Iterable[int], now: datetime) -> None:
    session.add_all(BackCheck(case_id=case, drawn_at=now) for case in cases)
    session.flush()
