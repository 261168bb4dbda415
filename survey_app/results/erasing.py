"""Erasing what must not stay, and the record of what was erased."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.audit import AuditEntry
from survey_app.surveys.models import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One thing that was erased."""

    #: ``answers``, ``key``, ``contacts`` or ``file``.
    what: str
    #: How many answers or people; None where it is one thing.
    n: int | None
    #: The file's name, where it is a file.
    name: str
    at: datetime
    #: The person or the job.
    by: str


def erase_key(file: Path) -> bool:
    """Overwrite and remove a private key; whether there was one."""
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return False
    with file.open("r+b") as key:
        key.write(bytes(size))
        key.flush()
        os.fsync(key.fileno())
    file.unlink()
    return True


def erased(session: Session, wave: Wave) -> list[Erased]:
    """What was erased of *wave*, and of its county's files since it was made, the first first."""
    rows = session.scalars(
        sa.select(AuditEntry)
        .where(
            AuditEntry.region_code == wave.county_code,
            AuditEntry.action.in_(_READ),
            AuditEntry.at >= wave.created_at,
        )
        .order_by(AuditEntry.number)
    )
    found = []
    for row in rows:
        details = json.loads(row.details)
        if details.get("wave", wave.id) != wave.id:
            continue
        for what, n, name in _READ[row.action](details):
            found.append(Erased(what=what, n=n, name=name, at=row.at, by=row.actor))
    return found


_Things = list[tuple[str, int | None, str]]


def _mixed(details: Mapping[str, Any]) -> _Things:
    key: _Things = [("key", None, "")] if details.get("key_erased") else []
    return [("answers", details.get("responses"), ""), *key]


#: Deeds of the audit trail that erase something: the things, from the facts that stand there.
_READ: Mapping[str, Callable[[Mapping[str, Any]], _Things]] = {
    "wave.mixed": _mixed,
    "wave.aborted": lambda details: [("unread", details.get("answers_erased"), "")],
    "wave.key_erased": lambda _details: [("key", None, "")],
    "contacts.erased": lambda details: [("contacts", details.get("contacts"), "")],
    "file.erased": lambda details: [("file", None, details.get("name") or "")],
}
