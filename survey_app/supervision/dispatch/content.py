"""What a report says, frozen: counties as they stand, what was done, what is next, and what it adds up to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from survey_app.clock import day_of
from survey_app.errors import ConflictError
from survey_app.supervision.dispatch.doings import (
    Doing,
    TaskWork,
    doings,
    task_work,
    unanswered,
    verdicts_before,
)
from survey_app.supervision.dispatch.failing import failing_items, items_by_run
from survey_app.supervision.dispatch.money import money_by_year
from survey_app.supervision.dispatch.nexts import next_steps
from survey_app.supervision.dispatch.periods import Period
from survey_app.supervision.dispatch.totals import totals_of
from survey_app.supervision.province.regions import counties_in
from survey_app.supervision.province.standings import Coefficient, Recognition, Standing, standings
from survey_app.supervision.schedule import service as schedules
from survey_app.supervision.schedule.documents import schedule_of
from survey_app.supervision.schedule.facts import facts_of, frozen
from survey_app.supervision.schedule.models import RecognitionSchedule
from survey_app.supervision.schedule.pace import Pace, limits, pace_of

#: The form of what is kept. Rows that say none are of the first: their papers are written as they were.
FORM = 2

#: States of counties of a quarter's report: their year is over, is this one, or is near.
_DUE = ("behind", "due", "next")


def quarter_content(session: Session, region: str, period: Period, *, now: datetime) -> dict[str, Any]:
    """Say of each county that is due in *region* how it stands, what it did within *period*, what is next.

    Counties that were recognised since the period began are told of, too. Beside the counts of the period
    stand those of the one before it.

    Args:
        session: where everything is read.
        region: code of a province or city.
        period: a quarter.
        now: the present instant. In a period that is over counties stand as of its end.

    Raises:
        ConflictError: the province keeps no schedule, so that nobody is due.
    """
    at = _Moment.of(period, now)
    kept = schedules.newest(session, _province_of(region), before=at.before)
    if kept is None:
        raise ConflictError("dispatch_no_schedule")
    paces = _reported(session, kept, region, period, at)
    counties = _counties(session, list(paces), paces, period, at)
    return {
        "kind": "quarter",
        **_head(region, period, at, kept),
        "counties": counties,
        "totals": totals_of(counties),
        "earlier": _earlier(session, region, period.before),
    }


def year_content(session: Session, region: str, period: Period, *, now: datetime) -> dict[str, Any]:
    """Say how all counties of *region* stand, with their pace, their tasks and the money in them.

    Args and errors as of `quarter_content`; without a schedule nothing is said of the pace.
    """
    at = _Moment.of(period, now)
    kept = schedules.newest(session, _province_of(region), before=at.before)
    paces = _paces(session, kept, region, at) if kept else {}
    codes = counties_in(session, region)
    counties = _counties(session, codes, paces, period, at)
    return {
        "kind": "year",
        **_head(region, period, at, kept),
        "counties": counties,
        "failing": [asdict(each) for each in failing_items(counties, items_by_run(session))],
        "money": money_by_year(session, codes, before=at.before),
    }


@dataclass(frozen=True, slots=True)
class _Moment:
    """When counties stand as they are told."""

    #: The day by which they are due and tasks overdue.
    today: date
    #: The instant just before which everything is looked at; None for now.
    before: datetime | None

    @classmethod
    def of(cls, period: Period, now: datetime) -> "_Moment":
        """The end of a period that is over, the present of one that runs."""
        return cls(day_of(now), None) if now < period.ends else cls(period.last, period.ends)


def _reported(
    session: Session, kept: RecognitionSchedule, region: str, period: Period, at: _Moment
) -> dict[str, Pace]:
    found = _paces(session, kept, region, at)
    return {code: each for code, each in found.items() if _is_reported(each, period)}


def _earlier(session: Session, region: str, period: Period) -> dict[str, Any]:
    """What the counties due added up to at the end of a period that is over."""
    at = _Moment(period.last, period.ends)
    kept = schedules.newest(session, _province_of(region), before=at.before)
    paces = _reported(session, kept, region, period, at) if kept else {}
    counties = _counties(session, list(paces), paces, period, at)
    return {"as_of": at.today.isoformat(), "totals": totals_of(counties)}


def _is_reported(pace: Pace, period: Period) -> bool:
    """Whether a quarter's report takes a county: it is due, or was recognised since the quarter began."""
    recognised_on = pace.county.recognised_on
    return pace.state in _DUE or (recognised_on is not None and recognised_on >= period.first)


def _province_of(region: str) -> str:
    return f"{region[:2]}0000"


def _head(region: str, period: Period, at: _Moment, kept: RecognitionSchedule | None) -> dict[str, Any]:
    return {
        "form": FORM,
        "region": region,
        "year": period.year,
        "quarter": period.quarter,
        "as_of": at.today.isoformat(),
        "over": at.before is not None,
        "slow_step_days": limits().slow_step_days,
        "schedule": None
        if kept is None
        else {
            "title": kept.title,
            "document": kept.document,
            "version": kept.version,
            "digest": kept.digest,
            "kept_on": day_of(kept.imported_at).isoformat(),
        },
    }


def _paces(session: Session, kept: RecognitionSchedule, region: str, at: _Moment) -> dict[str, Pace]:
    """How each county of a region stands against its year, by code."""
    codes = counties_in(session, region)
    found = facts_of(session, schedule_of(kept.content), codes, today=at.today, before=at.before)
    return {each.code: pace_of(each, today=at.today, limits=limits()) for each in found if each.code}


def _counties(
    session: Session, codes: Sequence[str], paces: Mapping[str, Pace], period: Period, at: _Moment
) -> list[dict[str, Any]]:
    stands = standings(session, codes, today=at.today, before=at.before)
    done, work = doings(session, codes, period), task_work(session, codes, period)
    before = verdicts_before(session, codes, period.begins)
    late = unanswered(session, codes, today=at.today, before=at.before)
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


def median(values: Sequence[Fraction]) -> Fraction:
    """The middle of *values*, the mean of the two middle ones where their number is even."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
