"""What a report says, frozen: counties as they stand, what was done, what is next, and what it adds up to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.errors import ConflictError
from survey_app.supervision.dispatch.doings import (
    Doing,
    TaskWork,
    doings,
    task_work,
    unanswered,
    verdicts_before,
)
from survey_app.supervision.dispatch.nexts import next_steps
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.ledger.models import Task, TaskBudget, TaskEvent
from survey_app.supervision.ledger.states import ENDED, STEPS
from survey_app.supervision.province.regions import counties_in
from survey_app.supervision.province.standings import Coefficient, Recognition, Standing, standings
from survey_app.supervision.schedule import service as schedules
from survey_app.supervision.schedule.documents import schedule_of
from survey_app.supervision.schedule.facts import facts_of, frozen
from survey_app.supervision.schedule.models import RecognitionSchedule
from survey_app.supervision.schedule.pace import Pace, limits, pace_of

#: States of counties of a quarter's report: their year is over, is this one, or is near.
_DUE = ("behind", "due", "next")


def quarter_content(session: Session, region: str, period: Period, *, today: date) -> dict[str, Any]:
    """Say of each county that is due in *region* how it stands, what it did within *period*, what is next.

    Counties that were recognised since the period began are told of, too.

    Args:
        session: where everything is read.
        region: code of a province or city.
        period: a quarter.
        today: the day as of which counties stand.

    Raises:
        ConflictError: the province keeps no schedule, so that nobody is due.
    """
    kept = schedules.newest(session, _province_of(region))
    if kept is None:
        raise ConflictError("dispatch_no_schedule")
    found = _paces(session, kept, region, today)
    paces = {code: each for code, each in found.items() if _is_reported(each, period)}
    return {
        "kind": "quarter",
        **_head(region, period, today, kept),
        "counties": _counties(session, list(paces), paces, period, today),
    }


def year_content(session: Session, region: str, period: Period, *, today: date) -> dict[str, Any]:
    """Say how all counties of *region* stand, with their pace, their tasks and the money in them.

    Args and errors as of `quarter_content`; without a schedule nothing is said of the pace.
    """
    kept = schedules.newest(session, _province_of(region))
    paces = _paces(session, kept, region, today) if kept else {}
    codes = counties_in(session, region)
    return {
        "kind": "year",
        **_head(region, period, today, kept),
        "counties": _counties(session, codes, paces, period, today),
        "money": _money(session, codes),
    }


def _is_reported(pace: Pace, period: Period) -> bool:
    """Whether a quarter's report takes a county: it is due, or was recognised since the quarter began."""
    recognised_on = pace.county.recognised_on
    return pace.state in _DUE or (recognised_on is not None and recognised_on >= period.first)


def _province_of(region: str) -> str:
    return f"{region[:2]}0000"


def _head(region: str, period: Period, today: date, kept: RecognitionSchedule | None) -> dict[str, Any]:
    return {
        "region": region,
        "year": period.year,
        "quarter": period.quarter,
        "as_of": today.isoformat(),
        "slow_step_days": limits().slow_step_days,
        "schedule": None
        if kept is None
        else {
            "title": kept.title,
            "document": kept.document,
            "version": kept.version,
            "digest": kept.digest,
        },
    }


def _paces(session: Session, kept: RecognitionSchedule, region: str, today: date) -> dict[str, Pace]:
    """How each county of a region stands against its year, by code."""
    codes = counties_in(session, region)
    found = facts_of(session, schedule_of(kept.content), codes, today=today)
    return {each.code: pace_of(each, today=today, limits=limits()) for each in found if each.code}


