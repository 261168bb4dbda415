"""Which items most counties miss: counted over the summaries of their newest runs."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.assessments.overview import overview_of
from survey_app.assessments.run_summary import items_of
from survey_app.assessments.words import STAGES, titled
from survey_app.supervision.province.standings import newest_runs

#: An item of a run: its id, its stage if it is a coefficient, its label and its outcome.
Item = tuple[str, str, str, str]

#: Gives the items of a run by its number in the database.
Items = Callable[[int], Sequence[Item]]

#: Items of runs by the digest of their result: a document is large, and read once in a process.
_READ: dict[str, tuple[Item, ...]] = {}

#: Runs that a process keeps so: a province over some years.
_KEPT = 2048


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
    items_of: Items,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Failing]:
    """Count over the newest run of each county, the item that most counties miss first.

    Args:
        counties: as frozen; those without a run count nowhere.
        items_of: gives a run's items; none where it is gone.
        told: told how many are read; nobody by default.
    """
    judged = [each for each in counties if each["run"]]
    found: dict[tuple[str, str], Counter[str]] = {}
    titles: dict[tuple[str, str], str] = {}
    for position, each in enumerate(judged, start=1):
        for item, stage, label, outcome in items_of(each["run"]["id"]):
            place = (each["run"]["scheme"], f"{item}/{stage}" if stage else item)
            titles.setdefault(place, titled(place[1], _named(label, stage)))
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


def items_by_run(session: Session) -> Items:
    """What gives the items of runs one by one; runs are never edited.

    They stand in a run's summary. One from before summaries held them is read whole, and only one at a time.
    """

    def items(run_id: int) -> Sequence[Item]:
        summary = session.scalar(sa.select(RunSummary.content).where(RunSummary.run_id == run_id))
        if summary is not None and (kept := json.loads(summary).get("items")) is not None:
            return [tuple(each) for each in kept]
        digest = session.scalar(sa.select(EvaluationRun.result_digest).where(EvaluationRun.id == run_id))
        if digest is None:
            return ()
        if digest not in _READ:
            text = session.scalar(sa.select(EvaluationRun.result).where(EvaluationRun.id == run_id))
            if len(_READ) >= _KEPT:
                _READ.clear()
            _READ[digest] = tuple(items_of(overview_of(json.loads(text or "{}"))))
        return _READ[digest]

    return items


def read_ahead(
    session: Session, codes: Sequence[str], *, between: Callable[[], None], before: datetime | None = None
) -> None:
    """Read the items of the newest runs of counties, so that counting them later takes no time.

    Args:
        session: where runs are read.
        codes: the counties.
        between: ends the transaction after each run: a province takes seconds, and nobody is to wait for it.
        before: the instant just before which runs are looked at; None for now.
    """
    newest = newest_runs(session, codes, before=before)
    between()
    items = items_by_run(session)
    for run_id in newest:
        items(run_id)
        between()


def _named(label: str, stage: str) -> str:
    return f"{label}的差异系数（{STAGES[stage]}）" if stage else label
