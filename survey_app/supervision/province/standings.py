"""Where each county stands: its newest verdict and what leads to it, its tasks, its planned year."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.assessments.figures import exact
from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.assessments.run_summary import summary_of
from survey_app.canonical import canonical
from survey_app.counties import regions
from survey_app.counties.models import CountyFile, Region
from survey_app.supervision.ledger.counts import OpenTasks, open_counts
from survey_app.supervision.listing.models import Listing
from survey_app.supervision.moments import happened, held
from survey_app.supervision.schedule import service as schedule

#: What a standing takes from a run's summary as it is.
_TAKEN = ("verdict", "sections", "missed", "undetermined", "schools_failing", "schools_unknown", "schools")

#: Summaries of old runs by the digest of their result: they are read whole once in a process.
_OLD: dict[str, str] = {}

#: Summaries that a process keeps as they were read: some provinces in two years.
_KEPT = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What the recognition survey says."""

    #: Official rate; None where it may not be shown or nobody was asked.
    rate: Fraction | None
    #: What the scheme asks for.
    limit: Fraction
    #: The 95 % interval of the survey's estimate; None without a survey that was fed in.
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """A difference coefficient with its limit."""

    #: Indicator, e.g. R4.
    key: str
    #: primary or junior.
    stage: str
    value: Fraction
    limit: Fraction

    @property
    def ratio(self) -> Fraction:
        """The value as a multiple of its limit: above 1 it is missed."""
        return self.value / self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The newest run of an earlier year under the same scheme."""

    run_id: int
    year: int
    verdict: str
    rate: Fraction | None
    worst: Coefficient | None
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One county as supervision sees it. Without a run everything that a run says is None or empty."""

    code: str
    name: str
    #: The region above it; its own province where no city is in between.
    city_code: str
    city: str
    #: The year its province's schedule plans; None where it names none.
    due: int | None = None
    run_id: int | None = None
    run_number: int | None = None
    run_year: int | None = None
    run_made_at: datetime | None = None
    scheme_id: str | None = None
    #: self_evaluation, review, evaluation or recognition.
    level: str | None = None
    #: met, not_met or undetermined.
    verdict: str | None = None
    #: Section → outcome, in the order of the document.
    sections: Mapping[str, str] = field(default_factory=dict)
    recognition: Recognition | None = None
    #: The coefficient that uses most of its limit.
    worst: Coefficient | None = None
    #: All of them, primary before junior.
    coefficients: tuple[Coefficient, ...] = ()
    #: Items of the document (with each stage's coefficient as one) that are not met, or not decidable.
    missed: int = 0
    undetermined: int = 0
    #: Schools that pass the rule for a school, do not, or lack figures, and all that are judged.
    schools_failing: int = 0
    schools_unknown: int = 0
    schools: int = 0
    before: Before | None = None
    tasks_open: int = 0
    tasks_overdue: int = 0
    #: Whether it is under listed supervision now.
    listed: bool = False
    #: The day on which it was recognised, here or by a document recorded here.
    recognised_on: date | None = None

    @property
    def recognised(self) -> bool:
        """Whether it is recognised."""
        return self.recognised_on is not None


def standings(
    session: Session,
    codes: Iterable[str],
    *,
    today: date,
    scheme_id: str | None = None,
    before: datetime | None = None,
) -> tuple[Standing, ...]:
    """Give the standing of each county, in the order of *codes*; as many statements for one as for all.

    A county's newest run is the last one of its newest statistical year, whatever its level.

    Args:
        session: where they are stored.
        codes: counties, known to GB/T 2260 or stored.
        today: the present day, by which tasks are overdue.
        scheme_id: look only at runs under this scheme; at all by default.
        before: the instant just before which they are looked at; None for now.
    """
    codes = tuple(codes)
    names = named(session, codes)
    chosen = _chosen(session, codes, scheme_id, before)
    said = _summaries(session, {run.id for pair in chosen.values() for run in pair if run is not None})
    years = schedule.years(session, codes, before=before)
    recognised = schedule.recognised(session, codes, before=before)
    listed = _listed(session, codes, before)
    open_tasks = open_counts(session, codes, today=today, before=before)
    found = []
    for code in codes:
        tasks = open_tasks.get(code, OpenTasks())
        found.append(
            Standing(
                code=code,
                name=names[code].name,
                city_code=names[code].city_code,
                city=names[code].city,
                due=years.get(code),
                tasks_open=tasks.open,
                tasks_overdue=tasks.overdue,
                listed=code in listed,
                recognised_on=recognised[code].on if code in recognised else None,
                **_of_runs(*chosen.get(code, (None, None)), said),
            )
        )
    return tuple(found)


