"""What tasks said at an earlier instant: their rows say what holds now, the trail what it was before."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.audit import AuditEntry


def described_then(
    session: Session, codes: Sequence[str], *, before: datetime
) -> dict[tuple[str, int], dict[str, Any]]:
    """Give what tasks said just before an instant, of those that were changed since; by county and number.

    One statement. Each holds `department`, `helpers`, `deadline` (a day of ISO 8601 or None), `budgets`
    (yuan by year) and `measure`, as the first change since then kept what was before it.
    """
    rows = session.execute(
        sa.select(AuditEntry.region_code, AuditEntry.details)
        .where(
            AuditEntry.action == "task.changed",
            AuditEntry.region_code.in_(codes),
            AuditEntry.at >= before,
        )
        .order_by(AuditEntry.number)
    )
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for code, details in rows:
        told = json.loads(details)
        found.setdefault((code, told["task"]), told["was"])
    return found