def _counties(
    session: Session, codes: Sequence[str], paces: Mapping[str, Pace], period: Period, today: date
) -> list[dict[str, Any]]:
    stands = standings(session, codes, today=today)
    done, work = doings(session, codes, period), task_work(session, codes, period)
    before, late = verdicts_before(session, codes, period.begins), unanswered(session, codes, today=today)
    found = []
    for each in stands:
        pace = frozen(paces[each.code]) if each.code in paces else None
        county = {
            "code": each.code,
            "name": each.name,
            "city": each.city,
            "city_code": each.city_code,
            "due": each.due,
            "pace": pace,
            "listed": each.listed,
            "recognised_on": each.recognised_on.isoformat() if each.recognised_on else None,
            "run": _run(each),
            "verdict_before": before.get(each.code),
            "tasks": {"open": each.tasks_open, "overdue": each.tasks_overdue},
            "work": _work(work.get(each.code, TaskWork())),
            "unanswered": late.get(each.code, 0),
            "doings": [_doing(doing) for doing in done.get(each.code, ())],
        }
        found.append(county | {"next": next_steps(county)})
    return found


def _run(standing: Standing) -> dict[str, Any] | None:
    if standing.run_id is None:
        return None
    return {
        "id": standing.run_id,
        "number": standing.run_number,
        "year": standing.run_year,
        "scheme": standing.scheme_id,
        "level": standing.level,
        "verdict": standing.verdict,
        "sections": dict(standing.sections),
        "missed": standing.missed,
        "undetermined": standing.undetermined,
        "schools": standing.schools,
        "schools_failing": standing.schools_failing,
        "schools_unknown": standing.schools_unknown,
        "coefficients": [_coefficient(each) for each in standing.coefficients],
        "worst": _coefficient(standing.worst) if standing.worst else None,
        "recognition": _recognition(standing.recognition) if standing.recognition else None,
    }


def _coefficient(each: Coefficient) -> dict[str, Any]:
    return {"key": each.key, "stage": each.stage, "value": str(each.value), "limit": str(each.limit)}


def _recognition(said: Recognition) -> dict[str, Any]:
    given = {"rate": said.rate, "limit": said.limit, "low": said.low, "high": said.high}
    return {name: None if value is None else str(value) for name, value in given.items()}


def _work(work: TaskWork) -> dict[str, int]:
    return {
        "made": work.made,
        "handed_in": work.handed_in,
        "accepted": work.accepted,
        "rejected": work.rejected,
    }


def _doing(doing: Doing) -> dict[str, Any]:
    return {"on": doing.on.isoformat(), "kind": doing.kind, "facts": dict(doing.facts)}


def _money(session: Session, codes: Sequence[str]) -> list[dict[str, int]]:
    """Money of all tasks that were not cancelled, by year in yuan, and how much is in finished ones."""
    turning = [kind for kind, (_, then) in STEPS.items() if then is not None]
    last = (
        sa.select(TaskEvent.task_id, sa.func.max(TaskEvent.id).label("event_id"))
        .where(TaskEvent.kind.in_(turning))
        .group_by(TaskEvent.task_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(TaskBudget.year, TaskEvent.kind, sa.func.sum(TaskBudget.yuan), sa.func.count())
        .join(Task, TaskBudget.task_id == Task.id)
        .outerjoin(last, last.c.task_id == Task.id)
        .outerjoin(TaskEvent, TaskEvent.id == last.c.event_id)
        .where(Task.county_code.in_(codes))
        .group_by(TaskBudget.year, TaskEvent.kind)
    )
    yuan: Counter[int] = Counter()
    done: Counter[int] = Counter()
    tasks: Counter[int] = Counter()
    for year, kind, amount, count in rows:
        if kind == "cancelled":
            continue
        yuan[year] += int(amount)
        tasks[year] += count
        if kind is not None and STEPS[kind][1] in ENDED:
            done[year] += int(amount)
    return [
        {"year": year, "yuan": yuan[year], "done_yuan": done[year], "tasks": tasks[year]}
        for year in sorted(yuan)
    ]


def median(values: Sequence[Fraction]) -> Fraction:
    """The middle of *values*, the mean of the two middle ones where their number is even."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