def newest_runs(session: Session, codes: Sequence[str], *, before: datetime | None = None) -> list[int]:
    """The runs by which counties stand, by their numbers in the database; *before* as in `standings`."""
    return [newest.id for newest, _earlier in _chosen(session, codes, None, before).values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A county's name, and the region above it."""

    name: str
    city_code: str
    city: str


def named(session: Session, codes: Sequence[str]) -> dict[str, Named]:
    """Names of counties and of what is above them, also of those that only GB/T 2260 knows."""
    tree = regions.tree()
    own = session.execute(
        sa.select(Region.code, Region.name, Region.parent_code).where(Region.code.in_(codes))
    )
    known = {row.code: (row.name, row.parent_code) for row in own}
    found = {}
    for code in codes:
        name, above = known.get(code) or (tree[code].name, tree[code].parent_code)
        city = tree[above or regions.NATION]
        found[code] = Named(name=name, city_code=city.code, city=city.name)
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """What is known of a run without its snapshots."""

    id: int
    county_code: str
    number: int
    level: str
    scheme_id: str
    year: int


@dataclass(frozen=True, slots=True)
class _Said:
    """What a run says in short."""

    taken: Mapping[str, Any]
    coefficients: tuple[Coefficient, ...]
    worst: Coefficient | None
    recognition: Recognition | None


def _chosen(
    session: Session, codes: Sequence[str], scheme_id: str | None, before: datetime | None
) -> dict[str, tuple[_Run, _Run | None]]:
    """Each county's newest run, and the newest of an earlier year under the same scheme."""
    rows = session.execute(
        sa.select(
            EvaluationRun.id,
            EvaluationRun.county_code,
            EvaluationRun.number,
            EvaluationRun.level,
            EvaluationRun.scheme_id,
            CountyFile.year,
        )
        .join(CountyFile, EvaluationRun.county_file_id == CountyFile.id)
        .where(EvaluationRun.county_code.in_(codes), *happened(EvaluationRun.made_at, before=before))
        .order_by(CountyFile.year.desc(), EvaluationRun.number.desc())
    )
    chosen: dict[str, tuple[_Run, _Run | None]] = {}
    for run in (_Run(*row) for row in rows):
        if scheme_id is not None and run.scheme_id != scheme_id:
            continue
        newest, earlier = chosen.setdefault(run.county_code, (run, None))
        if earlier is None and run.year < newest.year and run.scheme_id == newest.scheme_id:
            chosen[run.county_code] = (newest, run)
    return chosen


def _summaries(session: Session, run_ids: set[int]) -> dict[int, tuple[datetime, _Said]]:
    """When each run was made, and what it says."""
    found = {
        run_id: (made_at, _read(content))
        for run_id, made_at, content in session.execute(
            sa.select(RunSummary.run_id, RunSummary.made_at, RunSummary.content).where(
                RunSummary.run_id.in_(run_ids)
            )
        )
    }
    missing = [run_id for run_id in run_ids if run_id not in found]
    if missing:
        found |= _summed_up(session, missing)
    return found


def _summed_up(session: Session, run_ids: Sequence[int]) -> dict[int, tuple[datetime, _Said]]:
    """The same of runs that were made before summaries were kept with them; none has an interval."""
    rows = session.execute(
        sa.select(EvaluationRun.id, EvaluationRun.made_at, EvaluationRun.result_digest).where(
            EvaluationRun.id.in_(run_ids)
        )
    ).all()
    unread = [row.id for row in rows if row.result_digest not in _OLD]
    for digest, result in session.execute(
        sa.select(EvaluationRun.result_digest, EvaluationRun.result).where(EvaluationRun.id.in_(unread))
    ):
        _OLD[digest] = canonical(summary_of(json.loads(result)))
    return {row.id: (row.made_at, _read(_OLD[row.result_digest])) for row in rows}


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> _Said:
    """Read a summary; exact numbers take longer to make than all else, and a summary never changes."""
    content = json.loads(text)
    coefficients = tuple(
        Coefficient(
            key=each["key"],
            stage=each["stage"],
            value=exact(each["value"]) or Fraction(0),
            limit=exact(each["limit"]) or Fraction(1),
        )
        for each in content["coefficients"]
    )
    return _Said(
        {key: content[key] for key in _TAKEN},
        coefficients,
        max(coefficients, key=lambda each: each.ratio, default=None),
        _recognition(content["recognition"]),
    )


def _listed(session: Session, codes: Sequence[str], before: datetime | None) -> set[str]:
    return set(
        session.scalars(
            sa.select(Listing.county_code).where(
                Listing.county_code.in_(codes), *held(Listing.listed_at, Listing.lifted_at, before=before)
            )
        )
    )


def _of_runs(
    newest: _Run | None, before: _Run | None, summaries: Mapping[int, tuple[datetime, _Said]]
) -> dict[str, Any]:
    """What a standing takes from its runs."""
    if newest is None:
        return {}
    made_at, said = summaries[newest.id]
    return {
        "run_id": newest.id,
        "run_number": newest.number,
        "run_year": newest.year,
        "run_made_at": made_at,
        "scheme_id": newest.scheme_id,
        "level": newest.level,
        "coefficients": said.coefficients,
        "worst": said.worst,
        "recognition": said.recognition,
        "before": _before(before, summaries[before.id][1]) if before else None,
        **said.taken,
    }


def _before(run: _Run, said: _Said) -> Before:
    return Before(
        run_id=run.id,
        year=run.year,
        verdict=said.taken["verdict"],
        rate=said.recognition.rate if said.recognition else None,
        worst=said.worst,
        missed=said.taken["missed"],
    )


def _recognition(said: Mapping[str, Any] | None) -> Recognition | None:
    limit = exact(said["limit"]) if said else None
    if not said or limit is None:
        return None
    whole = said.get("satisfied") is not None and said.get("valid")
    return Recognition(
        rate=Fraction(said["satisfied"], said["valid"]) if whole else exact(said["value"]),
        limit=limit,
        low=exact(said["low"]),
        high=exact(said["high"]),
    )
