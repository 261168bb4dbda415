"""How far the field is: questionnaires wanted, cards handed out, cards used. Never an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.fieldwork.models import Invitation
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import QuotaCell, Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One quota cell, or the sum of several."""

    group: str
    #: Empty where the group has no grades or places, or in a sum.
    grade_band: str
    locality: str
    #: Questionnaires wanted, cards that are valid, questionnaires that came in.
    target: int
    invited: int
    spent: int
    #: drawn, class or poster; drawn in a sum.
    way: str = "drawn"

    @property
    def percent(self) -> int:
        """Questionnaires that came in, in whole percent of those wanted, 100 at most (for a bar)."""
        return min(100, 100 * self.spent // self.target) if self.target else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupProgress:
    """A group's sum and its cells."""

    total: Row
    cells: tuple[Row, ...]


def progress(session: Session, wave: Wave) -> list[Row]:
    """The cells of *wave* in their order, counted from spent entries only."""
    invited = (
        sa.select(Invitation.quota_cell_id, sa.func.count().label("n"))
        .where(Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None))
        .group_by(Invitation.quota_cell_id)
        .subquery()
    )
    cells = session.execute(
        sa.select(
            QuotaCell.group,
            QuotaCell.grade_band,
            QuotaCell.locality,
            QuotaCell.target,
            sa.func.coalesce(invited.c.n, 0).label("invited"),
            QuotaCell.spent,
            QuotaCell.way,
        )
        .outerjoin(invited, invited.c.quota_cell_id == QuotaCell.id)
        .where(QuotaCell.wave_id == wave.id)
        .order_by(QuotaCell.id)
    )
    return [Row(**cell) for cell in cells.mappings()]


def by_group(rows: Iterable[Row]) -> list[GroupProgress]:
    """The cells gathered by group, in the groups' order."""
    order = list(GROUPS)
    ordered = sorted(rows, key=lambda row: order.index(row.group))
    gathered = []
    for group, members in groupby(ordered, key=lambda row: row.group):
        cells = tuple(members)
        gathered.append(GroupProgress(total=total(cells, group), cells=cells if len(cells) > 1 else ()))
    return gathered


def total(rows: Iterable[Row], group: str = "") -> Row:
    """The sum of *rows*."""
    members = list(rows)
    return Row(
        group=group,
        grade_band="",
        locality="",
        target=sum(row.target for row in members),
        invited=sum(row.invited for row in members),
        spent=sum(row.spent for row in members),
    )
