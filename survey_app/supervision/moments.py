"""Conditions of statements that look at dated rows as they were just before an instant."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa


def happened(column: Any, *, before: datetime | None) -> tuple[sa.ColumnElement[bool], ...]:
    """What happened at *column* before the instant; everything where there is none."""
    return () if before is None else (column < before,)


def held(begun: Any, ended: Any, *, before: datetime | None) -> tuple[sa.ColumnElement[bool], ...]:
    """What had begun and not ended just before the instant; what has not ended where there is none."""
    if before is None:
        return (ended.is_(None),)
    return (begun < before, sa.or_(ended.is_(None), ended >= before))
