"""What is still missing before a close: groups and cells below their targets, and the scheme's floor."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.fieldwork.progress import Row, by_group, progress
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import floor_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfalls:
    """Where fewer questionnaires came in than wanted."""

    #: The least number of questionnaires the scheme asks for; None where it asks for none.
    floor: int | None
    spent: int
    #: Sums of groups, then cells, that are short; the largest gap first.
    groups: tuple[Row, ...]
    cells: tuple[Row, ...]

    @property
    def below_floor(self) -> int:
        """Questionnaires missing from the floor."""
        return max(0, (self.floor or 0) - self.spent)


def shortfalls(session: Session, wave: Wave) -> Shortfalls:
    """Compare what came in with every target of *wave*, without looking at an answer.

    Posters have no target, and do not fill that of anybody who was drawn.
    """
    rows = [row for row in progress(session, wave) if row.way != "poster"]
    groups = by_group(rows)
    population = json.loads(wave.plan or "{}").get("population")
    return Shortfalls(
        floor=floor_of(wave.scheme_id, population) if population else None,
        spent=sum(row.spent for row in rows),
        groups=_short(group.total for group in groups),
        cells=_short(cell for group in groups for cell in group.cells),
    )


def _short(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(
        sorted((row for row in rows if row.spent < row.target), key=lambda row: row.spent - row.target)
    )
