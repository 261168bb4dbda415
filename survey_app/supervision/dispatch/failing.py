"""Which items most counties miss: counted over the documents of their newest runs."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.overview import overview_of
from survey_app.assessments.words import STAGES, titled

#: Gives the document of a run by its number in the database.
Documents = Callable[[int], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How many counties miss an item of a scheme, or lack figures for it."""

    scheme: str
    title: str
    not_met: int
    undetermined: int
    judged: int


def failing_items(
    counties: Sequence[Mapping[str, Any]],
    documents: Documents,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Failing]:
    """Count over the newest run of each county, the item that most counties miss first.

    Args:
        counties: as frozen; those without a run count nowhere.
        documents: gives a run's document; None where it is gone.
        told: told how many are read; nobody by default.
    """
    judged = [each for each in counties if each["run"]]
    found: dict[tuple[str, str], Counter[str]] = {}
    titles: dict[tuple[str, str], str] = {}
    for position, each in enumerate(judged, start=1):
        document = documents(each["run"]["id"])
        for item, label, outcome in _items(document) if document else ():
            place = (each["run"]["scheme"], item)
            titles.setdefault(place, titled(item, label))
            found.setdefault(place, Counter())[outcome] += 1
        told(position, len(judged) + 1)
    rows = [
        Failing(
            scheme=scheme,
            title=titles[scheme, item],
            not_met=counts["not_met"],
            undetermined=counts["undetermined"],
            judged=counts.total(),
        )
        for (scheme, item), counts in found.items()
    ]
    return sorted(
        (each for each in rows if each.not_met or each.undetermined),
        key=lambda each: (-each.not_met, -each.undetermined, each.title),
    )


def documents_of(session: Session) -> Documents:
    """What gives the documents of runs, which are never edited, so that only one is held at a time."""

    def document(run_id: int) -> Mapping[str, Any] | None:
        text = session.scalar(sa.select(EvaluationRun.result).where(EvaluationRun.id == run_id))
        return None if text is None else json.loads(text)

    return document


def _items(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    view = overview_of(document)
    items = [
        (item.id, item.head["label"], item.outcome)
        for section in view.item_sections
        for item in section.items
    ]
    for row in view.coefficients:
        key, label = row.indicator["id"], f"{row.indicator['label']}的差异系数（{STAGES[row.stage]}）"
        items.append((f"{key}/{row.stage}", label, row.difference["outcome"]))
    return items
